"""Holding back, filters, and complaints of people without an account."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """One function for each part of the node, below."""
    _complaints()
    _moderation()
    op.add_column("notifications", sa.Column("wave", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Back to a node without it."""
    op.drop_column("notifications", "wave")
    for table in ("moderation_counts", "silenced_accounts", "moderation_settings", "moderation_filters", "held"):
        op.drop_table(table)
    _forget_complaints()


def _complaints() -> None:
    """Complaints by a form and from apps, with what became of them."""
    for name in ("category", "outcome", "objection"):
        op.add_column("complaints", sa.Column(name, sa.Text(), nullable=True))
    for name in ("waits_since", "alerted", "sent"):
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
    for name in ("forward", "source", "sent", "alerted", "waits_since", "objection", "outcome", "category"):
        op.drop_column("complaints", name)


def _of_group() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("group", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["group"], ["local_actors.iri"]),
    ]


def _moderation() -> None:
    """What is held, by which rules, and whom a group does not hear."""
    op.create_table(
        "held",
        sa.Column("iri", sa.Text(), nullable=False),
        *_of_group(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("author", "host", "kind", "rule")),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("iri"),
    )
    op.create_index("held_by_group", "held", ["group", "at"])
    op.create_index("held_by_author", "held", ["author"])
    op.create_index("held_by_host", "held", ["host"])
    op.create_table(
        "moderation_filters",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *_of_group(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("by", "pattern", "effect")),
        sa.Column("kinds", sa.Text(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("moderation_filters_by_group", "moderation_filters", ["group", "id"])
    op.create_table(
        "moderation_settings",
        *_of_group(),
        sa.Column("chosen", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("group"),
    )
    op.create_table(
        "silenced_accounts",
        *_of_group(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("actor", "silence", "category")),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("group", "actor"),
    )
    op.create_index("silenced_accounts_by_actor", "silenced_accounts", ["actor"])
    op.create_table(
        "moderation_counts",
        *_of_group(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("rule", "day", "did")),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("group", "rule", "day", "did"),
    )
