"""Short functions that build the columns of migrations.

Past revisions use these functions, so their results must never change; a new kind of column gets a new
function.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB


def strings(*names: str, nullable: bool = False) -> "list[sa.Column[str]]":
    """Return VARCHAR columns."""
    return [sa.Column(name, sa.String(), nullable=nullable) for name in names]


def long_text(name: str) -> "sa.Column[str]":
    """Return a TEXT column."""
    return sa.Column(name, sa.Text(), nullable=False)


def bigints(*names: str) -> "list[sa.Column[int]]":
    """Return BIGINT columns."""
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def blobs(*names: str, nullable: bool = False) -> "list[sa.Column[bytes]]":
    """Return BYTEA columns."""
    return [sa.Column(name, sa.LargeBinary(), nullable=nullable) for name in names]


def instants(*names: str, nullable: bool = False) -> "list[sa.Column[Any]]":
    """Return TIMESTAMP WITH TIME ZONE columns."""
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name in names]


def json_column(name: str) -> "sa.Column[Any]":
    """Return a JSONB column."""
    return sa.Column(name, JSONB(), nullable=False)


def index(table: str, column: str) -> None:
    """Create a plain index on one column, named by the naming convention."""
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
