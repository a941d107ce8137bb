"""Invitations: a link by which somebody becomes a member with one mandate. Used once; ends by itself.

It is made with the proposal to give the mandate, and opens when that is adopted; until then it leads to a page that
says so. Only a digest of the link is kept, and not for whom it was. Whoever holds it could try out which login names
there are, so failures are counted on it and it rests like an account.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Column, ForeignKey, Integer, Row, Table, Text, delete, func, or_, select, update

from node.context import Node, Transaction
from node.database import Moment, metadata
from node.errors import Busy, Conflict, Forbidden, Missing
from node.members import actions, admission, rules, store
from node.members.actions import Login
from node.members.rules import Grant
from node.members.store import Member

UNDECIDED_FOR = timedelta(days=400)  # a link of which nobody decides at all goes too

invitations = Table(
    "invitations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("actor", Text, ForeignKey("local_actors.iri"), nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("begins", Moment),
    Column("ends", Moment),
    Column("remit", Text, nullable=False, server_default=""),
    Column("made", Moment, nullable=False),
    Column("lasts", Integer, nullable=False),  # seconds, from the moment it opens
    Column("open_until", Moment),  # none while the group has not decided
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failed", Moment),
)


def make(tx: Transaction, grant: Grant, *, actor: str, lasts: timedelta) -> tuple[int, str]:
    """A new invitation that is not open yet: its number, and the secret of its link. Raises Invalid, Conflict."""
    rules.check_lasting(lasts)
    if count(tx, actor) >= rules.INVITATIONS_OPEN:
        raise Conflict("{count} invitations are open already; withdraw one first", count=rules.INVITATIONS_OPEN)
    secret = secrets.token_urlsafe(32)
    values = {"role": grant.role, "begins": grant.begins, "ends": grant.ends, "remit": grant.remit}
    row = invitations.insert().values(
        digest=store.digest(secret), actor=actor, made=tx.now, lasts=int(lasts.total_seconds()), **values
    )
    return int(tx.execute(row.returning(invitations.c.id)).scalar_one()), secret


def open_for_use(tx: Transaction, number: int) -> None:
    """The group has decided: whoever has the link may use it from now on."""
    row = tx.execute(select(invitations).where(invitations.c.id == number)).one_or_none()
    if row is not None:
        until = tx.now + timedelta(seconds=row.lasts)
        tx.execute(update(invitations).where(invitations.c.id == number).values(open_until=until))


def withdraw(tx: Transaction, number: int) -> bool:
    """Delete an invitation; whether it was there."""
    return tx.execute(delete(invitations).where(invitations.c.id == number)).rowcount > 0


def numbered(tx: Transaction, number: int, *, actor: str) -> Row[Any]:
    """One invitation of a group. Raises Missing."""
    query = select(invitations).where(invitations.c.id == number, invitations.c.actor == actor)
    row = tx.execute(query).one_or_none()
    if row is None:
        raise Missing("there is no such invitation; it was used, withdrawn, or its time is over")
    return row


def find(tx: Transaction, secret: str) -> Row[Any]:
    """The invitation with this link, open or not yet. Raises Missing when it was used, withdrawn or is over."""
    row = tx.execute(select(invitations).where(invitations.c.digest == store.digest(secret))).one_or_none()
    over = row is not None and (_is_before(row.open_until, tx.now) or _is_before(row.ends, tx.now))
    if row is None or over:
        raise Missing("this invitation was used already, was withdrawn, or its time is over; ask for a new one")
    return row


def of_group(tx: Transaction, actor: str) -> list[Row[Any]]:
    """The invitations of a group that can still be used, the oldest first."""
    query = select(invitations).where(invitations.c.actor == actor, _usable(tx.now))
    return list(tx.execute(query.order_by(invitations.c.id).limit(rules.INVITATIONS_OPEN)))


def count(tx: Transaction, actor: str) -> int:
    """How many invitations of a group can still be used, or wait for the decision."""
    return int(tx.execute(select(func.count()).where(invitations.c.actor == actor, _usable(tx.now))).scalar_one())


async def join(node: Node, secret: str, name: str, password: str) -> Login:
    """Become a member with a name and password of her own; the session that begins with it.

    The invitation is used up. Raises Missing, Invalid, Conflict, and Busy after too many failures.
    """
    await node.database.write(_take_attempt, secret)
    rules.check_login(name)
    rules.check_password(password)
    hashed = await node.hashing.run(PasswordHasher().hash, password)
    return await node.database.write(_join, secret, name, hashed)


def _take_attempt(tx: Transaction, secret: str) -> None:
    row = _ready(tx, secret)
    if rules.rests(row.failures, row.failed, now=tx.now):
        raise Busy("there were too many attempts; wait for a while and try again")
    failed = {"failures": row.failures + 1, "failed": tx.now}
    tx.execute(update(invitations).where(invitations.c.id == row.id).values(**failed))


def _join(tx: Transaction, secret: str, name: str, password_hash: str) -> Login:
    row = _ready(tx, secret)
    if store.by_name(tx, name) is not None:
        raise Conflict("somebody here is called “{name}” already; choose another login name", name=name)
    member = store.add(tx, name, password_hash)
    _use(tx, row, member)
    return actions.begin_session(tx, member)


def accept(tx: Transaction, secret: str, member: Member) -> str:
    """Take the mandate as somebody who is a member of the node already; the group's IRI. Raises Missing, Conflict."""
    row = _ready(tx, secret)
    if row.role in store.roles(tx, member.id, row.actor):
        raise Conflict("you hold a mandate as {role} in this group already", role=row.role)
    _use(tx, row, member.id)
    return str(row.actor)


def _ready(tx: Transaction, secret: str) -> Row[Any]:
    row = find(tx, secret)
    if row.open_until is None:
        raise Conflict("the group has not decided about this invitation yet; come back later")
    if row.role == "reader" and not admission.by_invitation(tx.node):
        raise Forbidden("this node admits no more readers")
    return row


def _use(tx: Transaction, row: Row[Any], member: int) -> None:
    if not withdraw(tx, row.id):
        raise Missing("this invitation was used already")
    store.add_mandate(tx, member, row.actor, row.role, row.ends, begins=_later(row.begins, tx.now), remit=row.remit)


def prune(tx: Transaction) -> int:
    """Delete invitations whose time is over; how many there were."""
    over = or_(invitations.c.open_until <= tx.now, invitations.c.made <= tx.now - UNDECIDED_FOR)
    return int(tx.execute(delete(invitations).where(over)).rowcount)


def _usable(now: datetime) -> Any:
    return or_(invitations.c.open_until.is_(None), invitations.c.open_until > now)


def _is_before(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now


def _later(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment > now else None
