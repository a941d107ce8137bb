"""Policies, the three doors and the peering log at the desk: what a change would do is shown before it is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from node.context import NODE, Transaction
from node.decisions import State, with_proposed
from node.errors import Conflict, Invalid, Missing
from node.members import actions as members
from node.peering import dealing, log, shown, standing, terms
from node.peering import policies as table
from node.peering.rules import Category, Door, Mode, Severity
from node.translating import N_
from node.web.admin.afterwards import after
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing, by, received, told_after, values_for
from node.web.admin.standing import standing as standing_of
from node.web.pages import rendering

PAGE = f"{DESK}/policies"
TEXTS = ("whom", "severity", "category", "reason", "kinds", "expires", "review_on")
FLAGS = ("no_media", "only", "anyway", "ends")
NOTICES = {
    "done": N_("It is done."),
    "proposed": N_("It is proposed to the group, and nothing has changed yet."),
}


@told_on_a_page
async def page(request: web.Request) -> web.StreamResponse:
    """The policies in force, the doors, the log; `?whom=` fills in the form. Raises Forbidden."""
    here = await standing_of(request)
    given = {"whom": request.query.get("whom", "")[:1000]}
    return await _show(request, here, given=given, notice=told_after(here, NOTICES))


@told_on_a_page
async def act(request: web.Request) -> web.StreamResponse:
    """Preview, or propose, a policy or a door; redact a reason."""
    here, form = await received(request)
    verb = form.get("verb") or request.match_info["act"]
    given: dict[str, Any] = {name: value for name, value in form.items() if name not in ("urgent", *FLAGS)}
    given |= {name: bool(form.get(name)) for name in FLAGS}
    node = request.app[NODE]
    do = dealing.do
    try:
        if verb == "preview":
            plain: dict[str, Any] = {"actor": here.actor, "member": here.member}
            found = await node.database.read(lambda tx: dealing.do(tx, verb, given, **plain))
            return await _show(request, here, given=given, found=found)
        _, made = await node.database.write(lambda tx: with_proposed(tx, do, verb, given, **by(here)))
    except (Invalid, Conflict, Missing) as error:
        return await _show(request, here, given=given, failure=error, status=error.status)
    is_done = made is None or made.state is State.ADOPTED
    return await after(request, PAGE, here, made, done="done" if is_done else "proposed")


async def _show(
    request: web.Request, here: Standing, *, given: Mapping[str, Any], status: int = 200, **more: Any
) -> web.Response:
    values: dict[str, Any] = await request.app[NODE].database.read(_gather, here)
    fixed: dict[str, Any] = {
        "words": {str(key): value for key, value in terms.WORDS.items()},
        "severities": [one.value for one in Severity],
        "categories": [one.value for one in Category],
        "doors": [one.value for one in Door],
        "modes": [one.value for one in Mode],
        "instead": terms.INSTEAD,
        "given": dict.fromkeys((*TEXTS, *FLAGS), "") | dict(given),
        "effects": shown.parts(more["found"]["effects"]) if more.get("found") else [],
    }
    return rendering.private(request, "desk_policies.html", status=status, **(values | fixed | {"found": None} | more))


def _gather(tx: Transaction, here: Standing) -> dict[str, Any]:
    members.require(tx, here.member, "peer", actor=here.actor)
    return values_for(tx, here) | {
        "policies": table.listed(tx, limit=200),
        "set_to": {door.value: standing.mode(tx, door).value for door in Door},
        "entries": [shown.entry(row) | {"when": row.at} for row in log.entries(tx, limit=100)],
        "persons": log.counts_of_persons(tx, limit=100),
    }
