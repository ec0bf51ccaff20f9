"""One row per ticket: its newest event and whether a customer waits. PostgreSQL maintains it by triggers.

The triggers run in the transaction that changes an event, a mood, a draft or a decision. They run for every
writer: a worker of an older build, a retention job or a person at a prompt. The row of a ticket is always
computed from the ticket's other rows, so their order of arrival does not matter. The row is locked before it
is computed, so the later of two transactions sees the writes of the earlier one.
"""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, event, text
from sqlmodel import Session

from schemas.table_parts import metadata

CLOSING_REASONS: Final = ("handled", "not_needed")
"""The reasons of a dismissal that say that the customer needs no reply; the SQL below repeats them."""

_REFRESH = text(
    """
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
)

_CHANGED = text(
    """
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
)

_TRIGGERS = text(
    """
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
)

_INSERT = text(
    """
INSERT INTO ticket_heads (ticket_id, waits, tier)
SELECT wanted.ticket_id, FALSE, 0 FROM unnest(CAST(:ticket_ids AS text[])) AS wanted(ticket_id)
ORDER BY wanted.ticket_id ON CONFLICT DO NOTHING
"""
)
_HOLD = text(
    """
SELECT ticket_id FROM ticket_heads WHERE ticket_id = ANY(CAST(:ticket_ids AS text[]))
ORDER BY ticket_id FOR UPDATE
"""
)


def hold(session: Session, ticket_ids: Iterable[str]) -> None:
    """Lock tickets until the transaction ends, in the order of their ids.

    A transaction that writes rows of several tickets calls this first. Two such transactions then wait for
    each other and never deadlock. A ticket without events is locked as well.
    """
    bound = {"ticket_ids": sorted(set(ticket_ids))}
    if bound["ticket_ids"]:
        session.execute(_INSERT, bound)
        session.execute(_HOLD, bound)


def create_triggers(connection: Connection) -> None:
    """Create or replace the functions and triggers."""
    for statement in (_REFRESH, _CHANGED, _TRIGGERS):
        connection.execute(statement)


@event.listens_for(metadata, "after_create")
def _after_create(_target: Any, connection: Connection, **_options: Any) -> None:
    create_triggers(connection)
