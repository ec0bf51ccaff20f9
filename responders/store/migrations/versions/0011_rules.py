"""The live precision of each rule, from the outcomes of its cases."""

import sqlalchemy as sa
from alembic import op

from responders.store.migrations.columns import instants, strings

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "rule_precisions",
        *strings("rule"),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("hits", "misses")),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("mean", "low", "high")),
        *instants("quiet_since", nullable=True),
        sa.PrimaryKeyConstraint("rule", name=op.f("pk_rule_precisions")),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("rule_precisions")
