"""The row that holds a ticket's place in the queue; `schemas.tables` offers it with all others."""

from datetime import datetime

from sqlalchemy import Index, literal_column
from sqlmodel import Field

from schemas.table_parts import TableRow, instant


class TicketHeadRow(TableRow, table=True):
    """The newest event of a ticket, whether a person must answer it, and by when.

    All columns are computed from the ticket's events, moods, drafts and decisions, from its account and the
    account's alerts, in the transaction that changes one of them. All columns except the id are empty until
    an event of the ticket is stored. The columns from `tier` on are 0 or empty unless the ticket waits.
    `tier` is how pressing it is, 0 to 5 (`responders/urgency.py`). `pressing_id` is the unanswered message
    that decides this, `waiting_since` the time of the first one, `due_at` the time to answer by; `place_at`
    orders the queue.
    """

    __tablename__ = "ticket_heads"
    __table_args__ = (
        Index("ix_ticket_heads_place", "place_at", "ticket_id", postgresql_where=literal_column("waits")),
        Index("ix_ticket_heads_account", "account_id", postgresql_where=literal_column("waits")),
    )
    ticket_id: str = Field(primary_key=True)
    event_id: str | None = None
    account_id: str | None = None
    channel: str | None = None
    occurred_at: datetime | None = instant(nullable=True)
    waits: bool = False
    tier: int = 0
    pressing_id: str | None = None
    waiting_since: datetime | None = instant(nullable=True)
    due_at: datetime | None = instant(nullable=True)
    place_at: datetime | None = instant(nullable=True)
