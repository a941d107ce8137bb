"""Our draft-cavage against the independent implementation (httpsig), and against what attackers send."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime

import httpsig
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation import keys
from federation.errors import Malformed, Refused
from federation.signatures import Request, cavage

URL = "https://peer.example/groups/a/inbox?author=1"
KEY_ID = "https://ours.example/actor#main-key"
BODY = b'{"type":"Follow"}'
TARGET = "/groups/a/inbox?author=1"

Sign = Callable[..., Request]


@pytest.fixture
def signed(rsa_key: RSAPrivateKey, now: datetime) -> Sign:
    """A request as our own client would send it, `changes` made after it was signed."""

    def make(*, method: str = "POST", body: bytes | None = BODY, url: str = URL, key: object = None) -> Request:
        headers = cavage.sign(method, url, key_id=KEY_ID, key=key or rsa_key, now=now, body=body)  # type: ignore[arg-type]
        lower = {name.lower(): value for name, value in headers.items()}
        return Request(method, TARGET, lower, body or b"")

    return make


def verify(request: Request, key: keys.PublicKey, now: datetime, **more: timedelta) -> None:
    header = cavage.parse(request.headers["signature"])
    cavage.verify(request, header, key, host="peer.example", now=now, **more)


def changed(request: Request, **headers: str) -> Request:
    return dataclasses.replace(request, headers={**request.headers, **headers})


def hand_signed(
    key: RSAPrivateKey, now: datetime, covered: list[str], *, algorithm: str = "", **params: str
) -> Request:
    """A request signed over just `covered`, with whatever else `params` adds to the Signature header."""
    headers = {
        "date": format_datetime(now, usegmt=True),
        "digest": params.pop("digest", "SHA-256=" + base64.b64encode(hashlib.sha256(BODY).digest()).decode()),
        "host": params.pop("host", "peer.example"),
    }
    values = {**headers, "(request-target)": f"post {TARGET}", "(created)": params.get("created", ""), "x-absent": ""}
    message = "\n".join(f"{name}: {values[name]}" for name in covered)
    signature = base64.b64encode(key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    parts = [f'keyId="{KEY_ID}"', f'headers="{" ".join(covered)}"', f'signature="{signature}"']
    parts += [f'algorithm="{algorithm}"'] if algorithm else []
    parts += [f"{name}={value}" for name, value in params.items()]
    return Request("POST", TARGET, {**headers, "signature": ",".join(parts)}, BODY)


def flipped(header: str) -> str:
    start, _, signature = header.rpartition('signature="')
    return f'{start}signature="{"B" if signature[0] == "A" else "A"}{signature[1:]}'


def renamed(request: Request, old: str, new: str) -> Request:
    return changed(request, signature=request.headers["signature"].replace(old, new))


ANOTHER_DIGEST = "SHA-256=" + base64.b64encode(hashlib.sha256(b"{}").digest()).decode()
FULL = ["(request-target)", "host", "date", "digest"]


def test_what_we_sign_we_verify(
    signed: Sign, rsa_key: RSAPrivateKey, ed25519_key: Ed25519PrivateKey, now: datetime
) -> None:
    verify(signed(), rsa_key.public_key(), now)
    verify(signed(method="GET", body=None), rsa_key.public_key(), now)
    verify(signed(body=b""), rsa_key.public_key(), now)
    verify(signed(key=ed25519_key), ed25519_key.public_key(), now)


def test_httpsig_accepts_what_we_sign(signed: Sign, rsa_key: RSAPrivateKey) -> None:
    request = signed()
    verifier = httpsig.HeaderVerifier(
        dict(request.headers),
        keys.public_pem(rsa_key.public_key()),
        required_headers=FULL,
        method="POST",
        path=TARGET,
        sign_header="signature",
    )
    assert verifier.verify()


def test_we_accept_what_httpsig_signs(rsa_key: RSAPrivateKey, now: datetime) -> None:
    digest = "SHA-256=" + base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    sent = {"host": "peer.example", "date": format_datetime(now, usegmt=True), "digest": digest}
    secret = keys.private_pem(rsa_key)
    signer = httpsig.HeaderSigner(KEY_ID, secret, algorithm="rsa-sha256", headers=FULL, sign_header="signature")
    headers = dict(signer.sign(sent, method="POST", path=TARGET))
    verify(Request("POST", TARGET, headers, BODY), rsa_key.public_key(), now)


def test_an_hmac_made_with_the_public_key_is_refused_although_httpsig_accepts_it(
    rsa_key: RSAPrivateKey, now: datetime
) -> None:
    public = keys.public_pem(rsa_key.public_key())
    request = hand_signed(rsa_key, now, FULL)
    message = "\n".join(
        [f"(request-target): post {TARGET}", *(f"{name}: {request.headers[name]}" for name in FULL[1:])]
    )
    mac = base64.b64encode(hmac.new(public.encode(), message.encode(), hashlib.sha256).digest()).decode()
    forged = changed(
        request,
        signature=f'keyId="{KEY_ID}",algorithm="hmac-sha256",headers="{" ".join(FULL)}",signature="{mac}"',
    )
    oracle = httpsig.HeaderVerifier(
        dict(forged.headers), public, required_headers=FULL, method="POST", path=TARGET, sign_header="signature"
    )
    assert oracle.verify(), "httpsig believes the request's own algorithm"
    with pytest.raises(Refused, match="algorithm") as caught:
        verify(forged, rsa_key.public_key(), now)
    assert caught.value.status == 401
    for name in ("rsa-sha256", "hs2019"):
        renamed = changed(forged, signature=forged.headers["signature"].replace("hmac-sha256", name))
        with pytest.raises(Refused, match="signature is wrong"):
            verify(renamed, rsa_key.public_key(), now)


def test_the_headers_we_sign_are_those_that_everybody_accepts(signed: Sign, now: datetime) -> None:
    headers = signed().headers
    assert headers["date"] == "Fri, 20 Nov 2026 12:00:00 GMT"
    assert headers["host"] == "peer.example"
    header = cavage.parse(headers["signature"])
    assert header.covered == ("(request-target)", "host", "date", "digest")
    assert header.algorithm == "rsa-sha256"
    assert cavage.parse(signed(method="GET", body=None).headers["signature"]).covered == tuple(FULL[:3])


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Peer.example:443/x", "peer.example"),
        ("http://peer.example:80/x", "peer.example"),
        ("https://peer.example:8443", "peer.example:8443"),
        ("http://[::1]:80/x", "[::1]"),
    ],
)
def test_the_host_is_signed_as_it_is_sent(url: str, host: str, rsa_key: RSAPrivateKey, now: datetime) -> None:
    assert cavage.sign("GET", url, key_id=KEY_ID, key=rsa_key, now=now)["Host"] == host


TAMPERINGS: list[tuple[str, Callable[[Request], Request]]] = [
    ("a bit flipped", lambda r: changed(r, signature=flipped(r.headers["signature"]))),
    ("signature longer", lambda r: renamed(r, 'signature="', 'signature="AAAA')),
    ("body swapped", lambda r: dataclasses.replace(r, body=b"{}")),
    ("body and digest swapped", lambda r: changed(dataclasses.replace(r, body=b"{}"), digest=ANOTHER_DIGEST)),
    ("digest of the wrong kind", lambda r: changed(r, digest=r.headers["digest"].replace("SHA-256", "MD5"))),
    ("digest unreadable", lambda r: changed(r, digest="SHA-256")),
    ("digest removed", lambda r: dataclasses.replace(r, headers={k: v for k, v in r.headers.items() if k != "digest"})),
    ("two digests, one wrong", lambda r: changed(r, digest=f"{r.headers['digest']},{ANOTHER_DIGEST}")),
    ("another path", lambda r: dataclasses.replace(r, target="/groups/b/inbox?author=1")),
    ("another query", lambda r: dataclasses.replace(r, target="/groups/a/inbox?author=2")),
    ("another method", lambda r: dataclasses.replace(r, method="PUT")),
    ("another host", lambda r: changed(r, host="victim.example")),
    ("two hosts", lambda r: changed(r, host="peer.example, victim.example")),
    ("date changed a little", lambda r: changed(r, date="Fri, 20 Nov 2026 12:00:01 GMT")),
    ("date removed", lambda r: dataclasses.replace(r, headers={k: v for k, v in r.headers.items() if k != "date"})),
    ("date unreadable", lambda r: changed(r, date="yesterday")),
    ("algorithm none", lambda r: renamed(r, "rsa-sha256", "none")),
    ("algorithm SHA-1", lambda r: renamed(r, "rsa-sha256", "rsa-sha1")),
    ("algorithm MD5", lambda r: renamed(r, "rsa-sha256", "rsa-md5")),
    ("algorithm of another key", lambda r: renamed(r, "rsa-sha256", "ed25519")),
]  # fmt: skip


@pytest.mark.parametrize("tamper", [change for _, change in TAMPERINGS], ids=[name for name, _ in TAMPERINGS])
def test_a_request_that_was_touched_is_refused(
    tamper: Callable[[Request], Request], signed: Sign, rsa_key: RSAPrivateKey, now: datetime
) -> None:
    with pytest.raises(Refused) as caught:
        verify(tamper(signed()), rsa_key.public_key(), now)
    assert caught.value.status == 401


@pytest.mark.parametrize(
    "covered",
    [FULL[1:], ["(request-target)", "date", "digest"], ["(request-target)", "host", "digest"], FULL[:3], ["date"]],
)
def test_what_has_to_be_covered_is_covered_or_refused(
    covered: list[str], rsa_key: RSAPrivateKey, now: datetime
) -> None:
    with pytest.raises(Refused, match="cover"):
        verify(hand_signed(rsa_key, now, covered), rsa_key.public_key(), now)


def test_the_wrong_key_is_refused(signed: Sign, other_rsa_key: RSAPrivateKey, now: datetime) -> None:
    with pytest.raises(Refused, match="signature is wrong"):
        verify(signed(), other_rsa_key.public_key(), now)


def test_a_key_of_another_kind_is_refused(signed: Sign, ed25519_key: Ed25519PrivateKey, now: datetime) -> None:
    with pytest.raises(Refused, match="does not fit the key"):
        verify(signed(), ed25519_key.public_key(), now)


@pytest.mark.parametrize("algorithm", ["", "rsa-sha256", "hs2019", "RSA-SHA256"])
def test_the_names_that_peers_give_to_rsa_are_accepted(algorithm: str, rsa_key: RSAPrivateKey, now: datetime) -> None:
    verify(hand_signed(rsa_key, now, FULL, algorithm=algorithm), rsa_key.public_key(), now)


def test_the_order_of_the_covered_headers_is_the_senders(rsa_key: RSAPrivateKey, now: datetime) -> None:
    # snac signs the digest before the date.
    verify(hand_signed(rsa_key, now, ["(request-target)", "host", "digest", "date"]), rsa_key.public_key(), now)


@pytest.mark.parametrize("hours", [-48, -1.1, 1.1, 48])
def test_a_date_outside_the_window_is_refused(
    hours: float, signed: Sign, rsa_key: RSAPrivateKey, now: datetime
) -> None:
    with pytest.raises(Refused, match="too far"):
        verify(signed(), rsa_key.public_key(), now + timedelta(hours=hours))


def test_the_window_is_the_callers(signed: Sign, rsa_key: RSAPrivateKey, now: datetime) -> None:
    later = now + timedelta(minutes=2)
    verify(signed(), rsa_key.public_key(), later)
    with pytest.raises(Refused):
        verify(signed(), rsa_key.public_key(), later, window=timedelta(minutes=1))


def test_created_and_expires_stand_in_for_a_date(rsa_key: RSAPrivateKey, now: datetime) -> None:
    covered = ["(request-target)", "host", "(created)", "digest"]
    stamp = int(now.timestamp())
    good = hand_signed(rsa_key, now, covered, algorithm="hs2019", created=str(stamp), expires=str(stamp + 60))
    verify(good, rsa_key.public_key(), now)
    with pytest.raises(Refused, match="expired"):
        verify(good, rsa_key.public_key(), now + timedelta(seconds=61))
    with pytest.raises(Refused, match="not for this algorithm"):
        verify(
            hand_signed(rsa_key, now, covered, algorithm="rsa-sha256", created=str(stamp)), rsa_key.public_key(), now
        )
    with pytest.raises(Refused, match="too far"):
        verify(hand_signed(rsa_key, now, covered, created=str(stamp - 7200)), rsa_key.public_key(), now)
    with pytest.raises(Refused, match="no date"):
        verify(hand_signed(rsa_key, now, covered), rsa_key.public_key(), now)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        'keyId="x"',
        'signature="AAAA"',
        'keyId="",signature="AAAA"',
        'keyId="a",keyId="b",signature="AAAA",headers="date"',
        'keyId="a",signature="not base64!",headers="date"',
        'keyId="a",signature="AAAA",headers=""',
        'keyId="a",signature="AAAA",headers="date date"',
        'keyId="a",signature="AAAA",headers="(unknown)"',
        'keyId="a",signature="AAAA",headers="date\tx"',
        'keyId="a",signature="AAAA",headers="' + " ".join(f"h{number}" for number in range(40)) + '"',
        'keyId="a",signature="AAAA",created=99999999999999999999',
        'keyId="a',
        'keyId="a";signature="AAAA"',
        "sig1=:AAAA:",
        'Signature keyId="a",signature="AAAA"',
        "keyId=" + '"' + "a" * 10_000 + '"',
        "," * 5000,
        'keyId="https://peer.example/' + "a" * 10_000 + '",signature="AAAA",headers="date"',
    ],
)
def test_an_unreadable_signature_header_is_malformed(header: str) -> None:
    with pytest.raises(Malformed):
        cavage.parse(header)


def test_only_a_strong_digest_counts(rsa_key: RSAPrivateKey, now: datetime) -> None:
    md5 = "MD5=" + base64.b64encode(hashlib.md5(BODY).digest()).decode()
    sha512 = "sha-512=" + base64.b64encode(hashlib.sha512(BODY).digest()).decode()
    verify(hand_signed(rsa_key, now, FULL, digest=sha512), rsa_key.public_key(), now)
    verify(hand_signed(rsa_key, now, FULL, digest=f"{md5},{sha512}"), rsa_key.public_key(), now)
    for weak in (md5, "", "SHA-256", ANOTHER_DIGEST, f"{sha512},{ANOTHER_DIGEST}"):
        with pytest.raises(Refused, match=r"[dD]igest"):
            verify(hand_signed(rsa_key, now, FULL, digest=weak), rsa_key.public_key(), now)


def test_our_own_host_may_be_written_with_its_usual_port(rsa_key: RSAPrivateKey, now: datetime) -> None:
    for host in ("Peer.Example", "peer.example:443", "peer.example:80"):
        verify(hand_signed(rsa_key, now, FULL, host=host), rsa_key.public_key(), now)
    for host in ("peer.example:8443", "peer.example.", "xpeer.example", ""):
        with pytest.raises(Refused, match="another host"):
            verify(hand_signed(rsa_key, now, FULL, host=host), rsa_key.public_key(), now)


def test_what_is_covered_has_to_be_there(rsa_key: RSAPrivateKey, now: datetime) -> None:
    with pytest.raises(Refused, match="x-absent, which was not sent"):
        verify(hand_signed(rsa_key, now, [*FULL, "x-absent"]), rsa_key.public_key(), now)
    with pytest.raises(Refused, match="does not give it"):
        verify(hand_signed(rsa_key, now, [*FULL, "(created)"]), rsa_key.public_key(), now)
    created_but_not_covered = hand_signed(
        rsa_key, now, ["(request-target)", "host", "digest"], created=str(int(now.timestamp()))
    )
    with pytest.raises(Refused, match="no date"):
        verify(created_but_not_covered, rsa_key.public_key(), now)


def test_a_wrong_ed25519_signature_is_refused(signed: Sign, ed25519_key: Ed25519PrivateKey, now: datetime) -> None:
    with pytest.raises(Refused, match="signature is wrong"):
        verify(signed(key=keys.make_ed25519()), ed25519_key.public_key(), now)


def test_an_empty_body_needs_a_digest_too(rsa_key: RSAPrivateKey, signed: Sign, now: datetime) -> None:
    with pytest.raises(Refused, match="digest"):
        verify(signed(method="POST", body=None), rsa_key.public_key(), now)
    with pytest.raises(Refused, match="digest"):
        verify(dataclasses.replace(signed(method="GET", body=None), body=b"{}"), rsa_key.public_key(), now)


def test_headers_that_are_not_utf8_do_not_break_the_check(signed: Sign, rsa_key: RSAPrivateKey, now: datetime) -> None:
    odd = changed(
        signed(), **{"x-odd": "\udcff", "signature": signed().headers["signature"].replace(" date", " date x-odd")}
    )
    with pytest.raises(Refused, match="signature is wrong"):
        verify(odd, rsa_key.public_key(), now)
