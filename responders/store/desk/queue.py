"""What waits for a support agent, most urgent first, in pages by key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlmodel import Session

PAGE_SIZE: Final = 100


class QueueCursor(NamedTuple):
    """The place after which a page starts: the order key of the last row before it."""

    tier: int
    waiting_since: datetime
    item_id: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue: a ticket with its draft, or an outreach draft (`ticket_id` is None).

    `tier` is 2 (negative and frustrated), 1 (one of both, or outreach) or 0; `probability_negative`
    and `frustration` are in [0, 1]; `draft_state` is None while a draft is on its way.
    """

    item_id: str
    ticket_id: str | None
    draft_id: str | None
    account_id: str
    account_name: str
    channel: str
    subject: str
    snippet: str
    mood: str | None
    mood_known: bool
    probability_negative: float
    frustration: float
    tier: int
    draft_state: str | None
    confidence: float | None
    waiting_since: datetime

    @property
    def cursor(self) -> QueueCursor:
        """Return the order key of this row."""
        return QueueCursor(self.tier, self.waiting_since, self.item_id)


class QueueCounts(NamedTuple):
    """How many items stand in each view; `without_draft` and `abstained` are part of `open`."""

    open: int
    urgent: int
    without_draft: int
    abstained: int
    outreach: int
    decided: int


_OPEN: Final = """
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

_OPEN_PAGE = text(
    _OPEN
    + """, page AS (
    SELECT * FROM waiting
    WHERE CAST(:after_tier AS int) IS NULL
        OR (-tier, occurred_at, ticket_id) > (-CAST(:after_tier AS int), :after_at, :after_id)
    ORDER BY tier DESC, occurred_at, ticket_id LIMIT :page_size
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

_OUTREACH_PAGE = text(
    """
SELECT d.draft_id AS item_id, NULL AS ticket_id, d.draft_id, d.account_id,
    coalesce(a.name, d.account_id) AS account_name,
    d.record->>'channel' AS channel, d.record->>'subject' AS subject, left(d.record->>'body', 200) AS snippet,
    NULL AS mood, FALSE AS mood_known, 0.0 AS probability_negative, 0.0 AS frustration, 1 AS tier,
    d.state AS draft_state, (d.record->>'confidence')::float8 AS confidence, d.created_at AS waiting_since
FROM drafts d LEFT JOIN accounts a ON a.account_id = d.account_id
WHERE d.kind = 'outreach' AND d.state IN ('ready', 'abstained') AND (CAST(:after_id AS text) IS NULL
    OR (d.created_at, d.draft_id) > (CAST(:after_at AS timestamptz), CAST(:after_id AS text)))
ORDER BY d.created_at, d.draft_id LIMIT :page_size
"""
)

_DECIDED_PAGE = text(
    """
WITH page AS (
    SELECT c.draft_id, c.decided_at FROM decisions c
    WHERE CAST(:after_id AS text) IS NULL
        OR (c.decided_at, c.draft_id) < (CAST(:after_at AS timestamptz), CAST(:after_id AS text))
    ORDER BY c.decided_at DESC, c.draft_id DESC LIMIT :page_size
)
SELECT d.draft_id AS item_id, d.ticket_id, d.draft_id, d.account_id,
    coalesce(a.name, d.account_id) AS account_name,
    d.record->>'channel' AS channel,
    coalesce(nullif(d.record->>'subject', ''), e.record->>'subject', '') AS subject,
    left(coalesce(e.record->>'body', d.record->>'body'), 200) AS snippet, d.record->>'mood' AS mood,
    d.record->>'mood' IS NOT NULL AS mood_known, 0.0 AS probability_negative, 0.0 AS frustration, 0 AS tier,
    d.state AS draft_state, (d.record->>'confidence')::float8 AS confidence, p.decided_at AS waiting_since
FROM page p JOIN drafts d ON d.draft_id = p.draft_id
LEFT JOIN ticket_events e ON e.event_id = d.based_on
LEFT JOIN accounts a ON a.account_id = d.account_id
ORDER BY p.decided_at DESC, p.draft_id DESC
"""
)

_COUNTS = text(
    _OPEN
    + """
SELECT count(*) AS open, count(*) FILTER (WHERE tier = 2) AS urgent,
    count(*) FILTER (WHERE draft_id IS NULL) AS without_draft,
    count(*) FILTER (WHERE draft_state = 'abstained') AS abstained,
    (SELECT count(*) FROM drafts WHERE kind = 'outreach' AND state IN ('ready', 'abstained')) AS outreach,
    (SELECT count(*) FROM decisions) AS decided
FROM waiting
"""
)


def open_queue(
    session: Session, *, after: QueueCursor | None = None, page_size: int = PAGE_SIZE
) -> list[QueueRow]:
    """Return the tickets that wait for a reply: highest tier first, then the longest waiting.

    A ticket waits when its newest event is a customer message on which no decision was made.
    """
    return _page(session, _OPEN_PAGE, after, page_size)


def outreach_queue(
    session: Session, *, after: QueueCursor | None = None, page_size: int = PAGE_SIZE
) -> list[QueueRow]:
    """Return the outreach drafts that wait for a decision, oldest first."""
    return _page(session, _OUTREACH_PAGE, after, page_size)


def decided_queue(
    session: Session, *, after: QueueCursor | None = None, page_size: int = PAGE_SIZE
) -> list[QueueRow]:
    """Return the drafts that were decided on, newest decision first (`waiting_since` is its time)."""
    return _page(session, _DECIDED_PAGE, after, page_size)


def queue_counts(session: Session) -> QueueCounts:
    """Return how many items stand in each view."""
    row = session.execute(_COUNTS).one()
    return QueueCounts(*row)


def _page(session: Session, statement: Any, after: QueueCursor | None, page_size: int) -> list[QueueRow]:
    bound: dict[str, Any] = {
        "after_tier": after.tier if after else None,
        "after_at": after.waiting_since if after else None,
        "after_id": after.item_id if after else None,
        "page_size": min(page_size, PAGE_SIZE),
    }
    if statement is not _OPEN_PAGE:
        del bound["after_tier"]
    return [QueueRow(**row) for row in session.execute(statement, bound).mappings()]
