"""The one safe way to read a topic: chunks in, batches through a handler, fates out, then acknowledged.

Order of every batch: gather -> decode -> run (compute thread) -> write (SQL thread, one
transaction) -> acknowledge. `run` of one batch overlaps the `write` of the one before it.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, Generic, TypeVar

from sqlalchemy import Engine
from sqlmodel import Session

from streams.consume.errors import Fatal, Fenced, is_unavailable
from streams.consume.fates import FateWriter, Written, utc_now
from streams.consume.lanes import Lanes
from streams.consume.records import Chunk, Failed, Handler, Item, LaneWork, Ran, Result, Slice
from streams.consume.retry import Backoff
from streams.consume.transaction import Transactions
from streams.consume.waiting import Waiting
from streams.metrics import Metrics

logger = logging.getLogger(__name__)
T = TypeVar("T")

INTAKE_CHUNKS = 16
"""Chunks waiting in front of a batch: the backpressure."""


@dataclass(frozen=True)
class Options:
    """When a batch is full (by records, or when its first record waited this long), and who works."""

    max_records: int = 256
    max_wait_seconds: float = 0.05
    max_record_bytes: int = 1_000_000
    max_failures_in_a_row: int = 20
    owner: str = "local"
    build: str = "dev"


class Pipeline(Generic[Item, Result]):
    """Run one handler over one topic. Everything but `offer` is called by the pipeline itself."""

    def __init__(
        self,
        handler: Handler[Item, Result],
        engine: Engine,
        *,
        metrics: Metrics,
        options: Options | None = None,
    ) -> None:
        self.handler = handler
        self.metrics = metrics
        self.options = options or Options()
        self.lanes = Lanes(handler, max_record_bytes=self.options.max_record_bytes)
        writer = FateWriter(handler, self.options.build)
        self.transactions = Transactions(engine, writer, self.lanes, owner=self.options.owner)
        self.beat = monotonic()
        self.waiting_for: str | None = None
        self.waiting = Waiting()
        self.lanes_lost: set[int] = set()
        self.paused: set[int] = set()
        self._failures: Counter[int] = Counter()
        self._pause_fetching: Callable[[int], None] = lambda partition: None
        self._intake: asyncio.Queue[Chunk] = asyncio.Queue(INTAKE_CHUNKS)
        self._rest: deque[Slice] = deque()
        self._compute = ThreadPoolExecutor(1, "compute")
        self._sql = ThreadPoolExecutor(1, "sql")
        self._compute_lock = asyncio.Lock()
        self._idle_turn: Callable[[Session], None] | None = getattr(handler, "idle", None)
        self._idle_done: Callable[[], None] = getattr(handler, "idle_committed", lambda: None)
        self._version = 0
        self._last: asyncio.Task[None] | None = None
        self._current_generation: Callable[[], int] = lambda: 0

    def bind(self, current_generation: Callable[[], int], pause_fetching: Callable[[int], None]) -> None:
        """Tell the pipeline how to learn the group's current generation, and how to pause a partition."""
        self._current_generation = current_generation
        self._pause_fetching = pause_fetching

    async def offer(self, chunk: Chunk) -> None:
        """Take a chunk in; waits while enough work is queued."""
        self.waiting.arrived(chunk.value[0])
        await self._intake.put(chunk)

    @property
    def idle(self) -> bool:
        """Return whether nothing waits in front of the batches."""
        return self._intake.empty() and not self._rest

    def observe_lag(self, ends: dict[int, int]) -> None:
        """Set the lag gauges of the owned partitions, given their end offsets; drop those of others."""
        labels = (self.handler.group, self.handler.topic)
        for partition in self.waiting.lost(ends):
            self.lanes_lost.add(partition)
            for gauge in (self.metrics.lag_seconds, self.metrics.lag_records):
                gauge.remove(*labels, str(partition))
        for partition, end in ends.items():
            lane = self.lanes.get(partition)
            records = max(0, end - lane.next_offset) if lane else 0
            age = self.waiting.oldest_age_seconds(partition, utc_now().timestamp())
            self.metrics.lag_records.labels(*labels, str(partition)).set(records)
            self.metrics.lag_seconds.labels(*labels, str(partition)).set(age)

    async def serve(self) -> None:
        """Work until cancelled. An exception that leaves here is fatal for the process."""
        try:
            while True:
                await self._cycle()
        finally:
            if self._last is not None:
                await asyncio.wait([self._last])

    async def _cycle(self) -> None:
        batch = await self._gather()
        version = self._version
        works, ran = await self._attempt(batch)
        if self._last is not None:
            await self._last
        if version != self._version:
            works, ran = await self._attempt(batch)
        self._last = asyncio.create_task(self._finish(batch, works, ran))

    async def _gather(self) -> list[Slice]:
        size, batch = 0, []
        deadline = None
        while size < self.options.max_records:
            part = await self._next_slice(deadline, self.options.max_records - size)
            if part is None:
                break
            batch.append(part)
            size += len(part.records)
            deadline = deadline or monotonic() + self.options.max_wait_seconds
        self.metrics.batch_records.labels(self.handler.group).observe(size)
        return batch

    async def _next_slice(self, deadline: float | None, room: int) -> Slice | None:
        if not self._rest:
            chunk = await self._next_chunk(deadline)
            if chunk is None:
                return None
            self._rest.append(Slice(chunk, chunk.value, is_last=True))
        part = self._rest.popleft()
        if len(part.records) <= room:
            return part
        self._rest.appendleft(Slice(part.chunk, part.records[room:], is_last=True))
        return Slice(part.chunk, part.records[:room], is_last=False)

    async def _next_chunk(self, deadline: float | None) -> Chunk | None:
        while deadline is None:
            # Wakes every second so that an idle worker still proves to be alive.
            self.beat = monotonic()
            if self._last is not None and self._last.done():
                self._last.result()
            with suppress(TimeoutError):
                return await asyncio.wait_for(self._intake.get(), 1.0)
            await self._idle()
        with suppress(asyncio.QueueEmpty):
            return self._intake.get_nowait()
        with suppress(TimeoutError):
            return await asyncio.wait_for(self._intake.get(), max(0.0, deadline - monotonic()))
        return None

    async def _idle(self) -> None:
        """Give the handler a turn of its own while nothing comes, if it owns anything."""
        if self.lanes.partitions() and self._idle_turn is not None:
            turn = self._idle_turn
            await self._with_retries(self._sql, lambda: self.transactions.idle(turn))
            self._idle_done()

    async def _attempt(self, batch: list[Slice]) -> tuple[list[LaneWork[Item, Result]], Ran[Result] | None]:
        """Claim, decode and run; None where the handler raised and the batch must go one by one."""
        async with self._compute_lock:
            works = await self._prepare(batch)
            try:
                return works, await self._run(works)
            except Exception as error:
                if is_unavailable(error) or isinstance(error, Fatal):
                    raise
                logger.exception("batch failed in run", extra={"consumer_group": self.handler.group})
                return works, None

    async def _prepare(self, batch: list[Slice]) -> list[LaneWork[Item, Result]]:
        # Only here, behind the lock: the batch before this one may just have paused a partition, and then
        # records without a fate lie before those of this batch.
        batch = [part for part in batch if part.partition not in self.paused]
        self.lanes.forget(self.lanes_lost - {part.partition for part in batch})
        self.lanes_lost.clear()
        generation = self._current_generation()
        await self._with_retries(self._sql, lambda: self.transactions.claim(batch, generation))
        with self._timed("decode"):
            return await self._in_thread(self._compute, lambda: self.lanes.decode(batch, generation))

    async def _run(self, works: list[LaneWork[Item, Result]]) -> Ran[Result]:
        with self._timed("run"):
            work = [(one.lane.partition, one.items) for one in works]
            return await self._with_retries(self._compute, lambda: self.handler.run(work))

    async def _finish(
        self, batch: list[Slice], works: list[LaneWork[Item, Result]], ran: Ran[Result] | None
    ) -> None:
        done = ran is not None and await self._write(works, ran)
        if not done:
            await self._recover(batch)
        for part in batch:
            if part.is_last and part.partition not in self.paused:
                part.chunk.ack()
                self.waiting.done(part.partition)
        self.beat = monotonic()

    async def _write(self, works: list[LaneWork[Item, Result]], ran: Ran[Result]) -> bool:
        """Commit a batch; False where it must be redone because it is fenced or one record breaks it."""
        if not works:
            return True
        try:
            with self._timed("write"):
                written = await self._with_retries(self._sql, lambda: self.transactions.write(works, ran))
        except Fenced:
            self.metrics.fenced.labels(self.handler.group).inc()
            return False
        except Exception:
            logger.exception("batch failed in write", extra={"consumer_group": self.handler.group})
            return False
        self._failures.clear()
        self._observe(works, written)
        return True

    async def _recover(self, batch: list[Slice]) -> None:
        """Redo a failed batch from what SQL says, one record at a time; the culprit is buried."""
        async with self._compute_lock:
            self._version += 1
            generation = self._current_generation()
            self.lanes.forget(part.partition for part in batch)
            for part in batch:
                for record in part.records:
                    if part.partition not in self.paused:
                        await self._one(Slice(part.chunk, [record], is_last=False), generation)
            # Memory must stand where SQL stands: a later batch may already have touched it.
            self.lanes.forget(self.lanes.partitions())

    async def _one(self, part: Slice, generation: int) -> None:
        """Give one record its fate; a record of another generation is left to its owner."""
        self.beat = monotonic()
        while part.generation == generation:
            try:
                await self._one_attempt(part, generation)
                break
            except Fenced:
                self.lanes.forget([part.partition])
                generation = self._current_generation()

    async def _one_attempt(self, part: Slice, generation: int) -> None:
        await self._with_retries(self._sql, lambda: self.transactions.claim([part], generation))
        works = self.lanes.decode([part], generation)
        if not works:
            return
        try:
            ran = await self._run(works)
            written = await self._with_retries(self._sql, lambda: self.transactions.write(works, ran))
            self._failures[part.partition] = 0
        except (Fenced, Fatal):
            raise
        except Exception as error:
            logger.exception("record failed alone", extra={"consumer_group": self.handler.group})
            self._condemn(works, error)
            written = await self._with_retries(self._sql, lambda: self.transactions.bury(works))
            self.lanes.forget([part.partition])
            self._count_failure(part.partition)
        self._observe(works, written)

    def _count_failure(self, partition: int) -> None:
        """Pause a partition where one record after the other fails: that is our bug, not its records'."""
        self._failures[partition] += 1
        if self._failures[partition] < self.options.max_failures_in_a_row:
            return
        self.paused.add(partition)
        self._pause_fetching(partition)
        labels = (self.handler.group, self.handler.topic, str(partition))
        self.metrics.partition_paused.labels(*labels).set(1)
        logger.critical("partition paused", extra={"consumer_group": labels[0], "partition": partition})

    def _condemn(self, works: list[LaneWork[Item, Result]], error: Exception) -> None:
        failed = Failed(
            "handler_error", f"{type(error).__name__} in the {self.handler.group} handler", attempts=2
        )
        for work in works:
            work.failures += [(record, failed) for record in work.item_records]
            work.items, work.item_records = [], []

    async def _with_retries(self, executor: ThreadPoolExecutor, call: Callable[[], T]) -> T:
        backoff = Backoff()
        while True:
            try:
                result = await self._in_thread(executor, call)
            except Exception as error:
                if not is_unavailable(error):
                    raise
                self.waiting_for = "database"
                self.beat = monotonic()
                self.metrics.retries.labels(self.handler.group, "database").inc()
                logger.warning("waiting for the database", extra={"error": type(error).__name__})
                await asyncio.sleep(backoff.next_seconds())
            else:
                self.waiting_for = None
                return result

    async def _in_thread(self, executor: ThreadPoolExecutor, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(executor, call)

    def _timed(self, stage: str) -> Any:
        return self.metrics.stage_seconds.labels(self.handler.group, stage).time()

    def _observe(self, works: list[LaneWork[Item, Result]], written: Written) -> None:
        self.handler.committed(written.effects, written.carry)
        observe_written(self.metrics, self.handler, works, written)


def observe_written(
    metrics: Metrics, handler: Handler[Any, Any], works: list[LaneWork[Any, Any]], written: Written
) -> None:
    """Count the fates of a committed batch and the time its records took from the broker to here."""
    now = utc_now().timestamp()
    for count in written.counts:
        fates = {"effect": count.effects, "duplicate": count.duplicates, "late": count.late}
        for fate, number in {**fates, "dead_letter": count.dead_letters}.items():
            if number:
                metrics.records.labels(handler.group, handler.topic, fate).inc(number)
    for reason in written.reasons:
        metrics.dead_letters.labels(handler.group, reason).inc()
    latency = metrics.end_to_end_seconds.labels(handler.group)
    for work in works:
        # One in a hundred of a long run: observing each would cost more than handling it.
        for record in work.records[:: 1 + len(work.records) // 100]:
            latency.observe(max(0.0, now - record.timestamp / 1000))
    metrics.last_progress.labels(handler.group).set(now)
