"""The complaints at the desk: delegates read them and close them, with a statement of reasons."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node.complaints import actions, rules, sending, store
from node.complaints.rules import KEPT_FOR
from node.context import NODE, Transaction
from node.decisions import State, with_proposed
from node.errors import Conflict, Invalid, Missing
from node.members import actions as members
from node.translating import N_
from node.web.admin.afterwards import after
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing, back, received, standing, told_after, values_for
from node.web.pages import rendering

PAGE = f"{DESK}/complaints"
NOTICES = {
    "closed": N_("The complaint is closed."),
    "sent": N_("The complaint is on its way to the other server."),
    "proposed": N_("It is proposed to the group, and nothing has changed yet."),
}


@told_on_a_page
async def complaints(request: web.Request) -> web.StreamResponse:
    """What others complain of in what the group says. Raises Forbidden without a mandate for it."""
    here = await standing(request)
    return await _show(request, here)


@told_on_a_page
async def close(request: web.Request) -> web.StreamResponse:
    """A complaint has been dealt with."""
    here, form = await received(request)
    number = form.get("number", "")
    if not (number.isascii() and number.isdecimal() and len(number) <= 9):
        raise Missing("there is no such complaint")

    def act(tx: Transaction) -> Any:
        outcome = rules.read_outcome(form)
        return actions.close(tx, int(number), outcome, member=here.member, urgent=here.urgent)

    try:
        state, made = await request.app[NODE].database.write(with_proposed, act)
    except Invalid as error:
        return await _show(request, here, failure=error, status=error.status)
    except Conflict:  # somebody else was quicker
        raise back(PAGE, here) from None
    return await after(request, PAGE, here, made, done="closed" if state is State.ADOPTED else "proposed")


@told_on_a_page
async def send(request: web.Request) -> web.StreamResponse:
    """Send a complaint on to the server of the account that it is about."""
    here, form = await received(request)
    number, words = form.get("number", ""), form.get("words", "")
    if not (number.isascii() and number.isdecimal() and len(number) <= 9):
        raise Missing("there is no such complaint")
    try:
        state, made = await request.app[NODE].database.write(
            with_proposed,
            lambda tx: sending.send(tx, int(number), words, member=here.member, urgent=here.urgent),
        )
    except (Invalid, Conflict) as error:
        return await _show(request, here, failure=error, status=error.status)
    return await after(request, PAGE, here, made, done="sent" if state is State.ADOPTED else "proposed")


async def _show(request: web.Request, here: Standing, *, status: int = 200, **more: Any) -> web.Response:
    values = await request.app[NODE].database.read(_gather, here)
    words: dict[str, Any] = {"what_was_done": rules.DONE, "grounds": rules.GROUNDS, "categories": rules.CATEGORIES}
    return rendering.private(
        request,
        "desk_complaints.html",
        status=status,
        days=KEPT_FOR.days,
        characters=rules.REASONS_CHARACTERS,
        **(words | values | more),
    )


def _gather(tx: Transaction, here: Standing) -> dict[str, Any]:
    members.require(tx, here.member, "peer", actor=here.actor)
    late = tx.now - rules.ANSWERED_WITHIN
    found = store.of_group(tx, here.actor)
    return values_for(tx, here) | {
        "found": found,
        "late": {row.id for row in found if (row.waits_since or row.at) <= late},
        "abroad": {row.id for row in found if sending.is_about_others(tx, row)},
        "notice": told_after(here, NOTICES),
    }
