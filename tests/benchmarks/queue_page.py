"""`python -m tests.benchmarks.queue_page`: what one queue page costs the database, with much history.

A PostgreSQL of its own is filled as the revision before the row of a ticket left it, then migrated. CPU is
that of the backend which serves the page, by its process id: other load on the machine is not in it.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, Engine, create_engine, text
from sqlmodel import Session

from responders.store import migrate
from responders.store.desk import open_queue, outreach_queue, queue_counts
from streams.embedded import EmbeddedPostgres
from tests.benchmarks.queue_history import BEFORE_COUNTS, BEFORE_PAGE, analyse, fill, upgrade_to

PAGES = 20
people = Console(width=120)


def page(session: Session) -> None:
    """Read what one queue page shows."""
    open_queue(session)
    outreach_queue(session)
    queue_counts(session)


def page_before(session: Session) -> None:
    """Read what the page showed before a ticket had a row: every event ever, twice."""
    session.execute(text(BEFORE_PAGE)).all()
    session.execute(text(BEFORE_COUNTS)).all()


def cpu_seconds(engine: Engine, read: Callable[[Session], None], pages: int) -> float:
    """Return the CPU of the database's process per page, after one page to warm up."""
    with engine.connect() as connection:
        backend = psutil.Process(_backend_pid(connection))
        read(Session(bind=connection))
        before = sum(backend.cpu_times()[:2])
        for _ in range(pages):
            read(Session(bind=connection))
        return (sum(backend.cpu_times()[:2]) - before) / pages


def main(
    tickets: Annotated[int, typer.Option(min=1, help="Tickets ever, about two events each.")] = 1_000_000,
    waiting: Annotated[int, typer.Option(min=0, help="Tickets that wait for a reply.")] = 300,
    before: Annotated[bool, typer.Option(help="Also measure the statements of before, once.")] = True,
) -> None:
    """Fill a database, migrate it, and print the CPU per page before and after."""
    with tempfile.TemporaryDirectory(prefix="rapport-queue-") as folder:
        server = EmbeddedPostgres(Path(folder))
        engine = create_engine(server.start())
        try:
            upgrade_to(engine, "0002")
            fill(engine, tickets, waiting)
            analyse(engine)
            _print(engine, tickets, waiting, before=before)
        finally:
            engine.dispose()
            server.stop()


def _print(engine: Engine, tickets: int, waiting: int, *, before: bool) -> None:
    table = Table(title=f"{waiting:,} waiting of {tickets:,} tickets")
    for name in ("what", "seconds"):
        table.add_column(name, justify="right")
    if before:
        table.add_row("CPU per page, before", f"{cpu_seconds(engine, page_before, 1):.3f}")
    started = time.perf_counter()
    migrate.upgrade(engine)
    table.add_row("migration 0003 (wall)", f"{time.perf_counter() - started:.1f}")
    table.add_row(f"CPU per page, now (mean of {PAGES})", f"{cpu_seconds(engine, page, PAGES):.4f}")
    people.print(table)


def _backend_pid(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


if __name__ == "__main__":
    typer.run(main)
