"""Films and sounds of our own, and what is kept of every picture beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

ADDED = ("preview", "played", "failure")


def upgrade() -> None:
    """What an upload has beside its file; a film whose file is still being made has none."""
    for name in ADDED:
        op.add_column("uploads", sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    """Back to a node without it."""
    for name in ADDED:
        op.drop_column("uploads", name)
