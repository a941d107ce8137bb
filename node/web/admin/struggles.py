"""Struggles at the desk: which of them look like one, what the group says of that, and taking it back."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node.context import NODE, Transaction
from node.decisions import Proposed, ruling, with_proposed
from node.errors import Conflict, Forbidden, Invalid, Missing, NodeError
from node.members import actions as members
from node.merges import actions, candidates, dismissing
from node.merges import store as merges
from node.reports import store as reports
from node.statistics import actions as statistics
from node.statistics.questions import Question
from node.translating import N_
from node.web.admin.afterwards import after
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing, back, by, received, standing, told_after, values_for
from node.web.pages import merge_pages, rendering

PAGE = f"{DESK}/struggles"
FIELDS = ("one", "other", "reason")
LATEST = 40


@told_on_a_page
async def struggles(request: web.Request) -> web.StreamResponse:
    """What is reported here; with `?of=` one struggle, and which others look like it. Raises Forbidden, Missing."""
    here = await standing(request)
    return await _show(request, here)


@told_on_a_page
async def act(request: web.Request) -> web.StreamResponse:
    """Say that two struggles are one, or take that back. What was written is given back whatever goes wrong."""
    here, form = await received(request)
    what = request.match_info["act"]
    try:
        made = await request.app[NODE].database.write(ACTS[what], here, form)
    except (Invalid, Conflict, Missing, Forbidden) as error:
        return await _show(request, here, form=form, error=error)
    if what in NOTICES:
        raise back(PAGE, here, of=form.get("of", ""), done=what)
    return await after(request, PAGE, here, made, decision=str(made.number) if made is not None else "")


def _merge(tx: Transaction, here: Standing, form: dict[str, str]) -> Proposed | None:
    one, other = (form.get(name, "").strip() for name in ("one", "other"))
    reason = form.get("reason", "").strip()
    _, made = with_proposed(tx, actions.merge, one, other, reason=reason, **by(here))
    return made


def _separate(tx: Transaction, here: Standing, form: dict[str, str]) -> Proposed | None:
    iri = form.get("iri", "")
    if actions.own(tx, iri).author != here.actor:
        raise Forbidden("another group of this node has said it: {iri}", iri=iri)
    _, made = with_proposed(tx, actions.separate, iri, member=here.member, urgent=here.urgent)
    return made


def _dismiss(tx: Transaction, here: Standing, form: dict[str, str]) -> Proposed | None:
    actions.dismiss(tx, form.get("one", ""), form.get("other", ""), actor=here.actor, member=here.member)
    return None


def _undo(tx: Transaction, here: Standing, form: dict[str, str]) -> Proposed | None:
    dismissing.undo(tx, form.get("one", ""), form.get("other", ""), actor=here.actor, member=here.member)
    return None


ACTS = {"merge": _merge, "separate": _separate, "dismiss": _dismiss, "undo": _undo}
NOTICES = {
    "dismiss": N_("It is not proposed again, unless the reports say something else of who, where or when."),
    "undo": N_("It is proposed again."),
}


async def _show(
    request: web.Request, here: Standing, *, form: dict[str, str] | None = None, error: NodeError | None = None
) -> web.Response:
    of = (form or here.chosen).get("of", "")
    values = await request.app[NODE].database.read(_gather, here, of)
    at_field = isinstance(error, Invalid) and error.field in FIELDS
    errors = {error.field: error} if isinstance(error, Invalid) and at_field else {}
    more: dict[str, Any] = {"values": dict.fromkeys(FIELDS, "") | {"one": of} | (form or {}), "errors": errors}
    more["failure"] = None if at_field else error
    status = 200 if error is None else error.status
    more["notice"] = told_after(here, NOTICES)
    return rendering.private(request, "desk_struggles.html", status=status, **(values | more))


def _gather(tx: Transaction, here: Standing, of: str) -> dict[str, Any]:
    members.require(tx, here.member, "read", actor=here.actor)
    return values_for(tx, here) | {
        "may_act": here.may("publish"),
        "may_write": here.may("write"),
        "warning": actions.warning(tx, here.actor),
        "rule": ruling.in_force(tx, here.actor, "publish_report"),
        "of": _one(tx, of) if of else None,
        "latest": [] if of else [_line(tx, row) for row in reports.latest_struggles(tx, limit=LATEST)],
        "merged": merge_pages.by(tx, here.actor),
    }


def _line(tx: Transaction, row: Any) -> dict[str, Any]:
    return {"struggle": merge_pages.named(tx, row.iri), "reports": reports.count_reports_on(tx, row.iri)}


def _one(tx: Transaction, iri: str) -> dict[str, Any]:
    if reports.find_struggle(tx, iri) is None:
        raise Missing("{iri} is no struggle that this node knows: no report on it is held here", iri=iri)
    sources = statistics.sources(tx, Question())
    return {
        "struggle": merge_pages.named(tx, iri),
        "merged": merge_pages.about(tx, merges.joined_with(tx, iri, sources)),
        "dismissed": [_other(tx, row, iri) for row in dismissing.of(tx, iri)],
        "matches": merge_pages.matches(tx, candidates.like_struggle(tx, iri, sources=sources)),
    }


def _other(tx: Transaction, row: Any, iri: str) -> Any:
    return merge_pages.named(tx, row.other if row.one == iri else row.one)
