"""Bounded exponential backoff with jitter, for retries while a dependency is away."""

from dataclasses import dataclass, field
from random import Random


@dataclass
class Backoff:
    """The wait before each next attempt: it doubles up to a limit, and jitter takes off up to half of it.

    >>> backoff = Backoff(first_seconds=1, limit_seconds=4, random=Random(1))
    >>> all(backoff.next_seconds() <= 4 for _ in range(20))
    True
    """

    first_seconds: float = 0.1
    limit_seconds: float = 5.0
    random: Random = field(default_factory=Random)
    attempts: int = 0

    def next_seconds(self) -> float:
        """Return the next wait in seconds, between half of the doubled wait and all of it."""
        full = min(self.limit_seconds, self.first_seconds * 2.0 ** min(self.attempts, 30))
        self.attempts += 1
        return full * self.random.uniform(0.5, 1.0)
