"""The next offset of each group in each partition, and the owner that may change it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from schemas.table_streams import PartitionProgress


@dataclass(frozen=True)
class Place:
    """A partition as a consumer group reads it."""

    group: str
    topic: str
    partition: int


@dataclass(frozen=True)
class Claimed:
    """A partition as its new owner takes it: epoch, next offset without a fate, and whether it is paused."""

    epoch: int
    next_offset: int
    paused: bool


@dataclass(frozen=True)
class Advance:
    """One step of a partition: its first and next offset, and the counted fates in between.

    `holes` counts the offsets in between that have no record on the broker.
    """

    epoch: int
    expected_offset: int
    next_offset: int
    effects: int
    duplicates: int
    late: int
    dead_letters: int
    holes: int = 0


_ADVANCE: Final = text(
    "UPDATE partition_progress SET next_offset = :next_offset, effects = effects + :effects,"
    " duplicates = duplicates + :duplicates, late = late + :late,"
    " dead_letters = dead_letters + :dead_letters, holes = holes + :holes, updated_at = :now"
    " WHERE consumer_group = :group AND topic = :topic AND partition = :partition"
    " AND epoch = :epoch AND next_offset = :expected_offset RETURNING next_offset"
)
"""Constant text, because it runs for each partition of each batch and SQLAlchemy builds statements slowly."""


def claim(session: Session, place: Place, *, first_offset: int, owner: str, now: datetime) -> Claimed:
    """Raise the partition's epoch for a new owner, so that older owners can no longer write.

    `first_offset` is used only by the first claim of a partition. A pause remains when the owner changes.
    """
    fresh = insert(PartitionProgress).values(
        consumer_group=place.group,
        topic=place.topic,
        partition=place.partition,
        epoch=1,
        owner=owner,
        first_offset=first_offset,
        next_offset=first_offset,
        effects=0,
        duplicates=0,
        late=0,
        dead_letters=0,
        holes=0,
        updated_at=now,
    )
    raised = fresh.on_conflict_do_update(
        index_elements=["consumer_group", "topic", "partition"],
        set_={"epoch": col(PartitionProgress.epoch) + 1, "owner": owner, "updated_at": now},
    ).returning(
        col(PartitionProgress.epoch),
        col(PartitionProgress.next_offset),
        col(PartitionProgress.paused_at).is_not(None),
    )
    epoch, next_offset, paused = session.execute(raised).one()
    return Claimed(epoch=epoch, next_offset=next_offset, paused=paused)


def owns(session: Session, place: Place, *, epoch: int) -> bool:
    """Return whether the epoch is the partition's newest; no one can claim it until the transaction ends."""
    row = PartitionProgress
    query = select(col(row.epoch)).where(
        *_at(place.group, place.topic, place.partition), col(row.epoch) == epoch
    )
    return session.execute(query.with_for_update(read=True)).first() is not None


def allow_idle(session: Session, seconds: float) -> None:
    """Allow this transaction to idle for `seconds` between two statements, whatever the engine's limit is."""
    limit = f"{round(seconds * 1_000)}ms"
    session.execute(select(func.set_config("idle_in_transaction_session_timeout", limit, True)))


def advance(session: Session, place: Place, step: Advance, *, now: datetime) -> bool:
    """Advance a partition; return False if its epoch or its next offset is not the expected one."""
    moved = session.execute(_ADVANCE, {**asdict(place), **asdict(step), "now": now})
    return moved.first() is not None


def pause(session: Session, place: Place, *, epoch: int, reason: str, now: datetime) -> bool:
    """Pause a partition, with the newest reason; return False if the epoch is not the partition's newest."""
    statement = (
        update(PartitionProgress)
        .where(*_at(place.group, place.topic, place.partition), col(PartitionProgress.epoch) == epoch)
        .values(paused_at=now, paused_reason=reason)
    )
    return session.execute(statement.returning(col(PartitionProgress.epoch))).first() is not None


def resume(
    session: Session, *, group: str | None, topic: str | None, partition: int | None, now: datetime
) -> list[Place]:
    """Clear the pause of all partitions that match every given filter; return these partitions, sorted.

    Each owner continues when it next checks its pause.
    """
    row = PartitionProgress
    cleared = (
        update(row)
        .where(*_at(group, topic, partition), col(row.paused_at).is_not(None))
        .values(paused_at=None, paused_reason=None, updated_at=now)
    )
    found = session.execute(
        cleared.returning(col(row.consumer_group), col(row.topic), col(row.partition))
    ).all()
    return [Place(*row) for row in sorted(found)]


def paused_places(session: Session, group: str, topic: str) -> dict[int, str]:
    """Return the reason of each pause in a group's topic, by partition."""
    row = PartitionProgress
    query = select(col(row.partition), col(row.paused_reason)).where(
        *_at(group, topic, None), col(row.paused_at).is_not(None)
    )
    return {partition: reason or "" for partition, reason in session.execute(query)}


def next_offsets(session: Session, group: str, topic: str) -> dict[int, int]:
    """Return the next offset without a fate in a group's topic, by partition."""
    rows = session.scalars(select(PartitionProgress).where(*_at(group, topic, None)))
    return {row.partition: row.next_offset for row in rows}


def _at(group: str | None, topic: str | None, partition: int | None) -> list[ColumnElement[bool]]:
    """Return a condition for each filter that is given."""
    row = PartitionProgress
    wanted = ((row.consumer_group, group), (row.topic, topic), (row.partition, partition))
    return [col(column) == value for column, value in wanted if value is not None]


def all_progress(session: Session) -> Sequence[PartitionProgress]:
    """Return the rows of all partitions, ordered by group, topic and partition."""
    order = ("consumer_group", "topic", "partition")
    return session.scalars(
        select(PartitionProgress).order_by(*(getattr(PartitionProgress, name) for name in order))
    ).all()


def database_now(session: Session) -> datetime:
    """Return the time of the database's clock; also the cheapest proof that the database answers."""
    now: datetime = session.execute(select(func.now())).scalar_one()
    return now
