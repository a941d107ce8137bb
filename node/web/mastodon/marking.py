"""Favourites, bookmarks and quiet threads: a viewer's own marks on texts. They send nothing, whoever she is."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node.actors import host_of
from node.context import Transaction
from node.marks import actions, store
from node.marks.rules import Kind
from node.members.viewers import Viewer
from node.peering import standing
from node.timelines import Item
from node.web.mastodon import addressed, door, finding, parameters, windows
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import statuses
from node.window import Window


async def favourite(request: web.Request) -> web.Response:
    """Mark a text as a favourite."""
    return await _marked(request, Kind.FAVOURITE)


async def unfavourite(request: web.Request) -> web.Response:
    """Take that back."""
    return await _unmarked(request, Kind.FAVOURITE)


async def bookmark(request: web.Request) -> web.Response:
    """Bookmark a text."""
    return await _marked(request, Kind.BOOKMARK)


async def unbookmark(request: web.Request) -> web.Response:
    """Take that back."""
    return await _unmarked(request, Kind.BOOKMARK)


async def mute(request: web.Request) -> web.Response:
    """Want no news of the thread that a text stands in."""
    return await _marked(request, Kind.QUIET)


async def unmute(request: web.Request) -> web.Response:
    """Want them again."""
    return await _unmarked(request, Kind.QUIET)


async def favourites(request: web.Request) -> web.Response:
    """Her favourites, the last one first."""
    return await _listed(request, Kind.FAVOURITE)


async def bookmarks(request: web.Request) -> web.Response:
    """Her bookmarks, the last one first."""
    return await _listed(request, Kind.BOOKMARK)


async def _marked(request: web.Request, kind: Kind) -> web.Response:
    viewer = await door.viewer(request)

    def act(tx: Transaction) -> str:
        iri = str(finding.text(tx, finding.number_in(request), viewer).iri)
        actions.mark(tx, viewer, kind, iri)
        return iri

    return await _shown(request, await addressed.written(request, act), viewer)


async def _unmarked(request: web.Request, kind: Kind) -> web.Response:
    viewer = await door.viewer(request)

    def act(tx: Transaction) -> str:
        iri = str(finding.text(tx, finding.number_in(request), viewer).iri)
        actions.unmark(tx, viewer, kind, iri)
        return iri

    return await _shown(request, await addressed.written(request, act), viewer)


async def _shown(request: web.Request, iri: str, viewer: Viewer) -> web.Response:
    (status,) = await addressed.read(request, statuses.rendered, [Item(iri)], viewer)
    return answer(request, status)


async def _listed(request: web.Request, kind: Kind) -> web.Response:
    viewer = await door.viewer(request)
    window = windows.asked(parameters.of_query(request))
    rows, found = await addressed.read(request, _page, viewer, kind, window)
    first, last = (rows[0].id, rows[-1].id) if rows else (None, None)
    headers = windows.link(request, window, first, last, full=len(rows) == window.limit)
    return answer(request, found, headers=headers)


def _page(tx: Transaction, viewer: Viewer, kind: Kind, window: Window) -> tuple[list[Row[Any]], list[dict[str, Any]]]:
    rows = store.marked(tx, viewer.id, kind, window)
    there = [row.object for row in rows if standing.sends_to(tx, host=host_of(row.object))]
    return rows, statuses.rendered(tx, [Item(iri) for iri in there], viewer)
