"""The words by which questions and requests begin, in English, German and Spanish. Chosen by hand."""

import re
from typing import Final

_I: Final = re.IGNORECASE

LEAD: Final = re.compile(
    r"[^\w¿]*(?:(?:and|also|but|so|oh|ok|okay|well|then|now|first of all|first|second(?:ly)?|third(?:ly)?"
    r"|finally|lastly|next|besides|separately|plus|hey|hi|hello|please tell|btw|by the way|ps|p\.s\.?"
    r"|one more(?: thing| question)?|another (?:thing|question)|quick (?:one|question)|anyway|anyhow"
    r"|meanwhile|in the meantime|if (?:yes|no|so|not)|just|more ?over|additionally|furthermore|in addition"
    r"|und|außerdem|zudem|noch eine frage|hallo|y|también|además|hola|sorry|hm+|guys)\b[\s,:;.–—-]*)*",
    _I,
)
"""Words before a question that are no part of it."""

ADDS: Final = re.compile(
    r"\W*(?:(?:and|oh|then|und|y)\b\s*)?(?:also|separately|secondly|second|by the way|btw|another|one more"
    r"|besides|additionally|furthermore|moreover|in addition|on top of that|other than that|außerdem|zudem"
    r"|auch|des weiteren|también|además|ps|p\.s)\b",
    _I,
)
"""The words that begin another concern."""

AND: Final = re.compile(r"\W*(?:and|plus|und|y)\b", _I)

SUBJECT: Final = (
    r"(?:i|we|you|u|ya|he|she|it|they|there|one|some(?:one|body)|any(?:one|body|thing)|every(?:one|body)"
    r"|people|this|that|these|those|my|our|your|his|her|its|their|the|an?|any|all|each|both|some|such"
    r"|another|other|new|only|users?|guests?|customers?|clients?|members?|viewers?|admins?)"
)
_AUXILIARY: Final = (
    r"(?:is|are|am|was|were|does|did|can|could|may|might|must|shall|should|will|would|has"
    r"|(?:is|are|was|does|did|do|ca|could|wo|would|should|has|have)n't)"
)
_DO: Final = (
    r"(?:do|have|had) (?:i|we|you|u|they|people|users|guests|customers|clients|all|the (?!same)"
    r"|our|my|any)"
)
INVERSION: Final = rf"(?:{_AUXILIARY}(?: not)? {SUBJECT}\b|{_DO}\b)"
_PREPOSITION: Final = r"(?:(?:by|until|till|since|from|for|at|in|on|up to|to|with|under|through|about|of) )"
_W: Final = r"(?:what|which|who|whom|whose|when|where|why|how)"
W_WORD: Final = rf"{_PREPOSITION}?(?:{_W})(?:'s|s|'re)?\b"
_W_INVERTED: Final = (
    rf"{_PREPOSITION}?(?:(?:{_W}(?: [\w'-]+){{0,4}}? (?:{INVERSION}|{_AUXILIARY}|do|have))"
    r"|how (?:many|much|long|often|far|big|high|soon|fast|come|about|to)|what(?:'s|s| about| if| happens"
    r"| happened| counts| comes| goes| changes)|where(?:'s|s)"
    r"|who(?:'s|s| pays| gets| sees| counts| signs| can)|how(?:'s|s)|when(?:'s|s)|which (?:one|of"
    r"|[\w'-]+ (?:is|are|do|does|can|should|may)))\b"
)
_GERMAN_W: Final = (
    r"(?:(?:ab|bis|seit) )?(?:was|wie|wo|wann|warum|wieso|weshalb|welche[rsnm]?|wer|wem|wen|woran|wofür"
    r"|wohin|woher|womit|worauf|wieviel)\b"
)
_GERMAN_INVERSION: Final = (
    r"(?:kann|können|könnte|darf|dürfen|muss|müssen|soll|sollen|sollte|ist|sind|war|hat|haben|habe|gibt"
    r"|geht|wird|werden|kommt|bekomme|bekommen|funktioniert|gilt|kostet|brauche|brauchen|lässt|stimmt"
    r"|dürfte|wäre) (?:ich|wir|man|sie|es|er|das|der|die|den|dem|ein\w*|mein\w*|unser\w*|ihr\w*|du|denn"
    r"|auch|jemand|sich|in|bei|auf)\b"
)
_SPANISH: Final = r"¿|(?:qué|cómo|cuándo|dónde|cuál(?:es)?|cuánt[oa]s?|por qué|quién(?:es)?|a qué|en qué)\b"

STARTS: Final = re.compile(rf"(?:{INVERSION}|{_W_INVERTED}|{_GERMAN_INVERSION}|{_GERMAN_W}|{_SPANISH})", _I)
"""The start of a question that needs no question mark."""

STARTS_BARELY: Final = re.compile(rf"(?:{_AUXILIARY}|do|have|had|{W_WORD}|if|whether|ob|si) ", _I)
"""The start of a question in a sentence with a question mark."""

UNINVERTED: Final = re.compile(rf"(?:when|where|while|which|who|what|how|why) (?:{SUBJECT})\b", _I)
"""A word of questions before its subject: a subordinate clause, unless the sentence has a question mark."""

SUBORDINATE: Final = re.compile(
    r"\W*(?:(?:and|but|so|y|und)\s+)?(?:what if|if|when|whenever|after|before|once|while|as soon as|since"
    r"|because|although|wenn|falls|sobald"
    r"|nachdem|cuando|si)\b",
    _I,
)

JOINT: Final = re.compile(
    r"(?P<mark>[,;:]|\s[-–—+]|\.\.\.)?\s+(?P<and>(?:(?:and|und|y|plus|but|also|then|so|oh)\s+){0,3})"
    r"(?P<so>if (?:so|not|yes|no),?\s+)?(?P<right>"
    rf"(?:{INVERSION})|(?:{W_WORD})|(?:if|whether|ob)\b|(?:{_GERMAN_INVERSION})|(?:{_GERMAN_W})"
    r"|¿|(?:qué|cómo|cuándo|dónde|cuál(?:es)?|cuánt[oa]s?|puedo|se puede|a qué)\b)",
    _I,
)
"""A place at which a second question of a sentence may begin."""

RELATIVE: Final = re.compile(
    rf"(?:which|who|whose|where|when)(?: \w+)? (?:{_AUXILIARY}|do|have)\b(?! {SUBJECT}\b)", _I
)
"""A relative clause after a comma: ", which is not mine"."""

CHATTED: Final = re.compile(r"(?:how|where|what|why) (?:do|can|should|is|are|did) (?:i|we|the|my|our)\b", _I)
"""A question that may follow a statement without any mark, as in a chat."""

W_START: Final = re.compile(rf"{W_WORD} ", _I)
W_INVERTED: Final = re.compile(_W_INVERTED, _I)
INVERTED: Final = re.compile(rf"{INVERSION}|{_GERMAN_INVERSION}", _I)
IF: Final = re.compile(r"(?:if|whether|ob|si)\b", _I)

_ASKING: Final = (
    r"(?:(?:like|love|want|need|wanted|wish|good|useful|nice|interested|curious|glad|happy|keen|have|try"
    r"|trying"
    r"|supposed|possible)(?: also)? (?:to |in )(?:know|knowing|learn|find out|understand|see|hear|ask|check"
    r"|confirm|figure out)|wonder(?:ing|ed)?|(?:let|tell|inform|advise|show|teach|ask|asked|asking) (?:me|us)"
    r"(?: know)?|advise|asks|(?:was|were|been|got) asked|explain|clarify|find out|figure out|(?:don't"
    r"|do not|can't"
    r"|cannot|didn't|not|never|doesn't|hardly) (?:\w+ )?(?:understand|know|see|find|get|remember|say|tell)"
    r"|no (?:idea|clue)|(?:not|un)(?: \w+)? ?(?:sure|clear)|(?:needs?|wants?|like) to know|confirm"
    r"|question is"
    r"|curious|interested in|check|know|wissen|sagen|erklären|mitteilen|fragt|frage|gern|weiß nicht|verstehe"
    r" nicht|tipps|saber|preguntar|decirme|explicar(?:me)?|indicarme)"
)
TRIGGER: Final = re.compile(
    rf"\b{_ASKING}(?:(?: |, ?|: ?)(?:me|us|please|also|on|about|of|is|out|the following|mir|uns|bitte|gern"
    rf"|ja))"
    rf"{{0,3}}[,:]? (?=(?:{W_WORD}|if\b|whether\b|ob\b|{_GERMAN_W}|si\b|qué\b|cómo\b|cuándo\b|a qué\b))",
    _I,
)
"""The words before an indirect question; a look-ahead sees its first word."""

KNOWN: Final = re.compile(
    r"\b(?:i|we|you|they) (?:already |do |all )?(?:know|knew|understand|understood|see|asked|explained"
    r"|told)\b",
    _I,
)
"""Words that look like a trigger and ask nothing: "I know how to copy a card"."""

NOUN_TRIGGER: Final = re.compile(
    r"\b(?:(?:tell|inform|advise|enlighten) (?:me|us)(?: please)?|(?:please|kindly|also) (?:advise|confirm"
    r"|state"
    r"|specify|tell|indicate)|(?:like|want|need|wish|love) to know|let (?:me|us) know|find out"
    r"|question(?:s)? (?:about|on|regarding|concerning))(?: please)?(?: (?:about|of|on|more about))?:? "
    r"(?=(?:the|your|our|my|a|an|any|more|which|following|hs)\b)",
    _I,
)
"""The words before the name of what the customer wants to know: "could you tell us the notice period"."""
