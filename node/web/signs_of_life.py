"""Noticing that a host to which nothing is sent any more asks us for something: it is back.

Only while some host is left alone, and only for signed requests that name a key of such a host, is a signature checked
here; what is asked for is answered either way. Deliveries to our inboxes are checked and noticed there.
"""

from __future__ import annotations

import contextlib
import re

from aiohttp import hdrs, web

from federation import verification
from federation.errors import Malformed, Refused, Unreachable
from federation.signatures import Request
from node.context import Node
from node.key_directory import KnownKeys

_KEY_ID = re.compile(r'key[iI]d="([^"]{1,2048})"')


async def notice(node: Node, request: web.Request) -> None:
    """Tell `node` when a host that is left alone has sent this GET."""
    if request.method == hdrs.METH_GET:
        with contextlib.suppress(Refused, Malformed, Unreachable):
            await _notice(node, request)


async def _notice(node: Node, request: web.Request) -> None:
    signature = request.headers.get("Signature-Input") or request.headers.get("Signature") or ""
    named = _KEY_ID.search(signature)
    if named is None or not node.hosts.is_left_alone(named[1]):
        return
    headers = {name.lower(): ", ".join(request.headers.getall(name)) for name in request.headers}
    signed = Request(request.method, request.raw_path, headers, b"")
    verified = await verification.verify(signed, own_origin=node.config.origin, keys=KnownKeys(node), now=node.clock())
    await node.hosts.heard(verified.actor)
