"""The daily hazard at rest: open days, days that wait to be judged, and the watch of each partition."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from schemas.tables import HazardDayRow, HazardPartRow, HazardWatchRow

_NEXT: Final = text(
    """
SELECT w.partition, w.state FROM hazard_watches w
WHERE EXISTS (SELECT 1 FROM hazard_days d WHERE d.partition = w.partition)
ORDER BY w.updated_at, w.partition LIMIT 1 FOR UPDATE OF w SKIP LOCKED
"""
)


class WaitingDays(NamedTuple):
    """A partition whose watch is locked, its packed watch, and its oldest waiting days with their use."""

    partition: int
    watch: bytes | None
    days: tuple[tuple[int, bytes], ...]


def load_parts(session: Session, partition: int) -> list[bytes]:
    """Return the saved parts of the open days of a partition, in order."""
    query = select(col(HazardPartRow.state)).where(col(HazardPartRow.partition) == partition)
    return [bytes(state) for state in session.scalars(query.order_by(col(HazardPartRow.part)))]


def save_part(session: Session, partition: int, part: int, state: bytes, *, replaces: bool) -> None:
    """Write a part of the open days of a partition; with `replaces` it is the only one."""
    if replaces:
        session.execute(delete(HazardPartRow).where(col(HazardPartRow.partition) == partition))
    row = {"partition": partition, "part": part, "state": state}
    statement = insert(HazardPartRow).values(row)
    changed = {"state": statement.excluded.state}
    session.execute(statement.on_conflict_do_update(index_elements=["partition", "part"], set_=changed))


def hand_over(session: Session, partition: int, days: Sequence[tuple[int, bytes]], *, now: datetime) -> None:
    """Let days that ended wait for the churn group; a day that waits already stays as it is."""
    watch = {"partition": partition, "state": None, "updated_at": now}
    session.execute(insert(HazardWatchRow).values(watch).on_conflict_do_nothing())
    rows = [{"partition": partition, "day": day, "use": use} for day, use in days]
    session.execute(insert(HazardDayRow).values(rows).on_conflict_do_nothing())


def take_days(session: Session, most: int) -> WaitingDays | None:
    """Return and delete the oldest `most` days of one partition; None if none waits.

    The partition's watch stays locked until the transaction ends, so two workers never judge it at once.
    """
    found = session.execute(_NEXT).one_or_none()
    if found is None:
        return None
    partition = col(HazardDayRow.partition) == found.partition
    query = select(col(HazardDayRow.day), col(HazardDayRow.use)).where(partition)
    rows = session.execute(query.order_by(col(HazardDayRow.day)).limit(most)).all()
    if rows:
        session.execute(delete(HazardDayRow).where(partition, col(HazardDayRow.day) <= rows[-1].day))
    state = None if found.state is None else bytes(found.state)
    return WaitingDays(found.partition, state, tuple((row.day, bytes(row.use)) for row in rows))


def save_watch(session: Session, partition: int, state: bytes, *, now: datetime) -> None:
    """Write the packed watch of a partition."""
    row = session.get_one(HazardWatchRow, partition)
    row.state, row.updated_at = state, now
    session.add(row)
