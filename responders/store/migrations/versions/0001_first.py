"""The first tables: every row of `schemas/tables.py`, the extension vector, the shards of the outbox."""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import Vector
from sqlalchemy.dialects.postgresql import TSVECTOR

from responders.store.migrations.columns import (
    bigints,
    blobs,
    index,
    instants,
    json_column,
    long_text,
    strings,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OUTBOX_SHARDS = 16
CHUNK_WORDS = "to_tsvector('english'::regconfig, title || ' ' || heading || ' ' || body)"
TABLES_IN_ORDER = (
    "account_health",
    "accounts",
    "anomalies",
    "chunks",
    "churn_alerts",
    "dead_letters",
    "detector_states",
    "drafts",
    "incidents",
    "outbox",
    "outbox_shards",
    "partition_progress",
    "seen",
    "sentiments",
    "sources",
    "ticket_events",
    "alert_changes",
    "decisions",
)


def upgrade() -> None:
    """Create everything; the extension comes first because `chunks` needs it."""
    op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    _create_account_health()
    _create_accounts()
    _create_anomalies()
    _create_chunks()
    _create_churn_alerts()
    _create_dead_letters()
    _create_detector_states()
    _create_drafts()
    _create_incidents()
    _create_outbox()
    _create_outbox_shards()
    _create_partition_progress()
    _create_seen()
    _create_sentiments()
    _create_sources()
    _create_ticket_events()
    _create_alert_changes()
    _create_decisions()
    _fill_outbox_shards()


def downgrade() -> None:
    """Drop the tables; the extension stays because others may use it."""
    for table in reversed(TABLES_IN_ORDER):
        op.drop_table(table)


def _fill_outbox_shards() -> None:
    # Written out, not imported: a later change of the store must not change this revision.
    shards = sa.table("outbox_shards", sa.column("shard", sa.Integer))
    op.bulk_insert(shards, [{"shard": shard} for shard in range(OUTBOX_SHARDS)])


def _create_account_health() -> None:
    op.create_table(
        "account_health",
        *strings("scope", "health_key"),
        json_column("state"),
        *instants("updated_at"),
        sa.PrimaryKeyConstraint("scope", "health_key", name=op.f("pk_account_health")),
    )


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        *strings("account_id", "name"),
        json_column("record"),
        *instants("updated_at"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_accounts")),
    )


def _create_anomalies() -> None:
    op.create_table(
        "anomalies",
        *strings("anomaly_id", "account_id", "cause", "metric"),
        json_column("record"),
        *instants("started_at", "detected_at"),
        sa.PrimaryKeyConstraint("anomaly_id", name=op.f("pk_anomalies")),
    )
    index("anomalies", "account_id")
    index("anomalies", "detected_at")


def _create_chunks() -> None:
    op.create_table(
        "chunks",
        *strings("chunk_id", "source_id", "source_kind", "title", "heading"),
        long_text("body"),
        *strings("url", nullable=True),
        json_column("tags"),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *instants("updated_at"),
        sa.Column("embedding", Vector(384), nullable=False),
        sa.Column("search_words", TSVECTOR, sa.Computed(CHUNK_WORDS, persisted=True)),
        sa.PrimaryKeyConstraint("chunk_id", name=op.f("pk_chunks")),
    )
    index("chunks", "source_id")
    op.create_index("ix_chunks_search_words", "chunks", ["search_words"], postgresql_using="gin")


def _create_churn_alerts() -> None:
    op.create_table(
        "churn_alerts",
        *strings("alert_id", "dedup_key", "account_id", "cause", "severity"),
        sa.Column("score", sa.Float(), nullable=False),
        *strings("state"),
        *instants("snoozed_until", nullable=True),
        json_column("record"),
        *instants("detected_at", "created_at", "updated_at"),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_churn_alerts")),
    )
    index("churn_alerts", "account_id")
    index("churn_alerts", "detected_at")
    index("churn_alerts", "state")
    op.create_index(
        "uq_churn_alerts_open",
        "churn_alerts",
        ["dedup_key"],
        unique=True,
        postgresql_where=sa.text("state IN ('new', 'acknowledged', 'snoozed')"),
    )


def _create_dead_letters() -> None:
    op.create_table(
        "dead_letters",
        *strings("letter_id", "consumer_group", "topic"),
        sa.Column("partition", sa.Integer(), nullable=False),
        *bigints("record_offset", "timestamp_ms"),
        *blobs("key", nullable=True),
        *blobs("value", nullable=True),
        json_column("headers"),
        *strings("reason"),
        long_text("error"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *strings("build", "state"),
        *instants("created_at"),
        *instants("replayed_at", nullable=True),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_dead_letters")),
    )
    index("dead_letters", "created_at")
    index("dead_letters", "reason")
    index("dead_letters", "state")
    op.create_index(
        "uq_dead_letters_source",
        "dead_letters",
        ["consumer_group", "topic", "partition", "record_offset"],
        unique=True,
    )


def _create_detector_states() -> None:
    op.create_table(
        "detector_states",
        *strings("topic"),
        sa.Column("partition", sa.Integer(), nullable=False),
        *strings("account_id"),
        *blobs("state"),
        sa.PrimaryKeyConstraint("topic", "partition", "account_id", name=op.f("pk_detector_states")),
    )


def _create_drafts() -> None:
    op.create_table(
        "drafts",
        *strings("draft_id", "kind"),
        *strings("ticket_id", nullable=True),
        *strings("account_id", "based_on", "state"),
        *strings("stale_reason", nullable=True),
        json_column("record"),
        *instants("created_at", "updated_at"),
        sa.PrimaryKeyConstraint("draft_id", name=op.f("pk_drafts")),
    )
    index("drafts", "account_id")
    index("drafts", "created_at")
    index("drafts", "state")
    index("drafts", "ticket_id")
    op.create_index(
        "uq_drafts_live",
        "drafts",
        ["ticket_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('ready', 'abstained')"),
    )


def _create_incidents() -> None:
    op.create_table(
        "incidents",
        *strings("incident_id", "cause", "state"),
        json_column("record"),
        *instants("detected_at", "created_at"),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incidents")),
    )
    index("incidents", "detected_at")


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("outbox_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        *strings("topic"),
        *blobs("key", "value"),
        json_column("headers"),
        *instants("created_at"),
        *instants("sent_at", nullable=True),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_pending", "outbox", ["shard", "outbox_id"], postgresql_where=sa.text("sent_at IS NULL")
    )
    index("outbox", "topic")


def _create_outbox_shards() -> None:
    op.create_table(
        "outbox_shards",
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("shard", name=op.f("pk_outbox_shards")),
    )


def _create_partition_progress() -> None:
    op.create_table(
        "partition_progress",
        *strings("consumer_group", "topic"),
        sa.Column("partition", sa.Integer(), nullable=False),
        *bigints("epoch"),
        *strings("owner"),
        *bigints("first_offset", "next_offset", "effects", "duplicates", "late", "dead_letters"),
        *instants("updated_at"),
        sa.PrimaryKeyConstraint("consumer_group", "topic", "partition", name=op.f("pk_partition_progress")),
    )


def _create_seen() -> None:
    op.create_table(
        "seen",
        *strings("consumer_group", "event_id"),
        *blobs("content_hash"),
        *strings("topic"),
        sa.Column("partition", sa.Integer(), nullable=False),
        *bigints("record_offset"),
        *instants("seen_at"),
        sa.PrimaryKeyConstraint("consumer_group", "event_id", name=op.f("pk_seen")),
    )
    index("seen", "seen_at")


def _create_sentiments() -> None:
    op.create_table(
        "sentiments",
        *strings("event_id", "ticket_id", "account_id"),
        *strings("label", nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        *strings("abstained", nullable=True),
        json_column("record"),
        *instants("occurred_at", "scored_at"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_sentiments")),
    )
    index("sentiments", "account_id")
    index("sentiments", "ticket_id")


def _create_sources() -> None:
    op.create_table(
        "sources",
        *strings("source_id", "source_kind"),
        *blobs("content_hash"),
        json_column("record"),
        *instants("updated_at"),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_sources")),
    )
    index("sources", "source_kind")


def _create_ticket_events() -> None:
    op.create_table(
        "ticket_events",
        *strings("event_id", "ticket_id", "account_id", "kind", "channel"),
        json_column("record"),
        *instants("occurred_at"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_ticket_events")),
    )
    index("ticket_events", "account_id")
    index("ticket_events", "occurred_at")
    newest: list[str | sa.TextClause] = ["ticket_id", sa.text("occurred_at DESC"), sa.text("event_id DESC")]
    op.create_index("ix_ticket_events_newest", "ticket_events", newest)


def _create_alert_changes() -> None:
    op.create_table(
        "alert_changes",
        sa.Column("change_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        *strings("alert_id", "state", "changed_by"),
        *strings("comment", nullable=True),
        *instants("changed_at"),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["churn_alerts.alert_id"], name=op.f("fk_alert_changes_alert_id")
        ),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_alert_changes")),
    )
    index("alert_changes", "alert_id")


def _create_decisions() -> None:
    op.create_table(
        "decisions",
        *strings("decision_id", "draft_id", "action", "decided_by"),
        json_column("record"),
        *instants("decided_at"),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.draft_id"], name=op.f("fk_decisions_draft_id")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_decisions_draft_id")),
    )
    index("decisions", "action")
    index("decisions", "decided_at")
