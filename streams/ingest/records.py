"""From a row to the bytes of a record: tickets by pydantic, usage events by msgspec."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from pydantic import ValidationError

from schemas.base import is_storable
from schemas.tickets import MESSAGES, Ticket
from schemas.usage import UsageEvent
from streams.consume.decode import (
    check_account,
    check_kind,
    check_time,
    check_usage_event,
    told,
    told_of_struct,
)
from streams.consume.handler import InvalidRecord
from streams.ingest.columns import Columns
from streams.ingest.instants import Instants
from streams.ingest.rows import FileRow, RejectedRow
from streams.ingest.spool import EncodedRecord
from streams.ingest.words import allowed_channels, channel_of, is_channel, kind_of
from streams.kafka.topics import TICKETS, USAGE_EVENTS

ID_BYTES: Final = 12
"""Length of the hash that becomes an event id, in bytes."""

MAX_UNKNOWN_CHANNELS: Final = 100
"""Unknown channel words that are remembered for the summary; a column of texts must not fill the memory."""


class RowError(Exception):
    """The reason why a row cannot become a record; it names fields and never quotes their values."""


@dataclass(frozen=True)
class Present:
    """The time of the check (aware), and how far ahead of it an event may be dated."""

    now: datetime
    tolerance: timedelta


Build = Callable[[dict[str, Any], Present], tuple[str, datetime, bytes]]


@dataclass(frozen=True)
class RecordKind:
    """One kind of record for `rapport ingest NAME`: its topic, fields, required fields, and builder."""

    name: str
    topic: str
    fields: tuple[str, ...]
    required: tuple[str, ...]
    build: Build
    sorts_by_default: bool


def _ticket(values: dict[str, Any], present: Present) -> tuple[str, datetime, bytes]:
    values.setdefault("ticket_id", values["event_id"])
    try:
        ticket = Ticket.model_validate(values)
    except ValidationError as error:
        raise RowError(told(error)) from None
    check_account(ticket.account_id)
    check_time(ticket.occurred_at, present.now, present.tolerance)
    return ticket.account_id, ticket.occurred_at, ticket.to_bytes()


_encode_usage = msgspec.json.Encoder().encode


def _usage(values: dict[str, Any], present: Present) -> tuple[str, datetime, bytes]:
    try:
        event = msgspec.convert(values, UsageEvent, strict=False)
    except msgspec.ValidationError as error:
        raise RowError(told_of_struct(error)) from None
    check_kind(event.kind)
    check_account(event.account_id)
    check_usage_event(event, present.now, present.tolerance)
    return event.account_id, event.occurred_at, _encode_usage(event)


TICKET_KIND: Final = RecordKind(
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
USAGE_KIND: Final = RecordKind(
    "usage",
    USAGE_EVENTS,
    ("event_id", "account_id", "kind", "occurred_at", "quantity", "failed"),
    ("account_id", "kind"),
    _usage,
    sorts_by_default=True,
)
KINDS: Final[Mapping[str, RecordKind]] = {kind.name: kind for kind in (TICKET_KIND, USAGE_KIND)}


class Encoder:
    """Make records from rows. The same file with the same options gives the same bytes and ids."""

    def __init__(self, kind: RecordKind, columns: Columns, instants: Instants, present: Present) -> None:
        self._kind = kind
        self._columns = columns
        self._instants = instants
        self._present = present
        self.unknown_channels: Counter[str] = Counter()

    def encode(self, row: FileRow | RejectedRow) -> EncodedRecord | RejectedRow:
        """Return the record of a row, or the rejected row with its reason."""
        if isinstance(row, RejectedRow):
            return row
        try:
            return self._encode(row)
        except RowError as error:
            return row.rejected(str(error))
        except InvalidRecord as invalid:
            return row.rejected(invalid.error)

    def is_row(self, cells: Mapping[str, Any]) -> bool:
        """Return whether the cells of a line have a time in the column where rows have their time."""
        columns = self._columns.sources.get("occurred_at", ())
        return len(columns) == 1 and self._instants.reads(cells.get(columns[0]))

    def _encode(self, row: FileRow) -> EncodedRecord:
        values = self._columns.pick(row.cells)
        if self._kind is TICKET_KIND:
            self._translate_words(values)
        for name in required_of(self._kind, values):
            if name not in values:
                raise RowError(f"{name}: missing")
        _refuse_unstorable(values)
        values["occurred_at"] = self._moment(values.get("occurred_at"), row.line)
        _as_text(values, "event_id", "ticket_id", "account_id")
        if "event_id" not in values:
            values["event_id"] = _event_id(self._kind.name, row.line, values)
        account_id, moment, value = self._kind.build(values, self._present)
        return EncodedRecord(row.line, moment.timestamp(), account_id.encode(), value)

    def _translate_words(self, values: dict[str, Any]) -> None:
        if "kind" in values:
            values["kind"] = kind_of(values["kind"])
        if "channel" not in values:
            return
        channel = channel_of(values["channel"])
        if not is_channel(channel):
            self._remember(str(channel))
            raise RowError(f"channel: not one of {allowed_channels()}; see --map channel:WORD=chat")
        values["channel"] = channel

    def _remember(self, word: str) -> None:
        if word in self.unknown_channels or len(self.unknown_channels) < MAX_UNKNOWN_CHANNELS:
            self.unknown_channels[word] += 1

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


def required_of(kind: RecordKind, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the fields that a record with these values must have: a ticket that only closes has no body."""
    said = str(values.get("kind", "customer_message"))
    has_no_message = kind is TICKET_KIND and said not in MESSAGES
    return tuple(name for name in kind.required if not (has_no_message and name == "body"))


def _refuse_unstorable(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, str) and not is_storable(value):
            raise RowError(f"{name}: a NUL or half a character, which cannot be stored")


def _as_text(values: dict[str, Any], *names: str) -> None:
    for name in names:
        value = values.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            values[name] = str(value)


def _event_id(kind: str, line: int, values: Mapping[str, Any]) -> str:
    """Return the id of a row that has none: a hash of its content and its line.

    A file that is sent again, even with wrong rows mended or new rows after them, therefore doubles nothing.
    """
    said = "\x1f".join([kind, str(line), *(f"{name}={values[name]}" for name in sorted(values))])
    return hashlib.blake2b(said.encode(), digest_size=ID_BYTES).hexdigest()
