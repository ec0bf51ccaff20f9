"""One decision on a draft, as the learner sees it."""

from dataclasses import dataclass
from typing import Final

from schemas.tickets import Action

REFUSED: Final = frozenset({"wrong", "off_topic"})
"""The reasons of a dismissal that say that the draft does not answer; others are about tone or ticket."""

FACT_CHANGED: Final = 0.5
"""Factor of the worth of an edited draft in which a number, a link or a code was changed. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision on a draft with a text from sources.

    `probability` is that of an answer as the search gave it, without what was learned; None if another
    calibration gave it. `source_ids` are the cited articles, macros and solved tickets, each once, and
    `titles` their titles. `similarity` in [0, 1] compares an edited text with the draft. `reason` is that of
    a dismissal, before its colon.
    """

    action: Action
    probability: float | None
    source_ids: tuple[str, ...]
    titles: tuple[str, ...] = ()
    reason: str | None = None
    similarity: float | None = None
    has_changed_facts: bool = False


def worth(decided: Decided) -> float | None:
    """Return how much of a draft a person kept, in [0, 1]; None if the decision says nothing about it.

    >>> kept = Decided("edited", 0.6, ("article:a",), similarity=0.9, has_changed_facts=True)
    >>> worth(kept), worth(Decided("sent", 0.6, ())), worth(Decided("dismissed", 0.6, (), reason="handled"))
    (0.45, 1.0, None)
    """
    if decided.action == "sent":
        return 1.0
    if decided.action == "edited":
        kept = decided.similarity or 0.0
        return kept * FACT_CHANGED if decided.has_changed_facts else kept
    return 0.0 if decided.reason in REFUSED else None
