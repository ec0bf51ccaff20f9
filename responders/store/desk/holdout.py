"""How tickets with a draft and tickets of the hold-out were handled."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from responders.drafting.holdout import HELD_OUT

PERIOD: Final = timedelta(days=56)
"""How far the comparison looks back. Chosen by hand."""

MOST_COMPARED: Final = 20_000
"""Drafts that are looked at, the newest first. Chosen by hand."""

DAY: Final = timedelta(days=1)
"""How long a ticket is watched: an answer that comes later counts as no answer, after a whole day."""

_HANDLED: Final = text(
    """
WITH recent AS (
    SELECT d.ticket_id, d.based_on, d.created_at, d.draft_id, d.state,
        d.record->>'abstained' IS NOT DISTINCT FROM CAST(:held_out AS text) AS is_held_out
    FROM drafts d
    WHERE d.kind = 'reply' AND d.ticket_id IS NOT NULL AND d.created_at > :since
        AND (d.record->>'abstained' = :held_out
            OR (d.record->>'abstained' IS NULL AND d.record->>'body' <> ''))
    ORDER BY d.created_at DESC LIMIT :most
), firsts AS (
    SELECT DISTINCT ON (r.ticket_id) r.* FROM recent r
    WHERE r.created_at >= (SELECT min(h.created_at) FROM recent h WHERE h.is_held_out)
    ORDER BY r.ticket_id, r.created_at, r.draft_id
)
SELECT f.is_held_out, f.state, extract(epoch FROM a.answered_at - e.occurred_at) AS seconds
FROM firsts f JOIN ticket_events e ON e.event_id = f.based_on
LEFT JOIN LATERAL (
    SELECT min(r.occurred_at) AS answered_at FROM ticket_events r
    WHERE r.ticket_id = f.ticket_id AND r.kind = 'human_reply' AND r.occurred_at > e.occurred_at
) a ON TRUE
WHERE e.occurred_at <= :matured
"""
)


@dataclass(frozen=True, slots=True)
class HandledTicket:
    """A ticket at least a day after the message of its first draft.

    `waited_seconds` is the time to the first reply, at most a day, also without a reply. `draft_state` is the
    state of that draft.
    """

    is_held_out: bool
    waited_seconds: float
    is_answered: bool
    draft_state: str


def handled_tickets(session: Session, *, now: datetime) -> list[HandledTicket]:
    """Return the tickets since the first one in the hold-out, of the last PERIOD; [] without a hold-out."""
    bound = {"held_out": HELD_OUT, "since": now - PERIOD, "matured": now - DAY, "most": MOST_COMPARED}
    return [_handled(*row) for row in session.execute(_HANDLED, bound)]


def _handled(is_held_out: bool, state: str, seconds: float | None) -> HandledTicket:
    longest = DAY.total_seconds()
    is_answered = seconds is not None and float(seconds) <= longest
    waited = float(seconds) if is_answered and seconds is not None else longest
    return HandledTicket(is_held_out, waited, is_answered, state)
