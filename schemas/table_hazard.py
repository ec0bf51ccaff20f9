"""The rows of the daily hazard, and of the hours of all accounts: use that waits to be judged.

`schemas.tables` offers them with all others. `partition` is a partition of `product.usage-events`, a day is
an ordinal of Python's `datetime.date`.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Identity, LargeBinary
from sqlmodel import Field

from schemas.table_parts import TableRow, instant


class HazardPartRow(TableRow, table=True):
    """A part of the use that the usage group counts for days that have not ended."""

    __tablename__ = "hazard_parts"
    partition: int = Field(primary_key=True)
    part: int = Field(primary_key=True)
    state: bytes = Field(sa_type=LargeBinary)


class HazardDayRow(TableRow, table=True):
    """The use of a day that ended, until the churn group has judged it."""

    __tablename__ = "hazard_days"
    partition: int = Field(primary_key=True)
    day: int = Field(primary_key=True)
    use: bytes = Field(sa_type=LargeBinary)


class HazardWatchRow(TableRow, table=True):
    """The packed hazard watch of a partition; None before its first day. Its lock orders the days."""

    __tablename__ = "hazard_watches"
    partition: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    state: bytes | None = Field(default=None, sa_type=LargeBinary)
    updated_at: datetime = instant()


class LearnedOutcomeRow(TableRow, table=True):
    """A closed case whose outcome the hazard of its account's partition has learned."""

    __tablename__ = "learned_outcomes"
    alert_id: str = Field(primary_key=True)
    learned_at: datetime = instant()


class RulePrecisionRow(TableRow, table=True):
    """How often a rule was right, as people said; `quiet_since` is None while it speaks."""

    __tablename__ = "rule_precisions"
    rule: str = Field(primary_key=True)
    hits: int
    misses: int
    mean: float
    low: float
    high: float
    quiet_since: datetime | None = instant(nullable=True)


class UsageHourRow(TableRow, table=True):
    """A part of the use of an hour by account, until the churn group has judged the hour."""

    __tablename__ = "usage_hours"
    part_id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    hour: int = Field(index=True)
    use: bytes = Field(sa_type=LargeBinary)
