"""Which keys of an actor document speak for the actor."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation import actor_keys, keys
from federation.errors import Malformed, Refused
from federation.verification import ActorKey
from schemas import actor as actors

ALICE = "https://peer.example/alice"
MALLORY = "https://peer.example/mallory"
VICTIM = "https://victim.example/vera"


def person(*public_keys: dict[str, str]) -> actors.Actor:
    document = {"id": ALICE, "type": "Person", "inbox": f"{ALICE}/inbox", "publicKey": list(public_keys)}
    return actors.parse(document)


@pytest.fixture
def pem(rsa_key: RSAPrivateKey) -> str:
    return keys.public_pem(rsa_key.public_key())


def test_a_key_that_the_actor_lists_speaks_for_it(pem: str, rsa_key: RSAPrivateKey) -> None:
    for key_id in (f"{ALICE}#main-key", f"{ALICE}/main-key", "https://peer.example/keys/1"):  # the second: GoToSocial
        alice = person({"id": key_id, "owner": ALICE, "publicKeyPem": pem})
        assert actor_keys.request_key(alice, key_id) == ActorKey(key_id, ALICE, rsa_key.public_key())


@pytest.mark.parametrize(
    ("key_id", "owner"),
    [
        (f"{ALICE}#main-key", MALLORY),
        (f"{ALICE}#main-key", VICTIM),
        (f"{VICTIM}#main-key", ALICE),
        (f"{VICTIM}#main-key", VICTIM),
        ("http://peer.example/alice#main-key", ALICE),
    ],
)
def test_a_key_with_a_false_owner_or_a_false_place_speaks_for_nobody(key_id: str, owner: str, pem: str) -> None:
    alice = person({"id": key_id, "owner": owner, "publicKeyPem": pem})
    with pytest.raises(Refused) as caught:
        actor_keys.request_key(alice, key_id)
    assert caught.value.status == 401


def test_a_key_that_is_not_listed_or_is_listed_twice_speaks_for_nobody(pem: str) -> None:
    listed = {"id": f"{ALICE}#main-key", "owner": ALICE, "publicKeyPem": pem}
    with pytest.raises(Refused, match="has no key"):
        actor_keys.request_key(person(listed), f"{ALICE}#other-key")
    with pytest.raises(Refused, match="has no key"):
        actor_keys.request_key(person(), f"{ALICE}#main-key")
    with pytest.raises(Refused, match="has no key"):
        actor_keys.request_key(person(listed, listed), f"{ALICE}#main-key")


@pytest.mark.parametrize("absurd", ["no key", "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----"])
def test_an_absurd_key_is_malformed(absurd: str) -> None:
    alice = person({"id": f"{ALICE}#main-key", "owner": ALICE, "publicKeyPem": absurd})
    with pytest.raises(Malformed):
        actor_keys.request_key(alice, f"{ALICE}#main-key")


def with_assertion_key(key: Ed25519PrivateKey, *, copies: int = 1, **changes: Any) -> actors.Actor:
    multikey = {
        "id": f"{ALICE}#ed25519-key",
        "type": "Multikey",
        "controller": ALICE,
        "publicKeyMultibase": keys.to_multibase(key.public_key()),
    }
    methods = [multikey | changes] * copies
    return actors.parse({"id": ALICE, "type": "Person", "inbox": f"{ALICE}/inbox", "assertionMethod": methods})


def test_an_assertion_key_speaks_for_its_own_actor(ed25519_key: Ed25519PrivateKey) -> None:
    found = actor_keys.assertion_key(with_assertion_key(ed25519_key), f"{ALICE}#ed25519-key", owner=ALICE)
    assert found == ed25519_key.public_key()


@pytest.mark.parametrize(
    ("changes", "owner"),
    [
        ({}, MALLORY),
        ({}, VICTIM),
        ({"controller": MALLORY}, ALICE),
        ({"controller": MALLORY}, MALLORY),
        ({"controller": VICTIM}, VICTIM),
        ({"id": f"{VICTIM}#ed25519-key"}, ALICE),
        ({"id": f"{VICTIM}#ed25519-key"}, VICTIM),
        ({"copies": 0}, ALICE),
        ({"copies": 2}, ALICE),
    ],
)
def test_an_assertion_key_speaks_for_nobody_else(
    changes: dict[str, Any], owner: str, ed25519_key: Ed25519PrivateKey
) -> None:
    method = changes.get("id", f"{ALICE}#ed25519-key")
    with pytest.raises(Refused):
        actor_keys.assertion_key(with_assertion_key(ed25519_key, **changes), method, owner=owner)


def test_an_assertion_key_of_another_kind_is_malformed(ed25519_key: Ed25519PrivateKey) -> None:
    alice = with_assertion_key(ed25519_key, publicKeyMultibase="z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc")
    with pytest.raises(Malformed):
        actor_keys.assertion_key(alice, f"{ALICE}#ed25519-key", owner=ALICE)
