"""Replies that a person writes at the desk: part of the conversation until the help desk sends its own copy.

The event stores under `desk` who wrote it, when, and for which draft. The help desk's copy has the same id
and replaces the whole event, so this mark disappears when the reply has really been sent.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import desc
from sqlmodel import Session, col, select

from responders.store.desk.desk_reply import DeskReply, desk_reply
from responders.store.desk.refusals import DecisionRefused
from responders.store.drafts import retire, save_ticket_event
from responders.store.heads import hold
from responders.store.notify import notify
from schemas.tables import DraftRow, TicketEventRow
from schemas.tickets import Ticket

STALE_REASON: Final = "human reply"
_LATEST: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class OwnReply:
    """A reply without a draft: the ticket, the event it answers, its text and who wrote it."""

    ticket_id: str
    answers: str
    body: str
    replied_by: str


def newest_reply(session: Session, ticket_id: str) -> DeskReply | None:
    """Return the reply from the desk that is the newest event of the ticket, or None."""
    newest = newest_event(session, ticket_id)
    return desk_reply(newest) if newest else None


def newest_event(session: Session, ticket_id: str) -> TicketEventRow | None:
    """Return the newest event of a ticket, or None if it has no event."""
    wanted = select(TicketEventRow).where(TicketEventRow.ticket_id == ticket_id)
    newest_first = wanted.order_by(desc(col(TicketEventRow.occurred_at)), desc(col(TicketEventRow.event_id)))
    return session.exec(newest_first.limit(1)).first()


def add_reply(session: Session, event: Ticket, reply: DeskReply) -> Ticket:
    """Add a reply to the conversation as its newest event; return the event as it is stored.

    The caller has locked the ticket. The reply comes after the answered event even if the sender's clock is
    ahead of ours.
    """
    newest = newest_event(session, event.ticket_id)
    if newest is not None and newest.occurred_at >= event.occurred_at:
        after = newest.occurred_at + timedelta(microseconds=1) if newest.occurred_at < _LATEST else _LATEST
        event = event.model_copy(update={"occurred_at": after})
    save_ticket_event(session, event)
    row = session.get_one(TicketEventRow, event.event_id, populate_existing=True)
    row.record = row.record | {"desk": _noted(reply)}
    session.add(row)
    session.flush()
    return event


def record_reply(session: Session, own: OwnReply, *, now: datetime) -> int:
    """Record a reply to a ticket without a usable draft; return how many live drafts it retired (0 or 1).

    Raises DecisionRefused: `unknown`, or `newer_<event kind>` if the ticket has a newer event.
    """
    hold(session, [own.ticket_id])
    newest = newest_event(session, own.ticket_id)
    if newest is None:
        raise DecisionRefused("unknown")
    if newest.event_id != own.answers or newest.kind != "customer_message":
        raise DecisionRefused(f"newer_{newest.kind}")
    added = add_reply(session, _own_event(newest, own, now), DeskReply(own.replied_by, now, None))
    retired = retire(session, own.ticket_id, reason=STALE_REASON, now=now, before=added)
    notify(session, "draft", own.ticket_id)
    return retired


def undo_reply(session: Session, ticket_id: str, *, now: datetime) -> None:
    """Delete the newest reply of a ticket if it is a fresh reply from the desk without a draft.

    The draft that the reply made stale becomes live again. Raises DecisionRefused: `unknown`, `moved_on` or
    `too_late`.
    """
    hold(session, [ticket_id])
    remove_reply(session, ticket_id, draft_id=None, now=now)
    _revive(session, ticket_id, now)
    notify(session, "draft", ticket_id)


def remove_reply(session: Session, ticket_id: str, *, draft_id: str | None, now: datetime) -> None:
    """Delete the newest event if it is the desk's fresh reply to this draft; the caller locks the ticket.

    Raises DecisionRefused: `unknown`, `moved_on` or `too_late`.
    """
    newest = newest_event(session, ticket_id)
    if newest is None:
        raise DecisionRefused("unknown")
    reply = desk_reply(newest)
    if reply is None or reply.draft_id != draft_id:
        raise DecisionRefused("moved_on")
    if not reply.can_be_undone(now):
        raise DecisionRefused("too_late")
    session.delete(newest)
    session.flush()


def reply_event_id(*parts: str) -> str:
    """Return the id of the reply to a draft or to an event of a ticket; equal parts give equal ids.

    >>> reply_event_id("draft", "d-1") == reply_event_id("draft", "d-1") != reply_event_id("draft", "d-2")
    True
    """
    return f"desk-reply:{uuid5(NAMESPACE_URL, ':'.join(('rapport', *parts)))}"


def _own_event(newest: TicketEventRow, own: OwnReply, now: datetime) -> Ticket:
    answered = Ticket.model_validate(newest.record)
    return Ticket(
        event_id=reply_event_id("event", own.ticket_id, own.answers),
        ticket_id=own.ticket_id,
        account_id=answered.account_id,
        kind="human_reply",
        channel=answered.channel,
        body=own.body,
        occurred_at=now,
    )


def _noted(reply: DeskReply) -> dict[str, Any]:
    return {"by": reply.replied_by, "at": reply.replied_at.isoformat(), "draft_id": reply.draft_id}


def _revive(session: Session, ticket_id: str, now: datetime) -> None:
    newest = newest_event(session, ticket_id)
    wanted = select(DraftRow).where(
        DraftRow.ticket_id == ticket_id,
        DraftRow.based_on == (newest.event_id if newest else None),
        DraftRow.state == "stale",
        col(DraftRow.stale_reason).in_((STALE_REASON, "human_reply")),
    )
    row = session.exec(wanted.order_by(desc(col(DraftRow.created_at))).limit(1)).first()
    if row is not None:
        make_live(row, now)
        session.add(row)
        session.flush()


def make_live(row: DraftRow, now: datetime) -> None:
    """Give a draft its original state again: ready or abstained."""
    state = "ready" if row.record["body"] and not row.record["abstained"] else "abstained"
    row.state, row.stale_reason, row.updated_at = state, None, now
    row.record = row.record | {"state": state}
