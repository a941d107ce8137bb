"""Requests for correction at the desk: members who may publish answer them in the group's name, or close them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node import objects
from node.context import NODE, Transaction
from node.corrections import actions, pages, store
from node.corrections.rules import ASKED_CHARACTERS, KEPT_FOR
from node.decisions import with_proposed
from node.errors import Conflict, Invalid, Missing
from node.members import actions as members
from node.translating import N_
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing, back, gathered, received, standing, told_after, values_for
from node.web.pages import entries, rendering
from node.web.pages.entries import Entry

PAGE = f"{DESK}/corrections"
NOTICES = {"closed": N_("The request is closed.")}


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the desk shows it."""

    row: Row[Any]
    entry: Entry | None
    answering: bool
    path: str
    name: str


@told_on_a_page
async def page(request: web.Request) -> web.StreamResponse:
    """What readers ask the group to correct. Raises Forbidden without a mandate for it."""
    here = await standing(request)
    return await _show(request, here)


@told_on_a_page
async def act(request: web.Request) -> web.StreamResponse:
    """Answer a request, or close it."""
    here, form = await received(request)
    number, database = _number(form), request.app[NODE].database
    try:
        if request.match_info["act"] == "close":
            _, made = await database.write(
                with_proposed, lambda tx: actions.close(tx, number, member=here.member, urgent=here.urgent)
            )
        else:
            asked, said = form.get("asked", ""), form.get("answer", "")
            _, made = await database.write(
                with_proposed,
                lambda tx: actions.answer(tx, number, asked=asked, answer=said, member=here.member, urgent=here.urgent),
            )
    except Invalid as error:
        return await _show(request, here, status=422, number=number, form=form, errors={error.field: error})
    except Conflict as error:
        return await _show(request, here, status=409, number=number, form=form, errors={"asked": error})
    raise back(PAGE, here, **({"decision": str(made.number)} if made is not None else {"done": "closed"}))


async def _show(
    request: web.Request,
    here: Standing,
    *,
    status: int = 200,
    number: int | None = None,
    form: dict[str, str] | None = None,
    errors: dict[str | None, Any] | None = None,
) -> web.Response:
    values = await gathered(request, _gather, here)
    said = {name: error.why for name, error in (errors or {}).items()}
    return rendering.private(
        request, "desk_corrections.html", status=status, days=KEPT_FOR.days, characters=ASKED_CHARACTERS,
        at_fault=number, form=form or {}, errors=said, **values,
    )  # fmt: skip


def _gather(tx: Transaction, here: Standing) -> dict[str, Any]:
    members.require(tx, here.member, "publish", actor=here.actor)
    rows = store.open_of(tx, here.actor)
    texts = {row.text for row in rows}
    shown = {one.iri: one for one in entries.of(tx, list(objects.find_all(tx, sorted(texts)).values()))}
    found = [_request(tx, row, shown.get(row.text)) for row in rows]
    return values_for(tx, here) | {"found": found, "notice": told_after(here, NOTICES)}


def _request(tx: Transaction, row: Row[Any], entry: Entry | None) -> Request:
    name = pages.name_of(tx, row.text) if entry is None else None
    path = entries.struggle_page(tx.node, row.text) if name is not None else entries.path_of(tx.node, row.text)
    return Request(row, entry, actions.is_being_answered(tx, row), path, name or row.text)


def _number(form: dict[str, str]) -> int:
    text = form.get("number", "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise Missing("there is no such request")
    return int(text)
