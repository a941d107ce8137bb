"""Films and sounds of our own, and what is kept of every picture beside it."""

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """One function for each part of the node, below."""


def downgrade() -> None:
    """Back to a node without it."""
