"""A table of the hours of all accounts: their use until it is judged; old incidents are over."""

import sqlalchemy as sa
from alembic import op

from responders.store.migrations.columns import blobs, index

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; end the incidents that nobody followed any more, because until now none ended."""
    op.create_table(
        "usage_hours",
        sa.Column("part_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        *blobs("use"),
        sa.PrimaryKeyConstraint("part_id", name=op.f("pk_usage_hours")),
    )
    index("usage_hours", "hour")
    op.execute(
        "UPDATE incidents SET state = 'ended'"
        " WHERE state = 'open' AND detected_at < now() - interval '14 days'"
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("usage_hours")
