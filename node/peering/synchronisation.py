"""Follower synchronisation with other servers (FEP-8fcf), both ways.

What a group sends to its followers says which of them we think live on the receiving server; the list itself is for
that server alone. What we are told we compare with what our groups follow; where it differs, the list is fetched a
little later, within a budget, and whole or not at all. What it lacks ends here; what we had asked for counts as
accepted; what it has too much is undone there.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from federation import paging, synchronisation
from federation.client import Budget
from federation.errors import Malformed, Refused
from federation.origin import origin
from federation.synchronisation import Offer
from node import activities, actors, signing
from node.context import Node, Transaction
from node.identifiers import spell
from node.jobs import Job, Priority, Promise, promise
from node.peering import store
from node.peering.rules import Follow

log = logging.getLogger("commonwire.peering")

KIND = "synchronise"
SETTLES_WITHIN = timedelta(minutes=1)  # an Accept or an Undo may still be on its way
REQUESTS, BYTES = 20, 4 * 1024 * 1024


def list_of(actor: str) -> str:
    """The address at which a host finds those of its actors that follow our `actor`."""
    return f"{actor}/followers_synchronization"


def from_origin(tx: Transaction, actor: str, place: str) -> list[str]:
    """The actors of the origin `place` that follow our `actor`."""
    return [iri for iri in _followers(tx, actor) if iri.startswith(f"{place}/") or iri == place]


def state(tx: Transaction, actor: str) -> Any:
    """Something that changes when the followers of `actor` do."""
    follows = store.follows
    query = select(func.count(), func.max(follows.c.since)).where(_accepted(actor))
    return tuple(tx.execute(query).one())


def headers(tx: Transaction, actor: str) -> dict[str, dict[str, str]]:
    """What goes with a delivery to the followers of our `actor`, for each origin that has some."""
    places: dict[str, list[str]] = {}
    for iri in _followers(tx, actor):
        places.setdefault(origin(iri), []).append(iri)
    return {
        place: {synchronisation.HEADER: synchronisation.header(_offer(actor, iris))} for place, iris in places.items()
    }


def _offer(actor: str, iris: list[str]) -> Offer:
    return Offer(actors.followers_of(actor), list_of(actor), synchronisation.digest(iris))


def _followers(tx: Transaction, actor: str) -> list[str]:
    return list(tx.execute(select(store.follows.c.follower).where(_accepted(actor))).scalars())


def _accepted(actor: str) -> Any:
    return (store.follows.c.followed == actor) & (store.follows.c.state == Follow.ACCEPTED.value)


def ours_of(tx: Transaction, actor: str) -> str:
    """The digest of our groups that follow a remote actor."""
    return synchronisation.digest(iri for iri in _followers(tx, actor) if origin(iri) == tx.node.config.origin)


def compare(tx: Transaction, offer: Offer, *, actor: str) -> None:
    """See whether a remote actor's server and we agree on who of us follows it.

    If not, and if it may say so at all, its list is promised to be fetched. An offer that is not its own is ignored.
    """
    row = actors.find(tx, actor)
    if row is None or row.document is None or ours_of(tx, actor) == offer.digest:
        return
    followers = actors.document(row).get("followers")
    try:
        synchronisation.check(offer, actor=actor, followers=followers if isinstance(followers, str) else None)
    except (Refused, Malformed) as error:
        log.info("not believed of followers: %s", error)
        return
    payload = {"actor": actor, "url": offer.url}
    lane = f"fetch {origin(actor)}"
    promise(
        tx,
        Promise(KIND, payload, lane=lane, key=f"{KIND} {actor}"),
        due=tx.now + SETTLES_WITHIN,
        priority=Priority.BULK,
    )


async def synchronise(node: Node, payload: dict[str, Any]) -> None:
    """Job: fetch the list of those of us that follow an actor, as its server sees it, and mend what differs."""
    begun, listed = node.clock(), set[str]()
    signer = await signing.instance_signer(node)
    budget = Budget(requests=REQUESTS, bytes=BYTES)
    async for page in paging.walk(node.client, payload["url"], budget=budget, signer=signer):
        listed |= {item for item in page.items if isinstance(item, str)}
    await node.database.write(_mend, payload["actor"], listed, begun)


def _mend(tx: Transaction, actor: str, listed: set[str], begun: datetime) -> None:
    for group in actors.groups(tx):
        held = store.find(tx, follower=group.iri, followed=actor)
        if held is not None and held.since >= begun:
            continue  # changed since the list was made
        state = Follow(held.state) if held is not None else Follow.ENDED
        if group.iri not in listed:
            if state is Follow.ACCEPTED:
                log.warning("%s does not know that %s follows it: that follow has ended", actor, group.iri)
                store.set_state(tx, follower=group.iri, followed=actor, state=Follow.ENDED)
        elif state is Follow.PENDING:
            store.set_state(tx, follower=group.iri, followed=actor, state=Follow.ACCEPTED)
        elif state is not Follow.ACCEPTED:
            _undo(tx, group.iri, actor, held.activity if held is not None else None)


def _undo(tx: Transaction, group: str, actor: str, activity: str | None) -> None:
    """Tell `actor` that `group` does not follow it, by the Follow we know or, knowing none, by the pair alone."""
    row = actors.find(tx, actor)
    if row is None or row.inbox is None:
        return
    named = activity or tx.node.address(f"/activities/{spell(tx.new_id())}")
    follow = {"id": named, "type": "Follow", "actor": group, "object": actor}
    undo = activities.make(tx, "Undo", actor=group, object=follow, to=[actor])
    activities.send(tx, undo, [row.inbox], priority=Priority.BULK)


JOBS: dict[str, Job] = {KIND: synchronise}
