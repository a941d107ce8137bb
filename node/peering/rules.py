"""Whom a policy admits: pure."""

from __future__ import annotations

from enum import StrEnum

from federation.errors import Refused


class Policy(StrEnum):
    """What this node does with a host."""

    OPEN = "open"
    SUSPENDED = "suspended"


class Follow(StrEnum):
    """Where a follow stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ENDED = "ended"


LIVE = frozenset({Follow.PENDING.value, Follow.ACCEPTED.value})


def admits(policy: Policy) -> bool:
    """Whether a host under `policy` is heard and sent to."""
    return policy is Policy.OPEN


def check_admitted(host: str, policy: Policy) -> None:
    """Raise Refused if `host` may not speak here."""
    if not admits(policy):
        raise Refused(f"this node does not hear {host}", status=403)
