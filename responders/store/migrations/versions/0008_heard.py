"""A person's mood decides a ticket's place in the queue, and pressing tickets get a head start.

An escalation counts like a threat to leave. The queue is ordered by `place_at`, the time to answer by less a
head start by level. Rows that wait are computed again.
"""

from importlib import import_module
from typing import Final

import sqlalchemy as sa
from alembic import op

from responders.store.migrations.columns import instants

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TRIGGER_NAMES: Final = (
    "keep_heads_inserted",
    "keep_heads_before",
    "keep_heads_updated",
    "keep_heads_deleted",
)
_VERSIONS: Final = "responders.store.migrations.versions"

WORDS_LEVEL = """
CREATE OR REPLACE FUNCTION level_of_words(label text, said jsonb) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN coalesce(label, '') = 'negative' OR said @? '$.probabilities[0] ? (@ >= 0.5)'
            OR said @? '$.sarcasm ? (@ >= 0.5)' THEN 1 ELSE 0 END
        + CASE WHEN said @? '$.frustration ? (@ >= 0.5)' THEN 1 ELSE 0 END
        + CASE WHEN CASE WHEN jsonb_typeof(said->'threat') = 'number' THEN said @? '$.threat ? (@ >= 0.5)'
            ELSE said->'frustration_reasons' @> '"threat_to_leave"' END
            OR said->'frustration_reasons' @> '"escalation"' THEN 2 ELSE 0 END
$$
"""

REFRESH = """
CREATE OR REPLACE FUNCTION refresh_ticket_heads(ticket_ids text[]) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE one text; newest record; settled text[]; is_waiting boolean; pressing record; urgency integer;
    due timestamptz; place timestamptz;
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
        SELECT u.event_id, v.level, min(u.occurred_at) OVER () AS since INTO pressing
        FROM unanswered u LEFT JOIN sentiments m ON m.event_id = u.event_id
        LEFT JOIN LATERAL (
            SELECT CASE WHEN NOT c.undone THEN c.mood END AS mood FROM mood_corrections c
            WHERE c.event_id = u.event_id ORDER BY c.correction_id DESC LIMIT 1
        ) g ON TRUE
        CROSS JOIN LATERAL (
            SELECT CASE WHEN g.mood IN ('neutral', 'positive') THEN 0
                ELSE coalesce(level_of_words(coalesce(g.mood, m.label), m.record), 0) END AS level
        ) v
        ORDER BY v.level DESC, u.place LIMIT 1;
        urgency := CASE WHEN is_waiting
            THEN pressing.level + level_of_account(newest.account_id, pressing.since) ELSE 0 END;
        due := least(timestamptz '9999-12-31 23:59:59.999999+00', pressing.since
            + (ARRAY[1440, 480, 240, 120, 60, 30])[urgency + 1] * interval '1 minute');
        place := due - (ARRAY[0, 0, 0, 72, 168, 336])[urgency + 1] * interval '1 hour';
        UPDATE ticket_heads h SET event_id = newest.event_id, account_id = newest.account_id,
            channel = newest.channel, occurred_at = newest.occurred_at, waits = is_waiting, tier = urgency,
            pressing_id = pressing.event_id, waiting_since = pressing.since,
            due_at = CASE WHEN is_waiting THEN due END, place_at = CASE WHEN is_waiting THEN place END
        WHERE h.ticket_id = one AND (h.event_id, h.account_id, h.channel, h.occurred_at, h.waits, h.tier,
            h.pressing_id, h.waiting_since, h.due_at, h.place_at)
            IS DISTINCT FROM (newest.event_id, newest.account_id, newest.channel, newest.occurred_at,
                is_waiting, urgency, pressing.event_id, pressing.since, CASE WHEN is_waiting THEN due END,
                CASE WHEN is_waiting THEN place END);
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
    WHEN 'mood_corrections' THEN
        SELECT array_agg(DISTINCT e.ticket_id) INTO ids
        FROM changed c JOIN ticket_events e ON e.event_id = c.event_id;
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
    FOREACH source IN ARRAY ARRAY['ticket_events', 'sentiments', 'drafts', 'decisions',
            'mood_corrections'] LOOP
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

FILL = "SELECT refresh_ticket_heads(array_agg(ticket_id)) FROM ticket_heads WHERE waits"


def upgrade() -> None:
    """Add the column, the rules that fill it in, and its index; a worker of an older build can go on."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("ticket_heads", *instants("place_at", nullable=True))
    op.drop_index("ix_ticket_heads_due", table_name="ticket_heads")
    for statement in (WORDS_LEVEL, REFRESH, CHANGED, TRIGGERS, FILL):
        op.execute(statement)
    waits = sa.text("waits")
    op.create_index(
        "ix_ticket_heads_place", "ticket_heads", ["place_at", "ticket_id"], postgresql_where=waits
    )
    op.execute("ANALYZE ticket_heads")


def downgrade() -> None:
    """Restore the rules of revision 0007 and the order by the time to answer by."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in TRIGGER_NAMES:
        op.execute(f"DROP TRIGGER {name} ON mood_corrections")
    op.drop_index("ix_ticket_heads_place", table_name="ticket_heads")
    op.drop_column("ticket_heads", "place_at")
    first, due = import_module(f"{_VERSIONS}.0003_ticket_heads"), import_module(f"{_VERSIONS}.0006_due")
    for statement in (due.WORDS_LEVEL, due.REFRESH, first.CHANGED, FILL):
        op.execute(statement)
    waits = sa.text("waits")
    op.create_index("ix_ticket_heads_due", "ticket_heads", ["due_at", "ticket_id"], postgresql_where=waits)
