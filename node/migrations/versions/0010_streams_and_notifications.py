"""What apps are told as it happens."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """One function for each part of the node, below."""
    _events()
    _notifications()


def downgrade() -> None:
    """Back to a node without it."""
    _forget_notifications()
    _forget_events()


def _events() -> None:
    """What has just happened."""
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("events_by_time", "events", ["at"])


def _forget_events() -> None:
    op.drop_table("events")


def _notifications() -> None:
    """What others do that concerns a group, and what each viewer has dismissed of it."""
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("of", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["of"], ["local_actors.iri"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("notifications_by_group", "notifications", ["of", "id"])
    op.create_index("notifications_by_deed", "notifications", ["iri", "kind", "actor", "of"], unique=True)
    op.create_index("notifications_by_actor", "notifications", ["actor"])
    op.create_table(
        "cleared_notifications",
        sa.Column("viewer", sa.Integer(), nullable=False),
        sa.Column("up_to", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["viewer"], ["viewers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("viewer"),
    )
    op.create_table(
        "dismissed_notifications",
        sa.Column("viewer", sa.Integer(), nullable=False),
        sa.Column("notification", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["viewer"], ["viewers.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["notification"], ["notifications.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("viewer", "notification"),
    )
    op.create_table(
        "notification_policies",
        sa.Column("viewer", sa.Integer(), nullable=False),
        sa.Column("choices", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["viewer"], ["viewers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("viewer"),
    )
    op.create_table(
        "notification_permissions",
        sa.Column("viewer", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("up_to", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["viewer"], ["viewers.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["actor"], ["actors.iri"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("viewer", "actor"),
    )


def _forget_notifications() -> None:
    op.drop_table("notification_permissions")
    op.drop_table("notification_policies")
    op.drop_table("dismissed_notifications")
    op.drop_table("cleared_notifications")
    op.drop_table("notifications")
