"""Where she goes when something was proposed: on, or first to the receipt of the ballot that came with her proposal."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node.context import Transaction
from node.decisions import Proposed
from node.web.admin.standing import Standing, back, gathered, values_for
from node.web.pages import rendering


async def after(
    request: web.Request, path: str, here: Standing, made: Proposed | None, **query: str
) -> web.StreamResponse:
    """The page with the receipt, shown this once, or the way on to `path` with `query`, where there is none."""
    if made is None or made.receipt is None:
        raise back(path, here, **query)
    values = await gathered(request, _gather, here)
    return rendering.private(request, "desk_proposed.html", made=made, onward=path, **values)


def _gather(tx: Transaction, here: Standing) -> dict[str, Any]:
    return values_for(tx, here)
