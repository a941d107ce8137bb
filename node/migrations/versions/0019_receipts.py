"""Who has received what, and what is compared with a peer that was away."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

STEPS = ("within_50", "within_100", "within_200", "within_500", "within_1000", "within_2000", "within_5000", "slower")


def upgrade() -> None:
    """One function for each part of the node, below."""
    _receipts()


def downgrade() -> None:
    """Back to a node without it."""
    for table in ("delivery_days", "delivery_receipts"):
        op.drop_table(table)


def _receipts() -> None:
    """What became of each delivery, by server; and by day."""
    op.create_table(
        "delivery_receipts",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("activity", "host")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("since", "at")),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("refused", "tries")),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("activity", "host"),
        sqlite_with_rowid=False,
    )
    op.create_index("delivery_receipts_by_age", "delivery_receipts", ["since"])
    op.create_table(
        "delivery_days",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("host", "day")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("refused", "failed", *STEPS)),
        sa.Column("last_received", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("host", "day"),
        sqlite_with_rowid=False,
    )
