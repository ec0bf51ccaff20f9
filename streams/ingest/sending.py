"""Send records to a topic; a record counts as sent only when all in-sync replicas have it."""

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from kafka.errors import KafkaError, MessageSizeTooLargeError

from streams.ingest.documents import RejectedRow
from streams.ingest.spool import EncodedRecord, Spool
from streams.kafka.brokers import Broker, TopicError, no_such_topic, partition_counts, reliable_producer
from streams.kafka.partitioner import partition_of

logger = logging.getLogger(__name__)

IN_FLIGHT: Final = 20_000
"""Records in flight at most: bounds the memory, and the records of unknown fate after a crash."""

PATIENCE_SECONDS: Final = 130.0
"""How long to wait for one answer: kafka-python's producer may never answer after a broker was killed."""

PATIENCE_MARGIN_SECONDS: Final = 10.0
"""How much longer than the producer's own delivery timeout to wait for its answer."""

BATCH_BYTES: Final = 262_144
"""The largest batch of one partition."""

LINGER_MILLISECONDS: Final = 50
"""How long a batch waits for more records: a file is sent for throughput, not for latency."""


@dataclass(frozen=True)
class Play:
    """How to send: by event time or in the order of the file, and at which multiple of event time."""

    by_time: bool = False
    speed: float = math.inf
    delivery_timeout_seconds: float = 120.0


@dataclass
class Delivery:
    """The fate of the records: acknowledged, refused because of their size, or not sent."""

    acknowledged: int = 0
    refused: list[RejectedRow] = field(default_factory=list)
    unsent_lines: list[int] = field(default_factory=list)
    stopped_by: str | None = None
    seconds: float = 0.0


def send(
    broker: Broker,
    topic: str,
    spool: Spool,
    play: Play,
    *,
    advance: Callable[[int], None] = lambda _: None,
) -> Delivery:
    """Send the spool's records; `advance` gets how many more were answered. Raises TopicError, KafkaError."""
    partitions = partition_counts(broker, [topic]).get(topic)
    if not partitions:
        raise TopicError(no_such_topic(topic))
    producer = reliable_producer(
        broker,
        batch_bytes=BATCH_BYTES,
        linger_ms=LINGER_MILLISECONDS,
        delivery_timeout_seconds=play.delivery_timeout_seconds,
    )
    try:
        patience = play.delivery_timeout_seconds + PATIENCE_MARGIN_SECONDS
        sender = Sender(producer, topic, partitions=partitions, patience_seconds=patience)
        pace = at_once if math.isinf(play.speed) else EventTimePacer(play.speed)
        return sender.send_all(spool.records(by_time=play.by_time), pace=pace, advance=advance)
    finally:
        _close(producer)


def _close(producer: Any) -> None:
    """Close a producer; a failure after the broker was lost changes nothing in the delivery."""
    try:
        producer.close(timeout=5)
    except KafkaError as error:
        logger.warning("the producer was not closed well", extra={"error": type(error).__name__})


class Sender:
    """Send in order with bounded work in flight; stop at the first record that is not acknowledged."""

    def __init__(
        self, producer: Any, topic: str, *, partitions: int, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._producer = producer
        self._topic = topic
        self._partitions = partitions
        self._patience_seconds = patience_seconds
        self._waiting: deque[tuple[int, Any]] = deque()
        self.delivery = Delivery()

    def send_all(
        self,
        records: Iterable[EncodedRecord],
        *,
        pace: Callable[[float], None],
        advance: Callable[[int], None],
    ) -> Delivery:
        """Send all; `pace` gets each event time before it is sent, `advance` how many more are done.

        Never raises for Kafka: after the first failure every line left is listed as unsent.
        """
        started = time.monotonic()
        rest = iter(records)
        current: EncodedRecord | None = None
        try:
            while (current := next(rest, None)) is not None:
                pace(current.at)
                self._send(current)
                current = None
                self._settle(IN_FLIGHT, advance)
        except KeyboardInterrupt:
            self.delivery.stopped_by = "interrupted"
        except KafkaError as error:
            self.delivery.stopped_by = self.delivery.stopped_by or type(error).__name__
        self._finish(advance)
        self.delivery.unsent_lines += [current.line] if current is not None else []
        self.delivery.unsent_lines += [record.line for record in rest]
        self.delivery.seconds = time.monotonic() - started
        return self.delivery

    def _send(self, record: EncodedRecord) -> None:
        try:
            future = self._producer.send(
                self._topic,
                key=record.key,
                value=record.value,
                partition=partition_of(record.key, self._partitions),
            )
        except MessageSizeTooLargeError:
            self.delivery.refused.append(RejectedRow(record.line, f"too large: {len(record.value)} bytes"))
        else:
            self._waiting.append((record.line, future))

    def _settle(self, limit: int, advance: Callable[[int], None]) -> None:
        """If more than `limit` records are unacknowledged, wait until at most half of `limit` are."""
        if len(self._waiting) <= limit:
            return
        before = len(self._waiting)
        while len(self._waiting) > limit // 2:
            line, future = self._waiting.popleft()
            self._take_answer(line, future)
        advance(before - len(self._waiting))
        if self.delivery.stopped_by is not None:
            raise KafkaError(self.delivery.stopped_by)

    def _finish(self, advance: Callable[[int], None]) -> None:
        with suppress(KafkaError):
            self._producer.flush(timeout=self._patience_seconds)
        advance(len(self._waiting))
        while self._waiting:
            self._take_answer(*self._waiting.popleft())

    def _take_answer(self, line: int, future: Any) -> None:
        # After the first failure only known answers count: the user sends the rest again.
        patience = 0.0 if self.delivery.stopped_by is not None else self._patience_seconds
        try:
            future.get(timeout=patience)
        except KafkaError as error:
            self.delivery.unsent_lines.append(line)
            self.delivery.stopped_by = self.delivery.stopped_by or type(error).__name__
        else:
            self.delivery.acknowledged += 1


class EventTimePacer:
    """Hold each record back until its event time comes, `speed` times faster than real time.

    >>> waits = []
    >>> pace = EventTimePacer(60.0, clock=lambda: 0.0, sleep=waits.append)
    >>> for at in (1000.0, 1060.0, 1030.0): pace(at)
    >>> waits
    [1.0, 0.5]
    """

    def __init__(
        self,
        speed: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._speed = speed
        self._clock = clock
        self._sleep = sleep
        self._origin: tuple[float, float] | None = None

    def __call__(self, at: float) -> None:
        """Sleep until the record of event time `at` (unix seconds) is due."""
        if self._origin is None:
            self._origin = (at, self._clock())
        first, started = self._origin
        wait = started + (at - first) / self._speed - self._clock()
        if wait > 0:
            self._sleep(wait)


def at_once(_: float) -> None:
    """Hold nothing back."""


def line_ranges(lines: Iterable[int]) -> str:
    """Return line numbers as ranges.

    >>> line_ranges([7, 2, 3, 4])
    '2-4, 7'
    """
    ranges: list[list[int]] = []
    for line in sorted(lines):
        if ranges and line == ranges[-1][1] + 1:
            ranges[-1][1] = line
        else:
            ranges.append([line, line])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)
