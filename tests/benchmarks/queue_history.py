"""A long history of tickets, made by PostgreSQL itself, and the earlier statements of the queue."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from responders.store import migrate

_OPEN_BEFORE = """
WITH latest AS (
    SELECT DISTINCT ON (ticket_id) ticket_id, event_id, account_id, kind, channel, occurred_at
    FROM ticket_events ORDER BY ticket_id, occurred_at DESC, event_id DESC
), waiting AS (
    SELECT l.ticket_id, l.event_id, l.account_id, l.channel, l.occurred_at,
        s.event_id IS NOT NULL AS mood_known, s.label AS mood,
        coalesce((s.record->'probabilities'->>0)::float8, 0) AS probability_negative,
        coalesce((s.record->>'frustration')::float8, 0) AS frustration,
        d.draft_id, d.state AS draft_state, (d.record->>'confidence')::float8 AS confidence,
        CASE WHEN coalesce(s.label, '') = 'negative' THEN 1 ELSE 0 END
        + CASE WHEN coalesce((s.record->>'frustration')::float8, 0) >= 0.5 THEN 1 ELSE 0 END AS tier
    FROM latest l
    LEFT JOIN sentiments s ON s.event_id = l.event_id
    LEFT JOIN drafts d ON d.ticket_id = l.ticket_id AND d.state IN ('ready', 'abstained')
    WHERE l.kind = 'customer_message' AND NOT EXISTS (
        SELECT 1 FROM drafts done WHERE done.ticket_id = l.ticket_id AND done.based_on = l.event_id
        AND done.state IN ('sent', 'edited', 'dismissed'))
)
"""

BEFORE_PAGE = (
    _OPEN_BEFORE
    + """, page AS (
    SELECT * FROM waiting
    ORDER BY tier DESC, occurred_at, ticket_id LIMIT 100
)
SELECT p.ticket_id AS item_id, p.ticket_id, p.draft_id, p.account_id,
    coalesce(a.name, p.account_id) AS account_name,
    p.channel, coalesce((SELECT h.record->>'subject' FROM ticket_events h
        WHERE h.ticket_id = p.ticket_id AND h.record->>'subject' <> ''
        ORDER BY h.occurred_at, h.event_id LIMIT 1), '') AS subject,
    left(e.record->>'body', 200) AS snippet, p.mood, p.mood_known,
    p.probability_negative, p.frustration, p.tier,
    p.draft_state, p.confidence, p.occurred_at AS waiting_since
FROM page p JOIN ticket_events e ON e.event_id = p.event_id
LEFT JOIN accounts a ON a.account_id = p.account_id
ORDER BY p.tier DESC, p.occurred_at, p.ticket_id
"""
)

BEFORE_COUNTS = (
    _OPEN_BEFORE
    + """
SELECT count(*) AS open, count(*) FILTER (WHERE tier = 2) AS urgent,
    count(*) FILTER (WHERE draft_id IS NULL) AS without_draft,
    count(*) FILTER (WHERE draft_state = 'abstained') AS abstained,
    (SELECT count(*) FROM drafts WHERE kind = 'outreach' AND state IN ('ready', 'abstained')) AS outreach,
    (SELECT count(*) FROM decisions) AS decided
FROM waiting
"""
)

_FILL = (
    """
INSERT INTO ticket_events
SELECT 't' || n || '-1', 't' || n, 'account-' || n % 1000, 'customer_message', 'email',
    jsonb_build_object('subject', 'Subject ' || n, 'body', repeat('I cannot export my labels. ', 20)),
    now() - n * interval '10 seconds'
FROM generate_series(1, :tickets) n
""",
    """
INSERT INTO ticket_events
SELECT 't' || n || '-2', 't' || n, 'account-' || n % 1000, 'human_reply', 'email',
    jsonb_build_object('subject', '', 'body', repeat('Please try again. ', 20)),
    now() - n * interval '10 seconds' + interval '5 seconds'
FROM generate_series(1, :tickets) n WHERE n > :waiting
""",
    """
INSERT INTO sentiments
SELECT 't' || n || '-1', 't' || n, 'account-' || n % 1000,
    (ARRAY['negative', 'neutral', 'positive'])[n % 3 + 1], 0, NULL,
    jsonb_build_object('probabilities', jsonb_build_array(0.8, 0.1, 0.1), 'frustration', n % 10 / 10.0),
    now(), now()
FROM generate_series(1, :tickets) n
""",
    """
INSERT INTO drafts (draft_id, kind, ticket_id, account_id, based_on, state, record, created_at, updated_at)
SELECT 'd' || n, 'reply', 't' || n, 'account-' || n % 1000, 't' || n || '-1',
    CASE WHEN n <= :waiting THEN 'ready' WHEN n % 2 = 0 THEN 'sent' ELSE 'stale' END,
    jsonb_build_object('body', repeat('Hello. ', 100), 'subject', '', 'confidence', 0.8), now(), now()
FROM generate_series(1, :tickets) n
""",
    """
INSERT INTO decisions
SELECT 'c' || n, 'd' || n, 'sent', 'kim', jsonb_build_object('reason', NULL),
    now() - n * interval '10 seconds'
FROM generate_series(1, :tickets) n WHERE n > :waiting AND n % 2 = 0
""",
)


def upgrade_to(engine: Engine, revision: str) -> None:
    """Bring an empty database to a revision."""
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
        config = Config()
        config.set_main_option("script_location", str(migrate.MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def fill(engine: Engine, tickets: int, waiting: int) -> None:
    """Add tickets without their own row: the newest `waiting` have a draft, the others are answered."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in _FILL:
            connection.execute(text(statement), {"tickets": tickets, "waiting": waiting})


def analyse(engine: Engine) -> None:
    """Update the statistics of the planner."""
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
