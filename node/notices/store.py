"""The table of what members have chosen about how they are told, and its queries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, Row, Table, Text, select, update

from node.context import Transaction
from node.database import Moment, insert, metadata
from node.members.store import members

preferences = Table(
    "preferences",
    metadata,
    Column("member", Integer, ForeignKey("members.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("language", Text),
    Column("feed", Text, unique=True),  # SHA-256 of its secret
    Column("email", Text),
    Column("asked", Text),  # an address that she has not shown to be hers yet
    Column("code", Text),  # SHA-256 of what was sent to it
    Column("code_sent", Moment),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("told", Moment),
)


def of(tx: Transaction, member: int) -> Row[Any] | None:
    """What a member has chosen."""
    return tx.execute(select(preferences).where(preferences.c.member == member)).one_or_none()


def change(tx: Transaction, member: int, **values: Any) -> None:
    """Write what a member has chosen."""
    written = insert(tx, preferences).values(member=member, **values)
    tx.execute(written.on_conflict_do_update(index_elements=["member"], set_=values))


def by_feed(tx: Transaction, digest: str) -> Row[Any] | None:
    """Whose feed has this secret: her choices and her login name."""
    query = select(preferences, members.c.name).join(members, members.c.id == preferences.c.member)
    return tx.execute(query.where(preferences.c.feed == digest)).one_or_none()


def with_email(tx: Transaction) -> list[Row[Any]]:
    """Those who are told by e-mail, with their login names."""
    query = select(preferences, members.c.name).join(members, members.c.id == preferences.c.member)
    return list(tx.execute(query.where(preferences.c.email.is_not(None)).order_by(preferences.c.member).limit(10_000)))


def told(tx: Transaction, member: int) -> None:
    """She is told now."""
    tx.execute(update(preferences).where(preferences.c.member == member).values(told=tx.now))
