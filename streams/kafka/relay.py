"""The relay: publish outbox rows to their topics in order per key, then mark them as sent."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from sqlalchemy import Engine
from sqlmodel import Session

from responders.store import outbox
from responders.store.notify import OUTBOX_CHANNEL, ListenerCallbacks, listen
from responders.store.outbox import ALL_TOPICS, TopicFilter
from streams.kafka.brokers import Broker
from streams.process.backoff import Backoff
from streams.process.clock import utc_now
from streams.process.errors import is_unavailable, sqlstate_of
from streams.process.health import Checks, Probe, Why, beats
from streams.process.metrics import Metrics

logger = logging.getLogger(__name__)

BATCH_ROWS = 1_000
"""Rows of a shard that one transaction publishes, at most."""

FALLBACK_SECONDS = 1.0
"""How often an idle relay reads the outbox without a notification: a notification may be lost."""

OBSERVE_SECONDS = 1.0
"""How often the size and the age of the outbox are measured."""

REQUEST_SECONDS = 8.0
"""How long the broker may take for a record: less than the database allows an idle transaction."""

CLOSE_SECONDS = 3.0
"""How long records in flight may take when the producer is closed."""

PROBE_SECONDS = 2.0
"""How long a topic that refused records may delay the others when it is tried again."""


@dataclass
class RelayState:
    """The state that health checks read: the last turn of the loop, and the dependency that is away."""

    beat: float
    waiting_for: str | None = None


@dataclass
class Block:
    """A topic that refused records; the wait before the next try grows with each failure."""

    backoff: Backoff = field(default_factory=lambda: Backoff(first_seconds=1.0, limit_seconds=30.0))
    not_before: float = 0.0

    def failed(self) -> None:
        """Count one more failure and set the time of the next try."""
        self.not_before = monotonic() + self.backoff.next_seconds()


@dataclass
class Sent:
    """The published rows of one topic, in order, and the error of the first row that failed, if any."""

    rows: list[Any] = field(default_factory=list)
    error: BaseException | None = None


class Relay:
    """Publishes shard by shard; a shard's lock keeps two relays from reordering a key.

    A topic that refuses records is set aside and probed, so that the others continue. A crash between the
    broker's acknowledgement and the commit publishes rows again with the same ids; readers drop them by id.
    """

    def __init__(self, engine: Engine, broker: Broker, *, metrics: Metrics, stall_seconds: float) -> None:
        self._engine = engine
        self._broker = broker
        self._metrics = metrics
        self._stall_seconds = stall_seconds
        self._state = RelayState(monotonic(), "broker")
        self._blocked: dict[str, Block] = {}
        self._renew = False
        self._observed = 0.0
        self._woken = asyncio.Event()

    def checks(self, probes: Sequence[Probe] = ()) -> Checks:
        """Return the health checks: alive while the loop turns, ready while every topic takes records."""
        return Checks(
            beats(lambda: self._state.beat, stall_seconds=self._stall_seconds), self._unready, probes
        )

    def _unready(self) -> Why:
        """Return why the relay does not publish, or None if it does."""
        if self._state.waiting_for is not None:
            return f"waiting for the {self._state.waiting_for}"
        blocked = ", ".join(sorted(self._blocked))
        return f"cannot publish to {blocked}" if blocked else None

    async def serve(self, stopping: asyncio.Event) -> None:
        """Publish until `stopping` is set; wait while broker or database are away."""
        listening = asyncio.create_task(self._listen())
        try:
            await self._serve(stopping)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self) -> None:
        """Wake the relay after each commit to the outbox, and once after each connection."""

        def wake(_payload: str = "") -> None:
            self._woken.set()

        await listen(self._engine, OUTBOX_CHANNEL, ListenerCallbacks(wake, connected=wake))

    async def _serve(self, stopping: asyncio.Event) -> None:
        backoff = Backoff()
        while not stopping.is_set():
            try:
                await self._with_producer(stopping, backoff)
            except Exception as error:
                if not (is_unavailable(error) or isinstance(error, KafkaError)):
                    raise
                dependency = "broker" if isinstance(error, KafkaError) else "database"
                await self._wait(dependency, error, backoff.next_seconds(), stopping)

    async def _wait(self, dependency: str, error: Exception, seconds: float, stopping: asyncio.Event) -> None:
        self._state.waiting_for, self._state.beat = dependency, monotonic()
        self._metrics.retries.labels("relay", dependency).inc()
        details = {"dependency": dependency, "error": type(error).__name__, "sqlstate": sqlstate_of(error)}
        logger.warning("relay waits", extra=details)
        await _pause(seconds, stopping)

    async def _with_producer(self, stopping: asyncio.Event, backoff: Backoff) -> None:
        producer = AIOKafkaProducer(
            **self._broker.client_settings(),
            enable_idempotence=True,
            acks="all",
            linger_ms=5,
            request_timeout_ms=round(REQUEST_SECONDS * 1_000),
        )
        try:
            await producer.start()
            self._renew = False
            # A refused record leaves a gap in an idempotent producer's sequence: the broker would refuse all
            # later records of its partition, and aiokafka would retry for ever.
            while not (stopping.is_set() or self._renew):
                self._woken.clear()
                published = await self.publish_pending(producer)
                self._state.waiting_for, self._state.beat = None, monotonic()
                backoff.attempts = 0
                if not published:
                    await _first_of(stopping, self._woken, seconds=FALLBACK_SECONDS)
        finally:
            await _close(producer)

    async def publish_pending(self, producer: Any) -> int:
        """Publish the waiting rows, each shard in one transaction; return how many records."""
        await self._observe()
        topics = TopicFilter(without=tuple(self._blocked))
        shards = await asyncio.to_thread(self._pending_shards, topics)
        published = 0
        for shard in shards:
            published += await self._publish_shard(producer, shard, topics)
            self._state.beat = monotonic()
            if self._renew:
                # The topic would delay each further shard for the same time again.
                return published
        for topic, block in list(self._blocked.items()):
            if monotonic() >= block.not_before:
                published += await self._probe(producer, topic)
        return published

    async def _probe(self, producer: Any, topic: str) -> int:
        """Try one row of a topic that refused records; after a success the topic is published as usual."""
        topics = TopicFilter(only=topic)
        shards = await asyncio.to_thread(self._pending_shards, topics)
        published = await self._publish_shard(producer, shards[0], topics, limit=1) if shards else 1
        if published:
            self._blocked.pop(topic, None)
        return published

    def _pending_shards(self, topics: TopicFilter) -> list[int]:
        with Session(self._engine) as session:
            return list(outbox.pending_shards(session, topics))

    async def _publish_shard(
        self, producer: Any, shard: int, topics: TopicFilter = ALL_TOPICS, *, limit: int = BATCH_ROWS
    ) -> int:
        session = Session(self._engine)
        try:
            rows = await asyncio.to_thread(self._claim, session, shard, topics, limit)
            by_topic: dict[str, list[Any]] = defaultdict(list)
            for row in rows:
                by_topic[row.topic].append(row)
            timeout = PROBE_SECONDS if topics.only else REQUEST_SECONDS
            sends = [_send(producer, topic_rows, timeout) for topic_rows in by_topic.values()]
            sent = dict(zip(by_topic, await asyncio.gather(*sends), strict=True))
            await asyncio.to_thread(
                _conclude, session, [row for topic in sent.values() for row in topic.rows]
            )
        except BaseException:
            await asyncio.to_thread(session.rollback)
            raise
        finally:
            await asyncio.to_thread(session.close)
        for topic, result in sent.items():
            self._note(topic, result)
        return sum(len(result.rows) for result in sent.values())

    def _claim(self, session: Session, shard: int, topics: TopicFilter, limit: int) -> list[Any]:
        if not outbox.lock_shard(session, shard):
            return []
        rows = outbox.pending_rows(session, shard, limit=limit, topics=topics)
        # Detach the rows: a commit expires the instances, and the metrics still need their topics.
        session.expunge_all()
        return list(rows)

    def _note(self, topic: str, sent: Sent) -> None:
        self._metrics.published.labels(topic).inc(len(sent.rows))
        if sent.error is None:
            return
        self._renew = True
        self._blocked.setdefault(topic, Block()).failed()
        self._metrics.retries.labels("relay", "broker").inc()
        error = type(sent.error).__name__
        logger.error("a topic takes no records", extra={"topic": topic, "error": error})

    async def _observe(self) -> None:
        if monotonic() - self._observed < OBSERVE_SECONDS:
            return
        self._observed = monotonic()
        count, oldest = await asyncio.to_thread(self._backlog)
        self._metrics.outbox_pending.set(count)
        age = (utc_now() - oldest).total_seconds() if oldest else 0.0
        self._metrics.outbox_age.set(max(0.0, age))

    def _backlog(self) -> tuple[int, Any]:
        with Session(self._engine) as session:
            return outbox.backlog(session)


async def _send(producer: Any, rows: Sequence[Any], timeout_seconds: float) -> Sent:
    """Send rows of one topic; to keep the order, rows after the first failure count as not sent."""
    sent, answers = Sent(), []
    try:
        async with asyncio.timeout(timeout_seconds):
            for row in rows:
                headers = [(name, value.encode()) for name, value in row.headers]
                answers.append(await producer.send(row.topic, key=row.key, value=row.value, headers=headers))
            await asyncio.wait(answers)
    except (KafkaError, TimeoutError) as error:
        sent.error = error
    in_order = True
    for row, answer in zip(rows, answers, strict=False):
        failure = answer.exception() if answer.done() else sent.error
        in_order = in_order and failure is None
        if in_order:
            sent.rows.append(row)
        sent.error = sent.error or failure
    return sent


async def _close(producer: Any) -> None:
    """Close a producer after its last records, or without them if the broker does not take them."""
    stop = asyncio.create_task(producer.stop())
    await asyncio.wait({stop}, timeout=CLOSE_SECONDS)
    sender = producer._sender
    if not stop.done() and sender is not None and sender.sender_task is not None:
        sender.sender_task.cancel()
    await stop


def _conclude(session: Session, rows: Sequence[Any]) -> None:
    ids = [row.outbox_id for row in rows]
    outbox.mark_sent(session, ids, now=utc_now())
    session.commit()


async def _first_of(*events: asyncio.Event, seconds: float) -> None:
    """Wait for one of the events, at most `seconds`."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()


async def _pause(seconds: float, stopping: asyncio.Event) -> None:
    """Wait for `seconds`, but return at once when the relay must stop."""
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
