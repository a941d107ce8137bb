"""What of strangers waits as a request: a viewer's policy, whom she has let through, and the conditions for queries.

Each of four kinds of senders is accepted, filtered (what they do waits as a request until she looks) or dropped.
Nothing is decided when a notification is made: a policy says what is in the list, and changing it changes the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    and_,
    delete,
    false,
    func,
    or_,
    select,
)

from node import identifiers
from node.actors import actors
from node.context import Transaction
from node.database import Json, insert, metadata
from node.notifications import store
from node.notifications.rules import ACCEPT, DROP, FILTER, SENDERS, Sender
from node.notifications.store import notifications
from node.peering.rules import Follow
from node.peering.store import follows

NEW_FOR = timedelta(days=30)  # since the account was first heard of here: when it was made, nobody can check

policies = Table(
    "notification_policies",
    metadata,
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), primary_key=True),
    Column("choices", Json, nullable=False),
)

permissions = Table(
    "notification_permissions",
    metadata,
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), nullable=False),
    Column("actor", Text, ForeignKey("actors.iri", ondelete="CASCADE"), nullable=False),
    Column("accepted", Boolean, nullable=False),  # or the request was put away, and hides until there is more
    Column("up_to", BigInteger, nullable=False),
    PrimaryKeyConstraint("viewer", "actor"),
)


def of(tx: Transaction, viewer: int) -> dict[Sender, str]:
    """What a viewer has chosen for each kind of sender."""
    chosen = tx.execute(select(policies.c.choices).where(policies.c.viewer == viewer)).scalar()
    return {sender: (chosen or {}).get(sender.value, ACCEPT) for sender in SENDERS}


def put(tx: Transaction, viewer: int, choices: Mapping[Sender, str]) -> None:
    """Choose anew for some kinds of senders."""
    whole = of(tx, viewer) | dict(choices)
    kept = {sender.value: choice for sender, choice in whole.items()}
    statement = insert(tx, policies).values(viewer=viewer, choices=kept)
    tx.execute(statement.on_conflict_do_update(index_elements=["viewer"], set_={"choices": kept}))


def listed(tx: Transaction, viewer: int, group: str) -> list[ColumnElement[bool]]:
    """The conditions under which a notification is in the list itself."""
    held_back = _by(tx, viewer, group, FILTER, DROP)
    return [~_of_wave(viewer), *([] if held_back is None else [~held_back])]


def _of_wave(viewer: int) -> ColumnElement[bool]:
    """That it is one of too many of strangers (`waves`), by nobody whom she has let through."""
    return and_(notifications.c.wave.is_(True), notifications.c.actor.not_in(_accepted(viewer)))


def _accepted(viewer: int) -> Any:
    return select(permissions.c.actor).where(permissions.c.viewer == viewer, permissions.c.accepted.is_(True))


def _by(tx: Transaction, viewer: int, group: str, *choices: str) -> ColumnElement[bool] | None:
    senders = [_is(tx, group, sender) for sender, choice in of(tx, viewer).items() if choice in choices]
    if not senders:
        return None
    stranger = notifications.c.actor != group
    return and_(stranger, or_(*senders), notifications.c.actor.not_in(_accepted(viewer)))


def _is(tx: Transaction, group: str, sender: Sender) -> ColumnElement[bool]:
    """That the actor of a notification is such a sender, towards the group."""
    actor, accepted = notifications.c.actor, follows.c.state == Follow.ACCEPTED.value
    match sender:
        case Sender.NOT_FOLLOWED:
            return actor.not_in(select(follows.c.followed).where(follows.c.follower == group, accepted))
        case Sender.NOT_FOLLOWING:
            return actor.not_in(select(follows.c.follower).where(follows.c.followed == group, accepted))
        case Sender.NEW:
            since = identifiers.mint(tx.now - NEW_FOR)
            return actor.in_(select(actors.c.iri).where(actors.c.number > since, actors.c.local.is_(False)))
        case _:
            return false()  # nothing private is kept here, and no host is limited: suspended ones are not heard


def requests(tx: Transaction, viewer: int, group: str, *, actor: str | None = None, limit: int) -> list[Row[Any]]:
    """The senders whose notifications wait: actor, number, first, last and `latest`, the latest first."""
    filtered = _by(tx, viewer, group, FILTER)
    waits = _of_wave(viewer) if filtered is None else or_(_of_wave(viewer), filtered)
    table = notifications.c
    away = select(permissions.c.up_to).where(permissions.c.viewer == viewer, permissions.c.actor == table.actor)
    latest = func.max(table.id)
    query = (
        select(
            table.actor,
            func.count().label("number"),
            func.min(table.at).label("first"),
            func.max(table.at).label("last"),
            latest.label("latest"),
        )
        .where(*store.seen_by(viewer, group), waits, table.id > func.coalesce(away.scalar_subquery(), 0))
        .group_by(table.actor)
        .order_by(latest.desc())
        .limit(limit)
    )
    if actor is not None:
        query = query.where(table.actor == actor)
    return list(tx.execute(query))


def accept(tx: Transaction, viewer: int, actors_: Sequence[str]) -> None:
    """Let what these do be in the list from now on, and what has waited."""
    _permit(tx, viewer, actors_, accepted=True)


def put_away(tx: Transaction, viewer: int, actors_: Sequence[str]) -> None:
    """Take these out of the requests until they do more."""
    _permit(tx, viewer, actors_, accepted=False)


def _permit(tx: Transaction, viewer: int, some: Sequence[str], *, accepted: bool) -> None:
    up_to = tx.new_id()
    for actor in some:
        values = {"accepted": accepted, "up_to": up_to}
        statement = insert(tx, permissions).values(viewer=viewer, actor=actor, **values)
        tx.execute(statement.on_conflict_do_update(index_elements=["viewer", "actor"], set_=values))


def forget(tx: Transaction, viewer: int, actor: str) -> None:
    """Neither let through nor put away any more."""
    tx.execute(delete(permissions).where(permissions.c.viewer == viewer, permissions.c.actor == actor))
