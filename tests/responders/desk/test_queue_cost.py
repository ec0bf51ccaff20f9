"""The queue page reads only its own rows, however long the history is; PostgreSQL counts the rows."""

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from responders.store.desk import open_queue, outreach_queue, queue_counts
from responders.store.desk.queue import COUNTED_MOST
from tests.benchmarks.queue_history import analyse, fill
from tests.responders.support.shared_database import shared_database

TICKETS, WAITING = 20_000, 150
READ = text(
    "SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables"
)


@pytest.fixture(scope="module")
def engine(postgres_url: str) -> Iterator[Engine]:
    with shared_database(postgres_url) as engine:
        yield engine


def rows_read(engine: Engine) -> dict[str, int]:
    """Return how many rows one queue page reads of each table.

    PostgreSQL's counts go on from those of the connection's earlier work, until it has sent them away.
    """
    with Session(engine) as session:
        before = Counter(_counts(session))
        assert len(open_queue(session)) == 100
        outreach_queue(session)
        assert queue_counts(session).open == WAITING
        return dict(Counter(_counts(session)) - before)


def _counts(session: Session) -> dict[str, int]:
    return {str(table): int(rows) for table, rows in session.execute(READ)}


def test_a_long_history_costs_the_queue_page_no_rows_with_or_without_statistics(engine: Engine) -> None:
    fill(engine, TICKETS, WAITING)
    with engine.begin() as connection:
        everything = "SELECT refresh_ticket_heads(array_agg(ticket_id)) FROM sentiments"
        connection.execute(text(everything))
    for _ in range(2):
        read = rows_read(engine)
        assert read.pop("decisions", 0) <= COUNTED_MOST + 100
        assert max(read.values()) <= 5 * WAITING, read
        analyse(engine)
