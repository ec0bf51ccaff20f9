"""Send records to a topic; count one as sent only when all in-sync replicas have it."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from kafka.errors import KafkaError, MessageSizeTooLargeError

from streams.ingest.records import Encoded
from streams.ingest.rows import RejectedRow
from streams.kafka.partitioner import partition_of

IN_FLIGHT: Final = 20_000
"""Records sent and not yet acknowledged, at most: bounds memory and what is unknown after a crash."""


PATIENCE_SECONDS: Final = 130.0
"""How long one answer is waited for: kafka-python's producer may never answer after a broker was killed."""


@dataclass
class Delivery:
    """What became of the records: acknowledged, refused for what they are, or not sent."""

    acknowledged: int = 0
    refused: list[RejectedRow] = field(default_factory=list)
    unsent_lines: list[int] = field(default_factory=list)
    stopped_by: str | None = None
    seconds: float = 0.0


class Sender:
    """Send in order with bounded work in flight; stop at the first record that is not acknowledged."""

    def __init__(
        self, producer: Any, topic: str, *, partitions: int, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._producer = producer
        self._topic = topic
        self._patience_seconds = patience_seconds
        self._waiting: deque[tuple[int, Any]] = deque()
        self._partitions = partitions
        self.delivery = Delivery()

    def send_all(
        self, records: Iterable[Encoded], *, pace: Callable[[float], None], advance: Callable[[int], None]
    ) -> Delivery:
        """Send all; `pace` gets each event time before it is sent, `advance` how many more are done.

        Never raises for Kafka: after the first failure every line left is listed as unsent.
        """
        started = time.monotonic()
        rest = iter(records)
        at_hand: Encoded | None = None
        try:
            while (at_hand := next(rest, None)) is not None:
                pace(at_hand.at)
                self._send(at_hand)
                at_hand = None
                self._settle(IN_FLIGHT, advance)
        except KeyboardInterrupt:
            self.delivery.stopped_by = "interrupted"
        except KafkaError as error:
            self.delivery.stopped_by = self.delivery.stopped_by or type(error).__name__
        self._finish(advance)
        self.delivery.unsent_lines += [at_hand.line] if at_hand is not None else []
        self.delivery.unsent_lines += [record.line for record in rest]
        self.delivery.seconds = time.monotonic() - started
        return self.delivery

    def _send(self, record: Encoded) -> None:
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
        """Wait until at most half of `limit` records are unacknowledged, if there are more than `limit`."""
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
        # After the first failure only what is known already counts: the rest is sent again by whoever asks.
        patience = 0.0 if self.delivery.stopped_by is not None else self._patience_seconds
        try:
            future.get(timeout=patience)
        except KafkaError as error:
            self.delivery.unsent_lines.append(line)
            self.delivery.stopped_by = self.delivery.stopped_by or type(error).__name__
        else:
            self.delivery.acknowledged += 1


class EventTimePacer:
    """Hold each record back until its event time has come, `speed` times faster than real time.

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
