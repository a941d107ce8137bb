"""The groups of the node at the desk: which there are, a new one beside them, and the end of the one she acts for."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node import actors, former_groups
from node.context import NODE, Transaction
from node.decisions import Proposed, State
from node.errors import Conflict, Invalid, Missing, NodeError
from node.groups import founding
from node.groups.founding import NewGroup
from node.members import actions as members
from node.translating import N_
from node.web.admin.afterwards import after
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing, received, standing, told_after, values_for
from node.web.pages import languages, rendering
from node.web.pages.masthead import masthead

PAGE = f"{DESK}/groups"
FIELDS = ("handle", "name", "language", "steward", "tendency")
NOTICES = {
    "retired": N_("The group is retired. What it said stays readable."),
}


@told_on_a_page
async def page(request: web.Request) -> web.StreamResponse:
    """The groups of the node; for stewards of the main one the form for another."""
    return await _show(request, await standing(request))


@told_on_a_page
async def act(request: web.Request) -> web.StreamResponse:
    """Propose one more group (`add`), or the end of the one she acts for (`retire`). 404 for anything else."""
    here, form = await received(request)
    name = request.match_info["act"]
    if name not in ("add", "retire"):
        raise Missing("there is no such form")
    given = {key: form.get(key, "").strip()[:500] for key in FIELDS}
    try:
        if name == "add":
            return await _add(request, here, given, urgent=bool(form.get("urgent")))
        return await _retire(request, here, form)
    except (Invalid, Conflict, Missing) as error:
        field = error.field if isinstance(error, Invalid) else "steward" if isinstance(error, Missing) else "form"
        where = field if field in FIELDS and name == "add" else "form"
        return await _show(request, here, status=error.status, values=given, errors={where: error})


async def _add(request: web.Request, here: Standing, given: dict[str, str], *, urgent: bool) -> web.StreamResponse:
    steward = given["steward"] or here.member.name
    group = NewGroup(given["handle"], given["name"], given["language"], steward, given["tendency"] or None)
    proposed, pem = await founding.add(request.app[NODE], group, member=here.member, urgent=urgent)
    return await _show(request, here, added=proposed, pem=pem, named=group)


async def _retire(request: web.Request, here: Standing, form: dict[str, str]) -> web.StreamResponse:
    if here.group is None or form.get("sure", "").strip() != here.group.handle:
        raise Invalid("type the handle of the group to say that it is meant", field="sure")
    proposed: Proposed = await request.app[NODE].database.write(
        founding.retire, actor=here.actor, member=here.member, urgent=bool(form.get("urgent"))
    )
    if proposed.state is State.ADOPTED:
        raise web.HTTPSeeOther(f"{PAGE}?done=retired", headers={"Cache-Control": "no-store"})
    return await after(request, PAGE, here, proposed, decision=str(proposed.number))


async def _show(
    request: web.Request,
    here: Standing,
    *,
    status: int = 200,
    values: dict[str, str] | None = None,
    errors: dict[str, NodeError] | None = None,
    added: Proposed | None = None,
    pem: str | None = None,
    named: NewGroup | None = None,
) -> web.Response:
    found = await request.app[NODE].database.read(_gather, here)
    if status == 200 and added is None:
        found["notice"] = told_after(here, NOTICES)
    return rendering.private(
        request, "desk_groups.html", status=status, written=values or dict.fromkeys(FIELDS, ""), errors=errors or {},
        added=added, pem=pem, named=named, **found,
    )  # fmt: skip


def _gather(tx: Transaction, here: Standing) -> dict[str, Any]:
    main = actors.main_group(tx).iri
    mine = {one.iri for one in here.groups}
    if here.group is not None:
        members.require(tx, here.member, "read", actor=here.actor)
    return values_for(tx, here) | {
        "all_groups": [{"head": masthead(tx, one), "mine": one.iri in mine} for one in actors.groups(tx)],
        "former": [masthead(tx, one) for one in former_groups.retired(tx)],
        "may_add": here.group is not None and here.group.iri == main and here.may("steward"),
        "may_retire": here.group is not None and here.group.iri != main and here.may("steward"),
        "language_names": sorted(languages.NAMES.items(), key=lambda pair: pair[1].casefold()),
    }
