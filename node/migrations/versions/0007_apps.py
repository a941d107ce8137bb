"""Apps of members and readers: registered, let in, and as whom they speak."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """One function for each part of the node, below."""
    _viewers()
    _apps()
    _tokens()


def downgrade() -> None:
    """Back to a node without it: whatever was let in by an app's own door is let in no more."""
    op.execute("DELETE FROM tokens WHERE app IS NOT NULL")
    _tokens(of_apps=False)
    op.drop_table("app_tokens")
    op.drop_table("codes")
    op.drop_table("apps")
    op.drop_table("viewers")


def _viewers() -> None:
    """An account as apps meet it."""
    op.create_table(
        "viewers",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("admitted", sa.Boolean(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["actor"], ["local_actors.iri"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("viewers_of_groups", "viewers", ["member", "actor"], unique=True)
    private = sa.text("actor IS NULL")
    op.create_index(
        "viewers_private", "viewers", ["member"], unique=True, sqlite_where=private, postgresql_where=private
    )


def _apps() -> None:
    """Registered apps, codes on their way to becoming tokens, and tokens of apps that speak for nobody."""
    op.create_table(
        "apps",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("secret_digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("redirect_uris", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("client_id"),
    )
    op.create_table(
        "codes",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("app", sa.Integer(), nullable=False),
        sa.Column("viewer", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("challenge", sa.Text(), nullable=True),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["app"], ["apps.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["viewer"], ["viewers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index(op.f("ix_codes_app"), "codes", ["app"])
    op.create_index(op.f("ix_codes_viewer"), "codes", ["viewer"])
    op.create_table(
        "app_tokens",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("app", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["app"], ["apps.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index(op.f("ix_app_tokens_app"), "app_tokens", ["app"])


def _tokens(*, of_apps: bool = True) -> None:
    """Which app and which account a token is for; without `of_apps` as it was before.

    Made anew with what it held: SQLite adds no column that refers to another table.
    """
    connection = op.get_bind()
    held = [row._asdict() for row in connection.execute(sa.text("SELECT digest, member, scopes, since FROM tokens"))]
    op.drop_table("tokens")
    more: list[sa.schema.SchemaItem] = [
        sa.Column("app", sa.Integer(), nullable=True),
        sa.Column("viewer", sa.Integer(), nullable=True),
        sa.Column("seen", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["app"], ["apps.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["viewer"], ["viewers.id"], ondelete="CASCADE"),
    ]
    made = op.create_table(
        "tokens",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        *(more if of_apps else ()),
        sa.ForeignKeyConstraint(["member"], ["members.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index(op.f("ix_tokens_member"), "tokens", ["member"])
    if of_apps:
        op.create_index(op.f("ix_tokens_app"), "tokens", ["app"])
        op.create_index(op.f("ix_tokens_viewer"), "tokens", ["viewer"])
    op.bulk_insert(made, held)
