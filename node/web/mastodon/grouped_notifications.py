"""Notifications in groups: those of one kind about one text are told as one (Mastodon 4.3, /api/v2)."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node.context import NODE, Transaction
from node.errors import Missing
from node.marks import places
from node.members.viewers import Viewer
from node.notifications import listing, store
from node.notifications.listing import Wanted
from node.notifications.rules import GROUPED_NAMES
from node.web.mastodon import door, parameters, windows
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import notifications as entities
from node.web.mastodon.notifications import COUNTED, COUNTED_AT_MOST, LIMIT, LIMIT_AT_MOST, asked_for
from node.web.mastodon.parameters import Parameters
from node.window import Window

LOOKED_THROUGH = 400  # notifications, for so many groups as fit in


async def index(request: web.Request) -> web.Response:
    """GET /api/v2/notifications?grouped_types[]=&types[]=...; a page is as many groups as `limit`."""
    viewer, given = await door.viewer(request), await parameters.of(request)
    window = windows.asked(given, limit=LIMIT, at_most=LIMIT_AT_MOST)
    found, first, last, full = await request.app[NODE].database.read(_page, viewer, given, window)
    return answer(request, found, headers=windows.link(request, window, first, last, full=full))


def _page(
    tx: Transaction, viewer: Viewer, given: Parameters, window: Window
) -> tuple[dict[str, Any], int | None, int | None, bool]:
    wanted = asked_for(tx, given)
    asked = given.many("grouped_types")
    kinds = GROUPED_NAMES & set(asked) if asked else GROUPED_NAMES
    wider = Window(limit=LOOKED_THROUGH, max_id=window.max_id, since_id=window.since_id, min_id=window.min_id)
    rows = listing.listed(tx, viewer, wanted, wider) if wanted is not None else []
    rows = rows if window.min_id is None else rows[::-1]
    taken: list[Row[Any]] = []
    seen: set[tuple[Any, ...]] = set()
    for row in rows:
        key = (row.kind, row.iri) if row.kind in kinds else (row.id,)
        if key not in seen and len(seen) == window.limit:
            break
        seen.add(key)
        taken.append(row)
    taken.sort(key=lambda row: row.id, reverse=True)
    full = len(taken) < len(rows) or len(rows) == LOOKED_THROUGH
    ends = (taken[0].id, taken[-1].id) if taken else (None, None)
    return entities.grouped(tx, taken, viewer, kinds=frozenset(kinds)), *ends, full


async def one(request: web.Request) -> web.Response:
    """GET /api/v2/notifications/:group_key"""
    viewer = await door.viewer(request)
    return answer(request, await request.app[NODE].database.read(_one, viewer, request.match_info["key"]))


def _one(tx: Transaction, viewer: Viewer, key: str) -> dict[str, Any]:
    return entities.grouped(tx, _rows_of(tx, viewer, key), viewer, kinds=GROUPED_NAMES)


async def accounts(request: web.Request) -> web.Response:
    """GET /api/v2/notifications/:group_key/accounts"""
    viewer = await door.viewer(request)
    return answer(request, await request.app[NODE].database.read(_accounts, viewer, request.match_info["key"]))


def _accounts(tx: Transaction, viewer: Viewer, key: str) -> list[dict[str, Any]]:
    made = entities.rendered(tx, _rows_of(tx, viewer, key), viewer)
    return list({one["account"]["id"]: one["account"] for one in made}.values())


async def dismiss(request: web.Request) -> web.Response:
    """POST /api/v2/notifications/:group_key/dismiss"""
    viewer = await door.viewer(request)
    await request.app[NODE].database.write(_dismiss, viewer, request.match_info["key"])
    return answer(request, {})


def _dismiss(tx: Transaction, viewer: Viewer, key: str) -> None:
    store.dismiss(tx, viewer.id, [row.id for row in _rows_of(tx, viewer, key)])


def _rows_of(tx: Transaction, viewer: Viewer, key: str) -> list[Row[Any]]:
    """The notifications of a group. Raises Missing."""
    kind, _, rest = key.partition("-")
    if kind == "ungrouped":
        number = windows.number_of(rest)
        row = None if number is None else listing.find(tx, viewer, number)
        rows = [] if row is None else [row]
    else:
        every = Window(limit=LOOKED_THROUGH)
        of_kind = [one for one in listing.listed(tx, viewer, Wanted(filtered=True), every) if one.kind == kind]
        keys = {one["id"]: one["group_key"] for one in entities.rendered(tx, of_kind, viewer)}
        rows = [row for row in of_kind if keys.get(str(row.id)) == key]
    if not rows:
        raise Missing("Record not found")
    return rows


async def unread_count(request: web.Request) -> web.Response:
    """GET /api/v2/notifications/unread_count: how many groups there are behind the place marked as read."""
    viewer, given = await door.viewer(request), await parameters.of(request)
    at_most = given.number("limit", COUNTED, at_least=1, at_most=COUNTED_AT_MOST)
    count = await request.app[NODE].database.read(_unread, viewer, given, at_most)
    return answer(request, {"count": count})


def _unread(tx: Transaction, viewer: Viewer, given: Parameters, at_most: int) -> int:
    marked = places.of(tx, viewer.id, ["notifications"]).get("notifications")
    after = marked.last_read if marked is not None else None
    found, _, _, _ = _page(tx, viewer, given, Window(limit=at_most, since_id=after))
    return len(found["notification_groups"])
