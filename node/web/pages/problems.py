"""The page of whoever got no other one."""

from __future__ import annotations

from aiohttp import web

from node.translating import N_
from node.web.pages import rendering

SHORT = {
    400: N_("That cannot be read"),
    403: N_("That is not open to you"),
    404: N_("There is nothing here"),
    405: N_("Not in this way"),
    409: N_("It has changed meanwhile"),
    410: N_("It is gone"),
    413: N_("That is too large"),
    500: N_("Our mistake"),
    503: N_("Not just now"),
}


def problem(request: web.Request, status: int, sentence: str) -> web.Response:
    """A page that says what happened in one sentence; it needs no database."""
    return rendering.private(
        request,
        "problem.html",
        status=status,
        code=status,
        short=SHORT.get(status, N_("That did not work")),
        sentence=sentence[:500],
        masthead=None,
    )
