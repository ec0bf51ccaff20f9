"""The row that keeps a ticket's place in the queue; `schemas.tables` offers it with the others."""

from datetime import datetime

from sqlalchemy import Index, literal_column
from sqlmodel import Field

from schemas.table_parts import TableRow, instant


class TicketHeadRow(TableRow, table=True):
    """The newest event of one ticket, and whether a person has to answer it.

    Everything here is computed from the ticket's events, their moods, drafts and decisions, in the
    transaction that changes one of these. `tier` is 2 (negative and frustrated), 1 (one of both) or 0.
    All but the id is empty while no event of the ticket is stored yet.
    """

    __tablename__ = "ticket_heads"
    __table_args__ = (
        Index(
            "ix_ticket_heads_waiting",
            literal_column("tier DESC"),
            "occurred_at",
            "ticket_id",
            postgresql_where=literal_column("waits"),
        ),
    )
    ticket_id: str = Field(primary_key=True)
    event_id: str | None = None
    account_id: str | None = None
    channel: str | None = None
    occurred_at: datetime | None = instant(nullable=True)
    waits: bool = False
    tier: int = 0
