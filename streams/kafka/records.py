"""Records as the broker has them, and chunks of them: the values that a consumer hands to a pipeline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


class RawRecord(Protocol):
    """One record as the Kafka client returns it: bytes that nobody has decoded yet.

    `timestamp` is in milliseconds since 1970.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


@dataclass(slots=True)
class Chunk:
    """Contiguous records of one partition in offset order, or a part of such a chunk.

    A chunk without a record reports offsets at which the broker has none, such as the end of a transaction.
    """

    partition: int
    generation: int
    """The generation of the consumer group in which the chunk was fetched."""

    records: Sequence[RawRecord]
    end: int
    """The offset up to which the client read: it met no record between the last one here and `end`."""

    previous_end: int | None = None
    """The offset after the last record fetched before this chunk, or None if unknown. A gap between the next
    offset of a partition and `previous_end` means that records were skipped."""

    first_read_offset: int | None = None
    """The first offset that the client read since the partition was assigned, or None if unknown."""

    acknowledge: Callable[[], object] | None = None
    """Tells the client that the whole chunk is done. None for a part that is not the last of its chunk, and
    for a chunk that no client waits for."""

    @property
    def first_offset(self) -> int:
        """Return the offset of the first record, or the end if there is no record."""
        return self.records[0].offset if self.records else self.end

    @property
    def claim_offset(self) -> int:
        """Return where a first claim of the partition begins: the oldest offset that the client read."""
        first = self.first_offset if self.records or self.previous_end is None else self.previous_end
        return first if self.first_read_offset is None else min(self.first_read_offset, first)

    def cut(self, place: int) -> "tuple[Chunk, Chunk]":
        """Split after `place` records; only the second part acknowledges the chunk."""
        records, others = self.records[:place], self.records[place:]
        middle = records[-1].offset + 1 if records else self.previous_end
        first_end = self.first_offset if middle is None else middle
        first = Chunk(
            self.partition, self.generation, records, first_end, self.previous_end, self.first_read_offset
        )
        second = Chunk(
            self.partition,
            self.generation,
            others,
            self.end,
            middle,
            self.first_read_offset,
            self.acknowledge,
        )
        return first, second
