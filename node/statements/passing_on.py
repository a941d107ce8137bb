"""What a group does with words that are there: boosting anybody's, pinning its own; and taking both back.

A boost is an Announce to everybody, and a reaction like those of others; what a group pins is its `featured`
collection. Neither is called back: each has an act that undoes it.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row

from node import activities, actors, decisions, objects
from node.context import Effect, Node, Transaction
from node.decisions import Act
from node.decisions import State as DecisionState
from node.errors import Conflict, Missing
from node.members.store import Member
from node.peering import standing
from node.statements import correcting, describing, hearing, pins, reaching, store
from node.statements.rules import Interest
from node.translating import N_
from schemas.context import PUBLIC

PINS_AT_MOST = 5  # what Mastodon shows


async def bring(node: Node, iri: str, interest: Interest) -> None:
    """Fetch what is not held here from its own server. Raises Refused, Malformed, Gone, Unreachable."""
    if await node.database.read(objects.find, iri) is None:
        await hearing.hear_from_origin(node, {"iri": iri, "interest": interest.value})


def public(tx: Transaction, iri: str) -> Row[Any]:
    """The row of something that anybody has said to everybody. Raises Missing, Conflict, Refused."""
    row = objects.find(tx, iri)
    if row is None or not row.public:
        raise Missing("this node does not hold {iri}, or it is not for everybody", iri=iri)
    if row.deleted is not None:
        raise Conflict("{iri} was deleted on {day}", iri=iri, day=row.deleted.date())
    if not store.shown(tx, [iri]):
        raise Missing("{iri} is a {kind}, and nothing that somebody has said", iri=iri, kind=row.kind)
    if not row.local:
        standing.check_sends(tx, actor=row.author)
    return row


def boost(tx: Transaction, iri: str, *, actor: str, member: Member, urgent: bool = False) -> DecisionState:
    """Propose that the group `actor` boost something held here. Raises Missing, Conflict, Forbidden, Refused."""
    public(tx, iri)
    if store.reaction(tx, kind="Announce", actor=actor, object=iri) is not None:
        raise Conflict("{iri} is boosted already; to take it back: commonwire unboost {iri}", iri=iri)
    return decisions.propose(tx, "boost", _pair(actor, iri), actor=actor, member=member, urgent=urgent)


def boosted(tx: Transaction, subject: str) -> None:
    """Effect: send the Announce to the followers and the author. Raises as `public` does: it can be gone by now."""
    actor, iri = json.loads(subject)
    row = public(tx, iri)
    if store.reaction(tx, kind="Announce", actor=actor, object=iri) is not None:
        return
    audience = [actors.followers_of(actor), row.author]
    announce = activities.make(
        tx, "Announce", actor=actor, object=iri, to=[PUBLIC], cc=audience, published=tx.now.replace(microsecond=0)
    )
    sent = activities.send(tx, announce, _to_followers_and(tx, actor, row.author))
    store.react(tx, sent["id"], kind="Announce", actor=actor, object=iri)


def unboost(tx: Transaction, iri: str, *, actor: str, member: Member, urgent: bool = False) -> DecisionState:
    """Propose that the group `actor` take back a boost. Raises Missing, Forbidden."""
    if store.reaction(tx, kind="Announce", actor=actor, object=iri) is None:
        raise Missing("{iri} is not boosted", iri=iri)
    return decisions.propose(tx, "unboost", _pair(actor, iri), actor=actor, member=member, urgent=urgent)


def unboosted(tx: Transaction, subject: str) -> None:
    """Effect: send the Undo of the Announce, to those who got that."""
    actor, iri = json.loads(subject)
    held = store.reaction(tx, kind="Announce", actor=actor, object=iri)
    if held is None:
        return
    announce = {"id": held.iri, "type": "Announce", "actor": actor, "object": iri}
    author = objects.find(tx, iri)
    cc = [actors.followers_of(actor), *([author.author] if author is not None else [])]
    undo = activities.make(tx, "Undo", actor=actor, object=announce, to=[PUBLIC], cc=cc)
    for sent in activities.sent_about(tx, iri, actor=actor, kinds=("Announce",)):
        activities.withdraw(tx, sent.id)
    activities.send(tx, undo, _to_followers_and(tx, actor, author.author if author is not None else None))
    store.take_back_reaction(tx, actor=actor, iri=held.iri)


def pin(tx: Transaction, iri: str, *, member: Member, urgent: bool = False) -> DecisionState:
    """Propose to pin a statement of ours to the page of its group. Raises Missing, Conflict, Forbidden, Invalid."""
    row = correcting.own(tx, iri)
    if iri in [one.iri for one in pins.of(tx, row.author)]:
        raise Conflict("{iri} is pinned already; to take it down: commonwire unpin {iri}", iri=iri)
    _check_space(tx, row.author)
    return decisions.propose(tx, "pin", _pair(row.author, iri), actor=row.author, member=member, urgent=urgent)


def pinned(tx: Transaction, subject: str) -> None:
    """Effect: pin, and tell the followers. Raises as `pin` does: much can have happened while the group voted."""
    actor, iri = json.loads(subject)
    correcting.own(tx, iri)
    if iri in [one.iri for one in pins.of(tx, actor)]:
        return
    _check_space(tx, actor)
    if pins.add(tx, actor, iri):
        _tell_of_pin(tx, "Add", actor, iri)


def _check_space(tx: Transaction, actor: str) -> None:
    pinned = [one.iri for one in pins.of(tx, actor)]
    if len(pinned) >= PINS_AT_MOST:
        raise Conflict(
            "{limit} are pinned; take one down first: commonwire unpin {pinned}",
            limit=PINS_AT_MOST,
            pinned=pinned[-1],
        )


def unpin(tx: Transaction, iri: str, *, actor: str, member: Member, urgent: bool = False) -> DecisionState:
    """Propose to take something down from the page of `actor`. Raises Missing, Forbidden."""
    if iri not in [one.iri for one in pins.of(tx, actor)]:
        raise Missing("{iri} is not pinned", iri=iri)
    return decisions.propose(tx, "unpin", _pair(actor, iri), actor=actor, member=member, urgent=urgent)


def unpinned(tx: Transaction, subject: str) -> None:
    """Effect: take it down, and tell the followers."""
    actor, iri = json.loads(subject)
    if pins.remove(tx, actor, iri):
        _tell_of_pin(tx, "Remove", actor, iri)


def _tell_of_pin(tx: Transaction, kind: str, actor: str, iri: str) -> None:
    followers = [actors.followers_of(actor)]
    act = activities.make(tx, kind, actor=actor, object=iri, to=[PUBLIC], cc=followers, target=f"{actor}/featured")
    activities.send(tx, act, reaching.followers_and(tx, actor, ()))


def _to_followers_and(tx: Transaction, actor: str, author: str | None) -> list[str]:
    return reaching.followers_and(tx, actor, reaching.of(tx, [author] if author is not None else []))


def _pair(actor: str, iri: str) -> str:
    return json.dumps([actor, iri])


ACTS: dict[str, Act] = {
    "boost": Act("publish", "boost", N_("pass on what somebody has said"), describing.second_of_pair),
    "unboost": Act("publish", "boost", N_("take back that something was passed on"), describing.second_of_pair),
    "pin": Act("publish", "pin", N_("pin something to the group's page"), describing.second_of_pair),
    "unpin": Act("publish", "pin", N_("take something down from the group's page"), describing.second_of_pair),
}
EFFECTS: dict[str, Effect] = {"boost": boosted, "unboost": unboosted, "pin": pinned, "unpin": unpinned}
