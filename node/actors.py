"""The actors this node knows: its own groups, its instance actor, and those of other servers as they were last seen.

A remote actor is kept as received, with the age of the copy; its keys stand in a table of their own because a request
names a key, not an actor. A local actor's document is made from its row whenever it is asked for, so that it is always
true; a node may have any number of groups.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    bindparam,
    case,
    delete,
    select,
    update,
)

from federation import actor_keys as holder_keys
from federation import keys
from federation.errors import Malformed, Refused
from federation.origin import origin
from node import identifiers, names, objects
from node.context import Transaction
from node.database import Json, Moment, Packed, metadata
from node.errors import Gone, Missing
from node.prepared import Prepared
from schemas.actor import Actor

GROUP, INSTANCE = "group", "instance"
INSTANCE_NAME = "instance"
INSTANCE_HANDLE = ".instance"  # no group can be called so

actors = Table(
    "actors",
    metadata,
    Column("iri", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),  # by which apps ask for it; it never changes
    Column("local", Boolean, nullable=False),
    Column("type", Text, nullable=False),
    Column("handle", Text),
    Column("host", Text, nullable=False),
    Column("name", Text),
    Column("url", Text),
    Column("inbox", Text),
    Column("shared_inbox", Text),
    Column("document", Packed),
    Column("seen", Moment, nullable=False),
    Column("gone", Moment),
    Column("agreed_handle", Text),  # name@host as both the actor and that host say; see peering.handles
    Column("handle_checked", Moment),  # when both were asked the last time, whatever they said
    Column("addressed", Moment),  # when a text of ours last was: what is said of that text goes there too
    Column("tendency", Text),  # that another's group names as its own
    Index("actors_by_handle", "agreed_handle"),
    Index("actors_by_number", "number", unique=True),
    Index("actors_by_tendency", "tendency"),
)

actor_keys = Table(
    "actor_keys",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("actor", Text, ForeignKey("actors.iri", ondelete="CASCADE"), nullable=False, index=True),
    Column("public", Text, nullable=False),  # PEM for request signatures, multibase for proofs
)

local_actors = Table(
    "local_actors",
    metadata,
    Column("iri", Text, ForeignKey("actors.iri"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("handle", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("summary", Text, nullable=False, server_default=""),
    Column("summary_source", Text),  # the Markdown that the summary was made from; none where that was not kept
    Column("language", Text, nullable=False),
    Column("tendency", Text),
    Column("recovery_key", Text),
    Column("rsa_public", Text, nullable=False),
    Column("ed25519_public", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("icon", Json),
    Column("image", Json),
    Column("indexable", Boolean, nullable=False, server_default="1"),
    Column("discoverable", Boolean, nullable=False, server_default="1"),
    Column("changed", Moment),
    Column("key_number", Integer, nullable=False, server_default="1"),  # one more with each change of the keys
    Column("retired", Moment),  # a group that says nothing more
    Column("rules", Text, nullable=False, server_default=""),  # of whoever has an account here; one to a line
    Column("extended", Text, nullable=False, server_default=""),  # what it says of itself at length: Markdown
)

former_keys = Table(
    "former_keys",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("actor", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("public", Text, nullable=False),  # multibase: what it has signed stays signed
    Column("retired", Moment, nullable=False),
)


_KEPT = (
    "local", "type", "handle", "host", "name", "url", "inbox", "shared_inbox", "document", "seen", "gone", "tendency",
)  # fmt: skip


def _keep(insert: Any) -> Any:
    """An actor in place of an older copy; one that has another name now is asked for its handle again."""
    statement = insert(actors)
    renamed = actors.c.handle.is_distinct_from(statement.excluded.handle)
    asked = {one.name: case((renamed, None), else_=one) for one in (actors.c.agreed_handle, actors.c.handle_checked)}
    changes = {name: statement.excluded[name] for name in _KEPT} | asked
    return statement.on_conflict_do_update(index_elements=["iri"], set_=changes, where=actors.c.local.is_(False))


_KEEP = Prepared(_keep, columns=("iri", "number", *_KEPT))
_GIVE_BACK = Prepared(delete(actor_keys).where(actor_keys.c.key_id == bindparam("taken")))
_DROP_KEYS = Prepared(delete(actor_keys).where(actor_keys.c.actor == bindparam("owner")))
_KEEP_KEY = Prepared(
    lambda insert: insert(actor_keys).on_conflict_do_nothing(index_elements=["key_id"]),
    columns=("key_id", "actor", "public"),
)
_IS_GROUP = local_actors.c.kind == GROUP
_LIVE = _IS_GROUP & local_actors.c.retired.is_(None)
_GROUPS = Prepared(select(local_actors).where(_LIVE).order_by(local_actors.c.created).limit(100))
_LOCAL = Prepared(select(local_actors).where(local_actors.c.iri == bindparam("iri")))
_GROUP = Prepared(select(local_actors).where(local_actors.c.handle == bindparam("handle"), _IS_GROUP))
_INSTANCE = Prepared(select(local_actors).where(local_actors.c.kind == INSTANCE))
_FIND = Prepared(select(actors).where(actors.c.iri == bindparam("iri")))
_KEY = Prepared(
    select(actor_keys, actors.c.seen, actors.c.gone)
    .join(actors, actors.c.iri == actor_keys.c.actor)
    .where(actor_keys.c.key_id == bindparam("key_id"))
)


@dataclass(frozen=True, slots=True)
class ProofKey:
    """A key that may sign what `actor` says."""

    actor: str
    multibase: str


def add_local(
    tx: Transaction,
    *,
    kind: str,
    handle: str,
    name: str,
    language: str,
    tendency: str | None = None,
    recovery_key: str | None = None,
) -> str:
    """Enter an actor of this node whose keys the keyring holds already; its IRI."""
    node = tx.node
    iri = node.address("/actor" if kind == INSTANCE else f"/groups/{handle}")
    tx.execute(
        actors.insert().values(
            iri=iri, number=tx.new_id(), local=True,
            type="Application" if kind == INSTANCE else "Organization", handle=handle,
            host=node.config.host, name=name, url=iri, inbox=f"{iri}/inbox", shared_inbox=node.address("/inbox"),
            seen=tx.now,
        )
    )  # fmt: skip
    tx.execute(
        local_actors.insert().values(
            iri=iri, kind=kind, handle=handle, name=name, language=language, tendency=tendency,
            recovery_key=recovery_key, created=tx.now,
            rsa_public=keys.public_pem(node.keyring.rsa(key_name(kind, handle)).public_key()),
            ed25519_public=keys.to_multibase(node.keyring.ed25519(key_name(kind, handle)).public_key()),
        )
    )  # fmt: skip
    return iri


def key_name(kind: str, handle: str, number: int = 1) -> str:
    """The name of a local actor's keys in the keyring; a group may be called anything, `instance` too."""
    name = INSTANCE_NAME if kind == INSTANCE else f"group-{handle}"
    return name if number == 1 else f"{name}.{number}"  # no handle has a dot


def local(tx: Transaction, iri: str) -> Row[Any]:
    """The row of an actor of this node. Raises Missing."""
    row: Row[Any] | None = tx.execute(_LOCAL, {"iri": iri}).one_or_none()
    if row is None:
        raise Missing("{iri} is not an actor of this node", iri=iri)
    return row


def group(tx: Transaction, handle: str) -> Row[Any]:
    """The row of one of the node's groups, by its handle. Raises Missing, and Gone for one that was retired."""
    row: Row[Any] | None = tx.execute(_GROUP, {"handle": handle}).one_or_none()
    if row is None:
        raise Missing("there is no group “{handle}” on this node", handle=handle)
    if row.retired is not None:
        raise Gone("the group “{handle}” was retired on {day}", handle=handle, day=f"{row.retired:%Y-%m-%d}")
    return row


def groups(tx: Transaction) -> list[Row[Any]]:
    """The groups of this node, the oldest (the main one) first; without those that were retired."""
    return list(tx.execute(_GROUPS))


def main_group(tx: Transaction) -> Row[Any]:
    """The group the node was made for. Raises Missing on a node that was never initialised."""
    if found := groups(tx):
        return found[0]
    raise Missing("this node has no group yet; make it with: commonwire init")


def instance(tx: Transaction) -> Row[Any]:
    """The actor that signs this node's own fetches."""
    row: Row[Any] | None = tx.execute(_INSTANCE).one_or_none()
    if row is None:
        raise Missing("this node has no actor of its own yet; make it with: commonwire init")
    return row


def find(tx: Transaction, iri: str) -> Row[Any] | None:
    """An actor as last seen, local or not."""
    row: Row[Any] | None = tx.execute(_FIND, {"iri": iri}).one_or_none()
    return row


def find_all(tx: Transaction, iris: Sequence[str]) -> dict[str, Row[Any]]:
    """Those of `iris` that are known."""
    return {row.iri: row for row in tx.execute(select(actors).where(actors.c.iri.in_(iris)))}


def keep(tx: Transaction, actor: Actor, document: dict[str, Any]) -> None:
    """Keep a remote actor as received, in place of an older copy; its keys replace all it had before.

    The caller has shown that `document` is the actor's own word (`federation.origin`). A local actor is never
    overwritten.
    """
    values = {
        "local": False, "type": actor.type, "handle": actor.preferred_username, "host": host_of(actor.id),
        "name": names.visible(actor.name), "url": actor.url, "inbox": _own(actor, actor.inbox),
        "shared_inbox": _own(actor, actor.shared_inbox), "document": objects.encode(document), "seen": tx.now,
        "gone": None, "tendency": names.tendency(actor.tendency),
    }  # fmt: skip
    before = find(tx, actor.id)
    for note in tx.node.rooms.newcomers if before is None else ():
        note(tx, host_of(actor.id))
    tx.execute(_KEEP, values | {"iri": actor.id, "number": tx.new_id()})
    _keep_keys(tx, actor)
    was = {} if before is None or before.document is None else json.loads(before.document)
    if any(was.get(name) != document.get(name) for name in ("type", "indexable")):
        objects.touch_all_of(tx, actor.id)  # her words may be found now, or not any more


def _own(actor: Actor, inbox: str | None) -> str | None:
    """An inbox at the actor's own origin. Elsewhere it would make us post to somebody who never asked for it."""
    with contextlib.suppress(Malformed):
        return inbox if inbox is not None and origin(inbox) == origin(actor.id) else None
    return None


def _keep_keys(tx: Transaction, actor: Actor) -> None:
    tx.execute(_DROP_KEYS, {"owner": actor.id})
    usable = _usable_keys(actor)
    tx.after_commit(lambda: tx.node.directory.forget_keys(actor.id, usable))
    for key_id, public in usable.items():
        # A key id stands at its owner's origin. A neighbour there who lists it first must not keep the owner from it.
        if key_id.startswith((f"{actor.id}#", f"{actor.id}/")):
            tx.execute(_GIVE_BACK, {"taken": key_id})
        tx.execute(_KEEP_KEY, {"key_id": key_id, "actor": actor.id, "public": public})


def _usable_keys(actor: Actor) -> dict[str, str]:
    """The keys that speak for `actor`, by id; one that is too weak, unreadable or another's is as good as none."""
    found: dict[str, str] = {}
    for pem in actor.public_keys:
        with contextlib.suppress(Refused, Malformed):
            identifiers.check_length(pem.id)
            holder_keys.request_key(actor, pem.id)
            found[pem.id] = pem.pem
    for method in actor.assertion_methods:
        with contextlib.suppress(Refused, Malformed):
            identifiers.check_length(method.id)
            holder_keys.assertion_key(actor, method.id, owner=actor.id)
            found[method.id] = method.multibase
    return found


def key(tx: Transaction, key_id: str) -> Row[Any] | None:
    """The key and its actor's state: key_id, actor, public, seen, gone, local."""
    row: Row[Any] | None = tx.execute(_KEY, {"key_id": key_id}).one_or_none()
    return row


def proof_key(tx: Transaction, verification_method: str) -> ProofKey | None:
    """The Ed25519 key that `verification_method` names, of a remote actor or of our own."""
    row = key(tx, verification_method)
    if row is not None and row.public.startswith("z"):
        return ProofKey(row.actor, row.public)
    owner = verification_method.partition("#")[0]
    own = tx.execute(_LOCAL, {"iri": owner}).one_or_none()
    if own is not None and verification_method == ed25519_key_id(own.iri, own.key_number):
        return ProofKey(own.iri, own.ed25519_public)
    former = former_proof_keys(tx, own.iri).get(verification_method) if own is not None else None
    return ProofKey(owner, former) if former is not None else None


def former_proof_keys(tx: Transaction, iri: str) -> dict[str, str]:
    """The keys by which a local actor has signed what it said, and does no more: id -> multibase, the newest first."""
    query = select(former_keys).where(former_keys.c.actor == iri).order_by(former_keys.c.retired.desc())
    return {row.key_id: row.public for row in tx.execute(query)}


def is_shared_inbox(tx: Transaction, inbox: str) -> bool:
    """Whether several may share an inbox. Looks through all actors; for the rare inbox that is gone."""
    query = select(actors.c.iri).where(actors.c.shared_inbox == inbox, actors.c.inbox != inbox)
    return tx.execute(query.limit(1)).first() is not None


def sharing(tx: Transaction, inbox: str, iris: Sequence[str]) -> list[Row[Any]]:
    """Those of `iris` that share an inbox."""
    query = select(actors).where(actors.c.iri.in_(iris), actors.c.shared_inbox == inbox)
    return list(tx.execute(query))


def mark_addressed(tx: Transaction, iris: Iterable[str]) -> None:
    """Remember that something of ours is addressed to these, so far as they are actors of other servers."""
    remote = update(actors).where(actors.c.iri.in_(list(iris)), actors.c.local.is_(False))
    tx.execute(remote.values(addressed=tx.now))


def mark_gone(tx: Transaction, iri: str) -> None:
    """Remember that an actor has left for good, and nothing else of it."""
    tx.execute(delete(actor_keys).where(actor_keys.c.actor == iri))
    tx.after_commit(lambda: tx.node.directory.forget_keys(iri))
    forgotten = {"gone": tx.now, "document": None, "name": None, "handle": None, "url": None}
    forgotten |= {"agreed_handle": None, "handle_checked": None, "addressed": None, "tendency": None}
    tx.execute(update(actors).where(actors.c.iri == iri, actors.c.local.is_(False)).values(**forgotten))


def host_of(iri: str) -> str:
    """Host and port of an address in their one spelling, as policies name them. Raises Malformed."""
    return origin(iri).partition("://")[2]


def rsa_key_id(iri: str, number: int = 1) -> str:
    """The id of the key that signs a local actor's requests. A new key has a new id: GoToSocial keeps keys by id."""
    return f"{iri}#main-key" if number == 1 else f"{iri}#main-key-{number}"


def ed25519_key_id(iri: str, number: int = 1) -> str:
    """The id of the key that signs what a local actor says."""
    return f"{iri}#ed25519-key" if number == 1 else f"{iri}#ed25519-key-{number}"


def followers_of(iri: str) -> str:
    """The address of a local actor's followers collection."""
    return f"{iri}/followers"


def document(row: Row[Any]) -> dict[str, Any]:
    """A remote actor's document as it was received."""
    return dict(json.loads(row.document))


def handle_of(row: Row[Any]) -> str:
    """How people write the actor, @name@host: as both sides agree, else under the host that its id lies at.

    What the actor alone claims to be called elsewhere is never shown. One without a name is its address.
    """
    if row.agreed_handle:
        return f"@{row.agreed_handle}"
    return names.handle(row.handle, row.host) if row.handle else names.address(row.iri)


def agree(tx: Transaction, iri: str, handle: str | None) -> None:
    """Write down that a remote actor was asked for its handle, and which one (name@host) both sides agree on.

    A handle belongs to one actor: whoever had it before is asked again.
    """
    if handle is not None:
        others = update(actors).where(actors.c.agreed_handle == handle, actors.c.iri != iri)
        tx.execute(others.values(agreed_handle=None, handle_checked=None))
    remote = update(actors).where(actors.c.iri == iri, actors.c.local.is_(False), actors.c.gone.is_(None))
    tx.execute(remote.values(agreed_handle=handle, handle_checked=tx.now))
