from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicNumbers

from federation import keys
from federation.errors import Malformed


def pem(key: object) -> str:
    return key.public_bytes(  # type: ignore[attr-defined,no-any-return]
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def test_keys_come_back_from_their_files(rsa_key: RSAPrivateKey, ed25519_key: Ed25519PrivateKey) -> None:
    for key in (rsa_key, ed25519_key):
        again = keys.read_private(keys.private_pem(key))
        assert keys.public_pem(again.public_key()) == keys.public_pem(key.public_key())
        assert keys.read_public(keys.public_pem(key.public_key())) == key.public_key()
    assert rsa_key.key_size == 2048


def test_an_ed25519_key_comes_back_from_its_multikey(ed25519_key: Ed25519PrivateKey) -> None:
    text = keys.to_multibase(ed25519_key.public_key())
    assert text.startswith("z6Mk")
    assert keys.from_multibase(text) == ed25519_key.public_key()


def test_the_multikey_of_the_specification_is_written_as_there() -> None:
    # RFC 8032 §7.1 test 1, in the encoding of W3C Controlled Identifiers 1.0.
    raw = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    text = keys.to_multibase(Ed25519PublicKey.from_public_bytes(raw))
    assert text == "z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw"


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("", b""),
        ("1", b"\0"),
        ("11", b"\0\0"),
        ("2NEpo7TZRRrLZSi2U", b"Hello World!"),  # draft-msporny-base58-03 §5
        ("11233QC4", bytes.fromhex("0000287fb4cd")),
    ],
)
def test_base58_is_that_of_bitcoin(text: str, raw: bytes) -> None:
    assert keys.base58_encode(raw) == text
    assert keys.base58_decode(text) == raw


def test_a_private_key_of_another_kind_is_malformed() -> None:
    elliptic = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(Malformed, match="neither RSA nor Ed25519"):
        keys.read_private(elliptic)


def test_a_key_hidden_in_a_megabyte_is_not_looked_for(rsa_key: RSAPrivateKey) -> None:
    with pytest.raises(Malformed, match="longer"):
        keys.read_public(" " * 1_000_000 + keys.public_pem(rsa_key.public_key()))


def odd_exponent(exponent: int) -> str:
    modulus = rsa.generate_private_key(65537, 2048).public_key().public_numbers().n
    return pem(RSAPublicNumbers(exponent, modulus).public_key())


@pytest.mark.parametrize(
    "absurd",
    [
        "",
        "not a key",
        "\u2603" * 10,
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "x" * 1_000_000,
        pem(rsa.generate_private_key(65537, 1024).public_key()),
        pem(RSAPublicNumbers(65537, (1 << 16383) | 1).public_key()),
        pem(ec.generate_private_key(ec.SECP256R1()).public_key()),
    ],
    ids=["empty", "text", "snowmen", "garbage", "megabyte", "tiny", "huge", "elliptic"],
)
def test_absurd_keys_are_malformed(absurd: str) -> None:
    with pytest.raises(Malformed):
        keys.read_public(absurd)


def test_an_exponent_that_costs_seconds_is_malformed() -> None:
    with pytest.raises(Malformed):
        keys.read_public(odd_exponent(2**64 + 13))


def test_a_private_key_with_a_password_is_malformed_and_is_not_repeated(rsa_key: RSAPrivateKey) -> None:
    locked = rsa_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
    )
    for file in (locked, b"-----BEGIN secret", b"\xff\xfe"):
        with pytest.raises(Malformed, match="unencrypted") as caught:
            keys.read_private(file)
        assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "z6Mk",
        "6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        "z" + keys.base58_encode(b"\xed\x01x"),
        "m6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        "z6Mk0OIl",
        "z" + "1" * 5000,
        "z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc",
    ],
)
def test_what_is_no_ed25519_multikey_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        keys.from_multibase(text)
