"""The units of a text that are judged one by one, and the gaps between them."""

from collections.abc import Sequence
from itertools import islice, pairwise
from typing import Final

from schemas.reading.units import UnitSpan, unit_spans

MOST_UNITS: Final = 8_000
"""Units of a text that are judged: as many as tokens that the encoder reads. The rest of a text has none."""


def judged_units(text: str) -> tuple[UnitSpan, ...]:
    """Return the spans of the first MOST_UNITS units of `text`, in order."""
    return tuple(islice(unit_spans(text), MOST_UNITS))


def partition(text: str, units: Sequence[UnitSpan]) -> tuple[UnitSpan, ...]:
    """Return spans that cover `text`: the gap before each unit, the unit, and the gap after the last one.

    Number 2 k + 1 is unit k; a gap may be empty.

    >>> partition("a, b!", [(0, 1), (3, 4)])
    ((0, 0), (0, 1), (1, 3), (3, 4), (4, 5))
    """
    places = [0, *(place for unit in units for place in unit), len(text)]
    return tuple(pairwise(places))
