"""Patterns that begin with one of many words: tried only at words of a text that begin like one of them."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import Final

import regex

from responders.privacy.alternatives import first_letters, letters_inside, opened

_LETTERS: Final = 4
"""First letters of a word that choose the patterns to try. Chosen by hand."""

_WORD = regex.compile(r"\p{L}[\p{L}\p{M}]*+|\d++")
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
        with_letters: list[str] = []
        without: list[str] = []
        for cue in dict.fromkeys(opened(cues)):
            (with_letters if first_letters(cue, _LETTERS) else without).append(cue)
        openers = {first_letters(cue, _LETTERS) for cue in with_letters}
        self._openers = frozenset(
            one for one in openers if not any(one[:end] in openers for end in range(1, len(one)))
        )
        self._at_words = _compiled(with_letters, before, after, flags)
        inside = [letters_inside(cue) for cue in without]
        self._inside = frozenset(chain.from_iterable(inside)) if all(inside) else frozenset({""})
        self._anywhere = _compiled(without, before, after, flags) if without else None

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


def _compiled(cues: list[str], before: str, after: str, flags: int) -> regex.Pattern[str]:
    return regex.compile(rf"{before}(?i:{'|'.join(_by_first_letter(cues))}){after}", flags)


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
