"""The steps of one batch, each of which may be repeated, and the recovery of a batch that failed."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from streams.consume.batches import halves
from streams.consume.fates import Fates, Fenced, Transactions, effects_of
from streams.consume.handler import Failed, Handler
from streams.consume.holes import EmptyRanges, RestingPartitions, unhandled_range
from streams.consume.observing import Observer
from streams.consume.partitions import OwnedPartition, OwnedPartitions, PartitionBatch
from streams.consume.pauses import Pauses
from streams.consume.threads import Threads
from streams.kafka.link import ConsumerLink
from streams.kafka.records import Chunk
from streams.process.errors import Fatal

logger = logging.getLogger(__name__)


@dataclass
class Steps:
    """Claim and decode a batch (`prepare`), `compute` its outcomes, `commit` them; in the event loop."""

    handler: Handler[Any, Any, Any]
    link: ConsumerLink
    threads: Threads
    transactions: Transactions
    partitions: OwnedPartitions
    pauses: Pauses
    empty: EmptyRanges
    observer: Observer
    resting: RestingPartitions = field(default_factory=RestingPartitions)
    lost: set[int] = field(default_factory=set)
    """Partitions that left this worker; `prepare` forgets them."""

    async def prepare(self, chunks: Sequence[Chunk]) -> list[PartitionBatch]:
        """Claim partitions that are new here; decode records without a fate that are ours and not paused."""
        lost = self.lost - {chunk.partition for chunk in chunks}
        self.lost.clear()
        self.partitions.forget(lost)
        self.pauses.forget(lost)
        generation = self.link.generation()
        await self._claim(chunks, generation)
        if self.partitions.needs_rebuild:
            # Reading the history of a partition again takes minutes if there is much of it.
            await self.threads.sql_beating(self.partitions.rebuild)
        await self._look_into_holes(chunks, generation)
        with self.observer.timed("decode"):
            parts = await self.threads.compute_once(lambda: self.partitions.decode(chunks, generation))
        self.observer.redelivered(self.partitions.take_redelivered())
        self.announce()
        return parts

    async def _claim(self, chunks: Sequence[Chunk], generation: int) -> None:
        """Claim new partitions and load their state; claim again if another worker claimed meanwhile.

        If the group's generation changed meanwhile, the rest is left out: it belongs to another worker.
        """
        while self.link.generation() == generation and (
            wanted := self.partitions.missing(chunks, generation)
        ):
            claimed = await self.threads.sql_beating(partial(self.transactions.claim, wanted, generation))
            for owned in claimed:
                await self._open(owned)

    async def _open(self, owned: OwnedPartition) -> None:
        """Load the state of a claimed partition and start it, unless it has a newer owner by then."""
        try:
            await self.threads.sql_beating(partial(self.transactions.restore, owned))
        except Fenced:
            self.observer.fenced()
            self.handler.forget(owned.partition)
            return
        self.partitions.open(owned)

    async def _look_into_holes(self, chunks: Sequence[Chunk], generation: int) -> None:
        """Go back to records that were skipped; accept holes in which the broker has none."""
        sought: set[tuple[int, tuple[int, int]]] = set()
        while holes := self.partitions.first_holes(chunks, generation).items() - sought:
            for partition, hole in holes:
                if await self._read_again(partition, *hole):
                    sought.add((partition, hole))
                else:
                    self.empty.add(partition, *hole)

    async def look_at_resting_partitions(self) -> None:
        """Go back to records that were fetched and never arrived, if nothing arrives after them.

        Called only while no batch is under way. The memory of such a partition may be wrong too, so it is
        loaded again. If the broker has no record there, the partition moves past the range.
        """
        positions = self.link.read_positions()
        due = [partition for partition in self.resting.due(positions) if partition not in self.pauses]
        if not due:
            return
        next_offsets = await self.threads.sql(self.transactions.next_offsets)
        for partition in due:
            unhandled = unhandled_range(positions[partition], next_offsets.get(partition))
            if unhandled is None:
                continue
            self.partitions.forget([partition])
            if not await self._read_again(partition, *unhandled):
                await self._pass_over(partition, *unhandled)

    async def _pass_over(self, partition: int, begin: int, end: int) -> None:
        """Write that the broker has no record from `begin` to below `end`."""
        chunk = Chunk(partition, self.link.generation(), (), end, previous_end=begin)
        parts = await self.prepare([chunk])
        try:
            await self.commit(parts, await self.compute(parts))
        except Fenced:
            self.observer.fenced()
            self.partitions.forget([partition])

    async def _read_again(self, partition: int, begin: int, end: int) -> bool:
        """Go back to the records of a range; return False if the broker has none."""
        if not await self.threads.sql_beating(partial(self.link.has_records, partition, begin, end)):
            return False
        hole = {"topic": self.handler.topic, "partition": partition, "begin": begin, "end": end}
        logger.error("records were left out; they are read again", extra=hole)
        await self.link.seek(partition, begin)
        return True

    async def compute(self, parts: Sequence[PartitionBatch]) -> Any:
        """Set the outcomes of a batch; return the handler's `extra`. Raises the handler's errors."""
        if not count_records(parts):
            return None
        work = [(part.partition, part.items) for part in parts]
        with self.observer.timed("run"):
            computed = await self.threads.compute(
                lambda: self.handler.compute(work), may_split=count_records(parts) > 1
            )
        for part, outcomes in zip(parts, computed.outcomes, strict=True):
            part.outcomes = outcomes
        return computed.extra

    async def commit(self, parts: Sequence[PartitionBatch], extra: Any) -> None:
        """Write a batch in one transaction and count the fates of its records.

        Raises Fenced, or the error that broke the transaction. An error after the commit is Fatal, because
        the batch is written.
        """
        if not parts:
            return
        with self.observer.timed("write"):
            written = await self.threads.sql(
                lambda: self.transactions.write(parts, extra), may_split=count_records(parts) > 1
            )
        self.pauses.committed(part.partition for part in parts if part.pause_reason)
        try:
            self.handler.committed(effects_of(written), extra)
            self.observer.written(written)
        except Exception as error:
            raise Fatal("the batch is written but could not be counted") from error
        for fates in written:
            await self._pause_after_failures(fates)

    async def _pause_after_failures(self, fates: Fates) -> None:
        """Pause a partition after this batch if its handler or dedupe rows refused too many records."""
        partition = fates.part.partition
        failures = self.pauses.failures(partition)
        reasons = [reason for offset in fates.pausing_offsets if (reason := failures.dead_letter(offset))]
        if reasons and partition not in self.pauses:
            self.pauses.hold(partition, reasons[-1])
            await self.threads.sql(partial(self.transactions.pause, fates.part.owned, reasons[-1]))
            self.pauses.committed([partition])

    def came_through(self, parts: Iterable[PartitionBatch]) -> None:
        """Note that our code did not fail on these records."""
        for part in parts:
            self.pauses.failures(part.partition).came_through()

    def announce(self) -> None:
        """Make fetching, the gauge and the log follow which partitions are paused."""
        newly, ended = self.observer.pauses(self.pauses.reasons)
        for partition in newly:
            self.link.pause(partition)
        for partition in ended:
            self.link.resume(partition)


@dataclass
class Recovery:
    """Redo a failed batch from the database's state, in halves, until the record at fault is alone.

    Nothing else may compute meanwhile (the pipeline's lock).
    """

    group: str
    steps: Steps
    threads: Threads
    partitions: OwnedPartitions
    pauses: Pauses
    observer: Observer

    async def recover(self, chunks: Sequence[Chunk]) -> None:
        """Give each record of a failed batch its fate; afterwards memory equals the database again."""
        self._start_over(chunks)
        await self._redo(chunks)
        # A later batch may already have changed the memory.
        self.partitions.forget(self.partitions.numbers())

    def _start_over(self, chunks: Sequence[Chunk]) -> None:
        self.pauses.drop_uncommitted()
        self.partitions.forget({chunk.partition for chunk in chunks})

    async def _redo(self, chunks: Sequence[Chunk]) -> None:
        """Redo a batch; records of another generation are left to their owner."""
        self.threads.show_life()
        while parts := await self.steps.prepare(chunks):
            try:
                await self._give_fates(parts)
            except Fenced:
                # The generation moved on, or it is still ours and the next claim returns the true offset.
                self.observer.fenced()
                self._start_over(chunks)
            except Fatal:
                raise
            except Exception:
                self._start_over(chunks)
                for half in halves(chunks):
                    await self._redo(half)
                return
            else:
                return

    async def _give_fates(self, parts: list[PartitionBatch]) -> None:
        """Compute and commit; raise the error if there is more than one record to blame for it."""
        try:
            await self.steps.commit(parts, await self.steps.compute(parts))
            self.steps.came_through(parts)
        except (Fenced, Fatal):
            raise
        except Exception as error:
            if count_records(parts) > 1:
                raise
            alone = next((part for part in parts if part.records), None)
            if alone is None:
                raise Fatal("offsets without a record cannot be passed over") from error
            logger.exception("record failed alone", extra={"consumer_group": self.group})
            await self._bury(alone, error)

    async def _bury(self, part: PartitionBatch, error: Exception) -> None:
        """Make a dead letter of the only record; pause its partition after too many in a row."""
        name = f"{type(error).__name__} in the {self.group} handler"
        part.failures += [(record, Failed("handler_error", name, attempts=2)) for record, _ in part.decoded]
        part.decoded, part.outcomes = [], []
        failures = self.pauses.failures(part.partition)
        part.pause_reason = failures.dead_letter(part.records[0].offset) or failures.failed_alone()
        if part.pause_reason is not None:
            self.pauses.hold(part.partition, part.pause_reason)
        try:
            await self.steps.commit([part], None)
        except Fenced:
            raise
        except Exception as second:
            # Nothing smaller is left to try; acknowledged without a fate the record would be lost.
            raise Fatal("a dead letter cannot be written") from second
        self.partitions.forget([part.partition])


def count_records(parts: Sequence[PartitionBatch]) -> int:
    """Return how many records a batch has."""
    return sum(len(part.records) for part in parts)
