"""Passing on at the desk: what others have said is looked at, and boosted in the name of the group; and taken back.

Where somebody asks something with a poll, the group can vote in it here.

From the page of a text a member comes here with its address; from here she answers it, or takes a position on it, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from federation.errors import Refused
from node import objects
from node.context import NODE, Transaction
from node.decisions import Proposed, State, with_proposed
from node.errors import Conflict, Forbidden, Invalid, Missing, NodeError
from node.members import actions as members
from node.positions import rules as positions
from node.statements import passing_on, polls, store
from node.translating import N_
from node.web.admin.afterwards import after
from node.web.admin.beginning import brought, held_address
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing, back, by, received, standing, told_after, values_for
from node.web.pages import entries, rendering

PAGE = f"{DESK}/pass-on"
LISTED = 40
NOTICES = {
    "boost": N_("It is passed on to those who follow the group."),
    "unboost": N_("It is passed on no longer."),
    "vote": N_("The group has voted. Whoever asks is told so."),
    "proposed": N_("It is proposed to the group. Nothing has changed yet."),
}
ACTS: Mapping[str, Callable[..., State]] = {
    "boost": passing_on.boost,
    "unboost": passing_on.unboost,
    "vote": polls.vote,
}


@told_on_a_page
async def page(request: web.Request) -> web.StreamResponse:
    """What the group has passed on; with `?on=` the text of that address, if it is held here, and what can be done."""
    here = await standing(request)
    return await _show(request, here, here.chosen.get("on", ""), notice=told_after(here, NOTICES))


@told_on_a_page
async def look(request: web.Request) -> web.StreamResponse:
    """Fetch the text of an address that is not held, so that it can be read before anything is proposed."""
    here, form = await received(request)
    try:
        iri = await brought(request, here, form.get("on", ""), field="on")
    except Invalid as error:
        return await _show(request, here, form.get("on", ""), status=422, errors={"on": error})
    raise back(PAGE, here, on=iri)


@told_on_a_page
async def act(request: web.Request) -> web.StreamResponse:
    """Propose to boost a text, or to take that back."""
    here, form = await received(request)
    return await _propose(request, here, form.get("on", ""), request.match_info["act"])


@told_on_a_page
async def vote(request: web.Request) -> web.StreamResponse:
    """Propose to vote in a poll for what was ticked; each option has a field of its own, or they share one."""
    here, form = await received(request)
    ticked = [form["choice"]] if "choice" in form else []
    ticked += [name.removeprefix("choice_") for name in form if name.startswith("choice_")]
    choices = [int(one) if one.isascii() and one.isdecimal() and len(one) < 4 else -1 for one in ticked]
    return await _propose(request, here, form.get("on", ""), "vote", choices)


async def _propose(request: web.Request, here: Standing, iri: str, what: str, *more: list[int]) -> web.StreamResponse:
    def propose(tx: Transaction) -> tuple[State, Proposed | None]:
        return with_proposed(tx, ACTS[what], iri, *more, **by(here))

    try:
        state, made = await request.app[NODE].database.write(propose)
    except (Invalid, Conflict, Missing, Forbidden) as error:
        return await _show(request, here, iri, status=error.status, failure=error)
    except Refused as error:
        return await _show(request, here, iri, status=409, failure=Conflict("{reason}", reason=str(error)))
    return await after(request, PAGE, here, made, done=what if state is State.ADOPTED else "proposed", on=iri)


async def _show(
    request: web.Request,
    here: Standing,
    on: str,
    *,
    status: int = 200,
    notice: str | None = None,
    failure: NodeError | None = None,
    errors: Mapping[str, NodeError] | None = None,
) -> web.Response:
    values = await request.app[NODE].database.read(_gather, here, on)
    more = {"notice": notice, "failure": failure, "errors": errors or {}}
    return rendering.private(request, "desk_pass_on.html", status=status, **(values | more))


def _gather(tx: Transaction, here: Standing, on: str) -> dict[str, Any]:
    members.require(tx, here.member, "read", actor=here.actor)
    iri = held_address(tx, on)
    row = objects.find(tx, iri) if iri else None
    shown = row is not None and row.public and row.deleted is None and bool(store.shown(tx, [row.iri]))
    boosted = store.boosted_by(tx, here.actor, limit=LISTED)
    return values_for(tx, here) | {
        "on": iri,
        "entry": entries.of(tx, [row])[0] if row is not None and shown else None,
        "is_boosted": row is not None and store.reaction(tx, kind="Announce", actor=here.actor, object=iri) is not None,
        "voted": polls.cast(tx, here.actor, [iri]).get(iri) if iri else None,
        "own": row is not None and row.author == here.actor,
        "may_take_position": row is not None and row.kind in positions.KINDS,
        "boosted": entries.of(tx, boosted),
        "may_act": here.may("publish"),
        "may_write": here.may("write"),
        "may_follow": here.may("peer"),
    }
