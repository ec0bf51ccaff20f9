"""Poison records and how they are written: valid records with one error."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from schemas.letters import Reason

Fate = Reason | Literal["effect", "duplicate", "late", "refused"]
"""The fate that an input must have: a dead letter with this reason code, or one of the four other fates.

`refused` never reaches the topic: the producer refuses it, as our ingress does.
"""

ACCOUNT: Final = "poisoned"
WHEN: Final = "2026-01-05T00:00:00Z"
FAR_AHEAD: Final = "2200-01-01T00:00:00Z"
MEGABYTE: Final = 1_000_000

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Poison:
    """One input of the poison set; `before` is a record that must be handled before it.

    `compressed` needs a producer that compresses: otherwise the value is too large for the broker.
    """

    name: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    fate: Fate
    before: bytes | None = None
    compressed: bool = False

    @property
    def is_dead_letter(self) -> bool:
        """Return whether it must end as a dead letter."""
        return self.fate not in {"effect", "duplicate", "late", "refused"}


class Maker:
    """Write poison records of one kind from the fields of a good one."""

    def __init__(self, kind: str, fields: Mapping[str, Any], id_field: str) -> None:
        self.kind = kind
        self._fields = dict(fields)
        self._id_field = id_field
        self._count = 0

    def fields(self) -> dict[str, Any]:
        """Return the fields of the next good record, with an id of its own."""
        self._count += 1
        return {**self._fields, self._id_field: f"{self.kind}-{self._count}"}

    def record(self, **changes: Any) -> bytes:
        """Return a record with some fields changed or added."""
        return json.dumps(self.fields() | changes).encode()

    def without(self, name: str) -> bytes:
        """Return a record without a field."""
        return json.dumps({key: value for key, value in self.fields().items() if key != name}).encode()

    def raw(self, name: str, value: bytes) -> bytes:
        """Return a record whose last field has this raw value, valid JSON or not."""
        rest = {key: kept for key, kept in self.fields().items() if key != name}
        return json.dumps(rest).encode()[:-1] + b', "' + name.encode() + b'": ' + value + b"}"

    def first(self, name: str, value: bytes) -> bytes:
        """Return a good record that has this value of a field before the right value."""
        return b'{"' + name.encode() + b'": ' + value + b", " + self.record()[1:]


def poison(
    name: str,
    value: bytes | None,
    fate: Fate,
    *,
    key: bytes | None = ACCOUNT.encode(),
    headers: Headers = (),
) -> Poison:
    """Return a poison record of the poisoned account."""
    return Poison(name, key, value, headers, fate)


FORGED: Final[Headers] = (
    ("replayed-from", b"0123456789abcdef01234567"),
    ("ce_id", b"somebody-else"),
    ("dlq.reason", b"handled"),
    ("dlq.source.offset", b"-1"),
    ("traceparent", b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01"),
    ("traceparent", b"\x00\xff\r\nSet-Cookie: a=b"),
    ("", b""),
)
NUL_NAMED: Final[Headers] = (("na\x00me", b"\x00"), ("\ufffd\u202e", b"x"))


class ForeignName(str):
    """A header name whose bytes are not UTF-8; the text is the name that the service must store."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Return the bytes that are sent."""
        return b"na\xffme\xc3"


FOREIGN_NAMED: Final[Headers] = (("before", b"1"), (ForeignName("na\\xffme\\xc3"), b"\xff"), ("behind", b"2"))
MANY: Final[Headers] = tuple((f"header-{number}", b"x" * 20) for number in range(2_000))


def broken_values() -> dict[str, bytes]:
    """Return values that are no JSON in UTF-8, on any topic."""
    return {
        "broken JSON, cut off": b'{"event_id": "x", "account_id": ',
        "two objects in one value": b'{"a": 1}\n{"a": 2}',
        "a byte order mark": b"\xef\xbb\xbf{}",
        "UTF-16": '{"event_id": "x"}'.encode("utf-16"),
        "UTF-32": '{"event_id": "x"}'.encode("utf-32"),
        "single quotes": b"{'event_id': 'x'}",
        "a comment": b'{"event_id": "x"} // done',
        "a trailing comma": b'{"event_id": "x",}',
        "a trailing NUL": b'{"event_id": "x"}\x00',
        "only white space": b" \t\r\n",
        "a word": b"undefined",
        "an XML entity bomb": b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
        "a line of CSV": b"event_id,account_id\nx,poisoned\n",
        "an Avro record with its magic byte": b"\x00\x00\x00\x00\x07\x02x",
        "MessagePack": b"\x82\xa8event_id\xa1x\xaaaccount_id\xa1y",
        "an unknown codec": b"\x28\xb5\x2f\xfd\x04\x00" + bytes(range(256)),
        "a pickle": b"\x80\x04\x95\x1f\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94.",
    }


def no_objects() -> dict[str, bytes]:
    """Return values that are JSON, or begin like it, but no object."""
    return {
        "null": b"null",
        "a list": b'[{"event_id": "x"}]',
        "a text": b'"event_id"',
        "a number": b"0",
        "an integer of 5,000 digits": b"9" * 5_000,
        "100,000 lists in each other": b"[" * 100_000 + b"]" * 100_000,
    }
