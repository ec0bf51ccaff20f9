"""The moods that people gave messages, and what each desk learned from them."""

import sqlalchemy as sa
from alembic import op

from responders.store.migrations.columns import bigints, blobs, index, instants, json_column, strings

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables, empty."""
    op.create_table(
        "mood_corrections",
        sa.Column("correction_id", sa.BigInteger(), sa.Identity(), nullable=False),
        *strings("event_id", "mood"),
        *strings("shown", nullable=True),
        sa.Column("undone", sa.Boolean(), nullable=False),
        *strings("corrected_by"),
        *instants("corrected_at"),
        sa.PrimaryKeyConstraint("correction_id", name=op.f("pk_mood_corrections")),
    )
    index("mood_corrections", "event_id")
    op.create_table(
        "desk_mood_models",
        *strings("base_model"),
        *bigints("learned_to", "starts_after"),
        sa.Column("version", sa.Integer(), nullable=False),
        *blobs("champion", "learner", nullable=True),
        json_column("figures"),
        *instants("promoted_at", nullable=True),
        *instants("updated_at"),
        sa.PrimaryKeyConstraint("base_model", name=op.f("pk_desk_mood_models")),
    )


def downgrade() -> None:
    """Drop both tables: the corrections are lost, and every desk has the shipped model again."""
    op.drop_table("desk_mood_models")
    op.drop_table("mood_corrections")
