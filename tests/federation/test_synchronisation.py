"""Follower synchronisation: the example of FEP-8fcf, and what is not believed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation import synchronisation
from federation.errors import Refused
from federation.signatures import Request, cavage, rfc9421
from federation.synchronisation import Offer

# The proposal's own example. https://codeberg.org/fediverse/fep/src/branch/main/fep/8fcf/fep-8fcf.md, 2022-02-07
FOLLOWERS = ["https://testing.example.org/users/1", "https://testing.example.org/users/2"]
DIGEST = "c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f"
HEADER = (
    'collectionId="https://example.org/users/1/followers", '
    'url="https://example.org/users/1/followers_synchronization", '
    f'digest="{DIGEST}"'
)
OFFER = Offer("https://example.org/users/1/followers", "https://example.org/users/1/followers_synchronization", DIGEST)


def test_the_digest_is_that_of_the_proposal_in_any_order() -> None:
    assert synchronisation.digest(FOLLOWERS) == synchronisation.digest(FOLLOWERS[::-1]) == DIGEST
    assert synchronisation.digest([]) == "0" * 64


def test_the_header_is_written_and_read_as_in_the_proposal() -> None:
    assert synchronisation.header(OFFER) == HEADER
    for spelling in (HEADER, HEADER.replace(", ", ","), f" {HEADER} "):
        assert synchronisation.parse(spelling) == OFFER


@pytest.mark.parametrize(
    "value", ["", "x", HEADER + ', digest="x"', HEADER.replace("url=", "uri="), HEADER.replace('"', ""), "a" * 10_000]
)
def test_what_cannot_be_read_says_nothing(value: str) -> None:
    assert synchronisation.parse(value) is None


@pytest.mark.parametrize(
    ("actor", "followers"),
    [
        ("https://example.org/users/2", "https://example.org/users/2/followers"),
        ("https://example.org/users/1", None),
        ("https://other.example/users/1", "https://example.org/users/1/followers"),
    ],
)
def test_nobody_speaks_for_the_followers_of_another(actor: str, followers: str | None) -> None:
    with pytest.raises(Refused):
        synchronisation.check(OFFER, actor=actor, followers=followers)
    synchronisation.check(OFFER, actor="https://example.org/users/1", followers=OFFER.collection)


@pytest.mark.parametrize("scheme", [cavage, rfc9421])
def test_the_header_is_signed(scheme: Any, rsa_key: RSAPrivateKey) -> None:
    now, url, body = datetime.now(UTC), "https://peer.example/inbox", b"{}"
    headers = scheme.sign(
        "POST", url, key_id="https://ours.example/actor#main-key", key=rsa_key, now=now, body=body,
        content_type="application/activity+json", more={synchronisation.HEADER: HEADER},
    )  # fmt: skip
    verify(scheme, headers, body, rsa_key, now)
    with pytest.raises(Refused):
        verify(scheme, headers | {synchronisation.HEADER: HEADER.replace("users/1", "users/7")}, body, rsa_key, now)


def verify(scheme: Any, headers: dict[str, str], body: bytes, key: RSAPrivateKey, now: datetime) -> None:
    sent = {name.lower(): value for name, value in headers.items()}
    request = Request("POST", "/inbox", sent, body)
    judge: Callable[..., None] = scheme.verify
    if scheme is cavage:
        judge(request, cavage.parse(sent["signature"]), key.public_key(), host="peer.example", now=now)
    else:
        parsed = rfc9421.parse(sent["signature-input"], sent["signature"])
        judge(request, parsed, key.public_key(), own_origin="https://peer.example", now=now)
