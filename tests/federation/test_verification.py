"""An incoming request, with a directory of keys that counts how often it is asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation.errors import Gone, Malformed, Refused, Unreachable
from federation.keys import PublicKey, make_ed25519
from federation.signatures import Request, cavage
from federation.verification import ActorKey, Verified, verify

ALICE = "https://peer.example/users/alice"
KEY_ID = f"{ALICE}#main-key"
BODY = b'{"type":"Follow"}'


class Directory:
    """Knows one key, and its server knows another, or fails."""

    def __init__(self, known: PublicKey, current: PublicKey | None = None, error: Exception | None = None) -> None:
        self.known = known
        self.current = current or known
        self.error = error
        self.asked: list[bool] = []

    async def key(self, key_id: str, *, fresh: bool = False) -> ActorKey:
        self.asked.append(fresh)
        if self.error is not None:
            raise self.error
        return ActorKey(key_id, ALICE, self.current if fresh else self.known)


@pytest.fixture
def request_by(now: datetime) -> Callable[..., Request]:
    def make(key: RSAPrivateKey, *, key_id: str = KEY_ID, method: str = "POST") -> Request:
        body = BODY if method == "POST" else None
        headers = cavage.sign(method, "https://ours.example/inbox", key_id=key_id, key=key, now=now, body=body)
        return Request(method, "/inbox", {name.lower(): value for name, value in headers.items()}, body or b"")

    return make


Make = Callable[..., Request]


async def check(request: Request, keys: Directory, now: datetime) -> Verified:
    return await verify(request, own_origin="https://ours.example", keys=keys, now=now)


async def test_a_signed_request_names_its_actor(request_by: Make, rsa_key: RSAPrivateKey, now: datetime) -> None:
    keys = Directory(rsa_key.public_key())
    assert await check(request_by(rsa_key), keys, now) == Verified(ALICE, KEY_ID)
    assert await check(request_by(rsa_key, method="GET"), keys, now) == Verified(ALICE, KEY_ID)
    assert keys.asked == [False, False]


async def test_a_rotated_key_is_asked_for_once_and_the_old_one_is_refused(
    request_by: Make, rsa_key: RSAPrivateKey, other_rsa_key: RSAPrivateKey, now: datetime
) -> None:
    keys = Directory(rsa_key.public_key(), other_rsa_key.public_key())
    assert await check(request_by(other_rsa_key), keys, now) == Verified(ALICE, KEY_ID)
    assert keys.asked == [False, True]
    keys = Directory(other_rsa_key.public_key())
    with pytest.raises(Refused):
        await check(request_by(rsa_key), keys, now)
    assert keys.asked == [False, True]


async def test_a_signature_that_fits_neither_the_old_nor_the_new_key_is_refused(
    request_by: Make, rsa_key: RSAPrivateKey, other_rsa_key: RSAPrivateKey, now: datetime
) -> None:
    keys = Directory(other_rsa_key.public_key(), make_ed25519().public_key())
    with pytest.raises(Refused) as caught:
        await check(request_by(rsa_key), keys, now)
    assert caught.value.status == 401
    assert keys.asked == [False, True]


def without(request: Request, *names: str) -> Request:
    return dataclasses.replace(request, headers={k: v for k, v in request.headers.items() if k not in names})


def with_headers(request: Request, **headers: str) -> Request:
    return dataclasses.replace(request, headers={**request.headers, **headers})


def rekeyed(request: Request, key_id: str) -> Request:
    return with_headers(request, signature=request.headers["signature"].replace(KEY_ID, key_id))


RUBBISH: list[tuple[str, Callable[[Request], Request]]] = [
    ("unsigned", lambda r: without(r, "signature")),
    ("signature empty", lambda r: with_headers(r, signature="")),
    ("RFC 9421 only", lambda r: with_headers(r, **{"signature": "sig1=:AAAA:", "signature-input": 'sig1=("@method")'})),
    ("no date", lambda r: without(r, "date")),
    ("no digest", lambda r: without(r, "digest")),
    ("body swapped", lambda r: dataclasses.replace(r, body=b"{}")),
    ("another host", lambda r: with_headers(r, host="victim.example")),
    ("old", lambda r: with_headers(r, date="Wed, 18 Nov 2026 12:00:00 GMT")),
    ("hmac", lambda r: with_headers(r, signature=r.headers["signature"].replace("rsa-sha256", "hmac-sha256"))),
    ("few headers", lambda r: with_headers(r, signature=r.headers["signature"].replace("host date digest", "date"))),
    ("keyId no address", lambda r: rekeyed(r, "alice")),
    ("keyId a file", lambda r: rekeyed(r, "file:///etc/passwd")),
    ("keyId a did", lambda r: rekeyed(r, "did:key:z6Mk")),
    ("keyId with a password", lambda r: rekeyed(r, "https://a:b@peer.example/#main-key")),
    ("keyId of ours", lambda r: rekeyed(r, "https://ours.example/groups/a#main-key")),
    ("keyId of ours with a port", lambda r: rekeyed(r, "https://OURS.example:443/groups/a#main-key")),
]  # fmt: skip


@pytest.mark.parametrize("spoil", [change for _, change in RUBBISH], ids=[name for name, _ in RUBBISH])
async def test_rubbish_is_refused_before_anybody_is_asked_for_a_key(
    spoil: Callable[[Request], Request], request_by: Make, rsa_key: RSAPrivateKey, now: datetime
) -> None:
    keys = Directory(rsa_key.public_key())
    with pytest.raises(Refused) as caught:
        await check(spoil(request_by(rsa_key)), keys, now)
    assert caught.value.status == 401
    assert keys.asked == []


async def test_a_malformed_header_is_malformed_and_asks_nobody(
    request_by: Make, rsa_key: RSAPrivateKey, now: datetime
) -> None:
    keys = Directory(rsa_key.public_key())
    with pytest.raises(Malformed):
        await check(with_headers(request_by(rsa_key), signature="nonsense"), keys, now)
    assert keys.asked == []


@pytest.mark.parametrize(
    ("error", "expected", "status"),
    [
        (Refused("the server refuses", status=403), Refused, 401),
        (Malformed("publicKeyPem", "is not a key"), Refused, 401),
        (Gone("the account is deleted"), Gone, 410),
        (Unreachable("the server is down"), Unreachable, None),
    ],
)
async def test_a_key_that_cannot_be_had_says_what_to_do(
    error: Exception,
    expected: type[Exception],
    status: int | None,
    request_by: Make,
    rsa_key: RSAPrivateKey,
    now: datetime,
) -> None:
    with pytest.raises(expected) as caught:
        await check(request_by(rsa_key), Directory(rsa_key.public_key(), error=error), now)
    assert type(caught.value) is expected
    assert getattr(caught.value, "status", None) == status


async def test_each_bad_signature_asks_for_a_fresh_key_at_most_once(
    request_by: Make, rsa_key: RSAPrivateKey, other_rsa_key: RSAPrivateKey, now: datetime
) -> None:
    keys = Directory(rsa_key.public_key())
    for _ in range(5):
        with pytest.raises(Refused):
            await check(request_by(other_rsa_key), keys, now)
    assert keys.asked == [False, True] * 5
