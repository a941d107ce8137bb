"""Make, read and write keys: RSA for request signatures, Ed25519 for proofs.

Private keys are PKCS#8 PEM without a password (the file's permissions guard them). Public keys travel as
SubjectPublicKeyInfo PEM in `publicKey.publicKeyPem`, or as a Multikey: base58btc of a multicodec prefix and
the raw key (W3C Controlled Identifiers 1.0 §2.2.2 and §2.4; FEP-521a). Strangers' keys are read under limits,
because an absurd modulus costs seconds and a tiny one protects nothing.
"""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from federation.errors import Malformed

PrivateKey = RSAPrivateKey | Ed25519PrivateKey
PublicKey = RSAPublicKey | Ed25519PublicKey

RSA_BITS = 2048
RSA_BITS_READ = range(2048, 8192 + 1)
PEM_CHARACTERS = 8192  # an 8,192-bit RSA key takes about 1,500

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE58_VALUES = {character: value for value, character in enumerate(_BASE58)}
_BASE58_CHARACTERS = 256  # a 64-byte signature takes 88; decoding is quadratic
_ED25519_PUB = b"\xed\x01"  # multicodec 0xed as a varint


def make_rsa() -> RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def make_ed25519() -> Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def private_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def read_private(pem: bytes) -> PrivateKey:
    """The key in a file of ours. Raises Malformed without repeating anything that is in it."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # `from None`: the cause could quote the file.
        raise Malformed("private key", "is not an unencrypted private key in PEM") from None
    if isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        return key
    raise Malformed("private key", "is neither RSA nor Ed25519")


def public_pem(key: PublicKey) -> str:
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem.decode("ascii")


def read_public(pem: str) -> PublicKey:
    """A stranger's key: RSA of 2,048 to 8,192 bits with an odd exponent of 3 to 2^32, or Ed25519; else Malformed."""
    if len(pem) > PEM_CHARACTERS:
        raise Malformed("publicKeyPem", f"is longer than {PEM_CHARACTERS} characters")
    try:
        key = serialization.load_pem_public_key(pem.strip().encode("ascii"))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Malformed("publicKeyPem", "is not a public key in PEM") from error
    if isinstance(key, RSAPublicKey):
        return _bounded(key)
    if isinstance(key, Ed25519PublicKey):
        return key
    raise Malformed("publicKeyPem", "is neither RSA nor Ed25519")


def _bounded(key: RSAPublicKey) -> RSAPublicKey:
    if key.key_size not in RSA_BITS_READ:
        raise Malformed("publicKeyPem", f"has {key.key_size} bits; RSA keys have 2048 to 8192 here")
    # e = 1 makes every signature its own message; a huge e makes one verification take seconds.
    if not 3 <= key.public_numbers().e < 2**32:
        raise Malformed("publicKeyPem", "has an unusable RSA exponent")
    return key


def to_multibase(key: Ed25519PublicKey) -> str:
    """`publicKeyMultibase` of a Multikey: "z6Mk…"."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return "z" + base58_encode(_ED25519_PUB + raw)


def from_multibase(text: str) -> Ed25519PublicKey:
    """The Ed25519 key in a `publicKeyMultibase`; Malformed for every other kind, length or alphabet."""
    raw = read_base58_multibase(text, "publicKeyMultibase")
    if not raw.startswith(_ED25519_PUB):
        raise Malformed("publicKeyMultibase", "is not an Ed25519 key")
    try:
        return Ed25519PublicKey.from_public_bytes(raw[len(_ED25519_PUB) :])
    except ValueError as error:
        raise Malformed("publicKeyMultibase", "is not an Ed25519 key of 32 bytes") from error


def read_base58_multibase(text: str, path: str) -> bytes:
    """The bytes of a base58btc multibase value ("z…"), at most 256 characters; Malformed names `path`."""
    if len(text) > _BASE58_CHARACTERS:
        raise Malformed(path, "is too long")
    if not text.startswith("z"):
        raise Malformed(path, "is not base58btc multibase (z…)")
    return base58_decode(text[1:], path)


def base58_encode(raw: bytes) -> str:
    number = int.from_bytes(raw, "big")
    digits = ""
    while number:
        number, value = divmod(number, 58)
        digits = _BASE58[value] + digits
    leading_zeros = len(raw) - len(raw.lstrip(b"\0"))
    return "1" * leading_zeros + digits


def base58_decode(text: str, path: str = "base58") -> bytes:
    number = 0
    for character in text:
        value = _BASE58_VALUES.get(character)
        if value is None:
            raise Malformed(path, "has a character outside the base58 alphabet")
        number = number * 58 + value
    leading_zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * leading_zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
