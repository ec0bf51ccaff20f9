"""Vectors of the words of a chunk.

Chunks that are stored already have none and are ranked without them until their source is loaded again.
"""

from alembic import op

from responders.store.migrations.columns import blobs

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; a worker of an older build can go on."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in blobs("words", nullable=True):
        op.add_column("chunks", column)


def downgrade() -> None:
    """Drop the column."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("chunks", "words")
