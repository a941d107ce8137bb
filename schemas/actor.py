"""An actor: the group itself, its node, or anybody else who acts. ActivityPub, section 4."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from schemas import fields
from schemas.attached import PICTURE, Picture, ProfileField
from schemas.context import ACTOR_CONTEXT
from schemas.fields import Kind, wire, wire_value
from schemas.kinds import (
    BOOLEAN,
    HTML,
    IRI,
    LABEL,
    LANGUAGE,
    LINK,
    MOMENT,
    PLAIN,
    REFERENCE,
    TEXT,
    TYPE_NAME,
    URI,
    many,
    names,
    nested,
    short,
)
from schemas.reading import Malformed, iri

TYPES: Final = ("Person", "Group", "Organization", "Service", "Application")


@wire_value()
class PublicKeyPem:
    """The RSA key that draft-cavage signatures are checked with. W3C Security Vocabulary v1."""

    id: str = wire(IRI, "id", doc="The keyId of signatures.")
    owner: str = wire(REFERENCE, "owner", doc="The actor whose key it is.")
    pem: str = wire(LABEL, "publicKeyPem", doc="SubjectPublicKeyInfo in PEM.")


@wire_value()
class Multikey:
    """The key that integrity proofs are checked with (FEP-521a)."""

    id: str = wire(IRI, "id", doc="The verificationMethod of proofs.")
    type: str = wire(names("Multikey"), "type", default="Multikey", required=True, doc="Multikey.")
    controller: str = wire(REFERENCE, "controller", doc="The actor whose key it is.")
    multibase: str = wire(LABEL, "publicKeyMultibase", doc="base58btc of the multicodec key: z6Mk... for Ed25519.")


@wire_value()
class Implementation:
    """Something that the software can do (FEP-844e)."""

    href: str = wire(URI, "href", doc="The identifier of what is implemented.")
    name: str | None = wire(TEXT, "name", default=None, lenient=True, doc="Its short description.")


_IMPLEMENTS = many(nested(Implementation), skip_unreadable=True)


@wire_value()
class Generator:
    """The application behind an actor (FEP-844e)."""

    id: str | None = wire(IRI, "id", default=None, lenient=True, doc="The instance actor.")
    type: str = wire(TYPE_NAME, "type", default="Application", doc="Application.")
    name: str | None = wire(PLAIN, "name", default=None, lenient=True, doc="Name of the software.")
    implements: tuple[Implementation, ...] = wire(
        _IMPLEMENTS, "implements", default=(), lenient=True, doc="What it can do."
    )


def _read_endpoints(value: Any) -> str:
    if not isinstance(value, dict):
        raise Malformed("", "must be an object")
    return iri(value.get("sharedInbox"), "sharedInbox")


_ENDPOINTS: Kind[str] = Kind(
    "object with sharedInbox",
    _read_endpoints,
    lambda found: {"sharedInbox": iri(found)},
    {"type": "object", "properties": {"sharedInbox": dict(IRI.schema)}, "required": ["sharedInbox"]},
)


@wire_value(context=ACTOR_CONTEXT)
class Actor:
    """Who acts. A stub that only shows its key (GoToSocial, to an unsigned request) has no inbox."""

    id: str = wire(IRI, "id", doc="The actor.")
    type: str = wire(names(*TYPES), "type", doc="A group is an Organization, a node's own actor an Application.")
    inbox: str | None = wire(IRI, "inbox", default=None, doc="Where activities are posted.")
    outbox: str | None = wire(REFERENCE, "outbox", default=None, lenient=True, doc="All it published.")
    followers: str | None = wire(REFERENCE, "followers", default=None, lenient=True, doc="Who follows it.")
    following: str | None = wire(REFERENCE, "following", default=None, lenient=True, doc="Whom it follows.")
    featured: str | None = wire(REFERENCE, "featured", default=None, lenient=True, doc="What it pinned.")
    shared_inbox: str | None = wire(
        _ENDPOINTS, "endpoints", default=None, lenient=True, doc="One inbox for all actors of the node."
    )
    preferred_username: str | None = wire(
        short(256), "preferredUsername", default=None, lenient=True, doc="The handle before the @."
    )
    webfinger: str | None = wire(
        short(512), "webfinger", default=None, lenient=True, doc="The full handle, name@host (FEP-2c59)."
    )
    name: str | None = wire(PLAIN, "name", default=None, lenient=True, aliases=("nameMap",), doc="Display name.")
    summary: str | None = wire(
        HTML, "summary", default=None, lenient=True, aliases=("summaryMap",), doc="Who they are: HTML."
    )
    language: str | None = wire(
        LANGUAGE, "language", default=None, lenient=True, doc="The language the group mostly writes in."
    )
    tendency: str | None = wire(
        TEXT, "tendency", default=None, lenient=True, doc="The political tendency the group names as its own."
    )
    url: str | None = wire(LINK, "url", default=None, lenient=True, doc="Its page for people.")
    icon: Picture | None = wire(PICTURE, "icon", default=None, lenient=True, doc="Avatar.")
    image: Picture | None = wire(PICTURE, "image", default=None, lenient=True, doc="Header.")
    profile_fields: tuple[ProfileField, ...] = wire(
        many(nested(ProfileField), skip_unreadable=True), "attachment", default=(), lenient=True, doc="Profile lines."
    )
    published: datetime | None = wire(MOMENT, "published", default=None, lenient=True, doc="Since when it exists.")
    updated: datetime | None = wire(
        MOMENT, "updated", default=None, lenient=True, doc="When it last changed what it says of itself."
    )
    manually_approves_followers: bool | None = wire(
        BOOLEAN, "manuallyApprovesFollowers", default=None, lenient=True, doc="Whether a Follow waits for approval."
    )
    discoverable: bool | None = wire(
        BOOLEAN, "discoverable", default=None, lenient=True, doc="Whether it may be recommended (FEP-5feb)."
    )
    indexable: bool | None = wire(
        BOOLEAN, "indexable", default=None, lenient=True, doc="Whether its posts may be searched (FEP-5feb)."
    )
    moved_to: str | None = wire(REFERENCE, "movedTo", default=None, lenient=True, doc="The actor it became.")
    also_known_as: tuple[str, ...] = wire(
        many(REFERENCE, skip_unreadable=True), "alsoKnownAs", default=(), lenient=True, doc="Other actors it is."
    )
    public_keys: tuple[PublicKeyPem, ...] = wire(
        many(nested(PublicKeyPem), skip_unreadable=True, unwrap_one=True),
        "publicKey", default=(), lenient=True, doc="Keys of its requests; we have exactly one, written bare.",
    )  # fmt: skip
    assertion_methods: tuple[Multikey, ...] = wire(
        many(nested(Multikey), skip_unreadable=True),
        "assertionMethod", default=(), lenient=True, doc="Keys of its proofs (FEP-521a).",
    )  # fmt: skip
    recovery_key: Multikey | None = wire(
        nested(Multikey), "recoveryKey", default=None, lenient=True,
        doc="The public half of the key kept offline, with which the group can prove itself on another domain.",
    )  # fmt: skip
    generator: Generator | None = wire(
        nested(Generator), "generator", default=None, lenient=True, doc="The software, with what it can do (FEP-844e)."
    )
    implements: tuple[Implementation, ...] = wire(
        _IMPLEMENTS, "implements", default=(), lenient=True, doc="Of an Application: what it can do (FEP-844e)."
    )

    @property
    def capabilities(self) -> frozenset[str]:
        """The identifiers of all that the actor's software says it implements (FEP-844e)."""
        theirs = self.generator.implements if self.generator else ()
        return frozenset(found.href for found in (*self.implements, *theirs))


def parse(document: object) -> Actor:
    """The actor in `document`. Raises Malformed."""
    return fields.parse(Actor, document)


def serialise(actor: Actor) -> dict[str, Any]:
    """The JSON object of `actor`."""
    return fields.serialise(actor)
