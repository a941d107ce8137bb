"""Reports in the form of their own: begun, kept, changed, put to the group, corrected. What she wrote is never lost.

A draft may be kept with faults in it; each stands at its field, here and whenever the form is opened again. What may
put somebody in danger is asked beside the buttons, and holds when it was confirmed for exactly what is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node import decisions
from node.context import NODE, Transaction
from node.decisions import Proposed, ruling, with_proposed
from node.drafts import actions, proposing, rules
from node.drafts.rules import Outcome
from node.errors import Conflict, Forbidden, Invalid, Missing, NodeError, apart
from node.members import actions as members
from node.reports import asking, developing, writing
from node.statements import composing, correcting
from node.statements.rules import Draft, State
from node.translating import N_
from node.web import bodies
from node.web.admin import drafting, drafts, published, report_forms
from node.web.admin.afterwards import after
from node.web.admin.door import DESK, WORD, check_own_site, check_word, session, told_on_a_page
from node.web.admin.report_fields import SECTIONS
from node.web.admin.report_forms import Written
from node.web.admin.standing import GROUP, Standing, back, in_haste, standing, values_for
from node.web.pages import rendering
from node.web.pages.text_page import number_of as sort_id_of

PAGE = f"{DESK}/reports"
SUGGESTING = "suggest.js"
TO_MEND = N_("Nothing was published: something in the form below has to be mended first.")
STILL_TO_MEND = N_("Something in the form below has to be mended before it can be published.")
TO_CONFIRM = N_("Nothing was published yet: something is asked first, beside the buttons below.")


@dataclass(frozen=True, slots=True)
class About:
    """What the form is about: a new report, a draft of one (`number`, from the version `based_on`), or one that was
    published (`sort_id`, with the version that `stood` there when the form was opened)."""

    number: int | None = None
    based_on: int = 0
    sort_id: str = ""
    stood: str = ""

    @property
    def address(self) -> str:
        """Where the form is sent."""
        if self.sort_id:
            return f"{published.PAGE}/{self.sort_id}/report"
        return f"{PAGE}/{self.number if self.number is not None else 'new'}"


@told_on_a_page
async def new(request: web.Request) -> web.StreamResponse:
    """The form for a new report; `?struggle=` names what it is about."""
    here = await standing(request)
    values = {"struggle": request.query.get("struggle", ""), "basis": "own-witness"}
    values["language"] = here.group.language if here.group is not None else ""
    return await _form(request, here, Written(values), About())


@told_on_a_page
async def begin(request: web.Request) -> web.StreamResponse:
    """Keep a first version, with its faults if it has any; or put it to the group at once if that is what she wants."""
    known = await _sent(request)
    if isinstance(known, web.StreamResponse):
        return known
    here, values = known
    if values.get("act", "").startswith("more"):
        return await _form(request, here, Written(_with_row(values)), About())
    try:
        draft = await asyncio.to_thread(report_forms.draft_of, values)
        if values.get("act") == "propose":
            return await _begin_and_propose(request, here, values, draft)
        write = request.app[NODE].database.write
        number = await write(actions.begin, draft, actor=here.actor, member=here.member, kind="report")
    except (Invalid, Conflict, Forbidden) as error:
        return await _form(request, here, _refused(values, error), About(), status=error.status)
    raise back(f"{drafts.PAGE}/{number}", here, done="begun")


async def _begin_and_propose(
    request: web.Request, here: Standing, values: Mapping[str, str], draft: Draft
) -> web.StreamResponse:
    node = request.app[NODE]
    if faults := writing.faults(draft):
        return await _form(request, here, Written(values, report_forms.at_fields(faults)), About(), status=422)

    def act(tx: Transaction) -> tuple[int, State]:
        number = actions.begin(tx, draft, actor=here.actor, member=here.member, kind="report")
        return number, proposing.propose(tx, number, version=1, member=here.member, urgent=here.urgent)[1]

    (number, state), made = await node.database.write(with_proposed, act)
    return await drafting.after_proposing(request, here, number, state, made)


@told_on_a_page
async def edit(request: web.Request) -> web.StreamResponse:
    """The form with what stands in a draft of a report, and what keeps it from being one."""
    here, number = await standing(request), drafts.number_in(request)

    def gather(tx: Transaction) -> tuple[int, Draft]:
        row = actions.changeable(tx, drafts.found(tx, here, number).id, here.member)
        if row.kind != "report":
            raise Missing("draft {number} is no report", number=number)
        return row.head, actions.newest(tx, row)

    head, draft = await request.app[NODE].database.read(gather)
    values = await asyncio.to_thread(report_forms.values_of, draft)
    written = Written(values, report_forms.at_fields(writing.faults(draft)))
    return await _form(request, here, written, About(number, head), failing=STILL_TO_MEND)


@told_on_a_page
async def save(request: web.Request) -> web.StreamResponse:
    """Keep a newer version of a draft; where somebody else was faster it is joined, or both are shown."""
    known = await _sent(request)
    if isinstance(known, web.StreamResponse):
        return known
    (here, values), number = known, drafts.number_in(request)
    about = About(number, drafts.number_of(values.get("based_on", "")))
    if values.get("act", "").startswith("more"):
        return await _form(request, here, Written(_with_row(values)), about)

    def base(tx: Transaction) -> Draft:
        return actions.content(tx, drafts.found(tx, here, number), about.based_on)

    try:
        draft = await asyncio.to_thread(report_forms.draft_of, values, await request.app[NODE].database.read(base))
        write = request.app[NODE].database.write
        saved = await write(actions.save, number, draft, based_on=about.based_on, member=here.member)
    except (Invalid, Conflict, Forbidden) as error:
        return await _form(request, here, _refused(values, error), about, status=error.status)
    if saved.outcome is Outcome.ASIDE:
        raise back(f"{drafts.PAGE}/{number}/edit", here, settle=str(saved.version))
    raise back(f"{drafts.PAGE}/{number}", here, done=saved.outcome.name.lower())


@told_on_a_page
async def correction(request: web.Request) -> web.StreamResponse:
    """The form with what a published report says, to correct it."""
    here, about = await standing(request), About(sort_id=request.match_info["id"])
    row, draft = await request.app[NODE].database.read(_published, here, about)
    about = replace(about, stood=published.stood(row))
    return await _form(request, here, Written(await asyncio.to_thread(report_forms.values_of, draft)), about)


@told_on_a_page
async def correct(request: web.Request) -> web.StreamResponse:
    """Propose to put what the form says in place of a report: as a correction, or as what is new in it.

    What she has written stays in the form if that is not done.
    """
    known = await _sent(request)
    if isinstance(known, web.StreamResponse):
        return known
    (here, values), node = known, request.app[NODE]
    about = About(sort_id=request.match_info["id"], stood=values.pop(published.STOOD, ""))
    if values.get("act", "").startswith("more"):
        return await _form(request, here, Written(_with_row(values)), about)
    await node.database.read(members.require, here.member, "publish", actor=here.actor)
    row, base = await node.database.read(_published, here, about)
    try:
        draft = await asyncio.to_thread(report_forms.draft_of, values, base)
        if faults := writing.faults(draft):
            return await _form(request, here, Written(values, report_forms.at_fields(faults)), about, status=422)
        act: Callable[..., tuple[str, State]] = correcting.correct
        if values.get("act") == "develop":
            act = _developing(values)

        def propose(tx: Transaction) -> Proposed | None:
            published.check_stood(about.stood, _published(tx, here, about)[0])
            return with_proposed(tx, act, row.iri, draft, member=here.member, urgent=here.urgent)[1]

        made = await node.database.write(propose)
    except (Invalid, Conflict, Missing, Forbidden) as error:
        if isinstance(error, Conflict):  # she was told: what she sends next is meant for what stands there now
            about = replace(about, stood=published.stood(row))
        return await _form(request, here, _refused(values, error), about, status=error.status)
    done = "correct" if made is None or made.state is decisions.State.ADOPTED else "proposed"
    return await after(request, f"{published.PAGE}/{about.sort_id}", here, made, done=done)


def _developing(values: Mapping[str, str]) -> Callable[..., tuple[str, State]]:
    return partial(developing.develop, changed=values.get("changed", ""))


def _published(tx: Transaction, here: Standing, about: About) -> tuple[Row[Any], Draft]:
    row = published.own(tx, here, sort_id_of(about.sort_id))
    publication = published.publication_of(tx, row)
    if publication is None or publication.kind != "report":
        raise Missing("this text is no report that could be corrected in a form")
    return row, composing.revive(publication.draft["draft"])


# ---- the form


async def _sent(request: web.Request) -> tuple[Standing, dict[str, str]] | web.StreamResponse:
    """Who sends the form and what stands in it; where her session is over, a page that gives it back to her."""
    check_own_site(request)
    form: Any = await bodies.form(request)
    given = {name: "; ".join(map(str, form.getall(name))) for name in form}
    known = await session(request)
    try:
        if known is None:
            raise Forbidden("you are not logged in any more")
        check_word(known, given.pop(WORD, ""))
    except Forbidden:
        facts = "".join(f"{name}: {one}\n" for name, one in given.items() if one and name not in ("title", "text"))
        values = {"title": given.get("title", ""), "text": f"{given.get('text', '')}\n\n{facts}"}
        return rendering.private(request, "lapsed.html", status=403, values=values, masthead=None)
    here = await standing(request, handle=given.pop(GROUP, None))
    return in_haste(here, given), report_forms.closed_up(
        {name: one.replace("\r\n", "\n") for name, one in given.items()}
    )


def _with_row(values: Mapping[str, str]) -> dict[str, str]:
    """The form with one more row in the part that its button names."""
    part = values["act"].partition(" ")[2]
    section = next((one for one in SECTIONS if one.part == part and one.rows), None)
    if section is None:
        return dict(values)
    return {**values, f"{part}.rows": str(Written(values).rows(section) + 1)}


def _refused(values: Mapping[str, str], error: NodeError) -> Written:
    if isinstance(error, asking.Unconfirmed):
        return Written(values, {"confirm": TO_CONFIRM})
    if isinstance(error, Invalid) and error.field == "changed":
        return Written(values, {"changed": error})
    return Written(values, report_forms.at_fields(apart(error)) if isinstance(error, Invalid) else {"form": error})


async def _form(
    request: web.Request, here: Standing, written: Written, about: About, *, status: int = 200, failing: str = TO_MEND
) -> web.Response:
    values = await request.app[NODE].database.read(_gather, here, about)
    if written.errors:
        values["failure"] = written.errors.get("form") or written.errors.get("confirm") or failing
    asked = await asyncio.to_thread(_asked, written.values, values.pop("today"))
    return rendering.private(
        request,
        "desk_report_form.html",
        status=status,
        scripts=(SUGGESTING,),
        written=written,
        about=about,
        asked_sections=SECTIONS,
        questions=asked,
        known_languages=drafts.known_languages(),
        **values,
    )


def _asked(values: Mapping[str, str], today: Any) -> tuple[asking.Question, ...]:
    """What is asked about what stands in the form, as far as it is a report already."""
    try:
        draft = report_forms.draft_of(values)
        return asking.questions(writing.report_in(draft), today=today)
    except Invalid:
        return ()


def _gather(tx: Transaction, here: Standing, about: About) -> dict[str, Any]:
    return values_for(tx, here) | {
        "title": _title(tx, here, about),
        "may_write": here.may("publish" if about.sort_id else "write"),
        "may_propose": here.may("publish"),
        "rule": ruling.in_force(tx, here.actor, rules.under("report", Draft(text=""))),
        "delay": tx.node.config.publication_delay,
        "today": tx.now.date(),
    }


def _title(tx: Transaction, here: Standing, about: About) -> str | None:
    if about.number is None:
        return None
    return drafts.title_of(actions.newest(tx, drafts.found(tx, here, about.number)))
