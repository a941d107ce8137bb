"""Web Push: a message for a device, encrypted for it alone and handed to the push service that it has chosen.

What the push service learns is the endpoint, who sends (VAPID, RFC 8292), when, and how many bytes. The message is
encrypted for the key of the device: as RFC 8291 has it (`aes128gcm`), or as the drafts before it had (`aesgcm`,
draft-ietf-webpush-encryption-04), which many apps still read and nothing else.

No padding is added here although both allow it: apps that are widely used read past it wrongly. Whoever does not want
the length to be seen makes messages of one length (JSON may end in spaces).
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from federation.client import Client
from federation.origin import origin
from schemas.reading import Malformed

POINT_BYTES, AUTH_BYTES, SALT_BYTES, TAG_BYTES = 65, 16, 16, 16
MESSAGE_BYTES = 3990  # of 4,096 that every push service takes, RFC 8030 section 7.2; the rest is said about it
TOKEN_LASTS = timedelta(hours=12)  # 24 are the most, RFC 8292 section 2
_CURVE = ec.SECP256R1()
_SIZE = 32  # bytes of a coordinate, or of half a signature


class Coding(Enum):
    """How a device reads what is encrypted for it."""

    STANDARD = "aes128gcm"
    DRAFT = "aesgcm"


@dataclass(frozen=True, slots=True)
class Device:
    """Where a device is reached: its endpoint at a push service, its public key as a point, and its secret."""

    endpoint: str
    key: bytes
    auth: bytes
    coding: Coding = Coding.STANDARD


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: a key pair (P-256) that devices know, and `contact`, a mailto: or https: address for push services."""

    key: ec.EllipticCurvePrivateKey
    contact: str

    @property
    def public(self) -> str:
        """The public key as devices are told it."""
        return encoded(point(self.key.public_key()))


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. `lasts`: how long the push service keeps it for a device that is away.

    `urgency` is a word of RFC 8030 section 5.3; of two messages with one `topic` only the later one is kept (5.4).
    """

    body: bytes
    lasts: timedelta
    urgency: str = "normal"
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Encrypted:
    """A message as it goes over the wire, and the headers that belong to it."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


async def send(client: Client, device: Device, message: Message, sender: Sender, *, now: datetime) -> None:
    """Hand a message to the push service; RFC 8030 section 5. No redirect is followed.

    Raises Gone if the device has unsubscribed, Refused for any other no (Declined has its status), Unreachable for
    408, 425, 429, 5xx and silence, with what Retry-After says; Malformed.
    """
    made = encrypt(message.body, device)
    headers = {
        "Content-Type": "application/octet-stream",
        "TTL": str(max(int(message.lasts.total_seconds()), 0)),
        "Urgency": message.urgency,
        **({"Topic": message.topic} if message.topic else {}),
        **made.headers,
    }
    for name, value in authorization(device, sender, now=now).items():
        headers[name] = f"{headers[name]};{value}" if name in headers else value
    answer = await client.ask("POST", device.endpoint, headers=headers, body=made.body)
    client.judge(answer.status, answer.headers, device.endpoint)


# ---- keys


def encoded(raw: bytes) -> str:
    """Bytes in URL-safe base 64 without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Bytes of either alphabet of base 64, padded or not. Raises ValueError."""
    bare = text.strip().rstrip("=").replace("+", "-").replace("/", "_")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as a point: 4, x, y."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def is_point(raw: bytes) -> bool:
    """Whether these bytes are a public key."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, raw)
    except ValueError:
        return False
    return len(raw) == POINT_BYTES


def sender_key(seed: bytes) -> ec.EllipticCurvePrivateKey:
    """The key pair that belongs to a seed of 48 bytes of chance: always the same, and as good as one made by chance.

    FIPS 186-5, A.2.1: so many bytes more than the order of the curve that the remainder has no bias.
    """
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    return ec.derive_private_key(int.from_bytes(seed, "big") % (order - 1) + 1, _CURVE)


# ---- encrypting


def encrypt(message: bytes, device: Device) -> Encrypted:
    """A message that only the device can read; each has a key of its own. Raises Malformed if it is too long, or the
    key of the device is none."""
    if len(message) > MESSAGE_BYTES:
        raise Malformed("message", "is longer than {limit} bytes", limit=MESSAGE_BYTES)
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, device.key)
    except ValueError:
        raise Malformed("key", "is no public key") from None
    once = ec.generate_private_key(_CURVE)
    shared, ours = once.exchange(ec.ECDH(), theirs), point(once.public_key())
    salt = secrets.token_bytes(SALT_BYTES)
    if device.coding is Coding.STANDARD:
        return _standard(message, device, shared=shared, ours=ours, salt=salt)
    return _draft(message, device, shared=shared, ours=ours, salt=salt)


def _standard(message: bytes, device: Device, *, shared: bytes, ours: bytes, salt: bytes) -> Encrypted:
    """RFC 8291 section 3.4, as one record of RFC 8188."""
    secret = _derived(shared, salt=device.auth, info=b"WebPush: info\0" + device.key + ours, length=32)
    key = _derived(secret, salt=salt, info=b"Content-Encoding: aes128gcm\0", length=16)
    nonce = _derived(secret, salt=salt, info=b"Content-Encoding: nonce\0", length=12)
    sealed = AESGCM(key).encrypt(nonce, message + b"\x02", None)
    head = salt + struct.pack("!IB", len(sealed) + 1, len(ours)) + ours
    return Encrypted(head + sealed, {"Content-Encoding": Coding.STANDARD.value})


def _draft(message: bytes, device: Device, *, shared: bytes, ours: bytes, salt: bytes) -> Encrypted:
    """draft-ietf-webpush-encryption-04 section 3, draft-ietf-httpbis-encryption-encoding-03 section 4."""
    secret = _derived(shared, salt=device.auth, info=b"Content-Encoding: auth\0", length=32)
    between = b"P-256\0" + b"".join(struct.pack("!H", len(one)) + one for one in (device.key, ours))
    key = _derived(secret, salt=salt, info=b"Content-Encoding: aesgcm\0" + between, length=16)
    nonce = _derived(secret, salt=salt, info=b"Content-Encoding: nonce\0" + between, length=12)
    headers = {
        "Content-Encoding": Coding.DRAFT.value,
        "Encryption": f"salt={encoded(salt)}",
        "Crypto-Key": f"dh={encoded(ours)}",
    }
    return Encrypted(AESGCM(key).encrypt(nonce, b"\0\0" + message, None), headers)


def _derived(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=salt, info=info).derive(secret)


# ---- saying who sends


def authorization(device: Device, sender: Sender, *, now: datetime) -> dict[str, str]:
    """The headers by which the push service knows who sends: RFC 8292 section 3, or as its draft 01 had it."""
    token = _token(origin(device.endpoint), sender, now=now)
    if device.coding is Coding.STANDARD:
        return {"Authorization": f"vapid t={token},k={sender.public}"}
    return {"Authorization": f"WebPush {token}", "Crypto-Key": f"p256ecdsa={sender.public}"}


def _token(audience: str, sender: Sender, *, now: datetime) -> str:
    """A JWT for one push service, signed with ES256: RFC 8292 section 2, RFC 7515, RFC 7518 section 3.4."""
    claims = {"aud": audience, "exp": int((now + TOKEN_LASTS).timestamp()), "sub": sender.contact}
    signed = f"{_json({'typ': 'JWT', 'alg': 'ES256'})}.{_json(claims)}"
    r, s = decode_dss_signature(sender.key.sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"{signed}.{encoded(r.to_bytes(_SIZE, 'big') + s.to_bytes(_SIZE, 'big'))}"


def _json(value: Mapping[str, object]) -> str:
    return encoded(json.dumps(value, separators=(",", ":")).encode())
