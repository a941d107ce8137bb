"""A wave of mentions: so many strangers name a group within an hour that its members could read nothing else.

What comes beyond the group's bound (`moderation`, `mentions_an_hour`) is **collapsed**: kept like any other, but told
to nobody one by one. It waits among the requests, by sender, until somebody looks; streams, devices and the list itself
stay with what those say whom the group follows, and with what strangers said before. When fewer come in an hour, the
next is told as ever: nothing has to be switched off, and nothing is lost.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from node import identifiers
from node.context import Transaction
from node.moderation import store as moderation
from node.moderation.rules import Did, Rule
from node.notifications.rules import Kind
from node.notifications.store import notifications
from node.peering.store import follows

HOUR = timedelta(hours=1)
KINDS = frozenset({Kind.MENTION, Kind.QUOTE})


def collapses(tx: Transaction, *, of: str, kind: Kind, actor: str) -> bool:
    """Whether a mention is one too many of strangers in this hour; counted then among what the group's rules did."""
    if kind not in KINDS:
        return False
    most = moderation.settings_of(tx, of).mentions_an_hour
    followed = select(follows.c.followed).where(follows.c.follower == of, follows.c.state.in_(["pending", "accepted"]))
    if not most or tx.execute(followed.where(follows.c.followed == actor)).first() is not None:
        return False
    table = notifications.c
    some = select(table.id).where(
        table.of == of,
        table.id > identifiers.mint(tx.now - HOUR),
        table.kind.in_([one.value for one in KINDS]),
        table.actor.not_in(followed),
    )
    came = tx.execute(select(func.count()).select_from(some.limit(most).subquery())).scalar_one()
    if came < most:
        return False
    moderation.count(tx, of, Rule.WAVE.value, Did.COLLAPSED)
    return True


def count_lately(tx: Transaction, of: str) -> int:
    """How many mentions were collapsed within a day."""
    table = notifications.c
    since = identifiers.mint(tx.now - timedelta(days=1))
    query = select(func.count()).where(table.of == of, table.id > since, table.wave.is_(True))
    return int(tx.execute(query).scalar_one())
