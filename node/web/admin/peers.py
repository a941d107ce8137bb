"""Following at the desk: whom the group follows and who follows it; to follow somebody, and to stop that.

Whom she means is looked up before anything is proposed, as a reader looks somebody up; the request to follow leaves
when the group has decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from federation.errors import Refused
from node import actors, names
from node.context import NODE, Node, Transaction
from node.decisions import State, with_proposed
from node.errors import Conflict, Forbidden, Invalid, Missing, NodeError
from node.members import actions as members
from node.peering import actions, admission, finding, store
from node.peering.rules import Follow
from node.translating import N_
from node.web.admin.afterwards import after
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing, back, by, received, standing, told_after, values_for
from node.web.pages import rendering

PAGE = f"{DESK}/peers"
LISTED = 200
STATES = {Follow.PENDING.value: N_("asked, not answered yet"), Follow.ACCEPTED.value: N_("followed")}
NOTICES = {
    "follow": N_("The other side is asked. What it says is heard here once it agrees."),
    "unfollow": N_("It is followed no longer."),
    "proposed": N_("It is proposed to the group. Nothing has changed yet."),
}


@told_on_a_page
async def page(request: web.Request) -> web.StreamResponse:
    """Whom the group follows; with `?who=` one actor who is known here, and the form to follow it."""
    here = await standing(request)
    return await _show(request, here, here.chosen.get("who", ""), notice=told_after(here, NOTICES))


@told_on_a_page
async def look(request: web.Request) -> web.StreamResponse:
    """Look up whom a handle or an address means."""
    here, form = await received(request)
    handle, node = form.get("handle", "").strip(), request.app[NODE]
    # Whether she may is asked before anything is looked up elsewhere, and once more by what proposes.
    await node.database.read(members.require, here.member, "peer", actor=here.actor)
    try:
        found = await _find(node, handle)
    except Invalid as error:
        return await _show(request, here, "", status=422, errors={"handle": error}, handle=handle)
    if len(found) > 1:
        return await _show(request, here, "", handle=handle, several=found)
    raise back(PAGE, here, who=found[0])


async def _find(node: Node, handle: str) -> list[str]:
    """Whom a handle means, or which groups an address."""
    if not handle:
        raise Invalid("say whom: @name@host", field="handle")
    try:
        return await finding.groups(node, handle)
    except (Refused, NodeError) as error:
        raise Invalid("“{handle}” cannot be found: {error}", field="handle", handle=handle, error=error) from None


@told_on_a_page
async def act(request: web.Request) -> web.StreamResponse:
    """Propose to follow somebody, or to follow somebody no longer."""
    here, form = await received(request)
    what, who = request.match_info["act"], form.get("who", "")
    do = actions.follow if what == "follow" else actions.unfollow
    try:
        state, made = await request.app[NODE].database.write(lambda tx: with_proposed(tx, do, who, **by(here)))
    except (Invalid, Conflict, Missing, Forbidden) as error:
        return await _show(request, here, who, status=error.status, failure=error)
    except Refused as error:
        return await _show(request, here, who, status=409, failure=Conflict("{reason}", reason=str(error)))
    return await after(request, PAGE, here, made, done=what if state is State.ADOPTED else "proposed")


async def _show(
    request: web.Request,
    here: Standing,
    who: str,
    *,
    status: int = 200,
    notice: str | None = None,
    failure: NodeError | None = None,
    errors: Mapping[str, NodeError] | None = None,
    handle: str = "",
    several: Sequence[str] = (),
) -> web.Response:
    values = await request.app[NODE].database.read(_gather, here, who, several)
    more = {"notice": notice, "failure": failure, "errors": errors or {}, "handle": handle}
    return rendering.private(request, "desk_peers.html", status=status, **(values | more))


def _gather(tx: Transaction, here: Standing, who: str, several: Sequence[str]) -> dict[str, Any]:
    members.require(tx, here.member, "read", actor=here.actor)
    following = store.following(tx, here.actor, limit=LISTED)
    row, may_act = actors.find(tx, who) if who else None, here.may("peer")
    followers = store.followers(tx, here.actor, limit=LISTED) if may_act else []
    return values_for(tx, here) | {
        "found": None if row is None or row.gone is not None or row.iri == here.actor else _told(row),
        "several": [_told(one) for one in actors.find_all(tx, several).values()],
        "requests": admission.count_requests(tx, here.actor) if may_act else 0,
        "is_followed": any(one.iri == who for one in following),
        "following": [_told(one) | {"state": STATES[one.state], "since": one.since} for one in following],
        # Everybody sees how many they are; who they are is for those whose mandate is the others.
        "followers": [_told(one) for one in followers if one.state == Follow.ACCEPTED.value],
        "may_act": may_act,
    }


def _told(row: Row[Any]) -> dict[str, Any]:
    name = names.visible(row.name) if row.name else None
    return {"iri": row.iri, "name": name, "handle": actors.handle_of(row), "page": row.url or row.iri}
