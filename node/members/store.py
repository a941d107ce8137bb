"""Tables and queries of members, mandates, sessions and tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Row, Table, Text, delete, or_, select, true, update

from node.context import Transaction
from node.database import Json, Moment, metadata
from node.members.rules import ROLES, role_permits

members = Table(
    "members",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failed", Moment),
)

mandates = Table(
    "mandates",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("member", Integer, ForeignKey("members.id", ondelete="CASCADE"), nullable=False),
    Column("actor", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("role", Text, nullable=False),
    Column("begins", Moment, nullable=False),
    Column("ends", Moment),
    Column("remit", Text, nullable=False, server_default=""),  # what she may say in the group's name
    Column("turns", Integer),  # those that follow each other have one number
    Index("mandates_by_member", "member", "actor"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("member", Integer, ForeignKey("members.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("ends", Moment, nullable=False),
    Column("seen", Moment, nullable=False, server_default="0"),  # the day alone, at its first moment
    Column("waits", Boolean, nullable=False, server_default="0"),  # for the second factor: it opens nothing yet
)

tokens = Table(
    "tokens",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("member", Integer, ForeignKey("members.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("scopes", Json, nullable=False),
    Column("since", Moment, nullable=False),
    # Of an app that speaks the Mastodon client API; both are none for a program of hers that speaks ours.
    Column("app", Integer, ForeignKey("apps.id", ondelete="CASCADE"), index=True),
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), index=True),
    Column("seen", Moment),  # the day of its last use alone, at its first moment
)


@dataclass(frozen=True, slots=True)
class Member:
    """A person who has shown who she is. `scopes` limits what a token may do; a session may do all she may."""

    id: int
    name: str
    scopes: frozenset[str] | None = None


def digest(secret: str) -> str:
    """As secrets of cookies, tokens and links are kept: they are chance, so that one round is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def by_name(tx: Transaction, name: str) -> Row[Any] | None:
    """The row of the member with this login name."""
    return tx.execute(select(members).where(members.c.name == name)).one_or_none()


def name_of(tx: Transaction, member: int) -> str | None:
    """The login name of a member; None if she has left."""
    return tx.execute(select(members.c.name).where(members.c.id == member)).scalar_one_or_none()


def everybody(tx: Transaction) -> list[Row[Any]]:
    """All members, by name."""
    return list(tx.execute(select(members).order_by(members.c.name).limit(10_000)))


def add(tx: Transaction, name: str, password_hash: str) -> int:
    """Enter a member; her id. The table refuses a second one of the same name."""
    values = {"name": name, "password_hash": password_hash, "since": tx.now}
    return int(tx.execute(members.insert().values(**values).returning(members.c.id)).scalar_one())


def remove(tx: Transaction, member: int) -> None:
    """Delete a member with her mandates, sessions and tokens."""
    tx.execute(delete(members).where(members.c.id == member))


def add_mandate(
    tx: Transaction,
    member: int,
    actor: str,
    role: str,
    ends: datetime | None,
    *,
    begins: datetime | None = None,
    remit: str = "",
    turns: int | None = None,
) -> int:
    """Give a role in a group, from now on unless it `begins` later; the number of the mandate."""
    values = {"member": member, "actor": actor, "role": role, "ends": ends, "remit": remit, "turns": turns}
    added = mandates.insert().values(begins=begins or tx.now, **values).returning(mandates.c.id)
    return int(tx.execute(added).scalar_one())


def roles(tx: Transaction, member: int, actor: str) -> list[str]:
    """The roles a member holds in a group at this moment."""
    query = select(mandates.c.role).where(mandates.c.member == member, mandates.c.actor == actor, _in_force(tx.now))
    return list(tx.execute(query).scalars())


def mandates_in_force(tx: Transaction, member: int) -> list[Row[Any]]:
    """All mandates a member holds at this moment, in whatever group."""
    return list(tx.execute(select(mandates).where(mandates.c.member == member, _in_force(tx.now)).limit(1000)))


def mandates_of(tx: Transaction, some: Collection[int]) -> list[Row[Any]]:
    """The same of several members."""
    return list(tx.execute(select(mandates).where(mandates.c.member.in_(some), _in_force(tx.now))))


def holders(tx: Transaction, role: str, *, actor: str | None = None) -> list[Row[Any]]:
    """The members who hold `role` in a group (else in any) at this moment, the longest-serving first."""
    where = mandates.c.actor == actor if actor is not None else true()
    query = (
        select(members)
        .join(mandates, mandates.c.member == members.c.id)
        .where(mandates.c.role == role, _in_force(tx.now), where)
        .order_by(mandates.c.begins, members.c.id)
        .limit(1000)
    )
    return list(tx.execute(query))


def who_may(tx: Transaction, act: str, actor: str, *, at: datetime) -> list[int]:
    """The members whose mandates in a group permit `act` at a moment."""
    permitting = [role for role in ROLES if role_permits(role, act)]
    query = select(mandates.c.member).where(mandates.c.actor == actor, mandates.c.role.in_(permitting), _in_force(at))
    return list(tx.execute(query.distinct().order_by(mandates.c.member).limit(10_000)).scalars())


def note_failure(tx: Transaction, member: int) -> None:
    """Count one wrong password."""
    tx.execute(update(members).where(members.c.id == member).values(failures=members.c.failures + 1, failed=tx.now))


def forget_failures(tx: Transaction, member: int) -> None:
    """The right password was given."""
    tx.execute(update(members).where(members.c.id == member).values(failures=0, failed=None))


def set_password(tx: Transaction, member: int, password_hash: str, *, keep: str = "") -> None:
    """Replace the password and end every session but the one with the digest `keep`."""
    tx.execute(update(members).where(members.c.id == member).values(password_hash=password_hash))
    end_sessions(tx, member, keep=keep)


def add_session(tx: Transaction, digest: str, member: int, csrf: str, ends: datetime, *, waits: bool = False) -> None:
    """Enter a session; one that `waits` for the second factor opens nothing."""
    values = {"digest": digest, "member": member, "csrf": csrf, "ends": ends, "waits": waits}
    tx.execute(sessions.insert().values(since=tx.now, seen=day_of(tx.now), **values))


def session(tx: Transaction, digest: str, *, waits: bool = False) -> Row[Any] | None:
    """A session that has not ended, with the member's name."""
    query = (
        select(sessions, members.c.name)
        .join(members, members.c.id == sessions.c.member)
        .where(sessions.c.digest == digest, sessions.c.ends > tx.now, sessions.c.waits.is_(waits))
    )
    return tx.execute(query).one_or_none()


def sessions_of(tx: Transaction, member: int) -> list[Row[Any]]:
    """The sessions of a member that have not ended, the youngest first."""
    query = select(sessions).where(sessions.c.member == member, sessions.c.ends > tx.now, sessions.c.waits.is_(False))
    return list(tx.execute(query.order_by(sessions.c.since.desc(), sessions.c.digest).limit(1000)))


def note_seen(tx: Transaction, digest: str) -> None:
    """Write down on which day a session was used, and no hour."""
    tx.execute(update(sessions).where(sessions.c.digest == digest).values(seen=day_of(tx.now)))


def end_sessions(tx: Transaction, member: int, *, keep: str = "") -> int:
    """Delete the sessions of a member but the one with the digest `keep`; how many there were."""
    query = delete(sessions).where(sessions.c.member == member, sessions.c.digest != keep)
    return int(tx.execute(query).rowcount)


def day_of(moment: datetime) -> datetime:
    """The first moment of the day, in UTC."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def end_session(tx: Transaction, digest: str) -> None:
    """Delete a session, and whatever has ended by itself."""
    tx.execute(delete(sessions).where(or_(sessions.c.digest == digest, sessions.c.ends <= tx.now)))


def prune_sessions(tx: Transaction) -> int:
    """Delete sessions that are over; how many there were."""
    return int(tx.execute(delete(sessions).where(sessions.c.ends <= tx.now)).rowcount)


def add_token(tx: Transaction, digest: str, member: int, scopes: tuple[str, ...]) -> None:
    """Enter a token."""
    tx.execute(tokens.insert().values(digest=digest, member=member, scopes=list(scopes), since=tx.now))


def token(tx: Transaction, digest: str) -> Row[Any] | None:
    """A token of a program that speaks our own API, with the member's name: those of apps open nothing there."""
    query = (
        select(tokens, members.c.name)
        .join(members, members.c.id == tokens.c.member)
        .where(tokens.c.digest == digest, tokens.c.app.is_(None))
    )
    return tx.execute(query).one_or_none()


def tokens_of(tx: Transaction, member: int) -> list[Row[Any]]:
    """The tokens of a member, the oldest first."""
    query = select(tokens).where(tokens.c.member == member).order_by(tokens.c.since, tokens.c.digest)
    return list(tx.execute(query.limit(1000)))


def end_tokens(tx: Transaction, member: int, *, beginning: str = "") -> int:
    """Delete the tokens of a member whose digest begins so, all without it; how many there were."""
    query = delete(tokens).where(tokens.c.member == member, tokens.c.digest.startswith(beginning, autoescape=True))
    return int(tx.execute(query).rowcount)


def _in_force(now: datetime) -> Any:
    return (mandates.c.begins <= now) & or_(mandates.c.ends.is_(None), mandates.c.ends > now)
