"""RFC 9421: the vectors of the RFC, and the independent implementation (http-message-signatures) in both directions."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import http_message_signatures as oracle
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation import keys
from federation.errors import Refused
from federation.signatures import Request, rfc9421
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
)


def test_what_we_sign_we_verify(rsa_key: RSAPrivateKey, ed25519_key: Ed25519PrivateKey, now: datetime) -> None:
    verify(as_sent(rsa_key, now), rsa_key.public_key(), now)
    verify(as_sent(rsa_key, now, method="GET", body=None), rsa_key.public_key(), now)
    verify(as_sent(rsa_key, now, body=b""), rsa_key.public_key(), now)
    verify(as_sent(ed25519_key, now), ed25519_key.public_key(), now)
    verify(as_sent(rsa_key, now, target="/"), rsa_key.public_key(), now)


def test_we_send_the_shape_that_mastodon_and_fedify_ask_for(rsa_key: RSAPrivateKey, now: datetime) -> None:
    headers = as_sent(rsa_key, now).headers
    created = int(now.timestamp())
    assert headers["signature-input"] == (
        f'sig1=("@method" "@target-uri" "content-digest");created={created};keyid="{KEY_ID}";alg="rsa-v1_5-sha256"'
    )
    assert headers["content-digest"] == f"sha-256=:{digest_of(BODY)}:"
    assert "content-digest" in as_sent(rsa_key, now, body=b"").headers
    assert "content-digest" not in as_sent(rsa_key, now, method="GET", body=None).headers


def test_our_signature_is_that_of_the_base_written_by_hand(rsa_key: RSAPrivateKey, now: datetime) -> None:
    # RSASSA-PKCS1-v1_5 is deterministic: equal bases have equal signatures.
    alg = f';created={{created}};keyid="{KEY_ID}";alg="rsa-v1_5-sha256"'
    assert (
        as_sent(rsa_key, now).headers["signature"] == by_hand(rsa_key, now, FULL, parameters=alg).headers["signature"]
    )


VECTOR_BODY = b'{"hello": "world"}'
VECTOR_HEADERS = {
    "host": "example.com",
    "date": "Tue, 20 Apr 2021 02:07:55 GMT",
    "content-type": "application/json",
    "content-length": "18",
    "content-digest": (
        "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"
    ),
}
TEST_KEY_ED25519 = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----"""
TEST_KEY_RSA = b"""-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAhAKYdtoeoy8zcAcR874L8cnZxKzAGwd7v36APp7Pv6Q2jdsPBRrw
WEBnez6d0UDKDwGbc6nxfEXAy5mbhgajzrw3MOEt8uA5txSKobBpKDeBLOsdJKFq
MGmXCQvEG7YemcxDTRPxAleIAgYYRjTSd/QBwVW9OwNFhekro3RtlinV0a75jfZg
kne/YiktSvLG34lw2zqXBDTC5NHROUqGTlML4PlNZS5Ri2U4aCNx2rUPRcKIlE0P
uKxI4T+HIaFpv8+rdV6eUgOrB2xeI1dSFFn/nnv5OoZJEIB+VmuKn3DCUcCZSFlQ
PSXSfBDiUGhwOw76WuSSsf1D4b/vLoJ10wIDAQAB
-----END RSA PUBLIC KEY-----"""


def test_the_ed25519_vector_of_the_rfc_is_a_good_signature_on_too_little() -> None:
    """RFC 9421 B.2.6, with the key of B.1.4."""
    headers = {
        **VECTOR_HEADERS,
        "signature-input": (
            'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")'
            ';created=1618884473;keyid="test-key-ed25519"'
        ),
        "signature": (
            "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:"
        ),
    }
    request = Request("POST", "/foo?param=Value&Pet=dog", headers, VECTOR_BODY)
    key = keys.read_public(TEST_KEY_ED25519)
    signature = rfc9421.parse(headers["signature-input"], headers["signature"])
    rfc9421.check_signature(request, signature, key, own_origin="https://example.com")
    with pytest.raises(Refused, match="wrong"):
        later = changed(request, date="Tue, 20 Apr 2021 02:07:56 GMT")
        rfc9421.check_signature(later, signature, key, own_origin="https://example.com")
    with pytest.raises(Refused, match="does not cover"):
        verify(request, key, datetime.fromtimestamp(1618884474, UTC), own_origin="https://example.com")


def proxied(target: str) -> Request:
    """RFC 9421 §4.3: the signature of the proxy, rsa-v1_5-sha256 with the key of B.1.1."""
    headers = {
        **VECTOR_HEADERS,
        "forwarded": "for=192.0.2.123;host=example.com;proto=https",
        "signature-input": (
            'proxy_sig=("@method" "@authority" "@path" "content-digest" "content-type" "content-length" "forwarded")'
            ';created=1618884480;keyid="test-key-rsa";alg="rsa-v1_5-sha256";expires=1618884540'
        ),
        "signature": (
            "proxy_sig=:S6ZzPXSdAMOPjN/6KXfXWNO/f7V6cHm7BXYUh3YD/fRad4BCaRZxP+JH+8XY1I6+8Cy+CM5g92iHgxtRPz+MjniOaYmdkDc"
            "nL9cCpXJleXsOckpURl49GwiyUpZ10KHgOEe11sx3G2gxI8S0jnxQB+Pu68U9vVcasqOWAEObtNKKZd8tSFu7LB5YAv0RAGhB8tmpv7sFn"
            "Im9y+7X5kXQfi8NMaZaA8i2ZHwpBdg7a6CMfwnnrtflzvZdXAsD3LH2TwevU+/PBPv0B6NMNk93wUs/vfJvye+YuI87HU38lZHowtznbLV"
            "dp770I6VHR6WfgS9ddzirrswsE1w5o0LV/g==:"
        ),
    }
    return Request("POST", target, headers, VECTOR_BODY)


@pytest.mark.parametrize(
    ("target", "seconds", "refusal"),
    [
        ("/foo", 1618884500, None),
        ("/foo", 1618884540, "expired"),
        ("/foo?param=Value&Pet=dog", 1618884500, "@query"),  # as it stands in the RFC, the query is not covered
        ("/bar", 1618884500, "wrong"),
    ],
)
def test_the_rsa_vector_of_the_rfc_holds_for_its_path_and_its_minute(
    target: str, seconds: int, refusal: str | None
) -> None:
    key = serialization.load_pem_public_key(TEST_KEY_RSA)
    assert isinstance(key, keys.PublicKey)
    now, place = datetime.fromtimestamp(seconds, UTC), "https://origin.host.internal.example"
    if refusal is None:
        verify(proxied(target), key, now, own_origin=place)
    else:
        with pytest.raises(Refused, match=refusal):
            verify(proxied(target), key, now, own_origin=place)


@dataclasses.dataclass
class Message:
    """What the oracle wants of a request."""

    method: str
    url: str
    headers: dict[str, str]


class Keyring(oracle.HTTPSignatureKeyResolver):
    def __init__(self, key: RSAPrivateKey | Ed25519PrivateKey) -> None:
        self.key = key

    def resolve_public_key(self, key_id: str) -> Any:
        assert key_id == KEY_ID
        return self.key.public_key()

    def resolve_private_key(self, key_id: str) -> Any:
        return self.key


ALGORITHMS = [("rsa_key", oracle.algorithms.RSA_V1_5_SHA256), ("ed25519_key", oracle.algorithms.ED25519)]


@pytest.mark.parametrize(("fixture", "algorithm"), ALGORITHMS, ids=["RSA", "Ed25519"])
@pytest.mark.parametrize("body", [BODY, b"", None], ids=["body", "empty body", "none"])
def test_the_oracle_accepts_what_we_sign(
    fixture: str, algorithm: Any, body: bytes | None, request: pytest.FixtureRequest
) -> None:
    key, method = request.getfixturevalue(fixture), "GET" if body is None else "POST"
    # The oracle judges by the machine's clock.
    headers = rfc9421.sign(method, HERE + TARGET, key_id=KEY_ID, key=key, now=datetime.now(UTC), body=body)
    verifier = oracle.HTTPMessageVerifier(signature_algorithm=algorithm, key_resolver=Keyring(key))
    message = Message(method, HERE + TARGET, headers)
    needed = ("@method", "@target-uri") if body is None else ("@method", "@target-uri", "content-digest")
    assert verifier.verify(message, require_components=needed, body=body)


@pytest.mark.parametrize(("fixture", "algorithm"), ALGORITHMS, ids=["RSA", "Ed25519"])
@pytest.mark.parametrize(
    "components",
    [
        ("@method", "@target-uri"),
        ("@method", "@target-uri", "@authority", "host", "date"),  # Fedify 2
        ("@method", "@target-uri", "@authority"),  # the WordPress plugin 9
        ("@method", "@authority", "@path", "@query", "@scheme", "content-type"),
    ],
)
@pytest.mark.parametrize("include_alg", [True, False])
def test_we_accept_what_the_oracle_signs(
    fixture: str,
    algorithm: Any,
    components: tuple[str, ...],
    include_alg: bool,
    now: datetime,
    request: pytest.FixtureRequest,
) -> None:
    key = request.getfixturevalue(fixture)
    message = Message("POST", HERE + TARGET, {"Host": "peer.example", "Date": "today", "Content-Type": "text/x"})
    signer = oracle.HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=Keyring(key))
    signer.sign(
        message, key_id=KEY_ID, created=now, covered_component_ids=components, body=BODY, include_alg=include_alg,
        nonce="bm9uY2U=", tag="fediverse", label="pyhms",
    )  # fmt: skip
    received = Request("POST", TARGET, {name.lower(): value for name, value in message.headers.items()}, BODY)
    verify(received, key.public_key(), now)
    with pytest.raises(Refused):
        verify(dataclasses.replace(received, target="/groups/b/inbox?author=1"), key.public_key(), now)


def test_spaces_that_structured_fields_allow_change_nothing(rsa_key: RSAPrivateKey, now: datetime) -> None:
    request = as_sent(rsa_key, now)
    said = request.headers["signature-input"]
    loose = "  " + said.replace('("@method" ', '(  "@method"   ').replace(")", " )").replace(";", ";  ") + "  "
    verify(changed(request, signature_input=loose), rsa_key.public_key(), now)
