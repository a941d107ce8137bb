"""Signatures: on requests (draft-cavage-http-signatures-12 and RFC 9421) and on documents (FEP-8b32, RsaSignature2017).

Words. A **request signature** says who sent these bytes to this address just now; it is worth nothing a day
later. A **proof** stands inside the document and is as good in a mirror's hands in ten years. A **linked-data
signature** (`linked_data`) stands there too, for those who know nothing newer: we make it and believe none.

Order. The proof first, over the document without `signature`; then the linked-data signature, over the document with
its proof; then the request signature, over the bytes.

There are two standards for requests, `cavage` and `rfc9421`, of the same shape: `sign` gives the headers to send,
`parse` reads those that came, `check_claims` judges all that needs no key, `check_signature` the rest, `verify` both.

Promises. What signs or verifies is always chosen by the type of the key that was looked up, never by the `algorithm`
(or `alg`) that the request itself names: a request "signed" with hmac-sha256 and somebody's public key is refused.
Everything that can be checked without the key is checked first, so that rubbish makes us fetch nothing.

Nothing here knows where keys come from, who may speak for what (federation.origin), or the time: it is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came over the wire.

    `target` is the raw path with its query, undecoded. `headers` has lower-case names; a header that was
    sent several times has its values joined with ", " (RFC 9110 §5.3).
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
