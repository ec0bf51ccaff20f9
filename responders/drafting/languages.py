"""The language of a passage, by its commonest small words."""

import re
from typing import Final

_SMALL_WORDS: Final = {
    "en": frozenset("the is are of to and in on with for not you your it can be this that from".split()),
    "de": frozenset("der die das ist sind und mit für nicht sie ihr im ein eine auf zu wird den".split()),
    "es": frozenset("el la los las es son de y con para no su en un una se por del puede que".split()),
}
_WORD: Final = re.compile(r"[^\W\d_]+")
MIN_SMALL_WORDS: Final = 2
"""Fewer small words do not show a language."""


def language_of(text: str) -> str | None:
    """Return "en", "de" or "es" by the small words of a text; None if it has too few of them.

    >>> language_of("Der Platz ist sofort nutzbar."), language_of("The seat is free at once.")
    ('de', 'en')
    """
    found = [word.lower() for word in _WORD.findall(text)]
    counts = {name: sum(word in small for word in found) for name, small in _SMALL_WORDS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] >= MIN_SMALL_WORDS else None
