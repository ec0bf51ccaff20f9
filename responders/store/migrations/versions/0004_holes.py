"""Offsets without a record, counted per partition: transactions, compaction and deletion leave them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the count; it begins at 0, also where a worker of the version before makes a row."""
    # A column waits for every transaction on its table, and all others wait behind it: not for long.
    op.execute("SET LOCAL lock_timeout = '5s'")
    holes = sa.Column("holes", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    op.add_column("partition_progress", holes)


def downgrade() -> None:
    """Drop the count; the ledger of the earlier version shows such offsets as a gap."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("partition_progress", "holes")
