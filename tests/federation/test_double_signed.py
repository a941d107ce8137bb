"""Requests in both signature schemes at once, and which scheme judges what."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation.errors import Malformed, Refused
from federation.keys import PrivateKey, PublicKey
from federation.signatures import Request, cavage, rfc9421
from federation.verification import ActorKey, Verified, verify

HERE = "https://ours.example"
ALICE, MALLORY = "https://peer.example/users/alice", "https://peer.example/users/mallory"
RSA_ID, ED25519_ID = f"{ALICE}#main-key", f"{ALICE}#ed25519-key"
BODY = b'{"type":"Follow"}'


class Directory:
    """Knows keys with their owners, and counts how often it is asked; `fresh` are those it has on a second look."""

    def __init__(self, known: dict[str, tuple[str, PublicKey]], fresh: dict[str, tuple[str, PublicKey]] | None = None):
        self.known = known
        self.fresh = {**known, **(fresh or {})}
        self.asked: list[tuple[str, bool]] = []

    async def key(self, key_id: str, *, fresh: bool = False) -> ActorKey:
        self.asked.append((key_id, fresh))
        if key_id not in self.known:
            raise Refused("nobody has that key", status=401)
        return ActorKey(key_id, *(self.fresh if fresh else self.known)[key_id])


def old(key: PrivateKey, now: datetime, key_id: str = RSA_ID) -> dict[str, str]:
    return cavage.sign("POST", f"{HERE}/inbox", key_id=key_id, key=key, now=now, body=BODY)


def new(key: PrivateKey, now: datetime, key_id: str = RSA_ID) -> dict[str, str]:
    return rfc9421.sign("POST", f"{HERE}/inbox", key_id=key_id, key=key, now=now, body=BODY)


def request(*signed: dict[str, str], first: int = 0) -> Request:
    """One request with the headers of all; the signatures joined as two header lines are."""
    headers = {name.lower(): value for one in signed for name, value in one.items()}
    order = signed[first:] + signed[:first]
    headers["signature"] = ", ".join(one["Signature"] for one in order)
    return Request("POST", "/inbox", headers, BODY)


def damaged(headers: dict[str, str]) -> dict[str, str]:
    """Well-formed, and not what was signed."""
    signature = headers["Signature"]
    quote = signature.rindex('"' if signature.endswith('"') else ":", 0, -1) + 1
    return {
        **headers,
        "Signature": signature[:quote] + ("B" if signature[quote] == "A" else "A") + signature[quote + 1 :],
    }


async def check(received: Request, keys: Directory, now: datetime) -> Verified:
    return await verify(received, own_origin=HERE, keys=keys, now=now)


@pytest.fixture
def alice(rsa_key: RSAPrivateKey, ed25519_key: Ed25519PrivateKey) -> Directory:
    return Directory({RSA_ID: (ALICE, rsa_key.public_key()), ED25519_ID: (ALICE, ed25519_key.public_key())})


async def test_a_request_signed_after_the_standard_names_its_actor(
    alice: Directory, rsa_key: RSAPrivateKey, ed25519_key: Ed25519PrivateKey, now: datetime
) -> None:
    assert await check(request(new(rsa_key, now)), alice, now) == Verified(ALICE, RSA_ID)
    assert await check(request(new(ed25519_key, now, ED25519_ID)), alice, now) == Verified(ALICE, ED25519_ID)
    assert alice.asked == [(RSA_ID, False), (ED25519_ID, False)]


async def test_rotation_works_as_with_the_older_scheme(
    rsa_key: RSAPrivateKey, other_rsa_key: RSAPrivateKey, now: datetime
) -> None:
    keys = Directory({RSA_ID: (ALICE, rsa_key.public_key())}, {RSA_ID: (ALICE, other_rsa_key.public_key())})
    assert await check(request(new(other_rsa_key, now)), keys, now) == Verified(ALICE, RSA_ID)
    assert keys.asked == [(RSA_ID, False), (RSA_ID, True)]


@pytest.mark.parametrize("first", [0, 1])
async def test_of_two_signatures_either_suffices(
    first: int, alice: Directory, rsa_key: RSAPrivateKey, ed25519_key: Ed25519PrivateKey, now: datetime
) -> None:
    before, after = old(rsa_key, now), new(ed25519_key, now, ED25519_ID)
    assert await check(request(before, after, first=first), alice, now) == Verified(ALICE, ED25519_ID)
    assert await check(request(damaged(before), after, first=first), alice, now) == Verified(ALICE, ED25519_ID)
    assert await check(request(before, damaged(after), first=first), alice, now) == Verified(ALICE, RSA_ID)
    stale = new(ed25519_key, now - timedelta(hours=2), ED25519_ID)
    assert await check(request(before, stale, first=first), alice, now) == Verified(ALICE, RSA_ID)
    with pytest.raises(Refused):
        await check(request(damaged(before), damaged(after), first=first), alice, now)


async def test_two_signatures_by_one_key_ask_for_it_once(
    alice: Directory, rsa_key: RSAPrivateKey, now: datetime
) -> None:
    assert await check(request(old(rsa_key, now), new(rsa_key, now)), alice, now) == Verified(ALICE, RSA_ID)
    assert alice.asked == [(RSA_ID, False)]


@pytest.mark.parametrize("stale", [timedelta(), timedelta(days=2)])
async def test_two_signatures_by_two_actors_are_refused_even_if_both_hold(
    stale: timedelta, rsa_key: RSAPrivateKey, other_rsa_key: RSAPrivateKey, now: datetime
) -> None:
    theirs = f"{MALLORY}#main-key"
    keys = Directory({RSA_ID: (ALICE, rsa_key.public_key()), theirs: (MALLORY, other_rsa_key.public_key())})
    for received in (
        request(old(rsa_key, now - stale), new(other_rsa_key, now, theirs)),
        request(old(other_rsa_key, now, theirs), new(rsa_key, now - stale)),
    ):
        with pytest.raises(Refused, match="by two"):
            await check(received, keys, now)
    keys.asked.clear()
    with pytest.raises(Refused, match="by two"):
        await check(request(damaged(old(rsa_key, now)), damaged(new(other_rsa_key, now, theirs))), keys, now)
    assert sorted(keys.asked) == [(RSA_ID, False), (theirs, False)]


async def test_two_signatures_from_two_origins_are_refused_without_asking_anybody(
    alice: Directory, rsa_key: RSAPrivateKey, other_rsa_key: RSAPrivateKey, now: datetime
) -> None:
    stranger = new(other_rsa_key, now, "https://elsewhere.example/users/mallory#main-key")
    with pytest.raises(Refused, match="by two"):
        await check(request(old(rsa_key, now), stranger), alice, now)
    assert alice.asked == []


async def test_a_second_signature_by_nobody_is_refused(alice: Directory, rsa_key: RSAPrivateKey, now: datetime) -> None:
    with pytest.raises(Refused):
        await check(request(old(rsa_key, now), new(rsa_key, now, f"{ALICE}#no-key")), alice, now)


async def test_a_key_that_changes_hands_while_we_look_does_not_join_two_owners(
    rsa_key: RSAPrivateKey, other_rsa_key: RSAPrivateKey, ed25519_key: Ed25519PrivateKey, now: datetime
) -> None:
    keys = Directory(
        {RSA_ID: (ALICE, rsa_key.public_key()), ED25519_ID: (ALICE, ed25519_key.public_key())},
        {RSA_ID: (MALLORY, other_rsa_key.public_key())},
    )
    with pytest.raises(Refused, match="by two"):
        await check(request(old(other_rsa_key, now), damaged(new(ed25519_key, now, ED25519_ID))), keys, now)


async def test_signature_input_without_its_signature_is_not_judged_by_the_older_scheme(
    alice: Directory, rsa_key: RSAPrivateKey, now: datetime
) -> None:
    headers = {**old(rsa_key, now), "Signature-Input": new(rsa_key, now)["Signature-Input"]}
    with pytest.raises(Malformed):
        await check(request(headers), alice, now)
    assert alice.asked == []


SAID = f'sig1=("@method" "@target-uri" "content-digest");created=1795176000;keyid="{RSA_ID}"'


@pytest.mark.parametrize(
    ("header", "value", "error"),
    [
        ("signature-input", "", Malformed),
        ("signature-input", "sig1", Malformed),
        ("signature-input", 'sig1=("@method");created=1;created=2;keyid="x"', Malformed),
        ("signature-input", 'sig1=("@method")', Refused),
        ("signature-input", SAID + ';alg="hmac-sha256"', Refused),
        ("signature-input", SAID + ";expires=1", Refused),
        ("signature-input", SAID.replace("target-uri", "path"), Refused),
        ("signature-input", SAID.replace('"@method"', '"@method" "x-absent"'), Refused),
        ("signature-input", SAID.replace("created=1", "created=2"), Refused),
        ("signature", "", Refused),
        ("signature", "sig2=:AAAA:", Refused),
        ("signature", "sig1=:AAAA:, sig2=:AAAA:", Refused),
        ("signature", "sig1=:A:", Malformed),
        ("content-digest", "sha-256=::", Refused),
        ("content-digest", "sha-256=", Malformed),
    ],
)
async def test_rubbish_asks_nobody_for_a_key(
    header: str, value: str, error: type[Exception], alice: Directory, rsa_key: RSAPrivateKey, now: datetime
) -> None:
    good = request(new(rsa_key, now))
    spoilt = dataclasses.replace(good, headers={**good.headers, header: value})
    with pytest.raises(error):
        await check(spoilt, alice, now)
    assert alice.asked == []


@pytest.mark.parametrize(
    "key_id",
    ["alice", "file:///etc/passwd", "did:key:z6Mk", "https://a:b@peer.example/#k", "https://OURS.example:443/a#k",
     "http://ours.example/a#k", "https://peer.example/a b#k"],
)  # fmt: skip
async def test_an_odd_keyid_asks_nobody(key_id: str, alice: Directory, rsa_key: RSAPrivateKey, now: datetime) -> None:
    with pytest.raises(Refused, match="keyId"):
        await check(request(new(rsa_key, now, key_id)), alice, now)
    assert alice.asked == []


async def test_a_bad_signature_asks_for_a_fresh_key_once(
    alice: Directory, rsa_key: RSAPrivateKey, now: datetime
) -> None:
    with pytest.raises(Refused):
        await check(request(damaged(new(rsa_key, now))), alice, now)
    assert alice.asked == [(RSA_ID, False), (RSA_ID, True)]
