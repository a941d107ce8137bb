"""The complaints at the desk: delegates read them and close them."""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from node import actors
from node.complaints import actions, store
from node.complaints.rules import KEPT_FOR
from node.context import NODE, Transaction
from node.errors import Conflict, Forbidden, Missing
from node.members import actions as members
from node.members.store import Member
from node.web import bodies
from node.web.admin.door import DESK, WORD, at_desk, check_own_site, check_word, told_on_a_page
from node.web.pages import rendering
from node.web.pages.masthead import masthead

PAGE = f"{DESK}/complaints"


@told_on_a_page
async def complaints(request: web.Request) -> web.StreamResponse:
    """What others complain of in what the group `?group=` says. Raises Forbidden without a mandate for it."""
    known = await at_desk(request)
    values = await request.app[NODE].database.read(_gather, known.member, request.query.get("group"))
    return rendering.private(request, "complaints.html", known=known, days=KEPT_FOR.days, **values)


@told_on_a_page
async def close(request: web.Request) -> web.StreamResponse:
    """A complaint has been dealt with."""
    check_own_site(request)
    known = await at_desk(request)
    form = await bodies.form(request)
    check_word(known, str(form.get(WORD, "")))
    number = str(form.get("number", ""))
    if not (number.isascii() and number.isdecimal() and len(number) <= 9):
        raise Missing("there is no such complaint")
    with contextlib.suppress(Conflict):  # somebody else was quicker
        await request.app[NODE].database.write(actions.close, int(number), member=known.member)
    query = urlencode({"group": str(form.get("group", ""))})
    raise web.HTTPSeeOther(f"{PAGE}?{query}", headers={"Cache-Control": "no-store"})


def _gather(tx: Transaction, member: Member, handle: str | None) -> dict[str, Any]:
    try:
        group = actors.group(tx, handle) if handle else actors.main_group(tx)
    except Missing as error:
        raise Forbidden(str(error)) from None
    members.require(tx, member, "peer", actor=group.iri)
    return {"masthead": masthead(tx, group), "group": group, "found": store.of_group(tx, group.iri)}
