"""The table of subscriptions, and its queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Row, Table, Text, bindparam, delete, select, update

from node.context import Transaction
from node.database import Json, Moment, insert, metadata
from node.members.viewers import viewers
from node.prepared import Prepared

subscriptions = Table(
    "push_subscriptions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("token", Text, ForeignKey("tokens.digest", ondelete="CASCADE"), nullable=False, unique=True),
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), nullable=False),
    Column("locked_token", Text, nullable=False),
    Column("server_key", Text, nullable=False),  # ours, when the device subscribed: it takes messages of no other
    Column("endpoint", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("auth", Text, nullable=False),
    Column("standard", Boolean, nullable=False),
    Column("alerts", Json, nullable=False),
    Column("policy", Text, nullable=False),
    Column("refusals", Integer, nullable=False, server_default="0"),
    Column("failing", Moment),  # since when nothing has arrived, to the hour
    Column("rests", Moment),  # until when the push service has asked to be left alone
    Column("pace_since", Moment),
    Column("pace", Integer, nullable=False, server_default="0"),
    Index("push_subscriptions_by_viewer", "viewer", "id"),
    sqlite_autoincrement=True,  # a job for one that has ended must not find another
)

_OF_TOKEN = Prepared(select(subscriptions).where(subscriptions.c.token == bindparam("token")))
_OF_GROUP = Prepared(
    select(
        subscriptions.c.id, subscriptions.c.endpoint, subscriptions.c.alerts, subscriptions.c.policy,
        subscriptions.c.pace_since, subscriptions.c.pace,
    )
    .join(viewers, viewers.c.id == subscriptions.c.viewer)
    .where(viewers.c.actor == bindparam("group"))
    .order_by(subscriptions.c.id)
)  # fmt: skip
_NUMBERED = Prepared(select(subscriptions).where(subscriptions.c.id == bindparam("number")))


def of_token(tx: Transaction, token: str) -> Row[Any] | None:
    """The subscription of a token, by its digest."""
    row: Row[Any] | None = tx.execute(_OF_TOKEN, {"token": token}).one_or_none()
    return row


def of_group(tx: Transaction, group: str) -> list[Any]:
    """The subscriptions of whoever meets a group's account: id, endpoint, alerts, policy, pace_since, pace."""
    return list(tx.execute(_OF_GROUP, {"group": group}))


def numbered(tx: Transaction, number: int) -> Row[Any] | None:
    """A subscription, if it has not ended."""
    row: Row[Any] | None = tx.execute(_NUMBERED, {"number": number}).one_or_none()
    return row


def are_any(tx: Transaction) -> bool:
    """Whether there are any subscriptions at all."""
    return tx.execute(select(subscriptions.c.id).limit(1)).first() is not None


def put(tx: Transaction, *, keep: int, **values: Any) -> Row[Any]:
    """Enter the subscription of a token in place of the one it has; of those of its viewer the youngest `keep` stay."""
    tx.execute(delete(subscriptions).where(subscriptions.c.token == values["token"]))
    made: Row[Any] = tx.execute(insert(tx, subscriptions).values(**values).returning(subscriptions)).one()
    of_viewer = subscriptions.c.viewer == values["viewer"]
    youngest = select(subscriptions.c.id).where(of_viewer).order_by(subscriptions.c.id.desc()).limit(keep)
    tx.execute(delete(subscriptions).where(of_viewer, subscriptions.c.id.not_in(youngest)))
    return made


def change(tx: Transaction, number: int, **values: Any) -> None:
    """Change a subscription."""
    tx.execute(update(subscriptions).where(subscriptions.c.id == number).values(**values))


def end(tx: Transaction, token: str) -> None:
    """Delete the subscription of a token."""
    tx.execute(delete(subscriptions).where(subscriptions.c.token == token))


def drop(tx: Transaction, number: int) -> None:
    """Delete a subscription."""
    tx.execute(delete(subscriptions).where(subscriptions.c.id == number))


def drop_foreign(tx: Transaction, server_key: str) -> int:
    """Delete those that were made under another key of ours; how many there were."""
    return int(tx.execute(delete(subscriptions).where(subscriptions.c.server_key != server_key)).rowcount)


def drop_failing(tx: Transaction, lasts: timedelta) -> int:
    """Delete those to which nothing has arrived for so long; how many there were."""
    return int(tx.execute(delete(subscriptions).where(subscriptions.c.failing < tx.now - lasts)).rowcount)
