"""The heading of a section as the words before its list, or before what holds only under a condition.

A heading such as "Never counted" or "If a payment fails" says what the items and sentences below it mean.
"""

import re
from collections.abc import Sequence
from typing import Final

from responders.generation.brief import ReplyPart
from responders.generation.limiting import is_limiting
from responders.words import content_stems

MAX_HEADING_CHARS: Final = 80
"""Characters of a heading that is told. Chosen by hand: a longer one is a sentence of its own."""

SAID: Final = 0.6
"""Share of a heading's stems from which the first sentence says the heading itself. Chosen by hand."""

_GENERIC: Final = re.compile(
    r"(?:steps|how|how (?:to|it works|to do it)|overview|details|good to know|(?:common )?questions(?: .*)?"
    r"|faq|notes?|hints?|tips?|example|summary|introduction|table|set ?up|schritte|hinweise?|fragen|pasos"
    r"|notas?)",
    re.IGNORECASE,
)
"""A heading that tells a reader nothing outside its article."""

_END: Final = re.compile(r"[\s:.?!¿]+$")


def heading_words(heading: str) -> str:
    """Return the words of a heading without the mark at its end.

    >>> heading_words("What can't be restored?")
    "What can't be restored"
    """
    return _END.sub("", " ".join(heading.split()))


def heading_part(heading: str, parts: Sequence[ReplyPart]) -> list[ReplyPart]:
    """Return the heading of a section as words before `parts`, which are told of it; [] if it adds nothing.

    A list whose own first words announce it needs no heading, nor does a sentence that says it already.

    >>> items = [ReplyPart(kind="step", text="Skipped tasks.", layout="bullet", source_ids=("article:a",))]
    >>> [part.text for part in heading_part("Never counted", items)]
    ['Never counted:']
    >>> heading_part("Steps", items)
    []
    """
    said = heading_words(heading)
    if not parts or not said or len(said) > MAX_HEADING_CHARS or _GENERIC.fullmatch(said):
        return []
    if not (parts[0].layout != "sentence" or _is_needed(said, parts[0].text)):
        return []
    return [ReplyPart(kind="acknowledgement", text=f"{said}:", paragraph=parts[0].paragraph)]


def _is_needed(heading: str, first: str) -> bool:
    """Tell whether a sentence below a heading is true only together with it."""
    stems, held = set(content_stems(heading)), set(content_stems(first))
    return is_limiting(heading) and len(stems & held) < SAID * len(stems)
