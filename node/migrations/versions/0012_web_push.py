"""Where apps want to be told of what happens while they are not open: Web Push."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """One function for each part of the node, below."""
    _subscriptions()


def downgrade() -> None:
    """Back to a node without it."""
    op.drop_table("push_subscriptions")


def _subscriptions() -> None:
    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("viewer", sa.Integer(), nullable=False),
        sa.Column("locked_token", sa.Text(), nullable=False),
        sa.Column("server_key", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("auth", sa.Text(), nullable=False),
        sa.Column("standard", sa.Boolean(), nullable=False),
        sa.Column("alerts", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("refusals", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing", sa.BigInteger(), nullable=True),
        sa.Column("rests", sa.BigInteger(), nullable=True),
        sa.Column("pace_since", sa.BigInteger(), nullable=True),
        sa.Column("pace", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["token"], ["tokens.digest"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["viewer"], ["viewers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token"),
        sqlite_autoincrement=True,
    )
    op.create_index("push_subscriptions_by_viewer", "push_subscriptions", ["viewer", "id"])
