"""What a person can do about members: be entered, log in, let a program in; and what an act asks of her mandate."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row

from node.context import Node, Transaction
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.members import mandates, rules, second_factor, store
from node.members.rules import Grant
from node.members.store import Member

NUMBER_LETTERS = 16


@dataclass(frozen=True, slots=True)
class Login:
    """A session that has just begun: the secret for the cookie, and the word its forms must repeat.

    One that `waits` opens nothing before the code of the second factor was given.
    """

    secret: str
    csrf: str
    ends: datetime
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that shows a valid cookie. `seen` is the day of its last use; `digest` tells it from others."""

    member: Member
    csrf: str
    seen: datetime
    digest: str


def add(tx: Transaction, name: str, password: str, *, actor: str, role: str, ends: datetime | None = None) -> Member:
    """Enter a member with one mandate, undecided: the first of a node. Raises Invalid, Conflict."""
    rules.check_grant(Grant(role, ends=ends), now=tx.now)
    member = enter(tx, name, password)
    store.add_mandate(tx, member.id, actor, role, ends)
    return member


def enter(tx: Transaction, name: str, password: str) -> Member:
    """Enter somebody who can log in and, without a mandate, do nothing. Raises Invalid, Conflict."""
    rules.check_login(name)
    rules.check_password(password)
    if store.by_name(tx, name) is not None:
        raise Conflict("there is a member “{name}” already", name=name)
    return Member(store.add(tx, name, PasswordHasher().hash(password)), name)


def remove(tx: Transaction, name: str) -> None:
    """Let a member go, with all she could log in with: her own wish. Raises Missing, and Conflict for the last steward
    of a group and for whoever the group could not decide without."""
    mandates.leave(tx, find(tx, name).id)


def set_password(tx: Transaction, name: str, password: str) -> None:
    """Give a member a new password; every session of hers ends. Raises Missing, Invalid."""
    rules.check_password(password)
    store.set_password(tx, find(tx, name).id, PasswordHasher().hash(password))


async def log_in(node: Node, name: str, password: str) -> Login | None:
    """Begin a session (which may wait for the second factor). None: name and password do not belong together, or
    there were too many attempts.

    A wrong attempt is counted on the account and on nothing else. A name that nobody has takes as long as a wrong
    password, so that names cannot be tried out. Hashing happens in no database thread: it is slow on purpose.
    """
    row = await node.database.write(_take_attempt, name)
    fits = await node.hashing.run(_fits, rules.NOBODYS_HASH if row is None else row.password_hash, password)
    return await node.database.write(_after_password, row) if row is not None and fits else None


async def confirm(node: Node, secret: str, code: str) -> Login | None:
    """Turn a session that waits into one that does not, or None if the code is wrong or there were too many of them.

    Raises Missing when nothing waits (any more), Invalid without a code.
    """
    second_factor.check_code(code)
    return await node.database.write(_confirm, secret, code)


def waits(tx: Transaction, secret: str) -> bool:
    """Whether a session is one that waits for the second factor."""
    return store.session(tx, store.digest(secret), waits=True) is not None


def _confirm(tx: Transaction, secret: str, code: str) -> Login | None:
    row = store.session(tx, store.digest(secret), waits=True)
    if row is None:
        raise Missing("the time for the code is over; log in again")
    if not second_factor.accepts(tx, row.member, code):
        return None
    store.end_session(tx, row.digest)
    return begin_session(tx, row.member)


async def check_password(node: Node, member: Member, password: str) -> None:
    """Raise Invalid unless it is hers: before what whoever finds her browser must not do. Counts as `log_in`."""
    row = await node.database.write(_take_attempt, member.name)
    if row is None or not await node.hashing.run(_fits, row.password_hash, password):
        raise Invalid("that is not your password, or there were too many attempts and it takes a while",
                      field="password")  # fmt: skip
    await node.database.write(store.forget_failures, member.id)


async def change_password(node: Node, known: Session, old: str, new: str) -> None:
    """Give herself a new password; her other sessions end. Raises Invalid, Busy."""
    rules.check_password(new)
    await check_password(node, known.member, old)
    hashed = await node.hashing.run(PasswordHasher().hash, new)
    await node.database.write(store.set_password, known.member.id, hashed, keep=known.digest)


def _take_attempt(tx: Transaction, name: str) -> Row[Any] | None:
    """The member whose password may be tried now. An attempt is a failure until it has succeeded: many at once are as
    many as one after the other."""
    row = store.by_name(tx, name) if rules.LOGIN.fullmatch(name) else None
    if row is None or rules.rests(row.failures, row.failed, now=tx.now):
        return None
    store.note_failure(tx, row.id)
    return row


def _after_password(tx: Transaction, tried: Row[Any]) -> Login | None:
    """None if she has got another password while this one was looked at: it must not outlive that."""
    row = store.by_name(tx, tried.name)
    if row is None or row.password_hash != tried.password_hash:
        return None
    store.forget_failures(tx, row.id)
    return begin_session(tx, row.id, waits=second_factor.is_on(tx, row.id))


def begin_session(tx: Transaction, member: int, *, waits: bool = False) -> Login:
    """A new session of a member."""
    ends = tx.now + (rules.CODE_WAITS if waits else rules.SESSION_LASTS)
    login = Login(secrets.token_urlsafe(32), secrets.token_urlsafe(24), ends, waits)
    store.add_session(tx, store.digest(login.secret), member, login.csrf, login.ends, waits=waits)
    return login


def session(tx: Transaction, secret: str) -> Session | None:
    """The session whose cookie is `secret`, if it has not ended and waits for nothing."""
    row = store.session(tx, store.digest(secret))
    return None if row is None else Session(Member(row.member, row.name), row.csrf, row.seen, row.digest)


def end_session(tx: Transaction, member: Member, number: str) -> None:
    """End the session of a member whose `number_of` is this. Raises Missing."""
    found = [row for row in store.sessions_of(tx, member.id) if number_of(row) == number]
    if not found:
        raise Missing("this session has ended already")
    store.end_session(tx, found[0].digest)


def end_token(tx: Transaction, member: Member, number: str) -> None:
    """End the token of a member whose `number_of` is this. Raises Missing."""
    if len(number) != NUMBER_LETTERS or not store.end_tokens(tx, member.id, beginning=number):
        raise Missing("there is no such token any more")


def number_of(row: Row[Any]) -> str:
    """By what a member tells her sessions and tokens apart; nobody can log in with it."""
    return str(row.digest[:NUMBER_LETTERS])


def log_out(tx: Transaction, secret: str) -> None:
    """End a session."""
    store.end_session(tx, store.digest(secret))


def make_token(tx: Transaction, name: str, scopes: tuple[str, ...]) -> str:
    """A new token of a member for programs; it is shown this once and kept as a digest. Raises Missing."""
    secret = secrets.token_urlsafe(32)
    store.add_token(tx, store.digest(secret), find(tx, name).id, scopes)
    return secret


def token(tx: Transaction, secret: str) -> Member | None:
    """Whose token this is, with its scopes."""
    row = store.token(tx, store.digest(secret))
    return None if row is None else Member(row.member, row.name, frozenset(row.scopes))


def named(tx: Transaction, name: str | None, *, actor: str | None = None) -> Member:
    """The member for whom the holder of the server acts on the command line; without a name, the first steward (of
    the group `actor`, if one is given).

    Raises Missing.
    """
    if name is not None:
        row = find(tx, name)
        return Member(row.id, row.name)
    stewards = store.holders(tx, "steward", actor=actor)
    if not stewards:
        raise Missing("no member holds a steward's mandate; say in whose name you act with --as NAME")
    return Member(stewards[0].id, stewards[0].name)


def require(tx: Transaction, member: Member, act: str, *, actor: str) -> None:
    """Raise Forbidden unless `member` holds a mandate in the group `actor` that permits `act`."""
    if member.scopes is not None and act not in member.scopes:
        raise Forbidden(
            "this token may not {act}; it was made for: {known}", act=act, known=", ".join(sorted(member.scopes))
        )
    if not rules.may(store.roles(tx, member.id, actor), act):
        raise Forbidden("{name} holds no mandate to {act} in this group", name=member.name, act=act)


def find(tx: Transaction, name: str) -> Row[Any]:
    """The row of a member by her login name. Raises Missing."""
    row = store.by_name(tx, name)
    if row is None:
        raise Missing("there is no member “{name}”; see: commonwire member list", name=name)
    return row


def _fits(password_hash: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
