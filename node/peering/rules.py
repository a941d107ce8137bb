"""Whom a policy admits, and through which door: pure.

A **policy** says what this node does with a **subject**: a domain (with its sub-domains, unless it says otherwise) or
one actor. Of several that fit, the most specific decides alone: the actor's, then its host's, then that of each wider
domain; about the same subject our own before those of lists we subscribe to, and among lists the one of higher
priority. What has expired counts for nothing from that moment on. A domain without a port is meant with all its ports.

The three **doors** are apart, and each is open, closed to those on the block list, or open to those on the allow list
alone (`Mode`); `passes` says whom one lets through.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from federation.errors import Refused


class Severity(StrEnum):
    """What this node does with whomever a policy is about, from nothing to everything that can be done.

    ACCEPT: admitted; what a door that is open to the allow list alone asks for, and an exception from a wider policy.
    HOLD: what comes waits for a person. LIMIT: heard, but shown to those alone who follow it: on no public page, in no
    thread for strangers, in no notification. REJECT: nothing of it is heard, fetched or shown, nothing is sent to it.
    """

    ACCEPT = "accept"
    HOLD = "hold"
    LIMIT = "limit"
    REJECT = "reject"


class Category(StrEnum):
    """Why: abuse in its kinds, apart from political disagreement, which can be answered in public instead."""

    SPAM = "spam"
    HARASSMENT = "harassment"
    ILLEGAL = "illegal_content"
    MALWARE = "malware"
    OTHER_ABUSE = "other_abuse"
    DISAGREEMENT = "disagreement"
    OTHER = "other"


class Door(StrEnum):
    """READING: who may read the public pages and documents. DELIVERING: who may bring activities to our inboxes.
    PULLING: from whom texts, threads, pasts, names and pictures are fetched."""

    READING = "reading"
    DELIVERING = "delivering"
    PULLING = "pulling"


class Mode(StrEnum):
    """OPEN: everybody passes, whatever the policies say. BLOCK_LIST: everybody but those who are rejected.
    ALLOW_LIST: those alone whom a policy admits (any but REJECT)."""

    OPEN = "open"
    BLOCK_LIST = "block_list"
    ALLOW_LIST = "allow_list"


class Follow(StrEnum):
    """Where a follow stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ENDED = "ended"


LIVE = frozenset({Follow.PENDING.value, Follow.ACCEPTED.value})
HIDES_FROM_STRANGERS = frozenset({Severity.LIMIT, Severity.REJECT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy, as far as it decides anything. `kinds`: the kinds of object it is for, None for all and everything
    else too; `source`: the list it comes from, None for our own; `priority`: of that list, the higher first."""

    id: int
    subject: str
    severity: Severity
    is_actor: bool = False
    no_media: bool = False
    kinds: frozenset[str] | None = None
    expires: datetime | None = None
    subdomains: bool = True
    source: str | None = None
    priority: int = 0

    def counts(self, *, kind: str | None, now: datetime) -> bool:
        """Whether it is in force, and for this kind of object (None: for whoever it is about as a whole)."""
        in_force = self.expires is None or self.expires > now
        return in_force and (self.kinds is None or (kind is not None and kind in self.kinds))


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands here, and by which policy; without one it is a stranger like any other."""

    severity: Severity = Severity.ACCEPT
    no_media: bool = False
    kinds: frozenset[str] | None = None
    policy: int | None = None

    @property
    def is_rejected(self) -> bool:
        return self.severity is Severity.REJECT

    @property
    def is_held(self) -> bool:
        """Whether what comes of it waits for a person."""
        return self.severity is Severity.HOLD

    @property
    def is_hidden(self) -> bool:
        """Whether those who do not follow it are not shown what it says."""
        return self.severity in HIDES_FROM_STRANGERS

    @property
    def is_admitted(self) -> bool:
        """Whether a policy lets it in, which is more than that none keeps it out."""
        return self.policy is not None and not self.is_rejected

    @property
    def sends_media(self) -> bool:
        """Whether its pictures, films and sounds are fetched and shown."""
        return not (self.no_media or self.is_rejected)


STRANGER = Standing()


@lru_cache(maxsize=4096)
def names_of(host: str) -> tuple[str, ...]:
    """A host (with its port, if it has one), and every name of a policy that may cover it, the narrowest first.

    `a.peer.example:8443` -> that, `a.peer.example`, `peer.example`, `example`. A dot at the end names the same host.
    """
    name, colon, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    name = (name if colon else host).rstrip(".").lower()
    wider = [] if _is_address(name) else [name.split(".", count)[-1] for count in range(1, name.count(".") + 1)]
    return (*((f"{name}:{port}",) if colon else ()), name, *wider)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def judge(
    policies: Iterable[Policy], *, host: str, now: datetime, actor: str | None = None, kind: str | None = None
) -> Standing:
    """How `actor`, or a host as a whole, stands by these policies, for a kind of object or for all."""
    names = names_of(host)
    fitting = [one for one in policies if one.counts(kind=kind, now=now) and _fits(one, names, actor)]
    if not fitting:
        return STRANGER
    first = min(fitting, key=lambda one: (_distance(one, names), one.source is not None, -one.priority, one.id))
    return Standing(first.severity, first.no_media, first.kinds, first.id)


def _fits(policy: Policy, names: tuple[str, ...], actor: str | None) -> bool:
    if policy.is_actor:
        return policy.subject == actor
    own = names[:2] if (":" in names[0] and not names[0].startswith("[")) or "]:" in names[0] else names[:1]
    return policy.subject in own or (policy.subdomains and policy.subject in names)


def _distance(policy: Policy, names: tuple[str, ...]) -> int:
    return -1 if policy.is_actor else names.index(policy.subject)


def passes(standing: Standing, mode: Mode) -> bool:
    """Whether a door in this mode lets somebody through."""
    if mode is Mode.OPEN:
        return True
    return standing.is_admitted if mode is Mode.ALLOW_LIST else not standing.is_rejected


def check_passes(host: str, standing: Standing, door: Door, mode: Mode) -> None:
    """Raise Refused (403), with the reason in words, if a door does not let somebody of `host` through."""
    if passes(standing, mode):
        return
    why = "" if standing.is_rejected else ": it deals with those servers alone that its groups have admitted"
    if door is Door.DELIVERING:
        raise Refused(f"this node does not hear {host}{why}", status=403)
    if door is Door.READING:
        raise Refused(f"this node does not give its documents to {host}{why}", status=403)
    raise Refused(f"this node does not fetch anything from {host}{why}", status=403)
