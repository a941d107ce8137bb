"""Pictures, videos and sounds that apps send in before the text they belong to."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """One function for each part of the node, below."""
    _uploads()
    _sendings()


def downgrade() -> None:
    """Back to a node without it."""
    op.drop_table("sendings")
    op.drop_table("uploads")


def _uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("viewer", sa.Integer(), nullable=True),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("focus", sa.Text(), nullable=True),
        sa.Column("blurhash", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["viewer"], ["viewers.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("uploads_by_viewer", "uploads", ["viewer", "at"])
    op.create_index("uploads_by_file", "uploads", ["file"])


def _sendings() -> None:
    """What became of texts that apps have sent, by their keys."""
    op.create_table(
        "sendings",
        sa.Column("viewer", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["viewer"], ["viewers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("viewer", "key"),
    )
