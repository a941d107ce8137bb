"""What a peer can do about following: Follow, Accept, Reject, Block, Move, and Undo of Follow and Block."""

from __future__ import annotations

from federation import origin
from federation.errors import Malformed
from federation.handling import HandlerTable
from node import actors
from node.context import Transaction
from node.intake import Handler, Ignored, Incoming
from node.peering import actions, admission, blocks, moves, store
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
    """The one we follow does not want it, or no longer; some say why."""
    words = _words(incoming)
    actions.be_answered(tx, by=incoming.actor, activity=incoming.object_iri, state=Follow.REJECTED, words=words)


def _words(incoming: Incoming) -> str:
    """The reason that a Reject gives, as its `content` or `summary`, as plain words in one line."""
    for name in ("content", "summary"):
        if isinstance(given := incoming.document.get(name), str) and (said := admission.plain(given)):
            return said
    return ""


@HANDLERS.on("Undo", "Follow")
def unfollowed(tx: Transaction, incoming: Incoming) -> None:
    """A follower takes back its Follow; some name it by id, some embed it without one."""
    if incoming.activity.object is None:
        raise Malformed("object", "an Undo needs one")
    actions.be_unfollowed(
        tx, follower=incoming.actor, activity=incoming.activity.object_id, followed=_subject_of_undone(incoming)
    )


@HANDLERS.on("Block", "*")
def blocked(tx: Transaction, incoming: Incoming) -> None:
    """Somebody wants nothing more of one of our groups."""
    if not any(group.iri == incoming.object_iri for group in actors.groups(tx)):
        raise Ignored(f"{incoming.object_iri} is not a group of this node")
    actions.be_blocked(tx, by=incoming.actor, blocked=incoming.object_iri, activity=incoming.activity.id)


@HANDLERS.on("Undo", "Block")
def unblocked(tx: Transaction, incoming: Incoming) -> None:
    """Somebody takes back a block, named by its id or by whom it was about."""
    blocks.lift(tx, actor=incoming.actor, activity=incoming.activity.object_id, blocked=_subject_of_undone(incoming))


def _subject_of_undone(incoming: Incoming) -> str | None:
    """Whom an embedded activity that is taken back was about; None if it is only named, or does not say."""
    inner = incoming.activity.object
    about = inner.get("object") if isinstance(inner, dict) else None
    about = about.get("id") if isinstance(about, dict) else about
    return about if isinstance(about, str) else None


@HANDLERS.on("Move", "*")
def moved(tx: Transaction, incoming: Incoming) -> None:
    """An actor whom we follow goes to another address."""
    origin.check_change(incoming.actor, author=incoming.object_iri)
    new = incoming.activity.target
    if new is None:
        raise Malformed("target", "a Move needs one")
    if new == incoming.actor or not store.is_heard(tx, incoming.actor):
        raise Ignored(f"no group here follows {incoming.actor}")
    if moves.has_moved(tx, incoming.actor):
        raise Ignored(f"{incoming.actor} has moved this week already")
    moves.promise_following_on(tx, old=incoming.actor, new=new)
