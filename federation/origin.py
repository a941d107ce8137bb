"""Who may speak for what. The only place that decides it (FEP-fe34, "Origin-based security model").

Three words. The **origin** of an IRI is its scheme, host and port (RFC 6454 §4). The **owner** of an object is
the actor it names (`actor`, `attributedTo`, `owner`, `controller`, or its own id if it is an actor). The
**signer** is the actor whose key signed the request or the proof.

Two rules. An id belongs to its origin: nobody else can bring an object with that id into the world. A thing
belongs to its owner: changing, deleting or undoing it needs the same actor, not merely the same origin, because
many strangers can have accounts on one server.

Every function is pure, returns None if it may be and raises Refused (403) if not; an IRI that has no
origin is Malformed.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import urlsplit

from federation.errors import Malformed, Refused
from schemas.activity import Activity

IRI_CHARACTERS = 2048
_DEFAULT_PORTS = {"http": 80, "https": 443}
# urlsplit silently drops tabs and newlines, and programs disagree about backslashes: neither may appear.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\<>\"\ud800-\udfff]")
# ASCII only: what looks like another host is another host, and "ｅxample.org" must not become "example.org".
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")


@lru_cache(maxsize=4096)
def origin(iri: str) -> str:
    """Scheme, host and port: "https://example.org" or "https://example.org:8443" (RFC 6454 §4).

    Raises Malformed unless `iri` is an absolute http(s) IRI of at most 2,048 characters with an ASCII
    host (punycode for other scripts), no user information, no white space and no control characters.
    """
    if len(iri) > IRI_CHARACTERS or _FORBIDDEN.search(iri):
        raise Malformed("iri", f"is not an http(s) address: {iri[:100]!r}")
    try:
        parts = urlsplit(iri)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Malformed("iri", f"is not an http(s) address: {iri[:100]!r}") from error
    scheme = parts.scheme
    if scheme not in _DEFAULT_PORTS or not host or port == 0 or "@" in parts.netloc:
        raise Malformed("iri", f"is not an http(s) address: {iri[:100]!r}")
    shown = f"[{_ipv6(host, iri)}]" if parts.netloc.startswith("[") else _host_name(host, iri)
    return f"{scheme}://{shown}" if port in (None, _DEFAULT_PORTS[scheme]) else f"{scheme}://{shown}:{port}"


def _ipv6(host: str, iri: str) -> str:
    try:
        if "%" in host:
            raise ValueError("a zone is for one machine only")
        return str(ipaddress.IPv6Address(host))
    except ValueError as error:
        raise Malformed("iri", f"has a host that is no IPv6 address: {iri[:100]!r}") from error


def _host_name(host: str, iri: str) -> str:
    if not _is_usable(host):
        raise Malformed("iri", f"has an unusable host: {iri[:100]!r}")
    return host


@lru_cache(maxsize=1024)
def _is_usable(host: str) -> bool:
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in host.removesuffix(".").split("."))


def same_origin(one: str, other: str) -> bool:
    return origin(one) == origin(other)


def check_activity(activity: Activity, signer: str) -> None:
    """An activity is its actor's own, and its id lies at its actor's origin.

    FEP-fe34 "Authentication" 2 and "Ownership": the signer is the actor, and no activity id of another origin can be
    taken in advance (squatted).
    """
    if activity.actor != signer:
        raise Refused(f"{signer} cannot speak for {activity.actor}")
    if not same_origin(activity.id, activity.actor):
        raise Refused(f"{activity.actor} cannot use the id {activity.id} of another origin")


def check_creation(actor: str, object_id: str, author: str) -> None:
    """Whoever creates an object is its author and its id lies at the author's origin.

    FEP-fe34 "Create, update and delete": the actor that creates an object MUST be its owner.
    """
    if author != actor:
        raise Refused(f"{actor} cannot publish in the name of {author}")
    if not same_origin(object_id, actor):
        raise Refused(f"{actor} cannot use the id {object_id} of another origin")


def check_change(actor: str, *, author: str) -> None:
    """Update and Delete are for the very actor that owns the object (for an actor: itself).

    FEP-fe34 "Create, update and delete" says SHOULD and lets the same origin pass; we do not, because two accounts
    of one server are strangers to each other.
    """
    if actor != author:
        raise Refused(f"{actor} cannot change what belongs to {author}")


def check_undo(actor: str, *, author: str) -> None:
    """Only the actor that did a thing can undo it (FEP-fe34 "Create, update and delete", Undo)."""
    if actor != author:
        raise Refused(f"{actor} cannot undo what {author} did")


def check_answer(actor: str, *, followed: str) -> None:
    """Accept and Reject of a Follow come from the one who was asked (ActivityPub §7.6, §7.7)."""
    if actor != followed:
        raise Refused(f"{actor} was not asked: the Follow is addressed to {followed}")


def check_embedded(holder: str, object_id: str, author: str) -> None:
    """An object inside another is as good as the other only if both, and its author, share an origin.

    FEP-fe34 "Authentication" 4. Whoever is refused here can still be believed after a fetch by id, or
    through a proof of the object's own. `holder` is the id of the activity or page that was authenticated.
    """
    if not (same_origin(holder, object_id) and same_origin(object_id, author)):
        raise Refused(f"{object_id} inside {holder} has to be fetched from its own origin")


def check_foreign(iri: str, *, own_origin: str) -> None:
    """Nobody brings us an object that carries an id of our own."""
    if same_origin(iri, own_origin):
        raise Refused(f"{iri} is an id of this node")


def check_key(key_id: str, *, owner: str, actor_id: str) -> None:
    """A key speaks for an actor only if each names the other, at one origin.

    FEP-fe34 "Ownership": `owner` is whom the key names, `actor_id` the actor whose document lists it.
    FEP-fe34 lets a key of another origin speak if the actor lists it; nobody needs it, so it is refused.
    """
    if owner != actor_id:
        raise Refused(f"the key {key_id} and the actor {actor_id} do not name each other", status=401)
    if not same_origin(key_id, actor_id):
        raise Refused(f"the key {key_id} is not at the origin of {actor_id}", status=401)


def check_proof(method: str, *, controller: str, owner: str) -> None:
    """A proof counts for an object only if its key is controlled by the object's owner.

    FEP-8b32 "Proof verification" and FEP-fe34 "Authentication" 3. `method` is the proof's verificationMethod,
    `controller` the actor that lists it as assertionMethod, `owner` the object's `attributedTo` or `actor`.
    """
    if controller != owner:
        raise Refused(f"a proof by {controller} says nothing about an object of {owner}")
    if not same_origin(method, owner):
        raise Refused(f"the key {method} is not at the origin of {owner}")
