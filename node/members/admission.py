"""Readers: who is admitted to a private account to read with, without a mandate. The setting `readers.admission` says.

A reader is a member with a login name and a password and nothing else: no mandate, so nothing that a group keeps for
its members is hers, and no address of any kind. What she follows and marks is seen by nobody, and goes with her.
"""

from __future__ import annotations

from datetime import timedelta

from argon2 import PasswordHasher
from sqlalchemy import delete, exists, func, select

from node.context import Node, Transaction
from node.errors import Busy, Conflict, Forbidden
from node.members import rules, store, viewers

OPEN, INVITATION, CLOSED = "open", "invitation", "closed"
WAYS = (OPEN, INVITATION, CLOSED)
IN_A_DAY = 300  # nobody's address is known, so the limit is everybody's


def is_open(node: Node) -> bool:
    """Whether anybody may become a reader."""
    return node.config.readers_admission == OPEN


def by_invitation(node: Node) -> bool:
    """Whether somebody may who was invited."""
    return node.config.readers_admission != CLOSED


async def admit(node: Node, name: str, password: str) -> int:
    """Become a reader; the number of the member. Raises Forbidden, Invalid, Conflict, Busy."""
    if not is_open(node):
        raise Forbidden("this node admits no readers of their own accord")
    rules.check_login(name)
    rules.check_password(password)
    await node.database.read(_check_room)
    hashed = await node.hashing.run(PasswordHasher().hash, password)
    return await node.database.write(_admit, name, hashed)


def _admit(tx: Transaction, name: str, password_hash: str) -> int:
    _check_room(tx)
    if store.by_name(tx, name) is not None:
        raise Conflict("somebody here is called “{name}” already; choose another login name", name=name)
    member = store.add(tx, name, password_hash)
    viewers.enter(tx, member, None, admitted=True)
    return member


def prune(tx: Transaction) -> int:
    """Forget readers without any mandate who have not been here for `readers.unused_days`; how many there were.

    Whoever has a session, or a token of a program that speaks our own API, is here.
    """
    days = tx.node.config.readers_unused_days
    if not days:
        return 0
    viewer, member, before = viewers.viewers, store.members, tx.now - timedelta(days=days)
    unused = (
        select(viewer.c.member)
        .join(member, member.c.id == viewer.c.member)
        .where(viewer.c.admitted.is_(True), func.coalesce(viewer.c.seen, member.c.since) < before)
        .where(~exists().where(store.mandates.c.member == member.c.id))
        .where(~exists().where(store.sessions.c.member == member.c.id, store.sessions.c.ends > tx.now))
        .where(~exists().where(store.tokens.c.member == member.c.id, store.tokens.c.viewer.is_(None)))
        .where(~exists().where(store.tokens.c.member == member.c.id, store.tokens.c.seen >= before))
        .order_by(viewer.c.member)
        .limit(1000)
    )
    return int(tx.execute(delete(member).where(member.c.id.in_(unused))).rowcount)


def _check_room(tx: Transaction) -> None:
    lately = (
        select(func.count())
        .select_from(viewers.viewers)
        .join(store.members, store.members.c.id == viewers.viewers.c.member)
        .where(viewers.viewers.c.admitted.is_(True), store.members.c.since > tx.now - timedelta(days=1))
    )
    if tx.execute(lately).scalar_one() >= IN_A_DAY:
        raise Busy("too many have become readers today; try again tomorrow")
