"""From the newest words of a message to its kind, asks and route."""

import re
from typing import Final

from responders.policy.routes import needs_a_person
from responders.understanding.records import MAX_ASKS, Ask, MessageKind, Understanding
from responders.words import sentences

_KIND_OF_ROUTE: Final[dict[str, MessageKind]] = {
    "self_harm": "self_harm",
    "security_report": "security",
    "legal_threat": "legal",
    "authority": "legal",
    "press": "legal",
    "personal_data": "personal_data",
    "billing_dispute": "billing_dispute",
    "refund": "refund",
    "leaving": "leaving",
    "violence": "complaint",
    "sales": "question",
    "wants_person": "question",
}
_THANKS: Final = re.compile(r"\b(?:thanks?|thank you|danke|gracias|cheers)\b", re.IGNORECASE)


def understand(
    text: str, *, subject: str = "", threat: float | None = None, answers: bool = False
) -> Understanding:
    """Return what a message is and wants. Pure and deterministic.

    `text` is what `schemas.reading` returns as the newest words, `subject` is without reply marks; both are
    already masked. `threat` is the probability in [0, 1] that the customer leaves, from the mood model, or
    None. `answers` tells that our last message asked the customer something.

    >>> found = understand("How do I export? Is it free?", subject="Export")
    >>> found.kind, [ask.text for ask in found.asks]
    ('question', ['How do I export?', 'Is it free?'])
    """
    route = needs_a_person(f"{subject}\n{text}")
    parts = sentences(text)
    asked = [part for part in parts if part.endswith("?")]
    if route:
        return Understanding(kind=_KIND_OF_ROUTE[route], asks=_asks(asked), route=route)
    if threat is not None and threat >= 0.5:
        return Understanding(kind="leaving", asks=_asks(asked), route="leaving")
    if not asked and _THANKS.search(text):
        return Understanding(kind="thanks")
    if not asked and answers:
        return Understanding(kind="answer", asks=_asks(parts[:1]))
    return Understanding(kind="question" if asked else "problem", asks=_asks(asked or parts[:1] or [subject]))


def _asks(texts: list[str]) -> tuple[Ask, ...]:
    unique = list(dict.fromkeys(text for text in texts if text))[:MAX_ASKS]
    return tuple(Ask(text=text, form="other" if text.endswith("?") else "problem") for text in unique)
