"""A personal value in a text, and the choice between values that overlap."""

from bisect import bisect
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, Self

KINDS: Final = (
    "LITERAL",
    "URL",
    "CREDENTIAL",
    "TOKEN",
    "EMAIL",
    "IBAN",
    "CARD",
    "IP",
    "ID",
    "BIRTHDATE",
    "ACCOUNT",
    "ADDRESS",
    "PHONE",
    "NAME",
)
"""The kinds of values; of two values that overlap, the kind that stands first here wins.

LITERAL is a placeholder that the customer wrote, URL a link that carries a secret, TOKEN any secret, ID the
number of a person at an authority, ACCOUNT the number of an account at a bank or a supplier.
"""

_RANKS: Final = {kind: rank for rank, kind in enumerate(KINDS)}


class PersonalValue(NamedTuple):
    """Characters `start` up to and without `end` of a text, which hold a value of one of the KINDS."""

    start: int
    end: int
    kind: str

    @classmethod
    def at(cls, place: tuple[int, int], kind: str) -> Self:
        """Return the value between two places of a text."""
        return cls(place[0], place[1], kind)


def texts_of(text: str, found: Iterable[PersonalValue]) -> list[str]:
    """Return the characters of found values, in order.

    >>> texts_of("call 9000012345", [PersonalValue(5, 15, "PHONE")])
    ['9000012345']
    """
    return [text[value.start : value.end] for value in found]


def without_overlaps(found: Iterable[PersonalValue]) -> Iterator[PersonalValue]:
    """Yield values that do not overlap, in reading order: earlier kinds first, then longer values.

    >>> phone, card = PersonalValue(0, 9, "PHONE"), PersonalValue(0, 19, "CARD")
    >>> list(without_overlaps([phone, card])) == [card]
    True
    """
    starts: list[int] = []
    kept: list[PersonalValue] = []
    for value in sorted(found, key=lambda one: (_RANKS[one.kind], one.start - one.end, one.start)):
        place = bisect(starts, value.start)
        after_last = place == 0 or kept[place - 1].end <= value.start
        before_next = place == len(kept) or value.end <= kept[place].start
        if value.start < value.end and after_last and before_next:
            starts.insert(place, value.start)
            kept.insert(place, value)
    yield from kept
