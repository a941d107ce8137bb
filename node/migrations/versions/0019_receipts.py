"""Who has received what, and what is compared with a peer that was away."""

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """One function for each part of the node, below."""


def downgrade() -> None:
    """Back to a node without it."""
