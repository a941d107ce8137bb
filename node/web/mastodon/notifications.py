"""Notifications, one by one: what others do that concerns the group of a viewer. A reader has none."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node.accounts import numbered
from node.context import NODE, Transaction
from node.errors import Invalid, Missing
from node.marks import places
from node.members.viewers import Viewer
from node.notifications import listing, store
from node.notifications.listing import Wanted
from node.notifications.rules import Kind
from node.web.mastodon import door, parameters, windows
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import notifications as entities
from node.web.mastodon.parameters import Parameters
from node.window import Window

LIMIT, LIMIT_AT_MOST = 40, 80
COUNTED, COUNTED_AT_MOST = 100, 1000
OTHER_NAMES = {"status": Kind.VOTE}


async def index(request: web.Request) -> web.Response:
    """GET /api/v1/notifications?types[]=&exclude_types[]=&account_id=&include_filtered="""
    viewer, given = await door.viewer(request), await parameters.of(request)
    window = windows.asked(given, limit=LIMIT, at_most=LIMIT_AT_MOST)
    found = await request.app[NODE].database.read(_page, viewer, given, window)
    first, last = (found[0]["id"], found[-1]["id"]) if found else (None, None)
    links = windows.link(request, window, first, last, full=len(found) == window.limit)
    return answer(request, found, headers=links)


def _page(tx: Transaction, viewer: Viewer, given: Parameters, window: Window) -> list[dict[str, Any]]:
    wanted = asked_for(tx, given)
    return [] if wanted is None else entities.rendered(tx, listing.listed(tx, viewer, wanted, window), viewer)


def asked_for(tx: Transaction, given: Parameters) -> Wanted | None:
    """What of the list an app asks for; None for what nobody has: types that there are none of, an unknown account."""
    chosen = given.many("types") or given.many("type")
    kinds = {OTHER_NAMES.get(name) or _kind(name) for name in chosen} if chosen else set(Kind)
    kinds -= {OTHER_NAMES.get(name) or _kind(name) for name in given.many("exclude_types")}
    actor = None
    if (number := windows.identifier(given, "account_id")) is not None:
        row = numbered(tx, number)
        if row is None:
            return None
        actor = row.iri
    known = [kind for kind in Kind if kind in kinds]
    return Wanted(kinds=known, actor=actor, filtered=given.flag("include_filtered")) if known else None


def _kind(name: str) -> Kind | None:
    return Kind(name) if name in {kind.value for kind in Kind if kind is not Kind.VOTE} else None


async def one(request: web.Request) -> web.Response:
    """GET /api/v1/notifications/:id"""
    viewer, number = await door.viewer(request), windows.number_of(request.match_info["id"])
    return answer(request, await request.app[NODE].database.read(_one, viewer, number))


def _one(tx: Transaction, viewer: Viewer, number: int | None) -> dict[str, Any]:
    row = None if number is None else listing.find(tx, viewer, number)
    found = entities.rendered(tx, [row], viewer) if row is not None else []
    if not found:
        raise Missing("Record not found")
    return found[0]


async def clear(request: web.Request) -> web.Response:
    """POST /api/v1/notifications/clear"""
    viewer = await door.viewer(request)
    await request.app[NODE].database.write(store.clear, viewer.id)
    return answer(request, {})


async def dismiss(request: web.Request) -> web.Response:
    """POST /api/v1/notifications/:id/dismiss, or /dismiss with `id`"""
    viewer = await door.viewer(request)
    text = request.match_info.get("id") or (await parameters.of(request)).text("id")
    if not text:
        raise Invalid("say which notification", field="id")
    await request.app[NODE].database.write(_dismiss, viewer, windows.number_of(text))
    return answer(request, {})


def _dismiss(tx: Transaction, viewer: Viewer, number: int | None) -> None:
    if number is None or listing.find(tx, viewer, number) is None:
        raise Missing("Record not found")
    store.dismiss(tx, viewer.id, [number])


async def unread_count(request: web.Request) -> web.Response:
    """GET /api/v1/notifications/unread_count: those behind the place that the app has marked as read."""
    viewer, given = await door.viewer(request), await parameters.of(request)
    at_most = given.number("limit", COUNTED, at_least=1, at_most=COUNTED_AT_MOST)
    count = await request.app[NODE].database.read(_unread, viewer, given, at_most)
    return answer(request, {"count": count})


def _unread(tx: Transaction, viewer: Viewer, given: Parameters, at_most: int) -> int:
    wanted = asked_for(tx, given)
    marked = places.of(tx, viewer.id, ["notifications"]).get("notifications")
    after = marked.last_read if marked is not None else 0
    return 0 if wanted is None else listing.unread(tx, viewer, wanted, after=after, at_most=at_most)
