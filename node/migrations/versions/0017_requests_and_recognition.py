"""Requests to peer, recognitions, and who may see what of them."""

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """One function for each part of the node, below."""


def downgrade() -> None:
    """Back to a node without it."""
