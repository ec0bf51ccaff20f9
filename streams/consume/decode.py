"""Turn raw bytes into a validated record, or into the reason of a dead letter.

The rules for a writer: a record is one JSON object in UTF-8, without a byte order mark, NaN, infinities
or lone surrogates. If a field is given twice the last value counts, as in every common JSON reader. Fields
that this build does not know are not checked, as long as the whole value is JSON. Odd text (markup, SQL,
control characters, any script) is kept as it is; a NUL in it becomes U+FFFD, because PostgreSQL has no NUL.
Ids are never changed: an id with a NUL is refused, because two ids would become the same.
"""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec
from pydantic import BaseModel, TypeAdapter, ValidationError

from detectors.usage.policy import EARLIEST_EVENT, LATEST_EVENT
from schemas.base import OUTER_BLANKS, SCHEMA_VERSION, is_storable
from schemas.letters import Reason
from schemas.usage import UsageEvent, kind_fault
from streams.consume.handler import InvalidRecord
from streams.kafka.records import RawRecord

Model = TypeVar("Model")


class _Version(msgspec.Struct):
    schema_version: Any = SCHEMA_VERSION


_version_decoder = msgspec.json.Decoder(_Version)

KINDS_OF_OTHER_TOPICS: Final = frozenset({"customer_message", "human_reply", "sentiment"})
"""A ticket or a sentiment has all fields of a usage event; its kind shows that it is on the wrong topic."""

QUOTE_NOTHING: Final = frozenset(
    {"datetime_from_date_parsing", "datetime_parsing", "finite_number", "float_parsing", "float_type"}
    | {"greater_than_equal", "int_parsing", "int_type", "less_than_equal", "list_type"}
    | {"string_too_short", "too_short", "string_type", "timezone_aware", "tuple_type"}
)
"""Types of pydantic's errors whose message names only limits and types, never the value."""

MAX_KNOWN_KINDS: Final = 10_000
"""How many kinds of usage events a decoder remembers as checked; further kinds are checked each time."""

SIGNAL_TOLERANCE: Final = timedelta(days=2)
"""How far ahead of our clock a signal or alert may be: more than the limit for the events that cause it."""


def decode_json(record: RawRecord, adapter: TypeAdapter[Model]) -> Model:
    """Return the validated record; raise InvalidRecord with a sentence that quotes nothing of the record."""
    value = record.value or b""
    _refuse_unknown_version(value)
    try:
        return adapter.validate_json(value)
    except ValidationError as error:
        broken = error.errors(include_input=False, include_url=False)[0]["type"] == "json_invalid"
        reason: Reason = "broken_json" if broken else "invalid_record"
        raise InvalidRecord(reason, told(error)) from None


def _refuse_unknown_version(value: bytes) -> None:
    try:
        version = _version_decoder.decode(value).schema_version
    except (msgspec.ValidationError, RecursionError):
        raise InvalidRecord("invalid_record", "the record is not a JSON object") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InvalidRecord("broken_json", "the value is not JSON in UTF-8") from None
    if type(version) is not int or version != SCHEMA_VERSION:
        raise InvalidRecord("unknown_version", "the record has a schema version this build does not know")


def told(error: ValidationError) -> str:
    """Return the first fault of a record as field and reason; it names allowed values and quotes nothing.

    >>> from schemas import Ticket
    >>> try: TypeAdapter(Ticket).validate_python(dict(event_id="e", ticket_id="t", account_id="a", channel=7))
    ... except ValidationError as error: told(error)
    "channel: not one of 'email', 'web', 'chat' or 'forum'"
    """
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "record"
    context = first.get("ctx", {})
    if first["type"] == "literal_error":
        said = f"not one of {context['expected']}"
    elif first["type"] == "missing":
        said = "missing"
    elif first["type"] in {"too_long", "string_too_long"}:
        said = f"longer than {context['max_length']:,}"
    elif first["type"] == "value_error":
        said = str(context["error"])
    else:
        said = first["msg"] if first["type"] in QUOTE_NOTHING else first["type"]
    return f"{place}: {said}"[:300]


class UsageDecoder:
    """Decode values into a msgspec struct: the hot path, with one call for a good record."""

    def __init__(self, kind: type[Any]) -> None:
        self._decode = msgspec.json.Decoder(kind).decode
        self._kinds: set[str] = set()

    def good(self, values: Iterable[bytes | None]) -> list[Any]:
        """Return the structs of the values before the first bad value."""
        decode, kinds, found = self._decode, self._kinds, []
        with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TypeError, InvalidRecord):
            for value in values:
                event = decode(value)  # type: ignore[arg-type]
                if event.kind not in kinds:
                    self._admit(event.kind)
                check_account(event.account_id)
                found.append(event)
        return found

    def __call__(self, value: bytes) -> Any:
        """Return the struct; raise InvalidRecord."""
        try:
            event = self._decode(value)
        except msgspec.ValidationError as error:
            _refuse_unknown_version(value)
            raise InvalidRecord("invalid_record", told_of_struct(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise InvalidRecord("broken_json", "the value is not JSON in UTF-8") from None
        if event.kind not in self._kinds:
            self._admit(event.kind)
        check_account(event.account_id)
        return event

    def _admit(self, kind: str) -> None:
        """Remember a valid kind; raise InvalidRecord for any other."""
        check_kind(kind)
        if len(self._kinds) < MAX_KNOWN_KINDS:
            self._kinds.add(kind)


def check_kind(kind: str) -> None:
    """Raise InvalidRecord if `kind` is no kind of usage event, or the kind of another topic's record."""
    if kind in KINDS_OF_OTHER_TOPICS:
        raise InvalidRecord("invalid_record", "kind: this is a record of another topic")
    fault = kind_fault(kind)
    if fault is not None:
        raise InvalidRecord("invalid_record", f"kind: {fault}")


def check_account(account_id: str) -> None:
    """Raise InvalidRecord for an account id with blanks around it: a second account of the same name."""
    if account_id.strip() != account_id:
        raise InvalidRecord("invalid_record", f"account_id: {OUTER_BLANKS}")


def check_usage_event(event: UsageEvent, now: datetime, tolerance: timedelta) -> None:
    """Raise InvalidRecord for a decoded usage event whose time or ids its consumer would not accept."""
    check_time(event.occurred_at, now, tolerance)
    if not EARLIEST_EVENT <= event.occurred_at < LATEST_EVENT:
        raise InvalidRecord("invalid_record", "occurred_at: outside the years that usage is counted in")
    for name in ("account_id", "event_id"):
        if not is_storable(getattr(event, name)):
            raise InvalidRecord("invalid_record", f"{name}: characters that cannot be stored")


def told_of_struct(error: msgspec.ValidationError) -> str:
    """Return the field and the reason of a msgspec error; it names types and paths but no values.

    >>> told_of_struct(msgspec.ValidationError("Expected `float` >= 0.0 - at `$.quantity`"))
    'quantity: Expected `float` >= 0.0'
    """
    reason, _, place = str(error).partition(" - at ")
    name = place.strip("`").removeprefix("$.")
    return (f"{name}: {reason}" if name else reason)[:300]


def check_key(record: RawRecord, account_id: str) -> None:
    """Raise InvalidRecord if the key is not the account: the record would be ordered with another account."""
    if record.key != account_id.encode():
        raise InvalidRecord("key_mismatch", "the key is not the account id")


def check_time(occurred_at: datetime, now: datetime, tolerance: timedelta) -> None:
    """Raise InvalidRecord for an event further ahead of our clock than clocks usually differ."""
    if occurred_at > now + tolerance:
        raise InvalidRecord("from_the_future", "occurred_at: ahead of our clock")


def content_hash(record: BaseModel) -> bytes:
    """Return a 16-byte hash of a record's content; the order of its fields on the wire does not matter.

    The hash leaves out the version and unset fields. Otherwise a build that knows one more field would see a
    conflict in the duplicate of a record that an older build handled.
    """
    said = record.model_dump_json(exclude={"schema_version"}, exclude_defaults=True)
    return hashlib.blake2b(said.encode(), digest_size=16).digest()
