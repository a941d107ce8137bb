"""Pictures, films and sounds that an app sends in before the text they belong to."""

from __future__ import annotations

from contextlib import AsyncExitStack, aclosing
from typing import IO, Any

from aiohttp import web
from sqlalchemy import Row

from node import filming
from node.context import NODE, Node, Transaction
from node.errors import Invalid, Missing
from node.members.viewers import Viewer
from node.statements import composing
from node.uploads import actions, rules, store
from node.web.mastodon import door, finding, parameters
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import pictures
from node.web.mastodon.parameters import Parameters
from node.web.mastodon.posting import group_of

NO_UPLOAD = "there is no such picture of yours, or it is gone"
WAITED_FOR_SECONDS = 8.0  # then version 2 answers that it is still being worked on


class _Received:
    """The films of one request: each in a file without a name, which goes with the request unless it is `given`."""

    def __init__(self, node: Node, viewer: Viewer, announced_bytes: int) -> None:
        self.limit_bytes = node.config.film_bytes
        self._node, self._viewer, self._announced_bytes = node, viewer, announced_bytes
        self._turns = AsyncExitStack()
        self._files: list[IO[bytes]] = []

    def takes(self, head: bytes) -> bool:
        """Whether a file begins as a film or a sound does."""
        return filming.demuxer(head[: filming.HEAD_BYTES]) is not None

    async def put(self) -> IO[bytes]:
        """A file for one. Raises Invalid if this node takes none, or it is too long; Conflict, Busy."""
        if not self.limit_bytes:
            raise Invalid("this node takes no films and sounds", field="file")
        if self._announced_bytes > self.limit_bytes + parameters.FIELD_BYTES:
            given, limit = self._announced_bytes, self.limit_bytes
            raise Invalid("it has {given:,} bytes; {limit:,} are the limit", field="file", given=given, limit=limit)
        await self._node.database.read(actions.check_room_for_a_film, self._viewer.id)
        coming = self._node.films.received(self._announced_bytes or self.limit_bytes)
        self._files.append(await self._turns.enter_async_context(coming))
        return self._files[-1]

    def given(self, file: IO[bytes]) -> None:
        """Somebody else closes this one now."""
        self._files.remove(file)

    async def aclose(self) -> None:
        """Forget what came in."""
        for file in self._files:
            file.close()
        await self._turns.aclose()


async def upload(request: web.Request) -> web.Response:
    """POST /api/v2/media and /api/v1/media: `file`, `thumbnail`, `description`, `focus`. Cleaned before it is kept.

    A film takes its time: version 2 answers 202 if that is long, version 1 waits.
    """
    viewer, node = await door.viewer(request), request.app[NODE]
    group_of(viewer)
    async with aclosing(_Received(node, viewer, request.content_length or 0)) as received:
        given = await parameters.of(request, file_bytes=2 * node.config.picture_bytes, long=received)
        number = await _bring(node, viewer, given, received)
    await node.films.wait_for(number, at_most=None if request.path == "/api/v1/media" else WAITED_FOR_SECONDS)
    return await _told(request, viewer, number, working=202)


async def _bring(node: Node, viewer: Viewer, given: Parameters, received: _Received) -> int:
    sent, thumbnail = given.files.get("file"), given.files.get("thumbnail")
    if sent is None:
        raise Invalid("there is no file", field="file")
    description, focus = rules.check_description(given.text("description")), rules.focus(given.text("focus"))
    if sent.long is None:
        return await actions.bring(node, viewer.id, sent.body, description=description, focus=focus)
    shown_before = thumbnail.body if thumbnail is not None and thumbnail.long is None else None
    number = await actions.bring_film(
        node, viewer.id, sent.long, description=description, focus=focus, thumbnail=shown_before or None
    )
    received.given(sent.long)
    return number


async def shown(request: web.Request) -> web.Response:
    """GET /api/v1/media/:id; 206 while it is worked on."""
    viewer, number = await door.viewer(request), finding.number_in(request)
    return await _told(request, viewer, number, working=206)


async def _told(request: web.Request, viewer: Viewer, number: int, *, working: int) -> web.Response:
    entity = await request.app[NODE].database.read(_shown, viewer, number)
    return answer(request, entity, status=200 if entity["url"] else working)


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
    if not actions.is_ready(tx, row):
        return pictures.unfinished(str(row.id), row.description or None)
    kept = composing.shown_picture(store.picture(row))
    return pictures.attachment(tx, kept | {"name": row.description or None}, number=str(row.id), local=True)
