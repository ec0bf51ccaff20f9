"""Look-ups of ticket events for other parts of the service."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlmodel import Session, col

from schemas.tables import TicketEventRow


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
