"""Pages of lists as they are kept between two askings: compressed as apps take them, with their tag and their bounds.

`of(request, fn, viewer, ...)` asks the database once and answers from memory until a commit could have changed what was
read (node.memory). What is remembered belongs to one viewer, or to everybody who shows no token.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Concatenate, ParamSpec

from aiohttp import web

from node.context import NODE, Transaction
from node.members.viewers import Viewer
from node.timelines import Item
from node.web import packing
from node.web.mastodon import windows
from node.web.mastodon.answers import HEADERS
from node.web.mastodon.entities import statuses
from node.web.negotiation import COMPRESS_FROM_BYTES, is_held
from node.window import Window

P = ParamSpec("P")

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Page:
    """JSON that is ready. `packed`: it is compressed; `first` and `last` are the ids at its ends, `full` that there
    were as many as were asked for."""

    body: bytes  # by gzip, if it is packed
    packed: bool
    etag: str
    first: int | None = None
    last: int | None = None
    full: bool = False
    others: dict[str, bytes] = field(default_factory=dict, compare=False)

    def packed_by(self, coding: str) -> bytes:
        """The same in a coding; what has once been asked for is kept."""
        if coding == packing.GZIP:
            return self.body
        if coding == packing.PLAIN:
            return gzip.decompress(self.body)
        if coding not in self.others:
            self.others[coding] = packing.packed(gzip.decompress(self.body), coding)
        return self.others[coding]


def page(body: bytes, places: Sequence[int] = (), window: Window | None = None) -> Page:
    """JSON as it is kept; `places` are those of the items that were found, shown or not."""
    etag = hashlib.blake2b(body, digest_size=16).hexdigest()
    packed = len(body) > COMPRESS_FROM_BYTES
    first, last = (places[0], places[-1]) if places else (None, None)
    full = window is not None and len(places) >= window.limit
    return Page(packing.packed(body, packing.GZIP) if packed else body, packed, etag, first, last, full)


def of_items(tx: Transaction, items: Sequence[Item], viewer: Viewer | None, window: Window | None = None) -> Page:
    """A time line, or a piece of one."""
    return page(statuses.listed(tx, items, viewer), [item.place for item in items], window)


async def remembered(
    request: web.Request,
    fn: Callable[Concatenate[Transaction, Viewer | None, P], Page],
    viewer: Viewer | None,
    *args: P.args,
    **kwargs: P.kwargs,
) -> Page:
    """What `fn(tx, viewer, ...)` answers, or has answered; whatever the token, for a viewer it is the same."""
    who = None if viewer is None else replace(viewer, token="", app=0, scopes=frozenset())
    found: Page = await request.app[NODE].database.remembered(fn, who, *args, **kwargs)
    return found


def answer(request: web.Request, found: Page, viewer: Any, *, window: Window | None = None) -> web.Response:
    """The page as an answer; 304 if the app has it. What nobody showed a token for may be kept for a minute."""
    headers = HEADERS | {
        "Cache-Control": "public, max-age=60" if viewer is None else "private, no-cache",
        "ETag": f'W/"{found.etag}"',
        "Content-Type": JSON,
    }
    if window is not None:
        headers |= windows.link(request, window, found.first, found.last, full=found.full)
    if "If-None-Match" in request.headers and is_held(request, found.etag):
        return web.Response(status=304, headers=headers)
    if not found.packed:
        return web.Response(body=found.body, headers=headers)
    coding = packing.coding(request.headers.get("Accept-Encoding", ""))
    if coding != packing.PLAIN:
        headers["Content-Encoding"] = coding
    return web.Response(body=found.packed_by(coding), headers=headers)
