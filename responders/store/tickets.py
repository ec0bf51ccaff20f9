"""Look-ups of ticket events for other parts of the service."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlmodel import Session, col

from schemas.tables import TicketEventRow, TicketHeadRow
from schemas.tickets import Ticket


def wrote_between(session: Session, account_id: str, *, since: datetime, until: datetime) -> bool:
    """Return whether the account wrote to support between two event times, both included."""
    occurred_at = col(TicketEventRow.occurred_at)
    wrote = exists().where(
        col(TicketEventRow.account_id) == account_id,
        col(TicketEventRow.kind) == "customer_message",
        occurred_at >= since,
        occurred_at <= until,
    )
    return bool(session.scalar(select(wrote)))


def last_contact(session: Session, account_id: str, *, until: datetime) -> str | None:
    """Return the name of the person of the account who wrote to us last; None if no name is known.

    Authors of forum posts do not count, because their names are nicknames.
    """
    name = col(TicketEventRow.record)["requester_name"].as_string()
    private = col(TicketEventRow.channel) != "forum"
    found = session.scalars(_newest(select(name), account_id, until).where(private, name != "")).first()
    return str(found) if found else None


def newest_open_message(session: Session, account_id: str, *, until: datetime) -> Ticket | None:
    """Return the newest message of the account that waits for a reply; None if none waits."""
    waiting = select(col(TicketHeadRow.ticket_id)).where(
        col(TicketHeadRow.account_id) == account_id, col(TicketHeadRow.waits)
    )
    messages = _newest(select(col(TicketEventRow.record)), account_id, until)
    record = session.scalars(messages.where(col(TicketEventRow.ticket_id).in_(waiting))).first()
    return Ticket.model_validate(record) if record else None


def unanswered_messages(session: Session, event_ids: Sequence[str]) -> dict[str, Ticket]:
    """Return those of these messages that are the newest event of a ticket that waits, by event id."""
    head = (col(TicketHeadRow.ticket_id) == col(TicketEventRow.ticket_id)) & (
        col(TicketHeadRow.event_id) == col(TicketEventRow.event_id)
    )
    wanted = (
        select(col(TicketEventRow.record))
        .join(TicketHeadRow, head)
        .where(col(TicketEventRow.event_id).in_(event_ids), col(TicketHeadRow.waits))
        .order_by(col(TicketEventRow.event_id))
    )
    found = [Ticket.model_validate(record) for record in session.scalars(wanted)]
    return {ticket.event_id: ticket for ticket in found}


def _newest(query: Any, account_id: str, until: datetime) -> Any:
    occurred_at, event_id = col(TicketEventRow.occurred_at), col(TicketEventRow.event_id)
    mine = col(TicketEventRow.account_id) == account_id
    written = col(TicketEventRow.kind) == "customer_message"
    newest_first = query.where(mine, written, occurred_at <= until)
    return newest_first.order_by(occurred_at.desc(), event_id.desc()).limit(1)
