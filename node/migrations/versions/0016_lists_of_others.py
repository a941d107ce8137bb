"""Lists of policies that other groups publish, and what came of them."""

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """One function for each part of the node, below."""


def downgrade() -> None:
    """Back to a node without it."""
