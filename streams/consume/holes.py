"""Find skipped records: offsets between the last handled record and the next record that arrives or was read.

Transactions, compaction and deletion leave offsets without a record. Other holes mean that records were
skipped: the group's offset was set, the database was restored from a backup, or the client dropped
fetched records. The database knows which offsets have a fate; it is right, not the group's offset.
"""

from collections.abc import Mapping

from streams.kafka.link import ReadPosition
from streams.kafka.records import Chunk

TURNS_AT_REST = 5
"""After so many idle turns, of one second each, nothing that was fetched is still on its way."""


class EmptyRanges:
    """Ranges of offsets in which the broker was asked and has no record; they count for one batch."""

    def __init__(self) -> None:
        self._ranges: set[tuple[int, int, int]] = set()

    def add(self, partition: int, begin: int, end: int) -> None:
        """Note that the broker has no record of a partition from `begin` to below `end`."""
        self._ranges.add((partition, begin, end))

    def clear(self) -> None:
        """Forget all ranges."""
        self._ranges.clear()

    def is_hole(self, chunk: Chunk, next_offset: int) -> bool:
        """Tell whether there may be records between the next offset of a partition and a chunk of it."""
        return chunk.first_offset > next_offset and not self.has_none(chunk, next_offset)

    def has_none(self, chunk: Chunk, next_offset: int) -> bool:
        """Tell whether the broker is known to have no record between the next offset and a chunk.

        It is known if the client read the chunk right after the previous records, or if the broker was asked.
        """
        if chunk.previous_end is not None and chunk.previous_end <= next_offset:
            return True
        return (chunk.partition, next_offset, chunk.first_offset) in self._ranges


class RestingPartitions:
    """Tell when the end of a partition is due for a comparison with the database: repeatedly while it rests.

    A partition rests while the client stays at one position of it.

    >>> resting = RestingPartitions(turns=2)
    >>> positions = {0: ReadPosition(0, 7)}
    >>> [resting.due(positions) for _ in range(5)]
    [[], [], [0], [], [0]]
    >>> resting.due({0: ReadPosition(0, 8)})
    []
    """

    def __init__(self, turns: int = TURNS_AT_REST) -> None:
        self._turns = turns
        self._rested: dict[int, tuple[int, int]] = {}

    def due(self, positions: Mapping[int, ReadPosition]) -> list[int]:
        """Note the position of each owned partition in this turn; return the partitions to compare now."""
        rested = {}
        for partition, read in positions.items():
            position, turns = self._rested.get(partition, (None, 0))
            rested[partition] = (read.position, turns + 1 if position == read.position else 0)
        self._rested = rested
        return [partition for partition, (_, turns) in rested.items() if turns and turns % self._turns == 0]


def unhandled_range(read: ReadPosition, next_offset: int | None) -> tuple[int, int] | None:
    """Return (begin, end) of the offsets that the client read and that have no fate, or None.

    `next_offset` is the database's. It is None if the group has no row there: then all offsets since the
    first that was read have no fate.

    >>> unhandled_range(ReadPosition(0, 9), 5), unhandled_range(ReadPosition(3, 9), None)
    ((5, 9), (3, 9))
    >>> unhandled_range(ReadPosition(0, 9), 9) is None
    True
    """
    begin = read.first_read_offset if next_offset is None else next_offset
    if begin is None or begin >= read.position:
        return None
    return begin, read.position
