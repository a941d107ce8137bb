"""Looking for what is not known here: an account by its handle or address, a text by its address.

It is done before any transaction, for those alone who may act for a group or read here with an account of their own,
and so often in a day at most. Who asks is not told to anybody: the node's own actor asks. What cannot be had is not
here, and that is all a search says of it.
"""

from __future__ import annotations

from contextlib import suppress

from aiohttp import web

from federation import discovery, origin
from federation.errors import Malformed, Refused, Unreachable
from node import actors, objects
from node.context import NODE, Node, Transaction
from node.errors import NodeError
from node.members.viewers import Viewer
from node.peering import standing
from node.peering.rules import Door
from node.statements import errands, passing_on, store
from node.statements.errands import Allowance
from node.statements.rules import Interest
from node.web.mastodon import profiles

DAY_OF_A_MEMBER = Allowance(requests=500, bytes=2**63 - 1)
DAY_OF_A_READER = Allowance(requests=100, bytes=2**63 - 1)
CHARACTERS = 1000


async def account(request: web.Request, viewer: Viewer, text: str) -> None:
    """Look for an account that is written like this, unless it is known."""
    node = request.app[NODE]
    if not _is_handle(text) or await node.database.read(profiles.called, text) is not None:
        return
    with suppress(Refused, Malformed, Unreachable, NodeError):
        host = text.rpartition("@")[2].lower()
        await node.database.read(_check, host)
        if host != node.config.host and await node.database.write(_take, viewer):
            await node.directory.actor(await discovery.find(node.client, text))


async def address(request: web.Request, viewer: Viewer, text: str) -> str | None:
    """What stands at an address, a text or an account, looked for unless it is known; its IRI."""
    node = request.app[NODE]
    if not is_address(text):
        return None
    known = await node.database.read(found_at, text)
    if known is not None:
        return known
    with suppress(Refused, Malformed, Unreachable, NodeError):
        origin.check_foreign(text, own_origin=node.config.origin)
        await node.database.read(_check, actors.host_of(text))
        if await node.database.write(_take, viewer):
            return await _fetched(node, text)
    return None


async def _fetched(node: Node, address: str) -> str | None:
    """Fetch what is at an address: something said, or who says something."""
    with suppress(Refused, Malformed):
        await passing_on.bring(node, address, Interest.SOUGHT)
        if (found := await node.database.read(found_at, address)) is not None:
            return found
    return await node.directory.actor_at(address)


def found_at(tx: Transaction, address: str) -> str | None:
    """What is held of the text or the account whose id or page is at `address`; its IRI."""
    if objects.find(tx, address) is not None or actors.find(tx, address) is not None:
        return address
    return store.at_page(tx, address)


def is_address(text: str) -> bool:
    """Whether somebody has written an address rather than words."""
    return text.startswith(("https://", "http://")) and " " not in text and len(text) <= CHARACTERS


def _is_handle(text: str) -> bool:
    user, _, host = text.removeprefix("@").partition("@")
    return bool(user and host) and " " not in text and len(text) <= CHARACTERS


def _check(tx: Transaction, host: str) -> None:
    standing.check(tx, Door.PULLING, host=host)


def _take(tx: Transaction, viewer: Viewer) -> bool:
    allowance = DAY_OF_A_READER if viewer.actor is None else DAY_OF_A_MEMBER
    return errands.take(tx, f"looked for by viewer {viewer.id}", allowance)
