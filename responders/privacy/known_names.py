"""Names that the ticket tells, such as the requester's."""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

import regex

from responders.privacy.gazetteer import WORDS_TOO, is_common, is_first_name
from responders.privacy.span import PersonalValue

_UMLAUTS: Final = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}

_MIN_NAME_CHARS: Final = 2
"""A shorter name is an initial and would be masked far too often."""

_NO_NAME_BEFORE = regex.compile(
    r"(?i:\b(?:the|a|an|in|on|at|of|this|each|every|last|next|no|und|der|die|das|le|la|les|el|los|in\s+good"
    r"|\d+)\s)$"
    r"|[\"“„«'(]$|(?:^|[.!?]\s+)$"
)
"""A name that is a word too is none after these, in quotes, or as the first word of a sentence."""


_PARTICLES_BEFORE = regex.compile(r"(?<!\w)(?:van|von|de|del|di|da|el|al|bin|la|le)(?: (?:der|den|la|de))? $")
_LONGEST_PARTICLES: Final = len("del der ")
_LINK = regex.compile(
    r"(?:[ ](?:von|van|der|den|de|la|du|da|di|del|bin|al|el|zu|ter|\p{L}\.?)(?=[ -])){0,4}+[ -]"
)
"""What stands between two known names in a row."""

_NAME_WORDS = regex.compile(r"[\p{L}\p{M}'’]+")
_INITIAL = regex.compile(r", \p{L}\.")


def _is_inside_a_word(text: str, start: int, end: int) -> bool:
    return _is_word(text[start - 1 : start] if start else "") or _is_word(text[end : end + 1])


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


class KnownNames:
    """The names of one ticket, found as whole words.

    Names in a row, and first names that are no ordinary words, are found in any case. Another word of a name
    is often a word of the language too: it needs its capital letter, and no article or number before it.

    >>> text = "ada said: bill me, Bill"
    >>> [text[name.start : name.end] for name in KnownNames(["Ada", "Bill"]).find(text)]
    ['ada', 'Bill']
    """

    def __init__(self, names: Sequence[str]) -> None:
        written = {name for name in names if len(name) >= _MIN_NAME_CHARS}
        spelled = {_plain(name) for name in written} | {_plain(_without_umlauts(name)) for name in written}
        self._exact = frozenset(_plain(name, fold=False) for name in written)
        self._given = _plain(names[0]) if names else ""
        self._spelled = sorted(spelled, key=len, reverse=True)

    def find(self, text: str) -> Iterator[PersonalValue]:
        """Yield the known names in `text`, in reading order."""
        for start, end in self._runs(_plain(text) if self._spelled else ""):
            if self._is_name(text[start:end], text, start):
                yield PersonalValue(start, end, "NAME")

    def _runs(self, plain: str) -> Iterator[tuple[int, int]]:
        """Yield the places of known names in a row, with the particles before and between them."""
        places = self._places(plain)
        done = 0
        for start in sorted(places):
            if start < done:
                continue
            end = places[start]
            while (link := _LINK.match(plain, end)) and link.end() in places:
                end = places[link.end()]
            initial = _INITIAL.match(plain, end)
            end = initial.end() if initial else end
            before = _PARTICLES_BEFORE.search(plain, max(done, start - _LONGEST_PARTICLES), start)
            done = end
            yield before.start() if before else start, end

    def _places(self, plain: str) -> dict[int, int]:
        """Return where known names begin and end as whole words; the longest where several begin."""
        found: dict[int, int] = {}
        for name in self._spelled:
            start = plain.find(name)
            while start >= 0:
                end = start + len(name)
                if not _is_inside_a_word(plain, start, end):
                    found.setdefault(start, end)
                start = plain.find(name, end)
        return found

    def _is_name(self, found: str, text: str, start: int) -> bool:
        words = _NAME_WORDS.findall(found)
        if len(words) > 1:
            return not found.islower() or not all(is_ordinary(word) for word in words)
        if is_first_name(found) and _plain(found) == self._given:
            return True
        as_written = _plain(found, fold=False) in self._exact or found.isupper()
        if _NO_NAME_BEFORE.search(text, max(0, start - 20), start):
            return False
        return as_written or (is_first_name(found) and not is_ordinary(found))


def is_ordinary(word: str) -> bool:
    """Tell whether a word of a name is a word of a language too.

    >>> is_ordinary("sunny"), is_ordinary("sofia")
    (True, False)
    """
    return is_common(word) or word.casefold() in WORDS_TOO


def _plain(text: str, *, fold: bool = True) -> str:
    """Return `text` without accents, of the same length, in small letters if `fold`."""
    return "".join(_base(char, fold) for char in text)


@lru_cache(maxsize=4096)
def _base(char: str, fold: bool) -> str:
    plain = unicodedata.normalize(
        "NFD", "l" if char == "ł" else "L" if char == "Ł" else "o" if char == "ø" else char
    )[0]
    lower = plain.casefold()
    return lower if fold and len(lower) == 1 else plain


def _without_umlauts(name: str) -> str:
    """Return a name as it is written where there are no umlauts: Björn as Bjoern."""
    return regex.sub("[äöüßÄÖÜ]", lambda match: _UMLAUTS[match.group().lower()], name)
