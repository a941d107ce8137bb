"""Request signatures as everybody sends them: draft-cavage-http-signatures-12.

We sign `(request-target) host date`, and `digest` where there is a body, with `algorithm="rsa-sha256"`:
the one shape that every server measured accepts. We accept rsa-sha256, hs2019 and ed25519, or no algorithm
at all, as long as it fits the type of the key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from federation.errors import Malformed, Refused
from federation.keys import PrivateKey, PublicKey
from federation.signatures import Request

# Mastodon allows 12 hours, Fedify one; a replay inside it is harmless because ids are unique.
WINDOW = timedelta(hours=1)

HEADER_CHARACTERS = 8192
_COVERED_NAMES = 32
_PARAMETER = re.compile(r'\s*([A-Za-z]+)=(?:"([^"\\]*)"|([0-9]{1,20}))\s*(?:,|\Z)')
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+|\((?:request-target|created|expires)\)")
_DIGEST_ITEM = re.compile(r"\s*([A-Za-z0-9-]+)=([A-Za-z0-9+/]+={0,2})\s*")

# GoToSocial and Pleroma send hs2019 and mean RSASSA-PKCS1-v1_5 with SHA-256.
_RSA_NAMES = frozenset({None, "rsa-sha256", "hs2019"})
_ED25519_NAMES = frozenset({None, "ed25519", "hs2019"})
_DIGESTS = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class SignatureHeader:
    """The parameters of a Signature header. `created` and `expires` are aware UTC moments."""

    key_id: str
    algorithm: str | None
    covered: tuple[str, ...]
    signature: bytes
    created: datetime | None = None
    expires: datetime | None = None


def sign(
    method: str,
    url: str,
    *,
    key_id: str,
    key: PrivateKey,
    now: datetime,
    body: bytes | None = None,
    content_type: str | None = None,
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers to send with this request: Host, Date, Digest and Content-Type if there is a body, `more`, Signature.

    `url` must be sent exactly as it is given. `body=b""` is a body; None is none.
    """
    target, host = _target_and_host(url)
    headers = {"Host": host, "Date": format_datetime(now.astimezone(UTC), usegmt=True)}
    if body is not None:
        headers["Digest"] = "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")
    headers.update(more or {})
    covered = ("(request-target)", *(name.lower() for name in headers))
    lines = [f"(request-target): {method.lower()} {target}", *(f"{name.lower()}: {headers[name]}" for name in headers)]
    signature = base64.b64encode(_signed(key, "\n".join(lines).encode("latin-1"))).decode("ascii")
    algorithm = "rsa-sha256" if isinstance(key, RSAPrivateKey) else "hs2019"
    headers["Signature"] = (
        f'keyId="{key_id}",algorithm="{algorithm}",headers="{" ".join(covered)}",signature="{signature}"'
    )
    if content_type is not None:
        headers["Content-Type"] = content_type
    return headers


def _target_and_host(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return target, plain_host(parts.netloc, parts.scheme)


def _signed(key: PrivateKey, message: bytes) -> bytes:
    if isinstance(key, RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(message)


def plain_host(netloc: str, scheme: str) -> str:
    """A Host header in its one form: lower case, without the scheme's own port."""
    return netloc.strip().lower().removesuffix({"http": ":80", "https": ":443"}.get(scheme, ":"))


def parse(header: str) -> SignatureHeader:
    """Read a Signature header (draft-cavage-12 §2.1).

    Raises Malformed for unknown syntax, a parameter given twice, no keyId, no signature, a signature that is not
    base64, an empty list of headers or one that names a header twice.
    """
    parameters = _parameters(header)
    for name in ("keyId", "signature"):
        if not parameters.get(name):
            raise Malformed("Signature", f"has no {name}")
    return SignatureHeader(
        key_id=parameters["keyId"],
        algorithm=parameters["algorithm"].lower() if "algorithm" in parameters else None,
        covered=_covered(parameters),
        signature=_base64(parameters["signature"]),
        created=_moment(parameters, "created"),
        expires=_moment(parameters, "expires"),
    )


def _parameters(header: str) -> dict[str, str]:
    if len(header) > HEADER_CHARACTERS:
        raise Malformed("Signature", f"is longer than {HEADER_CHARACTERS} characters")
    found: dict[str, str] = {}
    position = 0
    while position < len(header):
        match = _PARAMETER.match(header, position)
        if match is None:
            raise Malformed("Signature", 'is not a list of name="value" (draft-cavage-http-signatures)')
        name, quoted, number = match.groups()
        if name in found:
            raise Malformed("Signature", f"gives {name} twice")
        found[name] = quoted if quoted is not None else number
        position = match.end()
    return found


def _covered(parameters: dict[str, str]) -> tuple[str, ...]:
    # §2.1.6: without a list, "(created)" alone is covered; that is never enough, and is refused later.
    names = tuple(parameters.get("headers", "(created)").lower().split(" "))
    if len(names) > _COVERED_NAMES or len(set(names)) != len(names):
        raise Malformed("Signature", "lists too many headers, or one twice")
    if not all(_NAME.fullmatch(name) for name in names):
        raise Malformed("Signature", "has an empty or unreadable list of headers")
    return names


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Malformed("Signature", "has a signature that is not base64") from error


def _moment(parameters: dict[str, str], name: str) -> datetime | None:
    text = parameters.get(name)
    if text is None:
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Malformed("Signature", f"has an unreadable {name}") from error


def verify(
    request: Request,
    header: SignatureHeader,
    public_key: PublicKey,
    *,
    host: str,
    now: datetime,
    window: timedelta = WINDOW,
) -> None:
    """Prove that `request` was signed by `public_key`, for this host, within `window` of `now`.

    Raises Refused (401) if the host, date, digest or signature is wrong, or if (request-target), host,
    date (or created), or the digest of a body is not covered. draft-cavage-http-signatures-12 §2.5.
    """
    check_claims(request, header, host=host, now=now, window=window)
    check_signature(request, header, public_key)


def check_claims(
    request: Request, header: SignatureHeader, *, host: str, now: datetime, window: timedelta = WINDOW
) -> None:
    """Everything about a signed request that can be judged without its key. Raises Refused (401)."""
    if header.algorithm not in _RSA_NAMES | _ED25519_NAMES:
        raise _refusal(f"the algorithm {str(header.algorithm)[:40]!r} is not accepted")
    for name in ("(request-target)", "host"):
        if name not in header.covered:
            raise _refusal(f"the signature does not cover {name}")
    _check_host(request, host)
    _check_moment(request, header, now, window)
    _check_digest(request, header)


def _check_host(request: Request, host: str) -> None:
    # The configured name, never what a proxy or the sender says it is.
    sent = request.headers.get("host", "")
    if not any(plain_host(sent, scheme) == plain_host(host, scheme) for scheme in ("https", "http")):
        raise _refusal("the request was signed for another host")


def _check_moment(request: Request, header: SignatureHeader, now: datetime, window: timedelta) -> None:
    if header.expires is not None and header.expires <= now:
        raise _refusal("the signature has expired")
    moments = []
    if "date" in header.covered:
        moments.append(_date(request))
    if header.created is not None:
        moments.append(header.created)
    if "(created)" in header.covered and header.algorithm not in (None, "hs2019"):
        raise _refusal("(created) is not for this algorithm")  # §2.3
    if "date" not in header.covered and not ("(created)" in header.covered and header.created is not None):
        raise _refusal("the signature covers no date")
    if any(abs(now - moment) > window for moment in moments):
        raise _refusal("the date of the signature is too far from now")


def _date(request: Request) -> datetime:
    try:
        moment = parsedate_to_datetime(request.headers.get("date", ""))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise _refusal("the request has no readable Date") from error


def _check_digest(request: Request, header: SignatureHeader) -> None:
    if not request.body and request.method.upper() in ("GET", "HEAD"):
        return
    if "digest" not in header.covered:
        raise _refusal("the signature does not cover the digest of the body")
    strong = [
        (_DIGESTS[name], value) for name, value in _digests(request.headers.get("digest", "")) if name in _DIGESTS
    ]
    if not strong:
        raise _refusal("the request has no SHA-256 digest")
    for make, value in strong:
        expected = base64.b64encode(make(request.body).digest()).decode("ascii")
        if not hmac.compare_digest(expected, value):
            raise _refusal("the digest is not that of the body")


def _digests(header: str) -> list[tuple[str, str]]:
    found = []
    for item in header.split(","):
        match = _DIGEST_ITEM.fullmatch(item)
        if match is None:
            raise _refusal("the request has no readable Digest")
        found.append((match[1].lower(), match[2]))
    return found


def check_signature(request: Request, header: SignatureHeader, public_key: PublicKey) -> None:
    """That the signature over the covered parts was made by `public_key`; Refused (401) if not."""
    message = _message(request, header)
    try:
        if isinstance(public_key, RSAPublicKey) and header.algorithm in _RSA_NAMES:
            public_key.verify(header.signature, message, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(public_key, Ed25519PublicKey) and header.algorithm in _ED25519_NAMES:
            public_key.verify(header.signature, message)
        else:
            raise _refusal("the algorithm does not fit the key")
    except InvalidSignature as error:
        raise _refusal("the signature is wrong") from error


def _message(request: Request, header: SignatureHeader) -> bytes:
    lines = []
    for name in header.covered:
        if name == "(request-target)":
            value = f"{request.method.lower()} {request.target}"
        elif name in ("(created)", "(expires)"):
            moment = header.created if name == "(created)" else header.expires
            if moment is None:
                raise _refusal(f"the signature covers {name} and does not give it")
            value = str(int(moment.timestamp()))
        elif name in request.headers:
            value = request.headers[name].strip()
        else:
            raise _refusal(f"the signature covers {name}, which was not sent")
        lines.append(f"{name}: {value}")
    # surrogateescape: that is how aiohttp hands us header bytes that are not UTF-8.
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def _refusal(message: str) -> Refused:
    return Refused(message, status=401)
