"""What a desk's decisions on drafts taught."""

import sqlalchemy as sa
from alembic import op

from responders.store.migrations.columns import instants, json_column, strings

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, empty."""
    op.create_table(
        "desk_lessons",
        *strings("name"),
        json_column("lessons"),
        json_column("figures"),
        *strings("mark"),
        *instants("starts_after", "changed_at", nullable=True),
        *instants("updated_at"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_desk_lessons")),
    )


def downgrade() -> None:
    """Drop the table: drafts are written without lessons; the decisions stay."""
    op.drop_table("desk_lessons")
