"""FEP-8b32 proofs, against the test vector of the FEP (fep-8b32.feature, CC0, as of November 2025)."""

from __future__ import annotations

import copy
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation import keys
from federation.errors import Malformed, Refused
from federation.signatures import proofs

METHOD = "https://server.example/users/alice#ed25519-key"
CREATED = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)
CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"]
PUBLIC = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
SECRET = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
PROOF_VALUE = "z42ffGu6AUKPCFcFPiabmUvnGLPJzC7e4DGWC52NUasSSH37UMa9c58tdgVszUcZfytxa4fQ5TYHaJENCxUDe9SdL"
DOCUMENT: dict[str, Any] = {
    "@context": CONTEXT,
    "id": "https://server.example/activities/1",
    "type": "Create",
    "actor": "https://server.example/users/alice",
    "object": {
        "id": "https://server.example/objects/1",
        "type": "Note",
        "attributedTo": "https://server.example/users/alice",
        "content": "Hello world",
        "location": {"type": "Place", "longitude": -71.184902, "latitude": 25.273962},
    },
}


@pytest.fixture
def key() -> Ed25519PrivateKey:
    raw = keys.base58_decode(SECRET[1:])
    assert raw[:2] == b"\x80\x26"  # multicodec ed25519-priv
    return Ed25519PrivateKey.from_private_bytes(raw[2:])


@pytest.fixture
def proven(key: Ed25519PrivateKey) -> dict[str, Any]:
    return proofs.prove(DOCUMENT, verification_method=METHOD, key=key, created=CREATED)


def test_the_test_vector_of_the_fep_is_what_we_make(proven: dict[str, Any]) -> None:
    assert proven["proof"] == {
        "@context": CONTEXT,
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": METHOD,
        "proofPurpose": "assertionMethod",
        "proofValue": PROOF_VALUE,
        "created": "2023-02-24T23:36:38Z",
    }
    assert {name: value for name, value in proven.items() if name != "proof"} == DOCUMENT


def test_the_test_vector_of_the_fep_is_accepted(proven: dict[str, Any]) -> None:
    received = json.loads(json.dumps(proven, indent=3))
    assert proofs.verification_method(received) == METHOD
    proofs.check(received, keys.from_multibase(PUBLIC))


def test_a_linked_data_signature_is_no_part_of_what_is_proven(proven: dict[str, Any]) -> None:
    proofs.check({**proven, "signature": {"type": "RsaSignature2017"}}, keys.from_multibase(PUBLIC))


def test_proving_again_replaces_the_proof(proven: dict[str, Any], key: Ed25519PrivateKey) -> None:
    signed_by_others = {**proven, "signature": {"type": "RsaSignature2017"}}
    again = proofs.prove(signed_by_others, verification_method=METHOD, key=key, created=CREATED)
    assert again == proven


def tampered(document: dict[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    place = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["object", "content"], "Hello world!"),
        (["actor"], "https://server.example/users/mallory"),
        (["added"], True),
        (["proof", "proofPurpose"], "authentication"),
        (["proof", "created"], "2024-02-24T23:36:38Z"),
        (["proof", "created"], "once"),
        (["proof", "created"], 7),
        (["proof", "verificationMethod"], "https://server.example/users/mallory#key"),
        (["proof", "cryptosuite"], "eddsa-rdfc-2022"),
        (["proof", "type"], "Ed25519Signature2020"),
        (["proof", "domain"], "elsewhere.example"),
        (["proof", "proofValue"], None),
        (["proof", "proofValue"], ""),
        (["proof", "proofValue"], "z1"),
        (["proof", "proofValue"], "z" + "1" * 10_000),
        (["proof", "proofValue"], PROOF_VALUE[:-1] + "M"),
        (["proof"], None),
        (["proof"], "yes"),
        (["proof"], []),
        (["proof", "@context"], ["https://www.w3.org/ns/activitystreams"]),
        (["@context"], [*CONTEXT, {"content": "https://elsewhere.example/ns#other"}]),
        (["@context"], None),
    ],
)
def test_a_document_that_was_touched_is_refused(proven: dict[str, Any], path: list[str], value: Any) -> None:
    with pytest.raises(Refused):
        proofs.check(tampered(proven, path, value), keys.from_multibase(PUBLIC))


def test_the_proof_of_another_key_is_refused(proven: dict[str, Any], ed25519_key: Ed25519PrivateKey) -> None:
    with pytest.raises(Refused, match="not over this document"):
        proofs.check(proven, ed25519_key.public_key())


def test_a_context_that_only_the_document_carries_counts(key: Ed25519PrivateKey, proven: dict[str, Any]) -> None:
    # Fedify hashes the document's @context with the options and leaves it out of the proof it sends.
    bare_proof = {name: value for name, value in proven["proof"].items() if name != "@context"}
    proofs.check({**proven, "proof": bare_proof}, key.public_key())


def test_of_several_proofs_ours_is_the_one_that_is_checked(proven: dict[str, Any]) -> None:
    several = {**proven, "proof": [{"type": "Other"}, 7, proven["proof"]]}
    assert proofs.verification_method(several) == METHOD
    proofs.check(several, keys.from_multibase(PUBLIC))


@pytest.mark.parametrize("proof", [None, "x", [], [None], {}, {"type": "DataIntegrityProof", "cryptosuite": "other"}])
def test_a_document_without_our_kind_of_proof_names_no_key(proof: Any) -> None:
    assert proofs.verification_method({**DOCUMENT, "proof": proof}) is None


def hand_proven(key: Ed25519PrivateKey, changes: dict[str, Any], document: dict[str, Any] = DOCUMENT) -> dict[str, Any]:
    """A document whose proof is a good signature over unusual options."""
    options = {
        "@context": CONTEXT,
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": METHOD,
        "proofPurpose": "assertionMethod",
        "created": "2023-02-24T23:36:38Z",
    } | changes
    hashes = [hashlib.sha256(rfc8785.dumps(part)).digest() for part in (options, document)]
    signature = "z" + keys.base58_encode(key.sign(b"".join(hashes)))
    return {**document, "proof": {**options, "proofValue": signature}}


def test_options_that_do_no_harm_are_accepted(key: Ed25519PrivateKey) -> None:
    for changes in ({}, {"domain": "x.example"}, {"nonce": "1"}, {"created": "2023-02-24T23:36:38.123+01:00"}):
        proofs.check(hand_proven(key, changes), key.public_key())


@pytest.mark.parametrize(
    "changes",
    [
        {"proofPurpose": "authentication"},
        {"proofPurpose": None},
        {"created": "once"},
        {"created": 7},
        {"expires": "2023-02-25T00:00:00Z"},
        {"expires": "never"},
        {"@context": CONTEXT[:1]},
        {"@context": "https://www.w3.org/ns/activitystreams"},
        {"@context": None},
    ],
)
def test_a_good_signature_over_bad_options_is_refused(changes: dict[str, Any], key: Ed25519PrivateKey) -> None:
    with pytest.raises(Refused):
        proofs.check(hand_proven(key, changes), key.public_key(), now=CREATED + timedelta(days=1))


def test_a_proof_counts_until_it_expires(key: Ed25519PrivateKey) -> None:
    expiring = hand_proven(key, {"expires": "2023-02-25T00:00:00Z"})
    proofs.check(expiring, key.public_key(), now=CREATED)
    with pytest.raises(Refused, match="expired"):
        proofs.check(expiring, key.public_key())


def test_a_document_without_a_context_can_be_proven(key: Ed25519PrivateKey) -> None:
    bare = {name: value for name, value in DOCUMENT.items() if name != "@context"}
    proven = proofs.prove(bare, verification_method=METHOD, key=key, created=CREATED)
    assert "@context" not in proven["proof"]
    proofs.check(proven, key.public_key())


def test_a_proof_that_has_expired_is_refused(proven: dict[str, Any]) -> None:
    expiring = tampered(proven, ["proof", "expires"], "2023-02-25T00:00:00Z")
    with pytest.raises(Refused, match="expired"):
        proofs.check(expiring, keys.from_multibase(PUBLIC), now=CREATED + timedelta(days=1))
    with pytest.raises(Refused, match="expired"):
        proofs.check(expiring, keys.from_multibase(PUBLIC))
    with pytest.raises(Refused, match="not over this document"):  # in time, but it was added afterwards
        proofs.check(expiring, keys.from_multibase(PUBLIC), now=CREATED)


def nested(depth: int) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for _ in range(depth):
        document = {"x": document}
    return document


@pytest.mark.parametrize(
    "odd",
    [{"x": 2**60}, {"x": float("nan")}, {"x": float("inf")}, {"x": "\ud800"}, {"\ud800": 1}, nested(50_000)],
    ids=["integer", "nan", "infinity", "surrogate", "surrogate key", "nesting"],
)
def test_what_has_no_canonical_form_is_malformed(
    odd: dict[str, Any], key: Ed25519PrivateKey, proven: dict[str, Any]
) -> None:
    with pytest.raises(Malformed):
        proofs.prove({**DOCUMENT, "odd": odd}, verification_method=METHOD, key=key, created=CREATED)
    with pytest.raises(Malformed):
        proofs.check({**proven, "odd": odd}, key.public_key())
