"""RsaSignature2017 of ours, verified by hand: as Mastodon's code does it, with PyLD and the cryptography package."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from pyld import jsonld
from pyld.documentloader.frozen import BUNDLED_CONTEXTS, FrozenDocumentLoader

import schemas
from federation import keys
from federation.errors import Malformed
from federation.signatures import linked_data, proofs
from schemas.context import bundled

KEY_ID = "https://tram.example/groups/depot-north#main-key"
CREATED = datetime(2026, 11, 3, 18, 30, tzinfo=UTC)
OURS = ("https://w3id.org/security/data-integrity/v1", "https://w3id.org/security/multikey/v1")
# identity/v1 is carried by nobody; these two of its terms are all that the options use.
IDENTITY = {
    "creator": {"@id": "http://purl.org/dc/terms/creator", "@type": "@id"},
    "created": {
        "@id": "http://purl.org/dc/terms/created",
        "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
    },
}
# The context that Mastodon 4.5 compacts what carries a `signature` with, as far as a reply of ours uses it.
MASTODON = [
    "https://www.w3.org/ns/activitystreams",
    "https://w3id.org/security/v1",
    {
        "toot": "http://joinmastodon.org/ns#", "gts": "https://gotosocial.org/ns#", "Hashtag": "as:Hashtag",
        "sensitive": "as:sensitive", "Emoji": "toot:Emoji", "blurhash": "toot:blurhash",
        "quote": {"@id": "https://w3id.org/fep/044f#quote", "@type": "@id"},
        "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
        "canQuote": {"@id": "gts:canQuote", "@type": "@id"},
        "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
    },
]  # fmt: skip


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return keys.make_rsa()


@pytest.fixture
def signed(key: RSAPrivateKey) -> dict[str, Any]:
    create = json.loads((Path(schemas.__file__).parent / "examples" / "activity_create.json").read_bytes())
    proved = proofs.prove(
        create,
        verification_method="https://tram.example/groups/depot-north#ed25519-key",
        key=keys.make_ed25519(),
        created=CREATED,
    )
    return linked_data.sign(proved, key_id=KEY_ID, key=key, created=CREATED)


def loader() -> FrozenDocumentLoader:
    return FrozenDocumentLoader({**BUNDLED_CONTEXTS, **{url: bundled(url) for url in OURS}})  # type: ignore[dict-item]


def hexdigest(document: dict[str, Any]) -> str:
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": loader()}
    return hashlib.sha256(jsonld.normalize(document, options).encode()).hexdigest()


def verify(document: dict[str, Any], key: RSAPublicKey) -> None:
    """Raises InvalidSignature."""
    signature = dict(document["signature"])
    assert signature.pop("type") == "RsaSignature2017"
    value = base64.b64decode(signature.pop("signatureValue"), validate=True)
    bare = {name: item for name, item in document.items() if name != "signature"}
    signed = hexdigest({"@context": IDENTITY} | signature) + hexdigest(bare)
    key.verify(value, signed.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_it_verifies_and_names_our_request_key(signed: dict[str, Any], key: RSAPrivateKey) -> None:
    assert signed["signature"]["creator"] == KEY_ID
    assert signed["signature"]["created"] == "2026-11-03T18:30:00Z"
    verify(signed, key.public_key())


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "https://tram.example/groups/other"},
        {"to": []},
        {"published": "2026-11-04T00:00:00Z"},
        {"proof": None},
        {"id": "https://tram.example/activities/other"},
    ],
)
def test_nothing_that_was_signed_can_be_changed(
    signed: dict[str, Any], key: RSAPrivateKey, change: dict[str, Any]
) -> None:
    with pytest.raises(InvalidSignature):
        verify(signed | change, key.public_key())
    words = signed | {"object": signed["object"] | {"content": "<p>Work harder.</p>"}}
    with pytest.raises(InvalidSignature):
        verify(words, key.public_key())


def test_every_word_we_publish_is_signed(signed: dict[str, Any]) -> None:
    """A term that a context does not define would stand outside of the signature."""
    quads = linked_data.canonical({name: value for name, value in signed.items() if name != "signature"})
    assert all(text in quads for text in ("work-to-rule", signed["object"]["salt"], signed["proof"]["proofValue"]))


def test_the_proof_is_as_good_with_it_as_without(signed: dict[str, Any], key: RSAPrivateKey) -> None:
    other = keys.make_ed25519()
    proved = proofs.prove(signed, verification_method=f"{KEY_ID}2", key=other, created=CREATED)
    assert "signature" not in proved, "the proof comes first"
    proofs.check(linked_data.sign(proved, key_id=KEY_ID, key=key, created=CREATED), other.public_key())


def test_a_second_signature_takes_the_place_of_the_first(signed: dict[str, Any], key: RSAPrivateKey) -> None:
    again = linked_data.sign(signed, key_id=KEY_ID, key=key, created=CREATED)
    assert again == signed


@pytest.mark.parametrize(
    "context",
    ["https://evil.example/context", ["https://www.w3.org/ns/activitystreams", "http://127.0.0.1:1/"]],
)
def test_no_context_is_fetched(key: RSAPrivateKey, context: Any) -> None:
    document = {"@context": context, "id": "https://tram.example/1", "type": "Note"}
    with pytest.raises(Malformed, match="canonical"):
        linked_data.sign(document, key_id=KEY_ID, key=key, created=CREATED)


def test_what_mastodon_makes_of_a_document_that_carries_one_still_says_what_we_said(signed: dict[str, Any]) -> None:
    """Mastodon compacts what has a `signature` before it reads it (ActivityPub::ProcessCollectionService)."""
    bare = {name: value for name, value in signed.items() if name != "signature"}
    read = jsonld.compact(bare, MASTODON, {"documentLoader": loader()})
    said, understood = signed["object"], read["object"]
    assert (read["type"], read["actor"], read["id"]) == ("Create", signed["actor"], signed["id"])
    for name in ("id", "type", "attributedTo", "content", "contentMap", "published", "url", "replies", "likes"):
        assert understood.get(name) == said.get(name), name
    for name in ("cc", "tag"):
        both = understood.get(name), said.get(name)
        assert both[0] == both[1] or [both[0]] == both[1], name
    assert understood["interactionPolicy"] == {"canQuote": {"automaticApproval": "as:Public"}}
    assert understood["to"] == "as:Public"


def test_it_takes_a_few_milliseconds(signed: dict[str, Any], key: RSAPrivateKey) -> None:
    """It is made in the transaction: a tenth of a second there would be felt by everybody."""
    began = time.process_time()
    for _ in range(5):
        linked_data.sign(signed, key_id=KEY_ID, key=key, created=CREATED)
    assert (time.process_time() - began) / 5 < 0.3
