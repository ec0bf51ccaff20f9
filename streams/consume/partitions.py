"""The partitions that this worker owns: epochs, next offsets, and the decoding of what arrives in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

from streams.consume.handler import Failed, Handler, InvalidRecord
from streams.consume.holes import EmptyRanges
from streams.consume.pauses import Pauses
from streams.kafka.records import Chunk, RawRecord

Decoded: TypeAlias = tuple[RawRecord, Any]
"""(record, item). A plain pair: a named tuple costs 0.5 µs more per record, a tenth of a usage event."""


@dataclass(slots=True)
class OwnedPartition:
    """One partition as this worker owns it: its epoch and the next offset without a fate.

    `is_paused` says that it waited for a person when it was claimed.
    """

    partition: int
    generation: int
    epoch: int
    next_offset: int
    is_paused: bool = False


@dataclass(slots=True)
class PartitionBatch:
    """The part of a batch that is in one partition, in offset order: decoded records and their outcomes."""

    owned: OwnedPartition
    """The partition before this batch: its next offset is where the batch begins."""

    records: list[RawRecord] = field(default_factory=list)
    """All records, decoded or not."""

    decoded: list[Decoded] = field(default_factory=list)
    outcomes: list[Any] = field(default_factory=list)
    """One per decoded record, in order, once the batch is computed: a result, Dropped or Failed."""

    failures: list[tuple[RawRecord, Failed]] = field(default_factory=list)
    """The records that could not be decoded."""

    pause_reason: str | None = None
    """Why the partition must pause after this batch, if it must."""

    holes: int = 0
    """How many offsets between its begin and its end have no record."""

    end: int | None = None
    """The offset after the batch; None: after the last record."""

    @property
    def partition(self) -> int:
        """Return the number of the partition."""
        return self.owned.partition

    @property
    def items(self) -> list[Any]:
        """Return the decoded items in offset order."""
        return [item for _, item in self.decoded]

    @property
    def next_offset(self) -> int:
        """Return the offset after the batch."""
        return self.records[-1].offset + 1 if self.end is None else self.end


class OwnedPartitions:
    """Owned partitions by number. Used by one thread at a time (the pipeline's lock)."""

    def __init__(
        self, handler: Handler[Any, Any, Any], pauses: Pauses, empty: EmptyRanges, *, max_record_bytes: int
    ) -> None:
        self._handler = handler
        self._pauses = pauses
        self._empty = empty
        self._max_record_bytes = max_record_bytes
        self._owned: dict[int, OwnedPartition] = {}
        self._to_rebuild: set[int] = set()
        self._redelivered = 0

    def numbers(self) -> list[int]:
        """Return the numbers of the owned partitions."""
        return list(self._owned)

    def next_offsets(self) -> dict[int, int]:
        """Return the next offset without a fate of each owned partition."""
        return {number: owned.next_offset for number, owned in self._owned.items()}

    def missing(self, chunks: Sequence[Chunk], generation: int) -> dict[int, int]:
        """Return the partitions of a batch that must be claimed, with the offset at which each begins."""
        wanted: dict[int, int] = {}
        for chunk in chunks:
            owned = self._owned.get(chunk.partition)
            stale = owned is None or owned.generation != generation
            if chunk.generation == generation and stale:
                wanted.setdefault(chunk.partition, chunk.claim_offset)
        return wanted

    def open(self, owned: OwnedPartition) -> None:
        """Start a partition that was just claimed."""
        reason = "paused before it was claimed" if owned.is_paused else None
        self._pauses.opened(owned.partition, owned.generation, owned.next_offset, paused=reason)
        self._owned[owned.partition] = owned
        self._to_rebuild.add(owned.partition)

    def rebuild(self) -> None:
        """Call the handler's `rebuild` for the partitions opened since the last call."""
        for partition in list(self._to_rebuild):
            owned = self._owned.get(partition)
            if owned is not None:
                self._handler.rebuild(partition, owned.next_offset)
            self._to_rebuild.discard(partition)

    @property
    def needs_rebuild(self) -> bool:
        """Return whether a partition was opened since the last `rebuild`."""
        return bool(self._to_rebuild)

    def forget(self, partitions: Iterable[int]) -> None:
        """Give partitions up; the next chunk of a partition claims it again."""
        for partition in set(partitions):
            if self._owned.pop(partition, None) is not None:
                self._handler.forget(partition)

    def first_holes(self, chunks: Sequence[Chunk], generation: int) -> dict[int, tuple[int, int]]:
        """Return, per partition, (begin, end) of the first range in which records may have been skipped."""
        found: dict[int, tuple[int, int]] = {}
        reached = self.next_offsets()
        for chunk in chunks:
            number = chunk.partition
            if self._owner(chunk, generation) is None or number in found:
                continue
            if self._empty.is_hole(chunk, reached[number]):
                found[number] = (reached[number], chunk.first_offset)
            reached[number] = max(reached[number], chunk.end)
        return found

    def take_redelivered(self) -> int:
        """Return how many records arrived again since the last call although they had their fate."""
        count, self._redelivered = self._redelivered, 0
        return count

    def decode(self, chunks: Sequence[Chunk], generation: int) -> list[PartitionBatch]:
        """Decode the records without a fate, per partition in offset order.

        Left out are chunks of another generation, which are redelivered to their owner; records of a paused
        partition, from the record after the one that made it pause; and records after a hole, which are read
        again together with the skipped records.
        """
        parts: dict[int, PartitionBatch] = {}
        for chunk in chunks:
            owned = self._owner(chunk, generation)
            if owned is None or self._empty.is_hole(chunk, owned.next_offset):
                continue
            part = parts.setdefault(chunk.partition, PartitionBatch(_copy(owned)))
            self._decode_chunk(chunk, owned, part)
        self._empty.clear()
        return [part for part in parts.values() if part.end is not None]

    def _owner(self, chunk: Chunk, generation: int) -> OwnedPartition | None:
        """Return the owned partition of a chunk, or None if the chunk must not be handled now."""
        if chunk.generation != generation or chunk.partition in self._pauses:
            return None
        return self._owned.get(chunk.partition)

    def _decode_chunk(self, chunk: Chunk, owned: OwnedPartition, part: PartitionBatch) -> None:
        records = chunk.records
        if records and records[0].offset < owned.next_offset:
            records = [record for record in records if record.offset >= owned.next_offset]
            self._redelivered += len(chunk.records) - len(records)
        before = chunk.first_offset - owned.next_offset
        if before > 0 and self._empty.has_none(chunk, owned.next_offset):
            part.holes += before
            self._pauses.failures(chunk.partition).hole(chunk.first_offset, before)
        if records and records[-1].offset - records[0].offset >= len(records):
            self._note_holes(chunk.partition, records)
        done = self._decode_records(records, part) if records else 0
        part.records += records[:done] if done < len(records) else records
        self._move(chunk, owned, part, records[:done] if done < len(records) else records)

    def _move(
        self, chunk: Chunk, owned: OwnedPartition, part: PartitionBatch, done: Sequence[RawRecord]
    ) -> None:
        """Move a partition past the decoded records, and count the offsets without a record among them."""
        is_whole = not done or done[-1] is chunk.records[-1]
        end = chunk.end if is_whole else done[-1].offset + 1
        begin = max(owned.next_offset, chunk.first_offset)
        if end > owned.next_offset:
            part.holes += end - begin - len(done)
            part.end = owned.next_offset = end
        if done and is_whole and end > done[-1].offset + 1:
            self._pauses.failures(chunk.partition).hole(end, end - done[-1].offset - 1)

    def _note_holes(self, partition: int, records: Sequence[RawRecord]) -> None:
        """Tell the count of failures which offsets between these records have no record."""
        failures = self._pauses.failures(partition)
        for before, after in pairwise(record.offset for record in records):
            if after > before + 1:
                failures.hole(after, after - before - 1)

    def _decode_records(self, records: Sequence[RawRecord], part: PartitionBatch) -> int:
        """Decode records; return how many: fewer than all if the partition must pause."""
        largest = max([len(record.value or b"") for record in records])
        has_fast_path = largest <= self._max_record_bytes
        place = 0
        while place < len(records):
            if has_fast_path:
                items = self._handler.decode_many(records, place)
                part.decoded += zip(records[place : place + len(items)], items, strict=True)
                place += len(items)
            if place < len(records):
                if self._decode_one(records[place], part):
                    return place + 1
                place += 1
        return len(records)

    def _decode_one(self, record: RawRecord, part: PartitionBatch) -> bool:
        """Decode a record; return True if its partition must pause after it."""
        value = record.value
        try:
            if not value or len(value) > self._max_record_bytes:
                raise _refused(value, self._max_record_bytes)
            item = self._handler.decode(record)
        except Exception as error:
            return self._failed(record, error, part)
        part.decoded.append((record, item))
        return False

    def _failed(self, record: RawRecord, error: Exception, part: PartitionBatch) -> bool:
        """Note a record that cannot be decoded; return True if its partition must pause after it."""
        if isinstance(error, InvalidRecord):
            failed = Failed(error.reason, error.error)
        else:
            failed = Failed("handler_error", f"{type(error).__name__} while decoding")
        part.failures.append((record, failed))
        part.pause_reason = self._pauses.failures(part.partition).dead_letter(record.offset)
        if part.pause_reason is not None:
            self._pauses.hold(part.partition, part.pause_reason)
        return part.pause_reason is not None


def _copy(owned: OwnedPartition) -> OwnedPartition:
    return OwnedPartition(owned.partition, owned.generation, owned.epoch, owned.next_offset)


def _refused(value: bytes | None, max_bytes: int) -> InvalidRecord:
    if not value:
        return InvalidRecord("empty_value", "the record has no value")
    return InvalidRecord("too_large", f"{len(value)} bytes; at most {max_bytes}")
