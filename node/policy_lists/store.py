"""Lists that wait for the decision of a group, and those of others that it subscribes to, as they were fetched last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, Row, Table, Text, delete, select, update

from node.context import Transaction
from node.database import Json, Moment, insert, metadata
from node.policy_lists.rules import Line

proposed_lists = Table(
    "proposed_lists",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("lines", Json, nullable=False),
)

list_subscriptions = Table(
    "list_subscriptions",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("url", Text, nullable=False, unique=True),  # the source of its policies
    Column("severity", Text),  # of lines that have none
    Column("category", Text),
    Column("priority", Integer, nullable=False),
    Column("adopts", Boolean, nullable=False),  # by itself, or after a delegate has looked
    Column("by_group", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("checked", Moment),  # when it was asked for last
    Column("fetched", Moment),  # when what is in `lines` came
    Column("etag", Text, nullable=False, server_default=""),
    Column("error", Text, nullable=False, server_default=""),
    Column("lines", Json, nullable=False),
)

list_exceptions = Table(
    "list_exceptions",
    metadata,
    Column("subscription", BigInteger, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("since", Moment, nullable=False),
)


def keep(tx: Transaction, actor: str, lines: Iterable[Line]) -> str:
    """Keep what a group is to decide on; the name by which its decision finds it, the same for the same lines."""
    value: list[Any] = [line.as_json() for line in lines]
    digest = hashlib.sha256(json.dumps([actor, value]).encode()).hexdigest()
    statement = insert(tx, proposed_lists).values(digest=digest, at=tx.now, lines=value)
    tx.execute(statement.on_conflict_do_nothing(index_elements=["digest"]))
    return digest


def lines_of(tx: Transaction, digest: str) -> list[Line] | None:
    """What was kept."""
    value = tx.execute(select(proposed_lists.c.lines).where(proposed_lists.c.digest == digest)).scalar_one_or_none()
    return None if value is None else [Line.from_json(one) for one in value]


def drop(tx: Transaction, digest: str) -> None:
    """Let go of it: the group has decided."""
    tx.execute(delete(proposed_lists).where(proposed_lists.c.digest == digest))


def subscriptions(tx: Transaction) -> list[Row[Any]]:
    """All lists of others, the one that counts most first."""
    table = list_subscriptions
    return list(tx.execute(select(table).order_by(table.c.priority.desc(), table.c.url).limit(1000)))


def subscription(tx: Transaction, url: str) -> Row[Any] | None:
    """The subscription to a list."""
    return tx.execute(select(list_subscriptions).where(list_subscriptions.c.url == url)).one_or_none()


def enter(tx: Transaction, values: dict[str, Any]) -> int:
    """Enter a subscription, or change its terms; its number."""
    held = subscription(tx, values["url"])
    if held is None:
        number = tx.new_id()
        tx.execute(insert(tx, list_subscriptions).values(id=number, since=tx.now, lines=[], **values))
        return number
    change(tx, held.id, etag="", checked=None, **values)  # what it says may mean something else now
    return int(held.id)


def change(tx: Transaction, number: int, **values: Any) -> None:
    """Change what is known of a subscription."""
    tx.execute(update(list_subscriptions).where(list_subscriptions.c.id == number).values(**values))


def leave(tx: Transaction, number: int) -> None:
    """Let go of a subscription and its exceptions."""
    tx.execute(delete(list_exceptions).where(list_exceptions.c.subscription == number))
    tx.execute(delete(list_subscriptions).where(list_subscriptions.c.id == number))


def exceptions(tx: Transaction, number: int) -> list[str]:
    """The domains that are left out of a subscription."""
    table = list_exceptions
    query = select(table.c.subject).where(table.c.subscription == number).order_by(table.c.subject)
    return list(tx.execute(query).scalars())


def set_exception(tx: Transaction, number: int, subject: str, *, is_one: bool) -> None:
    """Leave a domain out of a subscription, or no longer."""
    table = list_exceptions
    tx.execute(delete(table).where(table.c.subscription == number, table.c.subject == subject))
    if is_one:
        tx.execute(insert(tx, table).values(subscription=number, subject=subject, since=tx.now))
