"""Numbers of accounts and places of boosts, by which apps ask for them."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from node import identifiers

revision = "0008"
down_revision = "0007"

TOGETHER = 1000
NUMBERS = sa.table("actors", sa.column("iri", sa.Text), sa.column("number", sa.BigInteger), sa.column("seen"))
REACTIONS = sa.table(
    "reactions", sa.column("iri", sa.Text), sa.column("kind", sa.Text), sa.column("actor", sa.Text), sa.column("at"),
    sa.column("sort_id", sa.BigInteger),
)  # fmt: skip
FOLLOWS = sa.table("follows", sa.column("follower"), sa.column("followed"), sa.column("state"))
LOCAL = sa.table("local_actors", sa.column("iri"))


def upgrade() -> None:
    """One function for each part of the node, below."""
    _number_accounts()
    _place_boosts()
    op.create_index("statements_by_page", "statements", ["url"])


def downgrade() -> None:
    """Back to a node without it."""
    op.drop_index("statements_by_page", "statements")
    for name in ("reactions_by_actor", "reactions_by_place"):
        op.drop_index(name, "reactions")
    op.drop_column("reactions", "sort_id")
    op.drop_index("actors_by_number", "actors")
    op.drop_column("actors", "number")


def _number_accounts() -> None:
    """A number for each actor, rising with the moment at which it was last seen."""
    # SQLite adds no column without a value to a table that has rows, and writes no table anew that others refer to.
    op.add_column("actors", sa.Column("number", sa.BigInteger(), server_default="0", nullable=False))
    connection, last = op.get_bind(), 0
    rows = connection.execute(sa.select(NUMBERS.c.iri, NUMBERS.c.seen).order_by(NUMBERS.c.seen, NUMBERS.c.iri)).all()
    for start in range(0, len(rows), TOGETHER):
        numbered = []
        for iri, seen in rows[start : start + TOGETHER]:
            last = identifiers.mint(_moment(seen), after=last)
            numbered.append({"which": iri, "given": last})
        change = sa.update(NUMBERS).where(NUMBERS.c.iri == sa.bindparam("which"))
        connection.execute(change.values(number=sa.bindparam("given")), numbered)
    op.create_index("actors_by_number", "actors", ["number"], unique=True)


def _place_boosts() -> None:
    """A place in time for the boosts by groups of this node and by those whom they follow."""
    op.add_column("reactions", sa.Column("sort_id", sa.BigInteger(), nullable=True))
    connection, last = op.get_bind(), 0
    ours = sa.select(LOCAL.c.iri)
    live = FOLLOWS.c.state.in_(["pending", "accepted"])
    heard = sa.select(FOLLOWS.c.followed).where(FOLLOWS.c.follower.in_(ours), live)
    by_them = REACTIONS.c.actor.in_(ours) | REACTIONS.c.actor.in_(heard)
    boosts = sa.select(REACTIONS.c.iri, REACTIONS.c.at).where(REACTIONS.c.kind == "Announce", by_them)
    rows = connection.execute(boosts.order_by(REACTIONS.c.at, REACTIONS.c.iri)).all()
    for start in range(0, len(rows), TOGETHER):
        placed = []
        for iri, at in rows[start : start + TOGETHER]:
            last = identifiers.mint(_moment(at), after=last)
            placed.append({"which": iri, "given": last})
        change = sa.update(REACTIONS).where(REACTIONS.c.iri == sa.bindparam("which"))
        connection.execute(change.values(sort_id=sa.bindparam("given")), placed)
    is_placed = sa.text("sort_id IS NOT NULL")
    for name, columns in (("reactions_by_place", ["sort_id"]), ("reactions_by_actor", ["actor", "sort_id"])):
        op.create_index(name, "reactions", columns, sqlite_where=is_placed, postgresql_where=is_placed)


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, tz=UTC)
