"""The outbox: records are written with their effect and published later, in order per key."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlmodel import Session, col

from responders.store.arrays import insert_columns
from responders.store.notify import wake_relays
from schemas.table_streams import OutboxRow, OutboxShard

SHARDS = 16
"""Shards of the outbox; at most as many relays publish at once."""


@dataclass(frozen=True)
class Outgoing:
    """A record to publish: topic, key, value and headers as bytes."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, str], ...] = ()


def shard_of(key: bytes) -> int:
    """Return the shard of a key; one relay publishes a shard at a time, so each key keeps its order.

    >>> shard_of(b"account-1") == shard_of(b"account-1") and 0 <= shard_of(b"x") < SHARDS
    True
    """
    return zlib.crc32(key) % SHARDS


def enqueue(session: Session, outgoing: Iterable[Outgoing], *, now: datetime) -> None:
    """Add records to the outbox in order and wake the relays; both take effect with the commit."""
    rows = list(outgoing)
    columns = {
        "shard": [shard_of(row.key) for row in rows],
        "topic": [row.topic for row in rows],
        "key": [row.key for row in rows],
        "value": [row.value for row in rows],
        "headers": [[list(header) for header in row.headers] for row in rows],
        "created_at": now,
    }
    if rows:
        insert_columns(session, OutboxRow, columns)
        wake_relays(session)


@dataclass(frozen=True)
class TopicFilter:
    """The topics to publish: all except `without`, or `only` one."""

    without: tuple[str, ...] = ()
    only: str | None = None

    def pending(self) -> list[ColumnElement[bool]]:
        """Return the conditions for unpublished rows of these topics."""
        wanted: list[ColumnElement[bool]] = [col(OutboxRow.sent_at).is_(None)]
        if self.without:
            wanted.append(col(OutboxRow.topic).not_in(self.without))
        if self.only is not None:
            wanted.append(col(OutboxRow.topic) == self.only)
        return wanted


ALL_TOPICS = TopicFilter()


def pending_shards(session: Session, topics: TopicFilter = ALL_TOPICS) -> Sequence[int]:
    """Return the shards with unpublished rows, the longest waiting first."""
    query = (
        select(col(OutboxRow.shard))
        .where(*topics.pending())
        .group_by(col(OutboxRow.shard))
        .order_by(func.min(col(OutboxRow.outbox_id)))
    )
    return session.scalars(query).all()


def lock_shard(session: Session, shard: int) -> bool:
    """Lock a shard until the transaction ends; return False if another relay holds it."""
    query = select(col(OutboxShard.shard)).where(col(OutboxShard.shard) == shard)
    return session.scalars(query.with_for_update(skip_locked=True)).first() is not None


def pending_rows(
    session: Session, shard: int, *, limit: int, topics: TopicFilter = ALL_TOPICS
) -> Sequence[OutboxRow]:
    """Return the oldest unpublished rows of a locked shard, in order."""
    query = (
        select(OutboxRow)
        .where(col(OutboxRow.shard) == shard, *topics.pending())
        .order_by(col(OutboxRow.outbox_id))
        .limit(limit)
    )
    return session.scalars(query).all()


def mark_sent(session: Session, outbox_ids: Sequence[int], *, now: datetime) -> None:
    """Mark rows as published; call this only after the broker has acknowledged them."""
    statement = update(OutboxRow).where(col(OutboxRow.outbox_id).in_(outbox_ids))
    session.execute(statement.values(sent_at=now))


def backlog(session: Session) -> tuple[int, datetime | None]:
    """Return the number of unpublished rows and the time at which the oldest was written."""
    query = select(func.count(), func.min(col(OutboxRow.created_at))).where(col(OutboxRow.sent_at).is_(None))
    count, oldest = session.execute(query).one()
    return int(count), oldest


def totals(session: Session) -> dict[str, tuple[int, int]]:
    """Return (rows, published rows) per topic."""
    query = select(col(OutboxRow.topic), func.count(), func.count(col(OutboxRow.sent_at))).group_by(
        col(OutboxRow.topic)
    )
    return {name: (int(rows), int(sent)) for name, rows, sent in session.execute(query)}
