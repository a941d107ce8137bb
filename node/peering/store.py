"""Table and queries of follows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Index,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    update,
)

from federation.addressing import Recipient
from node import lost_inboxes
from node.actors import actors, host_of
from node.context import Transaction
from node.database import Moment, metadata
from node.peering import blocks, standing
from node.peering.rules import Follow
from node.prepared import Prepared

ENDED_KEPT_FOR = timedelta(days=30)

follows = Table(
    "follows",
    metadata,
    Column("follower", Text, nullable=False),
    Column("followed", Text, nullable=False),
    Column("activity", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("since", Moment, nullable=False),
    PrimaryKeyConstraint("follower", "followed"),
    Index("follows_by_followed", "followed", "state"),
)

_LIVE = (Follow.PENDING.value, Follow.ACCEPTED.value)
_FIND = Prepared(
    select(follows).where(follows.c.follower == bindparam("follower"), follows.c.followed == bindparam("followed"))
)
_CHANGES: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("activity", "state", "since")}
_PUT = Prepared(
    lambda insert: (
        insert(follows)
        .values(follower=bindparam("follower"), followed=bindparam("followed"), **_CHANGES)
        .on_conflict_do_update(index_elements=["follower", "followed"], set_=_CHANGES)
    )
)
_HEARD = Prepared(
    select(follows.c.follower)
    .join(actors, actors.c.iri == follows.c.follower)
    .where(
        follows.c.followed == bindparam("followed"),
        actors.c.local.is_(True),
        or_(*(follows.c.state == state for state in _LIVE)),
    )
    .limit(1)
)


def find(tx: Transaction, *, follower: str, followed: str) -> Row[Any] | None:
    """The follow of one pair, in whatever state."""
    row: Row[Any] | None = tx.execute(_FIND, {"follower": follower, "followed": followed}).one_or_none()
    return row


def put(tx: Transaction, *, follower: str, followed: str, activity: str, state: Follow) -> None:
    """Write the follow of one pair, in place of an earlier one."""
    values = {"new_activity": activity, "new_state": state.value, "new_since": tx.now}
    tx.execute(_PUT, {"follower": follower, "followed": followed, **values})


def set_state(tx: Transaction, *, follower: str, followed: str, state: Follow) -> None:
    """Change the state of a follow."""
    tx.execute(
        update(follows)
        .where(follows.c.follower == follower, follows.c.followed == followed)
        .values(state=state.value, since=tx.now)
    )


def end_all_of(tx: Transaction, actor: str) -> None:
    """End every follow of and by an actor that has left, and its blocks."""
    tx.execute(delete(follows).where((follows.c.follower == actor) | (follows.c.followed == actor)))
    blocks.forget(tx, actor)


def prune_follows(tx: Transaction) -> int:
    """Delete follows that ended, or were rejected, long ago; how many there were."""
    over = follows.c.state.in_([Follow.ENDED.value, Follow.REJECTED.value]) & (
        follows.c.since < tx.now - ENDED_KEPT_FOR
    )
    return int(tx.execute(delete(follows).where(over)).rowcount)


def followers(tx: Transaction, actor: str, *, limit: int = 100_000) -> list[Row[Any]]:
    """The actors that follow `actor`, with the follow's state and since, the newest first."""
    return _related(tx, follows.c.followed == actor, join=follows.c.follower, limit=limit)


def following(tx: Transaction, actor: str, *, limit: int = 100_000) -> list[Row[Any]]:
    """The actors that `actor` follows or has asked to follow, the newest first."""
    return _related(tx, follows.c.follower == actor, join=follows.c.followed, limit=limit)


def _related(tx: Transaction, condition: Any, *, join: Any, limit: int) -> list[Row[Any]]:
    live = follows.c.state.in_([Follow.PENDING.value, Follow.ACCEPTED.value])
    query = (
        select(actors, follows.c.state, follows.c.since)
        .join(actors, actors.c.iri == join)
        .where(condition, live, actors.c.gone.is_(None))
        .order_by(follows.c.since.desc(), actors.c.iri)
        .limit(limit)
    )
    return list(tx.execute(query))


def count_followers(tx: Transaction, actor: str) -> int:
    """How many follow `actor`."""
    query = select(func.count()).where(follows.c.followed == actor, follows.c.state == Follow.ACCEPTED.value)
    return int(tx.execute(query).scalar_one())


def count_following(tx: Transaction, actor: str) -> int:
    """How many `actor` follows."""
    query = select(func.count()).where(follows.c.follower == actor, follows.c.state == Follow.ACCEPTED.value)
    return int(tx.execute(query).scalar_one())


def recipients(tx: Transaction, actor: str, *, host: str | None = None) -> list[Recipient]:
    """The inboxes of those who follow `actor` (from `host`), without whoever is rejected and inboxes that are lost."""
    shared = case((actors.c.shared_inbox.in_(lost_inboxes.lost()), None), else_=actors.c.shared_inbox)
    query = (
        select(actors.c.inbox, shared.label("shared_inbox"))
        .join(follows, follows.c.follower == actors.c.iri)
        .where(
            follows.c.followed == actor,
            follows.c.state == Follow.ACCEPTED.value,
            actors.c.gone.is_(None),
            actors.c.inbox.is_not(None),
            actors.c.inbox.not_in(lost_inboxes.lost()),
            *standing.not_rejected(tx, actors.c.iri),
        )
        .order_by(actors.c.iri)
    )
    if host is not None:
        query = query.where(actors.c.host == host)
    return [Recipient(row.inbox, row.shared_inbox) for row in tx.execute(query)]


def followers_sharing(tx: Transaction, actor: str, inbox: str) -> list[Row[Any]]:
    """Those followers of `actor` that share an inbox."""
    query = (
        select(actors)
        .join(follows, follows.c.follower == actors.c.iri)
        .where(
            follows.c.followed == actor,
            follows.c.state == Follow.ACCEPTED.value,
            actors.c.shared_inbox == inbox,
            actors.c.gone.is_(None),
        )
    )
    return list(tx.execute(query))


def admitted(tx: Transaction, recipients: Iterable[Recipient], *, sender: str | None = None) -> list[Recipient]:
    """Those of `recipients` whose inbox is on no host that is rejected, and who have not blocked the group `sender`.

    No inbox that is lost, and nobody's shared inbox if that one is.
    """
    away = blocks.inboxes(tx, sender) if sender is not None else set()
    wanted = [one for one in recipients if one.inbox not in away and standing.sends_to(tx, host=host_of(one.inbox))]
    lost = lost_inboxes.those_of(tx, {inbox for one in wanted for inbox in (one.inbox, one.shared_inbox) if inbox})
    return [
        Recipient(one.inbox, None if one.shared_inbox in lost else one.shared_inbox)
        for one in wanted
        if one.inbox not in lost
    ]


def is_heard(tx: Transaction, actor: str) -> bool:
    """Whether a group of this node follows `actor`; a follow that waits for its Accept is our will already."""
    return tx.execute(_HEARD, {"followed": actor}).first() is not None


def is_followed(tx: Transaction, actor: str) -> bool:
    """Whether a group of this node follows `actor`, and it has been accepted."""
    local = select(actors.c.iri).where(actors.c.local.is_(True))
    query = select(follows.c.follower).where(
        follows.c.followed == actor, follows.c.follower.in_(local), follows.c.state == Follow.ACCEPTED.value
    )
    return tx.execute(query).first() is not None


def related_hosts(tx: Transaction, hosts: Collection[str]) -> set[str]:
    """Those of `hosts` where somebody follows a group of this node, or is followed by one, and it is accepted."""
    local = select(actors.c.iri).where(actors.c.local.is_(True))
    accepted = follows.c.state == Follow.ACCEPTED.value
    related: set[str] = set()
    for theirs, ours in ((follows.c.followed, follows.c.follower), (follows.c.follower, follows.c.followed)):
        query = (
            select(actors.c.host)
            .join(follows, theirs == actors.c.iri)
            .where(actors.c.host.in_(hosts), ours.in_(local), accepted)
            .distinct()
        )
        related |= set(tx.execute(query).scalars()) if hosts else set()
    return related


def followed_hosts(tx: Transaction) -> list[str]:
    """The hosts of the actors this node's groups follow."""
    query = (
        select(actors.c.host)
        .join(follows, follows.c.followed == actors.c.iri)
        .where(actors.c.local.is_(False), follows.c.state == Follow.ACCEPTED.value)
        .distinct()
        .order_by(actors.c.host)
    )
    return list(tx.execute(query).scalars())
