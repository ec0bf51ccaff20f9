"""Tables of the daily hazard: open days of the usage group, waiting days, the watch of each partition."""

import sqlalchemy as sa
from alembic import op

from responders.store.migrations.columns import blobs, instants

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "hazard_parts",
        *_integers("partition", "part"),
        *blobs("state"),
        sa.PrimaryKeyConstraint("partition", "part", name=op.f("pk_hazard_parts")),
    )
    op.create_table(
        "hazard_days",
        *_integers("partition", "day"),
        *blobs("use"),
        sa.PrimaryKeyConstraint("partition", "day", name=op.f("pk_hazard_days")),
    )
    op.create_table(
        "hazard_watches",
        *_integers("partition"),
        *blobs("state", nullable=True),
        *instants("updated_at"),
        sa.PrimaryKeyConstraint("partition", name=op.f("pk_hazard_watches")),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("hazard_watches", "hazard_days", "hazard_parts"):
        op.drop_table(table)


def _integers(*names: str) -> "list[sa.Column[int]]":
    return [sa.Column(name, sa.Integer(), autoincrement=False, nullable=False) for name in names]
