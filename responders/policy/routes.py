"""Phrases of messages that a person must answer."""

import re
from typing import Final

from responders.policy.money_phrases import MONEY_PHRASES
from responders.policy.route_phrases import ROUTE_PHRASES, RoutePhrases

MAX_ROUTED_CHARS: Final = 20_000
"""Characters of a message in which reasons for a person are looked for."""

_ROUTES: Final = (*ROUTE_PHRASES, *MONEY_PHRASES)

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+|\n+")
_LEAD: Final = r"^\W*(?:(?:and|also|but|so|or|oh|hi|hello|then|well|first|finally|und|y)\b[\s,:]*)*"
_SUBJECT: Final = (
    r"(?:i|we|you|u|he|she|it|they|there|my|our|your|the|an?|any|this|that|these|those|some(?:one|body)?"
    r"|any(?:one|body)|all|each|both|users?|customers?|guests?)"
)
_AUXILIARY: Final = (
    r"(?:do|does|did|is|are|was|were|has|have|had|may|might|must|should|shall"
    r"|(?:can|could|will|would)(?! (?:you|u)\b))"
)
_NEUTRAL: Final = re.compile(
    _LEAD + r"(?:(?:by|until|from|for|in|on|up to|with) )?"
    rf"(?:{_AUXILIARY} {_SUBJECT}"
    r"|how|where|what|which|who|whom|when|why|whose|wie|wo|wann|warum|welche\w*|wer|gibt|kann|darf|muss"
    r"|cómo|dónde|qué|cuál|cuándo|hay|(?:i|we)(?:'d| would| should)? (?:also )?(?:like|love|need|want|wish)"
    r" to know)\b"
)
_ASKED: Final = re.compile(_LEAD + rf"(?:{_AUXILIARY}|if|after|once|wenn|falls|si|ist|was)\b.*\?$")
_PERSON: Final = re.compile(
    r"\b(?:i|i'm|i'll|im|we|we're|you|u|my|our|me|us|your|please|pls|ich|wir|sie|mein\w*|me|mi|quiero)\b"
)
_TO_KNOW: Final = re.compile(
    r"\b(?:wonder(?:ing)?|tell (?:me|us)|know|let (?:me|us) know|explain|confirm|say) (?:me |us )?"
    r"(?:if|whether|how|what|where|which|when|who|why|the)\b|\bhow (?:to|can|do|does)\b"
)


def needs_a_person(text: str) -> str | None:
    """Return the first of `reasons_for_a_person`, or None.

    >>> needs_a_person("I want a refund now"), needs_a_person("What is your refund policy?")
    ('refund', None)
    """
    return next(iter(reasons_for_a_person(text)), None)


def reasons_for_a_person(text: str) -> tuple[str, ...]:
    """Return the reasons why a person must answer, the first one that applies first.

    In this order: self_harm, violence, security_report, authority, press, legal_threat,
    personal_data, billing_dispute, refund, leaving, sales, wants_person. A question near these words is
    innocent: one about the refund policy is not a demand for a refund.

    >>> reasons_for_a_person("I want a refund now. Let me speak to a human.")
    ('refund', 'wants_person')
    """
    said = text[:MAX_ROUTED_CHARS].lower().replace("’", "'")
    parts = [" ".join(part.split()) for part in _SENTENCE_END.split(said) if part.strip()]
    told = [part for part in parts if not is_neutral_question(part) and not _is_label(part)]
    return tuple(dict.fromkeys(route.reason for route in _ROUTES if _applies(route, parts, told)))


def is_neutral_question(sentence: str) -> bool:
    """Tell whether a sentence in lower case only asks for information.

    >>> is_neutral_question("how do i cancel my plan?"), is_neutral_question("can you cancel my plan?")
    (True, False)
    """
    after_topic = sentence.rpartition(": ")[2]
    return any((_NEUTRAL.match(after_topic), _ASKED.match(after_topic), _TO_KNOW.search(sentence)))


def _is_label(sentence: str) -> bool:
    """Tell whether a few words only name a topic, as many subjects do ("SQL injection")."""
    return sentence.count(" ") < 3 and _PERSON.search(sentence) is None


def _applies(route: RoutePhrases, parts: list[str], told: list[str]) -> bool:
    asked, stated = route.asked, route.told
    if asked is not None and any(map(asked.search, parts)):
        return True
    return stated is not None and any(map(stated.search, told))
