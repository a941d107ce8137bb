"""Lists of policies at the desk: brought as a file or written into the form, shown, and only then put to the group."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from aiohttp import web

from node.context import NODE, Transaction
from node.decisions import State, with_proposed
from node.errors import Conflict, Invalid, Missing
from node.members import actions as members
from node.peering import shown as effects_shown
from node.peering import terms
from node.peering.rules import Category, Severity
from node.policy_lists import actions, formats, shown, subscribing
from node.policy_lists.actions import Foreseen
from node.policy_lists.formats import Form
from node.web.admin import parcels, policies
from node.web.admin.afterwards import after
from node.web.admin.door import told_on_a_page
from node.web.admin.standing import Standing, by, received, standing, told_after, values_for
from node.web.pages import rendering
from node.web.policy_list_api import as_file

PAGE = f"{policies.PAGE}/lists"
FIELDS = ("list", "name", "severity", "category", "reason", "replace", "anyway")
SHOWN_AT_MOST = 100
KEPT_CHARACTERS = 200_000  # a form takes a little more; what is longer is chosen as a file once more


@told_on_a_page
async def page(request: web.Request) -> web.StreamResponse:
    """The form that takes a list. Raises Forbidden."""
    here = await standing(request)
    return await _show(request, here, given={}, notice=told_after(here, policies.NOTICES))


@told_on_a_page
async def act(request: web.Request) -> web.StreamResponse:
    """Show what a list would change, or put it to the group."""
    sent = await parcels.received(request, file_bytes=formats.BYTES_AT_MOST)
    if isinstance(sent, web.StreamResponse):
        return sent
    here, form, files = sent
    node, given = request.app[NODE], {name: form.get(name, "") for name in FIELDS}

    def look(tx: Transaction) -> Foreseen:
        return actions.foresee(tx, body, meant, actor=here.actor, member=here.member)

    def do(tx: Transaction) -> Foreseen:
        found = look(tx)
        actions.propose(tx, found, **by(here), anyway=bool(given["anyway"]))
        return found

    try:
        body, name = given["list"].encode(), ""
        if "file" in files:
            body, name = files["file"].content, PurePath(files["file"].name.replace("\\", "/")).name
            given |= {"list": _kept(body), "name": given["name"] or name}
        meant = shown.meant(given)
        if form.get("verb") != "apply":
            return await _show(request, here, given=given, found=await node.database.read(look))
        _, made = await node.database.write(with_proposed, do)
    except (Invalid, Conflict) as error:
        return await _show(request, here, given=given, failure=error, status=error.status)
    is_done = made is None or made.state is State.ADOPTED
    return await after(request, PAGE, here, made, done="done" if is_done else "proposed")


@told_on_a_page
async def subscribe(request: web.Request) -> web.StreamResponse:
    """Begin or end a subscription to a list of others, or adopt what it has changed."""
    here, form = await received(request)
    given: dict[str, Any] = {name: form.get(name, "") for name in ("url", "severity", "category", "whom")}
    given |= {name: bool(form.get(name)) for name in ("adopts", "anyway")}
    verb = request.match_info["act"]

    def do(tx: Transaction) -> dict[str, Any]:
        return subscribing.do(tx, verb, given, **by(here))

    try:
        _, made = await request.app[NODE].database.write(with_proposed, do)
    except (Invalid, Conflict, Missing) as error:
        return await _show(request, here, given={}, failure=error, status=error.status)
    is_done = made is None or made.state is State.ADOPTED
    return await after(request, PAGE, here, made, done="done" if is_done else "proposed")


@told_on_a_page
async def export(request: web.Request) -> web.StreamResponse:
    """Our own policies as a list."""
    here, form = await standing(request), Form(request.match_info["form"])

    def find(tx: Transaction) -> actions.Export:
        members.require(tx, here.member, "peer", actor=here.actor)
        return actions.export(tx, form)

    return as_file(await request.app[NODE].database.read(find), form)


def _kept(body: bytes) -> str:
    text = body.decode(errors="replace").replace("\x00", "")
    return text if len(text) <= KEPT_CHARACTERS and len(text.encode()) <= KEPT_CHARACTERS else ""


async def _show(
    request: web.Request,
    here: Standing,
    *,
    given: Mapping[str, str],
    found: Foreseen | None = None,
    status: int = 200,
    **more: Any,
) -> web.Response:
    values: dict[str, Any] = await request.app[NODE].database.read(_gather, here)
    told = None if found is None else shown.as_json(found)
    fixed: dict[str, Any] = {
        "words": {str(key): value for key, value in terms.WORDS.items()},
        "severities": [one.value for one in Severity],
        "categories": [one.value for one in Category],
        "given": dict.fromkeys(FIELDS, "") | dict(given),
        "found": told,
        "flaws": [] if found is None else list(found.given.flaws[:SHOWN_AT_MOST]),
        "at_most": SHOWN_AT_MOST,
        "effects": effects_shown.parts(told["effects"]) if told else [],
        "instead": terms.INSTEAD,
        "lines_at_most": formats.LINES_AT_MOST,
        "rule": values["in_force"].get("limit_peer"),
    }
    return rendering.private(request, "desk_policy_lists.html", status=status, **(values | fixed | more))


def _gather(tx: Transaction, here: Standing) -> dict[str, Any]:
    members.require(tx, here.member, "peer", actor=here.actor)
    found = subscribing.overview(tx)
    told = {one["url"]: effects_shown.parts(one["waiting"]["effects"]) for one in found}
    return values_for(tx, here) | {"subscriptions": found, "told": told}
