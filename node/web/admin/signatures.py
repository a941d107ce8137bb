"""Signatures at the desk: what the group is asked to sign, what it signs, and whom it asks to sign its own texts."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from federation import discovery
from federation.errors import Malformed, Refused, Unreachable
from node.context import NODE, Node, Transaction
from node.decisions import Proposed, with_proposed
from node.errors import Conflict, Forbidden, Invalid, Missing, NodeError
from node.members import actions as members
from node.signatories import actions, store
from node.signatories.rules import State
from node.web.admin.afterwards import after
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing, by, received, standing, values_for
from node.web.pages import entries, rendering
from node.web.pages.decided import one_of

PAGE = f"{DESK}/signatures"


@told_on_a_page
async def signatures(request: web.Request) -> web.StreamResponse:
    """What the group signs together with others. Raises Forbidden without a mandate."""
    here = await standing(request)
    return await _show(request, here)


@told_on_a_page
async def act(request: web.Request) -> web.StreamResponse:
    """Sign, decline, withdraw or invite, as the button says."""
    here, form = await received(request)
    what, text = form.get("act", ""), form.get("text", "").strip()
    try:
        if what == "invite":
            # Whether she may is asked before anything is looked up elsewhere, and once more by what proposes.
            await request.app[NODE].database.read(members.require, here.member, "publish", actor=here.actor)
            other = await find_group(request.app[NODE], form.get("handle", "").strip())
            made = await request.app[NODE].database.write(_invite, here, text, other)
        else:
            made = await request.app[NODE].database.write(_answer, here, what, text)
    except (Invalid, Conflict, Missing, Forbidden) as error:
        return await _show(request, here, status=error.status, failure=error, form=form)
    return await after(request, PAGE, here, made, decision=str(made.number) if made is not None else "")


async def find_group(node: Node, handle: str) -> str:
    """The IRI of a group named as @name@host, or by its address. Raises Invalid if it cannot be found."""
    if not handle:
        raise Invalid("say which group: @name@host", field="handle")
    try:
        iri = handle if handle.startswith(("https://", "http://")) else await discovery.find(node.client, handle)
        if iri.startswith(f"{node.config.origin}/"):
            return iri
        found: str = (await node.directory.actor(iri)).iri
    except (Refused, Malformed, Unreachable) as error:
        raise Invalid("“{handle}” cannot be found: {error}", field="handle", handle=handle, error=error) from None
    return found


def _invite(tx: Transaction, here: Standing, text: str, other: str) -> Proposed | None:
    _, made = with_proposed(tx, actions.invite, text, other, **by(here))
    return made


def _answer(tx: Transaction, here: Standing, what: str, text: str) -> Proposed | None:
    known = {"sign": actions.sign, "decline": actions.decline, "withdraw": actions.withdraw}
    if what not in known:
        raise Invalid("there is no such act")
    _, made = with_proposed(tx, known[what], text, **by(here))
    return made


async def _show(
    request: web.Request,
    here: Standing,
    *,
    status: int = 200,
    failure: NodeError | None = None,
    form: dict[str, str] | None = None,
) -> web.Response:
    values = await request.app[NODE].database.read(_gather, here)
    empty = {"text": here.chosen.get("text", ""), "handle": ""}
    more = {"failure": failure, "form": empty | (form or {})}
    return rendering.private(request, "desk_signatures.html", status=status, **(values | more))


def _gather(tx: Transaction, here: Standing) -> dict[str, Any]:
    asked = store.of_group(tx, here.actor, State.ASKED)
    signed = store.of_group(tx, here.actor, State.SIGNED)
    invited = store.under_texts_of(tx, here.actor)
    people = entries.authors(tx, [*(row.author for row in asked), *(row.signatory for row in invited)])
    return values_for(tx, here) | {
        "asked": [{"text": one_of(tx, row.text), "row": row, "author": people[row.author]} for row in asked],
        "signed": [{"text": one_of(tx, row.text), "row": row} for row in signed],
        "invited": [{"text": one_of(tx, row.text), "row": row, "other": people[row.signatory]} for row in invited],
        "may_act": here.may("publish"),
    }
