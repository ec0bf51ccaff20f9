"""Ticket events and drafts at rest: at most one live draft per ticket, and it answers the newest message."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Update, func, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlmodel import Session, col

from responders.store.notify import notify
from schemas.table_parts import LIVE_STATES
from schemas.tables import DraftRow, TicketEventRow
from schemas.tickets import Draft, Ticket

_REASONS: Final = {
    "customer_message": "newer_message",
    "human_reply": "human_reply",
    "merged": "merged",
    "closed": "closed",
}

_STEPS: Final[Mapping[str, timedelta]] = {
    "human_reply": timedelta(microseconds=1),
    "merged": timedelta(microseconds=2),
    "closed": timedelta(microseconds=2),
}
"""The offset of an event after a customer's message of the same instant. Exports often give only the day,
and a reply or a close comes after the message."""

_LAST: Final = datetime.max.replace(tzinfo=UTC) - max(_STEPS.values())


def moment_of(ticket: Ticket) -> datetime:
    """Return the time that orders an event in the conversation: its own time plus the step of its kind.

    >>> at = datetime(2026, 1, 5, tzinfo=UTC)
    >>> ids = {"event_id": "e", "ticket_id": "t", "account_id": "a"}
    >>> moment_of(Ticket(**ids, kind="closed", occurred_at=at)) - at
    datetime.timedelta(microseconds=2)
    """
    return min(ticket.occurred_at, _LAST) + _STEPS.get(ticket.kind, timedelta())


def save_ticket_event(session: Session, ticket: Ticket) -> None:
    """Insert or replace an event of a ticket; its row has the time `moment_of`, its record is unchanged."""
    statement = insert(TicketEventRow).values(
        event_id=ticket.event_id,
        ticket_id=ticket.ticket_id,
        account_id=ticket.account_id,
        kind=ticket.kind,
        channel=ticket.channel,
        record=ticket.to_json(),
        occurred_at=moment_of(ticket),
    )
    names = ("ticket_id", "account_id", "kind", "channel", "record", "occurred_at")
    changed = {name: statement.excluded[name] for name in names}
    session.execute(statement.on_conflict_do_update(index_elements=["event_id"], set_=changed))


def retire(
    session: Session, ticket_id: str, *, reason: str, now: datetime, before: Ticket | None = None
) -> int:
    """Make the ticket's live draft stale for a reason; return how many drafts were live (0 or 1).

    With `before`, only a draft that answers an event older than `before` is retired, so a late event does
    not retire a newer draft. Drafts with a decision do not change.
    """
    _lock(session, ticket_id)
    live = col(DraftRow.state).in_(LIVE_STATES)
    statement = update(DraftRow).where(col(DraftRow.ticket_id) == ticket_id, live)
    if before is not None:
        older = select(col(TicketEventRow.event_id)).where(
            tuple_(col(TicketEventRow.occurred_at), col(TicketEventRow.event_id))
            < tuple_(moment_of(before), before.event_id)
        )
        statement = statement.where(col(DraftRow.based_on).in_(older))
    return _retired(session, statement, reason, now)


def retire_draft(session: Session, draft_id: str, *, reason: str, now: datetime) -> int:
    """Make a live draft stale for a reason; return how many drafts were live (0 or 1).

    The caller has locked the ticket and the draft.
    """
    wanted = col(DraftRow.draft_id) == draft_id, col(DraftRow.state).in_(LIVE_STATES)
    return _retired(session, update(DraftRow).where(*wanted), reason, now)


def _retired(session: Session, statement: Update, reason: str, now: datetime) -> int:
    marked = statement.values(
        state="stale",
        stale_reason=reason,
        updated_at=now,
        record=col(DraftRow.record).op("||")(literal({"state": "stale"}, JSONB)),
    )
    retired = session.scalars(marked.returning(col(DraftRow.draft_id))).all()
    for draft_id in retired:
        notify(session, "draft", draft_id)
    return len(retired)


def save_draft(session: Session, draft: Draft) -> bool:
    """Insert a draft; return True if it is new and live.

    An older live draft of the ticket is retired first. The draft is stored as stale, and False is returned,
    if the ticket has a newer event than the answered message (a message, a human reply, a merge, a close)
    or a newer live draft. False is also returned if the draft already exists.
    """
    if draft.ticket_id is not None:
        _lock(session, draft.ticket_id)
    if session.get(DraftRow, draft.draft_id) is not None:
        return False
    reason = _overtaken_by(session, draft) if draft.state in LIVE_STATES else None
    if reason is None and draft.ticket_id is not None and draft.state in LIVE_STATES:
        retire(session, draft.ticket_id, reason="newer_draft", now=draft.created_at)
    kept = draft if reason is None else draft.model_copy(update={"state": "stale"})
    statement = insert(DraftRow).values(_values(kept, reason)).on_conflict_do_nothing()
    is_new = session.scalars(statement.returning(col(DraftRow.draft_id))).first() is not None
    if is_new:
        notify(session, "draft", draft.draft_id)
    return is_new and reason is None


def _lock(session: Session, ticket_id: str) -> None:
    """Lock the drafts of a ticket until the transaction ends, so that they are written one after another."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"draft:{ticket_id}", 0))))


def _overtaken_by(session: Session, draft: Draft) -> str | None:
    """Return the reason why the draft is stale already, or None."""
    place = _place(session, draft.based_on)
    if draft.ticket_id is None or place is None:
        return None
    at, event_id = col(TicketEventRow.occurred_at), col(TicketEventRow.event_id)
    newer = (
        select(col(TicketEventRow.kind))
        .where(col(TicketEventRow.ticket_id) == draft.ticket_id, tuple_(at, event_id) > tuple_(*place))
        .order_by(at.desc(), event_id.desc())
        .limit(1)
    )
    kind = session.scalars(newer).first()
    return _REASONS[kind] if kind else None


def _place(session: Session, event_id: str) -> tuple[datetime, str] | None:
    query = select(col(TicketEventRow.occurred_at)).where(col(TicketEventRow.event_id) == event_id)
    occurred_at = session.scalars(query).first()
    return (occurred_at, event_id) if occurred_at else None


def _values(draft: Draft, stale_reason: str | None) -> dict[str, object]:
    return {
        "draft_id": draft.draft_id,
        "kind": draft.kind,
        "ticket_id": draft.ticket_id,
        "account_id": draft.account_id,
        "based_on": draft.based_on,
        "state": draft.state,
        "stale_reason": stale_reason,
        "record": draft.to_json(),
        "created_at": draft.created_at,
        "updated_at": draft.created_at,
    }
