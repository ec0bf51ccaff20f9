"""Personal values of a message as a model hears them."""

from typing import Literal

from schemas.base import Record

HeardKind = Literal["NAME", "ADDRESS", "TOKEN", "PHONE", "ACCOUNT", "BIRTHDATE"]
"""The kind of the placeholder of a heard value; TOKEN is any secret, ACCOUNT any number of a person."""


class HeardValue(Record):
    """A personal value as it stands in a message."""

    kind: HeardKind
    text: str


class HeardValues(Record):
    """What a model hears in a message: personal values, and words that are surely no part of a name.

    It is never stored or published; it lives until the draft of its message is written.
    """

    values: tuple[HeardValue, ...] = ()
    doubted: tuple[str, ...] = ()
