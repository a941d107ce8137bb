"""How far a viewer has read: markers. An app that says which version it has seen is told when another was faster."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node import translating
from node.context import Transaction
from node.errors import Conflict, Invalid
from node.marks import places, rules
from node.web.mastodon import addressed, door, parameters, windows
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import moments


async def markers(request: web.Request) -> web.Response:
    """Where she stands in the time lines that are asked for."""
    viewer = await door.viewer(request)
    wanted = [one for one in parameters.of_query(request).many("timeline") if one in rules.TIMELINES]
    return answer(request, _shown(await addressed.read(request, places.of, viewer.id, wanted)))


async def mark(request: web.Request) -> web.Response:
    """Write where she stands. 409 if another app of hers has written since the version that this one has seen."""
    viewer, given = await door.viewer(request), await parameters.of(request)
    wanted = {}
    for name in rules.TIMELINES:
        inside = given.within(name)
        number = windows.identifier(inside, "last_read_id")
        if number is not None:
            wanted[name] = (number, inside.optional_number("version"))
        elif name in given:
            raise Invalid("say how far: last_read_id", field=name)

    def act(tx: Transaction) -> dict[str, Row[Any]]:
        for name, (number, version) in wanted.items():
            places.put(tx, viewer.id, name, number, version=version)
        return places.of(tx, viewer.id, list(wanted))

    try:
        return answer(request, _shown(await addressed.written(request, act)))
    except Conflict as error:
        return answer(request, {"error": translating.said(error)}, status=error.status)


def _shown(rows: dict[str, Row[Any]]) -> dict[str, Any]:
    return {
        name: {"last_read_id": str(row.last_read), "version": row.version, "updated_at": moments.moment(row.at)}
        for name, row in rows.items()
    }
