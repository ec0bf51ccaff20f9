"""The hours of all accounts at rest: their use until it is judged."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from schemas.tables import UsageHourRow


def hand_over_hours(session: Session, uses: Mapping[int, bytes]) -> None:
    """Let the use of hours wait for the churn group, in the transaction of the next offsets."""
    if uses:
        rows = [{"hour": hour, "use": use} for hour, use in uses.items()]
        session.execute(insert(UsageHourRow), rows)


def next_hour(session: Session, hour: int) -> int | None:
    """Return the first hour from `hour` on that has any use."""
    return session.scalar(select(func.min(col(UsageHourRow.hour))).where(col(UsageHourRow.hour) >= hour))


def parts_of_hour(session: Session, hour: int) -> Sequence[bytes]:
    """Return the use of an hour, in parts in the order in which they came."""
    query = select(col(UsageHourRow.use)).where(col(UsageHourRow.hour) == hour)
    return [bytes(use) for use in session.scalars(query.order_by(col(UsageHourRow.part_id)))]


def forget_hours(session: Session, before: int) -> None:
    """Delete the use of the hours before `before`."""
    session.execute(delete(UsageHourRow).where(col(UsageHourRow.hour) < before))
