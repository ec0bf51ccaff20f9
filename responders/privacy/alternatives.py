"""The alternatives of a regular expression, and the letters that each of them begins with."""

from collections.abc import Iterator
from typing import Final

_QUANTIFIERS: Final = ("?", "*", "+", "{")
_NO_LITERALS: Final = frozenset("\\.^$|?*+()[]{}")
_EXACT: Final = "(?-i:"
"""The beginning of a bracket in which capital letters matter."""

_BRACKETS: Final = ("(?:", _EXACT)
_ANY_WORD: Final = r"\w*"
_MANY: Final = 20
"""Letters that are looked for inside words, at the most. Chosen by hand."""


def split(alternatives: str) -> list[str]:
    r"""Return the alternatives of a pattern that stand outside brackets.

    >>> split(r"a|(?:b|c)|[d|]|\||\p{L}")
    ['a', '(?:b|c)', '[d|]', '\\|', '\\p{L}']
    """
    found, start, place = [], 0, 0
    while place < len(alternatives):
        if alternatives[place] == "|":
            found.append(alternatives[start:place])
            start = place + 1
        place = _after(alternatives, place)
    return [*found, alternatives[start:]]


def opened(alternatives: str) -> Iterator[str]:
    """Yield the alternatives of a pattern; brackets at their beginning are multiplied out.

    >>> list(opened("(?:my|our) son|(?:the )?boss"))
    ['my son', 'our son', 'the boss', 'boss']
    """
    for alternative in split(alternatives):
        opening = next((one for one in _BRACKETS if alternative.startswith(one)), None)
        yield from _multiplied(alternative, opening) if opening else [alternative]


def first_letters(alternative: str, most: int) -> str:
    """Return the small letters, `most` at the most, that every match of an alternative begins with.

    >>> first_letters("Customers?", 3), first_letters("my? own", 3), first_letters("[ck]ode", 3)
    ('cus', 'm', '')
    """
    letters = ""
    alternative = alternative.removeprefix(_EXACT)
    for char, following in zip(alternative, alternative[1:] + " ", strict=True):
        if char in _NO_LITERALS or not char.isalnum() or following in _QUANTIFIERS or len(letters) == most:
            break
        letters += char.lower()
    return letters


def letters_inside(alternative: str) -> frozenset[str]:
    r"""Return small letters one of which is in every match of an alternative; none if they are unknown.

    >>> sorted(letters_inside(r"\w*(?:door|gate)-?code")), letters_inside(r"\w+code")
    (['door', 'gate'], frozenset())
    """
    if not alternative.startswith(_ANY_WORD):
        return frozenset()
    found = {first_letters(one, _MANY) for one in opened(alternative.removeprefix(_ANY_WORD))}
    return frozenset() if "" in found else frozenset(found)


def _after(pattern: str, place: int) -> int:
    """Return the place after the character, escape, class or bracket that begins at `place`."""
    if pattern[place] == "\\":
        return (pattern.index("}", place) if pattern[place + 1] in "pP" else place + 1) + 1
    if pattern[place] == "[":
        return _after_class(pattern, place + 1)
    if pattern[place] != "(":
        return place + 1
    place += 1
    while pattern[place] != ")":
        place = _after(pattern, place)
    return place + 1


def _after_class(pattern: str, place: int) -> int:
    place += pattern[place] == "^"
    while pattern[place] != "]":
        place += 2 if pattern[place] == "\\" else 1
    return place + 1


def _multiplied(alternative: str, opening: str) -> Iterator[str]:
    end = _after(alternative, 0)
    inside, rest = alternative[len(opening) : end - 1], alternative[end:]
    optional = rest.startswith("?")
    if rest.startswith(("*", "+", "{", "?+", "??")) or (optional and opening == _EXACT):
        yield alternative
        return
    rest = rest[optional:]
    if opening == _EXACT:
        yield from (f"{_EXACT}{one}){rest}" for one in split(inside))
        return
    yield from opened("|".join(one + rest for one in split(inside)) + (f"|{rest}" if optional else ""))
