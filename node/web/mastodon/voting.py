"""Polls of others: how they stand, and the vote of the group, by its rule."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node.context import NODE, Transaction
from node.errors import Missing
from node.members.viewers import Viewer
from node.statements import polls
from node.timelines import Item
from node.web.mastodon import door, finding, parameters
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import statuses
from node.web.mastodon.posting import group_of

CHOICES_AT_MOST = 100


async def poll(request: web.Request) -> web.Response:
    """GET /api/v1/polls/:id: the poll of a text; it has the number of that."""
    viewer, place = await door.optional_viewer(request), finding.number_in(request)
    return answer(request, await request.app[NODE].database.read(_poll, viewer, place), public=viewer is None)


async def vote(request: web.Request) -> web.Response:
    """POST /api/v1/polls/:id/votes: the poll, with the group's vote in it as soon as the group has decided so."""
    viewer, place = await door.viewer(request), finding.number_in(request)
    group_of(viewer)
    chosen = (await parameters.of(request)).many("choices", at_most=CHOICES_AT_MOST)
    choices = [int(one) if one.isascii() and one.isdecimal() and len(one) < 4 else -1 for one in chosen]
    return answer(request, await request.app[NODE].database.write(_vote, viewer, place, choices))


def _vote(tx: Transaction, viewer: Viewer, place: int, choices: list[int]) -> dict[str, Any]:
    _poll(tx, viewer, place)  # what is none is said to be none in the words of this API
    polls.vote(tx, finding.text(tx, place, viewer).iri, choices, actor=group_of(viewer), member=viewer.member)
    return _poll(tx, viewer, place)


def _poll(tx: Transaction, viewer: Viewer | None, place: int) -> dict[str, Any]:
    for shown in statuses.rendered(tx, [Item(finding.item(tx, place, viewer).iri)], viewer):
        if shown["poll"] is not None:
            found: dict[str, Any] = shown["poll"]
            return found
    raise Missing("there is no such poll here, or it is gone")
