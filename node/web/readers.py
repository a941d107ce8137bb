"""Who may read: the door READING, at the one place through which every request passes.

`open`: everybody; no signature is looked at, unless documents are for signers anyway (node.web.asking).
`block_list`: everybody but whoever signs as somebody who is rejected: a request that names the key of such a server is
refused, and nobody is asked for the key. Who leaves the signature out reads like any reader.
`allow_list`: those who are logged in (a member, a reader with an account, an app with a token), and servers that sign
their request and that a policy admits; to everybody else every page, feed, document and list is shut.

Readable for all, always, is what it takes to log in, to write to the group and to verify what it has signed (FREE, and
those documents that are served `for_all`): so nobody deadlocks, and whoever is concerned by what is here finds the
operator and can complain. Pictures are found by nobody who was not shown their names.

A new address is shut until it is named here.
"""

from __future__ import annotations

import re

from aiohttp import hdrs, web

from federation import verification
from federation.errors import Malformed, Refused
from federation.signatures import Request
from node.actors import host_of
from node.context import NODE, Node, Transaction
from node.errors import Unauthenticated
from node.peering import standing
from node.peering.rules import Door, Mode
from node.web import api, asking
from node.web.admin import door as desk
from node.web.mastodon import door as apps
from node.web.negotiation import FOR_SIGNERS, Handler

FREE = (
    *("/.well-known/", "/nodeinfo/", "/robots.txt", "/about", "/health", "/assets/", "/media/", "/ns", "/complain"),
    *("/login", "/logout", "/join", "/reset/", "/desk", "/oauth/", "/deadlines/"),
    *("/api/v1/apps", "/api/v1/instance", "/api/v2/instance", "/api/v1/streaming/health"),
)
NOT_FREE = ("/api/v1/instance/peers", "/api/v1/instance/domain_blocks", "/api/v1/instance/activity")
_INSTANCE_ACTOR = "/actor"
_KEY_ID = re.compile(r'key[iI]d="([^"]{1,2048})"')
_READS = (hdrs.METH_GET, hdrs.METH_HEAD)


@web.middleware
async def readers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let those read whom the door lets through. Raises Refused (403), Unauthenticated (401)."""
    node = request.app.get(NODE)
    if node is None or request.method not in _READS or is_free(request):
        return await handler(request)
    mode = await _mode(node)
    if mode is not Mode.OPEN and asking.is_signed(request):
        await _check_named(node, request)
    if mode is not Mode.ALLOW_LIST:
        return await handler(request)
    request[asking.SHUT] = True
    let_in = await _is_let_in(node, request)
    if not let_in and asking.is_signed(request):
        await _check_signer(node, request)
        let_in = True
    response = await handler(request)
    if not let_in and request.get(FOR_SIGNERS) is not False:
        raise Unauthenticated(
            "what is here is for members, for readers with a login and for servers that the group has admitted: log in,"
            " or sign the request"
        )
    if not response.prepared:
        response.headers["Cache-Control"] = "private, no-cache"
    return response


def is_free(request: web.Request) -> bool:
    """Whether everybody may read this address, however the door is set."""
    resource = request.match_info.route.resource
    path = resource.canonical if resource is not None else request.path
    return path == _INSTANCE_ACTOR or (path.startswith(FREE) and not path.startswith(NOT_FREE))


async def _mode(node: Node) -> Mode:
    held = standing.remembered(node, node.config.host)
    if held is not None:
        return held[1][Door.READING]
    return await node.database.read(_read_mode)


def _read_mode(tx: Transaction) -> Mode:
    standing.standing(tx, host="example.org")  # what is asked once is in memory for the next request
    return standing.mode(tx, Door.READING)


async def _check_named(node: Node, request: web.Request) -> None:
    """Raise Refused if the request claims to be signed by somebody who is rejected; nobody is asked."""
    named = _KEY_ID.search(request.headers.get("Signature-Input") or request.headers.get("Signature") or "")
    if named is None:
        return
    try:
        actor = named[1].partition("#")[0]
        host = host_of(actor)
    except Malformed:
        return
    found = await node.database.read(lambda tx: standing.standing(tx, host=host, actor=actor))
    if found.is_rejected:
        raise Refused(f"this node does not give its documents to {host}", status=403)


async def _is_let_in(node: Node, request: web.Request) -> bool:
    """Whether a person reads who is logged in, or a program with a token that is known."""
    if await desk.session(request) is not None:
        return True
    secret = apps.secret_of(request)
    if not secret:
        return False
    if await apps.known(request, secret) is not None:
        return True
    try:
        await api.member_of(request)
    except Unauthenticated:
        return False
    return True


async def _check_signer(node: Node, request: web.Request) -> None:
    """Raise Refused unless the request is signed by somebody whom the door lets through."""
    signed = Request(request.method, request.raw_path, asking.headers(request), b"")
    verified = await verification.verify(
        signed, own_origin=node.config.origin, keys=asking.AdmittedKeys(node, Door.READING), now=node.clock()
    )
    await node.database.read(asking.check_admitted, verified.actor, Door.READING)
