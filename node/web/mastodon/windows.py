"""The window that a request asks for, and the Link header by which an app turns the pages.

Absolute, `next` (older) before `prev` (newer, with min_id): there are apps that look at nothing else.
"""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from node.context import NODE
from node.errors import Invalid
from node.web.mastodon.parameters import Parameters
from node.window import LARGEST, Window

BOUNDS = ("max_id", "since_id", "min_id")
NOT_REPEATED = (*BOUNDS, "limit", "offset", "access_token")


def asked(given: Parameters, *, limit: int = 20, at_most: int = 40) -> Window:
    """The window; a limit beyond the largest is that one. Raises Invalid."""
    bounds = {name: identifier(given, name) for name in BOUNDS}
    return Window(limit=given.number("limit", limit, at_least=1, at_most=at_most), **bounds)


def identifier(given: Parameters, name: str) -> int | None:
    """An id among the parameters; None if there is none. Raises Invalid for what cannot be one."""
    text = given.text(name)
    if not text:
        return None
    number = number_of(text)
    if number is None:
        raise Invalid("{given!r} is no id", field=name, given=text[:40])
    return number


def number_of(text: str) -> int | None:
    """An id as it stands in a path or a parameter; None for what cannot be one, so that nothing has it."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 19):
        return None
    number = int(text)
    return number if number <= LARGEST else None


def link(
    request: web.Request, window: Window, first: int | str | None, last: int | str | None, *, full: bool
) -> dict[str, str]:
    """The Link header for a page that begins with the id `first` and ends with `last`; empty for an empty page.

    `full`: as many were found as were asked for, so there may be more behind them.
    """
    if first is None or last is None:
        return {}
    parts = []
    if full or window.min_id is not None:
        parts.append(f'<{_address(request, window, max_id=last)}>; rel="next"')
    parts.append(f'<{_address(request, window, min_id=first)}>; rel="prev"')
    return {"Link": ", ".join(parts)}


def _address(request: web.Request, window: Window, **bound: int | str) -> str:
    kept = [(name, value) for name, value in request.query.items() if name not in NOT_REPEATED]
    query = urlencode([*kept, ("limit", str(window.limit)), *bound.items()])
    return request.app[NODE].address(f"{request.path}?{query}")
