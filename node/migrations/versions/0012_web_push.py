"""Where apps want to be told of what happens while they are not open: Web Push."""

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """One function for each part of the node, below."""


def downgrade() -> None:
    """Back to a node without it."""
