"""The profile at the desk: how the group presents itself, in the words in which it was written; changed by its rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node import media
from node.context import NODE, Node, Transaction
from node.decisions import State, with_proposed
from node.errors import Conflict, Forbidden, Invalid, NodeError
from node.groups import actions
from node.groups.rules import CHOICES, PICTURES
from node.members import actions as members
from node.statements import markup
from node.translating import N_
from node.web.admin import parcels
from node.web.admin.afterwards import after
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.parcels import File
from node.web.admin.standing import Standing, by, standing, told_after, values_for
from node.web.pages import rendering

PAGE = f"{DESK}/profile"
TEXTS = ("name", "tendency", "summary", "rules", "extended")
NOTICES = {
    "changed": N_("The profile is changed, and those who know the group are told."),
    "proposed": N_("It is proposed to the group. Nothing has changed yet."),
}


@told_on_a_page
async def page(request: web.Request) -> web.StreamResponse:
    """How the group presents itself, and the form to change it."""
    here = await standing(request)
    return await _show(request, here, notice=told_after(here, NOTICES))


@told_on_a_page
async def change(request: web.Request) -> web.StreamResponse:
    """Propose what the form says. What she has written stays in it if that cannot be done."""
    node = request.app[NODE]
    sent = await parcels.received(request, file_bytes=node.config.picture_bytes)
    if isinstance(sent, web.StreamResponse):
        return sent
    here, form, files = sent
    # Whether she may is asked before anything is kept, and once more by what proposes.
    await node.database.read(members.require, here.member, "steward", actor=here.actor)
    try:
        changes = await _changes(request, here, form, files)
        state, made = await node.database.write(lambda tx: with_proposed(tx, actions.edit_profile, changes, **by(here)))
    except (Invalid, Conflict, Forbidden) as error:
        field = getattr(error, "field", None)
        errors = {field: error} if field in (*TEXTS, *PICTURES) else {"form": error}
        return await _show(request, here, status=error.status, form=form, errors=errors)
    return await after(request, PAGE, here, made, done="changed" if state is State.ADOPTED else "proposed")


async def _changes(
    request: web.Request, here: Standing, form: Mapping[str, str], files: Mapping[str, File]
) -> dict[str, Any]:
    """What differs from the profile as it stands: that alone is proposed, so that two proposals do not undo each other.

    Raises Invalid, with the field.
    """
    node = request.app[NODE]
    assert here.group is not None, "a mandate was asked for"
    before = written(here.group)
    given = {name: form.get(name, "").replace("\r\n", "\n").strip() for name in TEXTS}
    changes: dict[str, Any] = {name: text for name, text in given.items() if text != (before[name] or "").strip()}
    changes |= {name: not before[name] for name in CHOICES if (form.get(name) == "yes") is not before[name]}
    for name in PICTURES:
        if form.get(f"no-{name}") == "yes":
            changes[name] = ""
        elif name in files:
            changes[name] = await _taken(node, files[name], form.get(f"{name}-description", ""), name)
    if not changes:
        raise Conflict("the profile says that already; nothing has changed")
    return changes


async def _taken(node: Node, file: File, description: str, name: str) -> dict[str, Any]:
    try:
        return (await media.take(node, file.content, description, preview=0)).as_json()
    except Invalid as error:
        error.field = name
        raise


def written(row: Row[Any]) -> dict[str, Any]:
    """What the form shows of a group. A text that was kept without its source is shown as plain words."""
    summary = row.summary_source if row.summary_source is not None else markup.plain(row.summary)
    shown = {name: getattr(row, name) or "" for name in ("name", "tendency", "rules", "extended")}
    return shown | {"summary": summary} | {name: bool(getattr(row, name)) for name in CHOICES}


async def _show(
    request: web.Request,
    here: Standing,
    *,
    status: int = 200,
    notice: str | None = None,
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, NodeError] | None = None,
) -> web.Response:
    values = await request.app[NODE].database.read(_gather, here)
    if form is not None:
        given = {name: form.get(name, "") for name in (*TEXTS, "icon-description", "image-description")}
        values["written"] |= given | {name: form.get(name) == "yes" for name in CHOICES}
    more = {"notice": notice, "errors": errors or {}}
    return rendering.private(request, "desk_profile.html", status=status, **(values | more))


def _gather(tx: Transaction, here: Standing) -> dict[str, Any]:
    members.require(tx, here.member, "read", actor=here.actor)
    assert here.group is not None, "a mandate was asked for"
    empty = {f"{name}-description": "" for name in PICTURES}
    return values_for(tx, here) | {
        "written": written(here.group) | empty,
        "pictures": {name: getattr(here.group, name) for name in PICTURES},
        "may_act": here.may("steward"),
    }
