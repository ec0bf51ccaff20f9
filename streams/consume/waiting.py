"""Since when records wait: the age of the oldest chunk of each partition that is not done."""

from collections import defaultdict, deque
from collections.abc import Container


class Waiting:
    """Timestamps of chunks in flight, per partition, in order of arrival.

    >>> waiting = Waiting()
    >>> waiting.arrived(3, 90.0)
    >>> waiting.oldest_age_seconds(3, 100.0)
    10.0
    >>> waiting.done(3)
    >>> waiting.oldest_age_seconds(3, 100.0)
    0.0
    """

    def __init__(self) -> None:
        self._since: dict[int, deque[float]] = defaultdict(deque)

    def arrived(self, partition: int, since: float) -> None:
        """Note a chunk of a partition, and since when its first record waits, in seconds since 1970."""
        self._since[partition].append(since)

    def done(self, partition: int) -> None:
        """Note that the oldest chunk of a partition is done; chunks are done in order."""
        if self._since[partition]:
            self._since[partition].popleft()

    def oldest_age_seconds(self, partition: int, now: float) -> float:
        """Return how long the oldest chunk waits, 0 where none does."""
        since = self._since[partition]
        return max(0.0, now - since[0]) if since else 0.0

    def lost(self, owned: Container[int]) -> list[int]:
        """Forget and return the partitions that are no longer owned."""
        gone = [partition for partition in self._since if partition not in owned]
        for partition in gone:
            del self._since[partition]
        return gone
