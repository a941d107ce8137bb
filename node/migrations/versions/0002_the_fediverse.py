"""What a node needs among software that others wrote."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """One function for each part of the node, below."""


def downgrade() -> None:
    """Back to the foundation."""
