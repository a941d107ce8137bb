"""What a person can do about members: be entered, log in, let a program in; and what an act asks of her mandate."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row

from node.context import Node, Transaction
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.members import rules, store
from node.members.store import Member

# Of a password that nobody knows: whoever gives a name that is not there waits as long as for one that is.
NOBODYS_HASH = "$argon2id$v=19$m=65536,t=3,p=4$zdn+cNLf3BEuTdNM8KfKNA$pk06grrDi7cp8uc8KQY8S+cUwofgDVo6ZP96AUNqENE"


@dataclass(frozen=True, slots=True)
class Login:
    """A session that has just begun: the secret for the cookie, and the word its forms must repeat."""

    secret: str
    csrf: str
    ends: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that shows a valid cookie."""

    member: Member
    csrf: str


def add(tx: Transaction, name: str, password: str, *, actor: str, role: str, ends: datetime | None = None) -> Member:
    """Enter a member with one mandate. Raises Invalid, Conflict."""
    rules.check_login(name)
    rules.check_role(role)
    rules.check_password(password)
    if ends is not None and ends <= tx.now:
        raise Invalid("the mandate would have ended already", field="until")
    if store.by_name(tx, name) is not None:
        raise Conflict(f"there is a member {name!r} already")
    member = store.add(tx, name, PasswordHasher().hash(password))
    store.add_mandate(tx, member, actor, role, ends)
    return Member(member, name)


def remove(tx: Transaction, name: str) -> None:
    """Remove a member and all she could log in with. Raises Missing, and Conflict for the last steward and for
    whoever the group could not decide without."""
    row = _find(tx, name)
    stewards = store.holders(tx, "steward")
    if stewards and all(one.id == row.id for one in stewards):
        raise Conflict(f"{name} is the only steward; make another one first: commonwire member add NAME --role steward")
    store.remove(tx, row.id)
    for check in tx.node.rooms.departures:
        check(tx, None)


def set_password(tx: Transaction, name: str, password: str) -> None:
    """Give a member a new password; every session of hers ends. Raises Missing, Invalid."""
    rules.check_password(password)
    store.set_password(tx, _find(tx, name).id, PasswordHasher().hash(password))


async def log_in(node: Node, name: str, password: str) -> Login | None:
    """Begin a session, or None if name and password do not belong together or there were too many attempts.

    A wrong attempt is counted on the account and on nothing else. A name that nobody has takes as long as a wrong
    password, so that names cannot be tried out. Hashing happens in no database thread: it is slow on purpose.
    """
    row = await node.database.write(_take_attempt, name)
    fits = await node.hashing.run(_fits, NOBODYS_HASH if row is None else row.password_hash, password)
    return await node.database.write(_begin_session, row.id) if row is not None and fits else None


def _take_attempt(tx: Transaction, name: str) -> Row[Any] | None:
    """The member whose password may be tried now. An attempt is a failure until it has succeeded: many at once are as
    many as one after the other."""
    row = store.by_name(tx, name) if rules.LOGIN.fullmatch(name) else None
    if row is None or (row.failed is not None and tx.now < rules.pause_until(row.failures, row.failed)):
        return None
    store.note_failure(tx, row.id)
    return row


def _begin_session(tx: Transaction, member: int) -> Login:
    store.forget_failures(tx, member)
    login = Login(secrets.token_urlsafe(32), secrets.token_urlsafe(24), tx.now + rules.SESSION_LASTS)
    store.add_session(tx, _digest(login.secret), member, login.csrf, login.ends)
    return login


def session(tx: Transaction, secret: str) -> Session | None:
    """The session whose cookie is `secret`, if it has not ended."""
    row = store.session(tx, _digest(secret))
    return None if row is None else Session(Member(row.member, row.name), row.csrf)


def log_out(tx: Transaction, secret: str) -> None:
    """End a session."""
    store.end_session(tx, _digest(secret))


def make_token(tx: Transaction, name: str, scopes: tuple[str, ...]) -> str:
    """A new token of a member for programs; it is shown this once and kept as a digest. Raises Missing."""
    secret = secrets.token_urlsafe(32)
    store.add_token(tx, _digest(secret), _find(tx, name).id, scopes)
    return secret


def token(tx: Transaction, secret: str) -> Member | None:
    """Whose token this is, with its scopes."""
    row = store.token(tx, _digest(secret))
    return None if row is None else Member(row.member, row.name, frozenset(row.scopes))


def named(tx: Transaction, name: str | None) -> Member:
    """The member for whom the holder of the server acts on the command line; without a name, the first steward.

    Raises Missing.
    """
    if name is not None:
        row = _find(tx, name)
        return Member(row.id, row.name)
    stewards = store.holders(tx, "steward")
    if not stewards:
        raise Missing("no member holds a steward's mandate; say in whose name you act with --as NAME")
    return Member(stewards[0].id, stewards[0].name)


def require(tx: Transaction, member: Member, act: str, *, actor: str) -> None:
    """Raise Forbidden unless `member` holds a mandate in the group `actor` that permits `act`."""
    if member.scopes is not None and act not in member.scopes:
        raise Forbidden(f"this token may not {act}; it was made for: {', '.join(sorted(member.scopes))}")
    if not rules.may(store.roles(tx, member.id, actor), act):
        raise Forbidden(f"{member.name} holds no mandate to {act} in this group")


def _find(tx: Transaction, name: str) -> Row[Any]:
    row = store.by_name(tx, name)
    if row is None:
        raise Missing(f"there is no member {name!r}; see: commonwire member list")
    return row


def _fits(password_hash: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
