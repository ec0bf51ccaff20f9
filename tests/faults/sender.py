"""Send at a steady rate from a thread, and keep the seconds of each acknowledgement."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from kafka.errors import KafkaTimeoutError

from streams.kafka.brokers import Broker, reliable_producer
from tests.faults.inputs import Message
from tests.patience import Patience

TURN_SECONDS = 0.05

FLUSH_SECONDS = 180.0
"""How long the last records may take on an idle machine; a broker restarts within 30 s. Chosen by hand."""

FLUSH_TURN_SECONDS = 5.0
"""How often the wait for the last records measures the speed of the machine."""

DELIVERY_SECONDS = 1_800.0
"""How long the producer tries to send a record: ten times the flush, as on the slowest machine."""


class Sender:
    """Send messages of one topic, `rate` a second, until all are sent or `stop` is called.

    `sent` counts acknowledged records, `failed` records that the broker did not take within the producer's
    timeout; `latencies` holds the seconds from send to acknowledgement of each record.
    """

    def __init__(self, broker: Broker, topic: str, messages: Iterable[Message], *, rate: float) -> None:
        self._topic = topic
        self._messages = iter(messages)
        self._rate = rate
        self._producer = reliable_producer(broker, delivery_timeout_seconds=DELIVERY_SECONDS)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)
        self._lock = threading.Lock()
        self.latencies: list[float] = []
        self.sent = 0
        self.failed = 0
        self.error: BaseException | None = None

    def start(self) -> "Sender":
        """Begin."""
        self._thread.start()
        return self

    def is_sending(self) -> bool:
        """Tell whether messages are left to send."""
        return self._thread.is_alive()

    def stop(self) -> int:
        """Stop at once and wait for the acknowledgements; return the number of records on the broker."""
        self._over.set()
        return self.join()

    def join(self, seconds: float = 600.0) -> int:
        """Wait until all messages are acknowledged; return the number of records on the broker."""
        self._thread.join(seconds)
        assert not self._thread.is_alive(), "the sender did not end in time"
        if self.error is not None:
            raise self.error
        assert self.failed == 0, f"{self.failed} records were not acknowledged"
        return self.sent

    def abandon(self) -> None:
        """Stop without waiting for acknowledgements, because the lab ends."""
        self._over.set()
        with suppress(KafkaTimeoutError):  # records are left, and it says so; the lab's own failure is told
            self._producer.close(timeout=0)
        self._thread.join(10)

    def p99_seconds(self) -> float:
        """Return the 99th percentile of the acknowledgement times."""
        ordered = sorted(self.latencies)
        return ordered[int(0.99 * (len(ordered) - 1))] if ordered else 0.0

    def _run(self) -> None:
        try:
            began, count = time.monotonic(), 0
            while not self._over.is_set():
                due = int((time.monotonic() - began) * self._rate) - count
                if not due:
                    time.sleep(TURN_SECONDS)
                    continue
                batch = list(islice(self._messages, due))
                if not batch:
                    break
                count += self._send(iter(batch))
            self._flush()
        except BaseException as error:
            self.error = error
        finally:
            self._producer.close()

    def _flush(self) -> None:
        """Wait until every record is acknowledged or given up, by the machine's speed."""
        patience = Patience(FLUSH_SECONDS)
        while not self._is_flushed():
            if patience.is_over():
                raise TimeoutError("the last records were neither acknowledged nor given up")

    def _is_flushed(self) -> bool:
        try:
            self._producer.flush(timeout=FLUSH_TURN_SECONDS)
        except KafkaTimeoutError:
            return False
        return True

    def _send(self, batch: Iterator[Message]) -> int:
        number = 0
        for key, value in batch:
            future = self._producer.send(self._topic, key=key, value=value)
            future.add_callback(self._on_sent(time.monotonic()))
            future.add_errback(self._on_failed)
            number += 1
        return number

    def _on_sent(self, at: float) -> Callable[[Any], None]:
        def note(_: Any) -> None:
            with self._lock:
                self.sent += 1
                self.latencies.append(time.monotonic() - at)

        return note

    def _on_failed(self, _: BaseException) -> None:
        with self._lock:
            self.failed += 1
