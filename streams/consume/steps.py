"""The steps of one batch: claim its partitions, decode, run, commit. Each may be repeated."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic

from sqlalchemy import Engine

from streams.consume.errors import Fenced
from streams.consume.fates import FateWriter, Written
from streams.consume.lanes import Lanes
from streams.consume.limits import FailurePolicy
from streams.consume.observing import Observer
from streams.consume.pauses import Pauses
from streams.consume.records import Computed, Handler, Item, LaneWork, Passage, Result, Slice
from streams.consume.tails import ReadPosition, Tails
from streams.consume.threads import Threads
from streams.consume.transaction import ClaimedLane, Transactions
from streams.process.errors import Fatal
from streams.process.metrics import Metrics

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PipelineOptions:
    """When a batch is full (by records, or when its first record waited this long), and who works."""

    max_records: int = 256
    max_wait_seconds: float = 0.05
    max_record_bytes: int = 1_000_000
    failures: FailurePolicy = field(default_factory=FailurePolicy)
    owner: str = "local"
    build: str = "dev"


async def _stay(partition: int, offset: int) -> None:
    """Do nothing: there is no group."""


@dataclass(frozen=True)
class ConsumerLink:
    """What the pipeline asks of the consumer group: its generation, and to fetch a partition or not.

    `holds` tells whether the broker has a record of a partition from one offset to below another,
    `seek` makes the next record fetched be the one at an offset, and `reads` tells where the client
    stands in each owned partition.
    """

    generation: Callable[[], int] = lambda: 0
    pause: Callable[[int], None] = lambda partition: None
    resume: Callable[[int], None] = lambda partition: None
    holds: Callable[[int, int, int], bool] = lambda partition, begin, end: False
    seek: Callable[[int, int], Awaitable[None]] = _stay
    reads: Callable[[], Mapping[int, ReadPosition]] = dict


class Steps(Generic[Item, Result]):
    """What a batch goes through, and the state it meets: lanes, pauses, threads."""

    def __init__(
        self, handler: Handler[Item, Result], engine: Engine, *, metrics: Metrics, options: PipelineOptions
    ) -> None:
        self.handler = handler
        self.group = ConsumerLink()
        self.pauses = Pauses(options.failures)
        self.lanes = Lanes(handler, self.pauses, max_record_bytes=options.max_record_bytes)
        self.tails = Tails()
        self.lost: set[int] = set()
        writer = FateWriter(handler, options.build)
        self.transactions = Transactions(engine, writer, owner=options.owner)
        self.threads = Threads(handler.group, metrics)
        self.observer = Observer(metrics, handler)

    async def prepare(self, batch: Sequence[Slice]) -> list[LaneWork[Item, Result]]:
        """Claim what is new to us and decode what is ours, has no fate yet and is not paused."""
        lost = self.lost - {part.partition for part in batch}
        self.lost.clear()
        self.lanes.forget(lost)
        self.pauses.forget(lost)
        generation = self.group.generation()
        threads = self.threads
        await self._take_over(batch, generation)
        if self.lanes.to_rebuild:
            # Reading a partition's history again takes minutes where there is much of it.
            await threads.beating(threads.retrying(threads.sql, self.lanes.rebuild))
        await self._look_into_holes(batch, generation)
        with self.observer.timed("decode"):
            works = await threads.run(threads.compute, lambda: self.lanes.decode(batch, generation))
        self.observer.redelivered(self.lanes.take_redelivered())
        self.announce()
        return works

    async def _take_over(self, batch: Sequence[Slice], generation: int) -> None:
        """Claim what is new to us and load its state; claim again where somebody else claimed meanwhile.

        Where the group has moved on by then, what is not loaded is left out: it is another worker's.
        """
        while self.group.generation() == generation and (wanted := self.lanes.missing(batch, generation)):
            claim = partial(self.transactions.claim, wanted, generation)
            claimed = await self.threads.beating(self.threads.retrying(self.threads.sql, claim))
            for one in claimed:
                await self._open(one)

    async def _open(self, claimed: ClaimedLane) -> None:
        """Load the state of a claimed partition and start it, unless it has a newer owner by then."""
        restore = partial(self.transactions.restore, claimed.lane)
        try:
            await self.threads.beating(self.threads.retrying(self.threads.sql, restore))
        except Fenced:
            self.observer.fenced()
            self.handler.forget(claimed.lane.partition)
            return
        self.lanes.open(claimed.lane, paused=claimed.paused)

    async def _look_into_holes(self, batch: Sequence[Slice], generation: int) -> None:
        """Go back to records that were left out; accept holes in which the broker has none."""
        sought: set[tuple[int, tuple[int, int]]] = set()
        while holes := self.lanes.holes(batch, generation).items() - sought:
            for partition, hole in holes:
                if await self._read_again(partition, *hole):
                    sought.add((partition, hole))
                else:
                    self.lanes.accept(partition, *hole)

    async def look_into_tails(self) -> None:
        """Go back to records that were fetched and never came, where nothing comes after them.

        Only while nothing is under way. What memory holds of such a partition is not the truth either.
        Where the broker has no record there, the partition goes on after it.
        """
        reads = self.group.reads()
        due = [partition for partition in self.tails.due(reads) if partition not in self.pauses]
        if not due:
            return
        nexts = await self.threads.retrying(self.threads.sql, self.transactions.next_offsets)
        for partition in due:
            missed = self.tails.missed(reads[partition], nexts.get(partition))
            if missed is None:
                continue
            self.lanes.forget([partition])
            if not await self._read_again(partition, *missed):
                await self._pass_over(partition, *missed)

    async def _pass_over(self, partition: int, begin: int, end: int) -> None:
        """Write that the broker has no record from `begin` to below `end`."""
        passage = Passage(partition, self.group.generation())
        works = await self.prepare([Slice(passage, (), is_last=False, follows=begin, read_to=end)])
        try:
            await self.commit(works, await self.compute(works))
        except Fenced:
            self.observer.fenced()
            self.lanes.forget([partition])

    async def _read_again(self, partition: int, begin: int, end: int) -> bool:
        """Go back to the records of a range; False where the broker has none."""
        look = partial(self.group.holds, partition, begin, end)
        if not await self.threads.beating(self.threads.retrying(self.threads.sql, look)):
            return False
        hole = {"topic": self.handler.topic, "partition": partition, "begin": begin, "end": end}
        logger.error("records were left out; they are read again", extra=hole)
        await self.group.seek(partition, begin)
        return True

    async def compute(self, works: Sequence[LaneWork[Item, Result]]) -> Computed[Result]:
        """Compute the outcomes of a batch; raises what the handler raises."""
        if not count_records(works):
            return Computed([[] for _ in works])
        work = [(one.lane.partition, one.items) for one in works]
        with self.observer.timed("run"):
            return await self.threads.retrying(
                self.threads.compute, lambda: self.handler.compute(work), may_split=count_records(works) > 1
            )

    async def commit(self, works: Sequence[LaneWork[Item, Result]], computed: Computed[Result]) -> None:
        """Write a batch in one transaction and count what became of its records.

        Raises Fenced, or what broke the transaction; Fatal for what breaks after it, as that is done.
        """
        if not works:
            return
        with self.observer.timed("write"):
            written = await self.threads.retrying(
                self.threads.sql,
                lambda: self.transactions.write(works, computed),
                may_split=count_records(works) > 1,
            )
        self.pauses.committed(work.lane.partition for work in works if work.pause_reason)
        try:
            self.handler.committed(written.effects, written.extra)
            self.observer.written(works, written)
        except Exception as error:
            raise Fatal("the batch is written but could not be counted") from error
        await self._pause_where_too_many_failed(works, written)

    async def _pause_where_too_many_failed(
        self, works: Sequence[LaneWork[Item, Result]], written: Written
    ) -> None:
        """Pause partitions whose handler or dedupe rows refused too many records, after this batch."""
        for work, offsets in zip(works, written.letter_offsets, strict=True):
            partition = work.lane.partition
            failures = self.pauses.failures(partition)
            reasons = [reason for offset in offsets if (reason := failures.dead_letter(offset))]
            if reasons and partition not in self.pauses:
                self.pauses.hold(partition, reasons[-1])
                await self.threads.retrying(
                    self.threads.sql, self.transactions.pausing(work.lane, reasons[-1])
                )
                self.pauses.committed([partition])

    def came_through(self, works: Iterable[LaneWork[Item, Any]]) -> None:
        """Note that our code did not fail on these."""
        for work in works:
            self.pauses.failures(work.lane.partition).came_through()

    def announce(self) -> None:
        """Make fetching, the gauge and the log say which partitions are paused."""
        newly, ended = self.observer.pauses(self.pauses.reasons)
        for partition in newly:
            self.group.pause(partition)
        for partition in ended:
            self.group.resume(partition)


def count_records(works: Sequence[LaneWork[Any, Any]]) -> int:
    """Return how many records a batch has."""
    return sum(len(work.records) for work in works)
