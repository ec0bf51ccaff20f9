"""Regular expressions of many alternatives, grouped by their first letters so that few are tried at a place."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

_QUANTIFIERS: Final = "?*+{"
_NO_LITERALS: Final = frozenset("\\.^$|?*+()[]{}")
_SMALL_GROUP: Final = 2
"""So few alternatives with one first letter are not grouped further. Chosen by hand."""


def grouped(alternatives: str) -> str:
    """Return a pattern that matches what `a|b|…` matches, with common first letters written once.

    A regular expression tries its alternatives one after another; hundreds of words would be tried at each
    word of a text. Alternatives that begin with the same letter keep their order.

    >>> grouped("mother|my|son|mum")
    'm(?:other|y|um)|son'
    >>> grouped("(?:my|our)s|mine?")
    'm(?:ys|ine?)|ours'
    """
    return "|".join(_joined(list(chain.from_iterable(map(_opened, split(alternatives))))))


def split(alternatives: str) -> list[str]:
    """Return the alternatives of a pattern that stand outside brackets.

    >>> split("a|(?:b|c)|[d|]|\\\\|")
    ['a', '(?:b|c)', '[d|]', '\\\\|']
    """
    found, start, place = [], 0, 0
    while place < len(alternatives):
        if alternatives[place] == "|":
            found.append(alternatives[start:place])
            start = place + 1
        place = _after(alternatives, place)
    return [*found, alternatives[start:]]


def _after(pattern: str, place: int) -> int:
    """Return the place after the character, escape, class or bracket that begins at `place`."""
    if pattern[place] == "\\":
        escape = pattern.find("}", place) if pattern[place + 1] in "pP" else place + 1
        return escape + 1
    if pattern[place] == "[":
        end = pattern.index("]", place + 2)
        return end + 1 if pattern[end - 1] != "\\" else pattern.index("]", end + 1) + 1
    if pattern[place] != "(":
        return place + 1
    place += 1
    while pattern[place] != ")":
        place = _after(pattern, place)
    return place + 1


def _opened(alternative: str) -> Iterator[str]:
    """Yield the alternatives of a bracket at the beginning, each with what follows the bracket."""
    if not alternative.startswith("(?:"):
        yield alternative
        return
    end = _after(alternative, 0)
    rest = alternative[end:]
    if rest[:1] and rest[0] in _QUANTIFIERS:
        if not rest.startswith("?") or rest[1:2] in ("+", "?"):
            yield alternative
            return
        rest = rest[1:]
        yield from _opened(rest) if rest else [rest]
    for inner in split(alternative[3 : end - 1]):
        yield from _opened(inner + rest)


def _joined(alternatives: list[str]) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for number, alternative in enumerate(alternatives):
        first = _first_letter(alternative)
        groups.setdefault(first or f"{number}:", []).append(alternative)
    for first, group in groups.items():
        if len(first) > 1 or len(group) < _SMALL_GROUP:
            yield from group
        else:
            yield f"{first}(?:{'|'.join(_joined([alternative[1:] for alternative in group]))})"


def _first_letter(alternative: str) -> str:
    """Return the letter that an alternative begins with, or nothing if it may begin with another."""
    first, following = alternative[:1], alternative[1:2]
    return "" if first in _NO_LITERALS or following in tuple(_QUANTIFIERS) else first
