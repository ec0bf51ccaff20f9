"""The relay: outbox rows to their topics, in order per key, marked as sent once the broker has them."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from sqlalchemy import Engine
from sqlmodel import Session

from responders.store import outbox
from streams.consume.errors import is_unavailable
from streams.consume.retry import Backoff
from streams.health import Health
from streams.kafka import Broker
from streams.metrics import Metrics

logger = logging.getLogger(__name__)

BATCH_ROWS = 1_000
IDLE_SECONDS = 0.05
OBSERVE_SECONDS = 1.0


@dataclass
class RelayState:
    """What the relay tells of itself: its last turn of the loop, and what it waits for."""

    beat: float
    waiting_for: str | None = None


class Relay:
    """Publish shard by shard; a shard's lock keeps two relays from reordering a key.

    A crash between the broker's acknowledgement and the commit publishes rows again with the same
    ids; readers drop them by id.
    """

    def __init__(self, engine: Engine, broker: Broker, *, metrics: Metrics, stall_seconds: float) -> None:
        self._engine = engine
        self._broker = broker
        self._metrics = metrics
        self._stall_seconds = stall_seconds
        self._state = RelayState(monotonic(), "broker")
        self._observed = 0.0

    def health(self) -> Health:
        """Alive while the loop turns; ready while neither broker nor database is away."""
        alive = monotonic() - self._state.beat < self._stall_seconds
        waiting = self._state.waiting_for
        reason = f"waiting for the {waiting}" if waiting else "ok"
        return Health(alive, alive and waiting is None, reason if alive else "the loop stands still")

    async def serve(self, stopping: asyncio.Event) -> None:
        """Publish until `stopping` is set; broker or database away is waited for."""
        backoff = Backoff()
        while not stopping.is_set():
            try:
                await self._with_producer(stopping)
            except Exception as error:
                if not (is_unavailable(error) or isinstance(error, KafkaError)):
                    raise
                dependency = "broker" if isinstance(error, KafkaError) else "database"
                await self._wait(dependency, error, backoff)

    async def _wait(self, dependency: str, error: Exception, backoff: Backoff) -> None:
        self._state.waiting_for, self._state.beat = dependency, monotonic()
        self._metrics.retries.labels("relay", dependency).inc()
        logger.warning("relay waits", extra={"dependency": dependency, "error": type(error).__name__})
        await asyncio.sleep(backoff.next_seconds())

    async def _with_producer(self, stopping: asyncio.Event) -> None:
        settings = self._broker.client_settings()
        producer = AIOKafkaProducer(**settings, enable_idempotence=True, acks="all", linger_ms=5)
        try:
            await producer.start()
            while not stopping.is_set():
                published = await self.publish_pending(producer)
                self._state.waiting_for, self._state.beat = None, monotonic()
                if not published:
                    await asyncio.sleep(IDLE_SECONDS)
        finally:
            await producer.stop()

    async def publish_pending(self, producer: Any) -> int:
        """Publish what waits now, each shard in one transaction; return how many records."""
        await self._observe()
        shards = await asyncio.to_thread(self._pending_shards)
        return sum([await self._publish_shard(producer, shard) for shard in shards])

    def _pending_shards(self) -> list[int]:
        with Session(self._engine) as session:
            return list(outbox.pending_shards(session))

    async def _publish_shard(self, producer: Any, shard: int) -> int:
        with Session(self._engine) as session, session.begin():
            rows = await asyncio.to_thread(self._claim, session, shard)
            sent = [
                await producer.send(
                    row.topic,
                    key=row.key,
                    value=row.value,
                    headers=[(name, value.encode()) for name, value in row.headers],
                )
                for row in rows
            ]
            await asyncio.gather(*sent)
            ids = [row.outbox_id for row in rows if row.outbox_id is not None]
            await asyncio.to_thread(outbox.mark_sent, session, ids, now=datetime.now(UTC))
        for row in rows:
            self._metrics.published.labels(row.topic).inc()
        return len(rows)

    def _claim(self, session: Session, shard: int) -> list[Any]:
        if not outbox.lock_shard(session, shard):
            return []
        rows = outbox.pending_rows(session, shard, limit=BATCH_ROWS)
        # Read now: a commit expires the instances, and the metrics still name their topics.
        session.expunge_all()
        return list(rows)

    async def _observe(self) -> None:
        if monotonic() - self._observed < OBSERVE_SECONDS:
            return
        self._observed = monotonic()
        count, oldest = await asyncio.to_thread(self._backlog)
        self._metrics.outbox_pending.set(count)
        age = (datetime.now(UTC) - oldest).total_seconds() if oldest else 0.0
        self._metrics.outbox_age.set(max(0.0, age))

    def _backlog(self) -> tuple[int, datetime | None]:
        with Session(self._engine) as session:
            return outbox.backlog(session)
