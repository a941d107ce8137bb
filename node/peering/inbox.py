"""What a peer can do about following: Follow, Accept, Reject, Undo."""

from __future__ import annotations

from federation.errors import Malformed
from federation.handling import HandlerTable
from node import actors
from node.context import Transaction
from node.intake import Handler, Ignored, Incoming
from node.peering import actions
from node.peering.rules import Follow

HANDLERS: HandlerTable[Handler] = HandlerTable()


@HANDLERS.on("Follow", "*")
def followed(tx: Transaction, incoming: Incoming) -> None:
    """Somebody follows one of our groups."""
    if not any(group.iri == incoming.object_iri for group in actors.groups(tx)):
        raise Ignored(f"{incoming.object_iri} is not a group of this node")
    actions.be_followed(tx, follower=incoming.actor, followed=incoming.object_iri, activity=incoming.activity.id)


@HANDLERS.on("Accept", "Follow")
def accepted(tx: Transaction, incoming: Incoming) -> None:
    """The one we follow has accepted it."""
    actions.be_answered(tx, by=incoming.actor, activity=incoming.object_iri, state=Follow.ACCEPTED)


@HANDLERS.on("Reject", "Follow")
def rejected(tx: Transaction, incoming: Incoming) -> None:
    """The one we follow does not want it, or no longer."""
    actions.be_answered(tx, by=incoming.actor, activity=incoming.object_iri, state=Follow.REJECTED)


@HANDLERS.on("Undo", "Follow")
def unfollowed(tx: Transaction, incoming: Incoming) -> None:
    """A follower takes back its Follow; some name it by id, some embed it without one."""
    inner = incoming.activity.object
    if isinstance(inner, str):
        actions.be_unfollowed(tx, follower=incoming.actor, activity=inner, followed=None)
        return
    if inner is None:
        raise Malformed("object", "an Undo needs one")
    followed = inner.get("object")
    followed = followed.get("id") if isinstance(followed, dict) else followed
    actions.be_unfollowed(
        tx,
        follower=incoming.actor,
        activity=incoming.activity.object_id,
        followed=followed if isinstance(followed, str) else None,
    )
