"""The link to the broker: an idempotent producer that is replaced once it stops delivering, and each fate.

It uses aiokafka, not kafka-python as elsewhere: after a record timed out while the broker was away, the
idempotent producer of kafka-python 3.0.12 never delivers or answers again. aiokafka's producer retries until
the broker is back.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError

from streams.intake.checks import Event
from streams.kafka.brokers import Broker, TopicError, refusal
from streams.kafka.partitioner import partition_of
from streams.process.backoff import Backoff
from streams.process.health import Checks, Probe, Why, beats

logger = logging.getLogger(__name__)

BATCH_BYTES: Final = 262_144
"""The largest batch of one partition."""

LINGER_MILLISECONDS: Final = 5
"""How long a batch waits for more records before it is sent."""
ASK_SECONDS: Final = 5.0
"""How often the broker is asked whether it answers."""

ASK_TIMEOUT_SECONDS: Final = 3.0
"""How long one answer may take before the broker counts as away."""

CLOSE_SECONDS: Final = 2.0
"""How long a producer may take to deliver its last records when it is closed."""

REPLACE_SECONDS: Final = 30.0
"""How long deliveries may fail, while the broker answers, before a new producer replaces the old."""

TURN_EVENTS: Final = 256
"""Events given to the producer before other requests have their turn."""

_AWAY: Final = (KafkaError, OSError, TimeoutError)


@dataclass(frozen=True)
class Delivered:
    """Indices of the events not acknowledged in time, and of the too large ones, which never will be."""

    unacknowledged: list[int]
    too_large: list[int]


class BrokerLink:
    """Connects, sends, and asks every few seconds whether the broker answers. Belongs to one event loop.

    `topics` is the number of partitions that each topic must have. Sending is idempotent and acknowledged by
    all in-sync replicas. A record that is not acknowledged in time stays with the producer and may still
    arrive: its sender was told to send it again, and readers drop the duplicate by its id.
    """

    def __init__(
        self,
        broker: Broker,
        topics: Mapping[str, int],
        *,
        ack_seconds: float,
        stall_seconds: float = 60.0,
    ) -> None:
        self.refusal: str | None = None
        self.stopping = False
        self.beat = monotonic()
        self._broker = broker
        self._topics = topics
        self._ack_seconds = ack_seconds
        self._stall_seconds = stall_seconds
        self._producer: Any = None
        self._reachable = False
        self._failing_since: float | None = None
        self._broken = asyncio.Event()

    @property
    def reachable(self) -> bool:
        """Whether the broker answered the last question or delivery."""
        return self._producer is not None and self._reachable

    def checks(self, probes: Sequence[Probe] = ()) -> Checks:
        """Return the health checks: alive while the loop turns, ready while the broker answers."""
        return Checks(beats(lambda: self.beat, stall_seconds=self._stall_seconds), self._unready, probes)

    def _unready(self) -> Why:
        """Return why the intake should get no events, or None if it should."""
        reasons: Mapping[str, bool] = {
            "stopping": self.stopping,
            "waiting for the broker": not self.reachable,
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    async def serve(self) -> None:
        """Keep a producer until cancelled; return with `refusal` set if a topic is missing or wrong."""
        backoff = Backoff(first_seconds=0.2)
        while True:
            producer = self._new_producer()
            try:
                await self._connect(producer)
                self._producer, self._reachable, backoff.attempts = producer, True, 0
                await self._watch(producer)
            except TopicError as error:
                self.refusal = str(error)
                return
            except _AWAY as error:
                logger.warning("waiting", extra={"dependency": "broker", "error": type(error).__name__})
            finally:
                self._producer = None
                await self._discard(producer)
            await asyncio.sleep(backoff.next_seconds())

    def _new_producer(self) -> Any:
        return AIOKafkaProducer(
            **self._broker.client_settings(),
            acks="all",
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            linger_ms=LINGER_MILLISECONDS,
            request_timeout_ms=int(self._ack_seconds * 1_000),
        )

    async def _connect(self, producer: Any) -> None:
        await producer.start()
        cluster = await producer.client.fetch_all_metadata()
        for topic, wanted in self._topics.items():
            found = len(cluster.partitions_for_topic(topic) or ())
            sentence = refusal(topic, found, wanted=wanted, said_by="RAPPORT_TOPIC_PARTITIONS")
            if sentence is not None:
                raise TopicError(sentence)

    async def _watch(self, producer: Any) -> None:
        """Ask the broker regularly until the producer must be replaced."""
        asking: asyncio.Task[bool] | None = None
        while not await self._broke_within(ASK_SECONDS):
            if asking is None or asking.done():
                asking = asyncio.create_task(_answers(producer))
            # aiokafka leaves a connection open if it is cancelled, so a slow question may finish.
            done, _ = await asyncio.wait({asking}, timeout=ASK_TIMEOUT_SECONDS)
            self._reachable = bool(done) and asking.result()
            since = self._failing_since
            if self._reachable and since is not None and monotonic() - since > REPLACE_SECONDS:
                break
        logger.warning("the producer delivers no more; a new one is made")

    async def _broke_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._broken.wait()
        return self._broken.is_set()

    async def _discard(self, producer: Any) -> None:
        """Close a producer in bounded time; its remaining records have failed."""
        self._broken.clear()
        self._failing_since = None
        closing = asyncio.create_task(producer.stop())
        done, _ = await asyncio.wait({closing}, timeout=CLOSE_SECONDS)
        if not done:
            # `stop` waits for records that may never be acknowledged.
            producer._message_accumulator.fail_all(KafkaTimeoutError("the producer is closed"))
            done, _ = await asyncio.wait({closing}, timeout=self._ack_seconds + CLOSE_SECONDS)
        if not done or closing.exception() is not None:
            logger.warning("a producer was not closed well")

    async def deliver(self, topic: str, events: Sequence[Event], *, settled: Callable[[], None]) -> Delivered:
        """Send events in order; return after the last acknowledgement, or after `ack_seconds`.

        `settled` is called when no record is in flight: until then the producer holds records, even though
        the answer may be out.
        """
        futures: list[asyncio.Future[Any]] = []
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._ack_seconds):
                    await self._hand_over(topic, events, futures)
                    if futures:
                        await asyncio.wait(futures)
        finally:
            self._release_after(futures, settled)
        return self._judged(futures, len(events))

    async def _hand_over(
        self, topic: str, events: Sequence[Event], futures: list[asyncio.Future[Any]]
    ) -> None:
        producer = self._producer
        for number, event in enumerate(events if producer is not None else ()):
            partition = partition_of(event.key, self._topics[topic])
            try:
                sent = await producer.send(topic, key=event.key, value=event.value, partition=partition)
            except KafkaError as error:
                sent = asyncio.get_running_loop().create_future()
                sent.set_exception(error)
            futures.append(sent)
            if not number % TURN_EVENTS:
                await asyncio.sleep(0)

    def _release_after(self, futures: Sequence[asyncio.Future[Any]], settled: Callable[[], None]) -> None:
        waiting = {future for future in futures if not future.done()}

        def settle(future: asyncio.Future[Any]) -> None:
            _error_of(future)
            waiting.discard(future)
            if not waiting:
                settled()

        for future in list(waiting):
            future.add_done_callback(settle)
        if not waiting:
            settled()

    def _judged(self, futures: Sequence[asyncio.Future[Any]], count: int) -> Delivered:
        errors = {index: _error_of(future) for index, future in enumerate(futures) if future.done()}
        acknowledged = {index for index, error in errors.items() if error is None}
        too_large = [index for index, error in errors.items() if isinstance(error, MessageSizeTooLargeError)]
        unacknowledged = [index for index in range(count) if index not in acknowledged]
        self._note(delivered=not unacknowledged, size_alone=len(too_large) == len(unacknowledged))
        # This producer retries every error that may pass, so any other failure means that it is broken.
        if len(errors) - len(acknowledged) > len(too_large):
            self._broken.set()
        return Delivered(unacknowledged, too_large)

    def _note(self, *, delivered: bool, size_alone: bool) -> None:
        if delivered or size_alone:
            self._reachable, self._failing_since = True, None
            return
        self._reachable = False
        if self._failing_since is None:
            self._failing_since = monotonic()


def _error_of(future: asyncio.Future[Any]) -> BaseException | None:
    return asyncio.CancelledError() if future.cancelled() else future.exception()


async def _answers(producer: Any) -> bool:
    """Return whether the broker serves requests; a connection alone does not prove it."""
    try:
        await producer.client.fetch_all_metadata()
    except _AWAY:
        return False
    return True
