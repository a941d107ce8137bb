"""Pictures that an app sends in before the text they belong to."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node.context import NODE, Transaction
from node.errors import Invalid, Missing
from node.members.viewers import Viewer
from node.statements import composing
from node.uploads import actions, rules, store
from node.web.mastodon import door, finding, parameters
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import pictures
from node.web.mastodon.posting import group_of

NO_UPLOAD = "there is no such picture of yours, or it is gone"


async def upload(request: web.Request) -> web.Response:
    """POST /api/v2/media and /api/v1/media: `file`, `description`, `focus`. Cleaned before it is kept."""
    viewer, node = await door.viewer(request), request.app[NODE]
    group_of(viewer)
    given = await parameters.of(request, file_bytes=node.config.picture_bytes)
    sent = given.files.get("file")
    if sent is None:
        raise Invalid("there is no file", field="file")
    description, focus = rules.check_description(given.text("description")), rules.focus(given.text("focus"))
    number = await actions.bring(node, viewer.id, sent.body, description=description, focus=focus)
    return answer(request, await node.database.read(_shown, viewer, number))


async def shown(request: web.Request) -> web.Response:
    """GET /api/v1/media/:id"""
    viewer, number = await door.viewer(request), finding.number_in(request)
    return answer(request, await request.app[NODE].database.read(_shown, viewer, number))


def _shown(tx: Transaction, viewer: Viewer, number: int) -> dict[str, Any]:
    row = store.find(tx, viewer.id, number)
    if row is None:
        raise Missing(NO_UPLOAD)
    return _entity(tx, row)


async def describe(request: web.Request) -> web.Response:
    """PUT /api/v1/media/:id: `description`, `focus`"""
    viewer, number = await door.viewer(request), finding.number_in(request)
    given = await parameters.of(request)
    text = given.text("description")
    description = None if text is None else rules.check_description(text)
    focus = rules.focus(given.text("focus"))

    def change(tx: Transaction) -> dict[str, Any]:
        return _entity(tx, actions.describe(tx, viewer.id, number, description=description, focus=focus))

    return answer(request, await request.app[NODE].database.write(change))


async def forget(request: web.Request) -> web.Response:
    """DELETE /api/v1/media/:id"""
    viewer, number = await door.viewer(request), finding.number_in(request)
    await request.app[NODE].database.write(actions.forget, viewer.id, number)
    return answer(request, {})


def _entity(tx: Transaction, row: Row[Any]) -> dict[str, Any]:
    kept = composing.shown_picture(store.picture(row))
    return pictures.attachment(tx, kept | {"name": row.description or None}, number=str(row.id), local=True)
