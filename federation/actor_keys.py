"""From an actor document to the keys that speak for the actor.

Words. A **request key** is a PEM in `publicKey` (security/v1), named by the keyId of a request signature. An
**assertion key** is a Multikey in `assertionMethod` (FEP-521a), named by the verificationMethod of a proof.

Promise: a key comes out of here only if the actor document, fetched from its own origin, lists it under that
very id and both name each other (federation.origin decides). Nothing is remembered here.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from federation import keys, origin
from federation.errors import Refused
from federation.verification import ActorKey
from schemas.actor import Actor


def request_key(actor: Actor, key_id: str) -> ActorKey:
    """The key `key_id` of `actor`.

    Raises Refused (401) if the actor does not list exactly one key of that id or the key names another owner;
    Malformed if the key cannot be read or is too weak or too large.
    """
    listed = [key for key in actor.public_keys if key.id == key_id]
    if len(listed) != 1:
        raise Refused(f"{actor.id} has no key {key_id}", status=401)
    origin.check_key(key_id, owner=listed[0].owner, actor_id=actor.id)
    return ActorKey(key_id=key_id, owner=actor.id, public_key=keys.read_public(listed[0].pem))


def assertion_key(actor: Actor, method: str, *, owner: str) -> Ed25519PublicKey:
    """The Ed25519 key `method` of `actor`, for an object whose `attributedTo` (or `actor`) is `owner`.

    Raises Refused if the actor does not list exactly one such key, or it may not speak for `owner`; Malformed if
    the key is no Ed25519 Multikey. FEP-521a; FEP-8b32 "Proof verification".
    """
    listed = [key for key in actor.assertion_methods if key.id == method]
    if len(listed) != 1:
        raise Refused(f"{actor.id} has no assertion key {method}")
    if listed[0].controller != actor.id:
        raise Refused(f"the key {method} is controlled by another than {actor.id}")
    origin.check_proof(method, controller=actor.id, owner=owner)
    return keys.from_multibase(listed[0].multibase)
