"""The time by which a waiting ticket should be answered; the queue is ordered by it.

It counts from the first unanswered message and is shorter the more pressing the words and the account are, so
heads also change with accounts and churn alerts. Rows that wait are computed again: 20,000 in 3 s, measured.
"""

import sqlalchemy as sa
from alembic import op

from responders.store.migrations.columns import instants, strings

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SOURCES = ("accounts", "churn_alerts")
TRIGGER_NAMES = ("keep_heads_inserted", "keep_heads_updated", "keep_heads_deleted")

WORDS_LEVEL = """
CREATE OR REPLACE FUNCTION level_of_words(label text, said jsonb) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN coalesce(label, '') = 'negative' OR said @? '$.probabilities[0] ? (@ >= 0.5)'
            OR said @? '$.sarcasm ? (@ >= 0.5)' THEN 1 ELSE 0 END
        + CASE WHEN said @? '$.frustration ? (@ >= 0.5)' THEN 1 ELSE 0 END
        + CASE WHEN CASE WHEN jsonb_typeof(said->'threat') = 'number' THEN said @? '$.threat ? (@ >= 0.5)'
            ELSE said->'frustration_reasons' @> '"threat_to_leave"' END THEN 2 ELSE 0 END
$$
"""

ACCOUNT_LEVEL = """
CREATE OR REPLACE FUNCTION level_of_account(account text, since timestamptz) RETURNS integer LANGUAGE sql
STABLE AS $$
    SELECT CASE WHEN EXISTS (
        SELECT 1 FROM churn_alerts c
        WHERE c.account_id = account AND c.state IN ('new', 'acknowledged', 'snoozed')
    ) OR EXISTS (
        SELECT 1 FROM accounts a
        WHERE a.account_id = account AND (a.record @? '$.seats ? (@ >= 100)'
            OR a.record @? '$.annual_revenue ? (@ >= 50000)'
            OR left(a.record->>'renewal_on', 10) BETWEEN to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD')
                AND to_char((since AT TIME ZONE 'UTC') + interval '30 days', 'YYYY-MM-DD'))
    ) THEN 1 ELSE 0 END
$$
"""

REFRESH = """
CREATE OR REPLACE FUNCTION refresh_ticket_heads(ticket_ids text[]) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE one text; newest record; settled text[]; is_waiting boolean; pressing record; urgency integer;
    due timestamptz;
BEGIN
    FOR one IN SELECT DISTINCT wanted.id FROM unnest(ticket_ids) AS wanted(id) ORDER BY wanted.id LOOP
        INSERT INTO ticket_heads (ticket_id, waits, tier) VALUES (one, FALSE, 0) ON CONFLICT DO NOTHING;
        PERFORM 1 FROM ticket_heads h WHERE h.ticket_id = one FOR UPDATE;
        SELECT e.event_id, e.account_id, e.channel, e.kind, e.occurred_at INTO newest FROM ticket_events e
        WHERE e.ticket_id = one ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT 1;
        settled := ARRAY(
            SELECT d.based_on FROM drafts d LEFT JOIN decisions c ON c.draft_id = d.draft_id
            WHERE d.ticket_id = one AND (d.state IN ('sent', 'edited') OR (d.state = 'dismissed'
                AND split_part(c.record->>'reason', ':', 1) IN ('handled', 'not_needed'))));
        is_waiting := coalesce(newest.kind = 'customer_message', FALSE)
            AND NOT coalesce(newest.event_id = ANY(settled), FALSE);
        WITH recent AS (
            SELECT e.event_id, e.kind, e.occurred_at,
                row_number() OVER (ORDER BY e.occurred_at DESC, e.event_id DESC) AS place
            FROM ticket_events e WHERE is_waiting AND e.ticket_id = one
            ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT 200
        ), unanswered AS (
            SELECT r.event_id, r.occurred_at, r.place FROM recent r WHERE r.place < coalesce((
                SELECT min(b.place) FROM recent b
                WHERE b.kind <> 'customer_message' OR b.event_id = ANY(settled)), 201)
        )
        SELECT u.event_id, coalesce(level_of_words(m.label, m.record), 0) AS level,
            min(u.occurred_at) OVER () AS since INTO pressing
        FROM unanswered u LEFT JOIN sentiments m ON m.event_id = u.event_id
        ORDER BY coalesce(level_of_words(m.label, m.record), 0) DESC, u.place LIMIT 1;
        urgency := CASE WHEN is_waiting
            THEN pressing.level + level_of_account(newest.account_id, pressing.since) ELSE 0 END;
        due := least(timestamptz '9999-12-31 23:59:59.999999+00', pressing.since
            + (ARRAY[1440, 480, 240, 120, 60, 30])[urgency + 1] * interval '1 minute');
        UPDATE ticket_heads h SET event_id = newest.event_id, account_id = newest.account_id,
            channel = newest.channel, occurred_at = newest.occurred_at, waits = is_waiting, tier = urgency,
            pressing_id = pressing.event_id, waiting_since = pressing.since,
            due_at = CASE WHEN is_waiting THEN due END
        WHERE h.ticket_id = one AND (h.event_id, h.account_id, h.channel, h.occurred_at, h.waits, h.tier,
            h.pressing_id, h.waiting_since, h.due_at)
            IS DISTINCT FROM (newest.event_id, newest.account_id, newest.channel, newest.occurred_at,
                is_waiting, urgency, pressing.event_id, pressing.since, CASE WHEN is_waiting THEN due END);
    END LOOP;
END $$
"""

ACCOUNT_CHANGED = """
CREATE OR REPLACE FUNCTION account_rows_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ids text[];
BEGIN
    SELECT array_agg(h.ticket_id) INTO ids FROM ticket_heads h
    WHERE h.waits AND h.account_id IN (SELECT c.account_id FROM changed c);
    IF ids IS NOT NULL THEN
        PERFORM refresh_ticket_heads(ids);
    END IF;
    RETURN NULL;
END $$
"""

ACCOUNT_TRIGGERS = """
DO $$
DECLARE source text;
BEGIN
    FOREACH source IN ARRAY ARRAY['accounts', 'churn_alerts'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER keep_heads_inserted AFTER INSERT ON %I '
            'REFERENCING NEW TABLE AS changed EXECUTE FUNCTION account_rows_changed()', source);
        EXECUTE format('CREATE OR REPLACE TRIGGER keep_heads_updated AFTER UPDATE ON %I '
            'REFERENCING NEW TABLE AS changed EXECUTE FUNCTION account_rows_changed()', source);
        EXECUTE format('CREATE OR REPLACE TRIGGER keep_heads_deleted AFTER DELETE ON %I '
            'REFERENCING OLD TABLE AS changed EXECUTE FUNCTION account_rows_changed()', source);
    END LOOP;
END $$
"""

EARLIER_REFRESH = """
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

# Only tickets that wait have a level from now on.
FILL = (
    "UPDATE ticket_heads SET tier = 0 WHERE NOT waits AND tier <> 0",
    "SELECT refresh_ticket_heads(array_agg(ticket_id)) FROM ticket_heads WHERE waits",
)

EARLIER_FILL = """
UPDATE ticket_heads h SET tier = coalesce((
    SELECT CASE WHEN m.label = 'negative' THEN 1 ELSE 0 END
        + CASE WHEN (m.record->>'frustration')::float8 >= 0.5 THEN 1 ELSE 0 END
    FROM sentiments m WHERE m.event_id = h.event_id), 0)
"""


def upgrade() -> None:
    """Add the columns, the rules that fill them in, and the indexes; a worker of an older build can go on."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in (
        *strings("pressing_id", nullable=True),
        *instants("waiting_since", "due_at", nullable=True),
    ):
        op.add_column("ticket_heads", column)
    op.drop_index("ix_ticket_heads_waiting", table_name="ticket_heads")
    for statement in (WORDS_LEVEL, ACCOUNT_LEVEL, REFRESH, ACCOUNT_CHANGED, ACCOUNT_TRIGGERS, *FILL):
        op.execute(statement)
    waits = sa.text("waits")
    op.create_index("ix_ticket_heads_due", "ticket_heads", ["due_at", "ticket_id"], postgresql_where=waits)
    op.create_index("ix_ticket_heads_account", "ticket_heads", ["account_id"], postgresql_where=waits)
    op.execute("ANALYZE ticket_heads")


def downgrade() -> None:
    """Restore the earlier order: the level of the newest message, then its time."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for source in SOURCES:
        for name in TRIGGER_NAMES:
            op.execute(f"DROP TRIGGER {name} ON {source}")
    op.execute("DROP FUNCTION account_rows_changed()")
    op.execute(EARLIER_REFRESH)
    op.execute("DROP FUNCTION level_of_words(text, jsonb)")
    op.execute("DROP FUNCTION level_of_account(text, timestamptz)")
    op.drop_index("ix_ticket_heads_account", table_name="ticket_heads")
    op.drop_index("ix_ticket_heads_due", table_name="ticket_heads")
    for name in ("pressing_id", "waiting_since", "due_at"):
        op.drop_column("ticket_heads", name)
    op.execute(EARLIER_FILL)
    order: list[str | sa.TextClause] = [sa.text("tier DESC"), "occurred_at", "ticket_id"]
    op.create_index("ix_ticket_heads_waiting", "ticket_heads", order, postgresql_where=sa.text("waits"))
