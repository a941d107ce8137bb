"""Apps of members and readers: registered, let in, and as whom they speak."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """One function for each part of the node, below."""


def downgrade() -> None:
    """Back to a node without it."""
