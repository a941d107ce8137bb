"""What apps are told as it happens."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """One function for each part of the node, below."""


def downgrade() -> None:
    """Back to a node without it."""
