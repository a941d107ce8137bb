"""What a viewer follows for herself: accounts that the node holds, and hashtags.

A reader follows the groups of the node without having said so; that she does not want one is a row that says so. For
a member who meets the group's account, whom the group follows is the group's act (`peering`); her rows here only say
how she wants to see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    union,
)

from node.actors import GROUP, actors, local_actors
from node.context import Transaction
from node.database import Json, insert, metadata
from node.marks.store import NUMBER
from node.prepared import Prepared
from node.window import Window, within

private_follows = Table(
    "private_follows",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), nullable=False),
    Column("actor", Text, ForeignKey("actors.iri", ondelete="CASCADE"), nullable=False),
    Column("wanted", Boolean, nullable=False),
    Column("boosts", Boolean, nullable=False),  # whether what it passes on is shown
    Column("notify", Boolean, nullable=False),  # whether she is told of each text
    Column("languages", Json),
    Index("private_follows_by_viewer", "viewer", "actor", unique=True),
    Index("private_follows_by_actor", "actor"),
)

followed_tags = Table(
    "followed_tags",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Index("followed_tags_by_viewer", "viewer", "name", unique=True),
    Index("followed_tags_by_name", "name"),
)

_TAGS = Prepared(select(followed_tags.c.name).where(followed_tags.c.viewer == bindparam("viewer")))


def put(
    tx: Transaction,
    viewer: int,
    actor: str,
    *,
    wanted: bool,
    boosts: bool = True,
    notify: bool = False,
    languages: Sequence[str] = (),
) -> None:
    """Write whether and how a viewer wants to see an account."""
    values = {"wanted": wanted, "boosts": boosts, "notify": notify, "languages": list(languages) or None}
    written = insert(tx, private_follows).values(viewer=viewer, actor=actor, **values)
    tx.execute(written.on_conflict_do_update(index_elements=["viewer", "actor"], set_=values))


def drop(tx: Transaction, viewer: int, actor: str) -> None:
    """Write no more of an account."""
    tx.execute(delete(private_follows).where(private_follows.c.viewer == viewer, private_follows.c.actor == actor))


def rows_of(tx: Transaction, viewer: int, iris: Sequence[str]) -> dict[str, Row[Any]]:
    """What is written of those of `iris`."""
    query = select(private_follows).where(private_follows.c.viewer == viewer, private_follows.c.actor.in_(iris))
    return {row.actor: row for row in tx.execute(query)}


def followed(viewer: int) -> Select[Any]:
    """The accounts that a reader follows (`iri`): the groups of the node that she has not left, and her choice."""
    mine = private_follows.c.viewer == viewer
    left = select(private_follows.c.actor).where(mine, private_follows.c.wanted.is_(False))
    groups = select(local_actors.c.iri).where(
        local_actors.c.kind == GROUP, local_actors.c.retired.is_(None), local_actors.c.iri.not_in(left)
    )
    chosen = select(private_follows.c.actor.label("iri")).where(mine, private_follows.c.wanted.is_(True))
    both = union(groups, chosen).subquery("followed_by_viewer")
    return select(both.c.iri)


def without_boosts(viewer: int) -> Select[Any]:
    """The accounts whose boosts a viewer does not want to see."""
    table = private_follows.c
    return select(table.actor).where(table.viewer == viewer, table.boosts.is_(False))


def followed_page(tx: Transaction, viewer: int, *, limit: int) -> list[Row[Any]]:
    """The actors that a reader follows, by handle."""
    query = select(actors).where(actors.c.iri.in_(followed(viewer)), actors.c.gone.is_(None))
    return list(tx.execute(query.order_by(actors.c.local.desc(), actors.c.host, actors.c.handle).limit(limit)))


def count_followed(tx: Transaction, viewer: int) -> int:
    """How many accounts a reader follows."""
    return int(tx.execute(select(func.count()).select_from(followed(viewer).subquery())).scalar_one())


def follow_tag(tx: Transaction, viewer: int, name: str) -> None:
    """Follow a hashtag."""
    tx.execute(insert(tx, followed_tags).values(viewer=viewer, name=name).on_conflict_do_nothing())


def unfollow_tag(tx: Transaction, viewer: int, name: str) -> None:
    """Follow it no more."""
    tx.execute(delete(followed_tags).where(followed_tags.c.viewer == viewer, followed_tags.c.name == name))


def follows_tag(tx: Transaction, viewer: int, name: str) -> bool:
    """Whether a viewer follows a hashtag."""
    query = select(followed_tags.c.id).where(followed_tags.c.viewer == viewer, followed_tags.c.name == name)
    return tx.execute(query).first() is not None


def tags(tx: Transaction, viewer: int) -> list[str]:
    """The names of the hashtags that a viewer follows."""
    return [row.name for row in tx.execute(_TAGS, {"viewer": viewer})]


def tags_page(tx: Transaction, viewer: int, window: Window) -> list[Row[Any]]:
    """The hashtags that a viewer follows: `id`, `name`; the last one first."""
    return within(tx, select(followed_tags).where(followed_tags.c.viewer == viewer), followed_tags.c.id, window)
