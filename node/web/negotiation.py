"""One address for people and for servers: who asks for ActivityStreams gets it, everybody else a page.

RFC 9110 §12.5.1 (Accept), ActivityPub §3.2. A document carries an ETag and Vary: Accept, so that caches and peers ask
again cheaply and never mix the two up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aiohttp import web

from federation.media_types import ACTIVITY_JSON, is_activity
from node import objects

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

COMPRESS_FROM_BYTES = 1400
FOR_SIGNERS = web.RequestKey("for_signers", bool)


@dataclass(frozen=True, slots=True)
class Ready:
    """A document as it is served, with its ETag (quoted)."""

    body: bytes
    etag: str


def ready(document: dict[str, Any] | bytes) -> Ready:
    """The document as it is served."""
    body = document if isinstance(document, bytes) else objects.encode(document)
    return Ready(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def wants_activity(request: web.Request, also: str = "") -> bool:
    """Whether the request prefers ActivityStreams to HTML; the first of the two that Accept names with most weight.

    `also`: another media type that stands for the former here.
    """
    return _prefers_activity(request.headers.get("Accept", ""), also)


@lru_cache(maxsize=64)
def _prefers_activity(accept: str, also: str) -> bool:
    best, wanted = 0.0, False
    for part in accept.split(","):
        weight = _weight(part)
        media_type = part.strip()
        html = media_type.lower().startswith(("text/html", "application/xhtml+xml"))
        others = ("application/ld+json", "application/json", *filter(None, [also]))
        activity = is_activity(media_type) or media_type.lower().startswith(others)
        if (html or activity) and weight > best:
            best, wanted = weight, activity
    return wanted


def both(as_activity: Handler, as_page: Handler, *, also: str = "") -> Handler:
    """A handler that answers servers with `as_activity` and people with `as_page`.

    `also`: the media type of what is given to servers, where that is not ActivityStreams.
    """

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await (as_activity(request) if wants_activity(request, also) else as_page(request))
        response.headers.setdefault("Vary", "Accept")
        return response

    return answer


def activity_response(
    request: web.Request, document: dict[str, Any] | bytes | Ready, *, max_age: int = 180, for_all: bool = False
) -> web.Response:
    """An ActivityStreams document, or 304 if the peer has these very bytes.

    `for_all`: even where documents are for those alone who sign their request (node.web.asking).
    """
    request[FOR_SIGNERS] = not for_all
    return bytes_response(request, document, content_type=ACTIVITY_JSON, max_age=max_age)


def bytes_response(
    request: web.Request,
    document: dict[str, Any] | bytes | Ready,
    *,
    content_type: str,
    max_age: int = 180,
    more: Mapping[str, str] | None = None,
) -> web.Response:
    """JSON, or another text, of some type with its ETag and `more` headers; compressed when that is worth it."""
    found = document if isinstance(document, Ready) else ready(document)
    headers = {
        "ETag": found.etag,
        "Cache-Control": f"public, max-age={max_age}",
        "Vary": "Accept",
        "X-Content-Type-Options": "nosniff",
    } | dict(more or {})
    if "If-None-Match" in request.headers and is_held(request, found.etag):
        return web.Response(status=304, headers=headers)
    is_text = content_type.endswith(("json", "+xml"))
    headers["Content-Type"] = f"{content_type}; charset=utf-8" if is_text else content_type
    response = web.Response(body=found.body, headers=headers)
    if len(found.body) > COMPRESS_FROM_BYTES:
        response.enable_compression(strategy=None)
    return response


def is_held(request: web.Request, etag: str) -> bool:
    """Whether whoever asks holds these very bytes already (RFC 9110 §13.1.2); the ETag is quoted."""
    return any(given.value in (etag.strip('"'), "*") for given in request.if_none_match or ())


def _weight(part: str) -> float:
    for parameter in part.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
