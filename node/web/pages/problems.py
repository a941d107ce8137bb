"""The page of whoever got no other one."""

from __future__ import annotations

from aiohttp import web

from node.web.pages import rendering

SHORT = {
    400: "That cannot be read",
    403: "That is not open to you",
    404: "There is nothing here",
    405: "Not in this way",
    409: "It has changed meanwhile",
    410: "It is gone",
    413: "That is too large",
    500: "Our mistake",
    503: "Not just now",
}


def problem(request: web.Request, status: int, sentence: str) -> web.Response:
    """A page that says what happened in one sentence; it needs no database."""
    return rendering.private(
        request,
        "problem.html",
        status=status,
        code=status,
        short=SHORT.get(status, "That did not work"),
        sentence=sentence[:500],
        masthead=None,
    )
