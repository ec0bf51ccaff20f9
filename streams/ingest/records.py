"""From a row to the bytes of a record: tickets by pydantic, usage events by msgspec."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from pydantic import ValidationError

from schemas import Ticket, UsageEvent
from schemas.usage import KIND_PATTERN
from streams.ingest.columns import Columns
from streams.ingest.instants import Instants
from streams.ingest.rows import Row, Wrong
from streams.topics import TICKETS, USAGE_EVENTS

ID_BYTES: Final = 12
_KIND: Final = re.compile(KIND_PATTERN)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A record ready to be sent; `at` is its event time in unix seconds."""

    line: int
    at: float
    key: bytes
    value: bytes


class RowError(Exception):
    """Why a row cannot become a record; names fields, never repeats what stands in them."""


Build = Callable[[dict[str, Any]], tuple[str, datetime, bytes]]


@dataclass(frozen=True)
class Kind:
    """What `rapport ingest NAME` makes: its topic, its fields, those a file must have, and how."""

    name: str
    topic: str
    fields: tuple[str, ...]
    required: tuple[str, ...]
    build: Build
    sorts_by_default: bool


def _ticket(values: dict[str, Any]) -> tuple[str, datetime, bytes]:
    values.setdefault("ticket_id", values["event_id"])
    try:
        ticket = Ticket.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise RowError(f"{first['loc'][0]}: {first['msg']}") from None
    return ticket.account_id, ticket.occurred_at, ticket.to_bytes()


_encode_usage = msgspec.json.Encoder().encode


def _usage(values: dict[str, Any]) -> tuple[str, datetime, bytes]:
    try:
        event = msgspec.convert(values, UsageEvent, strict=False)
        if _KIND.match(event.kind) is None:
            raise RowError("kind: only letters, digits, '.', '_' and '-'")
        return event.account_id, event.occurred_at, _encode_usage(event)
    except msgspec.ValidationError as error:
        raise RowError(_readable(str(error))) from None
    except UnicodeEncodeError:
        raise RowError("not UTF-8") from None


def _readable(message: str) -> str:
    """Turn msgspec's message round, so that the field comes first.

    >>> _readable("Expected `float` >= 0.0 - at `$.quantity`")
    'quantity: Expected `float` >= 0.0'
    """
    what, _, place = message.partition(" - at ")
    name = place.strip("`").removeprefix("$.")
    return f"{name}: {what}" if name else what


TICKET_KIND: Final = Kind(
    "tickets",
    TICKETS,
    (
        "event_id",
        "ticket_id",
        "account_id",
        "kind",
        "channel",
        "subject",
        "body",
        "requester_name",
        "requester_email",
        "occurred_at",
    ),
    ("account_id", "body"),
    _ticket,
    sorts_by_default=False,
)
USAGE_KIND: Final = Kind(
    "usage",
    USAGE_EVENTS,
    ("event_id", "account_id", "kind", "occurred_at", "quantity", "failed"),
    ("account_id", "kind"),
    _usage,
    sorts_by_default=True,
)
KINDS: Final[Mapping[str, Kind]] = {kind.name: kind for kind in (TICKET_KIND, USAGE_KIND)}


class Encoder:
    """Make records of rows. The same file with the same options gives the same bytes and ids."""

    def __init__(self, kind: Kind, columns: Columns, instants: Instants) -> None:
        self._kind = kind
        self._columns = columns
        self._instants = instants

    def encode(self, row: Row | Wrong) -> Encoded | Wrong:
        """Return the record of a row, or what is wrong with the row."""
        if isinstance(row, Wrong):
            return row
        try:
            return self._encode(row)
        except RowError as error:
            return Wrong(row.line, str(error), row.cells)

    def _encode(self, row: Row) -> Encoded:
        values = self._columns.pick(row.cells)
        for name in self._kind.required:
            if name not in values:
                raise RowError(f"{name}: missing")
        values["occurred_at"] = self._moment(values.get("occurred_at"), row.line)
        _as_text(values, "event_id", "ticket_id", "account_id")
        if "event_id" not in values:
            values["event_id"] = _event_id(self._kind.name, row.line, values)
        account_id, moment, value = self._kind.build(values)
        return Encoded(row.line, moment.timestamp(), account_id.encode(), value)

    def _moment(self, value: object, line: int) -> datetime:
        if value is None:
            moment = self._instants.of_line(line)
            if moment is None:
                raise RowError("occurred_at: missing")
            return moment
        if not isinstance(value, (str, int, float)):
            raise RowError("occurred_at: not a time")
        try:
            return self._instants.read(value)
        except ValueError as error:
            raise RowError(f"occurred_at: {error}") from None


def _as_text(values: dict[str, Any], *names: str) -> None:
    for name in names:
        value = values.get(name)
        if isinstance(value, int):
            values[name] = str(value)


def _event_id(kind: str, line: int, values: Mapping[str, Any]) -> str:
    """Return the id of a row without one: a hash of what it says and its line.

    So a file sent again, even with wrong rows mended or new rows behind it, doubles nothing.
    """
    said = "\x1f".join([kind, str(line), *(f"{name}={values[name]}" for name in sorted(values))])
    return hashlib.blake2b(said.encode("utf-8", "surrogateescape"), digest_size=ID_BYTES).hexdigest()
