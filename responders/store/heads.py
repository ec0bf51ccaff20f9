"""One row per ticket: its newest event, whether a customer waits, and by when the answer is due.

PostgreSQL maintains it by triggers. They run in the transaction that changes an event, a mood, a person's
correction of it, a draft, a decision, an account or a churn alert. They run for every writer: a worker of an
older build, a retention job or a person at a prompt. The row of a ticket is always computed from the ticket's
other rows, so their order of arrival does not matter. The row is locked before it is computed, so the later
of two transactions sees the writes of the earlier one. One exception: a ticket that begins to wait at the
moment in which its account or an alert changes may miss that change until its next event, mood or decision.

The level of a ticket is that of `responders/urgency.py`, written in SQL; its numbers are repeated here.
"""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, event, text
from sqlmodel import Session

from schemas.table_parts import metadata

CLOSING_REASONS: Final = ("handled", "not_needed")
"""The reasons of a dismissal that say that the customer needs no reply; the SQL below repeats them."""

_WORDS_LEVEL = text(
    """
CREATE OR REPLACE FUNCTION level_of_words(label text, said jsonb) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN coalesce(label, '') = 'negative' OR said @? '$.probabilities[0] ? (@ >= 0.5)'
            OR said @? '$.sarcasm ? (@ >= 0.5)' THEN 1 ELSE 0 END
        + CASE WHEN said @? '$.frustration ? (@ >= 0.5)' THEN 1 ELSE 0 END
        + CASE WHEN CASE WHEN jsonb_typeof(said->'threat') = 'number' THEN said @? '$.threat ? (@ >= 0.5)'
            ELSE said->'frustration_reasons' @> '"threat_to_leave"' END
            OR said->'frustration_reasons' @> '"escalation"' THEN 2 ELSE 0 END
$$
"""
)

_ACCOUNT_LEVEL = text(
    """
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
)

# A wait begins with the first message after the last reply, close, merge or settled draft among the newest
# 200 events. The most pressing of its messages decides, so that "any news?" hides no threat before it.
_REFRESH = text(
    """
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
)

_ACCOUNT_CHANGED = text(
    """
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
)

_TRIGGERS = text(
    """
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
)

_ACCOUNT_TRIGGERS = text(
    """
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
)

_RULES: Final = (
    _WORDS_LEVEL,
    _ACCOUNT_LEVEL,
    _REFRESH,
    _CHANGED,
    _ACCOUNT_CHANGED,
    _TRIGGERS,
    _ACCOUNT_TRIGGERS,
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
_HOLD_WAITING = text(
    """
SELECT ticket_id FROM ticket_heads WHERE waits AND account_id = ANY(CAST(:account_ids AS text[]))
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


def hold_waiting(session: Session, account_ids: Iterable[str]) -> None:
    """Lock the waiting tickets of accounts until the transaction ends, in the order of the tickets' ids.

    A transaction that changes several accounts or alerts calls this first, for the same reason as `hold`.
    """
    bound = {"account_ids": sorted(set(account_ids))}
    if bound["account_ids"]:
        session.execute(_HOLD_WAITING, bound)


def create_triggers(connection: Connection) -> None:
    """Create or replace the functions and triggers."""
    for statement in _RULES:
        connection.execute(statement)


@event.listens_for(metadata, "after_create")
def _after_create(_target: Any, connection: Connection, **_options: Any) -> None:
    create_triggers(connection)
