"""From a body to events that the consumers accept: split it, decode as they do, all or nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec
from pydantic import TypeAdapter

from schemas.letters import Reason
from schemas.tickets import Ticket
from schemas.usage import UsageEvent
from streams.consume.decode import (
    UsageDecoder,
    check_account,
    check_time,
    check_usage_event,
    content_hash,
    decode_json,
)
from streams.consume.handler import InvalidRecord
from streams.intake.answers import Refusal
from streams.kafka.topics import TICKETS, USAGE_EVENTS

MAX_EVENTS: Final = 10_000
"""Events in one request, at most."""

MAX_LISTED: Final = 100
"""Invalid events that an answer lists, at most; it counts all of them."""

RawEvent = tuple[int, bytes]
"""The place of an event (index in an array from 0, or line from 1), and its bytes."""


@dataclass(frozen=True, slots=True)
class Event:
    """A record ready to be sent: the account id as the key, and the client's own bytes."""

    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class InvalidEvent:
    """An event that cannot be accepted, and why; the error names fields and types, never their values."""

    place: int
    reason: Reason
    error: str


@dataclass(frozen=True, slots=True)
class EventIdentity:
    """The ids and content hash of a good event; events with one id must have one content, if it is known."""

    account_id: str
    event_id: str
    content: bytes = b""


@dataclass(slots=True)
class _UnsentRecord:
    """A value that is not on a topic yet, in the form that the decoders read."""

    value: bytes | None
    key: bytes | None = None
    topic: str = ""
    partition: int = -1
    offset: int = -1
    timestamp: int = 0
    headers: Sequence[tuple[str, bytes]] = ()


Check = Callable[[bytes, datetime, timedelta], EventIdentity]
_TICKET: Final[TypeAdapter[Ticket]] = TypeAdapter(Ticket)
_decode_usage: Final = UsageDecoder(UsageEvent)
_ARRAY: Final = msgspec.json.Decoder(list[msgspec.Raw])
_VALUE: Final = msgspec.json.Decoder(msgspec.Raw)


def check_ticket(value: bytes, now: datetime, tolerance: timedelta) -> EventIdentity:
    """Return the identity of a good ticket; raise InvalidRecord as its consumers would."""
    ticket = decode_json(_UnsentRecord(value), _TICKET)
    check_account(ticket.account_id)
    check_time(ticket.occurred_at, now, tolerance)
    return EventIdentity(ticket.account_id, ticket.event_id, content_hash(ticket))


def check_usage(value: bytes, now: datetime, tolerance: timedelta) -> EventIdentity:
    """Return the identity of a good usage event; raise InvalidRecord as its consumer would."""
    event: UsageEvent = _decode_usage(value)
    check_usage_event(event, now, tolerance)
    return EventIdentity(event.account_id, event.event_id)


@dataclass(frozen=True)
class Endpoint:
    """One HTTP path: its topic, and the check that the decoders of its consumers make."""

    path: str
    topic: str
    check: Check


ENDPOINTS: Final[Mapping[str, Endpoint]] = {
    endpoint.path: endpoint
    for endpoint in (
        Endpoint("/v1/tickets", TICKETS, check_ticket),
        Endpoint("/v1/usage-events", USAGE_EVENTS, check_usage),
    )
}


def split(body: bytes, *, lines: bool) -> list[RawEvent]:
    r"""Return the events of a body: JSON lines, a JSON array, or one object.

    Raises Refusal for a body that is empty, not JSON, nested too deeply, or has too many events.

    >>> split(b'[{"a": 1}, {}]', lines=False)
    [(0, b'{"a": 1}'), (1, b'{}')]
    >>> split(b'{}\n\n{"a": 1}\r\n', lines=True)
    [(1, b'{}'), (3, b'{"a": 1}')]
    """
    parts = _lines(body) if lines else _values(body)
    if len(parts) > MAX_EVENTS:
        raise Refusal("too_many_events", max_events=MAX_EVENTS)
    return parts


def _lines(body: bytes) -> list[RawEvent]:
    stripped = ((number, line.strip(b" \t\r")) for number, line in enumerate(body.split(b"\n"), start=1))
    parts = [(number, line) for number, line in stripped if line]
    if not parts:
        raise Refusal("empty_body")
    return parts


def _values(body: bytes) -> list[RawEvent]:
    start = body.lstrip(b" \t\r\n")[:1]
    if not start:
        raise Refusal("empty_body")
    try:
        raws = _ARRAY.decode(body) if start == b"[" else [_VALUE.decode(body)]
    except RecursionError:
        raise Refusal("too_deep") from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Refusal("broken_json") from None
    return [(index, bytes(raw)) for index, raw in enumerate(raws)]


@dataclass(frozen=True)
class Judge:
    """Checks every event of a request before any event is sent."""

    max_record_bytes: int
    tolerance: timedelta

    def judge(
        self, endpoint: Endpoint, parts: Sequence[RawEvent], now: datetime
    ) -> tuple[list[Event], list[InvalidEvent]]:
        """Return the good events in order, and the invalid events with their reasons."""
        events: list[Event] = []
        wrong: list[InvalidEvent] = []
        contents: dict[str, bytes] = {}
        for place, value in parts:
            try:
                checked = self._checked(endpoint, value, now)
                if contents.setdefault(checked.event_id, checked.content) != checked.content:
                    raise InvalidRecord("id_conflict", "event_id: used above with another content")
            except InvalidRecord as invalid:
                wrong.append(InvalidEvent(place, invalid.reason, invalid.error))
            else:
                events.append(Event(checked.account_id.encode(), value))
        return events, wrong

    def _checked(self, endpoint: Endpoint, value: bytes, now: datetime) -> EventIdentity:
        if len(value) > self.max_record_bytes:
            raise InvalidRecord("too_large", f"{len(value)} bytes; at most {self.max_record_bytes}")
        return endpoint.check(value, now, self.tolerance)


def refuse_wrong(wrong: Sequence[InvalidEvent], *, lines: bool) -> Refusal:
    """Return the refusal that lists the first hundred invalid events with place and reason."""
    place = "line" if lines else "index"
    listed = [
        {place: event.place, "reason": event.reason, "detail": event.error}
        for event in sorted(wrong[:MAX_LISTED], key=lambda event: event.place)
    ]
    return Refusal("invalid_events", wrong_count=len(wrong), wrong=listed)
