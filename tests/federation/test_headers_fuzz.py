"""Any text at all in a header, a key or a handle is read or refused: nothing else comes of it, and it takes no time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation import discovery, keys, origin, synchronisation
from federation.errors import Malformed, Refused
from federation.signatures import Request, cavage, proofs, rfc9421, structured_fields
from schemas.reading import loads
from tests.amounts import SOAKED, many

pytestmark = SOAKED

PIECES = st.sampled_from([
    'keyId="', "keyId=", 'signature="', 'algorithm="hs2019"', 'headers="(request-target) host date digest"', '"', ",", ";", "=",
    "(created)", "created=1", "expires=", "99999999999999999999", "-1", "sig1=", "sig1=(", '"@method"', '"@authority"', ")", ":AA==:",
    ":", "SHA-256=", "sha-256=:", "collectionId=", 'url="', 'digest="', "https://a.example/u#k", "@", "acct:", "a@b.example", "%00",
    "\\", "\t", " ", "\x00", "\u202e", "\ud800", "z6Mk", "-----BEGIN PUBLIC KEY-----\n", "-----END PUBLIC KEY-----", "MIIB", "[", "]", "::1",
])  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=6), max_size=14).map("".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from([
            "proof", "type", "cryptosuite", "verificationMethod", "proofPurpose", "created", "expires", "proofValue", "@context",
        ]),
        inner,
        max_size=8,
    ),
    max_leaves=12,
)  # fmt: skip
PUBLIC_KEY = keys.make_ed25519().public_key()
READERS: dict[str, Callable[[str], object]] = {
    "the older signature": cavage.parse,
    "the newer signature": lambda text: rfc9421.parse(text, text),
    "two kinds of signature": rfc9421.apart,
    "structured fields": lambda text: structured_fields.dictionary(text, "x"),
    "who follows": synchronisation.parse,
    "a handle": discovery.parse_handle,
    "an origin": origin.origin,
    "an RSA key": keys.read_public,
    "an Ed25519 key": keys.from_multibase,
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@settings(max_examples=many(60), derandomize=True, deadline=None, database=None)
@given(text=TEXTS)
def test_a_text_is_read_or_refused(reader: Callable[[str], object], text: str) -> None:
    with contextlib.suppress(Malformed, Refused):
        reader(text)


OLDER = 'keyId="https://a.example/u#k",algorithm="hs2019",headers="(request-target) host date digest",signature="AAAA"'
NEWER = 'sig1=("@method" "@target-uri" "content-digest");created=1795305600;keyid="https://a.example/u#k"'


@settings(max_examples=many(80), derandomize=True, deadline=None, database=None)
@given(
    older=st.just(OLDER) | TEXTS, newer=st.just(NEWER) | TEXTS, signature=st.just("sig1=:AAAA:") | TEXTS, digest=TEXTS,
    date=st.just("Sun, 22 Nov 2026 00:00:00 GMT") | TEXTS, host=st.just("a.example") | TEXTS, body=st.binary(max_size=20),
)  # fmt: skip
def test_whatever_is_claimed_nobody_who_has_not_signed_is_believed(
    older: str, newer: str, signature: str, digest: str, date: str, host: str, body: bytes
) -> None:
    headers = {"signature": signature, "signature-input": newer, "digest": digest, "content-digest": digest}
    request = Request("POST", "/inbox", headers | {"date": date, "host": host}, body)
    now = datetime(2026, 11, 22, tzinfo=UTC)
    with pytest.raises((Malformed, Refused)):
        cavage.verify(request, cavage.parse(older), PUBLIC_KEY, host="a.example", now=now)
    with pytest.raises((Malformed, Refused)):
        rfc9421.verify(request, rfc9421.parse(newer, signature), PUBLIC_KEY, own_origin="https://a.example", now=now)


@settings(max_examples=many(80), derandomize=True, deadline=None, database=None)
@given(document=st.dictionaries(st.sampled_from(["id", "proof", "@context", "x"]), VALUES))
def test_no_proof_but_a_true_one_holds(document: dict[str, Any]) -> None:
    if proofs.verification_method(document) is None:
        return
    with pytest.raises((Malformed, Refused)):
        proofs.check(document, PUBLIC_KEY, now=datetime(2026, 11, 22, tzinfo=UTC))


@settings(max_examples=many(100), derandomize=True, deadline=None, database=None)
@given(raw=st.one_of(st.binary(max_size=60), st.lists(st.sampled_from([
    b"{", b"}", b"[", b"]", b'"', b":", b",", b'"a"', b'"\\u0000"', b"1", b"-", b"1e999", b"NaN", b"\xff", b"\xed\xa0\x80", b"\\",
    b"9" * 40, b"null", b" ", b"\x00", b'"\\ud800"', b"{" * 70,
]), max_size=25).map(b"".join)))  # fmt: skip
def test_bytes_are_a_document_or_malformed(raw: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(loads(raw), dict)
