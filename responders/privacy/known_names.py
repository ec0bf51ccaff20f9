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
        known = "|".join(regex.escape(name) for name in sorted(spelled, key=len, reverse=True))
        leading = r"(?:(?:van|von|de|del|di|da|el|al|bin|la|le)(?: (?:der|den|la|de))? )?"
        particles = r"(?:[ ](?:von|van|der|den|de|la|du|da|di|del|bin|al|el|zu|ter|\p{L}\.?))*"
        self._names = (
            regex.compile(
                rf"(?<!\w)(?:{leading}(?:{known}), \p{{L}}\."
                rf"|{leading}(?:{known})(?:{particles}[ -](?:{known}))*(?!\w))"
            )
            if known
            else None
        )

    def find(self, text: str) -> Iterator[PersonalValue]:
        """Yield the known names in `text`, in reading order."""
        for match in self._names.finditer(_plain(text)) if self._names else ():
            if self._is_name(text[slice(*match.span())], text, match.start()):
                yield PersonalValue.at(match.span(), "NAME")

    def _is_name(self, found: str, text: str, start: int) -> bool:
        words = regex.findall(r"[\p{L}\p{M}'’]+", found)
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
