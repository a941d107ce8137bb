"""Requests to peer, recognitions, and who may see what of them."""

import sqlalchemy as sa
from alembic import op

from node.database import Moment, Packed

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """One function for each part of the node, below."""
    _choices()
    _recognitions()


def downgrade() -> None:
    """Back to a node without it."""
    for name in ("recognitions", "peer_software", "follow_answers", "peering_choices"):
        op.drop_table(name)


def _choices() -> None:
    """What a group has chosen about who may follow it and who sees its lists, and how it answered who asked."""
    op.create_table(
        "peering_choices",
        sa.Column("actor", sa.Text, sa.ForeignKey("local_actors.iri"), primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("admits", "log", "map", "following", "recognitions")),
    )
    op.create_table(
        "follow_answers",
        sa.Column("follower", sa.Text, nullable=False),
        sa.Column("followed", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("follower", "followed"),
    )
    op.create_table(
        "peer_software",
        sa.Column("host", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "version")),
        sa.Column("asked", Moment, nullable=False),
    )


def _recognitions() -> None:
    """What groups say other groups are to them."""
    op.create_table(
        "recognitions",
        sa.Column("iri", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("author", "about", "words", "reason")),
        sa.Column("language", sa.Text),
        sa.Column("since", Moment),
        sa.Column("review_on", sa.Text),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("document", Packed),
    )
    for name in ("author", "about"):
        op.create_index(f"recognitions_by_{name}", "recognitions", [name])
