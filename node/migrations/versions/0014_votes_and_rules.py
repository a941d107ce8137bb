"""Votes of groups in polls of others, and what an app or a reader can complain of."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """One function for each part of the node, below."""
    _votes()


def downgrade() -> None:
    """Back to a node without it."""
    op.drop_table("poll_votes")


def _votes() -> None:
    """How groups have voted in polls of others."""
    op.create_table(
        "poll_votes",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("poll", sa.Text(), nullable=False),
        sa.Column("choices", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["local_actors.iri"]),
        sa.PrimaryKeyConstraint("actor", "poll"),
    )
