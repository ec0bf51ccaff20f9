"""What the load generator is told, and what it answers. Shared with its own environment: msgspec only."""

import msgspec

from tests.benchmarks.delivery.job import Job


class Load(msgspec.Struct, frozen=True):
    """Send records `first` to `first + count` of a job's stream, at once or at a rate.

    With a `seed` the effect job's stream holds duplicates and poison. A paced load writes `start` before its
    first record and `answer` after its last.
    """

    bootstrap: str
    topic: str
    job: Job
    count: int
    first: int = 0
    rate: float | None = None
    seed: int | None = None
    start: str | None = None
    answer: str | None = None


class Sent(msgspec.Struct, frozen=True):
    """What a paced sender says of itself: seconds needed, and milliseconds that it was late."""

    seconds: float
    late_p99: float
    late_most: float
