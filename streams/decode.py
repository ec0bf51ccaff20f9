"""From raw bytes to a validated record, or to the reason why not.

What a writer may expect: a record is one JSON object in UTF-8, without a byte order mark, NaN,
infinities or lone surrogates. Where a field is given twice the last one counts, as in every common
JSON reader. Fields that the build does not know are not judged, as long as the whole is JSON. Text
that is odd but text (markup, SQL, control characters, any script) is kept as it is; a NUL in it is
replaced by U+FFFD, as PostgreSQL has none. Ids are never changed: one with a NUL is refused, because
two ids would become one.
"""

import hashlib
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec
from pydantic import BaseModel, TypeAdapter, ValidationError

from schemas.base import SCHEMA_VERSION
from schemas.letters import Reason
from schemas.usage import KIND_PATTERN
from streams.consume import InvalidRecord, RawRecord

Model = TypeVar("Model")


class _Version(msgspec.Struct):
    schema_version: Any = SCHEMA_VERSION


_version_decoder = msgspec.json.Decoder(_Version)

KINDS_OF_OTHER_TOPICS: Final = frozenset({"customer_message", "human_reply", "sentiment"})
"""A ticket or a sentiment has all fields of a usage event; its kind tells that it is on the wrong topic."""

MAX_KNOWN_KINDS: Final = 10_000
_KIND: Final = re.compile(KIND_PATTERN)

SIGNAL_TOLERANCE: Final = timedelta(days=2)
"""How far ahead of our clock a signal or alert may be: further than what it comes from ever may."""


def decode_json(record: RawRecord, adapter: TypeAdapter[Model]) -> Model:
    """Return the validated record; raise InvalidRecord with a reason that quotes nothing of it."""
    value = record.value or b""
    _refuse_unknown_version(value)
    try:
        return adapter.validate_json(value)
    except ValidationError as error:
        place = _where(error)
        reason: Reason = "broken_json" if place.endswith(": json_invalid") else "invalid_record"
        raise InvalidRecord(reason, place) from None


def _refuse_unknown_version(value: bytes) -> None:
    try:
        version = _version_decoder.decode(value).schema_version
    except (msgspec.ValidationError, RecursionError):
        raise InvalidRecord("invalid_record", "the record is not a JSON object") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InvalidRecord("broken_json", "the value is not JSON in UTF-8") from None
    if type(version) is not int or version != SCHEMA_VERSION:
        raise InvalidRecord("unknown_version", "the record has a schema version this build does not know")


def _where(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "record"
    return f"{place}: {first['type']}"[:300]


class UsageDecoder:
    """Decode values into a msgspec struct, the hot path: one call where the record is good."""

    def __init__(self, kind: type[Any]) -> None:
        self._decode = msgspec.json.Decoder(kind).decode
        self._kinds: set[str] = set()

    def good(self, values: Iterable[bytes | None]) -> list[Any]:
        """Return the structs of the values before the first that is bad."""
        decode, kinds, found = self._decode, self._kinds, []
        with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TypeError, InvalidRecord):
            for value in values:
                event = decode(value)  # type: ignore[arg-type]
                if event.kind not in kinds:
                    self._admit(event.kind)
                found.append(event)
        return found

    def __call__(self, value: bytes) -> Any:
        """Return the struct; raise InvalidRecord."""
        try:
            event = self._decode(value)
        except msgspec.ValidationError as error:
            _refuse_unknown_version(value)
            raise InvalidRecord("invalid_record", _path(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise InvalidRecord("broken_json", "the value is not JSON in UTF-8") from None
        if event.kind not in self._kinds:
            self._admit(event.kind)
        return event

    def _admit(self, kind: str) -> None:
        """Remember a kind that is as it must be; raise InvalidRecord for any other."""
        if kind in KINDS_OF_OTHER_TOPICS:
            raise InvalidRecord("invalid_record", "kind: this is a record of another topic")
        if _KIND.match(kind) is None:
            raise InvalidRecord("invalid_record", "kind: characters that no kind has")
        if len(self._kinds) < MAX_KNOWN_KINDS:
            self._kinds.add(kind)


def _path(error: msgspec.ValidationError) -> str:
    """Return the message of a msgspec error, which names types and paths but no values."""
    return str(error)[:300]


def check_key(record: RawRecord, account_id: str) -> None:
    """Refuse a record whose key is not its account: it would travel in another account's order."""
    if record.key != account_id.encode():
        raise InvalidRecord("key_mismatch", "the key is not the account id")


def check_time(occurred_at: datetime, now: datetime, tolerance: timedelta) -> None:
    """Refuse an event dated further ahead of our clock than clocks usually differ."""
    if occurred_at > now + tolerance:
        raise InvalidRecord("from_the_future", "occurred_at lies ahead of our clock")


def content_hash(record: BaseModel) -> bytes:
    """Return a 16-byte hash of what a record says, whatever the order of its fields on the wire.

    Version and unset fields do not count: with them, a build that knows one more field would take a
    duplicate of what an older build handled for a conflict.
    """
    said = record.model_dump_json(exclude={"schema_version"}, exclude_defaults=True)
    return hashlib.blake2b(said.encode(), digest_size=16).digest()
