"""What a mandate permits, and what a login name and a password must be: pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from node.errors import Invalid
from node.translating import N_

ROLES: dict[str, str] = {
    "reader": N_("reads what the group keeps for its members"),
    "writer": N_("writes drafts"),
    "editor": N_("writes, and decides what is published"),
    "delegate": N_("decides whom the group follows and hears"),
    "steward": N_("decides about members and settings, and whatever an editor or a delegate decides"),
}

PERMITS: dict[str, frozenset[str]] = {
    "reader": frozenset({"read"}),
    "writer": frozenset({"read", "write"}),
    "editor": frozenset({"read", "write", "publish"}),
    "delegate": frozenset({"read", "write", "peer"}),
    "steward": frozenset({"read", "write", "publish", "peer", "steward"}),
}

SCOPES = ("read", "write", "publish", "peer", "steward")

# Of a password that nobody knows: whoever gives a name that is not there waits as long as for one that is.
NOBODYS_HASH = "$argon2id$v=19$m=65536,t=3,p=4$zdn+cNLf3BEuTdNM8KfKNA$pk06grrDi7cp8uc8KQY8S+cUwofgDVo6ZP96AUNqENE"

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
PASSWORD_AT_LEAST = 12
PASSWORD_AT_MOST = 1000
SESSION_LASTS = timedelta(days=14)
CODE_WAITS = timedelta(minutes=10)  # between the password and the code of the second factor
REMIT_CHARACTERS = 1000
MANDATE_AT_MOST = timedelta(days=3660)
INVITATION_LASTS = timedelta(days=7)
INVITATION_AT_MOST = timedelta(days=30)
INVITATIONS_OPEN = 50
ENDED_KEPT_FOR = timedelta(days=90)
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
            "{name!r} cannot be a login name: use up to 40 of a-z, 0-9, dot, dash and underscore",
            field="name",
            name=name,
        )
    return name


def check_password(password: str, *, field: str = "password") -> str:
    """`password`, if it is long enough to keep. Raises Invalid, without repeating it."""
    if len(password) < PASSWORD_AT_LEAST:
        raise Invalid(
            "a password has at least {limit} characters; several words are good",
            field=field,
            limit=PASSWORD_AT_LEAST,
        )
    if len(password) > PASSWORD_AT_MOST:
        raise Invalid("a password has at most {limit} characters", field=field, limit=PASSWORD_AT_MOST)
    return password


def check_role(role: str) -> str:
    """`role`, if there is one of that name. Raises Invalid."""
    if role not in ROLES:
        raise Invalid(
            "there is no role {role!r}; the roles are {known}", field="role", role=role, known=", ".join(ROLES)
        )
    return role


def check_scopes(text: str) -> tuple[str, ...]:
    """The scopes in `text`, separated by spaces. Raises Invalid."""
    scopes = tuple(dict.fromkeys(text.split()))
    for scope in scopes:
        if scope not in SCOPES:
            raise Invalid(
                "there is no scope {scope!r}; the scopes are {known}",
                field="scopes",
                scope=scope,
                known=", ".join(SCOPES),
            )
    if not scopes:
        raise Invalid("say at least one scope: {known}", field="scopes", known=", ".join(SCOPES))
    return scopes


def pause_until(failures: int, last: datetime) -> datetime:
    """When the next log-in of an account may be tried after `failures` wrong passwords in a row."""
    if failures < FAILURES_FREE:
        return last
    growth = min(failures - FAILURES_FREE, 20)
    pause: timedelta = FAILURE_PAUSE * 2**growth
    return last + min(pause, FAILURE_PAUSE_AT_MOST)


def rests(failures: int, last: datetime | None, *, now: datetime) -> bool:
    """Whether an account takes no further try at this moment."""
    return last is not None and now < pause_until(failures, last)


@dataclass(frozen=True, slots=True)
class Grant:
    """A mandate as it is given. `begins`: None is at once; `ends`: None is without an end.

    `remit` is what its holder may say in the group's name, in the group's words.
    """

    role: str
    begins: datetime | None = None
    ends: datetime | None = None
    remit: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is kept until it is decided."""
        begins, ends = (one.isoformat() if one else None for one in (self.begins, self.ends))
        return {"role": self.role, "begins": begins, "ends": ends, "remit": self.remit}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Grant:
        """What `as_json` gave."""
        begins, ends = (datetime.fromisoformat(kept[one]) if kept[one] else None for one in ("begins", "ends"))
        return cls(kept["role"], begins, ends, kept["remit"])


def check_grant(grant: Grant, *, now: datetime) -> Grant:
    """`grant`, its remit in order, if a mandate can be given like this at `now`. Raises Invalid."""
    check_role(grant.role)
    begins = grant.begins if grant.begins is not None and grant.begins > now else None
    if grant.ends is not None and grant.ends <= now:
        raise Invalid("the mandate would have ended already", field="until")
    if grant.ends is not None and begins is not None and grant.ends <= begins:
        raise Invalid("the mandate would end before it begins", field="until")
    if any(day is not None and day > now + MANDATE_AT_MOST for day in (begins, grant.ends)):
        raise Invalid("a mandate is for ten years at most; without a day it has no end", field="until")
    return Grant(grant.role, begins, grant.ends, check_remit(grant.remit))


def check_remit(text: str) -> str:
    """`text` as what a mandate lets its holder say. Raises Invalid."""
    remit = text.replace("\r\n", "\n").strip()
    if len(remit) > REMIT_CHARACTERS:
        raise Invalid("it has {count} characters; {limit} are the limit", field="remit", count=len(remit),
                      limit=REMIT_CHARACTERS)  # fmt: skip
    if any(letter != "\n" and unicodedata.category(letter) in ("Cc", "Cs") for letter in remit):
        raise Invalid("there is a character in it that cannot be kept", field="remit")
    return remit


def check_lasting(lasting: timedelta) -> timedelta:
    """How long an invitation is open. Raises Invalid."""
    if not timedelta(hours=1) <= lasting <= INVITATION_AT_MOST:
        raise Invalid("an invitation is open for an hour at least and {days} days at most", field="days",
                      days=INVITATION_AT_MOST.days)  # fmt: skip
    return lasting
