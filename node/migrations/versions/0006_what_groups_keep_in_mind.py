"""What groups keep in mind: the words of their profile as they were written, and which struggles are not one."""

import sqlalchemy as sa
from alembic import op

from node.migrations import figures

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """One function for each part of the node, below."""
    figures.upgrade()
    _profiles()
    _uploaded_tables()
    _dismissals()


def downgrade() -> None:
    """Back to a node without it."""
    _forget_dismissals()
    _forget_uploaded_tables()
    _forget_profiles()
    figures.downgrade()


def _profiles() -> None:
    """The Markdown that a group's text about itself was made from."""
    op.add_column("local_actors", sa.Column("summary_source", sa.Text(), nullable=True))


def _forget_profiles() -> None:
    op.drop_column("local_actors", "summary_source")


def _uploaded_tables() -> None:
    """Tables that members have brought to the desk, until they are imported."""
    op.create_table(
        "uploaded_tables",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("uploaded_tables_by_actor", "uploaded_tables", ["actor", "at"])


def _forget_uploaded_tables() -> None:
    op.drop_table("uploaded_tables")


def _dismissals() -> None:
    """Which struggles that look alike a member has said to be two."""
    op.create_table(
        "merge_dismissals",
        sa.Column("one", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one", "other"),
    )
    op.create_index("merge_dismissals_by_other", "merge_dismissals", ["other"])


def _forget_dismissals() -> None:
    op.drop_table("merge_dismissals")
