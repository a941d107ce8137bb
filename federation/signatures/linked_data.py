"""The older signature inside documents: RsaSignature2017, as Mastodon, Pleroma and Misskey make and read it.

It is made for them and never believed by us: relays, and servers that pass on what answers their own people, pass on
only what carries one, and whoever receives it so checks it. What is signed is the SHA-256, in hexadecimal, of the
signature's options followed by that of the document without its `signature`, each as the N-Quads of its canonical RDF
dataset (URDNA2015). There is no specification; this is what Mastodon's "Security" page and its code do.

URDNA2015 can be made to run for hours by who writes the document. Here it reads our own documents alone, one or two
milliseconds each, and no context comes from the network.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation import contexts
from federation.errors import Malformed

_ONE_AT_A_TIME = threading.Lock()  # PyLD remembers contexts in a cache that is not made for several threads


def sign(document: dict[str, Any], *, key_id: str, key: RSAPrivateKey, created: datetime) -> dict[str, Any]:
    """A copy of `document`, a proof of which is signed along, with an RsaSignature2017 by `key`.

    Raises Malformed for what is no JSON-LD under the contexts that we carry.
    """
    bare = {name: value for name, value in document.items() if name != "signature"}
    moment = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    signed = _hash(_options(key_id, moment)) + _hash(canonical(bare))
    value = key.sign(signed.encode("ascii"), padding.PKCS1v15(), hashes.SHA256())
    signature = {
        "type": "RsaSignature2017",
        "creator": key_id,
        "created": moment,
        "signatureValue": base64.b64encode(value).decode("ascii"),
    }
    return {**bare, "signature": signature}


def canonical(document: dict[str, Any]) -> str:
    """The N-Quads of a document of our own (URDNA2015). Raises Malformed; never give it what a stranger wrote."""
    from pyld import jsonld

    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": _loader()}
    try:
        with _ONE_AT_A_TIME:
            return str(jsonld.normalize(document, options))
    except jsonld.JsonLdError as error:
        raise Malformed("document", f"has no canonical RDF dataset ({error.code or error.type})") from None


def _options(key_id: str, moment: str) -> str:
    """The options as N-Quads: two terms of https://w3id.org/identity/v1, which nobody has to load for that."""
    terms, date_time = "http://purl.org/dc/terms", "http://www.w3.org/2001/XMLSchema#dateTime"
    return f'_:c14n0 <{terms}/created> "{moment}"^^<{date_time}> .\n_:c14n0 <{terms}/creator> <{key_id}> .\n'


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _loader() -> Any:
    return contexts.loader()
