"""Links by which a member who cannot log in gives herself a new password. They are used once, and end by themselves.

Whoever makes one has ended her sessions, her old password, the tokens of her programs and what an app could still
change for one with it: the reason may be that somebody else has them.
Only a digest of the link is kept.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Boolean, Column, ForeignKey, Integer, Row, Table, Text, delete, select

from node.context import Node, Transaction
from node.database import Moment, metadata
from node.errors import Missing
from node.members import rules, second_factor, store

LASTS = timedelta(days=3)

resets = Table(
    "resets",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("member", Integer, ForeignKey("members.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("ends", Moment, nullable=False),
    Column("second_factor", Boolean, nullable=False),
)


def make(tx: Transaction, member: int, *, second_factor: bool = False) -> str:
    """Take a member's password, sessions and tokens away; the secret of the link by which she sets a new one.

    With `second_factor` using it turns her second factor off too. An older link of hers works no more.
    """
    tx.execute(delete(resets).where(resets.c.member == member))
    store.set_password(tx, member, rules.NOBODYS_HASH)
    store.end_tokens(tx, member)
    for lock in tx.node.rooms.lockings:
        lock(tx, member)
    secret = secrets.token_urlsafe(32)
    values = {"digest": store.digest(secret), "member": member, "ends": tx.now + LASTS, "second_factor": second_factor}
    tx.execute(resets.insert().values(**values))
    return secret


def find(tx: Transaction, secret: str) -> Row[Any]:
    """Whose link this is: member, name, second_factor. Raises Missing when it was used or has ended."""
    query = (
        select(resets, store.members.c.name)
        .join(store.members, store.members.c.id == resets.c.member)
        .where(resets.c.digest == store.digest(secret), resets.c.ends > tx.now)
    )
    row = tx.execute(query).one_or_none()
    if row is None:
        raise Missing("this link was used already, or its time is over; ask for a new one")
    return row


async def use(node: Node, secret: str, password: str) -> None:
    """Set a new password by a link, which is used up. Raises Missing, Invalid, Busy."""
    await node.database.read(find, secret)
    rules.check_password(password)
    hashed = await node.hashing.run(PasswordHasher().hash, password)
    await node.database.write(_use, secret, hashed)


def _use(tx: Transaction, secret: str, password_hash: str) -> None:
    row = find(tx, secret)
    tx.execute(delete(resets).where(resets.c.member == row.member))
    store.set_password(tx, row.member, password_hash)
    store.forget_failures(tx, row.member)
    if row.second_factor:
        second_factor.drop(tx, row.member)


def prune(tx: Transaction) -> int:
    """Delete links whose time is over; how many there were."""
    return int(tx.execute(delete(resets).where(resets.c.ends <= tx.now)).rowcount)
