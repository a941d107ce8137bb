"""How this node's own actors describe themselves: the actor document and its place in WebFinger."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row

import schemas
from federation import discovery
from node import VERSION, actors, signing
from node.context import Node, Transaction
from node.redrawing import MEDIA_TYPES
from schemas.actor import Actor, Generator, Implementation, Multikey, PublicKeyPem
from schemas.attached import Picture
from schemas.context import NS

IMPLEMENTS = (
    Implementation(href=NS, name="Commonwire vocabulary: statements and struggle reports"),
    Implementation(href="https://w3id.org/fep/8b32", name="FEP-8b32: Object Integrity Proofs (eddsa-jcs-2022)"),
    Implementation(href="https://datatracker.ietf.org/doc/html/rfc9421", name="RFC-9421: HTTP Message Signatures"),
    Implementation(
        href="https://datatracker.ietf.org/doc/html/rfc9421#name-eddsa-using-curve-edwards25",
        name="RFC-9421 signatures using the Ed25519 algorithm",
    ),
)
"""What a peer cannot see from our documents (FEP-844e): what we read, and what it may send us."""
STUB = frozenset(
    {"@context", "id", "type", "preferredUsername", "webfinger", "inbox", "outbox", "endpoints", "publicKey",
     "assertionMethod", "manuallyApprovesFollowers"}
)  # fmt: skip


def document(tx: Transaction, row: Row[Any]) -> dict[str, Any]:
    """The signed document of a local actor, a group or the instance actor."""
    iri = row.iri
    is_group = row.kind == actors.GROUP
    actor = Actor(
        id=iri,
        type="Organization" if is_group else "Application",
        inbox=f"{iri}/inbox",
        outbox=f"{iri}/outbox",
        followers=f"{iri}/followers" if is_group else None,
        following=f"{iri}/following" if is_group else None,
        featured=f"{iri}/featured" if is_group else None,
        shared_inbox=tx.node.address("/inbox"),
        preferred_username=username(row, tx.node),
        webfinger=f"{username(row, tx.node)}@{tx.node.config.host}",
        name=row.name,
        summary=row.summary or None,
        language=row.language if is_group else None,
        tendency=row.tendency,
        icon=_picture(tx.node, row.icon),
        image=_picture(tx.node, row.image),
        url=iri if is_group else tx.node.address("/"),
        published=row.created,
        updated=row.changed,
        manually_approves_followers=is_group and tx.node.rooms.asks_followers(tx, iri),
        discoverable=row.discoverable if is_group else None,
        indexable=row.indexable if is_group else None,
        public_keys=(PublicKeyPem(id=actors.rsa_key_id(iri, row.key_number), owner=iri, pem=row.rsa_public),),
        assertion_methods=tuple(_multikey(key_id, iri, public) for key_id, public in _proof_keys(tx, row).items()),
        recovery_key=_multikey(f"{iri}#recovery-key", iri, row.recovery_key) if row.recovery_key else None,
        generator=_generator(tx.node) if is_group else None,
        implements=() if is_group else IMPLEMENTS,
    )
    # The day it was made or changed, so that the same actor is the same bytes on every day.
    return signing.prove(tx, schemas.serialise(actor), row, created=row.changed or row.created)


def stub(tx: Transaction, row: Row[Any]) -> dict[str, Any]:
    """What everybody may know of a local actor: enough to verify its signatures and to write to it."""
    found = {name: value for name, value in document(tx, row).items() if name in STUB}
    return signing.prove(tx, found, row, created=row.created)


def username(row: Row[Any], node: Node) -> str:
    """The handle before the @. The instance actor is called like its host, as FEP-d556 and others expect."""
    return str(row.handle) if row.kind == actors.GROUP else str(urlsplit(node.config.origin).hostname)


def webfinger(tx: Transaction, row: Row[Any]) -> dict[str, Any]:
    """The JRD of a local actor (RFC 7033)."""
    links = [discovery.self_link(row.iri)]
    if row.kind == actors.GROUP:
        links.append(discovery.page_link(row.iri))
    subject = f"acct:{username(row, tx.node)}@{tx.node.config.host}"
    return discovery.webfinger(subject, aliases=[row.iri], links=links)


def server_webfinger(tx: Transaction) -> dict[str, Any]:
    """The JRD of the server itself: the origin leads to the instance actor (FEP-d556)."""
    row, node = actors.instance(tx), tx.node
    links = [
        discovery.self_link(row.iri) | {"rel": "https://www.w3.org/ns/activitystreams#Service"},
        discovery.self_link(row.iri),
        discovery.page_link(node.address("/about")),
    ]
    aliases = [node.address("/"), f"acct:{username(row, node)}@{node.config.host}"]
    return discovery.webfinger(row.iri, aliases=aliases, links=links)


def _picture(node: Node, kept: dict[str, Any] | None) -> Picture | None:
    if kept is None:
        return None
    ending = kept["name"].rpartition(".")[2]
    return Picture(url=node.address(f"/media/{kept['name']}"), media_type=MEDIA_TYPES[ending], name=kept["description"])


def _proof_keys(tx: Transaction, row: Row[Any]) -> dict[str, str]:
    """The key that signs now, and those before it, by which what was said earlier can still be verified."""
    now = {actors.ed25519_key_id(row.iri, row.key_number): row.ed25519_public}
    return now | (actors.former_proof_keys(tx, row.iri) if row.key_number > 1 else {})


def _multikey(key_id: str, controller: str, multibase: str) -> Multikey:
    return Multikey(id=key_id, controller=controller, multibase=multibase)


def _generator(node: Node) -> Generator:
    return Generator(id=node.address("/actor"), name=f"Commonwire {VERSION}", implements=IMPLEMENTS)
