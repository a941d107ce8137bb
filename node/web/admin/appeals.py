"""Appeals at the desk: what the group asks and answers, and what others ask of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from node.appeals import actions, rules, store
from node.context import NODE, Transaction
from node.decisions import ruling, with_proposed
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.members import actions as members
from node.statements import correcting
from node.statements.rules import Draft, State
from node.translating import N_
from node.web.admin.afterwards import after
from node.web.admin.beginning import at_field, begin, brought, written
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.drafting import sent
from node.web.admin.drafts import known_languages
from node.web.admin.standing import Standing, gathered, received, standing, told_after, values_for
from node.web.pages import appeal_pages, rendering
from schemas import codes

PAGE = f"{DESK}/appeals"
LISTED = 60
FIELDS = ("struggle", "until", "goal", "how", "title", "text", "language")
OF_AN_ANSWER = ("answers", "answer", "pledge", "text", "language")
KIND = "kind-"
NOTICES = {
    "published": N_("It is published."),
    "waiting": N_("It is on its way. Until it leaves you can call it back."),
    "proposed": N_("It is proposed to the group, and nothing has changed yet."),
    "ended": N_("The appeal says now that it has ended."),
}


@told_on_a_page
async def appeals(request: web.Request) -> web.StreamResponse:
    """The group's appeals, those of others, and a form to ask; with `?to=` one to answer that appeal."""
    here = await standing(request)
    language = here.group.language if here.group is not None else ""
    values = {"language": language, "struggle": request.query.get("struggle", "")}
    return await _page(request, here, values | {"answers": request.query.get("to", "")},
                       notice=told_after(here, NOTICES))  # fmt: skip


@told_on_a_page
async def ask(request: web.Request) -> web.StreamResponse:
    """Keep an appeal as a draft, or put it to the group at once."""
    known = await sent(request)
    if isinstance(known, web.StreamResponse):
        return known
    here, form = known
    kinds = [name for name in codes.APPEAL_KINDS if form.get(f"{KIND}{name}")]
    asked = {name: written(form, name) for name in ("struggle", "until", "goal", "how")} | {"kinds": ", ".join(kinds)}
    draft = _draft(form, appeal={name: value for name, value in asked.items() if value})
    try:
        return await begin(request, here, form, draft, kind="appeal", check=lambda: rules.asked(draft), page=PAGE)
    except (Invalid, Conflict, Forbidden, Missing) as error:
        errors = at_field(error, (*FIELDS, "appeal"))
        return await _page(request, here, form, errors=errors, status=error.status)


@told_on_a_page
async def answer(request: web.Request) -> web.StreamResponse:
    """Keep an answer as a draft, or put it to the group at once."""
    known = await sent(request)
    if isinstance(known, web.StreamResponse):
        return known
    here, form = known
    try:
        to = await brought(request, here, form.get("answers", ""), field="answers")
        said = {"to": to, "kind": form.get("answer", ""), "pledge": written(form, "pledge")}
        draft = _draft(form, answer={name: value for name, value in said.items() if value})
        return await begin(
            request, here, form, draft, kind="appeal_answer", check=lambda: rules.answered(draft), page=PAGE
        )
    except (Invalid, Conflict, Forbidden, Missing) as error:
        errors = at_field(error, OF_AN_ANSWER)
        return await _page(request, here, form, errors=errors, status=error.status)


@told_on_a_page
async def end(request: web.Request) -> web.StreamResponse:
    """Say that an appeal of the group is met, or closed."""
    here, form = await received(request)

    def act(tx: Transaction) -> State:
        iri = form.get("iri", "")
        if correcting.own(tx, iri).author != here.actor:
            raise Forbidden("it is the appeal of another group of this node")
        return actions.end(tx, iri, status=form.get("status", ""), member=here.member, urgent=here.urgent)[1]

    try:
        state, made = await request.app[NODE].database.write(with_proposed, act)
    except (Invalid, Conflict) as error:
        return await _page(request, here, {}, failure=error, status=error.status)
    done = {State.RELEASED: "ended", State.WAITING: "waiting"}.get(state, "proposed")
    return await after(request, PAGE, here, made, done=done)


def _draft(form: Mapping[str, str], **more: Any) -> Draft:
    text = written(form, "text")
    return Draft(
        text=f"{text}\n" if text else "",
        title=written(form, "title") or None,
        language=written(form, "language") or None,
        **more,
    )


async def _page(
    request: web.Request, here: Standing, values: Mapping[str, str], *, status: int = 200, **more: Any
) -> web.Response:
    shown = await gathered(request, _gather, here)
    whole = dict.fromkeys((*FIELDS, *OF_AN_ANSWER, *(f"{KIND}{name}" for name in codes.APPEAL_KINDS)), "") | dict(
        values
    )
    what = {"values": whole, "errors": {}, "kinds": codes.APPEAL_KINDS, "ways": codes.APPEAL_ANSWERS}
    return rendering.private(request, "desk_appeals.html", status=status, **(shown | what | more))


def _gather(tx: Transaction, here: Standing) -> dict[str, Any]:
    members.require(tx, here.member, "read", actor=here.actor)
    every = appeal_pages.asking(tx, store.listed(tx, limit=LISTED))
    return values_for(tx, here) | {
        "may_write": here.may("write"),
        "may_propose": here.may("publish"),
        "rule": ruling.in_force(tx, here.actor, "publish_statement"),
        "delay": tx.node.config.publication_delay,
        "known_languages": known_languages(),
        "own": appeal_pages.asking(tx, store.listed(tx, author=here.actor, ended=True, limit=LISTED)),
        "others": [one for one in every if one.entry.author.iri != here.actor],
        "answered": {row.appeal for row in store.answered_by(tx, here.actor, limit=1000)},
    }
