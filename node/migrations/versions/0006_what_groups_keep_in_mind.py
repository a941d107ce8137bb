"""What groups keep in mind: the words of their profile as they were written, and which struggles are not one."""

from node.migrations import figures

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """One function for each part of the node, below."""
    figures.upgrade()


def downgrade() -> None:
    """Back to a node without it."""
    figures.downgrade()
