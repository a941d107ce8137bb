"""What a host owes: an imprint, backups on a schedule, what was withheld."""

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """One function for each part of the node, below."""


def downgrade() -> None:
    """Back to a node without it."""
