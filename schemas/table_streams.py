"""The rows of reading and publishing topics; `schemas.tables` offers them with all others."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, ColumnElement, Identity, Index, LargeBinary, literal_column
from sqlmodel import Field

from schemas.table_parts import TableRow, instant, json_value, long_text

_ZERO: Final[ColumnElement[int]] = literal_column("0")


class PartitionProgress(TableRow, table=True):
    """The progress of a group in a partition: its owner, its next offset, and the counted fates of records.

    The row advances in the transaction of the effects. `next_offset - first_offset` equals
    `effects + duplicates + late + dead_letters + holes` unless a record was lost. `holes` counts the offsets
    at which the broker has no record: ends of transactions, aborted, compacted, deleted and expired records.
    """

    __tablename__ = "partition_progress"
    consumer_group: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    epoch: int = Field(default=0, sa_type=BigInteger)
    owner: str = ""
    first_offset: int = Field(default=0, sa_type=BigInteger)
    next_offset: int = Field(default=0, sa_type=BigInteger)
    effects: int = Field(default=0, sa_type=BigInteger)
    duplicates: int = Field(default=0, sa_type=BigInteger)
    late: int = Field(default=0, sa_type=BigInteger)
    dead_letters: int = Field(default=0, sa_type=BigInteger)
    holes: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": _ZERO})
    updated_at: datetime = instant()
    paused_at: datetime | None = instant(nullable=True)
    paused_reason: str | None = None


class Seen(TableRow, table=True):
    """The dedupe row: one row per group and event id that had an effect."""

    __tablename__ = "seen"
    consumer_group: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    content_hash: bytes = Field(sa_type=LargeBinary)
    topic: str
    partition: int
    record_offset: int = Field(sa_type=BigInteger)
    seen_at: datetime = instant(index=True)


class DeadLetterRow(TableRow, table=True):
    """A dead letter; the natural key is the group, topic, partition and offset of the record.

    `state` is new, replayed or discarded. If a replayed record fails again, it becomes another letter.
    """

    __tablename__ = "dead_letters"
    __table_args__ = (
        Index("uq_dead_letters_source", "consumer_group", "topic", "partition", "record_offset", unique=True),
    )
    letter_id: str = Field(primary_key=True)
    consumer_group: str
    topic: str
    partition: int
    record_offset: int = Field(sa_type=BigInteger)
    timestamp_ms: int = Field(sa_type=BigInteger)
    key: bytes | None = Field(default=None, sa_type=LargeBinary)
    value: bytes | None = Field(default=None, sa_type=LargeBinary)
    headers: list[Any] = json_value()
    reason: str = Field(index=True)
    error: str = long_text()
    attempts: int
    build: str
    state: str = Field(default="new", index=True)
    created_at: datetime = instant(index=True)
    replayed_at: datetime | None = instant(nullable=True)
    discarded_at: datetime | None = instant(nullable=True)


class OutboxRow(TableRow, table=True):
    """A record to publish; `outbox_id` gives the order within a key."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_pending", "shard", "outbox_id", postgresql_where=literal_column("sent_at IS NULL")),
    )
    outbox_id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    shard: int
    topic: str = Field(index=True)
    key: bytes = Field(sa_type=LargeBinary)
    value: bytes = Field(sa_type=LargeBinary)
    headers: list[Any] = json_value()
    created_at: datetime = instant()
    sent_at: datetime | None = instant(nullable=True)


class OutboxShard(TableRow, table=True):
    """The lock that keeps the order: a relay locks a shard's row while it publishes that shard."""

    __tablename__ = "outbox_shards"
    shard: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
