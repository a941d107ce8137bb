"""The complaints at the desk: delegates read them and close them."""

from __future__ import annotations

import contextlib
from typing import Any

from aiohttp import web

from node.complaints import actions, store
from node.complaints.rules import KEPT_FOR
from node.context import NODE, Transaction
from node.errors import Conflict, Missing
from node.members import actions as members
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing, back, received, standing, values_for
from node.web.pages import rendering

PAGE = f"{DESK}/complaints"


@told_on_a_page
async def complaints(request: web.Request) -> web.StreamResponse:
    """What others complain of in what the group says. Raises Forbidden without a mandate for it."""
    here = await standing(request)
    values = await request.app[NODE].database.read(_gather, here)
    return rendering.private(request, "desk_complaints.html", days=KEPT_FOR.days, **values)


@told_on_a_page
async def close(request: web.Request) -> web.StreamResponse:
    """A complaint has been dealt with."""
    here, form = await received(request)
    number = form.get("number", "")
    if not (number.isascii() and number.isdecimal() and len(number) <= 9):
        raise Missing("there is no such complaint")
    with contextlib.suppress(Conflict):  # somebody else was quicker
        await request.app[NODE].database.write(actions.close, int(number), member=here.member, urgent=here.urgent)
    raise back(PAGE, here)


def _gather(tx: Transaction, here: Standing) -> dict[str, Any]:
    members.require(tx, here.member, "peer", actor=here.actor)
    return values_for(tx, here) | {"found": store.of_group(tx, here.actor)}
