"""Vectors of the parts of a chunk, a fast search over many chunks, and the confidence of each desk.

Chunks that are stored already have no parts and are found as before until their source is loaded again. The
index over vectors is built in this transaction: 100,000 chunks take about a minute.
"""

import sqlalchemy as sa
from alembic import op

from responders.store.migrations.columns import blobs, instants, json_column, strings

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, the index over vectors and the table of calibrations."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in blobs("parts", nullable=True):
        op.add_column("chunks", column)
    op.create_index(
        "ix_chunks_embedding",
        "chunks",
        ["embedding"],
        postgresql_using="hnsw",
        postgresql_ops={"embedding": "vector_cosine_ops"},
    )
    op.create_table(
        "calibrations",
        *strings("name"),
        json_column("confidence"),
        json_column("figures"),
        *instants("calibrated_at"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_calibrations")),
    )


def downgrade() -> None:
    """Drop the parts, the index and the calibrations."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("calibrations")
    op.drop_index("ix_chunks_embedding", table_name="chunks")
    op.drop_column("chunks", "parts")
