"""Who may read our ActivityStreams documents: everybody, or, with `federation.authorized_fetch`, whoever signs.

With the setting a document goes to those alone who sign their request (draft-cavage or RFC 9421) and who is not
rejected here; pages are for people and stay open. Nobody deadlocks over it: the instance actor and what it is made of
are for all, and a fetch of ours is signed by that actor. A group answers who does not sign with as much as it takes to
verify its signatures and to write to it, because not everybody can sign a fetch.

Without the setting no signature of a GET is looked at, not even that of one who is rejected: it could leave it out, and
to look would cost us a request to whoever is named there.

The check stands behind the handlers, at the one place through which every such document leaves, so that no new address
can forget it.
"""

from __future__ import annotations

from urllib.parse import urldefrag

from aiohttp import web

from federation import verification
from federation.errors import Refused
from federation.signatures import Request
from federation.verification import ActorKey, Unheard
from node.context import NODE, Node, Transaction
from node.peering import standing
from node.peering.rules import Door
from node.web.negotiation import FOR_SIGNERS, Handler

SHUT = web.RequestKey("shut", bool)  # the door READING lets nobody through who is not admitted (node.web.readers)


def is_for_signers_alone(request: web.Request) -> bool:
    """Whether this node gives its documents to those alone who sign."""
    return request.app[NODE].config.authorized_fetch or bool(request.get(SHUT))


def is_signed(request: web.Request) -> bool:
    """Whether a request claims to be signed; if it is, is another question."""
    return "Signature" in request.headers


@web.middleware
async def authorised(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a document go that is for everybody, or to somebody who may have it. Raises Refused (401, 403)."""
    response = await handler(request)
    if request.get(SHUT) or not is_for_signers_alone(request):
        return response  # who reads what is shut has shown who it is already
    if request.get(FOR_SIGNERS):
        await _check_asker(request)
        response.headers["Cache-Control"] = "private, max-age=60"
    response.headers["Vary"] = "Accept, Signature"
    return response


async def _check_asker(request: web.Request) -> None:
    node = request.app[NODE]
    if not is_signed(request):
        raise Refused("this node gives its documents to those who sign their request", status=401)
    signed = Request(request.method, request.raw_path, headers(request), b"")
    verified = await verification.verify(
        signed, own_origin=node.config.origin, keys=AdmittedKeys(node, Door.READING), now=node.clock()
    )
    await node.database.read(check_admitted, verified.actor, Door.READING)


class AdmittedKeys:
    """The keys of those whom a door lets through: whoever is shut out is not even asked for the key it names."""

    def __init__(self, node: Node, door: Door) -> None:
        self._node, self._door = node, door

    async def key(self, key_id: str, *, fresh: bool = False) -> ActorKey:
        """As `KeyDirectory.key`. Raises Unheard where that would take a request to one who is shut out."""
        held = None if fresh else await self._node.directory.held_key(key_id)
        if held is not None:
            return held
        try:
            await self._node.database.read(check_admitted, urldefrag(key_id).url, self._door)
        except Refused as error:
            raise Unheard(str(error)) from None
        return await self._node.directory.key(key_id, fresh=fresh)


def check_admitted(tx: Transaction, actor: str, door: Door) -> None:
    """Raise Refused (403) if a door of this node does not let `actor` through."""
    standing.check(tx, door, actor=actor)


def headers(request: web.Request) -> dict[str, str]:
    """The headers of a request as signatures are over them: names in lower case, repeated ones joined."""
    joined: dict[str, str] = {}
    for name, value in request.headers.items():
        name = name.lower()
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined
