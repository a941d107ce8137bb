"""Who may see a list of a group: its log, its map, whom it follows, whom it recognises.

Three may ask: somebody of whom nothing is known, another server that signs its request, and a member of the group. A
server is that of a peer if a group that ours recognises lies at its origin: servers sign with an actor of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

from federation.origin import same_origin
from node import actors
from node.context import Transaction
from node.peering import choices
from node.peering.choices import LISTS, Seen
from node.recognitions import store


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants to see: a member of the group, or (`actor`) whoever has signed the request, or anybody."""

    is_member: bool = False
    actor: str | None = None


ANYBODY = Asker()
MEMBER = Asker(is_member=True)


def sees(tx: Transaction, what: str, group: str, asker: Asker) -> bool:
    """Whether `asker` may see the list `what` (one of choices.LISTS) of a group of ours."""
    assert what in LISTS, f"{what} is no list of a group"
    if asker.is_member:
        return True
    seen: Seen = getattr(choices.of(tx, group), what)
    if seen is Seen.PUBLIC:
        return True
    return seen is Seen.RECOGNISED and asker.actor is not None and is_recognised(tx, group, asker.actor)


def is_for_recognised(tx: Transaction, what: str) -> bool:
    """Whether any group of this node shows the list `what` to those whom it recognises, and to no more."""
    return any(getattr(choices.of(tx, group.iri), what) is Seen.RECOGNISED for group in actors.groups(tx))


def is_recognised(tx: Transaction, group: str, actor: str) -> bool:
    """Whether an actor lies at the origin of a group that ours recognises."""
    return any(same_origin(row.about, actor) for row in store.by(tx, group))
