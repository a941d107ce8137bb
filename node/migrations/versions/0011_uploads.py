"""Pictures, videos and sounds that apps send in before the text they belong to."""

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """One function for each part of the node, below."""


def downgrade() -> None:
    """Back to a node without it."""
