"""What the rows of `schemas.tables` are made of: their base, the names of constraints, kinds of columns."""

from typing import Any

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


class TableRow(SQLModel):
    """The base of all rows, with the naming convention for constraints."""

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
