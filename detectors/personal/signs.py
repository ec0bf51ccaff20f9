"""What a unit looks like and where it stands: signs that an encoder of small letters cannot see."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

import numpy as np
import regex

from detectors.sentiment.arrays import Float32
from schemas.reading.units import UnitSpan


class WordLists(Protocol):
    """Lists of words that are known before any training."""

    def marks(self, word: str) -> Sequence[bool]:
        """Return LISTS marks: first name, surname, ordinary word, name that is a word too, town."""
        ...


LISTS: Final = 5

_SHORT_LINE: Final = 40
"""Characters of a line that may be a greeting, a signature or a field of a form. Chosen by hand."""

_SEEN_BEFORE: Final = 6
"""Characters before a unit that are looked at. Chosen by hand."""

_SEEN_AFTER: Final = 4
"""Characters after a unit that are looked at. Chosen by hand."""

_BEFORE: Final = (
    r"(?:^|\n)[ \t>*-]*$",
    r"[.!?…]\s+[\"'(]?$",
    r"[:=]\s*[\"']?$",
    r"[\"'“”„«»‘’]$",
    r"\($",
    r",\s*$",
    r"[-–—]\s*$",
    r"[/\\.]$",
    r"@$",
    r"#\s?$",
    r"\+$",
    r"[$€£¥]\s?$",
    r"[!$%&*^~?+=]$",
    r"[-'’.]$",
    r"[&]\s*$",
)
_AFTER: Final = (
    r"\s*(?:\n|$)",
    r"[.!?…]",
    r"\s*[:=]",
    r"[\"'“”„«»’]",
    r"['’]s\b",
    r"\)",
    r",",
    r"\s?[-–—]\s",
    r"[/\\]",
    r"@",
    r"\s?%",
    r"\s?[$€£¥]",
    r"[!$%&*^~?+=]\w",
    r"[-'’.]\w",
    r"\s*[&]",
)
_PAST: Final = [regex.compile(pattern) for pattern in _BEFORE]
_NEXT: Final = [regex.compile(pattern) for pattern in _AFTER]


def _mixes(word: str) -> bool:
    return any(map(str.isdecimal, word)) and any(map(str.isalpha, word))


def _has_inner_capital(word: str) -> bool:
    return any(map(str.isupper, word[1:])) and any(map(str.islower, word))


def _is_initial(word: str) -> bool:
    return len(word) == 1 and word.isupper()


def _is_foreign(word: str) -> bool:
    return not word.isascii()


def _has_underscore(word: str) -> bool:
    return "_" in word


_FORMS: Final[tuple[Callable[[str], bool], ...]] = (
    str.islower,
    str.isupper,
    str.istitle,
    str.isdecimal,
    str.isalpha,
    _mixes,
    _has_inner_capital,
    _is_initial,
    _is_foreign,
    _has_underscore,
)
_LENGTHS: Final = (1, 2, 3, 4, 5, 6, 8, 10, 13, 20)
"""A sign for each: the word has at most so many characters."""

_DIGITS: Final = (1, 2, 4, 7)
"""A sign for each: the word has at least so many digits."""

_OF_LINES: Final = 6

SIGNS: Final = len(_FORMS) + len(_LENGTHS) + len(_DIGITS) + len(_PAST) + len(_NEXT) + _OF_LINES + LISTS
"""Signs of one unit."""


def unit_signs(text: str, units: Sequence[UnitSpan], lists: WordLists) -> Float32:
    """Return the (units, SIGNS) signs of units, each 0 or 1, in order; `units` are ascending."""
    lines = _TextLines(text)
    rows = [_signs(text, unit, lines, lists) for unit in units]
    return np.array(rows, dtype=np.float32).reshape(len(rows), SIGNS)


def _signs(text: str, unit: UnitSpan, lines: "_TextLines", lists: WordLists) -> list[bool]:
    start, end = unit
    word = text[start:end]
    digits = sum(map(str.isdecimal, word))
    past = text[start - _SEEN_BEFORE : start] if start > _SEEN_BEFORE else "\n" + text[:start]
    following = text[end : end + _SEEN_AFTER]
    return [
        *(form(word) for form in _FORMS),
        *(len(word) <= most for most in _LENGTHS),
        *(digits >= least for least in _DIGITS),
        *(pattern.search(past) is not None for pattern in _PAST),
        *(pattern.match(following) is not None for pattern in _NEXT),
        *lines.signs_at(start),
        *lists.marks(word),
    ]


class _TextLines:
    """The signs of the lines of a text, for ascending places."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = -1
        self._signs: list[bool] = []

    def signs_at(self, place: int) -> list[bool]:
        while self._end < place:
            start = self._end + 1
            found = self._text.find("\n", start)
            self._end = len(self._text) if found < 0 else found
            self._signs = self._signs_of(self._text[start : self._end], start)
        return self._signs

    def _signs_of(self, line: str, start: int) -> list[bool]:
        return [
            len(line) <= _SHORT_LINE,
            len(line.split()) <= 3,
            line.rstrip().endswith((",", "!")),
            start == 0,
            not self._text[self._end :].strip(),
            line.islower() or line.isupper(),
        ]
