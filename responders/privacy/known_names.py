"""Names that the ticket tells, such as the requester's."""

from collections.abc import Iterator, Sequence
from typing import Final

import regex

from responders.privacy.gazetteer import is_first_name
from responders.privacy.span import PersonalValue

_MIN_NAME_CHARS: Final = 2
"""A shorter name is an initial and would be masked far too often."""

_NO_NAME_BEFORE = regex.compile(
    r"(?i:\b(?:the|a|an|in|on|at|of|this|each|every|last|next|no|und|der|die|das|le|la|les|el|los|in\s+good"
    r"|\d+)\s)$"
    r"|[\"“„«'(]$|(?:^|[.!?]\s+)$"
)
"""A name that is a word too is none after these, in quotes, or as the first word of a sentence."""


class KnownNames:
    """The names of one ticket, found as whole words.

    Names in a row, and first names that are no ordinary words, are found in any case. Another word of a name
    is often a word of the language too: it needs its capital letter, and no article or number before it.

    >>> text = "ada said: bill me, Bill"
    >>> [text[name.start : name.end] for name in KnownNames(["Ada", "Bill"]).find(text)]
    ['ada', 'Bill']
    """

    def __init__(self, names: Sequence[str]) -> None:
        wanted = sorted({name for name in names if len(name) >= _MIN_NAME_CHARS}, key=len, reverse=True)
        self._exact = frozenset(wanted)
        known = "|".join(regex.escape(name) for name in wanted)
        particles = r"(?:[ ](?:von|van|der|den|de|la|du|da|di|del|bin|al|el|zu|ter|\p{L}\.?))*"
        self._names = (
            regex.compile(rf"(?<!\w)(?:{known})(?:{particles}[ -](?:{known}))*(?!\w)", regex.IGNORECASE)
            if known
            else None
        )

    def find(self, text: str) -> Iterator[PersonalValue]:
        """Yield the known names in `text`, in reading order."""
        for match in self._names.finditer(text) if self._names else ():
            if self._is_name(match.group(), text, match.start()):
                yield PersonalValue.at(match.span(), "NAME")

    def _is_name(self, found: str, text: str, start: int) -> bool:
        if " " in found or is_first_name(found):
            return True
        as_written = found in self._exact or found.isupper()
        return as_written and not _NO_NAME_BEFORE.search(text, 0, start)
