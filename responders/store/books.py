"""The fates of all records as the database counts them: the SQL half of the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from responders.store import letters, outbox, progress
from schemas.table_streams import PartitionProgress, Seen


@dataclass(frozen=True)
class Books:
    """Progress rows, and rows counted by (group, topic); outbox as (rows, published rows) by topic."""

    progress: Sequence[PartitionProgress]
    seen: dict[tuple[str, str], int]
    letters: dict[tuple[str, str], int]
    outbox: dict[str, tuple[int, int]]


def read_books(session: Session) -> Books:
    """Return all counts as of one moment; the session must be new: its isolation is raised."""
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    rows = progress.all_progress(session)
    session.expunge_all()
    return Books(rows, _count_seen(session), letters.count_by_source(session), outbox.totals(session))


def _count_seen(session: Session) -> dict[tuple[str, str], int]:
    columns = (col(Seen.consumer_group), col(Seen.topic))
    query = select(*columns, func.count()).group_by(*columns)
    return {(group, topic): int(count) for group, topic, count in session.execute(query)}
