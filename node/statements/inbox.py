"""What a peer can do with words: Create, Update, Delete, Announce, Like, Add and Remove, Undo of reactions, and answers
to requests for leave to quote."""

from __future__ import annotations

from federation import origin
from federation.errors import Malformed
from federation.handling import HandlerTable
from node import activities, actors, objects
from node.context import Transaction
from node.intake import UNKNOWN, Handler, Ignored, Incoming
from node.jobs import Priority, Promise, promise
from node.peering import actions as peering_actions
from node.peering import blocks, standing
from node.peering import store as peering
from node.statements import consent, errands, featured, hearing, polls, quoting, store
from node.statements.errands import Allowance
from node.statements.rules import Interest
from schemas import activity as activity_documents
from schemas.actor import Actor
from schemas.question import Question
from schemas.reading import reference, type_of
from schemas.statement import Statement

HANDLERS: HandlerTable[Handler] = HandlerTable()
PINS_DAY = Allowance(requests=24, bytes=2**63 - 1)
"""How often in a day what one actor has pinned is read because it says that it has changed."""


@HANDLERS.on("Create", "Statement")
@HANDLERS.on("Create", "Event")
@HANDLERS.on("Create", "Question")
def created(tx: Transaction, incoming: Incoming) -> None:
    """An actor has said something."""
    hearing.hear(tx, said := vouched(incoming), incoming.object_document, kind=type(said).__name__)


@HANDLERS.on("Create", UNKNOWN)
def named(tx: Transaction, incoming: Incoming) -> None:
    """Some send the id alone: fetch it, if it can be theirs and we hear them."""
    if not isinstance(incoming.activity.object, str):
        raise Ignored(f"this node does not keep objects of type {incoming.activity.object_type}")
    iri = incoming.object_iri
    origin.check_creation(incoming.actor, iri, incoming.actor)
    if not peering.is_heard(tx, incoming.actor):
        raise Ignored(f"no group here follows {incoming.actor}")
    hearing.promise_hearing(tx, iri, interest=Interest.TOLD)


@HANDLERS.on("Update", "Statement")
@HANDLERS.on("Update", "Event")
@HANDLERS.on("Update", "Question")
def updated(tx: Transaction, incoming: Incoming) -> None:
    """An actor has changed what it said."""
    moment = min(incoming.activity.published or tx.now, tx.now)
    said = vouched(incoming)
    if isinstance(said, Question) and polls.counted_anew(tx, said, incoming.object_document):
        return
    hearing.change(tx, said, incoming.object_document, kind=type(said).__name__, moment=moment)


@HANDLERS.on("Update", "Actor")
def changed_itself(tx: Transaction, incoming: Incoming) -> None:
    """An actor has changed its own page."""
    if not isinstance(incoming.value, Actor):
        raise Ignored("the actor is only named")
    origin.check_change(incoming.actor, author=incoming.value.id)
    actors.keep(tx, incoming.value, incoming.object_document)


@HANDLERS.on("Update", "Collection")
@HANDLERS.on("Update", UNKNOWN)
def changed_its_pins(tx: Transaction, incoming: Incoming) -> None:
    """An actor whom we follow says that its collection of pins has changed; its own server is asked what is in it."""
    if incoming.activity.object is None or incoming.object_iri != _place_of_pins(tx, incoming.actor):
        raise Ignored(f"this node does not keep objects of type {incoming.activity.object_type}")
    if not peering.is_heard(tx, incoming.actor):
        raise Ignored(f"no group here follows {incoming.actor}")
    if not errands.take(tx, f"featured {incoming.actor}", PINS_DAY):
        raise Ignored(f"{incoming.actor} has changed what it pins {PINS_DAY.requests} times today")
    payload, key = {"actor": incoming.actor}, f"read_featured {incoming.actor}"
    lane = f"fetch {origin.origin(incoming.actor)}"
    promise(tx, Promise("read_featured", payload, lane=lane, key=key), priority=Priority.BULK)


@HANDLERS.on("Delete", "*")
def deleted(tx: Transaction, incoming: Incoming) -> None:
    """An actor deletes what it said, or itself."""
    if incoming.object_iri == incoming.actor:
        hearing.remove_actor(tx, incoming.actor)
    else:
        quoting.be_revoked(tx, incoming.object_iri, by=incoming.actor)
        for forget in tx.node.rooms.deletions:
            forget(tx, incoming.object_iri, incoming.actor)
        hearing.remove(tx, incoming.object_iri, actor=incoming.actor, reason=_category(incoming))


def _category(incoming: Incoming) -> str | None:
    """Why something is deleted, where a Tombstone comes along that says so."""
    embedded = incoming.activity.object
    said = embedded.get("deletionReason") if isinstance(embedded, dict) else None
    return said if isinstance(said, str) else None


@HANDLERS.on("Announce", "*")
def boosted(tx: Transaction, incoming: Incoming) -> None:
    """An actor passes something on. What an Announce embeds proves nothing: it is fetched from where it is from."""
    if incoming.activity.object_type in activity_documents.TYPES:
        _relayed(tx, incoming)
        return
    iri = incoming.object_iri
    held = objects.find(tx, iri)
    heard = peering.is_heard(tx, incoming.actor)
    if held is None and not heard:
        raise Ignored(f"no group here follows {incoming.actor}")
    if held is not None and (held.deleted is not None or not held.public):
        raise Ignored("it is not public here")
    if held is not None and not standing.hears(tx, incoming.actor, held.kind):
        raise Ignored(f"a policy lets nothing of this kind be heard: {held.kind}")
    if not _count(tx, incoming):
        return
    if held is None:
        hearing.promise_passed_on(tx, iri, by=incoming.actor)
    elif heard and not held.local:
        hearing.pass_on(tx, iri)


def _relayed(tx: Transaction, incoming: Incoming) -> None:
    """A group passes on what somebody did (FEP-1b12; Lemmy). It is no boost, and no more than a hint where to look."""
    inner = incoming.object_document
    if not peering.is_heard(tx, incoming.actor):
        raise Ignored(f"no group here follows {incoming.actor}")
    if type_of(inner) != "Create":
        raise Ignored("of what a group passes on only what is said is looked for")
    iri = reference(inner.get("object"), "object.object")
    held = objects.find(tx, iri)
    if held is None:
        hearing.promise_passed_on(tx, iri, by=incoming.actor)
    elif held.deleted is None and held.public and not held.local:
        hearing.pass_on(tx, iri)


@HANDLERS.on("EmojiReact", "*")
@HANDLERS.on("Like", "*")
def liked(tx: Transaction, incoming: Incoming) -> None:
    """An actor likes something that is held here, or reacts to it with an emoji, which counts as much."""
    held = objects.find(tx, incoming.object_iri)
    if held is None or held.deleted is not None or not held.public:
        raise Ignored("it is not held here")
    _count(tx, incoming)


@HANDLERS.on("Undo", UNKNOWN)
def took_back_by_name(tx: Transaction, incoming: Incoming) -> None:
    """An actor takes back what the log no longer knows: a follow, a block, a like or a boost of long ago."""
    iri = incoming.object_iri
    peering_actions.be_unfollowed(tx, follower=incoming.actor, activity=iri, followed=None)
    blocks.lift(tx, actor=incoming.actor, activity=iri)
    store.take_back_reaction(tx, actor=incoming.actor, iri=iri)


@HANDLERS.on("Add", "*")
def pinned(tx: Transaction, incoming: Incoming) -> None:
    """An actor whom we follow pins something of its own to its page. Other collections are nobody's business here."""
    iri = _to_pin(tx, incoming)
    held = objects.find(tx, iri)
    if held is not None and held.author != incoming.actor:
        raise Ignored(f"{iri} is not by {incoming.actor}")
    if held is not None and (held.deleted is not None or not held.public):
        raise Ignored("it is not public here")
    if not featured.add(tx, incoming.actor, iri):
        raise Ignored(f"{incoming.actor} has pinned {featured.AT_MOST} things, which is enough")
    if held is None:
        hearing.promise_hearing(tx, iri, interest=Interest.TOLD)


@HANDLERS.on("Remove", "*")
def unpinned(tx: Transaction, incoming: Incoming) -> None:
    """An actor takes down what it had pinned."""
    featured.remove(tx, incoming.actor, _to_pin(tx, incoming))


def _to_pin(tx: Transaction, incoming: Incoming) -> str:
    """What an Add or Remove is about, if it is about what its own actor features. Raises Ignored, Refused."""
    target = incoming.activity.target
    if target is None or target != _place_of_pins(tx, incoming.actor):
        raise Ignored(f"{target} is not where {incoming.actor} keeps what it has pinned")
    if not peering.is_heard(tx, incoming.actor):
        raise Ignored(f"no group here follows {incoming.actor}")
    if incoming.activity.object_type == "Hashtag":
        raise Ignored("tags that somebody features are not shown here")
    origin.check_creation(incoming.actor, incoming.object_iri, incoming.actor)
    return incoming.object_iri


def _place_of_pins(tx: Transaction, actor: str) -> str | None:
    """The address of the collection `featured` of an actor, as its document names it."""
    row = actors.find(tx, actor)
    own = actors.document(row).get("featured") if row is not None and row.document is not None else None
    own = own.get("id") if isinstance(own, dict) else own
    return own if isinstance(own, str) else None


@HANDLERS.on("QuoteRequest", "*")
def asked_to_be_quoted(tx: Transaction, incoming: Incoming) -> None:
    """Somebody asks to quote something of ours."""
    consent.be_asked(tx, incoming)


@HANDLERS.on("Undo", "EmojiReact")
@HANDLERS.on("Undo", "Like")
@HANDLERS.on("Undo", "Announce")
def taken_back(tx: Transaction, incoming: Incoming) -> None:
    """An actor takes back a like or a boost."""
    store.take_back_reaction(tx, actor=incoming.actor, iri=incoming.object_iri)


def vouched(incoming: Incoming) -> Statement:
    """The embedded statement, if the sender of the activity may speak for it. Raises Refused, Malformed."""
    if not isinstance(incoming.value, Statement):
        raise Malformed("object", "is not a statement")
    origin.check_creation(incoming.actor, incoming.value.id, incoming.value.attributed_to)
    return incoming.value


def _count(tx: Transaction, incoming: Incoming) -> bool:
    if activities.was_undone(tx, incoming.activity.id, actor=incoming.actor):
        return False
    kind = "Announce" if incoming.activity.type == "Announce" else "Like"
    store.react(tx, incoming.activity.id, kind=kind, actor=incoming.actor, object=incoming.object_iri)
    return True


@HANDLERS.on("Accept", "QuoteRequest")
def allowed_to_quote(tx: Transaction, incoming: Incoming) -> None:
    """The author of what we quote agrees, with a stamp."""
    quoting.be_allowed(tx, incoming.object_iri, by=incoming.actor, stamp=incoming.activity.result)


@HANDLERS.on("Reject", "QuoteRequest")
def not_allowed_to_quote(tx: Transaction, incoming: Incoming) -> None:
    """The author of what we quote does not agree, or no longer."""
    quoting.be_refused(tx, incoming.object_iri, by=incoming.actor)
