"""Drafts at the desk: what is being written; one draft with all that is said about it, its versions, its looks."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from markupsafe import Markup
from sqlalchemy import Row

from node.context import NODE, Transaction
from node.decisions import ruling
from node.decisions import store as decisions
from node.drafts import actions, rules, store
from node.drafts.differences import Change
from node.drafts.rules import Outcome, Place, Standing
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.merges import candidates
from node.reports import actions as reports
from node.reports import writing as writing_reports
from node.statements import asking, composing, linting, markup, writing
from node.statements import store as publications
from node.statements.rules import Draft
from node.translating import N_
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing as Here
from node.web.admin.standing import standing, told_after, values_for
from node.web.pages import entries, languages, merge_pages, rendering

PAGE = f"{DESK}/drafts"
NOTICES = {
    "begun": N_("The draft is kept. Only members of the group see it."),
    Outcome.KEPT.name.lower(): N_("Your version is kept."),
    Outcome.SAME.name.lower(): N_("Nothing had changed, so nothing was kept."),
    Outcome.JOINED.name.lower(): N_(
        "Somebody else had saved meanwhile. Your changes and hers are both in the text now."
    ),
    "settled": N_("It is left out, and can be read until the group has decided."),
    "said": N_("Your comment is there."),
    "unsaid": N_("Your comment is deleted."),
    "dropped": N_("The draft is deleted, with all its versions."),
    "proposed": N_("It is proposed to the group. Until the group has decided, no word of it can be changed."),
    "waiting": N_("It is on its way. Until it leaves you can call it back."),
    "published": N_("It is published."),
    "called-back": N_("It was called back and has not left. It can be worked on again."),
}
STANDINGS = {
    Standing.OPEN: N_("being written"),
    Standing.PROPOSED: N_("before the group"),
    Standing.WAITING: N_("about to leave"),
    Standing.PUBLISHED: N_("published"),
}
KINDS = {
    "statement": N_("statement"),
    "report": N_("report of a struggle"),
    "position": N_("position"),
    "minority_report": N_("minority report"),
    "appeal": N_("appeal"),
    "appeal_answer": N_("answer to an appeal"),
    "conditions": N_("report of conditions"),
}
FIELD_NAMES = {
    "text": N_("Text"),
    "title": N_("Title"),
    "summary": N_("Summary"),
    "language": N_("Language"),
    "tags": N_("Tags"),
    "sensitive": N_("Behind a warning"),
    "form": N_("Form"),
    "reply_to": N_("In answer to"),
    "quote": N_("Quotes"),
    "minority_of": N_("Minority report on"),
    "pictures": N_("Pictures"),
}


def number_in(request: web.Request, name: str = "number") -> int:
    """The number in the address. Raises Missing for what is none."""
    return number_of(request.match_info[name])


def number_of(text: str) -> int:
    """A number that somebody has sent. Raises Missing for what is none."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise Missing("there is no draft and no version of that number")
    return int(text)


@told_on_a_page
async def drafts(request: web.Request) -> web.StreamResponse:
    """What the group is writing."""
    here = await standing(request)
    values = await request.app[NODE].database.read(_gather_all, here)
    values["notice"] = told_after(here, NOTICES)
    return rendering.private(request, "desk_drafts.html", **values)


@told_on_a_page
async def draft(request: web.Request) -> web.StreamResponse:
    """One draft, its comments and its versions."""
    here = await standing(request)
    return await shown(request, here, number_in(request))


async def shown(request: web.Request, here: Here, number: int, *, status: int = 200, **more: Any) -> web.Response:
    """The page of a draft, with what has just happened or failed (`failure`)."""
    node = request.app[NODE]
    values = await node.database.read(_gather_one, here, number)
    values["notice"] = told_after(here, NOTICES) if request.method == "GET" else None
    return rendering.private(request, "desk_draft.html", status=status, **(values | {"errors": {}, "said": ""} | more))


@told_on_a_page
async def version(request: web.Request) -> web.StreamResponse:
    """One version as it was saved."""
    here = await standing(request)
    values = await request.app[NODE].database.read(
        _gather_version, here, number_in(request), number_in(request, "version")
    )
    return rendering.private(request, "desk_draft_version.html", **values)


@told_on_a_page
async def difference(request: web.Request) -> web.StreamResponse:
    """What has changed from the version `?from=` to the version `?to=`."""
    here = await standing(request)
    before, after = (number_of(request.query.get(name, "")) for name in ("from", "to"))
    values = await request.app[NODE].database.read(_gather_difference, here, number_in(request), before, after)
    return rendering.private(request, "desk_draft_difference.html", changes=Change, **values)


@told_on_a_page
async def preview(request: web.Request) -> web.StreamResponse:
    """What other servers will show."""
    here, number, node = await standing(request), number_in(request), request.app[NODE]
    values = await node.database.read(_gather_preview, here, number)
    return rendering.private(request, "desk_draft_preview.html", **values)


def found(tx: Transaction, here: Here, number: int) -> Row[Any]:
    """A draft of the group in whose name she is at the desk. Raises Missing for every other."""
    row = actions.readable(tx, number, here.member)
    if row.actor != here.actor:
        raise Missing("there is no draft {number} of this group", number=number)
    return row


def rule_for(tx: Transaction, row: Row[Any], draft: Draft) -> Any:
    """The rule by which the group would decide on a draft now."""
    return ruling.in_force(tx, row.actor, rules.under(row.kind, draft))


def _gather_all(tx: Transaction, here: Here) -> dict[str, Any]:
    rows = store.of_group(tx, here.actor) if here.may("read") else []
    return values_for(tx, here) | {
        "found": [_line(row) for row in rows],
        "may_write": here.may("write"),
    }


def _line(row: Row[Any]) -> dict[str, Any]:
    kept = row.content or (row.published_content or {}).get("draft")
    draft = composing.revive(kept) if kept else Draft(text="")
    return {
        "number": row.id,
        "title": title_of(draft),
        "language": draft.language,
        "languages": [one.language for one in draft.translations],
        "kind": KINDS.get(row.kind, row.kind),
        "standing": STANDINGS[actions.standing(row)],
        "changed": row.changed,
    }


def title_of(draft: Draft) -> str | None:
    """What a draft is called in a list: its title, or its first words; None if there is neither."""
    words = " ".join(draft.text.split())
    return draft.title or markup.shorten(words, entries.HEADLINE_CHARACTERS) or None


def _gather_one(tx: Transaction, here: Here, number: int) -> dict[str, Any]:
    row = found(tx, here, number)
    draft, where = actions.newest(tx, row), actions.standing(row)
    rule = rule_for(tx, row, draft)
    publication = publications.publication(tx, row.publication) if row.publication else None
    versions = store.versions_of(tx, number)
    return values_for(tx, here) | {
        "draft": row,
        "title": title_of(draft),
        "texts": texts_of(tx, draft),
        "standing": where,
        "standing_said": STANDINGS[where],
        "kind": KINDS.get(row.kind, row.kind),
        "refused": publication is not None and publication.state == "refused",
        "due": row.due,
        "decision": _decision(tx, row, draft) if where is Standing.PROPOSED else None,
        "versions": versions,
        "aside": [one for one in versions if one.place == Place.ASIDE.value],
        "comments": store.comments_on(tx, number),
        "rule": rule,
        "open": where is Standing.OPEN,
        "may_write": here.may("write"),
        "may_propose": here.may("publish"),
        "may_comment": here.may("write") and where in (Standing.OPEN, Standing.PROPOSED),
        "delay": tx.node.config.publication_delay,
        "facts": {**draft.event, **draft.report},
        "report": _report(tx, row, draft),
        "faults": _faults(row, draft) if where is Standing.OPEN else [],
        "questions": _questions(tx, row, draft) if where is Standing.OPEN else (),
        "warning": linting.warning(linting.findings(draft)),
        "known_languages": known_languages(),
        "alike": _alike(tx, row, draft) if row.kind == "report" and where is Standing.OPEN else [],
    }


def _report(tx: Transaction, row: Row[Any], draft: Draft) -> dict[str, Any] | None:
    """The facts of a report as its page will show them; None where they cannot be read yet."""
    try:
        told = reports.as_told(tx, draft, actor=row.actor) if row.kind == "report" else None
    except Invalid:
        return None
    if told is None:
        return None
    where = told.location
    path = told.struggle if not told.struggle.startswith(tx.node.address("/struggles/new")) else "#facts"
    name = reports.read_report(draft).struggle_title
    words = entries.place_in_words(where.locality, where.region, where.country) if where is not None else ""
    return {"facts": told, "struggle": {"path": path, "name": name}, "place": words}


def _faults(row: Row[Any], draft: Draft) -> list[Invalid]:
    """What keeps a report from being published."""
    return writing_reports.faults(draft) if row.kind == "report" else []


def _questions(tx: Transaction, row: Row[Any], draft: Draft) -> tuple[asking.Question, ...]:
    """What is asked about a draft of any kind before it leaves, as far as it can be read."""
    try:
        if row.kind in tx.node.rooms.makings:
            tx.node.rooms.makings[row.kind].check(tx, draft)
    except asking.Unconfirmed as error:
        return error.questions
    except Invalid:
        return ()
    return ()


def _alike(tx: Transaction, row: Row[Any], draft: Draft) -> list[dict[str, Any]]:
    """The struggles that a report which is being written may be about; none while it cannot be read."""
    try:
        report = reports.preview(tx, draft, actor=row.actor)
        found = reports.read_report(draft)
    except (Invalid, Conflict, Missing):
        return []
    return merge_pages.matches(tx, candidates.like_draft(tx, found, report, actor=row.actor))


def _decision(tx: Transaction, row: Row[Any], draft: Draft) -> Row[Any] | None:
    """The decision that is open on a draft."""
    return decisions.newest_about(tx, rules.under(row.kind, draft), row.publication)


def texts_of(tx: Transaction, draft: Draft) -> list[dict[str, Any]]:
    """The texts of a draft as our pages show them, the first one first."""
    return [_shown(tx, one, first=number == 0) for number, one in enumerate((draft, *draft.translations))]


def _shown(tx: Transaction, one: Draft, *, first: bool) -> dict[str, Any]:
    html = writing.render(one.text, tag_address=composing.tag_address(tx.node), tags=one.tags).html
    return {
        "language": one.language,
        "lang": languages.tag(one.language),
        "direction": languages.direction(one.language),
        "title": one.title,
        "summary": one.summary,
        "html": Markup(entries.directed(entries.lowered(html))),
        "sensitive": one.sensitive,
        "first": first,
    }


def _gather_version(tx: Transaction, here: Here, number: int, version: int) -> dict[str, Any]:
    row = found(tx, here, number)
    draft = actions.content(tx, row, version)
    return values_for(tx, here) | {
        "draft": row,
        "version": store.version(tx, number, version),
        "title": title_of(draft),
        "texts": texts_of(tx, draft),
    }


def _gather_difference(tx: Transaction, here: Here, number: int, before: int, after: int) -> dict[str, Any]:
    row = found(tx, here, number)
    changed = actions.difference(tx, number, before, after, member=here.member)
    return values_for(tx, here) | {
        "draft": row,
        "before": store.version(tx, number, before),
        "after": store.version(tx, number, after),
        "versions": store.versions_of(tx, number),
        "changed": [
            {
                "field": FIELD_NAMES.get(one.field.rpartition(".")[2], one.field),
                "translation": one.field.partition(".")[0] if "." in one.field else None,
                "lang": languages.tag(one.language),
                "direction": languages.direction(one.language),
                "pieces": one.pieces,
            }
            for one in changed
        ],
    }


def _gather_preview(tx: Transaction, here: Here, number: int) -> dict[str, Any]:
    row = found(tx, here, number)
    values = values_for(tx, here) | {"draft": row, "title": title_of(actions.newest(tx, row)), "shown": []}
    try:
        seen = actions.previews(tx, number, member=here.member)
    except (Invalid, Conflict, Missing, Forbidden) as error:
        return values | {"failure": error}
    values["later"] = actions.asked_later(tx, number, member=here.member)
    values["shown"] = [
        {
            "language": language,
            "servers": [
                {
                    "what": one,
                    "html": Markup(entries.directed(entries.lowered(one.html))),
                    "lang": languages.tag(one.language),
                }
                | {"direction": languages.direction(one.language)}
                for one in previews
            ],
        }
        for language, previews in seen
    ]
    return values


def known_languages() -> list[tuple[str, str]]:
    """The languages that a form proposes, by what they are called."""
    return sorted(languages.NAMES.items(), key=lambda pair: pair[1].casefold())
