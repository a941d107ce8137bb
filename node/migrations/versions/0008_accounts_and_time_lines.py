"""Numbers of accounts and places of boosts, by which apps ask for them."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """One function for each part of the node, below."""


def downgrade() -> None:
    """Back to a node without it."""
