"""SQLModel rows: what the records become in PostgreSQL. Not re-exported; only the store reads it.

Whole records stand in JSONB beside the few columns that are queried, so that a record gains an
optional field without a migration. Every table names its natural key.
"""

from datetime import datetime
from typing import Any

from pgvector.sqlalchemy import Vector
from sqlalchemy import BigInteger, Column, Computed, DateTime, Identity, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field

from schemas.table_parts import IS_LIVE, TableRow, instant, json_value, long_text
from schemas.table_queue import TicketHeadRow  # noqa: F401 - its table belongs to the metadata

metadata = TableRow.metadata
EMBEDDING_DIMENSIONS = 384


class PartitionProgress(TableRow, table=True):
    """How far one group is in one partition, who owns it, and what became of the records.

    Advanced in the transaction of the effects. `next_offset - first_offset` equals
    `effects + duplicates + late + dead_letters + holes` unless something was lost. `holes` counts the offsets
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
    holes: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    updated_at: datetime = instant()
    paused_at: datetime | None = instant(nullable=True)
    paused_reason: str | None = None


class Seen(TableRow, table=True):
    """The dedupe row: one per group and event id that had an effect."""

    __tablename__ = "seen"
    consumer_group: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    content_hash: bytes = Field(sa_type=LargeBinary)
    topic: str
    partition: int
    record_offset: int = Field(sa_type=BigInteger)
    seen_at: datetime = instant(index=True)


class DeadLetterRow(TableRow, table=True):
    """A dead letter; the natural key is the group and the place it was read from.

    `state` is new, replayed or discarded; a letter that fails again after its replay is another letter.
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
    """A record that waits to be published; `outbox_id` is the order within a key."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_pending", "shard", "outbox_id", postgresql_where=text("sent_at IS NULL")),
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
    """The lock that keeps order: a relay holds a shard's row while it publishes that shard."""

    __tablename__ = "outbox_shards"
    shard: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})


class AccountRow(TableRow, table=True):
    """What the operator told us of an account."""

    __tablename__ = "accounts"
    account_id: str = Field(primary_key=True)
    name: str
    record: dict[str, Any] = json_value()
    updated_at: datetime = instant()


class ChunkRow(TableRow, table=True):
    """A passage of an article, macro or solved ticket that retrieval can find and a claim can cite."""

    __tablename__ = "chunks"
    chunk_id: str = Field(primary_key=True)
    source_id: str = Field(index=True)
    source_kind: str
    title: str
    heading: str = ""
    body: str = long_text()
    url: str | None = None
    tags: list[Any] = json_value()
    public: bool
    position: int
    updated_at: datetime = instant()
    embedding: Any = Field(sa_column=Column(Vector(EMBEDDING_DIMENSIONS), nullable=False))


CHUNK_WORDS: Column[Any] = Column(
    "search_words",
    TSVECTOR,
    Computed("to_tsvector('english'::regconfig, title || ' ' || heading || ' ' || body)", persisted=True),
)
"""Kept by PostgreSQL itself, so it is a column of the table and no field of the row."""

metadata.tables["chunks"].append_column(CHUNK_WORDS)
Index("ix_chunks_search_words", CHUNK_WORDS, postgresql_using="gin")


class SourceRow(TableRow, table=True):
    """An article, macro or solved ticket as a whole, with the hash of what is indexed of it."""

    __tablename__ = "sources"
    source_id: str = Field(primary_key=True)
    source_kind: str = Field(index=True)
    content_hash: bytes = Field(sa_type=LargeBinary)
    record: dict[str, Any] = json_value()
    updated_at: datetime = instant()


class TicketEventRow(TableRow, table=True):
    """One event of a ticket, as it arrived, for the desk and for the history in drafts."""

    __tablename__ = "ticket_events"
    __table_args__ = (
        Index("ix_ticket_events_newest", "ticket_id", text("occurred_at DESC"), text("event_id DESC")),
    )
    event_id: str = Field(primary_key=True)
    ticket_id: str
    account_id: str = Field(index=True)
    kind: str
    channel: str
    record: dict[str, Any] = json_value()
    occurred_at: datetime = instant(index=True)


class SentimentRow(TableRow, table=True):
    """How one customer message sounds."""

    __tablename__ = "sentiments"
    event_id: str = Field(primary_key=True)
    ticket_id: str = Field(index=True)
    account_id: str = Field(index=True)
    label: str | None = None
    score: float | None = None
    abstained: str | None = None
    record: dict[str, Any] = json_value()
    occurred_at: datetime = instant()
    scored_at: datetime = instant()


class AnomalyRow(TableRow, table=True):
    """One anomaly of an account's usage."""

    __tablename__ = "anomalies"
    anomaly_id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    cause: str
    metric: str
    record: dict[str, Any] = json_value()
    started_at: datetime = instant()
    detected_at: datetime = instant(index=True)


class DetectorStateRow(TableRow, table=True):
    """The packed state of one account's detector, as of its partition's `next_offset`."""

    __tablename__ = "detector_states"
    topic: str = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    account_id: str = Field(primary_key=True)
    state: bytes = Field(sa_type=LargeBinary)


class CorruptStateRow(TableRow, table=True):
    """A detector state that could not be read, set aside as it was."""

    __tablename__ = "corrupt_states"
    topic: str = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    account_id: str = Field(primary_key=True)
    found_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    state: bytes = Field(sa_type=LargeBinary)
    error: str = long_text()


class HealthRow(TableRow, table=True):
    """The churn state of one account, or of a partition's shared-cause watch (`scope`)."""

    __tablename__ = "account_health"
    scope: str = Field(primary_key=True)
    health_key: str = Field(primary_key=True)
    state: dict[str, Any] = json_value()
    updated_at: datetime = instant()


class ChurnAlertRow(TableRow, table=True):
    """A churn alert and its life: new, acknowledged, snoozed, resolved, expired."""

    __tablename__ = "churn_alerts"
    __table_args__ = (
        Index(
            "uq_churn_alerts_open",
            "dedup_key",
            unique=True,
            postgresql_where=text("state IN ('new', 'acknowledged', 'snoozed')"),
        ),
    )
    alert_id: str = Field(primary_key=True)
    dedup_key: str
    account_id: str = Field(index=True)
    cause: str
    severity: str
    score: float
    state: str = Field(default="new", index=True)
    snoozed_until: datetime | None = instant(nullable=True)
    record: dict[str, Any] = json_value()
    detected_at: datetime = instant(index=True)
    created_at: datetime = instant()
    updated_at: datetime = instant()


class AlertChangeRow(TableRow, table=True):
    """Who changed an alert, when, to what, and why."""

    __tablename__ = "alert_changes"
    change_id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    alert_id: str = Field(foreign_key="churn_alerts.alert_id", index=True)
    state: str
    changed_by: str
    comment: str | None = None
    changed_at: datetime = instant()


class IncidentRow(TableRow, table=True):
    """One shared cause that held the alerts of many accounts."""

    __tablename__ = "incidents"
    incident_id: str = Field(primary_key=True)
    cause: str
    state: str = "open"
    record: dict[str, Any] = json_value()
    detected_at: datetime = instant(index=True)
    created_at: datetime = instant()


class DraftRow(TableRow, table=True):
    """A draft and its state; at most one is live per ticket."""

    __tablename__ = "drafts"
    __table_args__ = (
        Index(
            "uq_drafts_live",
            "ticket_id",
            unique=True,
            postgresql_where=text(IS_LIVE),
        ),
        Index(
            "ix_drafts_outreach",
            "created_at",
            "draft_id",
            postgresql_where=text(f"kind = 'outreach' AND {IS_LIVE}"),
        ),
    )
    draft_id: str = Field(primary_key=True)
    kind: str
    ticket_id: str | None = Field(default=None, index=True)
    account_id: str = Field(index=True)
    based_on: str
    state: str = Field(index=True)
    stale_reason: str | None = None
    record: dict[str, Any] = json_value()
    created_at: datetime = instant(index=True)
    updated_at: datetime = instant()


class DecisionRow(TableRow, table=True):
    """What a person did with a draft; one per draft."""

    __tablename__ = "decisions"
    decision_id: str = Field(primary_key=True)
    draft_id: str = Field(foreign_key="drafts.draft_id", unique=True)
    action: str = Field(index=True)
    decided_by: str
    record: dict[str, Any] = json_value()
    decided_at: datetime = instant(index=True)


class OperatorActionRow(TableRow, table=True):
    """What an operator did to the data by command: who, when, why, chosen how, and to how many rows."""

    __tablename__ = "operator_actions"
    action_id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    action: str
    actor: str
    comment: str | None = None
    filters: dict[str, Any] = json_value()
    affected: int
    details: dict[str, Any] = json_value()
    acted_at: datetime = instant(index=True)
