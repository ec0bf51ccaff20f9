"""The one safe way to read a topic: chunks in, batches through a handler, fates out, then acknowledged.

Order of every batch: gather -> decode -> run (compute thread) -> write (SQL thread, one
transaction) -> acknowledge. `run` of one batch overlaps the `write` of the one before it.
"""

import asyncio
import logging
from collections.abc import Callable
from time import monotonic
from typing import Generic

from sqlalchemy import Engine
from sqlmodel import Session

from streams.consume.batches import Batches
from streams.consume.errors import Fenced
from streams.consume.records import Chunk, Computed, Handler, Item, LaneWork, Result, Slice
from streams.consume.recovery import Recovery
from streams.consume.steps import ConsumerLink, PipelineOptions, Steps
from streams.process.clock import CLOCK
from streams.process.errors import Fatal
from streams.process.metrics import Metrics

logger = logging.getLogger(__name__)

WATCH_SECONDS = 2.0
"""How often the database is asked for its time and for partitions that were resumed."""


class Pipeline(Generic[Item, Result]):
    """Run one handler over one topic. Everything but `offer` is called by the pipeline itself."""

    def __init__(
        self,
        handler: Handler[Item, Result],
        engine: Engine,
        *,
        metrics: Metrics,
        options: PipelineOptions | None = None,
    ) -> None:
        self.handler = handler
        self.options = options or PipelineOptions()
        self.steps = Steps(handler, engine, metrics=metrics, options=self.options)
        self._recovery = Recovery(self.steps)
        self._batches = Batches(
            max_records=self.options.max_records,
            max_wait_seconds=self.options.max_wait_seconds,
            on_turn=self._turn,
        )
        self._compute_lock = asyncio.Lock()
        self._idle_turn: Callable[[Session], None] | None = getattr(handler, "idle", None)
        self._idle_done: Callable[[], None] = getattr(handler, "idle_committed", lambda: None)
        self._version = 0
        self._last: asyncio.Task[None] | None = None
        self._resumed: set[int] = set()

    def bind(self, group: ConsumerLink) -> None:
        """Tell the pipeline of the consumer group it works in."""
        self.steps.group = group

    @property
    def beat(self) -> float:
        """Return when the pipeline last showed a sign of life, by the monotonic clock."""
        return self.steps.threads.beat

    @property
    def waiting_for(self) -> str | None:
        """Return the dependency that is away, if one is."""
        return self.steps.threads.waiting_for

    @property
    def paused(self) -> dict[int, str]:
        """Return why each paused partition is paused."""
        return self.steps.pauses.reasons

    async def offer(self, chunk: Chunk) -> None:
        """Take a chunk in; waits while enough work is queued."""
        self.steps.observer.arrived(chunk)
        await self._batches.offer(chunk)

    def observe_lag(self, ends: dict[int, int]) -> None:
        """Set the lag gauges of the owned partitions, given their end offsets; drop those of others."""
        self.steps.lost |= self.steps.observer.lag(ends, self.steps.lanes)

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
        """Follow the database's clock, and notice partitions that somebody resumed."""
        steps = self.steps
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            now, paused = await steps.threads.retrying(steps.threads.sql, steps.transactions.look)
            steps.observer.clock(CLOCK.follow(now).total_seconds())
            self._resumed |= steps.pauses.resumed(paused)

    async def _resume(self) -> None:
        """Go on with partitions that were paused. Only here, where no batch is under way."""
        if self._last is not None:
            await self._last
        pauses, generation = self.steps.pauses, self.steps.group.generation()
        for partition in self._resumed & set(pauses.reasons):
            lane = self.steps.lanes.get(partition)
            self._batches.put_back(pauses.resume(partition, generation, lane.next_offset if lane else None))
        self._resumed.clear()
        self.steps.announce()

    async def _cycle(self) -> None:
        batch, size = await self._batches.next()
        if not batch:
            return
        self.steps.observer.batch(size)
        version = self._version
        works, computed = await self._attempt(batch)
        if self._last is not None:
            await self._last
        if version != self._version:
            works, computed = await self._attempt(batch)
        self._last = asyncio.create_task(self._finish(batch, works, computed))

    async def _turn(self) -> bool:
        """Prove every second that an idle worker is alive; True where a partition is to be resumed."""
        threads = self.steps.threads
        threads.beat = monotonic()
        if self._last is not None and self._last.done():
            self._last.result()
        if self._last is None or self._last.done():
            await self.steps.look_into_tails()
        if self.steps.lanes.partitions() and self._idle_turn is not None:
            turn = self._idle_turn
            await threads.retrying(threads.sql, lambda: self.steps.transactions.idle(turn))
            self._idle_done()
        return bool(self._resumed)

    async def _attempt(
        self, batch: list[Slice]
    ) -> tuple[list[LaneWork[Item, Result]], Computed[Result] | None]:
        """Claim, decode and run; None where the handler raised and the batch must be taken apart.

        Behind the lock: the batch before this one may just have paused a partition, and then records
        without a fate lie before those of this batch.
        """
        async with self._compute_lock:
            works = await self.steps.prepare(batch)
            try:
                return works, await self.steps.compute(works)
            except Fatal:
                raise
            except Exception:
                logger.exception("batch failed in run", extra={"consumer_group": self.handler.group})
                return works, None

    async def _finish(
        self, batch: list[Slice], works: list[LaneWork[Item, Result]], computed: Computed[Result] | None
    ) -> None:
        if computed is None or not await self._write(works, computed):
            async with self._compute_lock:
                self._version += 1
                await self._recovery.recover(batch)
        for part in batch:
            # Only here: whoever resumes a partition finds all that was left out of a batch parked.
            if part.partition in self.steps.pauses:
                self.steps.pauses.park(part)
            elif part.is_last:
                part.chunk.ack()
                self.steps.observer.waiting.done(part.partition)
        self.steps.announce()
        self.steps.threads.beat = monotonic()

    async def _write(self, works: list[LaneWork[Item, Result]], computed: Computed[Result]) -> bool:
        """Commit a batch; False where it must be redone because it is fenced or one record breaks it."""
        try:
            await self.steps.commit(works, computed)
        except Fenced:
            self.steps.observer.fenced()
            return False
        except Fatal:
            raise
        except Exception:
            logger.exception("batch failed in write", extra={"consumer_group": self.handler.group})
            return False
        self.steps.came_through(works)
        return True
