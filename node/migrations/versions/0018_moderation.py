"""Holding back, filters, and complaints of people without an account."""

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """One function for each part of the node, below."""


def downgrade() -> None:
    """Back to a node without it."""
