"""What a mandate permits, and what a login name and a password must be: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from node.errors import Invalid

ROLES: dict[str, str] = {
    "reader": "reads what the group keeps for its members",
    "writer": "writes drafts",
    "editor": "writes, and decides what is published",
    "delegate": "decides whom the group follows and hears",
    "steward": "decides about members and settings, and whatever an editor or a delegate decides",
}

PERMITS: dict[str, frozenset[str]] = {
    "reader": frozenset({"read"}),
    "writer": frozenset({"read", "write"}),
    "editor": frozenset({"read", "write", "publish"}),
    "delegate": frozenset({"read", "write", "peer"}),
    "steward": frozenset({"read", "write", "publish", "peer", "steward"}),
}

SCOPES = ("read", "write", "publish", "peer", "steward")

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
PASSWORD_AT_LEAST = 12
PASSWORD_AT_MOST = 1000
SESSION_LASTS = timedelta(days=14)
FAILURES_FREE = 5
FAILURE_PAUSE = timedelta(seconds=30)
FAILURE_PAUSE_AT_MOST = timedelta(hours=1)


def role_permits(role: str, act: str) -> bool:
    """Whether the role `role` may do `act` (read, write, publish, peer, steward)."""
    return act in PERMITS[role]


def may(roles: Iterable[str], act: str) -> bool:
    """Whether any of `roles` may do `act`."""
    return any(role_permits(role, act) for role in roles)


def check_login(name: str) -> str:
    """`name` as a login name. Raises Invalid."""
    if not LOGIN.fullmatch(name):
        raise Invalid(
            f"{name!r} cannot be a login name: use up to 40 of a-z, 0-9, dot, dash and underscore", field="name"
        )
    return name


def check_password(password: str) -> str:
    """`password`, if it is long enough to keep. Raises Invalid, without repeating it."""
    if len(password) < PASSWORD_AT_LEAST:
        raise Invalid(
            f"a password has at least {PASSWORD_AT_LEAST} characters; several words are good", field="password"
        )
    if len(password) > PASSWORD_AT_MOST:
        raise Invalid(f"a password has at most {PASSWORD_AT_MOST} characters", field="password")
    return password


def check_role(role: str) -> str:
    """`role`, if there is one of that name. Raises Invalid."""
    if role not in ROLES:
        raise Invalid(f"there is no role {role!r}; the roles are {', '.join(ROLES)}", field="role")
    return role


def check_scopes(text: str) -> tuple[str, ...]:
    """The scopes in `text`, separated by spaces. Raises Invalid."""
    scopes = tuple(dict.fromkeys(text.split()))
    for scope in scopes:
        if scope not in SCOPES:
            raise Invalid(f"there is no scope {scope!r}; the scopes are {', '.join(SCOPES)}", field="scopes")
    if not scopes:
        raise Invalid(f"say at least one scope: {', '.join(SCOPES)}", field="scopes")
    return scopes


def pause_until(failures: int, last: datetime) -> datetime:
    """When the next log-in of an account may be tried after `failures` wrong passwords in a row."""
    if failures < FAILURES_FREE:
        return last
    growth = min(failures - FAILURES_FREE, 20)
    pause: timedelta = FAILURE_PAUSE * 2**growth
    return last + min(pause, FAILURE_PAUSE_AT_MOST)
