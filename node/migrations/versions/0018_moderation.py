"""Holding back, filters, and complaints of people without an account."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """One function for each part of the node, below."""
    _complaints()


def downgrade() -> None:
    """Back to a node without it."""
    _forget_complaints()


def _complaints() -> None:
    """Complaints by a form and from apps, with what became of them."""
    for name in ("category", "outcome", "objection"):
        op.add_column("complaints", sa.Column(name, sa.Text(), nullable=True))
    for name in ("waits_since", "alerted"):
        op.add_column("complaints", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column("complaints", sa.Column("source", sa.Text(), server_default="flag", nullable=False))
    op.add_column("complaints", sa.Column("forward", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "complaint_words",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("complaint", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["complaint"], ["complaints.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("complaint_words_by_complaint", "complaint_words", ["complaint"])


def _forget_complaints() -> None:
    op.drop_table("complaint_words")
    for name in ("forward", "source", "alerted", "waits_since", "objection", "outcome", "category"):
        op.drop_column("complaints", name)
