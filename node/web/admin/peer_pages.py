"""A peer at the desk; and who asks to follow the group, whom it recognises, who sees its lists."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from federation.errors import Refused
from node import actors
from node.context import NODE, Transaction
from node.decisions import State, with_proposed
from node.errors import Conflict, Forbidden, Invalid, Missing, NodeError
from node.members import actions as members
from node.peering import admission, choices, exchange, log, sheets
from node.peering.choices import Admits, Seen
from node.recognitions import listing
from node.translating import N_
from node.web import peer_api
from node.web.admin.afterwards import after
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing, by, gathered, received, standing, told_after, values_for
from node.web.pages import rendering

PAGE, REQUESTS = f"{DESK}/peers/page", f"{DESK}/peers/requests"
LOGGED = 100
OF_A_PEER = frozenset({"ask", "recognise", "revoke"})
NOTICES = {
    "ask": N_("The other side is asked. What it says is heard here once it agrees."),
    "admit": N_("It may follow the group now."),
    "decline": N_("It may not follow the group, and is told so."),
    "recognise": N_("The group recognises it now."),
    "revoke": N_("The group recognises it no longer."),
    "choose": N_("That is what the group chooses from now on."),
    "proposed": N_("It is proposed to the group. Nothing has changed yet."),
}
LISTS = {
    "log": N_("What the group has done towards others"),
    "map": N_("The map of the network"),
    "following": N_("Whom the group follows"),
    "recognitions": N_("Whom the group recognises"),
}
SEEN = {
    Seen.PUBLIC: N_("everybody"),
    Seen.RECOGNISED: N_("the groups that it recognises"),
    Seen.MEMBERS: N_("its members"),
}
ADMITS = {
    Admits.EVERYBODY: N_("Everybody follows at once"),
    Admits.PERSONS: N_("Groups ask first"),
    Admits.NOBODY: N_("Everybody asks first"),
}
STATES = {
    "none": N_("not asked"),
    "waiting": N_("asked, not answered yet"),
    "asked": N_("asked, not answered yet"),
    "admitted": N_("admitted"),
    "declined": N_("declined"),
    "ended": N_("ended"),
}


@told_on_a_page
async def page(request: web.Request) -> web.StreamResponse:
    """What a peer is (`?who=`), how it stands to the group, and what the group has done towards it."""
    here = await standing(request)
    return await _show(request, here, PAGE, here.chosen.get("who", ""), notice=told_after(here, NOTICES))


@told_on_a_page
async def requests(request: web.Request) -> web.StreamResponse:
    """Who asks to follow the group and how those whom it asked have answered; recognitions; choices."""
    here = await standing(request)
    return await _show(request, here, REQUESTS, notice=told_after(here, NOTICES))


@told_on_a_page
async def act(request: web.Request) -> web.StreamResponse:
    """Propose one of the acts that these pages offer."""
    here, form = await received(request)
    what, who = request.match_info["act"], form.get("who", "")
    do, where = peer_api.ACTS[what], PAGE if what in OF_A_PEER else REQUESTS
    try:
        _, made = await request.app[NODE].database.write(with_proposed, do, form, by(here))
    except (Invalid, Conflict, Missing, Forbidden) as error:
        return await _show(request, here, where, who, status=error.status, failure=error, given=form)
    except Refused as error:
        return await _show(request, here, where, who, status=409, failure=Conflict("{reason}", reason=str(error)))
    done = what if made is None or made.state is State.ADOPTED else "proposed"
    query = {"who": who} if where == PAGE else {}
    return await after(request, where, here, made, done=done, **query)


async def _show(
    request: web.Request,
    here: Standing,
    where: str,
    who: str = "",
    *,
    status: int = 200,
    notice: str | None = None,
    failure: NodeError | None = None,
    given: dict[str, str] | None = None,
) -> web.Response:
    of_peer = where == PAGE
    gather = _peer if of_peer else _requests
    values = await gathered(request, gather, here, who)
    template = "desk_peer.html" if of_peer else "desk_requests.html"
    more = {"notice": notice, "failure": failure, "given": given or {}}
    return rendering.private(request, template, status=status, **(values | more))


def _peer(tx: Transaction, here: Standing, who: str) -> dict[str, Any]:
    members.require(tx, here.member, "read", actor=here.actor)
    may_act = here.may("peer")
    return values_for(tx, here) | {
        "sheet": sheets.of(tx, who, group=here.actor),
        "exchange": exchange.of(tx, who, group=here.actor),
        "recognised": listing.between(tx, here.actor, who),
        "log": log.entries(tx, subject=who, limit=LOGGED),
        "states": STATES,
        "may_act": may_act,
    }


def _requests(tx: Transaction, here: Standing, who: str) -> dict[str, Any]:
    members.require(tx, here.member, "peer", actor=here.actor)
    return values_for(tx, here) | {
        "waiting": [sheets.in_line(row) | {"at": row.since} for row in admission.requests(tx, here.actor)],
        "asked": [sheets.asked(tx, here.actor, row) | {"at": row.since} for row in admission.asked(tx, here.actor)],
        "given_recognitions": listing.given(tx, here.actor),
        "received_recognitions": listing.received(tx, here.actor),
        "keys": sheets.own_keys(actors.local(tx, here.actor)),
        "chosen_now": choices.of(tx, here.actor),
        "lists": LISTS,
        "seen": SEEN,
        "admits": ADMITS,
        "states": STATES,
    }
