"""`rapport queue`: print the head of the support queue with the reasons for its order."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlmodel import Session

from responders.store.desk.queue import PAGE_SIZE, QueueRow, open_queue, outreach_queue, with_outreach
from responders.urgency import UrgencyReason
from streams.cli.composition.connections import database, read_settings
from streams.operate.dead_letters import printable

TOP: Final = 20
"""Rows printed by default: what a support agent sees at first glance."""


def show_queue(
    top: Annotated[int, typer.Option(min=1, max=PAGE_SIZE, help="Rows to print.")] = TOP,
) -> None:
    """Print the tickets and outreach drafts that wait for a person, in the order in which answers are due.

    Each row says by when it should be answered and why: the customer's words, the account, the waiting time.
    A time that has passed is printed in red.

    Example: rapport queue --top 20
    """
    with database(read_settings()) as engine, Session(engine) as session:
        tickets, outreach = open_queue(session, page_size=top), outreach_queue(session, page_size=top)
    rows = with_outreach(tickets, outreach)[:top]
    Console().print(queue_table(rows, now=datetime.now(UTC)))


def queue_table(rows: Sequence[QueueRow], *, now: datetime) -> Table:
    """Return the rows as a table, in their order."""
    title = f"Queue: {len(rows)} rows" if rows else "Nobody is waiting"
    table = Table(title=title, caption="times in UTC", box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for heading in ("answer by", "ticket", "account", "mood", "why"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        is_late = row.due_at is not None and row.due_at < now
        table.add_row(*map(Text, queue_cells(row, now=now)), style="red" if is_late else None)
    return table


def queue_cells(row: QueueRow, *, now: datetime) -> tuple[str, ...]:
    """Return the texts of one row, without control characters: due time, ticket, account, mood, reasons."""
    due = row.due_at.astimezone(UTC).strftime("%d %b %H:%M") if row.due_at else ""
    ticket = f"{row.ticket_id or row.item_id}: {row.subject or row.snippet[:60]}"
    mood = (
        "outreach" if row.ticket_id is None else row.mood or ("not sure" if row.mood_known else "not scored")
    )
    why = "; ".join(map(_told, row.reasons(now)))
    return tuple(printable(text) for text in (due, ticket, row.account_name, mood, why))


def _told(reason: UrgencyReason) -> str:
    return f"{reason.text} (“{reason.words}”)" if reason.words else reason.text
