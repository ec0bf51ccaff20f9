"""The queue of a support agent, in the order in which answers are due, in pages by key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from responders.store.desk.snippets import START, with_snippet
from responders.urgency import (
    ALLOWED,
    OUTREACH_LEVEL,
    URGENT,
    Plea,
    SaidWords,
    UrgencyReason,
    said_words,
    stakes_of,
    urgency_reasons,
)
from schemas.table_parts import IS_LIVE

PAGE_SIZE: Final = 100
"""Rows on a page of the queue at most."""

SNIPPET_CHARACTERS: Final = 200
"""Characters of a snippet in the queue."""

COUNTED_MOST: Final = 10_000
"""Items counted at most: counting a million items takes a second and tells a person nothing more."""


class QueueCursor(NamedTuple):
    """The position after which a page starts: the order key of the last row of the page before."""

    at: datetime
    item_id: str


_PLEA_COLUMNS: Final = frozenset(("pressing_mood", "pressing", "pressing_given", "alert", "account"))
"""Columns of an open ticket from which its reasons are made."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue: a ticket with its draft, or an outreach draft (`ticket_id` is None).

    `tier` is how pressing the item is, 0 to 5; `due_at` is the time to answer by, None after a decision;
    `place_at` orders the queue, None after a decision. `plea` has the reasons of an open ticket. `mood` is a
    person's if one was given. `probability_negative` and `frustration` are the model's, in [0, 1].
    `draft_state` is None until the draft is written. It is `dismissed` if a person must write the reply;
    `dismissed_reason` then gives the reason.
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
    due_at: datetime | None
    place_at: datetime | None
    plea: Plea | None = None

    def reasons(self, now: datetime) -> tuple[UrgencyReason, ...]:
        """Return why a ticket stands at its place, in words; none for a draft without a ticket."""
        return urgency_reasons(self.plea, now=now) if self.plea else ()

    @property
    def is_urgent(self) -> bool:
        """Return whether the item is marked as urgent."""
        return self.due_at is not None and self.tier >= URGENT

    @property
    def cursor(self) -> QueueCursor:
        """Return the order key of this row."""
        return QueueCursor(self.place_at or self.waiting_since, self.item_id)


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
    SELECT ticket_id, event_id, account_id, channel, tier, pressing_id, waiting_since, due_at, place_at
    FROM ticket_heads
    WHERE waits AND (CAST(:after_id AS text) IS NULL
        OR (place_at, ticket_id) > (CAST(:after_at AS timestamptz), CAST(:after_id AS text)))
    ORDER BY place_at, ticket_id LIMIT :page_size
)
SELECT p.ticket_id AS item_id, p.ticket_id, d.draft_id, p.account_id,
    coalesce(a.name, p.account_id) AS account_name, p.channel, coalesce(h.subject, '') AS subject,
    coalesce(e.snippet, '') AS snippet, coalesce(g.mood, s.label) AS mood,
    coalesce(g.mood, s.event_id) IS NOT NULL AS mood_known,
    coalesce(s.probability_negative, 0) AS probability_negative, coalesce(s.frustration, 0) AS frustration,
    p.tier, coalesce(d.state, n.state) AS draft_state, d.confidence, n.reason AS dismissed_reason,
    p.waiting_since, p.due_at, p.place_at, u.label AS pressing_mood, u.record AS pressing,
    o.mood AS pressing_given, c.severity AS alert,
    a.record AS account
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
LEFT JOIN LATERAL (SELECT label, record FROM sentiments WHERE event_id = p.pressing_id LIMIT 1) u ON TRUE
LEFT JOIN LATERAL (
    SELECT CASE WHEN NOT undone THEN mood END AS mood FROM mood_corrections
    WHERE event_id = p.event_id ORDER BY correction_id DESC LIMIT 1
) g ON TRUE
LEFT JOIN LATERAL (
    SELECT CASE WHEN NOT undone THEN mood END AS mood FROM mood_corrections
    WHERE event_id = p.pressing_id ORDER BY correction_id DESC LIMIT 1
) o ON TRUE
LEFT JOIN LATERAL (SELECT name, record FROM accounts WHERE account_id = p.account_id LIMIT 1) a ON TRUE
LEFT JOIN LATERAL (
    SELECT severity FROM churn_alerts
    WHERE account_id = p.account_id AND state IN ('new', 'acknowledged', 'snoozed')
    ORDER BY severity <> 'critical', severity <> 'warning' LIMIT 1
) c ON TRUE
ORDER BY p.place_at, p.ticket_id
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
    d.created_at AS waiting_since, d.created_at + CAST(:allowed AS interval) AS due_at,
    d.created_at + CAST(:allowed AS interval) AS place_at
FROM drafts d LEFT JOIN accounts a ON a.account_id = d.account_id
WHERE d.kind = 'outreach' AND d."""
    + IS_LIVE
    + """ AND (CAST(:after_id AS text) IS NULL
    OR (d.created_at, d.draft_id)
        > (CAST(:after_at AS timestamptz) - CAST(:allowed AS interval), CAST(:after_id AS text)))
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
    p.decided_at AS waiting_since, NULL AS due_at, NULL AS place_at
FROM page p JOIN drafts d ON d.draft_id = p.draft_id
LEFT JOIN ticket_events e ON e.event_id = d.based_on
LEFT JOIN accounts a ON a.account_id = d.account_id
ORDER BY p.decided_at DESC, p.draft_id DESC
"""
)

_COUNTS = text(
    """
WITH waiting AS (
    SELECT ticket_id, event_id, tier FROM ticket_heads WHERE waits ORDER BY place_at, ticket_id LIMIT :most
), drafted AS (
    SELECT w.tier, d.state FROM waiting w LEFT JOIN LATERAL (
        SELECT state FROM drafts WHERE ticket_id = w.ticket_id
            AND ("""
    + IS_LIVE
    + """ OR (state = 'dismissed' AND based_on = w.event_id))
        ORDER BY state = 'dismissed' LIMIT 1
    ) d ON TRUE
)
SELECT count(*) AS open, count(*) FILTER (WHERE tier >= :urgent) AS urgent,
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
    """Return the tickets that wait for a reply: by the time their answers are due, less a head start.

    A ticket waits if its newest event is a customer message, until a person replies, or dismisses the draft
    because no reply is needed.
    """
    found = session.execute(_OPEN_PAGE, _bound(after, page_size)).mappings()
    return [_row(row, plea=_plea(row)) for row in found]


def outreach_queue(
    session: Session, *, after: QueueCursor | None = None, page_size: int = PAGE_SIZE
) -> list[QueueRow]:
    """Return the outreach drafts that wait for a decision, oldest first."""
    bound = {**_bound(after, page_size), "allowed": ALLOWED[OUTREACH_LEVEL]}
    return [_row(row) for row in session.execute(_OUTREACH_PAGE, bound).mappings()]


def decided_queue(
    session: Session, *, after: QueueCursor | None = None, page_size: int = PAGE_SIZE
) -> list[QueueRow]:
    """Return the drafts with a decision, newest decision first (`waiting_since` is its time)."""
    return [_row(row) for row in session.execute(_DECIDED_PAGE, _bound(after, page_size)).mappings()]


def with_outreach(tickets: Sequence[QueueRow], outreach: Sequence[QueueRow]) -> list[QueueRow]:
    """Return tickets and outreach drafts in the order of the queue."""
    return sorted((*tickets, *outreach), key=lambda row: row.cursor)


def queue_counts(session: Session) -> QueueCounts:
    """Return the number of items in each view."""
    row = session.execute(_COUNTS, {"most": COUNTED_MOST + 1, "urgent": URGENT}).one()
    return QueueCounts(*row)


def _bound(after: QueueCursor | None, page_size: int) -> dict[str, Any]:
    return {
        "after_at": after.at if after else None,
        "after_id": after.item_id if after else None,
        "page_size": min(page_size, PAGE_SIZE),
        **START,
    }


def _row(row: Mapping[Any, Any], *, plea: Plea | None = None) -> QueueRow:
    shown = {name: value for name, value in row.items() if name not in _PLEA_COLUMNS}
    return QueueRow(**with_snippet(shown, SNIPPET_CHARACTERS), plea=plea)


def _plea(row: Mapping[Any, Any]) -> Plea:
    said, given = said_words(row["pressing_mood"], row["pressing"]), row["pressing_given"]
    return Plea(
        said=(said or SaidWords()).heard_as(given) if given else said,
        stakes=stakes_of(row["account_id"], row["account"]),
        alert=row["alert"],
        since=row["waiting_since"],
    )
