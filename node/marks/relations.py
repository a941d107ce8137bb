"""How a viewer stands to accounts. What others have blocked is not told: not even to members (node.peering.blocks)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from node.actors import actors
from node.context import Transaction
from node.decisions import store as decided
from node.marks import accounts, followings
from node.members.viewers import Viewer
from node.moderation import store as moderation
from node.peering.rules import Follow
from node.peering.store import follows

LIVE = (Follow.PENDING.value, Follow.ACCEPTED.value)


@dataclass(frozen=True, slots=True)
class Relation:
    """`requested`: the group's Follow waits for its answer, or the group for its own decision to follow;
    `requested_by`: it asks to follow the group, and waits."""

    following: bool = False
    requested: bool = False
    boosts: bool = True
    notify: bool = False
    languages: tuple[str, ...] = ()
    followed_by: bool = False
    requested_by: bool = False
    hidden: bool = False
    muted: bool = False
    notifications_muted: bool = False
    mute_ends: datetime | None = None
    host_hidden: bool = False
    note: str = ""


def between(tx: Transaction, viewer: Viewer, iris: Sequence[str]) -> dict[str, Relation]:
    """How `viewer` stands to each of `iris`."""
    chosen = followings.rows_of(tx, viewer.id, iris)
    mutes, notes = accounts.mutes_of(tx, viewer.id, iris), accounts.notes_of(tx, viewer.id, iris)
    hidden = set(accounts.hidden_of(tx, viewer.id, iris))
    if viewer.actor is not None:
        hidden |= moderation.blocked_among(tx, viewer.actor, iris)
    hosts = accounts.at_hidden_hosts(tx, viewer.id, iris)
    following, requested = _followed_by(tx, viewer, iris)
    followers, asking = _followers_among(tx, viewer, iris)
    return {
        iri: Relation(
            following=iri in following,
            requested=iri in requested,
            **_wanted(chosen.get(iri)),
            followed_by=iri in followers,
            requested_by=iri in asking,
            hidden=iri in hidden,
            muted=iri in mutes,
            notifications_muted=iri in mutes and mutes[iri].notifications,
            mute_ends=mutes[iri].ends if iri in mutes else None,
            host_hidden=iri in hosts,
            note=notes.get(iri, ""),
        )
        for iri in iris
    }


def _wanted(row: Row[Any] | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {"boosts": row.boosts, "notify": row.notify, "languages": tuple(row.languages or ())}


def _followed_by(tx: Transaction, viewer: Viewer, iris: Sequence[str]) -> tuple[set[str], set[str]]:
    """Whom of `iris` the account of the viewer follows, and whom it has asked, or means to ask."""
    if viewer.actor is None:
        mine = followings.followed(viewer.id).subquery()
        return set(tx.execute(select(mine.c.iri).where(mine.c.iri.in_(iris))).scalars()), set()
    query = select(follows.c.followed, follows.c.state).where(
        follows.c.follower == viewer.actor, follows.c.followed.in_(iris), follows.c.state.in_(LIVE)
    )
    states = {row.followed: row.state for row in tx.execute(query)}
    following = {iri for iri, state in states.items() if state == Follow.ACCEPTED.value}
    return following, (states.keys() - following) | (proposed(tx, viewer.actor).keys() & set(iris) - following)


def _followers_among(tx: Transaction, viewer: Viewer, iris: Sequence[str]) -> tuple[set[str], set[str]]:
    """Who of `iris` follows the account of the viewer, and who asks to, and waits."""
    if viewer.actor is None:
        return set(), set()
    query = select(follows.c.follower, follows.c.state).where(
        follows.c.followed == viewer.actor, follows.c.follower.in_(iris), follows.c.state.in_(LIVE)
    )
    states = {row.follower: row.state for row in tx.execute(query)}
    followers = {iri for iri, state in states.items() if state == Follow.ACCEPTED.value}
    return followers, states.keys() - followers


def proposed(tx: Transaction, actor: str, kind: str = "follow") -> dict[str, int]:
    """Whom a group is deciding to follow (or, with `unfollow`, no longer) at this moment: the decision by IRI."""
    rows = [row for row in decided.under_way(tx, [actor]) if row.kind == kind]
    return {json.loads(row.subject)[1]: row.id for row in rows}


def at_host(tx: Transaction, viewer: Viewer, host: str) -> tuple[int, int]:
    """How many accounts of a host the viewer's account follows, and how many follow it."""
    there = select(actors.c.iri).where(actors.c.host == host, actors.c.local.is_(False), actors.c.gone.is_(None))
    if viewer.actor is None:
        mine = followings.followed(viewer.id).subquery()
        return _number(tx, select(func.count()).select_from(mine).where(mine.c.iri.in_(there))), 0
    accepted = follows.c.state == Follow.ACCEPTED.value
    following = select(func.count()).where(follows.c.follower == viewer.actor, follows.c.followed.in_(there), accepted)
    followers = select(func.count()).where(follows.c.followed == viewer.actor, follows.c.follower.in_(there), accepted)
    return _number(tx, following), _number(tx, followers)


def _number(tx: Transaction, query: Select[Any]) -> int:
    return int(tx.execute(query).scalar_one())
