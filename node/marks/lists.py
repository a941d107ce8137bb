"""Lists: accounts under a title, read as a time line of their own. Tables and queries."""

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
    UniqueConstraint,
    delete,
    select,
    update,
)

from node.context import Transaction
from node.database import insert, metadata
from node.errors import Missing
from node.marks.store import NUMBER
from node.window import Window, within

lists = Table(
    "lists",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("replies_policy", Text, nullable=False),
    Column("exclusive", Boolean, nullable=False),  # whether who stands in it leaves the home time line
)

list_accounts = Table(
    "list_accounts",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("list", Integer, ForeignKey("lists.id", ondelete="CASCADE"), nullable=False),
    Column("actor", Text, ForeignKey("actors.iri", ondelete="CASCADE"), nullable=False),
    UniqueConstraint("list", "actor"),
    Index("list_accounts_by_actor", "actor"),
)


def of(tx: Transaction, viewer: int) -> list[Row[Any]]:
    """The lists of a viewer, by title."""
    query = select(lists).where(lists.c.viewer == viewer)
    return list(tx.execute(query.order_by(lists.c.title, lists.c.id).limit(1000)))


def find(tx: Transaction, viewer: int, number: int) -> Row[Any]:
    """A list of a viewer. Raises Missing for anybody else's too."""
    query = select(lists).where(lists.c.viewer == viewer, lists.c.id == number)
    row = tx.execute(query).one_or_none()
    if row is None:
        raise Missing("you have no such list")
    return row


def add(tx: Transaction, viewer: int, title: str, *, replies_policy: str, exclusive: bool) -> int:
    """A new list; its number."""
    values = {"viewer": viewer, "title": title, "replies_policy": replies_policy, "exclusive": exclusive}
    return int(tx.execute(lists.insert().values(**values).returning(lists.c.id)).scalar_one())


def change(tx: Transaction, number: int, **values: Any) -> None:
    """Change columns of a list."""
    tx.execute(update(lists).where(lists.c.id == number).values(**values))


def drop(tx: Transaction, number: int) -> None:
    """Delete a list."""
    tx.execute(delete(lists).where(lists.c.id == number))


def enter(tx: Transaction, number: int, actor: str) -> None:
    """Enter an account in a list; once is enough."""
    tx.execute(insert(tx, list_accounts).values(list=number, actor=actor).on_conflict_do_nothing())


def strike(tx: Transaction, number: int, actors: Sequence[str]) -> None:
    """Take accounts from a list."""
    tx.execute(delete(list_accounts).where(list_accounts.c.list == number, list_accounts.c.actor.in_(actors)))


def strike_everywhere(tx: Transaction, viewer: int, actor: str) -> None:
    """Take an account from all lists of a viewer."""
    hers = select(lists.c.id).where(lists.c.viewer == viewer)
    tx.execute(delete(list_accounts).where(list_accounts.c.list.in_(hers), list_accounts.c.actor == actor))


def accounts(number: int) -> Select[Any]:
    """The accounts in a list (`actor`)."""
    return select(list_accounts.c.actor).where(list_accounts.c.list == number)


def accounts_page(tx: Transaction, number: int, window: Window) -> list[Row[Any]]:
    """The accounts in a list: `id`, `actor`; the last one first."""
    query = select(list_accounts).where(list_accounts.c.list == number)
    return within(tx, query, list_accounts.c.id, window)


def containing(tx: Transaction, viewer: int, actor: str) -> list[Row[Any]]:
    """The lists of a viewer in which an account stands."""
    query = (
        select(lists)
        .join(list_accounts, list_accounts.c.list == lists.c.id)
        .where(lists.c.viewer == viewer, list_accounts.c.actor == actor)
    )
    return list(tx.execute(query.order_by(lists.c.title, lists.c.id).limit(1000)))


def exclusive(viewer: int) -> Select[Any]:
    """The accounts that leave the home time line of a viewer, because they stand in a list of that kind."""
    return (
        select(list_accounts.c.actor)
        .join(lists, lists.c.id == list_accounts.c.list)
        .where(lists.c.viewer == viewer, lists.c.exclusive.is_(True))
    )
