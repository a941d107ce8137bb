"""What attackers make of RFC 9421, and what is not a signature on enough."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import http_message_signatures as oracle
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation import keys
from federation.errors import Malformed, Refused
from federation.signatures import Request
from tests.federation.signed_by_hand import (
    BODY,
    FULL,
    HERE,
    KEY_ID,
    TARGET,
    as_sent,
    by_hand,
    changed,
    digest_of,
    verify,
    without,
)


def flipped(request: Request) -> Request:
    label, _, signature = request.headers["signature"].partition("=:")
    return changed(request, signature=f"{label}=:{'B' if signature[0] == 'A' else 'A'}{signature[1:]}")


def said(old: str, new: str) -> Callable[[Request], Request]:
    def change(request: Request) -> Request:
        assert old in request.headers["signature-input"]
        return changed(request, signature_input=request.headers["signature-input"].replace(old, new))

    return change


CREATED = str(int(datetime(2026, 11, 20, 12, 0, tzinfo=UTC).timestamp()))
SPOILT: list[tuple[str, Callable[[Request], Request]]] = [
    ("a bit flipped", flipped),
    ("another method", lambda r: dataclasses.replace(r, method="PUT")),
    ("another path", lambda r: dataclasses.replace(r, target="/groups/b/inbox?author=1")),
    ("another query", lambda r: dataclasses.replace(r, target="/groups/a/inbox?author=2")),
    ("no query", lambda r: dataclasses.replace(r, target="/groups/a/inbox")),
    ("absolute target", lambda r: dataclasses.replace(r, target=HERE + TARGET)),
    ("body swapped", lambda r: dataclasses.replace(r, body=b"{}")),
    ("body dropped", lambda r: dataclasses.replace(r, body=b"")),
    ("body and digest swapped", lambda r: dataclasses.replace(
        changed(r, content_digest=f"sha-256=:{digest_of(b'{}')}:"), body=b"{}")),
    ("digest dropped", lambda r: dataclasses.replace(r, headers=without(dict(r.headers), "content-digest"))),
    ("digest no longer covered", said(' "content-digest"', "")),
    ("younger", said(CREATED, str(int(CREATED) + 60))),
    ("keyid swapped", said(KEY_ID, "https://ours.example/groups/b#main-key")),
    ("alg dropped", said(';alg="rsa-v1_5-sha256"', "")),
    ("alg of another kind of key", said("rsa-v1_5-sha256", "ed25519")),
    ("alg hmac", said("rsa-v1_5-sha256", "hmac-sha256")),
    ("alg none", said("rsa-v1_5-sha256", "none")),
    ("alg of draft-cavage", said("rsa-v1_5-sha256", "rsa-sha256")),
    ("expires added", said(";created", ";expires=9999999999;created")),
    ("components in another order", said('"@method" "@target-uri"', '"@target-uri" "@method"')),
]  # fmt: skip


@pytest.mark.parametrize("spoil", [change for _, change in SPOILT], ids=[name for name, _ in SPOILT])
def test_nothing_that_was_signed_can_be_changed(
    spoil: Callable[[Request], Request], rsa_key: RSAPrivateKey, now: datetime
) -> None:
    with pytest.raises(Refused) as caught:
        verify(spoil(as_sent(rsa_key, now)), rsa_key.public_key(), now)
    assert caught.value.status == 401


def test_another_key_is_refused(
    rsa_key: RSAPrivateKey, other_rsa_key: RSAPrivateKey, ed25519_key: Ed25519PrivateKey, now: datetime
) -> None:
    for key in (other_rsa_key.public_key(), ed25519_key.public_key()):
        with pytest.raises(Refused):
            verify(as_sent(rsa_key, now), key, now)


@pytest.mark.parametrize("place", ["https://victim.example", "http://peer.example", "https://peer.example:8443"])
def test_a_request_for_another_origin_is_refused_whatever_host_it_names(
    place: str, rsa_key: RSAPrivateKey, now: datetime
) -> None:
    """What was sent to peer.example and is replayed elsewhere: Host and X-Forwarded-Host count for nothing."""
    for host in (place.partition("://")[2], "peer.example"):
        replayed = changed(as_sent(rsa_key, now), host=host, x_forwarded_host="peer.example")
        with pytest.raises(Refused, match="wrong"):
            verify(replayed, rsa_key.public_key(), now, own_origin=place)
    victim = {"@method": "POST", "@authority": "victim.example", "@path": "/inbox"}
    request = by_hand(rsa_key, now, {**victim, **FULL, "@target-uri": "https://victim.example/inbox"}, target="/inbox")
    with pytest.raises(Refused, match="wrong"):
        verify(changed(request, host="victim.example"), rsa_key.public_key(), now)


TOO_LITTLE: list[tuple[str, dict[str, str]]] = [
    ("nothing", {}),
    ("no method", without(FULL, "@method")),
    ("no target", without(FULL, "@target-uri")),
    ("authority alone", {**without(FULL, "@target-uri"), "@authority": "peer.example"}),
    ("path alone", {**without(FULL, "@target-uri"), "@path": "/groups/a/inbox"}),
    ("no query", {**without(FULL, "@target-uri"), "@authority": "peer.example", "@path": "/groups/a/inbox"}),
    ("no authority", {**without(FULL, "@target-uri"), "@path": "/groups/a/inbox", "@query": "?author=1"}),
    ("no digest", without(FULL, "content-digest")),
    ("digest header of draft-cavage", {**without(FULL, "content-digest"), "digest": "SHA-256=x"}),
]


@pytest.mark.parametrize("components", [c for _, c in TOO_LITTLE], ids=[name for name, _ in TOO_LITTLE])
def test_a_signature_on_too_little_is_refused(
    components: dict[str, str], rsa_key: RSAPrivateKey, now: datetime
) -> None:
    request = by_hand(rsa_key, now, components, digest="SHA-256=x")
    with pytest.raises(Refused, match="does not cover"):
        verify(request, rsa_key.public_key(), now)


def test_a_post_without_a_body_needs_a_digest_too(rsa_key: RSAPrivateKey, now: datetime) -> None:
    bare = without(FULL, "content-digest")
    with pytest.raises(Refused, match="content-digest"):
        verify(by_hand(rsa_key, now, bare, body=b""), rsa_key.public_key(), now)
    with pytest.raises(Refused, match="content-digest"):
        verify(by_hand(rsa_key, now, {**bare, "@method": "GET"}, method="GET"), rsa_key.public_key(), now)
    verify(by_hand(rsa_key, now, {**bare, "@method": "GET"}, method="GET", body=b""), rsa_key.public_key(), now)


STRONG, WEAK = f"sha-256=:{digest_of(BODY)}:", f"md5=:{digest_of(BODY, 'md5')}:"


@pytest.mark.parametrize(
    ("digest", "error"),
    [
        (f"sha-512=:{digest_of(BODY, 'sha512')}:", None),
        (f"{STRONG}, sha-512=:{digest_of(BODY, 'sha512')}:", None),
        (f"{WEAK}, {STRONG}", None),
        (WEAK, Refused),
        (f"sha=:{digest_of(BODY, 'sha1')}:", Refused),
        (f"{STRONG}, sha-512=:{digest_of(b'{}', 'sha512')}:", Refused),
        (f"sha-256=:{digest_of(b'{}')}:", Refused),
        ("sha-256=::", Refused),
        (f'sha-256="{digest_of(BODY)}"', Refused),
        ("sha-256=1", Refused),
        ("sha-256=(:AAAA:)", Refused),
        (f"SHA-256=:{digest_of(BODY)}:", Malformed),
        (f"SHA-256={digest_of(BODY)}", Malformed),
        (f"{STRONG}, {STRONG}", Malformed),
        ("sha-256=:A:", Malformed),
        ("sha-256", Malformed),
        ("", Malformed),
    ],
)
def test_every_digest_that_is_strong_has_to_be_right(
    digest: str, error: type[Exception] | None, rsa_key: RSAPrivateKey, now: datetime
) -> None:
    request = by_hand(rsa_key, now, {**FULL, "content-digest": digest}, content_digest=digest)
    if error is None:
        verify(request, rsa_key.public_key(), now)
    else:
        with pytest.raises(error):
            verify(request, rsa_key.public_key(), now)


@pytest.mark.parametrize(
    ("created", "expires", "holds"),
    [
        (timedelta(), None, True),
        (timedelta(minutes=-59), None, True),
        (timedelta(minutes=59), None, True),
        (timedelta(minutes=-61), None, False),
        (timedelta(minutes=61), None, False),
        (timedelta(days=-2), None, False),
        (timedelta(days=2), None, False),
        (timedelta(days=-2), timedelta(days=2), False),
        (timedelta(), timedelta(seconds=1), True),
        (timedelta(), timedelta(), False),
        (timedelta(minutes=-2), timedelta(minutes=-1), False),
    ],
)
def test_a_signature_holds_for_an_hour_and_no_longer_than_it_says(
    created: timedelta, expires: timedelta | None, holds: bool, rsa_key: RSAPrivateKey, now: datetime
) -> None:
    parameters = f';created={int((now + created).timestamp())};keyid="{KEY_ID}"'
    parameters += f";expires={int((now + expires).timestamp())}" if expires is not None else ""
    request = by_hand(rsa_key, now, FULL, parameters=parameters)
    if holds:
        verify(request, rsa_key.public_key(), now)
    else:
        with pytest.raises(Refused):
            verify(request, rsa_key.public_key(), now)


@pytest.mark.parametrize("target", [HERE + TARGET, "https://victim.example/inbox", "*", "inbox", ""])
def test_a_request_for_no_path_of_ours_is_refused(target: str, rsa_key: RSAPrivateKey, now: datetime) -> None:
    request = by_hand(rsa_key, now, {**FULL, "@target-uri": HERE + target}, target=target)
    with pytest.raises(Refused, match="path of ours"):
        verify(request, rsa_key.public_key(), now)


@pytest.mark.parametrize(
    "alg", ["ed25519", "hmac-sha256", "none", "rsa-pss-sha512", "rsa-v1_5-sha512", "rsa-sha256", "RSA-V1_5-SHA256", ""]
)
def test_alg_may_only_say_what_the_key_says(alg: str, rsa_key: RSAPrivateKey, now: datetime) -> None:
    """Signed as it has to be, under another name."""
    request = by_hand(rsa_key, now, FULL, parameters=f';created={{created}};keyid="{KEY_ID}";alg="{alg}"')
    with pytest.raises(Refused, match="algorithm"):
        verify(request, rsa_key.public_key(), now)


def test_an_hmac_made_with_the_public_key_is_refused(rsa_key: RSAPrivateKey, now: datetime) -> None:
    secret = keys.public_pem(rsa_key.public_key()).encode()
    for alg in (';alg="hmac-sha256"', ';alg="rsa-v1_5-sha256"', ""):
        request = by_hand(secret, now, FULL, parameters=f';created={{created}};keyid="{KEY_ID}"{alg}')
        with pytest.raises(Refused):
            verify(request, rsa_key.public_key(), now)
    oracle.algorithms.HMAC_SHA256(public_key=secret)  # which takes any bytes for a secret: why `alg` may not choose


def test_pss_and_sha512_are_no_substitute_for_what_the_key_is_for(rsa_key: RSAPrivateKey, now: datetime) -> None:
    request = by_hand(rsa_key, now, FULL)
    message = "\n".join(f'"{name}": {value}' for name, value in FULL.items())
    message += '\n"@signature-params": ' + request.headers["signature-input"].removeprefix("sig1=")
    pss = padding.PSS(padding.MGF1(hashes.SHA512()), 64)
    for scheme, digest in ((pss, hashes.SHA512()), (padding.PKCS1v15(), hashes.SHA512())):
        signature = base64.b64encode(rsa_key.sign(message.encode(), scheme, digest)).decode()
        with pytest.raises(Refused, match="wrong"):
            verify(changed(request, signature=f"sig1=:{signature}:"), rsa_key.public_key(), now)
