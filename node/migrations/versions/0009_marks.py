"""Private marks of members and readers."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """One function for each part of the node, below."""


def downgrade() -> None:
    """Back to a node without it."""
