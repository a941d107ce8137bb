"""Hashtags: one, those that a viewer follows, and featured ones, of which there are none here."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from aiohttp import web

from node.context import NODE, Node
from node.errors import Invalid, Missing
from node.marks import actions, followings, rules
from node.web.mastodon import addressed, door, parameters, windows
from node.web.mastodon.answers import answer

TAGS, TAGS_AT_MOST = 100, 200


async def tag(request: web.Request) -> web.Response:
    """One hashtag, whether anybody uses it or not; and whether she follows it."""
    viewer, name = await door.optional_viewer(request), _name(request)
    follows = viewer is not None and await addressed.read(request, followings.follows_tag, viewer.id, name)
    return answer(request, rendered(request.app[NODE], name, following=follows if viewer is not None else None))


async def follow(request: web.Request) -> web.Response:
    """Follow a hashtag: what carries it stands in her home time line."""
    viewer = await door.viewer(request)
    name = await addressed.written(request, actions.follow_tag, viewer, request.match_info["name"])
    return answer(request, rendered(request.app[NODE], name, following=True))


async def unfollow(request: web.Request) -> web.Response:
    """Follow it no longer."""
    viewer, name = await door.viewer(request), _name(request)
    await addressed.written(request, followings.unfollow_tag, viewer.id, name)
    return answer(request, rendered(request.app[NODE], name, following=False))


async def followed(request: web.Request) -> web.Response:
    """The hashtags that she follows."""
    viewer, node = await door.viewer(request), request.app[NODE]
    window = windows.asked(parameters.of_query(request), limit=TAGS, at_most=TAGS_AT_MOST)
    rows = await addressed.read(request, followings.tags_page, viewer.id, window)
    first, last = (rows[0].id, rows[-1].id) if rows else (None, None)
    headers = windows.link(request, window, first, last, full=len(rows) == window.limit)
    return answer(request, [rendered(node, row.name, following=True) for row in rows], headers=headers)


async def featured(request: web.Request) -> web.Response:
    """None: what a group wants to be seen it pins."""
    return answer(request, [])


async def feature(request: web.Request) -> web.Response:
    """Raises Invalid."""
    raise Invalid("hashtags are not featured here; a group pins what is to be seen first")


async def unfeature(request: web.Request) -> web.Response:
    """Raises Missing."""
    raise Missing("there is nothing of that number here")


def rendered(node: Node, name: str, *, following: bool | None = None) -> dict[str, Any]:
    """A Tag, as it is found by; its use is not counted by the day."""
    shown: dict[str, Any] = {"id": name, "name": name, "url": node.address(f"/tags/{quote(name)}"), "history": []}
    return shown if following is None else shown | {"following": following, "featuring": False}


def _name(request: web.Request) -> str:
    return rules.check_tag(request.match_info["name"])
