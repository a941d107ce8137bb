"""A report of conditions at the desk: a row for each thing that was found, and how it was found out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from node.conditions import rules, store
from node.context import Transaction
from node.decisions import ruling
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.members import actions as members
from node.reports.asking import CONFIRM, Unconfirmed
from node.reports.imports import countries, sectors
from node.statements.rules import Draft
from node.translating import N_
from node.web.admin.beginning import at_field, begin, written
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.drafting import sent
from node.web.admin.drafts import known_languages
from node.web.admin.standing import Standing, gathered, standing, told_after, values_for
from node.web.pages import entries, rendering
from schemas import codes

PAGE = f"{DESK}/conditions"
LISTED = 30
ROWS, ROWS_AT_MOST, MORE_ROWS = 3, 30, 3
CELLS = ("topic", "figure", "unit", "period", "words")
FACTS = ("gathered", "respondents", "population", "as_of", "field", "who", "addressee", "country", "locality", "sector",
         "struggle", "sources")  # fmt: skip
FIELDS = ("title", "text", "language", *FACTS)
NOTICES = {
    "published": N_("It is published."),
    "waiting": N_("It is on its way. Until it leaves you can call it back."),
    "proposed": N_("It is proposed to the group, and nothing has changed yet."),
}


@told_on_a_page
async def conditions(request: web.Request) -> web.StreamResponse:
    """The group's reports of conditions, and a form for another one."""
    here = await standing(request)
    language = here.group.language if here.group is not None else ""
    return await _page(request, here, {"language": language}, ROWS, notice=told_after(here, NOTICES))


@told_on_a_page
async def report(request: web.Request) -> web.StreamResponse:
    """Keep a report as a draft, put it to the group at once, or show the form again with more rows."""
    known = await sent(request)
    if isinstance(known, web.StreamResponse):
        return known
    here, form = known
    rows = _rows_in(form)
    if form.get("act") == "more":
        return await _page(request, here, form, min(rows + MORE_ROWS, ROWS_AT_MOST))
    given = {f"condition_{row}": line for row in range(1, rows + 1) if (line := _line(form, row))}
    given |= {name: value for name in FACTS if (value := written(form, name))}
    if form.get(CONFIRM):
        given[CONFIRM] = form[CONFIRM]
    text = written(form, "text")
    draft = Draft(
        text=f"{text}\n" if text else "",
        title=written(form, "title") or None,
        language=written(form, "language") or None,
        conditions=given,
    )
    try:
        return await begin(
            request, here, form, draft, kind="conditions", check=lambda: rules.reported(draft), page=PAGE
        )
    except (Invalid, Conflict, Forbidden, Missing) as error:
        asked = error.questions if isinstance(error, Unconfirmed) else ()
        errors = at_field(error, (*FIELDS, CONFIRM, *(f"condition_{row}" for row in range(1, rows + 1))))
        return await _page(request, here, form, rows, errors=errors, status=error.status, questions=asked)


def _rows_in(form: Mapping[str, str]) -> int:
    """How many rows the form has: those that stand in it, within bounds."""
    numbers = (name.rpartition("-")[2] for name in form if name.startswith("topic-"))
    counted = [int(one) for one in numbers if one.isascii() and one.isdecimal() and len(one) <= 3]
    return min(max([ROWS, *counted]), ROWS_AT_MOST)


def _line(form: Mapping[str, str], row: int) -> str:
    """A row of the form as the line that `conditions.rules` reads; nothing for one that was left empty."""
    topic, figure, unit, period, words = (" ".join(written(form, f"{cell}-{row}").split()) for cell in CELLS)
    if not (figure or words or unit):
        return ""
    measured = " ".join(filter(None, [figure, unit, f"per {period}" if period else ""]))
    return " ".join(filter(None, [topic, measured])) + (f": {words}" if words else "")


async def _page(
    request: web.Request, here: Standing, values: Mapping[str, str], rows: int, *, status: int = 200, **more: Any
) -> web.Response:
    shown = await gathered(request, _gather, here)
    empty = dict.fromkeys([*FIELDS, *(f"{cell}-{row}" for row in range(1, rows + 1) for cell in CELLS)], "")
    what: dict[str, Any] = {"values": empty | dict(values), "errors": {}, "rows": range(1, rows + 1), "questions": ()}
    what |= {"topics": codes.CONDITION_TOPICS, "periods": codes.PERIODS, "gatherings": codes.GATHERINGS}
    what |= {"fields": codes.FIELDS, "whose": codes.WHO, "isic": sectors.SECTIONS, "more": rows < ROWS_AT_MOST}
    what |= {"countries": countries.NAMES}
    return rendering.private(request, "desk_conditions.html", status=status, **(shown | what | more))


def _gather(tx: Transaction, here: Standing) -> dict[str, Any]:
    members.require(tx, here.member, "read", actor=here.actor)
    return values_for(tx, here) | {
        "may_write": here.may("write"),
        "may_propose": here.may("publish"),
        "rule": ruling.in_force(tx, here.actor, "publish_report"),
        "delay": tx.node.config.publication_delay,
        "known_languages": known_languages(),
        "own": entries.of(tx, store.listed(tx, {"author": here.actor}, limit=LISTED)),
    }
