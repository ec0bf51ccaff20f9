"""A program: `python -m tests.benchmarks.queue_page` measures the database's CPU for one queue page.

Its own PostgreSQL gets a long history in the schema before each ticket had a row, and is then migrated. The
CPU is that of the backend process that serves the page, so other load on the machine does not count. A run of
the default size also writes its section of RESULTS.md in this folder.
"""

import shlex
import sys
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
from tests.results import markdown, write_section

RESULTS = Path(__file__).with_name("RESULTS.md")
PAGES = 20
TICKETS, WAITING = 1_000_000, 300
people = Console(width=120)


def page(session: Session) -> None:
    """Read the rows of one queue page."""
    open_queue(session)
    outreach_queue(session)
    queue_counts(session)


def page_before(session: Session) -> None:
    """Read the page as before each ticket had a row of its own: every event ever, twice."""
    session.execute(text(BEFORE_PAGE)).all()
    session.execute(text(BEFORE_COUNTS)).all()


def cpu_seconds(engine: Engine, read: Callable[[Session], None], pages: int) -> float:
    """Return the CPU seconds of the database's process per page, after one page to warm up."""
    with engine.connect() as connection:
        backend = psutil.Process(_backend_pid(connection))
        read(Session(bind=connection))
        before = sum(backend.cpu_times()[:2])
        for _ in range(pages):
            read(Session(bind=connection))
        return (sum(backend.cpu_times()[:2]) - before) / pages


def main(
    tickets: Annotated[int, typer.Option(min=1, help="Tickets ever, about two events each.")] = TICKETS,
    waiting: Annotated[int, typer.Option(min=0, help="Tickets that wait for a reply.")] = WAITING,
    before: Annotated[bool, typer.Option(help="Also measure the earlier statements, once.")] = True,
) -> None:
    """Fill a database, migrate it, and print the CPU per page before and after."""
    with tempfile.TemporaryDirectory(prefix="rapport-queue-") as folder:
        server = EmbeddedPostgres(Path(folder))
        engine = create_engine(server.start())
        try:
            upgrade_to(engine, "0002")
            fill(engine, tickets, waiting)
            analyse(engine)
            table = measured(engine, tickets, waiting, before=before)
        finally:
            engine.dispose()
            server.stop()
    people.print(table)
    if (tickets, waiting, before) == (TICKETS, WAITING, True):
        command = shlex.join(["python", "-m", "tests.benchmarks.queue_page", *sys.argv[1:]])
        write_section(RESULTS, "queue-page", command, f"{table.title}:\n\n{markdown(table)}")


def measured(engine: Engine, tickets: int, waiting: int, *, before: bool) -> Table:
    """Measure the page before and after the migration; return the table."""
    table = Table(title=f"{waiting:,} waiting of {tickets:,} tickets")
    for name in ("measured", "seconds"):
        table.add_column(name, justify="right")
    if before:
        table.add_row("CPU per page, before", f"{cpu_seconds(engine, page_before, 1):.3f}")
    started = time.perf_counter()
    migrate.upgrade(engine)
    table.add_row("migration 0003 (wall)", f"{time.perf_counter() - started:.1f}")
    table.add_row(f"CPU per page, now (mean of {PAGES})", f"{cpu_seconds(engine, page, PAGES):.4f}")
    return table


def _backend_pid(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


if __name__ == "__main__":
    typer.run(main)
