"""What a group decides, at the desk: what is open, voting with a receipt, counting as a teller, and how it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from markupsafe import Markup

from node import decisions
from node.context import NODE, Transaction
from node.decisions import Shown, Tally
from node.decisions.actions import Count
from node.decisions.rules import Choice, State
from node.errors import Conflict, Invalid, Missing, NodeError
from node.statements import markup
from node.translating import N_
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing, back, gathered, in_group, received, standing, told_after, values_for
from node.web.pages import entries, rendering

PAGE = f"{DESK}/decisions"
CLOSED_AT_ONCE = 20
NUMBER_DIGITS = 9
FIGURES = ("in_favour", "against", "abstaining", "blocking")
STATES = {
    State.OPEN: N_("open"),
    State.COUNTING: N_("being counted"),
    State.ADOPTED: N_("adopted"),
    State.REJECTED: N_("rejected"),
    State.LAPSED: N_("lapsed: too few have voted, or too few in favour"),
    State.WITHDRAWN: N_("withdrawn"),
}
CHOICES = {
    Choice.FOR: N_("For"),
    Choice.AGAINST: N_("Against"),
    Choice.ABSTAIN: N_("Abstain"),
    Choice.BLOCK: N_("Block"),
}
EMPTY = dict.fromkeys(("choice", "words", *FIGURES), "")
NOTICES = {
    "confirmed": N_("You have confirmed the tally."),
    "withdrawn": N_("It is withdrawn. How it stood is forgotten."),
}


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in a form of the page, what is wrong with it (field -> reason), and the receipt of a ballot that
    was just cast."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, NodeError] = field(default_factory=dict)
    receipt: str | None = None


@told_on_a_page
async def listed(request: web.Request) -> web.StreamResponse:
    """What waits for her ballot, what else is open, and what was decided; `?before=` goes back in time."""
    here = await standing(request)
    before = _number(request.query["before"]) if "before" in request.query else None
    values = await gathered(request, _gather_all, here, before)
    return rendering.private(request, "desk_decisions.html", **values)


def _gather_all(tx: Transaction, here: Standing, before: int | None) -> dict[str, Any]:
    under_way = decisions.under_way(tx, here.member, actor=here.actor) if before is None else []
    closed = decisions.closed(tx, here.member, actor=here.actor, before=before, limit=CLOSED_AT_ONCE + 1)
    return values_for(tx, here) | {
        "waiting": [one for one in under_way if one.mine.waits],
        "others": [one for one in under_way if not one.mine.waits],
        "closed": closed[:CLOSED_AT_ONCE],
        "older": closed[CLOSED_AT_ONCE - 1].number if len(closed) > CLOSED_AT_ONCE else None,
        "states": STATES,
        "now": tx.now,
    }


@told_on_a_page
async def shown(request: web.Request) -> web.StreamResponse:
    """One decision of a group in which she holds a mandate. Raises Missing, Forbidden."""
    return await _show(request, await standing(request), Filled())


@told_on_a_page
async def vote(request: web.Request) -> web.StreamResponse:
    """Cast a ballot. The answer shows the receipt, this once."""
    here, form = await received(request)
    number = _number(request.match_info["number"])
    try:
        choice = decisions.read_choice(form.get("choice", "")) if form.get("choice") else None
        if choice is None:
            raise Invalid("choose how you vote", field="choice")

        def cast(tx: Transaction) -> decisions.Counted:
            return decisions.cast(tx, number, member=here.member, choice=choice, words=_lines(form.get("words", "")))

        counted = await request.app[NODE].database.write(cast)
    except (Invalid, Conflict) as error:
        return await _show(request, here, _mended(form, error), status=error.status)
    return await _show(request, here, Filled(receipt=counted.receipt))


@told_on_a_page
async def confirm(request: web.Request) -> web.StreamResponse:
    """A teller says what she has counted."""
    here, form = await received(request)
    number = _number(request.match_info["number"])
    try:
        tally = Tally(**{name: _figure(form, name) for name in FIGURES})
        await request.app[NODE].database.write(
            lambda tx: decisions.confirm(tx, number, member=here.member, tally=tally)
        )
    except (Invalid, Conflict) as error:
        return await _show(request, here, _mended(form, error), status=error.status)
    raise back(f"{PAGE}/{number}", here, done="confirmed")


@told_on_a_page
async def withdraw(request: web.Request) -> web.StreamResponse:
    """She takes back what she has proposed."""
    here, form = await received(request)
    number = _number(request.match_info["number"])
    try:
        await request.app[NODE].database.write(lambda tx: decisions.withdraw(tx, number, member=here.member))
    except Conflict as error:
        return await _show(request, here, _mended(form, error), status=error.status)
    raise back(f"{PAGE}/{number}", here, done="withdrawn")


async def _show(request: web.Request, here: Standing, filled: Filled, *, status: int = 200) -> web.Response:
    number = _number(request.match_info["number"])
    values = await gathered(request, _gather, here, number)
    if filled.errors:
        values["failure"] = filled.errors.get("form") or N_("Nothing has changed: something below has to be mended.")
    elif request.method == "GET":
        values["notice"] = told_after(here, NOTICES)
    return rendering.private(
        request, "desk_decision.html", status=status, filled=filled, form=EMPTY | dict(filled.values), **values
    )


def _gather(tx: Transaction, here: Standing, number: int) -> dict[str, Any]:
    found = decisions.show(tx, number, here.member)
    here = in_group(tx, here, found.actor)
    html = found.about.html
    return values_for(tx, here) | {
        "one": found,
        "text": Markup(entries.directed(markup.clean(html))) if html else None,
        "count": _count(tx, found, here),
        "states": STATES,
        "choices": CHOICES,
        "now": tx.now,
    }


def _count(tx: Transaction, found: Shown, here: Standing) -> Count | None:
    return decisions.count(tx, found.number, member=here.member) if found.mine.may_confirm else None


def _number(text: str) -> int:
    """The number of a decision in an address. Raises Missing for what is none."""
    if not (text.isascii() and text.isdecimal() and len(text) <= NUMBER_DIGITS):
        raise Missing("there is no decision {number}", number=text[:40])
    return int(text)


def _figure(form: Mapping[str, str], name: str) -> int:
    text = form.get(name, "").strip() or "0"
    if not (text.isascii() and text.isdecimal() and len(text) <= NUMBER_DIGITS):
        raise Invalid("“{value}” is not a whole number", field=name, value=text[:40])
    return int(text)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _mended(form: Mapping[str, str], error: NodeError) -> Filled:
    where = {"reason": "words"}.get(error.field or "", error.field) if isinstance(error, Invalid) else None
    return Filled(dict(form), {where or "form": error})
