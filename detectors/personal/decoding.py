"""From the chances of units to the personal values of a text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import regex

from detectors.personal.head import NOTHING, OUTPUTS
from detectors.sentiment.arrays import Float64, Int64
from schemas.reading.units import UnitSpan


class ValueSpan(NamedTuple):
    """Characters `start` up to and without `end` of a text that hold a value of `kind`, one of OUTPUTS."""

    start: int
    end: int
    kind: str


class JudgedUnits(NamedTuple):
    """A text, its units, and their chances (units, len(OUTPUTS))."""

    text: str
    units: Sequence[UnitSpan]
    chances: Float64


@dataclass(frozen=True, slots=True)
class PersonalLimits:
    """Chances from which something follows.

    A unit that is part of a value with at least the chance `found` of its kind begins one; `found` has each
    of TOLD. It grows over neighbours that have at least the chance `grown` for the same kind. A word whose
    chance is below `doubted` is held to be no part of a name, whatever its form.
    """

    found: Mapping[str, float]
    grown: float
    doubted: float


TOLD: Final = tuple(output for output in OUTPUTS if output not in {NOTHING, "format"})
"""The outputs that are told as values."""

_NUMBERS: Final = frozenset({OUTPUTS.index("number"), OUTPUTS.index("phone")})
_NAME: Final = OUTPUTS.index("name")
_SECRET: Final = "secret"

_GROWS_OVER: Final = regex.compile(r"[ \t.,'’/()+&#:-]{0,3}")
"""What may stand between two units of one value."""

_DIVIDES_NAMES: Final = frozenset(",(/&:")
"""Signs that stand between two names."""

_BREAK: Final = r"[\s\"'“”„«»<>()\[\]{},;]"
_BREAK_AFTER: Final = regex.compile(_BREAK)
_BREAK_BEFORE: Final = regex.compile(f"(?r){_BREAK}")
"""A secret is masked up to the next blank, quote or bracket, because signs belong to it."""

_DIGITS_DOUBT: Final = 0.25
"""Part of `grown` that is enough for digits in the same word as a number. Chosen by hand."""


def found_values(judged: JudgedUnits, limits: PersonalLimits) -> tuple[ValueSpan, ...]:
    """Return the values of a text by the chances of its units, in order."""
    text, units, chances = judged
    kinds = _grown(text, units, chances, limits)
    found: list[ValueSpan] = []
    for place, kind in enumerate(kinds.tolist()):
        if kind == 0:
            continue
        start, end = units[place]
        if place and kinds[place - 1] == kind and _may_join(text, units, place, kind):
            start = found.pop().start
        found.append(ValueSpan(start, end, OUTPUTS[kind]))
    return _outermost(_whole(text, value) for value in found)


def doubted_words(texts: Iterable[JudgedUnits], limits: PersonalLimits) -> tuple[str, ...]:
    """Return the words of the texts of a message that are surely no part of a value, each once, in order.

    A word that stands twice is doubted if it is doubted at both places.
    """
    highest: dict[str, float] = {}
    for text, units, chances in texts:
        for (start, end), nothing in zip(units, chances[:, 0].tolist(), strict=True):
            word = text[start:end]
            highest[word] = max(highest.get(word, 0.0), 1.0 - nothing)
    return tuple(word for word, chance in highest.items() if chance < limits.doubted)


def _grown(text: str, units: Sequence[UnitSpan], chances: Float64, limits: PersonalLimits) -> Int64:
    """Return the kind of each unit, as a number of OUTPUTS; 0 for nothing."""
    likely = chances[:, 1:].argmax(axis=1) + 1 if len(chances) else np.zeros(0, dtype=np.int64)
    least = np.array([limits.found.get(output, np.inf) for output in OUTPUTS])
    kinds: Int64 = np.where(1.0 - chances[:, 0] >= least[likely], likely, 0).astype(np.int64)
    forwards = [(place - 1, place) for place in range(1, len(units))]
    for known, asked in (*forwards, *((asked, known) for known, asked in reversed(forwards))):
        kind = int(kinds[known])
        if kind and not kinds[asked] and _may_join(text, units, max(known, asked), kind):
            same_word = units[max(known, asked)][0] - units[min(known, asked)][1] <= 1
            digits = limits.grown * (_DIGITS_DOUBT if same_word else 1.0)
            if _supports(text[slice(*units[asked])], chances[asked], kind, digits, limits.grown):
                kinds[asked] = kind
    return kinds


def _supports(word: str, chances: Float64, kind: int, digits: float, grown: float) -> bool:
    """Tell whether a unit beside a value of `kind` belongs to it; `digits` is enough for one with digits."""
    if float(chances[kind]) >= grown:
        return True
    has_digit = any(map(str.isdecimal, word))
    return kind in _NUMBERS and has_digit and 1.0 - float(chances[0]) >= digits


def _may_join(text: str, units: Sequence[UnitSpan], place: int, kind: int) -> bool:
    """Tell whether a unit and the one before it may belong to one value."""
    gap = text[units[place - 1][1] : units[place][0]]
    if _GROWS_OVER.fullmatch(gap) is None:
        return False
    return kind != _NAME or not _DIVIDES_NAMES & set(gap)


def _outermost(values: Iterable[ValueSpan]) -> tuple[ValueSpan, ...]:
    """Return values in order without those inside another one: two parts of a word may be one secret."""
    kept: list[ValueSpan] = []
    for value in sorted(values, key=lambda one: (one.start, -one.end)):
        if not kept or value.end > kept[-1].end:
            kept.append(value)
    return tuple(kept)


def _whole(text: str, value: ValueSpan) -> ValueSpan:
    """Return a secret with the signs around it; another value as it is."""
    if value.kind != _SECRET:
        return value
    before, after = _BREAK_BEFORE.search(text, 0, value.start), _BREAK_AFTER.search(text, value.end)
    start, end = before.end() if before else 0, after.start() if after else len(text)
    return ValueSpan(start, value.end + len(text[value.end : end].rstrip(".,;:?!")), value.kind)
