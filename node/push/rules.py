"""What can be subscribed to, when something is pushed, and when a subscription ends: pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from federation import web_push
from node.errors import Invalid
from node.notifications.rules import Kind

ALERTS = (
    *("mention", "status", "reblog", "follow", "follow_request", "favourite", "poll", "update", "quote"),
    *("quoted_update", "admin.sign_up", "admin.report"),
)
"""What apps can ask for, as Mastodon names it; of some of these this node has nothing to tell."""

ASKED_BY = MappingProxyType(
    {
        Kind.MENTION: ("mention",),
        Kind.REBLOG: ("reblog",),
        Kind.FAVOURITE: ("favourite",),
        Kind.FOLLOW: ("follow",),
        Kind.FOLLOW_REQUEST: ("follow_request",),
        Kind.QUOTE: ("quote",),
        Kind.UPDATE: ("update",),
        Kind.QUOTED_UPDATE: ("quoted_update",),
        Kind.VOTE: ("status", "poll"),  # no app has a switch for it, and who wants to hear of either means this too
    }
)
"""By which alerts each kind is asked for."""

QUIET = (Kind.REBLOG, Kind.FAVOURITE, Kind.FOLLOW, Kind.FOLLOW_REQUEST, Kind.UPDATE, Kind.QUOTED_UPDATE)
"""What can wait until the device is awake, and what strangers can do by the thousand."""

ENDPOINT_CHARACTERS = 2000
OF_A_VIEWER = 20  # subscriptions; of more the oldest ends
NEWS = timedelta(hours=1)  # what was said before is in the list and no news
LASTS = timedelta(hours=24)  # tried, and kept by the push service, until then
PACE = timedelta(minutes=10)
QUIET_IN_A_PACE, ALL_IN_A_PACE = 20, 100  # for one device; the rest stands in the list
REFUSALS = 5  # one after the other
FAILING_FOR = timedelta(days=14)


class Policy(StrEnum):
    """Of whom a device wants to hear."""

    ALL = "all"
    FOLLOWED = "followed"
    FOLLOWER = "follower"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a device asks for."""

    alerts: frozenset[str] = frozenset()
    policy: Policy = Policy.ALL


def check_endpoint(text: str | None) -> str:
    """The address of a device, as far as it can be looked at without going there. Raises Invalid."""
    address = (text or "").strip()
    if not address:
        raise Invalid("there is no text", field="subscription[endpoint]")
    if len(address) > ENDPOINT_CHARACTERS or not address.isascii():
        raise Invalid("{address!r} is no address to be sent to", field="subscription[endpoint]", address=address[:200])
    return address


def check_key(text: str | None) -> bytes:
    """The public key of a device. Raises Invalid."""
    raw = _decoded(text, field="subscription[keys][p256dh]")
    if not web_push.is_point(raw):
        raise Invalid("{given!r} is no key", field="subscription[keys][p256dh]", given=(text or "")[:100])
    return raw


def check_auth(text: str | None) -> bytes:
    """The secret of a device. Raises Invalid."""
    raw = _decoded(text, field="subscription[keys][auth]")
    if len(raw) != web_push.AUTH_BYTES:
        raise Invalid("{given!r} is no key", field="subscription[keys][auth]", given=(text or "")[:100])
    return raw


def _decoded(text: str | None, *, field: str) -> bytes:
    try:
        return web_push.decoded(text or "")
    except ValueError:
        raise Invalid("{given!r} is no key", field=field, given=(text or "")[:100]) from None


def check_policy(text: str | None) -> Policy:
    """Of whom to hear; of everybody if nothing is said. Raises Invalid."""
    try:
        return Policy(text or Policy.ALL)
    except ValueError:
        codes = ", ".join(Policy)
        raise Invalid("{value!r} is not one of {codes}", field="policy", value=str(text)[:40], codes=codes) from None


def asks_for(wished: Iterable[str], kind: Kind) -> bool:
    """Whether these alerts ask for this kind of notification."""
    return not set(ASKED_BY.get(kind, (kind.value,))).isdisjoint(wished)


def has_room(kind: Kind, *, sent: int) -> bool:
    """Whether a device that has been sent so much of late is sent this too."""
    return sent < (QUIET_IN_A_PACE if kind in QUIET else ALL_IN_A_PACE)


def urgency(kind: Kind) -> str:
    """How a push service is asked to weigh it against the battery; RFC 8030 section 5.3."""
    return "low" if kind in QUIET else "normal"


def is_news(said: datetime, now: datetime) -> bool:
    """Whether what was said then is news."""
    return said > now - NEWS
