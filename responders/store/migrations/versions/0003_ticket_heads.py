"""One row per ticket, so that the queue's cost depends on open tickets only; triggers maintain it.

The triggers are created before the rows are filled in, so no event of an older build's worker is missed. Its
writes wait until this revision is committed, up to half a minute per million ticket events.
"""

import sqlalchemy as sa
from alembic import op

from responders.store.migrations.columns import instants, strings

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SOURCES = ("ticket_events", "sentiments", "drafts", "decisions")
TRIGGER_NAMES = ("keep_heads_inserted", "keep_heads_before", "keep_heads_updated", "keep_heads_deleted")

REFRESH = """
CREATE OR REPLACE FUNCTION refresh_ticket_heads(ticket_ids text[]) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE one text; newest record; is_waiting boolean; urgency integer;
BEGIN
    FOR one IN SELECT DISTINCT wanted.id FROM unnest(ticket_ids) AS wanted(id) ORDER BY wanted.id LOOP
        INSERT INTO ticket_heads (ticket_id, waits, tier) VALUES (one, FALSE, 0) ON CONFLICT DO NOTHING;
        PERFORM 1 FROM ticket_heads h WHERE h.ticket_id = one FOR UPDATE;
        SELECT e.event_id, e.account_id, e.channel, e.kind, e.occurred_at INTO newest FROM ticket_events e
        WHERE e.ticket_id = one ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT 1;
        is_waiting := coalesce(newest.kind = 'customer_message', FALSE) AND NOT EXISTS (
            SELECT 1 FROM drafts d LEFT JOIN decisions c ON c.draft_id = d.draft_id
            WHERE d.ticket_id = one AND d.based_on = newest.event_id
                AND (d.state IN ('sent', 'edited') OR (d.state = 'dismissed'
                    AND split_part(c.record->>'reason', ':', 1) IN ('handled', 'not_needed'))));
        urgency := coalesce((
            SELECT CASE WHEN m.label = 'negative' THEN 1 ELSE 0 END
                + CASE WHEN (m.record->>'frustration')::float8 >= 0.5 THEN 1 ELSE 0 END
            FROM sentiments m WHERE m.event_id = newest.event_id), 0);
        UPDATE ticket_heads h SET event_id = newest.event_id, account_id = newest.account_id,
            channel = newest.channel, occurred_at = newest.occurred_at, waits = is_waiting, tier = urgency
        WHERE h.ticket_id = one AND (h.event_id, h.account_id, h.channel, h.occurred_at, h.waits, h.tier)
            IS DISTINCT FROM (newest.event_id, newest.account_id, newest.channel, newest.occurred_at,
                is_waiting, urgency);
    END LOOP;
END $$
"""

CHANGED = """
CREATE OR REPLACE FUNCTION ticket_rows_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ids text[];
BEGIN
    CASE TG_TABLE_NAME
    WHEN 'decisions' THEN
        SELECT array_agg(DISTINCT d.ticket_id) INTO ids
        FROM changed c JOIN drafts d ON d.draft_id = c.draft_id WHERE d.ticket_id IS NOT NULL;
    WHEN 'drafts' THEN
        SELECT array_agg(DISTINCT c.ticket_id) INTO ids FROM changed c
        WHERE c.ticket_id IS NOT NULL AND c.state IN ('sent', 'edited', 'dismissed');
    ELSE
        SELECT array_agg(DISTINCT c.ticket_id) INTO ids FROM changed c;
    END CASE;
    IF ids IS NOT NULL THEN
        PERFORM refresh_ticket_heads(ids);
    END IF;
    RETURN NULL;
END $$
"""

TRIGGERS = """
DO $$
DECLARE source text;
BEGIN
    FOREACH source IN ARRAY ARRAY['ticket_events', 'sentiments', 'drafts', 'decisions'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER keep_heads_inserted AFTER INSERT ON %I '
            'REFERENCING NEW TABLE AS changed EXECUTE FUNCTION ticket_rows_changed()', source);
        EXECUTE format('CREATE OR REPLACE TRIGGER keep_heads_before AFTER UPDATE ON %I '
            'REFERENCING OLD TABLE AS changed EXECUTE FUNCTION ticket_rows_changed()', source);
        EXECUTE format('CREATE OR REPLACE TRIGGER keep_heads_updated AFTER UPDATE ON %I '
            'REFERENCING NEW TABLE AS changed EXECUTE FUNCTION ticket_rows_changed()', source);
        EXECUTE format('CREATE OR REPLACE TRIGGER keep_heads_deleted AFTER DELETE ON %I '
            'REFERENCING OLD TABLE AS changed EXECUTE FUNCTION ticket_rows_changed()', source);
    END LOOP;
END $$
"""

FILL = """
INSERT INTO ticket_heads (ticket_id, event_id, account_id, channel, occurred_at, waits, tier)
SELECT e.ticket_id, e.event_id, e.account_id, e.channel, e.occurred_at,
    e.kind = 'customer_message' AND done.ticket_id IS NULL,
    CASE WHEN coalesce(s.label, '') = 'negative' THEN 1 ELSE 0 END
        + CASE WHEN coalesce((s.record->>'frustration')::float8, 0) >= 0.5 THEN 1 ELSE 0 END
FROM (
    SELECT DISTINCT ON (ticket_id) ticket_id, event_id, account_id, channel, kind, occurred_at
    FROM ticket_events ORDER BY ticket_id, occurred_at DESC, event_id DESC
) e
LEFT JOIN sentiments s ON s.event_id = e.event_id
LEFT JOIN (
    SELECT DISTINCT d.ticket_id, d.based_on
    FROM drafts d LEFT JOIN decisions c ON c.draft_id = d.draft_id
    WHERE d.state IN ('sent', 'edited') OR (d.state = 'dismissed'
        AND split_part(c.record->>'reason', ':', 1) IN ('handled', 'not_needed'))
) done ON done.ticket_id = e.ticket_id AND done.based_on = e.event_id
"""


def upgrade() -> None:
    """Add the table, its triggers and rows, and the indexes that the queue reads in addition."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    _create_ticket_heads()
    for statement in (REFRESH, CHANGED, TRIGGERS, FILL):
        op.execute(statement)
    order: list[str | sa.TextClause] = [sa.text("tier DESC"), "occurred_at", "ticket_id"]
    op.create_index("ix_ticket_heads_waiting", "ticket_heads", order, postgresql_where=sa.text("waits"))
    op.create_index(
        "ix_drafts_outreach",
        "drafts",
        ["created_at", "draft_id"],
        postgresql_where=sa.text("kind = 'outreach' AND state IN ('ready', 'abstained')"),
    )
    op.execute("ANALYZE ticket_heads")


def downgrade() -> None:
    """Drop the additions; nothing is lost because every row is computed from other tables."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for source in SOURCES:
        for name in TRIGGER_NAMES:
            op.execute(f"DROP TRIGGER {name} ON {source}")
    op.execute("DROP FUNCTION ticket_rows_changed()")
    op.execute("DROP FUNCTION refresh_ticket_heads(text[])")
    op.drop_index("ix_drafts_outreach", table_name="drafts")
    op.drop_table("ticket_heads")


def _create_ticket_heads() -> None:
    op.create_table(
        "ticket_heads",
        *strings("ticket_id"),
        *strings("event_id", "account_id", "channel", nullable=True),
        *instants("occurred_at", nullable=True),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_heads")),
    )
