"""The partitions this worker owns: epochs, next offsets, and the decoding of what arrives in them."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Generic

from streams.consume.errors import InvalidRecord
from streams.consume.pauses import Pauses
from streams.consume.records import Failed, Handler, Item, Lane, LaneWork, RawRecord, Result, Slice

DecodeMany = Callable[[Sequence[RawRecord], int], list[Item]]


class Lanes(Generic[Item, Result]):
    """Owned partitions by number. Used by one thread at a time (the pipeline's lock)."""

    def __init__(self, handler: Handler[Item, Result], pauses: Pauses, *, max_record_bytes: int) -> None:
        self._handler = handler
        self._pauses = pauses
        self._max_record_bytes = max_record_bytes
        self._lanes: dict[int, Lane] = {}
        self.to_rebuild: set[int] = set()
        self._empty: set[tuple[int, int, int]] = set()
        self._redelivered = 0
        self._decode_many: DecodeMany[Item] | None = getattr(handler, "decode_many", None)
        self._rebuild: Callable[[int, int], None] | None = getattr(handler, "rebuild", None)

    def partitions(self) -> list[int]:
        """Return the partitions with a lane."""
        return list(self._lanes)

    def missing(self, batch: Sequence[Slice], generation: int) -> dict[int, int]:
        """Return the partitions of the batch to be claimed, with the offset at which each begins."""
        wanted: dict[int, int] = {}
        for part in batch:
            lane = self._lanes.get(part.partition)
            stale = lane is None or lane.generation != generation
            if part.generation == generation and stale:
                wanted.setdefault(part.partition, part.begin)
        return wanted

    def open(self, lane: Lane, *, paused: bool = False) -> None:
        """Start a partition that was just claimed."""
        reason = "paused before it was claimed" if paused else None
        self._pauses.opened(lane.partition, lane.generation, lane.next_offset, paused=reason)
        self._lanes[lane.partition] = lane
        if self._rebuild is not None:
            self.to_rebuild.add(lane.partition)

    def rebuild(self) -> None:
        """Let the handler make again what it could not load of the partitions opened since the last call."""
        for partition in list(self.to_rebuild):
            lane = self._lanes.get(partition)
            if lane is not None and self._rebuild is not None:
                self._rebuild(partition, lane.next_offset)
            self.to_rebuild.discard(partition)

    def holes(self, batch: Sequence[Slice], generation: int) -> dict[int, tuple[int, int]]:
        """Return, per partition, the first run of offsets that `decode` would find left out, if any.

        SQL is the truth, not the group's offset: that may be ahead because somebody set it, because the
        database was restored from a backup, or because a client dropped what it had fetched.
        """
        found: dict[int, tuple[int, int]] = {}
        nexts: dict[int, int] = {}
        for part in batch:
            lane = self._ours(part, generation)
            if lane is None or part.partition in found:
                continue
            next_offset = nexts.get(part.partition, lane.next_offset)
            if self._is_hole(part, next_offset):
                found[part.partition] = (next_offset, part.first)
            nexts[part.partition] = max(next_offset, part.end)
        return found

    def accept(self, partition: int, begin: int, end: int) -> None:
        """Let the next `decode` pass over offsets at which the broker has no record."""
        self._empty.add((partition, begin, end))

    def _is_hole(self, part: Slice, next_offset: int) -> bool:
        """Tell whether records may lie between the next offset and a slice.

        Transactions, compaction and deletion leave offsets without a record.
        """
        return part.first > next_offset and not self._has_no_records(part, next_offset)

    def _has_no_records(self, part: Slice, next_offset: int) -> bool:
        """Tell whether it is known that the broker has no record between the next offset and a slice.

        It is where the client read the slice right after what came before, or where the broker was asked.
        """
        if part.follows is not None and part.follows <= next_offset:
            return True
        return (part.partition, next_offset, part.first) in self._empty

    def _ours(self, part: Slice, generation: int) -> Lane | None:
        if part.generation != generation or part.partition in self._pauses:
            return None
        return self._lanes.get(part.partition)

    def take_redelivered(self) -> int:
        """Return how many records came again since the last call and had their fate already."""
        count, self._redelivered = self._redelivered, 0
        return count

    def get(self, partition: int) -> Lane | None:
        """Return the lane of a partition, if owned."""
        return self._lanes.get(partition)

    def forget(self, partitions: Iterable[int]) -> None:
        """Give partitions up; the next chunk of one claims it again."""
        for partition in set(partitions):
            if self._lanes.pop(partition, None) is not None:
                self._handler.forget(partition)

    def decode(self, batch: Sequence[Slice], generation: int) -> list[LaneWork[Item, Result]]:
        """Decode what has no fate yet, per partition in offset order.

        Slices of another generation are left out: their records are redelivered to their owner. So
        is what belongs to a paused partition, from the record on that made it pause, and what lies
        after a hole: it is read again with what lies in it.
        """
        works: dict[int, LaneWork[Item, Result]] = {}
        for part in batch:
            lane = self._ours(part, generation)
            if lane is None or self._is_hole(part, lane.next_offset):
                continue
            work = works.setdefault(part.partition, LaneWork(self._snapshot(lane)))
            self._decode_slice(part, lane, work)
        self._empty.clear()
        return [work for work in works.values() if work.end is not None]

    def _snapshot(self, lane: Lane) -> Lane:
        return Lane(lane.partition, lane.generation, lane.epoch, lane.next_offset)

    def _decode_slice(self, part: Slice, lane: Lane, work: LaneWork[Item, Result]) -> None:
        records = part.records
        if records and records[0].offset < lane.next_offset:
            records = [record for record in records if record.offset >= lane.next_offset]
            self._redelivered += len(part.records) - len(records)
        before = part.first - lane.next_offset
        if before > 0 and self._has_no_records(part, lane.next_offset):
            work.holes += before
            self._pauses.failures(part.partition).hole(part.first, before)
        if records and records[-1].offset - records[0].offset >= len(records):
            self._note_holes(part.partition, records)
        done = self._decode_records(records, work) if records else 0
        work.records += records[:done] if done < len(records) else records
        self._move(part, lane, work, records, done)

    def _move(
        self, part: Slice, lane: Lane, work: LaneWork[Item, Result], records: Sequence[RawRecord], done: int
    ) -> None:
        """Move a lane past what was decoded of a slice, and count the offsets without a record in it."""
        end = part.end if done == len(records) else records[done - 1].offset + 1
        begin = max(lane.next_offset, part.first)
        if end > lane.next_offset:
            work.holes += end - begin - done
            work.end = lane.next_offset = end
        if done and done == len(records) and end > records[-1].offset + 1:
            self._pauses.failures(part.partition).hole(end, end - records[-1].offset - 1)

    def _note_holes(self, partition: int, records: Sequence[RawRecord]) -> None:
        """Tell the count of failures which offsets between these records have no record."""
        failures = self._pauses.failures(partition)
        for before, after in pairwise(record.offset for record in records):
            if after > before + 1:
                failures.hole(after, after - before - 1)

    def _decode_records(self, records: Sequence[RawRecord], work: LaneWork[Item, Result]) -> int:
        """Decode records; return how many, fewer than there are where the partition must pause."""
        largest = max([len(record.value or b"") for record in records])
        many = self._decode_many if largest <= self._max_record_bytes else None
        place = 0
        while place < len(records):
            if many is not None:
                good = many(records, place)
                work.items += good
                work.item_records += records[place : place + len(good)]
                place += len(good)
            if place < len(records):
                if self._decode_one(records[place], work):
                    return place + 1
                place += 1
        return len(records)

    def _decode_one(self, record: RawRecord, work: LaneWork[Item, Result]) -> bool:
        """Decode a record; True where its partition must pause after it."""
        value = record.value
        try:
            if not value or len(value) > self._max_record_bytes:
                raise _refused(value, self._max_record_bytes)
            item = self._handler.decode(record)
        except Exception as error:
            return self._failed(record, error, work)
        work.items.append(item)
        work.item_records.append(record)
        return False

    def _failed(self, record: RawRecord, error: Exception, work: LaneWork[Item, Result]) -> bool:
        """Note a record that cannot be decoded; True where its partition must pause after it."""
        if isinstance(error, InvalidRecord):
            failed = Failed(error.reason, error.error)
        else:
            failed = Failed("handler_error", f"{type(error).__name__} while decoding")
        work.failures.append((record, failed))
        partition = work.lane.partition
        work.pause_reason = self._pauses.failures(partition).dead_letter(record.offset)
        if work.pause_reason is not None:
            self._pauses.hold(partition, work.pause_reason)
        return work.pause_reason is not None


def _refused(value: bytes | None, max_bytes: int) -> InvalidRecord:
    if not value:
        return InvalidRecord("empty_value", "the record has no value")
    return InvalidRecord("too_large", f"{len(value)} bytes; at most {max_bytes}")
