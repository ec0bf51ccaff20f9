"""The partitions this worker owns: epochs, next offsets, and the decoding of what arrives in them."""

from collections.abc import Iterable, Sequence
from typing import Generic

from streams.consume.errors import InvalidRecord
from streams.consume.records import Failed, Handler, Item, Lane, LaneWork, RawRecord, Result, Slice


class Lanes(Generic[Item, Result]):
    """Owned partitions by number. Used by one thread at a time (the pipeline's lock)."""

    def __init__(self, handler: Handler[Item, Result], *, max_record_bytes: int) -> None:
        self._handler = handler
        self._max_record_bytes = max_record_bytes
        self._lanes: dict[int, Lane] = {}

    def partitions(self) -> list[int]:
        """Return the partitions with a lane."""
        return list(self._lanes)

    def missing(self, batch: Sequence[Slice], generation: int) -> dict[int, int]:
        """Return the partitions of the batch to be claimed, with the first offset seen in each."""
        wanted: dict[int, int] = {}
        for part in batch:
            lane = self._lanes.get(part.partition)
            stale = lane is None or lane.generation != generation
            if part.generation == generation and stale:
                wanted.setdefault(part.partition, part.records[0].offset)
        return wanted

    def open(self, lane: Lane) -> None:
        """Start a partition that was just claimed."""
        self._lanes[lane.partition] = lane

    def get(self, partition: int) -> Lane | None:
        """Return the lane of a partition, if owned."""
        return self._lanes.get(partition)

    def forget(self, partitions: Iterable[int]) -> None:
        """Give partitions up; the next chunk of one claims it anew."""
        for partition in set(partitions):
            if self._lanes.pop(partition, None) is not None:
                self._handler.forget(partition)

    def decode(self, batch: Sequence[Slice], generation: int) -> list[LaneWork[Item, Result]]:
        """Decode what has no fate yet, per partition in offset order.

        Slices of another generation are left out: their records are redelivered to their owner.
        """
        works: dict[int, LaneWork[Item, Result]] = {}
        for part in batch:
            lane = self._lanes.get(part.partition)
            if lane is None or part.generation != generation:
                continue
            work = works.setdefault(part.partition, LaneWork(self._snapshot(lane)))
            self._decode_slice(part, lane, work)
        return [work for work in works.values() if work.records]

    def _snapshot(self, lane: Lane) -> Lane:
        return Lane(lane.partition, lane.generation, lane.epoch, lane.next_offset)

    def _decode_slice(self, part: Slice, lane: Lane, work: LaneWork[Item, Result]) -> None:
        records = part.records
        if records[0].offset < lane.next_offset:
            records = [record for record in records if record.offset >= lane.next_offset]
        if not records:
            return
        work.records += records
        lane.next_offset = records[-1].offset + 1
        decode = self._handler.decode
        for record in records:
            try:
                item = decode(self._checked(record))
            except InvalidRecord as invalid:
                work.failures.append((record, Failed(invalid.reason, invalid.error)))
            except Exception as bug:
                error = f"{type(bug).__name__} while decoding"
                work.failures.append((record, Failed("handler_error", error)))
            else:
                work.items.append(item)
                work.item_records.append(record)

    def _checked(self, record: RawRecord) -> RawRecord:
        if not record.value:
            raise InvalidRecord("empty_value", "the record has no value")
        if len(record.value) > self._max_record_bytes:
            raise InvalidRecord("too_large", f"{len(record.value)} bytes; at most {self._max_record_bytes}")
        return record
