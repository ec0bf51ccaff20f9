"""Partitions that wait for a person: when one pauses, why, and which chunks wait with it."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from streams.kafka.records import Chunk


@dataclass(frozen=True)
class FailurePolicy:
    """When a partition pauses, because then the cause is in our code and not in the records.

    It pauses when more than `max_ratio` of its last `window_records` became dead letters, or when our own
    code failed on `max_in_a_row` records in a row, each tried alone.
    """

    window_records: int = 200
    max_ratio: float = 0.5
    max_in_a_row: int = 20


MAX_HOLES = 20_000
"""How many holes are remembered: more than a batch and the window before it can have."""


@dataclass
class PartitionFailures:
    """The failures of one partition since `start`, the first offset handled after a claim or a resume.

    Records are counted, not offsets: a producer that commits each record apart leaves a hole after each.

    >>> failures = PartitionFailures(FailurePolicy(window_records=4, max_in_a_row=2), start=10)
    >>> [failures.dead_letter(offset) for offset in (10, 11, 12)]
    [None, None, None]
    >>> failures.dead_letter(13)
    '4 of the last 4 records became dead letters'
    """

    policy: FailurePolicy
    start: int
    in_a_row: int = 0
    places: list[int] = field(default_factory=list)
    _hole_ends: list[int] = field(default_factory=list, repr=False)
    _holes_before: list[int] = field(default_factory=lambda: [0], repr=False)

    def hole(self, end: int, count: int) -> None:
        """Note that the `count` offsets before `end` have no record; in order, and known holes count once."""
        if self._hole_ends and end <= self._hole_ends[-1]:
            return
        self._hole_ends.append(end)
        self._holes_before.append(self._holes_before[-1] + count)
        if len(self._hole_ends) > MAX_HOLES:
            del self._hole_ends[: MAX_HOLES // 2], self._holes_before[: MAX_HOLES // 2]

    def _place(self, offset: int) -> int:
        """Return the offset that a record would have if there were no holes since the start."""
        return offset - self._holes_before[bisect_right(self._hole_ends, offset)]

    def dead_letter(self, offset: int) -> str | None:
        """Note a dead letter; return why the partition must pause, or None. Known offsets count once."""
        place = self._place(offset)
        known = bisect_left(self.places, place)
        if known < len(self.places) and self.places[known] == place:
            return None
        insort(self.places, place)
        window = self.policy.window_records
        newest = self.places[-1]
        del self.places[: bisect_left(self.places, newest - window + 1)]
        if newest - self.start + 1 < window or len(self.places) <= window * self.policy.max_ratio:
            return None
        return f"{len(self.places)} of the last {window} records became dead letters"

    def failed_alone(self) -> str | None:
        """Note a record that our code failed on; return why the partition must pause, or None."""
        self.in_a_row += 1
        if self.in_a_row < self.policy.max_in_a_row:
            return None
        return f"our code failed on {self.in_a_row} records in a row"

    def came_through(self) -> None:
        """Note a record that was handled."""
        self.in_a_row = 0


class Pauses:
    """The paused partitions, and their chunks that arrived since, in order.

    A pause holds in memory at once. The database has it after the commit of the batch that caused it; only
    then does its absence there mean that a person resumed the partition. Used by one thread at a time.
    """

    def __init__(self, policy: FailurePolicy) -> None:
        self._policy = policy
        self._reasons: dict[int, str] = {}
        self._uncommitted: set[int] = set()
        self._parked: dict[int, list[Chunk]] = defaultdict(list)
        self._failures: dict[int, tuple[int, PartitionFailures]] = {}

    @property
    def reasons(self) -> dict[int, str]:
        """Return why each paused partition is paused."""
        return dict(self._reasons)

    def __contains__(self, partition: object) -> bool:
        return partition in self._reasons

    def opened(self, partition: int, generation: int, next_offset: int, *, paused: str | None) -> None:
        """Note a partition that was just claimed; failures are counted from 0 in each generation."""
        known = self._failures.get(partition)
        if known is None or known[0] != generation:
            self._failures[partition] = (generation, PartitionFailures(self._policy, next_offset))
            self._parked.pop(partition, None)
        if paused is None:
            self._reasons.pop(partition, None)
        else:
            self._reasons[partition] = paused
        self._uncommitted.discard(partition)

    def failures(self, partition: int) -> PartitionFailures:
        """Return the failures of a claimed partition."""
        return self._failures[partition][1]

    def hold(self, partition: int, reason: str) -> None:
        """Pause a partition from here on; `committed` reports when the database has the pause."""
        self._reasons[partition] = reason
        self._uncommitted.add(partition)

    def committed(self, partitions: Iterable[int]) -> None:
        """Note that the database has the pauses of these partitions."""
        self._uncommitted.difference_update(partitions)

    def drop_uncommitted(self) -> None:
        """Forget pauses whose batch was not written: the batch is redone and decides again."""
        for partition in self._uncommitted:
            self._reasons.pop(partition, None)
        self._uncommitted.clear()

    def resumed(self, still_paused: Iterable[int]) -> set[int]:
        """Return the partitions whose pause a person has ended in the database."""
        return set(self._reasons) - self._uncommitted - set(still_paused)

    def park(self, chunk: Chunk) -> None:
        """Keep a chunk of a paused partition; their number is bounded, because fetching is paused too."""
        self._parked[chunk.partition].append(chunk)

    def resume(self, partition: int, generation: int, next_offset: int | None) -> list[Chunk]:
        """End a pause; return the chunks of this generation that waited, in offset order.

        Failures are counted from `next_offset`, or from the next claim if it is None.
        """
        self._reasons.pop(partition, None)
        self._failures.pop(partition, None)
        if next_offset is not None:
            self._failures[partition] = (generation, PartitionFailures(self._policy, next_offset))
        waited = [chunk for chunk in self._parked.pop(partition, []) if chunk.generation == generation]
        return sorted(waited, key=lambda chunk: chunk.first_offset)

    def forget(self, partitions: Iterable[int]) -> None:
        """Forget partitions that have another owner now."""
        for partition in partitions:
            self._reasons.pop(partition, None)
            self._uncommitted.discard(partition)
            self._parked.pop(partition, None)
            self._failures.pop(partition, None)
