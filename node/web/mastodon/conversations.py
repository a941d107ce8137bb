"""Conversations: direct posts that came in. This node keeps what was said to everybody alone, so there are none."""

from __future__ import annotations

from aiohttp import web

from node.errors import Missing
from node.web.mastodon.answers import answer


async def all_of(request: web.Request) -> web.Response:
    """None."""
    return answer(request, [])


async def none(request: web.Request) -> web.Response:
    """Raises Missing: there is no such conversation."""
    raise Missing("there is no such conversation: direct posts are not kept here")
