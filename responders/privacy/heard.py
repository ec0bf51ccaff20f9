"""What a model hears of personal values in a message, joined with what the recognisers find by rules."""

from bisect import bisect, bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Protocol

import regex

from responders.privacy.span import PersonalValue
from schemas.personal import HeardValues
from schemas.reading.units import unit_spans

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}_]+")


class PersonalListener(Protocol):
    """Tells which words of texts are personal values. Without one, the rules alone find them."""

    @property
    def version(self) -> str:
        """The id of the model: another one may hear something else."""
        ...

    def values_in(self, texts: Sequence[str]) -> list[HeardValues | None]:
        """Return what is heard in each text, in order; None if its numbers are not finite."""
        ...


def without_doubted(
    text: str, found: Iterable[PersonalValue], heard: HeardValues | None
) -> Iterator[PersonalValue]:
    """Yield found values, in order; names without the doubted words at their ends, if a word is left.

    Other kinds are kept: they have a form or a word before them that tells what they are.

    >>> heard = HeardValues(doubted=("Maxi", "Cosi", "Agent"))
    >>> names = [PersonalValue(0, 9, "NAME"), PersonalValue(14, 23, "NAME")]
    >>> list(without_doubted("Maxi-Cosi for Agent Ada", names, heard))
    [PersonalValue(start=20, end=23, kind='NAME')]
    """
    doubted = frozenset(heard.doubted if heard else ())
    for value in found:
        if value.kind == "NAME" and doubted:
            yield from _trimmed(text, value, doubted)
        else:
            yield value


def _trimmed(text: str, value: PersonalValue, doubted: frozenset[str]) -> Iterator[PersonalValue]:
    """Yield a name from its first to its last word that is not doubted."""
    words = list(_WORD.finditer(text, value.start, value.end))
    sure = [number for number, word in enumerate(words) if word.group() not in doubted]
    if len(sure) == len(words):
        yield value
    elif sure:
        start = value.start if sure[0] == 0 else words[sure[0]].start()
        end = value.end if sure[-1] == len(words) - 1 else words[sure[-1]].end()
        yield PersonalValue(start, end, value.kind)


def joined(text: str, ruled: Iterable[PersonalValue], heard: Iterable[PersonalValue]) -> list[PersonalValue]:
    """Return found and heard values that do not overlap, in reading order; every letter of both is in one.

    `ruled` are in order and do not overlap. A heard value takes in the values of its kind and the names that
    it meets; of another kind that it meets, it leaves that value and is what is beside it.

    >>> ruled = [PersonalValue(4, 15, "ADDRESS"), PersonalValue(16, 21, "IP")]
    >>> heard = [PersonalValue(0, 11, "ADDRESS"), PersonalValue(16, 27, "ACCOUNT")]
    >>> [tuple(value) for value in joined("Old 3 Mill Lane 1.2.3 45678", ruled, heard)]
    [(0, 15, 'ADDRESS'), (16, 21, 'IP'), (21, 27, 'ACCOUNT')]
    """
    kept = list(ruled)
    for value in sorted(heard, key=lambda one: (one.start - one.end, one.start)):
        first = bisect(kept, value.start, key=lambda one: one.end)
        last = bisect(kept, value.end - 1, lo=first, key=lambda one: one.start)
        kept[first:last] = _together(text, value, kept[first:last])
    return kept


def _together(text: str, value: PersonalValue, met: list[PersonalValue]) -> list[PersonalValue]:
    """Return a heard value and the values that it meets as values that do not overlap, in order."""
    if all(one.kind in {value.kind, "NAME"} for one in met):
        start = min([value.start, *(one.start for one in met)])
        return [PersonalValue(start, max([value.end, *(one.end for one in met)]), value.kind)]
    found: list[PersonalValue] = []
    start = value.start
    for one in met:
        found += [PersonalValue(start, one.start, value.kind), one]
        start = one.end
    found.append(PersonalValue(start, value.end, value.kind))
    return [one for one in found if one in met or any(map(str.isalnum, text[one.start : one.end]))]


def heard_values(text: str, heard: HeardValues | None) -> Iterator[PersonalValue]:
    r"""Yield the places of heard values in `text` as whole words, value by value.

    Blanks may differ: a subject is told with single ones, a line may be broken elsewhere.

    >>> told = {"values": [{"kind": "NAME", "text": "Rose  May"}]}
    >>> list(heard_values("Rose May bought rose Mayflowers from Rose\nMay", HeardValues.model_validate(told)))
    [PersonalValue(start=0, end=8, kind='NAME'), PersonalValue(start=37, end=45, kind='NAME')]
    """
    found = [
        PersonalValue(*match.span(), value.kind)
        for value in (heard.values if heard else ())
        for match in _pattern_of(value.text).finditer(text, overlapped=True)
    ]
    units = list(unit_spans(text)) if found else []
    return (value for value in found if not any(_is_inside(place, units) for place in value[:2]))


@lru_cache(maxsize=256)
def _pattern_of(value: str) -> regex.Pattern[str]:
    """Return the pattern of a value, which has a sign that is no blank."""
    return regex.compile(r"\s+".join(map(regex.escape, filter(None, regex.split(r"\s+", value)))))


def _is_inside(place: int, units: Sequence[tuple[int, int]]) -> bool:
    """Tell whether a place is between two signs of a unit: a value there is a part of a word."""
    number = bisect_left(units, place, key=lambda unit: unit[0]) - 1
    return number >= 0 and place < units[number][1]
