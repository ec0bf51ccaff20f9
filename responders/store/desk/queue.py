"""The queue of a support agent, most urgent first, in pages by key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from responders.store.desk.snippets import START, with_snippet
from schemas.table_parts import IS_LIVE

PAGE_SIZE: Final = 100
"""Rows on a page of the queue at most."""

SNIPPET_CHARACTERS: Final = 200
"""Characters of a snippet in the queue."""

COUNTED_MOST: Final = 10_000
"""Items counted at most: counting a million items takes a second and tells a person nothing more."""


class QueueCursor(NamedTuple):
    """The position after which a page starts: the order key of the last row of the page before."""

    tier: int
    waiting_since: datetime
    item_id: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue: a ticket with its draft, or an outreach draft (`ticket_id` is None).

    `tier` is 2 (negative and frustrated), 1 (either of the two, or outreach) or 0; `probability_negative`
    and `frustration` are in [0, 1]. `draft_state` is None until the draft is written. It is `dismissed` if
    a person must write the reply; `dismissed_reason` then gives the reason.
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
    dismissed_reason: str | None
    waiting_since: datetime

    @property
    def cursor(self) -> QueueCursor:
        """Return the order key of this row."""
        return QueueCursor(self.tier, self.waiting_since, self.item_id)


class QueueCounts(NamedTuple):
    """The number of items in each view, at most `COUNTED_MOST` + 1, which means "more".

    `without_draft` and `abstained` are part of `open`. `abstained` counts tickets for which a person must
    write the reply: no draft could be grounded, or the draft was dismissed.
    """

    open: int
    urgent: int
    without_draft: int
    abstained: int
    outreach: int
    decided: int


# Each lookup is a LATERAL with a LIMIT, so it reads one index entry per row whatever the planner estimates.
_OPEN_PAGE = text(
    """
WITH page AS (
    SELECT ticket_id, event_id, account_id, channel, occurred_at, tier FROM ticket_heads
    WHERE waits AND (CAST(:after_tier AS int) IS NULL OR tier < CAST(:after_tier AS int)
        OR (tier = CAST(:after_tier AS int) AND (occurred_at, ticket_id)
            > (CAST(:after_at AS timestamptz), CAST(:after_id AS text))))
    ORDER BY tier DESC, occurred_at, ticket_id LIMIT :page_size
)
SELECT p.ticket_id AS item_id, p.ticket_id, d.draft_id, p.account_id,
    coalesce(a.name, p.account_id) AS account_name, p.channel, coalesce(h.subject, '') AS subject,
    coalesce(e.snippet, '') AS snippet, s.label AS mood, s.event_id IS NOT NULL AS mood_known,
    coalesce(s.probability_negative, 0) AS probability_negative, coalesce(s.frustration, 0) AS frustration,
    p.tier, coalesce(d.state, n.state) AS draft_state, d.confidence, n.reason AS dismissed_reason,
    p.occurred_at AS waiting_since
FROM page p
LEFT JOIN LATERAL (
    SELECT left(record->>'body', :start) AS snippet FROM ticket_events WHERE event_id = p.event_id LIMIT 1
) e ON TRUE
LEFT JOIN LATERAL (
    SELECT record->>'subject' AS subject FROM ticket_events
    WHERE ticket_id = p.ticket_id AND record->>'subject' <> '' ORDER BY occurred_at, event_id LIMIT 1
) h ON TRUE
LEFT JOIN LATERAL (
    SELECT event_id, label, (record->'probabilities'->>0)::float8 AS probability_negative,
        (record->>'frustration')::float8 AS frustration
    FROM sentiments WHERE event_id = p.event_id LIMIT 1
) s ON TRUE
LEFT JOIN LATERAL (
    SELECT draft_id, state, (record->>'confidence')::float8 AS confidence FROM drafts
    WHERE ticket_id = p.ticket_id AND """
    + IS_LIVE
    + """ LIMIT 1
) d ON TRUE
LEFT JOIN LATERAL (
    SELECT x.state, c.record->>'reason' AS reason FROM drafts x LEFT JOIN decisions c USING (draft_id)
    WHERE d.draft_id IS NULL AND x.ticket_id = p.ticket_id AND x.based_on = p.event_id
        AND x.state = 'dismissed' ORDER BY x.updated_at DESC LIMIT 1
) n ON TRUE
LEFT JOIN LATERAL (SELECT name FROM accounts WHERE account_id = p.account_id LIMIT 1) a ON TRUE
ORDER BY p.tier DESC, p.occurred_at, p.ticket_id
"""
)

_OUTREACH_PAGE = text(
    """
SELECT d.draft_id AS item_id, NULL AS ticket_id, d.draft_id, d.account_id,
    coalesce(a.name, d.account_id) AS account_name,
    d.record->>'channel' AS channel, d.record->>'subject' AS subject,
    left(d.record->>'body', :start) AS snippet,
    NULL AS mood, FALSE AS mood_known, 0.0 AS probability_negative, 0.0 AS frustration, 1 AS tier,
    d.state AS draft_state, (d.record->>'confidence')::float8 AS confidence, NULL AS dismissed_reason,
    d.created_at AS waiting_since
FROM drafts d LEFT JOIN accounts a ON a.account_id = d.account_id
WHERE d.kind = 'outreach' AND d."""
    + IS_LIVE
    + """ AND (CAST(:after_id AS text) IS NULL
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
    left(coalesce(e.record->>'body', d.record->>'body'), :start) AS snippet, d.record->>'mood' AS mood,
    d.record->>'mood' IS NOT NULL AS mood_known, 0.0 AS probability_negative, 0.0 AS frustration, 0 AS tier,
    d.state AS draft_state, (d.record->>'confidence')::float8 AS confidence, NULL AS dismissed_reason,
    p.decided_at AS waiting_since
FROM page p JOIN drafts d ON d.draft_id = p.draft_id
LEFT JOIN ticket_events e ON e.event_id = d.based_on
LEFT JOIN accounts a ON a.account_id = d.account_id
ORDER BY p.decided_at DESC, p.draft_id DESC
"""
)

_COUNTS = text(
    """
WITH waiting AS (
    SELECT ticket_id, event_id, tier FROM ticket_heads WHERE waits
    ORDER BY tier DESC, occurred_at, ticket_id LIMIT :most
), drafted AS (
    SELECT w.tier, d.state FROM waiting w LEFT JOIN LATERAL (
        SELECT state FROM drafts WHERE ticket_id = w.ticket_id
            AND ("""
    + IS_LIVE
    + """ OR (state = 'dismissed' AND based_on = w.event_id))
        ORDER BY state = 'dismissed' LIMIT 1
    ) d ON TRUE
)
SELECT count(*) AS open, count(*) FILTER (WHERE tier = 2) AS urgent,
    count(*) FILTER (WHERE state IS NULL) AS without_draft,
    count(*) FILTER (WHERE state IN ('abstained', 'dismissed')) AS abstained,
    (SELECT count(*) FROM (SELECT 1 FROM drafts WHERE kind = 'outreach' AND """
    + IS_LIVE
    + """
        LIMIT :most) counted) AS outreach,
    (SELECT count(*) FROM (SELECT 1 FROM decisions LIMIT :most) counted) AS decided
FROM drafted
"""
)


def open_queue(
    session: Session, *, after: QueueCursor | None = None, page_size: int = PAGE_SIZE
) -> list[QueueRow]:
    """Return the tickets that wait for a reply: highest tier first, then the longest waiting.

    A ticket waits if its newest event is a customer message, until a person replies, or dismisses the draft
    because no reply is needed.
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
    """Return the drafts with a decision, newest decision first (`waiting_since` is its time)."""
    return _page(session, _DECIDED_PAGE, after, page_size)


def queue_counts(session: Session) -> QueueCounts:
    """Return the number of items in each view."""
    row = session.execute(_COUNTS, {"most": COUNTED_MOST + 1}).one()
    return QueueCounts(*row)


def _page(session: Session, statement: Any, after: QueueCursor | None, page_size: int) -> list[QueueRow]:
    bound: dict[str, Any] = {
        "after_tier": after.tier if after else None,
        "after_at": after.waiting_since if after else None,
        "after_id": after.item_id if after else None,
        "page_size": min(page_size, PAGE_SIZE),
        **START,
    }
    if statement is not _OPEN_PAGE:
        del bound["after_tier"]
    rows = session.execute(statement, bound).mappings()
    return [QueueRow(**with_snippet(row, SNIPPET_CHARACTERS)) for row in rows]
