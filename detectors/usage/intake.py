"""Open buckets: events counted but not yet judged, and their ids."""

from hashlib import blake2b
from typing import Final

MICRO: Final = 1_000_000
"""Parts of one event in which quantities are summed: sums of integers are exact in any order."""

OTHER: Final = "other"
"""The kind under which the kinds beyond `max_open_kinds` are counted."""

MOST: Final = 2**62
"""The highest sum that a bucket gives, in millionths: it fits a signed 64-bit integer."""


class OpenBucket:
    """Counts of one bucket that still takes events, in millionths."""

    __slots__ = ("failed", "ids", "kinds")

    def __init__(self) -> None:
        self.kinds: dict[str, int] = {}
        self.failed = 0
        self.ids: set[bytes] = set()

    def activity(self) -> float:
        """Return the sum of the quantities that did not fail."""
        return min(sum(self.kinds.values()), MOST) / MICRO

    def count(self, kind: str) -> float:
        """Return the sum of the quantities of one kind that did not fail."""
        return min(self.kinds.get(kind, 0), MOST) / MICRO

    def errors(self) -> float:
        """Return the sum of the quantities that failed."""
        return min(self.failed, MOST) / MICRO


def fingerprint(event_id: str) -> bytes:
    """Return 8 bytes that identify an event id, the same in every process.

    >>> fingerprint("e-1") == fingerprint("e-1"), len(fingerprint("e-1"))
    (True, 8)
    """
    return blake2b(event_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
