"""How many dead letters a partition may yield before it pauses: then the cause is ours, not the records'."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field


@dataclass(frozen=True)
class FailurePolicy:
    """When a partition pauses: too large a share of its last records failed, or too many in a row.

    It pauses when more than `max_ratio` of its last `window_records` became dead letters, or when our own
    code failed on `max_in_a_row` records one after the other, each tried alone.
    """

    window_records: int = 200
    max_ratio: float = 0.5
    max_in_a_row: int = 20


@dataclass
class PartitionFailures:
    """The failures of one partition since `start`, the first offset handled after a claim or a resume.

    >>> failures = PartitionFailures(FailurePolicy(window_records=4, max_in_a_row=2), start=10)
    >>> [failures.dead_letter(offset) for offset in (10, 11, 12)]
    [None, None, None]
    >>> failures.dead_letter(13)
    '4 of the last 4 records became dead letters'
    """

    policy: FailurePolicy
    start: int
    in_a_row: int = 0
    offsets: list[int] = field(default_factory=list)

    def dead_letter(self, offset: int) -> str | None:
        """Note a dead letter; return why the partition must pause, if it must. Known offsets count once."""
        place = bisect_left(self.offsets, offset)
        if place < len(self.offsets) and self.offsets[place] == offset:
            return None
        insort(self.offsets, offset)
        window = self.policy.window_records
        newest = self.offsets[-1]
        del self.offsets[: bisect_left(self.offsets, newest - window + 1)]
        if newest - self.start + 1 < window or len(self.offsets) <= window * self.policy.max_ratio:
            return None
        return f"{len(self.offsets)} of the last {window} records became dead letters"

    def failed_alone(self) -> str | None:
        """Note a record that our code failed on; return why the partition must pause, if it must."""
        self.in_a_row += 1
        if self.in_a_row < self.policy.max_in_a_row:
            return None
        return f"our code failed on {self.in_a_row} records in a row"

    def came_through(self) -> None:
        """Note a record that was handled."""
        self.in_a_row = 0
