"""Requests signed after RFC 9421 by hand, over whatever a test wants, to peer.example."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation import keys
from federation.signatures import Request, rfc9421

HERE = "https://peer.example"
TARGET = "/groups/a/inbox?author=1"
KEY_ID = "https://ours.example/actor#main-key"
BODY = b'{"type":"Follow"}'


def as_sent(
    key: RSAPrivateKey | Ed25519PrivateKey,
    now: datetime,
    *,
    method: str = "POST",
    body: bytes | None = BODY,
    target: str = TARGET,
) -> Request:
    """A request as our own client would send it."""
    headers = rfc9421.sign(method, HERE + target, key_id=KEY_ID, key=key, now=now, body=body)
    return Request(method, target, {name.lower(): value for name, value in headers.items()}, body or b"")


def digest_of(body: bytes, name: str = "sha256") -> str:
    return base64.b64encode(hashlib.new(name, body).digest()).decode()


def by_hand(
    key: RSAPrivateKey | Ed25519PrivateKey | bytes,
    now: datetime,
    components: dict[str, str],
    *,
    parameters: str = f';created={{created}};keyid="{KEY_ID}"',
    method: str = "POST",
    body: bytes = BODY,
    target: str = TARGET,
    **headers: str,
) -> Request:
    """A request signed over exactly these lines (name -> value); `key` as bytes is the secret of an HMAC."""
    names = " ".join(f'"{name}"' for name in components)
    said = f"({names})" + parameters.format(created=int(now.timestamp()))
    lines = [f'"{name}": {value}' for name, value in components.items()]
    message = "\n".join([*lines, f'"@signature-params": {said}']).encode()
    if isinstance(key, bytes):
        signature = hmac.digest(key, message, "sha256")
    elif isinstance(key, RSAPrivateKey):
        signature = key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    else:
        signature = key.sign(message)
    sent = {"host": "peer.example", "content-digest": f"sha-256=:{digest_of(body)}:"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    sent |= {"signature-input": f"sig1={said}", "signature": f"sig1=:{base64.b64encode(signature).decode()}:"}
    return Request(method, target, sent, body)


FULL = {"@method": "POST", "@target-uri": HERE + TARGET, "content-digest": f"sha-256=:{digest_of(BODY)}:"}


def changed(request: Request, **headers: str) -> Request:
    return dataclasses.replace(
        request, headers={**request.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
    )


def without(fields: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name not in names}


def verify(request: Request, key: keys.PublicKey, now: datetime, *, own_origin: str = HERE) -> None:
    signature = rfc9421.parse(request.headers["signature-input"], request.headers["signature"])
    rfc9421.verify(request, signature, key, own_origin=own_origin, now=now)
