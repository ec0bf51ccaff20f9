"""How many dead letters a partition may yield before it pauses: then the cause is ours, not the records'."""

from bisect import bisect_left, bisect_right, insort
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
        """Note that `count` offsets in front of `end` have no record; in order, and known ones count once."""
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
        """Note a dead letter; return why the partition must pause, if it must. Known offsets count once."""
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
        """Note a record that our code failed on; return why the partition must pause, if it must."""
        self.in_a_row += 1
        if self.in_a_row < self.policy.max_in_a_row:
            return None
        return f"our code failed on {self.in_a_row} records in a row"

    def came_through(self) -> None:
        """Note a record that was handled."""
        self.in_a_row = 0
