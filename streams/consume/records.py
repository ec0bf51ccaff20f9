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

    Its value may say as `follows` after which offset the client read it, as `end` up to which offset, and
    as `origin` where it began to read since the partition was assigned. It has no record where the client
    went over offsets at which the broker has none.
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
class Passage:
    """A chunk that nobody delivered: offsets of a partition at which the broker has no record."""

    partition: int
    generation_id: int
    value: Sequence[RawRecord] = ()
    message: Any = field(init=False)

    def __post_init__(self) -> None:
        self.message = self

    def ack(self) -> bool:
        """Do nothing: no client waits for it."""
        return True


@dataclass(slots=True)
class Slice:
    """Some records of one chunk, in order; `is_last` when the chunk is done with them.

    `follows`: the client read them right after the record below this offset; None where it does not know.
    `read_to`: the client read up to this offset and met no other record; None: up to the last record.
    """

    chunk: Chunk
    records: Sequence[RawRecord]
    is_last: bool
    follows: int | None = None
    read_to: int | None = None

    @property
    def partition(self) -> int:
        """Return the partition of all records."""
        return self.records[0].partition if self.records else int(self.chunk.message.partition)

    @property
    def first(self) -> int:
        """Return the offset of the first record; where there is none, the end."""
        return self.records[0].offset if self.records else self.end

    @property
    def end(self) -> int:
        """Return the offset after the last one that the client read."""
        return self.records[-1].offset + 1 if self.read_to is None else self.read_to

    @property
    def generation(self) -> int:
        """Return the group's generation in which the chunk was fetched."""
        return int(self.chunk.message.generation_id)

    @property
    def begin(self) -> int:
        """Return where the client began to read the partition, as far as it is known."""
        origin: int | None = getattr(self.chunk.value, "origin", None)
        first = self.first if self.records or self.follows is None else self.follows
        return first if origin is None else min(origin, first)

    def cut(self, place: int) -> "tuple[Slice, Slice]":
        """Return the first `place` records, and the others, which end the chunk where these did."""
        records, others = self.records[:place], self.records[place:]
        behind = records[-1].offset + 1 if records else self.follows
        first = Slice(self.chunk, records, False, self.follows, behind)
        return first, Slice(self.chunk, others, self.is_last, behind, self.end)


def halves(batch: Sequence[Slice]) -> tuple[list[Slice], list[Slice]]:
    """Cut a batch in two, each with half of the records, in order; neither half ends a chunk.

    Offsets without a record stay with what lies before them.
    """
    left = sum(len(part.records) for part in batch) // 2
    first: list[Slice] = []
    second: list[Slice] = []
    for part in batch:
        some, rest = part.cut(min(left, len(part.records)))
        if not left:
            second.append(rest)
        elif not rest.records:
            first.append(Slice(part.chunk, part.records, False, part.follows, part.read_to))
        else:
            first.append(some)
            second.append(rest)
        left -= len(some.records)
    for part in second:
        part.is_last = False
    return first, second


@dataclass(frozen=True, slots=True)
class Computed(Generic[Result]):
    """What `Handler.run` made of each partition's items, in order, and what the write needs besides."""

    outcomes: list[list[Result | Dropped | Failed]]
    extra: Any = None


class Handler(Protocol[Item, Result]):
    """What one consumer group does with a record; knows nothing of Faust, offsets or threads.

    The pipeline calls `decode` per record, `run` per batch in the compute thread, `write` in the
    SQL thread inside the transaction that also advances the offsets.
    """

    group: str
    topic: str
    dedupes_itself: bool
    """True where the handler's own state tells duplicates, and effects are all in the extra."""

    def decode(self, record: RawRecord) -> Item:
        """Return the validated item; raise InvalidRecord where there is none."""
        ...

    # A hot path may add decode_many(records, start): the items from `start` on, up to the first record
    # that `decode` must judge; what it returns is exactly what `decode` would.

    def identity(self, item: Item) -> tuple[str, bytes] | None:
        """Return (event id, content hash) for the dedupe row, or None where the state dedupes_itself."""
        ...

    def restore(self, session: Session, partition: int) -> None:
        """Load what the group keeps in memory for a partition just claimed, replacing what it had.

        What cannot be read is set aside, and made again by an optional `rebuild(partition, next_offset)`,
        which is called after the claim's commit and outside of any transaction.
        """
        ...

    def forget(self, partition: int) -> None:
        """Free what the group keeps in memory for a partition it lost."""
        ...

    def compute(self, work: Sequence[tuple[int, Sequence[Item]]]) -> Computed[Result]:
        """Compute the outcome of each item, per (partition, items); may raise: then one by one."""
        ...

    def write(self, session: Session, effects: Sequence[tuple[Item, Result]], extra: Any) -> None:
        """Write the effects of new items; no commit. Called again after a rollback.

        `extra` is None, and there are no effects, where `run` did not come through and records are buried.
        """
        ...

    def committed(self, effects: Sequence[tuple[Item, Result]], extra: Any) -> None:
        """Count what was written, after its commit."""
        ...


class Stateless:
    """The half of a handler that keeps nothing in memory: dedupe rows tell its duplicates."""

    dedupes_itself = False

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
    """The part of a batch that lies in one partition, in offset order.

    `holes` is how many offsets without a record lie in it; `end` is after all of it, None: after the last
    record.
    """

    lane: Lane
    records: list[RawRecord] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    item_records: list[RawRecord] = field(default_factory=list)
    failures: list[tuple[RawRecord, Failed]] = field(default_factory=list)
    pause_reason: str | None = None
    holes: int = 0
    end: int | None = None

    @property
    def next_offset(self) -> int:
        """Return the offset after it."""
        return self.records[-1].offset + 1 if self.end is None else self.end


@dataclass(slots=True)
class FateCounts:
    """How many records of a lane ended how in one transaction."""

    effects: int = 0
    duplicates: int = 0
    late: int = 0
    dead_letters: int = 0
