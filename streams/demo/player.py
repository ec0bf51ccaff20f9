"""Play the recording into the topics, faster than it happened, and note when each ticket was sent."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import msgspec

from streams.demo.company import Played
from streams.kafka.brokers import Broker, reliable_producer
from streams.kafka.topics import TICKETS

LOOK_EVERY = 200
"""Usage events between two looks at the clock; each ticket looks at it."""


class _Id(msgspec.Struct):
    event_id: str


@dataclass
class Tally:
    """The records sent so far; `sent_at` maps ticket event ids to the wall time of sending."""

    tickets: int = 0
    usage_events: int = 0
    not_sent: int = 0
    sent_at: dict[str, datetime] = field(default_factory=dict)
    event_time: datetime | None = None


class Player(threading.Thread):
    """A thread that plays `records` within `seconds` of wall time; records before `start` go out at once."""

    def __init__(self, broker: Broker, records: Iterable[Played], *, start: datetime, seconds: float) -> None:
        super().__init__(name="player", daemon=True)
        self.tally = Tally()
        self.stopping = threading.Event()
        self.error: Exception | None = None
        self._broker = broker
        self._records = list(records)
        self._start = start
        self._seconds = seconds
        self._identify = msgspec.json.Decoder(_Id).decode

    def run(self) -> None:
        """Play everything; a failure is stored in `error`."""
        try:
            self._play()
        except Exception as error:
            self.error = error

    def _play(self) -> None:
        producer = reliable_producer(self._broker)
        last = self._records[-1][3]
        factor = self._seconds / max(1.0, (last - self._start).total_seconds())
        started = monotonic()
        try:
            for number, record in enumerate(self._records):
                if number % LOOK_EVERY == 0 or record[0] == TICKETS:
                    due = started + (record[3] - self._start).total_seconds() * factor
                    if self.stopping.wait(max(0.0, due - monotonic())):
                        break
                self._send(producer, record)
            producer.flush()
        finally:
            producer.close()

    def _send(self, producer: Any, record: Played) -> None:
        topic, key, value, moment = record
        future = producer.send(topic, key=key.encode(), value=value)
        future.add_errback(self._failed)
        self.tally.event_time = moment
        if topic == TICKETS:
            self.tally.tickets += 1
            self.tally.sent_at[self._identify(value).event_id] = datetime.now(UTC)
        else:
            self.tally.usage_events += 1

    def _failed(self, _error: BaseException) -> None:
        self.tally.not_sent += 1
