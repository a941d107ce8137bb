"""Forms of the desk that bring a file: read whole, in bounds, and only from a page of ours in her session."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from node.errors import Forbidden, Invalid
from node.web import bodies
from node.web.admin.door import WORD, check_own_site, check_word, session
from node.web.admin.standing import GROUP, Standing, in_haste, standing
from node.web.pages import rendering

SECONDS = 120  # a table on the line of a village
FIELD_BYTES = 256 * 1024  # of all fields together
READ_BYTES = 64 * 1024 * 1024  # of a file that is too large, so that the form around it is not lost
PARTS_AT_MOST = 60


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a form, in its field: its name there, and its bytes; None if it has more than `limit`."""

    field: str
    name: str
    body: bytes | None
    limit: int

    @property
    def content(self) -> bytes:
        """The bytes. Raises Invalid, naming the field, if they are too many."""
        if self.body is None:
            raise Invalid("it has more than {limit:,} bytes", field=self.field, limit=self.limit)
        return self.body


Parcel = tuple[Standing, dict[str, str], dict[str, File]]


async def received(request: web.Request, *, file_bytes: int) -> Parcel | web.StreamResponse:
    """Who sends a form, what stands in it, and its files by the name of their field; those left empty are not there.
    Where her session is over, a page that gives her back what she wrote.

    Raises Forbidden unless one of our own pages has sent it, Invalid for what is no form, TimeoutError.
    """
    check_own_site(request)
    known = await session(request)
    form, files = await _read(request, file_bytes if known is not None else 0)  # a stranger's words, and no more
    try:
        if known is None:
            raise Forbidden("you are not logged in any more")
        check_word(known, form.pop(WORD, ""))
    except Forbidden:
        text = "\n\n".join(one for name, one in form.items() if name not in (WORD, GROUP) and one)
        values = {"title": "", "text": text}
        return rendering.private(request, "lapsed.html", status=403, values=values, masthead=None)
    here = await standing(request, handle=form.pop(GROUP, None))
    return in_haste(here, form), form, files


async def _read(request: web.Request, file_bytes: int) -> tuple[dict[str, str], dict[str, File]]:
    form: dict[str, str] = {}
    files: dict[str, File] = {}
    left = FIELD_BYTES
    try:
        async with asyncio.timeout(SECONDS):
            async for part in await request.multipart():
                if not isinstance(part, BodyPartReader) or part.name is None or len(form) + len(files) > PARTS_AT_MOST:
                    raise Invalid("this is no form of ours")
                limit = left if part.filename is None else file_bytes
                body = await _body(part, limit)
                if part.filename is not None:
                    if body is None or body:
                        files[part.name] = File(part.name, part.filename, body, limit)
                elif body is None:
                    raise Invalid("it has more than {limit:,} bytes", field=part.name, limit=limit)
                else:
                    form[part.name] = body.decode()
                    left -= len(body)
    except bodies.UNREADABLE:
        raise Invalid("this is no form of ours") from None
    return form, files


async def _body(part: BodyPartReader, at_most: int) -> bytes | None:
    """What a part holds; None if that is more than it may."""
    read, size = bytearray(), 0
    while chunk := await part.read_chunk(65_536):
        size += len(chunk)
        if size > READ_BYTES:
            raise web.HTTPRequestEntityTooLarge(max_size=at_most, actual_size=size)
        if size <= at_most:
            read += chunk
    return bytes(read) if size <= at_most else None
