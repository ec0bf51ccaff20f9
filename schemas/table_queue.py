"""The row that holds a ticket's place in the queue; `schemas.tables` offers it with all others."""

from datetime import datetime

from sqlalchemy import Index, literal_column
from sqlmodel import Field

from schemas.table_parts import TableRow, instant


class TicketHeadRow(TableRow, table=True):
    """The newest event of a ticket, and whether a person must answer it.

    All columns are computed from the ticket's events, moods, drafts and decisions, in the transaction that
    changes one of them. `tier` is 2 (negative and frustrated), 1 (either of the two) or 0. All columns
    except the id are empty until an event of the ticket is stored.
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
