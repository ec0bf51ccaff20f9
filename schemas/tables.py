"""SQLModel rows: the records in PostgreSQL. Not re-exported; only the store uses them.

Other modules named `table_…` define rows too; this module offers all rows.
Each table stores the whole record as JSONB and, in addition, the few columns that are queried, so a record
can gain an optional field without a migration. Every table names its natural key.
"""

from datetime import datetime
from typing import Any

from pgvector.sqlalchemy import Vector
from sqlalchemy import BigInteger, Column, Computed, DateTime, Identity, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field

from schemas.table_hazard import (
    HazardDayRow,
    HazardPartRow,
    HazardWatchRow,
    LearnedOutcomeRow,
    RulePrecisionRow,
    UsageHourRow,
)
from schemas.table_lessons import DeskLessonsRow
from schemas.table_moods import DeskMoodModelRow, MoodCorrectionRow
from schemas.table_parts import IS_LIVE, TableRow, instant, json_value, long_text
from schemas.table_queue import TicketHeadRow
from schemas.table_streams import DeadLetterRow, OutboxRow, OutboxShard, PartitionProgress, Seen

__all__ = [
    "CHUNK_WORDS",
    "EMBEDDING_DIMENSIONS",
    "AccountRow",
    "AlertChangeRow",
    "AnomalyRow",
    "CalibrationRow",
    "ChunkRow",
    "ChurnAlertRow",
    "CorruptStateRow",
    "DeadLetterRow",
    "DecisionRow",
    "DeskLessonsRow",
    "DeskMoodModelRow",
    "DetectorStateRow",
    "DraftRow",
    "HazardDayRow",
    "HazardPartRow",
    "HazardWatchRow",
    "HealthRow",
    "IncidentRow",
    "LearnedOutcomeRow",
    "MoodCorrectionRow",
    "OperatorActionRow",
    "OutboxRow",
    "OutboxShard",
    "PartitionProgress",
    "RulePrecisionRow",
    "Seen",
    "SentimentRow",
    "SourceRow",
    "TicketEventRow",
    "TicketHeadRow",
    "UsageHourRow",
    "metadata",
]

metadata = TableRow.metadata
EMBEDDING_DIMENSIONS = 384
"""Length of a chunk's vector: the output size of the MiniLM encoder."""


class AccountRow(TableRow, table=True):
    """The record of an account that the operator loaded."""

    __tablename__ = "accounts"
    account_id: str = Field(primary_key=True)
    name: str
    record: dict[str, Any] = json_value()
    updated_at: datetime = instant()


class ChunkRow(TableRow, table=True):
    """A chunk of an article, macro or solved ticket, which retrieval can find and a claim can cite.

    `parts` are the vectors of its name and sentences, `words` those of its words, one int8 per number; None
    if an older build stored it.
    """

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
    parts: bytes | None = Field(default=None, sa_type=LargeBinary)
    words: bytes | None = Field(default=None, sa_type=LargeBinary)


CHUNK_WORDS: Column[Any] = Column(
    "search_words",
    TSVECTOR,
    Computed("to_tsvector('english'::regconfig, title || ' ' || heading || ' ' || body)", persisted=True),
)
"""PostgreSQL computes this column itself, so it belongs to the table and is not a field of the row."""

metadata.tables["chunks"].append_column(CHUNK_WORDS)
Index("ix_chunks_search_words", CHUNK_WORDS, postgresql_using="gin")
Index(
    "ix_chunks_embedding",
    metadata.tables["chunks"].c.embedding,
    postgresql_using="hnsw",
    postgresql_ops={"embedding": "vector_cosine_ops"},
)


class CalibrationRow(TableRow, table=True):
    """The confidence that was calibrated on the desk's own knowledge, and the figures before and after."""

    __tablename__ = "calibrations"
    name: str = Field(primary_key=True)
    confidence: dict[str, Any] = json_value()
    figures: dict[str, Any] = json_value()
    calibrated_at: datetime = instant()


class SourceRow(TableRow, table=True):
    """A whole article, macro or solved ticket, with the hash of its indexed content."""

    __tablename__ = "sources"
    source_id: str = Field(primary_key=True)
    source_kind: str = Field(index=True)
    content_hash: bytes = Field(sa_type=LargeBinary)
    record: dict[str, Any] = json_value()
    updated_at: datetime = instant()


class TicketEventRow(TableRow, table=True):
    """An event of a ticket as it arrived, for the desk and for the history in drafts."""

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
    """The sentiment of a customer message."""

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
    """An anomaly in an account's usage."""

    __tablename__ = "anomalies"
    anomaly_id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    cause: str
    metric: str
    record: dict[str, Any] = json_value()
    started_at: datetime = instant()
    detected_at: datetime = instant(index=True)


class DetectorStateRow(TableRow, table=True):
    """The packed state of an account's detector as of its partition's `next_offset`."""

    __tablename__ = "detector_states"
    topic: str = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    account_id: str = Field(primary_key=True)
    state: bytes = Field(sa_type=LargeBinary)


class CorruptStateRow(TableRow, table=True):
    """A detector state that could not be read, stored unchanged."""

    __tablename__ = "corrupt_states"
    topic: str = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    account_id: str = Field(primary_key=True)
    found_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    state: bytes = Field(sa_type=LargeBinary)
    error: str = long_text()


class HealthRow(TableRow, table=True):
    """The churn state of an account, or of the watch for shared causes in a partition (`scope`)."""

    __tablename__ = "account_health"
    scope: str = Field(primary_key=True)
    health_key: str = Field(primary_key=True)
    state: dict[str, Any] = json_value()
    updated_at: datetime = instant()


class ChurnAlertRow(TableRow, table=True):
    """The case of an account and its state: new, acknowledged, snoozed, resolved or expired.

    An account has at most one open case. `evidence_at` is the event time of its newest cause. `closed_by` is
    `person`, `recovery`, `expiry` or `joined`; `outcome` is what a person said.
    """

    __tablename__ = "churn_alerts"
    __table_args__ = (
        Index(
            "uq_churn_alerts_open",
            "account_id",
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
    evidence_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
    )
    outcome: str | None = None
    closed_by: str | None = None
    created_at: datetime = instant()
    updated_at: datetime = instant()


class AlertChangeRow(TableRow, table=True):
    """A change of an alert: person, time, new state and comment."""

    __tablename__ = "alert_changes"
    change_id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    alert_id: str = Field(foreign_key="churn_alerts.alert_id", index=True)
    state: str
    changed_by: str
    comment: str | None = None
    changed_at: datetime = instant()


class IncidentRow(TableRow, table=True):
    """An incident: a shared cause for which the alerts of many accounts were held."""

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
            postgresql_where=text("kind = 'outreach' AND " + IS_LIVE),
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
    """The decision of a person on a draft; at most one row per draft."""

    __tablename__ = "decisions"
    decision_id: str = Field(primary_key=True)
    draft_id: str = Field(foreign_key="drafts.draft_id", unique=True)
    action: str = Field(index=True)
    decided_by: str
    record: dict[str, Any] = json_value()
    decided_at: datetime = instant(index=True)


class OperatorActionRow(TableRow, table=True):
    """A command with which an operator changed data: person, time, comment, filters and number of rows."""

    __tablename__ = "operator_actions"
    action_id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    action: str
    actor: str
    comment: str | None = None
    filters: dict[str, Any] = json_value()
    affected: int
    details: dict[str, Any] = json_value()
    acted_at: datetime = instant(index=True)
