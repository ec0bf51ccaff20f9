"""The count of offsets without a record, per partition: transactions, compaction and deletion leave them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the count; it starts at 0, also in rows that a worker of the previous version creates."""
    # Adding a column waits for every transaction on its table and blocks later ones, so the wait is short.
    op.execute("SET LOCAL lock_timeout = '5s'")
    holes = sa.Column("holes", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    op.add_column("partition_progress", holes)


def downgrade() -> None:
    """Drop the count; the ledger of the earlier version shows these offsets as a gap."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("partition_progress", "holes")
