"""JSON for an app: never null bytes of a cache between, a tag to ask again by, smaller where that is worth it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from node.web import packing
from node.web.negotiation import COMPRESS_FROM_BYTES, is_held

HEADERS = {"X-Content-Type-Options": "nosniff", "Vary": "Authorization, Accept-Encoding"}


def answer(
    request: web.Request,
    value: Any,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    public: bool = False,
) -> web.Response:
    """A value (or JSON that is ready, as bytes) as an answer; 304 if the app has these very bytes.

    What is the same for everybody may be kept for a minute on the way, anything else by nobody but the app itself.
    """
    body = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    kept = "public, max-age=60" if public else "private, no-cache"
    given = HEADERS | {"Cache-Control": kept if status == 200 and request.method in ("GET", "HEAD") else "no-store"}
    given |= dict(headers or {})
    if status == 200 and request.method in ("GET", "HEAD"):
        given["ETag"] = f'W/"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
        if "If-None-Match" in request.headers and is_held(request, given["ETag"].removeprefix("W/")):
            return web.Response(status=304, headers=given)
    if len(body) > COMPRESS_FROM_BYTES and (by := packing.coding(request.headers.get("Accept-Encoding", ""))):
        body = packing.packed(body, by)
        given["Content-Encoding"] = by
    return web.Response(body=body, status=status, content_type="application/json", charset="utf-8", headers=given)
