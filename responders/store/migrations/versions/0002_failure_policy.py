"""Persistent pauses, discarded dead letters, actions of operators, and unreadable detector states."""

import sqlalchemy as sa
from alembic import op

from responders.store.migrations.columns import (
    blobs,
    index,
    instants,
    json_column,
    long_text,
    strings,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and tables; old rows are not paused and not discarded."""
    # Adding a column waits for every transaction on its table and blocks later ones, so the wait is short.
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("partition_progress", instants("paused_at", nullable=True)[0])
    op.add_column("partition_progress", strings("paused_reason", nullable=True)[0])
    op.add_column("dead_letters", instants("discarded_at", nullable=True)[0])
    _create_operator_actions()
    _create_corrupt_states()


def downgrade() -> None:
    """Drop the columns and tables: pauses end, and discarded letters keep their state but not its time."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("corrupt_states")
    op.drop_table("operator_actions")
    op.drop_column("dead_letters", "discarded_at")
    op.drop_column("partition_progress", "paused_reason")
    op.drop_column("partition_progress", "paused_at")


def _create_operator_actions() -> None:
    op.create_table(
        "operator_actions",
        sa.Column("action_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        *strings("action", "actor"),
        *strings("comment", nullable=True),
        json_column("filters"),
        sa.Column("affected", sa.Integer(), nullable=False),
        json_column("details"),
        *instants("acted_at"),
        sa.PrimaryKeyConstraint("action_id", name=op.f("pk_operator_actions")),
    )
    index("operator_actions", "acted_at")


def _create_corrupt_states() -> None:
    op.create_table(
        "corrupt_states",
        *strings("topic"),
        sa.Column("partition", sa.Integer(), nullable=False),
        *strings("account_id"),
        *instants("found_at"),
        *blobs("state"),
        long_text("error"),
        sa.PrimaryKeyConstraint(
            "topic", "partition", "account_id", "found_at", name=op.f("pk_corrupt_states")
        ),
    )
