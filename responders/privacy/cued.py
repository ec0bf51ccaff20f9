"""Patterns that begin with one of many words: tried only at words of a text that begin like one of them."""

from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import chain
from typing import Final

import regex

from responders.late_pattern import LatePattern

_QUANTIFIERS: Final = ("?", "*", "+", "{")
_NO_LITERALS: Final = frozenset("\\.^$|?*+()[]{}")
_EXACT: Final = "(?-i:"
"""The beginning of a bracket in which capital letters matter."""

_BRACKETS: Final = ("(?:", _EXACT)
_ANY_WORD: Final = r"\w*"
_MANY: Final = 20
"""Letters that are looked for inside words, at the most. Chosen by hand."""

_LETTERS: Final = 4
"""First letters of a word that choose the patterns to try. Chosen by hand."""

_WORD = LatePattern(r"\p{L}[\p{L}\p{M}]*+|\d++")
_TEXTS: Final = 4
"""Texts whose words are remembered: the recognisers read one text after another."""


class CuedPattern:
    r"""A pattern of the form `before`, one of the words `cues`, `after`.

    `cues` are alternatives of a regular expression. The pattern finds what `before(?:cues)after` finds, if
    `before` is a look-behind that accepts the beginning of a word only. Cues that may begin with anything,
    such as `\w*code`, are searched in the whole text.

    >>> pattern = CuedPattern("call|ring me", r"\s(\d+)")
    >>> [match.group(1) for match in pattern.finditer("Recall 11. Call 22 or ring me 33.")]
    ['22', '33']
    """

    def __init__(self, cues: str, after: str, *, before: str = r"(?<![\p{L}\d])", flags: int = 0) -> None:
        self._cues, self._after, self._before, self._flags = cues, after, before, flags

    @cached_property
    def _with_letters(self) -> list[str]:
        return [cue for cue in dict.fromkeys(opened(self._cues)) if first_letters(cue, _LETTERS)]

    @cached_property
    def _without(self) -> list[str]:
        return [cue for cue in dict.fromkeys(opened(self._cues)) if not first_letters(cue, _LETTERS)]

    @cached_property
    def _openers(self) -> frozenset[str]:
        openers = {first_letters(cue, _LETTERS) for cue in self._with_letters}
        return frozenset(
            one for one in openers if not any(one[:end] in openers for end in range(1, len(one)))
        )

    @cached_property
    def _inside(self) -> frozenset[str]:
        inside = [letters_inside(cue) for cue in self._without]
        return frozenset(chain.from_iterable(inside)) if all(inside) else frozenset({""})

    @cached_property
    def _at_words(self) -> LatePattern:
        return self._pattern(self._with_letters)

    @cached_property
    def _anywhere(self) -> LatePattern | None:
        return self._pattern(self._without) if self._without else None

    def _pattern(self, cues: list[str]) -> LatePattern:
        alternatives = "|".join(_by_first_letter(cues))
        return LatePattern(rf"{self._before}(?i:{alternatives}){self._after}", self._flags)

    def finditer(self, text: str, *, overlapped: bool = False) -> Iterator[regex.Match[str]]:
        """Yield the matches: first those of cues that begin with known letters, then the others.

        Matches of either kind do not overlap each other, unless `overlapped`.
        """
        end = -1
        for start in word_starts(text).beginning_with(self._openers):
            if start >= end and (match := self._at_words.match(text, start)):
                yield match
                end = -1 if overlapped else match.end()
        if self._anywhere and word_starts(text).have_any(self._inside):
            yield from self._anywhere.finditer(text, overlapped=overlapped)


def _by_first_letter(cues: list[str]) -> Iterator[str]:
    """Yield alternatives that begin with the same letter as one, so that few are tried at a place."""
    groups: dict[str, list[str]] = {}
    for cue in cues:
        letter = cue[:1] if first_letters(cue, 1) and cue[:1].isalnum() else ""
        groups.setdefault(letter, []).append(cue)
    yield from groups.pop("", [])
    for letter, group in groups.items():
        yield f"{letter}(?:{'|'.join(cue[1:] for cue in group)})"


class WordStarts:
    """The places of a text where words and numbers begin, by their first letters."""

    def __init__(self, text: str) -> None:
        self._text = text.lower()
        self._starts: dict[str, list[int]] = {}
        for match in _WORD.finditer(text):
            word = match.group()[:_LETTERS].lower()
            for end in range(1, len(word) + 1):
                self._starts.setdefault(word[:end], []).append(match.start())

    def have_any(self, letters: frozenset[str]) -> bool:
        """Tell whether one of `letters`, all small, is in the text."""
        return any(one in self._text for one in letters)

    def beginning_with(self, letters: frozenset[str]) -> list[int]:
        """Return the places of words that begin with one of `letters`, in order."""
        return sorted(chain.from_iterable(self._starts[one] for one in self._starts.keys() & letters))


@lru_cache(maxsize=_TEXTS)
def word_starts(text: str) -> WordStarts:
    """Return where the words of a text begin; the last few texts are remembered."""
    return WordStarts(text)


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
