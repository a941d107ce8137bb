"""What a member does with a text as the group: boost it, pin it, and undo these; each by the group's rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from node.context import NODE, Transaction
from node.errors import Conflict, Forbidden
from node.members.viewers import Viewer
from node.statements import passing_on, store
from node.timelines import Item
from node.web.mastodon import door, finding
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import statuses
from node.web.mastodon.posting import group_of


async def boost(request: web.Request) -> web.Response:
    """POST /api/v1/statuses/:id/reblog: the boost with the text in it; the text alone while the group decides."""
    return await _act(request, _boost)


async def unboost(request: web.Request) -> web.Response:
    """POST /api/v1/statuses/:id/unreblog: the text."""
    return await _act(request, _unboost)


async def pin(request: web.Request) -> web.Response:
    """POST /api/v1/statuses/:id/pin"""
    return await _act(request, _pin)


async def unpin(request: web.Request) -> web.Response:
    """POST /api/v1/statuses/:id/unpin"""
    return await _act(request, _unpin)


async def _act(request: web.Request, act: Callable[[Transaction, Viewer, int], dict[str, Any]]) -> web.Response:
    viewer, place = await door.viewer(request), finding.number_in(request)
    group_of(viewer)
    return answer(request, await request.app[NODE].database.write(act, viewer, place))


def _boost(tx: Transaction, viewer: Viewer, place: int) -> dict[str, Any]:
    group, iri = group_of(viewer), finding.text(tx, place, viewer).iri
    if store.reaction(tx, kind="Announce", actor=group, object=iri) is None:
        passing_on.boost(tx, iri, actor=group, member=viewer.member)
    boosted = store.reaction(tx, kind="Announce", actor=group, object=iri)
    return _shown(tx, viewer, iri, boosted.iri if boosted is not None else None)


def _unboost(tx: Transaction, viewer: Viewer, place: int) -> dict[str, Any]:
    group, iri = group_of(viewer), finding.text(tx, place, viewer).iri
    if store.reaction(tx, kind="Announce", actor=group, object=iri) is not None:
        passing_on.unboost(tx, iri, actor=group, member=viewer.member)
    return _shown(tx, viewer, iri)


def _pin(tx: Transaction, viewer: Viewer, place: int) -> dict[str, Any]:
    row = finding.text(tx, place, viewer)
    if row.author != group_of(viewer):  # her mandate in another group of hers is not what this app was let in by
        raise Forbidden("this is not the group's own")
    iri = row.iri
    try:
        passing_on.pin(tx, iri, member=viewer.member)
    except Conflict:
        if not _shown(tx, viewer, iri).get("pinned"):
            raise
    return _shown(tx, viewer, iri)


def _unpin(tx: Transaction, viewer: Viewer, place: int) -> dict[str, Any]:
    iri = finding.text(tx, place, viewer).iri
    if _shown(tx, viewer, iri).get("pinned"):
        passing_on.unpin(tx, iri, actor=group_of(viewer), member=viewer.member)
    return _shown(tx, viewer, iri)


def _shown(tx: Transaction, viewer: Viewer, iri: str, boost: str | None = None) -> dict[str, Any]:
    (found,) = statuses.rendered(tx, [Item(iri, boost)], viewer)
    return found
