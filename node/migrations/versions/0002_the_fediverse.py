"""What a node needs among software that others wrote."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """One function for each part of the node, below."""
    _what_others_say()


def downgrade() -> None:
    """Back to the foundation."""
    _forget_what_others_say()


def _what_others_say() -> None:
    """Polls, events, quotes and emoji of statements."""
    op.add_column("statements", sa.Column("extras", sa.Text(), nullable=True))


def _forget_what_others_say() -> None:
    op.drop_column("statements", "extras")
