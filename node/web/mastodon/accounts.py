"""Accounts: one's own, and others'."""

from __future__ import annotations

from aiohttp import web

from node.context import NODE
from node.web.mastodon import door
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import own_accounts


async def verify_credentials(request: web.Request) -> web.Response:
    """Which account this is."""
    viewer = await door.viewer(request)
    return answer(request, await request.app[NODE].database.read(own_accounts.own, viewer))
