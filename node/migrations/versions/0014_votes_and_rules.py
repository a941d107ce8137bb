"""Votes of groups in polls of others, and what an app or a reader can complain of."""

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """One function for each part of the node, below."""


def downgrade() -> None:
    """Back to a node without it."""
