"""The parts of the rows in `schemas.tables`: base class, names of constraints, columns and live states."""

from typing import Any, Final

from sqlalchemy import Column, DateTime, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


LIVE_STATES: Final = ("ready", "abstained")
"""The states of a draft that waits for a person: it is ready to send, or has no grounded text."""

IS_LIVE: Final = f"state IN ({', '.join(map(repr, LIVE_STATES))})"
"""SQL condition: a row of `drafts` is live. The partial indexes serve statements that contain this text."""


class TableRow(SQLModel):
    """The base class of all rows; it sets the naming convention for constraints."""

    metadata = metadata


def instant(*, nullable: bool = False, index: bool = False) -> Any:
    """Return a TIMESTAMP WITH TIME ZONE column."""
    return Field(sa_column=Column(DateTime(timezone=True), nullable=nullable, index=index))


def json_value() -> Any:
    """Return a JSONB column."""
    return Field(sa_column=Column(JSONB, nullable=False))


def long_text(*, nullable: bool = False) -> Any:
    """Return a TEXT column."""
    return Field(sa_column=Column(Text, nullable=nullable))
