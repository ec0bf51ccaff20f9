"""How a Faust app and a pipeline see each other: two small interfaces, so that neither imports the other."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from streams.kafka.records import Chunk


class ReadPosition(NamedTuple):
    """The first offset that the client read of a partition since its assignment, if known, and the next."""

    first_read_offset: int | None
    position: int


async def _seek_nowhere(partition: int, offset: int) -> None:
    """Do nothing: there is no consumer."""


@dataclass(frozen=True)
class ConsumerLink:
    """The calls that a pipeline makes to its consumer. The defaults describe a consumer without a connection.

    All fields but `has_records` are called in the event loop and do not block. `has_records` reads from the
    broker, must not be called where an event loop runs, and raises Unavailable if the broker is away.
    """

    generation: Callable[[], int] = lambda: 0
    """Return the generation of the consumer group."""

    pause: Callable[[int], None] = lambda partition: None
    """Stop fetching a partition."""

    resume: Callable[[int], None] = lambda partition: None
    """Fetch a partition again."""

    has_records: Callable[[int, int, int], bool] = lambda partition, begin, end: False
    """(partition, begin, end) -> whether the broker has a record from `begin` to below `end`."""

    seek: Callable[[int, int], Awaitable[None]] = _seek_nowhere
    """(partition, offset): read the partition from the offset on."""

    read_positions: Callable[[], Mapping[int, ReadPosition]] = dict
    """Return the read position of each owned partition that has one."""


class RecordPipeline(Protocol):
    """The calls that an app makes to a pipeline, all of them in the event loop."""

    @property
    def group(self) -> str:
        """Return the name of the consumer group."""
        ...

    @property
    def topic(self) -> str:
        """Return the topic that the pipeline reads."""
        ...

    @property
    def beat(self) -> float:
        """Return when the pipeline last showed a sign of life, in seconds of the monotonic clock."""
        ...

    @property
    def waiting_for(self) -> str | None:
        """Return the dependency that is away, or None."""
        ...

    @property
    def paused(self) -> Mapping[int, str]:
        """Return why each paused partition is paused."""
        ...

    def bind(self, link: ConsumerLink) -> None:
        """Give the pipeline its consumer. Called once, before `serve`."""
        ...

    async def offer(self, chunk: Chunk) -> None:
        """Take a chunk in; waits while enough work is queued."""
        ...

    async def serve(self) -> None:
        """Work until cancelled. An exception that leaves here is fatal for the process."""
        ...

    def observe_lag(self, ends: dict[int, int]) -> None:
        """Set the lag gauges, given the end offset of each owned partition."""
        ...
