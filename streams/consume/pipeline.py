"""The loop of a consumer group: chunks in, batches through a handler, fates out, then acknowledged.

Order of every batch: gather -> decode -> compute (compute thread) -> write (SQL thread, one
transaction) -> acknowledge. `compute` of one batch overlaps the `write` of the batch before it.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine

from streams.consume.batches import Batches
from streams.consume.fates import FateWriter, Fenced, Transactions
from streams.consume.handler import Handler
from streams.consume.holes import EmptyRanges
from streams.consume.observing import Observer
from streams.consume.partitions import OwnedPartitions, PartitionBatch
from streams.consume.pauses import FailurePolicy, Pauses
from streams.consume.steps import Recovery, Steps
from streams.consume.threads import Threads
from streams.kafka.link import ConsumerLink
from streams.kafka.records import Chunk
from streams.process.clock import CLOCK
from streams.process.errors import Fatal
from streams.process.metrics import Metrics

logger = logging.getLogger(__name__)

WATCH_SECONDS = 4.0
"""How often the database is asked for its time and for partitions that were resumed."""

ComputedParts = tuple[Sequence[PartitionBatch], Any]
"""The parts of a batch with their outcomes, and the handler's `extra`."""


@dataclass(frozen=True)
class PipelineOptions:
    """When a batch is full (by records, or when its first record waited this long), and who works."""

    max_records: int = 256
    max_wait_seconds: float = 0.05
    max_record_bytes: int = 1_000_000
    failures: FailurePolicy = field(default_factory=FailurePolicy)
    owner: str = "local"
    build: str = "dev"


class Pipeline:
    """Run one handler over one topic: `bind` it to a consumer, `serve`, and `offer` chunks."""

    def __init__(
        self,
        handler: Handler[Any, Any, Any],
        engine: Engine,
        *,
        metrics: Metrics,
        options: PipelineOptions | None = None,
    ) -> None:
        options = options or PipelineOptions()
        self.handler = handler
        self.pauses = Pauses(options.failures)
        writer = FateWriter(handler, options.build)
        self.transactions = Transactions(engine, handler, writer, owner=options.owner)
        self._threads = Threads(handler.group, metrics)
        self._observer = Observer(metrics, handler.group, handler.topic)
        self._empty = EmptyRanges()
        self._partitions = OwnedPartitions(
            handler, self.pauses, self._empty, max_record_bytes=options.max_record_bytes
        )
        self._batches = Batches(
            max_records=options.max_records,
            max_wait_seconds=options.max_wait_seconds,
            on_turn=self._turn,
        )
        self._compute_lock = asyncio.Lock()
        # An idle turn costs a transaction every second: only a handler that overrides the hook gets it.
        self._has_idle_turn = type(handler).idle is not Handler.idle
        self._version = 0
        self._last: asyncio.Task[None] | None = None
        self._resumed: set[int] = set()
        self.bind(ConsumerLink())

    def bind(self, link: ConsumerLink) -> None:
        """Give the pipeline its consumer. Called once, before `serve`."""
        self._link = link
        self.steps = Steps(
            handler=self.handler,
            link=link,
            threads=self._threads,
            transactions=self.transactions,
            partitions=self._partitions,
            pauses=self.pauses,
            empty=self._empty,
            observer=self._observer,
        )
        self._recovery = Recovery(
            group=self.group,
            steps=self.steps,
            threads=self._threads,
            partitions=self._partitions,
            pauses=self.pauses,
            observer=self._observer,
        )

    @property
    def group(self) -> str:
        """Return the name of the consumer group."""
        return self.handler.group

    @property
    def topic(self) -> str:
        """Return the topic that the pipeline reads."""
        return self.handler.topic

    @property
    def beat(self) -> float:
        """Return when the pipeline last showed a sign of life, in seconds of the monotonic clock."""
        return self._threads.beat

    @property
    def waiting_for(self) -> str | None:
        """Return the dependency that is away, or None."""
        return self._threads.waiting_for

    @property
    def paused(self) -> dict[int, str]:
        """Return why each paused partition is paused."""
        return self.pauses.reasons

    async def offer(self, chunk: Chunk) -> None:
        """Take a chunk in; waits while enough work is queued."""
        self._observer.arrived(chunk)
        await self._batches.offer(chunk)

    def observe_lag(self, ends: dict[int, int]) -> None:
        """Set the lag gauges of the owned partitions, given their end offsets; drop those of other owners."""
        self.steps.lost |= self._observer.lag(ends, self._partitions.next_offsets())

    async def serve(self) -> None:
        """Work until cancelled. An exception that leaves here is fatal for the process."""
        both = {asyncio.create_task(self._work()), asyncio.create_task(self._watch())}
        try:
            done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in both:
                task.cancel()
            await asyncio.wait(both)
            if self._last is not None:
                await asyncio.wait([self._last])

    async def _work(self) -> None:
        while True:
            if self._resumed:
                await self._resume()
            await self._cycle()

    async def _watch(self) -> None:
        """Follow the database's clock, and notice partitions that a person resumed."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            now, paused = await self._threads.sql(self.transactions.look)
            self._observer.clock(CLOCK.follow(now).total_seconds())
            self._resumed |= self.pauses.resumed(paused)

    async def _resume(self) -> None:
        """Go on with partitions that were paused. Only here, because no batch is under way."""
        if self._last is not None:
            await self._last
        generation, next_offsets = self._link.generation(), self._partitions.next_offsets()
        for partition in self._resumed & set(self.pauses.reasons):
            waited = self.pauses.resume(partition, generation, next_offsets.get(partition))
            self._batches.put_back(waited)
        self._resumed.clear()
        self.steps.announce()

    async def _cycle(self) -> None:
        """Gather and compute one batch while the batch before it is written."""
        batch, size = await self._batches.next()
        if not batch:
            return
        self._observer.batch(size)
        version = self._version
        computed = await self._attempt(batch)
        if self._last is not None:
            await self._last
        if version != self._version:
            computed = await self._attempt(batch)
        self._last = asyncio.create_task(self._finish(batch, computed))

    async def _turn(self) -> bool:
        """Show every second that an idle worker is alive; return True if a partition is to be resumed."""
        self._threads.show_life()
        if self._last is not None and self._last.done():
            self._last.result()
        if self._last is None or self._last.done():
            await self.steps.look_at_resting_partitions()
        if self._has_idle_turn and self._partitions.numbers():
            await self._threads.sql(self.transactions.idle)
            self.handler.idle_committed()
        return bool(self._resumed)

    async def _attempt(self, batch: list[Chunk]) -> ComputedParts | None:
        """Claim, decode and compute; return None if the handler raised and the batch must be taken apart.

        Under the lock: the batch before this one may just have paused a partition, and then records without a
        fate come before the records of this batch.
        """
        async with self._compute_lock:
            parts = await self.steps.prepare(batch)
            try:
                return parts, await self.steps.compute(parts)
            except Fatal:
                raise
            except Exception:
                logger.exception("batch failed in run", extra={"consumer_group": self.group})
                return None

    async def _finish(self, batch: list[Chunk], computed: ComputedParts | None) -> None:
        """Write a batch, or redo it if that fails; then acknowledge its chunks."""
        if computed is None or not await self._write(*computed):
            async with self._compute_lock:
                self._version += 1
                await self._recovery.recover(batch)
        for chunk in batch:
            # Only here: a resume then finds every chunk that a batch left out among the parked chunks.
            if chunk.partition in self.pauses:
                self.pauses.park(chunk)
            elif chunk.acknowledge is not None:
                chunk.acknowledge()
                self._observer.done(chunk.partition)
        self.steps.announce()
        self._threads.show_life()

    async def _write(self, parts: Sequence[PartitionBatch], extra: Any) -> bool:
        """Commit a batch; return False if it must be redone, because it is fenced or a record breaks it."""
        try:
            await self.steps.commit(parts, extra)
        except Fenced:
            self._observer.fenced()
            return False
        except Fatal:
            raise
        except Exception:
            logger.exception("batch failed in write", extra={"consumer_group": self.group})
            return False
        self.steps.came_through(parts)
        return True
