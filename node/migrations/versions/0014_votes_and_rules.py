"""Votes of groups in polls of others, and what an app or a reader can complain of."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """One function for each part of the node, below."""
    _votes()
    _readers()
    _texts_of_groups()


def downgrade() -> None:
    """Back to a node without it."""
    op.drop_column("local_actors", "rules")
    op.drop_column("local_actors", "extended")
    op.drop_column("viewers", "seen")
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


def _readers() -> None:
    """The day on which a reader was last here: that on which one of her apps was."""
    op.add_column("viewers", sa.Column("seen", sa.BigInteger()))
    last = "SELECT max(tokens.seen) FROM tokens WHERE tokens.viewer = viewers.id"
    op.execute(f"UPDATE viewers SET seen = ({last}) WHERE admitted")


def _texts_of_groups() -> None:
    """The rules of a group's node, one to a line, and what it says of itself at length, in Markdown."""
    op.add_column("local_actors", sa.Column("rules", sa.Text(), nullable=False, server_default=""))
    op.add_column("local_actors", sa.Column("extended", sa.Text(), nullable=False, server_default=""))
