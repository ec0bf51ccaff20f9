"""The lists of words that the model of personal values reads, and what it hears as a record."""

from collections.abc import Iterable
from typing import Final

from responders.privacy.gazetteer import WORDS_TOO, is_common, is_first_name, is_surname, is_town
from schemas.personal import HeardKind, HeardValue, HeardValues

_KINDS: Final[dict[str, HeardKind]] = {
    "name": "NAME",
    "address": "ADDRESS",
    "secret": "TOKEN",
    "phone": "PHONE",
    "number": "ACCOUNT",
    "birthdate": "BIRTHDATE",
}
"""The kind of the placeholder for each output of the model that is told."""


class NameLists:
    """The lists of names and words that the recognisers read, as signs for the model."""

    def marks(self, word: str) -> tuple[bool, ...]:
        """Return whether a word is a first name, surname, ordinary word, name that is a word too, town.

        >>> NameLists().marks("Ada")
        (True, False, False, False, False)
        """
        both = word.casefold() in WORDS_TOO
        return is_first_name(word), is_surname(word), is_common(word), both, is_town(word)


def as_values(told: Iterable[tuple[str, str]], doubted: tuple[str, ...]) -> HeardValues:
    """Return values by their kinds, and the doubted words of a message, as a record."""
    values = tuple(HeardValue(kind=_KINDS[kind], text=text) for kind, text in told)
    return HeardValues(values=values, doubted=doubted)
