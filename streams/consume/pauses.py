"""Partitions that wait for a person: why, and what of theirs lies ready for later."""

from collections import defaultdict
from collections.abc import Iterable

from streams.consume.limits import FailurePolicy, PartitionFailures
from streams.consume.records import Slice


class Pauses:
    """Which partitions are paused, and the slices of theirs that arrived meanwhile, in order.

    A pause is held in memory at once and stands in SQL with the batch that caused it; only then may
    its absence there mean that somebody resumed the partition. Used by one thread at a time.
    """

    def __init__(self, policy: FailurePolicy) -> None:
        self._policy = policy
        self._reasons: dict[int, str] = {}
        self._uncommitted: set[int] = set()
        self._parked: dict[int, list[Slice]] = defaultdict(list)
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
        """Pause a partition from here on; `committed` says when SQL knows."""
        self._reasons[partition] = reason
        self._uncommitted.add(partition)

    def committed(self, partitions: Iterable[int]) -> None:
        """Note that the pauses of these partitions stand in SQL."""
        self._uncommitted.difference_update(partitions)

    def drop_uncommitted(self) -> None:
        """Forget pauses whose batch was not written: it is redone, and decides again."""
        for partition in self._uncommitted:
            self._reasons.pop(partition, None)
        self._uncommitted.clear()

    def resumed(self, still_paused: Iterable[int]) -> set[int]:
        """Return the partitions whose pause somebody has ended in SQL."""
        return set(self._reasons) - self._uncommitted - set(still_paused)

    def park(self, part: Slice) -> None:
        """Keep a slice of a paused partition; bounded, as its fetching is paused."""
        self._parked[part.partition].append(part)

    def resume(self, partition: int, generation: int, next_offset: int | None) -> list[Slice]:
        """End a pause; return the slices that waited, in offset order, those of other generations left out.

        Failures are counted from `next_offset`, or from the next claim where the lane is not open.
        """
        self._reasons.pop(partition, None)
        self._failures.pop(partition, None)
        if next_offset is not None:
            self._failures[partition] = (generation, PartitionFailures(self._policy, next_offset))
        waited = [part for part in self._parked.pop(partition, []) if part.generation == generation]
        return sorted(waited, key=lambda part: part.first)

    def forget(self, partitions: Iterable[int]) -> None:
        """Forget partitions that have another owner now."""
        for partition in partitions:
            self._reasons.pop(partition, None)
            self._uncommitted.discard(partition)
            self._parked.pop(partition, None)
            self._failures.pop(partition, None)
