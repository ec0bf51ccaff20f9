"""The kind of a message by its words: automatic mail, thanks, follow-up, answer, outage, complaint."""

import re
from collections.abc import Sequence
from typing import Final

from responders.understanding.clauses import Clause
from responders.understanding.records import MessageKind

_I: Final = re.IGNORECASE

MAX_THANKS_WORDS: Final = 60
"""Words of thanks at most; a longer message that asks nothing tells something else. Chosen by hand."""

MAX_ANSWER_WORDS: Final = 40
"""Words of a short answer such as "The serial is SN-44" at most. Chosen by hand."""

_AUTOMATIC: Final = re.compile(
    r"\b(?:out of (?:the )?office|automatic reply|auto-?reply|autoresponder|abwesenheit(?:snotiz)?"
    r"|respuesta automática|fuera de la oficina"
    r"|undeliver\w+|mail delivery (?:failed|software|system|subsystem)|delivery (?:has failed"
    r"|status notification|failure)|returned to sender|could not be delivered"
    r"|created automatically|automated (?:notification|message|e-?mail|response)|automatically generated"
    r"|do not reply to this|please do not (?:reply|respond) to this|this is an automatic"
    r"|unsubscribe (?:here|at any time|from this list|from our)|to unsubscribe|view (?:this (?:e-?mail"
    r"|message)|it) in (?:your|a) browser|you (?:are receiving|receive|received) this (?:newsletter|e-?mail"
    r"|message) because"
    r"|has (?:accepted|declined) this invitation|your message was read|read receipt"
    r"|request \(?[#\d]+\)? has been received|has been received and will be answered"
    r"|wird nicht weitergeleitet|limited access to e-?mail"
    r"|you have been selected|claim (?:the|your) prize|\bseo\b.{0,60}\b(?:offer|rank|first page)"
    r"|first page ranking|google ranking|backlinks|rank(?:ing)? on (?:page|google)"
    r"|followers\b.{0,80}\b(?:call|offer|grow)|staffing agency|we help companies like yours"
    r"|your website and found|guaranteed (?:first|traffic|leads)"
    r"|increase your (?:sales|traffic|revenue)|inheritance|lottery|crypto(?:currency)? invest\w+"
    r"|dear webmaster|reply (?:stop|yes)\b)",
    _I,
)
_AWAY: Final = re.compile(
    r"\b(?:(?:am|are|bin|is) (?:currently )?(?:on|im|in) (?:\w+ )?(?:leave|holiday|vacation"
    r"|urlaub)\b.{0,60}\b(?:back|until|not read|return|will|bis|respond)|on (?:parental|maternity"
    r"|sick) leave|nicht im (?:büro|haus)|estaré (?:fuera|de vacaciones))\b",
    _I,
)
"""What machines say of absent people, and people of themselves."""

_GRATEFUL: Final = re.compile(
    r"\b(?:thanks?|thank you|thx|ty|cheers|danke\w*|vielen dank|gracias|merci|grazie|ta|kudos|appreciat\w+"
    r"|grateful|brilliant|lovely|wonderful|great|perfect|super|awesome|excellent|love"
    r"|that (?:did it|was it|helped|worked|works)|works? (?:now|again|fine|perfectly)|(?<![\w,] )(?:it|all"
    r"|everything) (?:is )?(?:works|working|sorted|good|fine|clear|solved|settled|done|back)|got it"
    r"|never ?mind|understood|solved|resolved|sorted"
    r"|ya funciona|resuelto|todo bien|erledigt|funktioniert jetzt|passt (?:jetzt )?alles|jetzt (?:passt"
    r"|geht)|happy (?:holidays|new year|easter)|merry christmas|wish(?:es)? (?:you|for)|good start"
    r"|schöne[ns]? (?:feierabend|wochenende|tag)|stars|no (?:need to answer|reply needed)|all good)\b|👍|🙏"
    r"|^\W*(?:ok(?:ay)?|k|yes|alright|fine|cool|noted)\W*$",
    _I,
)
_SETTLED: Final = re.compile(
    r"\b(?:all (?:sorted|good|solved|done|settled)|(?:is|are|got|been) (?:sorted|solved|resolved|fixed"
    r"|settled)|works? (?:now|again|perfectly)|that (?:did it|was it|helped)"
    r"|everything is back|never ?mind|found it myself|ya funciona|erledigt|jetzt (?:passt|geht)"
    r"|was my (?:fault|mistake))\b",
    _I,
)
_TAKES_BACK: Final = re.compile(r"\b(?:but|however|still|not solved|again\?|except|aber|trotzdem|pero)\b", _I)
_FOLLOWS_UP: Final = re.compile(
    r"\b(?!no (?:reply|answer) (?:needed|necessary|required))(?:following up|follow(?:ing)?-up on"
    r"|bump(?:ing)?|sorry to chase|to chase|just checking|checking in|(?:second|third|fourth|fifth"
    r"|last) (?:reminder|time (?:that )?(?:i am|i'm|we|i) (?:writ|ask|contact|mail)\w*)"
    r"|(?:no|not had (?:a|any)|without (?:a|any)|haven't (?:had|heard|got|received)|never (?:got|had"
    r"|received)|nobody) (?:reply|answer|response|anything|back|feedback|replied|answered)|(?:had|got"
    r"|received|heard) (?:no|nothing)(?: \w+){0,2} ?(?:reply|answer|response|so far|yet|back)?"
    r"|still (?:waiting|no (?:answer|reply|response|news))|i (?:wrote|mailed|asked|applied|sent|called"
    r"|contacted)\b.{0,60}\b(?:last|ago|on (?:mon|tues|wednes|thurs|fri|satur|sun)day|in (?:january"
    r"|february|march|april|may|june|july|august|september|october|november|december)|weeks?|yesterday)"
    r"|you (?:said|promised|confirmed|told me|wrote)\b.{0,80}\b(?:would|will|by|until|refund|end of)"
    r"|that was \w+ (?:days|weeks|months) ago|was told to expect|(?:geschrieben|gemeldet"
    r"|angefragt)\b.{0,30}\b(?:vor|seit)|vor \w+ (?:tagen|wochen)\b.{0,30}\bgeschrieben|mi (?:consulta"
    r"|solicitud) (?:anterior|de))\b",
    _I,
)
_ANSWERS: Final = re.compile(
    r"\b(?:here (?:is|are|comes?) (?:the|my|our|your)|you (?:had )?(?:asked|requested) (?:for|me|us)"
    r"|as (?:you )?(?:requested|asked|discussed|suggested)|to answer your|in (?:reply|answer) to your"
    r"|attached (?:is|are|you)|please find (?:attached|enclosed)|find .{0,20} (?:attached"
    r"|in the attachment)|i attach|anbei"
    r"|wie (?:gewünscht|besprochen)|gewünschte\w*|adjunto|tried what you (?:suggested|said)|did what you"
    r"|option [a-z1-9]\b|suits us)\b|^\W*(?:yes|no|ja|nein|sí|no)[,.! ]+(?:please|we|i|thanks|danke|that|it"
    r"|go|bitte|el|wir|ich)\b",
    _I,
)
_FACT: Final = re.compile(
    r"\W*(?:it|the|my|our|these|version|der|die|das|el|la|mi|mein\w*)(?: [\w\[\]-]+){0,4}? (?:is|are|was"
    r"|were|happened|ist|war|es|fue)\b",
    _I,
)
_EVERYBODY: Final = (
    r"(?:nobody|none of (?:us|our|the)|no one|all (?:of (?:us|our)|\d+|our|users|requests|stores|regions"
    r"|the)|every(?:one|body)|every (?:\w+ )?(?:payment|user|request|customer)|(?:the |our )?(?:entire"
    r"|whole) (?:team|company|office|street|building|town|area)"
    r"|neither (?:me|i)|for anybody|side roads|ganze\w*|toda la empresa|niemand|keiner)"
)
_SYSTEM: Final = (
    r"(?:platform|sites?|website|service|system|servers?|apps?|api|everything|internet|network|console"
    r"|portal|dashboard|webshop|electricity|power|login|gateway|page|it|all)"
)
_CANNOT: Final = (
    r"(?:can(?:not|'t| not)? (?:\w+ )?(?:log|connect|get|open|load|work|reach|sign|access|use)|get (?:a "
    r"|an )?(?:50\d|error|timeout)|declined|timeout|50\d|does(?:n't| not) (?:load|open|work)|fail\w*"
    r"|nothing works|standing still|no (?:electricity|internet|power|water|signal|connection)|erreichbar"
    r"|caído|gar nichts mehr)"
)
_OUTAGE: Final = re.compile(
    rf"\b{_SYSTEM} (?:is |are |seems? (?:to be )?|was |were |went |has been |have been |keeps? going "
    rf"|goes )?(?:\w+ )?(?:down|unreachable|unavailable|not (?:available|reachable)|nicht erreichbar"
    rf"|caíd[oa])\b(?! (?:the|to)\b)"
    rf"|\b{_EVERYBODY}\b.{{0,60}}{_CANNOT}|{_CANNOT}.{{0,60}}\b{_EVERYBODY}|\bno (?:electricity|power"
    rf"|internet|water|network)\b.{{0,40}}\b(?:in|on|for)\b.{{0,20}}\b(?:street|lane|road|area|town|village"
    rf"|building|whole)"
    r"|\b(?:is|are) there an? (?:\w+ )?(?:outage|disruption|incident)\b"
    r"|\bgibt es (?:gerade )?eine (?:störung|ausfall)|\b(?:anything|something) wrong (?:on|at) your (?:side"
    r"|end)\b|\bknown (?:fault|outage)\b|\bel sistema está caído\b",
    _I,
)
_COMPLAINS: Final = re.compile(
    r"\b(?:disappoint\w*|complain\w*|apolog(?:y|ies|ise|ize)|expect (?:more|better)|unacceptable"
    r"|not acceptable|waste of (?:my|our|time)|cheated|no way to treat|treat (?:your )?(?:customers|people"
    r"|us|me)|shame on|poor service|worst|never again|said sorry|nobody (?:seems|reads?|cares?|listens?"
    r"|helps?)|without a word|shrugged|surprised that nobody|enttäusch\w*|beschwer\w*|so geht man"
    r"|vertröstet|queja|decepcion\w*)\b",
    _I,
)
_CONDUCT: Final = re.compile(
    r"\b(?:you|u|your (?:\w+ )?(?:driver|people|staff|team|colleague|support|service|agent|employee|company"
    r"|shop|branch))\b",
    _I,
)


def is_automatic(text: str, subject: str) -> bool:
    """Tell whether a machine wrote a message, or a stranger who advertises.

    Who is away and asks something is a person.

    >>> is_automatic("I am out of the office until Monday.", ""), is_automatic("Is the office open?", "")
    (True, False)
    """
    said = f"{subject}\n{text}"[:4_000]
    return _AUTOMATIC.search(said) is not None or ("?" not in text and _AWAY.search(said) is not None)


def is_outage(text: str, found: Sequence[Clause]) -> bool:
    """Tell whether a message reports that the service is away for several people or for good."""
    asks_how = any(clause.text.lower().startswith(("how ", "can ", "does ")) for clause in found)
    return not asks_how and _OUTAGE.search(text) is not None


def is_complaint(text: str) -> bool:
    """Tell whether a message complains in words about how the customer was treated."""
    return _COMPLAINS.search(text) is not None


def kind_of(text: str, found: Sequence[Clause], *, answers: bool) -> MessageKind:
    """Return the kind of a message that needs no certain person and reports no outage.

    `found` are its clauses. `answers` tells that our last message asked the customer something.
    """
    asked = any(clause.role in {"question", "request"} or clause.asks for clause in found)
    problem = any(clause.role == "problem" for clause in found)
    status = any(clause.role == "status" for clause in found)
    wish = any(clause.role == "wish" for clause in found)
    if status or (_FOLLOWS_UP.search(text) and (not asked or _is_impatient(found))):
        return "follow_up"
    if not asked and _ANSWERS.search(text):
        return "answer"
    if not asked and _is_thanks(text) and (not problem or _is_settled(text)):
        return "thanks"
    if not asked and is_complaint(text):
        return "complaint"
    if not asked and not problem and not wish:
        return _of_statements(text, found, answers=answers)
    return "problem" if problem else "question"


def _is_impatient(found: Sequence[Clause]) -> bool:
    """Tell whether the only questions are for the time: "When will somebody finally come?"."""
    asked = [clause.text.lower() for clause in found if clause.role in {"question", "request"}]
    return all(text.startswith(("when ", "wann ", "cuándo ")) for text in asked)


def _is_thanks(text: str) -> bool:
    return _GRATEFUL.search(text) is not None and len(text.split()) <= MAX_THANKS_WORDS


def _is_settled(text: str) -> bool:
    return _SETTLED.search(text) is not None and _TAKES_BACK.search(text) is None


def _of_statements(text: str, found: Sequence[Clause], *, answers: bool) -> MessageKind:
    short = len(text.split()) <= MAX_ANSWER_WORDS
    if not found:
        return "follow_up" if text.rstrip().endswith("?") else "thanks"
    if answers or (short and _FACT.match(text) and not _CONDUCT.search(text)):
        return "answer"
    if all(clause.role == "courtesy" for clause in found):
        return "follow_up"
    return "complaint" if _CONDUCT.search(text) else "problem"
