"""Private marks of members and readers."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """One function for each part of the node, below."""
    _on_texts()
    _on_accounts()
    _followings()
    _lists()
    _filters()
    _places()


def downgrade() -> None:
    """Back to a node without it."""
    for table in ("markers", "filter_statuses", "filter_keywords", "filters", "list_accounts", "lists", "followed_tags",
                  "private_follows", "actor_notes", "hidden_hosts", "hidden_actors", "mutes", "marks"):  # fmt: skip
        op.drop_table(table)


def _number() -> sa.Column[int]:
    return sa.Column("id", NUMBER, autoincrement=True, nullable=False)


def _of_viewer() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("viewer", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["viewer"], ["viewers.id"], ondelete="CASCADE"),
    ]


def _of_actor() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["actors.iri"], ondelete="CASCADE"),
    ]


def _of_object() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("object", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["object"], ["objects.iri"], ondelete="CASCADE"),
    ]


def _on_texts() -> None:
    """Favourites, bookmarks, threads that are to be quiet."""
    op.create_table(
        "marks",
        _number(),
        *_of_viewer(),
        sa.Column("kind", sa.Text(), nullable=False),
        *_of_object(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("marks_by_object", "marks", ["object", "viewer", "kind"], unique=True)
    op.create_index("marks_by_viewer", "marks", ["viewer", "kind", "id"])


def _on_accounts() -> None:
    """Muted and hidden accounts, hidden hosts, notes."""
    op.create_table(
        "mutes",
        _number(),
        *_of_viewer(),
        *_of_actor(),
        sa.Column("notifications", sa.Boolean(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("mutes_by_viewer", "mutes", ["viewer", "actor"], unique=True)
    op.create_index("mutes_by_actor", "mutes", ["actor"])
    op.create_table("hidden_actors", _number(), *_of_viewer(), *_of_actor(), sa.PrimaryKeyConstraint("id"))
    op.create_index("hidden_actors_by_viewer", "hidden_actors", ["viewer", "actor"], unique=True)
    op.create_index("hidden_actors_by_actor", "hidden_actors", ["actor"])
    host = sa.Column("host", sa.Text(), nullable=False)
    op.create_table("hidden_hosts", _number(), *_of_viewer(), host, sa.PrimaryKeyConstraint("id"))
    op.create_index("hidden_hosts_by_viewer", "hidden_hosts", ["viewer", "host"], unique=True)
    text = sa.Column("text", sa.Text(), nullable=False)
    op.create_table("actor_notes", *_of_viewer(), *_of_actor(), text, sa.PrimaryKeyConstraint("viewer", "actor"))
    op.create_index("actor_notes_by_actor", "actor_notes", ["actor"])


def _followings() -> None:
    """What a viewer follows for herself."""
    op.create_table(
        "private_follows",
        _number(),
        *_of_viewer(),
        *_of_actor(),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("boosts", sa.Boolean(), nullable=False),
        sa.Column("notify", sa.Boolean(), nullable=False),
        sa.Column("languages", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("private_follows_by_viewer", "private_follows", ["viewer", "actor"], unique=True)
    op.create_index("private_follows_by_actor", "private_follows", ["actor"])
    name = sa.Column("name", sa.Text(), nullable=False)
    op.create_table("followed_tags", _number(), *_of_viewer(), name, sa.PrimaryKeyConstraint("id"))
    op.create_index("followed_tags_by_viewer", "followed_tags", ["viewer", "name"], unique=True)
    op.create_index("followed_tags_by_name", "followed_tags", ["name"])


def _lists() -> None:
    """Accounts under a title."""
    op.create_table(
        "lists",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *_of_viewer(),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("replies_policy", sa.Text(), nullable=False),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_lists_viewer"), "lists", ["viewer"])
    op.create_table(
        "list_accounts",
        _number(),
        sa.Column("list", sa.Integer(), nullable=False),
        *_of_actor(),
        sa.ForeignKeyConstraint(["list"], ["lists.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("list", "actor"),
    )
    op.create_index("list_accounts_by_actor", "list_accounts", ["actor"])


def _filters() -> None:
    """Words and texts that are not to be seen."""
    op.create_table(
        "filters",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *_of_viewer(),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("contexts", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_filters_viewer"), "filters", ["viewer"])
    op.create_table(
        "filter_keywords",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("filter", sa.Integer(), nullable=False),
        sa.Column("keyword", sa.Text(), nullable=False),
        sa.Column("whole_word", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["filter"], ["filters.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_filter_keywords_filter"), "filter_keywords", ["filter"])
    op.create_table(
        "filter_statuses",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("filter", sa.Integer(), nullable=False),
        *_of_object(),
        sa.ForeignKeyConstraint(["filter"], ["filters.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("filter", "object"),
    )
    op.create_index("filter_statuses_by_object", "filter_statuses", ["object"])


def _places() -> None:
    """How far she has read."""
    op.create_table(
        "markers",
        *_of_viewer(),
        sa.Column("timeline", sa.Text(), nullable=False),
        sa.Column("last_read", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("viewer", "timeline"),
    )
