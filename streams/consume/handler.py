"""The contract between a consumer group and the pipeline: every hook of a handler, and when it is called."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from sqlmodel import Session

from schemas.letters import Reason
from streams.kafka.records import RawRecord
from streams.process.errors import ServiceError

Item = TypeVar("Item")
Result = TypeVar("Result")
Extra = TypeVar("Extra")


class InvalidRecord(ServiceError):
    """The record can never be handled; `reason` is the code of its dead letter."""

    def __init__(self, reason: Reason, error: str) -> None:
        super().__init__(error)
        self.reason: Reason = reason
        self.error = error


@dataclass(frozen=True, slots=True)
class Dropped:
    """An outcome: no effect, by a named policy, and counted."""

    policy: Literal["duplicate", "late"]


@dataclass(frozen=True, slots=True)
class Failed:
    """An outcome: a dead letter with a reason code and a sentence that quotes nothing of the customer.

    `is_isolated` says that the cause is in one account: it does not count towards a pause of the partition.
    """

    reason: Reason
    error: str
    attempts: int = 1
    is_isolated: bool = False


@dataclass(frozen=True, slots=True)
class Computed(Generic[Result, Extra]):
    """The answer of `Handler.compute`.

    `outcomes` has one list per partition of the work, in its order, with one outcome per item. `extra` is
    whatever `write` and `committed` need in addition to the effects.
    """

    outcomes: list[list[Result | Dropped | Failed]]
    extra: Extra | None = None


class Handler(ABC, Generic[Item, Result, Extra]):
    """Turn the records of one topic into effects, for one consumer group.

    A handler knows nothing of Faust, offsets or threads: the pipeline calls its hooks, each from one thread
    at a time. Hooks of the compute thread and hooks of the SQL thread run at the same time: `compute` of a
    batch overlaps `write` of the batch before. The hooks of one batch are called in the order of this class;
    after a failure the batch is decoded, computed and written again, whole or in halves.

    Three kinds of exceptions mean the same in `restore`, `rebuild`, `compute`, `write` and `idle`:
    - a dependency is away (`streams.process.errors.is_unavailable`): the pipeline waits and calls again;
    - Fatal: the process ends at once, and nothing is acknowledged;
    - any other exception: in `compute` and `write` the batch is taken apart until one record is left, which
      becomes a dead letter (`handler_error`). In the other hooks the exception ends the process.

    A subclass marks each hook with `typing_extensions.override`, so that mypy refuses a misspelt name.
    """

    group: str
    """The consumer group, as in metrics and in the database."""

    topic: str
    """The topic that the handler reads."""

    dedupes_itself: bool = False
    """True if the handler's own state recognises duplicates, and everything to write is in `extra`. The
    pipeline then writes no dedupe rows, does not call `identity`, and may pass no effects."""

    def restore(self, session: Session, partition: int) -> None:
        """Load the memory of a partition that was just claimed, and replace its old memory. Default: nothing.

        SQL thread, in a transaction of one moment (REPEATABLE READ). May block on SQL; no commit. A state
        that cannot be read is set aside here and made again by `rebuild`.
        """

    def rebuild(self, partition: int, next_offset: int) -> None:
        """Make states that `restore` could not load from the records below `next_offset`. Default: nothing.

        SQL thread, after the commit of `restore` and outside any transaction. May block for minutes.
        """

    def forget(self, partition: int) -> None:
        """Free the memory of a partition that was lost or must be loaded again. Default: nothing.

        Event loop, while nothing is computed. Must not block; an exception ends the process.
        """

    @abstractmethod
    def decode(self, record: RawRecord) -> Item:
        """Return the validated item of a record.

        Compute thread. Must not wait for I/O. Raises InvalidRecord for a record that becomes a dead letter;
        any other exception makes it a dead letter too (`handler_error`).
        """

    def decode_many(self, records: Sequence[RawRecord], start: int) -> list[Item]:
        """Return the items from place `start` on, up to the first record that `decode` must judge.

        A faster `decode` for a hot path: both return the same items. Default: no item. Compute thread. Must
        not block; an exception ends the process.
        """
        return []

    @abstractmethod
    def compute(self, work: Sequence[tuple[int, Sequence[Item]]]) -> Computed[Result, Extra]:
        """Return the outcome of each item, given (partition, items in offset order) per partition.

        Compute thread, outside any transaction. May block.
        """

    @abstractmethod
    def identity(self, item: Item) -> tuple[str, bytes] | None:
        """Return (event id, content hash) for the dedupe row of an item, or None for an item without one.

        SQL thread, in the transaction of `write`. Must not block; exceptions count as those of `write`.
        """

    @abstractmethod
    def write(self, session: Session, effects: Sequence[tuple[Item, Result]], extra: Extra | None) -> None:
        """Write the effects of new items.

        SQL thread, in the transaction that also advances the offsets. May block on SQL; no commit. Called
        again after a rollback. `extra` is None and there are no effects if the batch was never computed,
        because its only record becomes a dead letter or because it has only offsets without a record.
        """

    def committed(self, effects: Sequence[tuple[Item, Result]], extra: Extra | None) -> None:
        """Count the effects after their commit; the arguments equal those of `write`. Default: nothing.

        Event loop. Must not block; an exception ends the process, because the batch is written already.
        """

    def idle(self, session: Session) -> None:
        """Write effects that are due by time alone. Default: nothing, and then no transaction is opened.

        SQL thread, in a transaction of its own, every second in which no record came, if the worker owns a
        partition. May block on SQL; no commit.
        """

    def idle_committed(self) -> None:
        """Count the effects of `idle` after their commit. Default: nothing.

        Event loop. Must not block; an exception ends the process.
        """
