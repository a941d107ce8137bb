"""Actors that move to another address (FEP-7628; Mastodon "Move"): what our groups followed there, they follow here.

That a group follows somebody was decided; following the same people at their new address goes on with it and is no new
decision. Who has moved says so at both addresses, and both are asked: the old one for `movedTo`, the new one for
`alsoKnownAs`. One who moves back and forth is followed once a week.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, Table, Text, delete, select

from federation import origin
from federation.errors import Malformed, Refused
from node import actors
from node.context import Node, Transaction
from node.database import Moment, insert, metadata
from node.jobs import Job, Promise, promise
from node.peering import actions, rules, standing, store
from node.peering.rules import Door
from schemas import actor as actor_documents

log = logging.getLogger("commonwire.peering")

AGAIN_AFTER = timedelta(days=7)

moves = Table(
    "moves",
    metadata,
    Column("old", Text, primary_key=True),
    Column("new", Text, nullable=False),
    Column("at", Moment, nullable=False),
)


def has_moved(tx: Transaction, old: str) -> bool:
    """Whether an actor has moved within a week."""
    query = select(moves.c.at).where(moves.c.old == old, moves.c.at > tx.now - AGAIN_AFTER)
    return tx.execute(query).first() is not None


def promise_following_on(tx: Transaction, *, old: str, new: str) -> None:
    """Promise to ask at both addresses, and then to follow the new one. Raises Refused for where nobody is asked."""
    origin.check_foreign(new, own_origin=tx.node.config.origin)
    standing.check(tx, Door.PULLING, actor=new)
    lane = f"fetch {origin.origin(new)}"
    promise(tx, Promise("follow_on", {"old": old, "new": new}, lane=lane, key=f"follow_on {old}"))


async def follow_on(node: Node, payload: dict[str, Any]) -> None:
    """Job: read both actors again at their own servers, and follow the new one if each names the other."""
    for iri in (payload["old"], payload["new"]):
        if await node.directory.actor_at(iri) != iri:
            raise Refused(f"the actor at {iri} goes by another address")
    await node.database.write(_follow_on, payload["old"], payload["new"])


def _follow_on(tx: Transaction, old: str, new: str) -> None:
    if _document(tx, old).moved_to != new:
        raise Refused(f"{old} does not say that it has moved to {new}")
    if old not in _document(tx, new).also_known_as:
        raise Refused(f"{new} does not say that it was {old} before")
    for row in store.followers(tx, old):
        if not row.local:
            continue
        held = store.find(tx, follower=row.iri, followed=new)
        if held is None or held.state not in rules.LIVE:
            actions.send_follow(tx, actor=row.iri, target=new)
        actions.send_unfollow(tx, actor=row.iri, target=old)
        log.info("%s has moved to %s, and is followed there", old, new)
    values = {"new": new, "at": tx.now}
    tx.execute(insert(tx, moves).values(old=old, **values).on_conflict_do_update(index_elements=["old"], set_=values))


def _document(tx: Transaction, iri: str) -> actor_documents.Actor:
    row = actors.find(tx, iri)
    if row is None or row.document is None:
        raise Refused(f"{iri} has left")
    try:
        return actor_documents.parse(actors.document(row))
    except Malformed as error:
        raise Refused(f"{iri} cannot be read: {error}") from None


def prune_moves(tx: Transaction) -> int:
    """Forget moves that count no more; how many there were."""
    return int(tx.execute(delete(moves).where(moves.c.at < tx.now - AGAIN_AFTER)).rowcount)


JOBS: dict[str, Job] = {"follow_on": follow_on}
