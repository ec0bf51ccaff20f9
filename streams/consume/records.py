"""The values that travel through the pipeline: raw records, slices of chunks, fates, batches."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar

from sqlmodel import Session

from schemas.letters import Reason

Item = TypeVar("Item")
Result = TypeVar("Result")


class RawRecord(Protocol):
    """A record as the Kafka client hands it over: bytes, never decoded before us."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Chunk(Protocol):
    """A Faust event that carries a run of contiguous records of one partition.

    Its value may say as `follows` behind which offset the client read it, and as `origin` where it began
    to read since the partition was assigned.
    """

    value: Sequence[RawRecord]
    message: Any

    def ack(self) -> bool:
        """Mark the whole chunk as done."""
        ...


@dataclass(frozen=True, slots=True)
class Dropped:
    """No effect, by a named policy, and counted."""

    policy: Literal["duplicate", "late"]


@dataclass(frozen=True, slots=True)
class Failed:
    """A dead letter: the reason code and a sentence without the customer's text.

    `is_isolated` says that the cause lies in one account: it does not count towards a pause of the partition.
    """

    reason: Reason
    error: str
    attempts: int = 1
    is_isolated: bool = False


@dataclass(slots=True)
class Slice:
    """Some records of one chunk, in order; `is_last` when the chunk is done with them.

    `follows`: the client read them right behind the record below this offset; None where it does not know.
    """

    chunk: Chunk
    records: Sequence[RawRecord]
    is_last: bool
    follows: int | None = None

    @property
    def partition(self) -> int:
        """Return the partition of all records."""
        return self.records[0].partition

    @property
    def generation(self) -> int:
        """Return the group's generation in which the chunk was fetched."""
        return int(self.chunk.message.generation_id)

    @property
    def begin(self) -> int:
        """Return where the client began to read the partition, as far as it is known."""
        origin: int | None = getattr(self.chunk.value, "origin", None)
        first = self.records[0].offset
        return first if origin is None else min(origin, first)

    def cut(self, place: int) -> "tuple[Slice, Slice]":
        """Return the first `place` records, and the others, which end the chunk where these did."""
        first, rest = self.records[:place], self.records[place:]
        behind = first[-1].offset + 1 if first else self.follows
        return Slice(self.chunk, first, False, self.follows), Slice(self.chunk, rest, self.is_last, behind)


def halves(batch: Sequence[Slice]) -> tuple[list[Slice], list[Slice]]:
    """Cut a batch in two, each with half of the records, in order; neither half ends a chunk."""
    middle = sum(len(part.records) for part in batch) // 2
    first: list[Slice] = []
    second: list[Slice] = []
    for part in batch:
        cut = max(0, min(len(part.records), middle))
        middle -= len(part.records)
        for half, one in zip((first, second), part.cut(cut), strict=True):
            if one.records:
                half.append(Slice(one.chunk, one.records, is_last=False, follows=one.follows))
    return first, second


@dataclass(frozen=True, slots=True)
class Ran(Generic[Result]):
    """What `Handler.run` made of each partition's items, in order, and what the write needs besides."""

    outcomes: list[list[Result | Dropped | Failed]]
    carry: Any = None


class Handler(Protocol[Item, Result]):
    """What one consumer group does with a record; knows nothing of Faust, offsets or threads.

    The pipeline calls `decode` per record, `run` per batch in the compute thread, `write` in the
    SQL thread inside the transaction that also advances the offsets.
    """

    group: str
    topic: str
    dedupes: bool
    """True where the handler's own state tells duplicates, and effects are all in the carry."""

    def decode(self, record: RawRecord) -> Item:
        """Return the validated item; raise InvalidRecord where there is none."""
        ...

    # A hot path may add decode_many(records, start): the items from `start` on, up to the first record
    # that `decode` must judge; what it returns is exactly what `decode` would.

    def identity(self, item: Item) -> tuple[str, bytes] | None:
        """Return (event id, content hash) for the dedupe row, or None where the state dedupes."""
        ...

    def restore(self, session: Session, partition: int) -> None:
        """Load what the group keeps in memory for a partition just claimed, replacing what it had.

        What cannot be read is set aside, and made anew by an optional `rebuild(partition, next_offset)`,
        which is called after the claim's commit and outside of any transaction.
        """
        ...

    def forget(self, partition: int) -> None:
        """Free what the group keeps in memory for a partition it lost."""
        ...

    def run(self, work: Sequence[tuple[int, Sequence[Item]]]) -> Ran[Result]:
        """Compute the outcome of each item, per (partition, items); may raise: then one by one."""
        ...

    def write(self, session: Session, effects: Sequence[tuple[Item, Result]], carry: Any) -> None:
        """Write the effects of new items; no commit. Called again after a rollback.

        `carry` is None, and there are no effects, where `run` did not come through and records are buried.
        """
        ...

    def committed(self, effects: Sequence[tuple[Item, Result]], carry: Any) -> None:
        """Count what was written, after its commit."""
        ...


class Stateless:
    """The half of a handler that keeps nothing in memory: dedupe rows tell its duplicates."""

    dedupes = False

    def restore(self, session: Session, partition: int) -> None:
        """Keep nothing in memory."""

    def forget(self, partition: int) -> None:
        """Keep nothing in memory."""


@dataclass(slots=True)
class Lane:
    """One partition as this worker owns it: its epoch and the next offset without a fate."""

    partition: int
    generation: int
    epoch: int
    next_offset: int


@dataclass(slots=True)
class LaneWork(Generic[Item, Result]):
    """The part of a batch that lies in one partition, in offset order."""

    lane: Lane
    records: list[RawRecord] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    item_records: list[RawRecord] = field(default_factory=list)
    failures: list[tuple[RawRecord, Failed]] = field(default_factory=list)
    pause_reason: str | None = None


@dataclass(slots=True)
class Counts:
    """How many records of a lane ended how in one transaction."""

    effects: int = 0
    duplicates: int = 0
    late: int = 0
    dead_letters: int = 0
