"""The order to the load generator and its answer; its own environment has only msgspec."""

import msgspec

from tests.benchmarks.delivery.job import Job


class Load(msgspec.Struct, frozen=True):
    """Send records `first` to `first + count` of a job's stream, at once or at a rate.

    With a `seed` the stream of the effect job has duplicates and poison. A paced load writes the file `start`
    before its first record and the file `answer` after its last.
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
    """The report of a paced sender: the seconds it needed, and the milliseconds that it was late."""

    seconds: float
    late_p99: float
    late_most: float
