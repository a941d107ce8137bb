"""What the group has published, at the desk: correct it, blank a part, delete it; each by the group's own rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node import decisions, objects
from node.context import NODE, Transaction
from node.decisions import Proposed
from node.errors import Conflict, Forbidden, Invalid, Missing, NodeError
from node.identifiers import spell
from node.members import actions as members
from node.reports import developing, transcriptions, undoing
from node.statements import (
    blanks,
    composing,
    confirming,
    correcting,
    overtaken,
    passing_on,
    pins,
    redacting,
    store,
    versions,
)
from node.statements.overtaken import Held
from node.translating import N_
from node.web.admin import draft_forms
from node.web.admin.afterwards import after
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing, received, standing, told_after, values_for
from node.web.pages import entries, queries, rendering
from node.web.pages.redacted import FIELD, NAMES
from node.web.pages.text_page import number_of
from schemas import codes

PAGE = f"{DESK}/published"
AT_ONCE = 40
STOOD = "stood"
NOTICES = {
    "correct": N_("The correction is on its way; earlier words stay readable."),
    "redact": N_("It is blanked here, and those who hold a copy are told."),
    "withdraw": N_("The report is withdrawn: it stays readable, and counts nowhere."),
    "confirm": N_("The correction is on its way, on top of what stands there now."),
    "let-go": N_("The correction does not leave."),
    "pin": N_("It stands at the top of the group's page."),
    "unpin": N_("It is taken down from the top of the group's page."),
    "delete": N_("It is deleted here, and those who hold a copy are asked to delete it too."),
    "proposed": N_("It is proposed to the group. Nothing has changed yet."),
}


@told_on_a_page
async def listed(request: web.Request) -> web.StreamResponse:
    """What the group has published, the newest first."""
    here = await standing(request)
    values = await request.app[NODE].database.read(_gather_all, here, _number(here.chosen.get("before", "")))
    return rendering.private(request, "desk_published.html", **(values | {"notice": told_after(here, NOTICES)}))


@told_on_a_page
async def shown(request: web.Request) -> web.StreamResponse:
    """One text, and what can be done with it."""
    here = await standing(request)
    return await _show(request, here, notice=told_after(here, NOTICES))


@told_on_a_page
async def act(request: web.Request) -> web.StreamResponse:
    """Propose what the form says. What she has written stays in it if that cannot be done."""
    here, form = await received(request)
    what, node = request.match_info["act"], request.app[NODE]
    try:
        proposed = await node.database.write(_do, here, number_of(request.match_info["id"]), what, form)
    except (Invalid, Conflict, Missing, Forbidden) as error:
        return await _show(request, here, status=error.status, failure=error, form=form)
    done = what if proposed is None or proposed.state is decisions.State.ADOPTED else "proposed"
    place = PAGE if done == "delete" else f"{PAGE}/{request.match_info['id']}"
    return await after(request, place, here, proposed, done=done)


def _do(tx: Transaction, here: Standing, sort_id: int, what: str, form: Mapping[str, str]) -> Proposed | None:
    row = own(tx, here, sort_id)
    reason = form.get("reason", "")
    more: dict[str, Any] = {"member": here.member, "urgent": here.urgent}
    if what == "correct":
        publication = publication_of(tx, row)
        if publication is None:
            raise Conflict("this text was made from a table: correct the table, and import it again")
        check_stood(form.get(STOOD, ""), row)
        draft = draft_forms.draft_of(form, composing.revive(publication.draft["draft"]))
        _, proposed = decisions.with_proposed(tx, correcting.correct, row.iri, draft, **more)
    elif what == "redact":
        part = blanks.read(form.get("part", ""))
        _, proposed = decisions.with_proposed(tx, redacting.redact, row.iri, part, reason=reason, **more)
    elif what == "confirm":
        subject = _held(tx, row, form)
        _, proposed = decisions.with_proposed(tx, confirming.confirm, subject, **more)
    elif what == "let-go":
        confirming.let_go(tx, _held(tx, row, form), member=here.member)
        proposed = None
    elif what == "pin":
        _, proposed = decisions.with_proposed(tx, passing_on.pin, row.iri, **more)
    elif what == "unpin":
        _, proposed = decisions.with_proposed(tx, passing_on.unpin, row.iri, actor=here.actor, **more)
    elif what == "withdraw":
        why = form.get("withdrawal", "")
        _, proposed = decisions.with_proposed(tx, developing.withdraw, row.iri, reason=why, **more)
    elif (announced := transcriptions.announced_by(tx, row.iri)) is not None:
        _, proposed = decisions.with_proposed(tx, undoing.undo, announced.iri, reason=reason, **more)
    else:
        _, proposed = decisions.with_proposed(tx, correcting.delete, row.iri, reason=reason, **more)
    return proposed


def _held(tx: Transaction, row: Row[Any], form: Mapping[str, str]) -> str:
    """The correction of a text that the form names. Raises Missing."""
    subject = form.get("correction", "")
    if confirming.found(tx, subject).draft["corrects"] != row.iri:
        raise Missing("{iri} is no correction that is held back", iri=subject)
    return subject


def stood(row: Row[Any]) -> str:
    """What a form says of the version that its writer had before her."""
    return str((row.updated or row.published).isoformat())


def check_stood(said: str, row: Row[Any]) -> None:
    """Raise Conflict if the text was changed since the form was opened that says what stood there."""
    if said and said != stood(row):
        raise Conflict(
            "the text was changed while you wrote: read what stands there now; sent once more, this takes its place"
        )


async def _show(
    request: web.Request,
    here: Standing,
    *,
    status: int = 200,
    notice: str | None = None,
    failure: NodeError | None = None,
    form: Mapping[str, str] | None = None,
) -> web.Response:
    sort_id = number_of(request.match_info["id"])
    values = await request.app[NODE].database.read(_gather_one, here, sort_id, form)
    field = getattr(failure, "field", None)
    errors = {field: failure} if field is not None else {}
    more = {
        "notice": notice,
        "failure": failure,
        "errors": errors,
        "form": {"part": "", "reason": "", "withdrawal": ""} | dict(form or {}),
    }
    return rendering.private(request, "desk_published_text.html", status=status, **(values | more))


def _gather_all(tx: Transaction, here: Standing, before: int | None) -> dict[str, Any]:
    members.require(tx, here.member, "read", actor=here.actor)
    rows = objects.listed(tx, author=here.actor, before=before, limit=AT_ONCE + 1)
    pinned = [one.iri for one in pins.of(tx, here.actor)]
    shown = entries.of(tx, rows[:AT_ONCE])
    found = [{"entry": one, "number": spell(one.sort_id), "pinned": one.iri in pinned} for one in shown]
    return values_for(tx, here) | {"found": found, "older": rows[AT_ONCE - 1].sort_id if len(rows) > AT_ONCE else None}


def _gather_one(tx: Transaction, here: Standing, sort_id: int, form: Mapping[str, str] | None) -> dict[str, Any]:
    members.require(tx, here.member, "read", actor=here.actor)
    row = own(tx, here, sort_id)
    publication = publication_of(tx, row)
    draft = None if publication is None else publication.draft["draft"]
    written = {} if draft is None else draft_forms.values_of(composing.revive(draft))
    return values_for(tx, here) | {
        "entry": entries.of(tx, [row])[0],
        "number": spell(sort_id),
        "values": {**written, **(form or {})},
        "may_correct": draft is not None and row.kind in correcting.KINDS,
        "may_withdraw": draft is not None and row.kind == "StruggleReport" and not _is_withdrawn(draft),
        "may_delete": row.kind in correcting.KINDS,
        "announced": transcriptions.announced_by(tx, row.iri),
        "held": [_told(one) for one in overtaken.held_of(tx, row.iri)],
        "stood": stood(row),
        "is_pinned": row.iri in [one.iri for one in pins.of(tx, row.author)],
        "parts": [] if publication is None else _parts(tx, row, publication),
        "reasons": codes.DELETION_REASONS,
        "may_act": here.may("publish"),
    }


def _told(held: Held) -> dict[str, Any]:
    """A correction that is held back, with the fields in which somebody has to choose."""
    names = [{"name": NAMES.get(one, FIELD), "key": "" if one in NAMES else one} for one in held.fields]
    return {"subject": held.subject, "names": names, "why_not": held.why_not, "draft": held.draft}


def _is_withdrawn(draft: Mapping[str, Any]) -> bool:
    return bool(draft["report"].get("report_status") == "withdrawn")


def _parts(tx: Transaction, row: Row[Any], publication: Row[Any]) -> list[dict[str, Any]]:
    """What can be blanked, with the words for it."""
    found = blanks.fields_in(publication.draft["draft"], publication.draft.get("decided"))
    earlier = [one for one in versions.of(tx, row.iri) if one.document is not None]
    found += [blanks.Part(blanks.REVISION, one.number) for one in earlier]
    pictures = publication.draft["draft"].get("pictures") or ()
    return [
        {
            "said": one.spelled,
            "name": NAMES.get(one.name, FIELD),
            "key": "" if one.name in NAMES else one.name,
            "number": one.number,
            "about": pictures[(one.number or 1) - 1]["description"] if one.name == blanks.ATTACHMENT else "",
        }
        for one in found
    ]


def publication_of(tx: Transaction, row: Row[Any]) -> Row[Any] | None:
    """What was kept of what a text was made of; None for one that was made from a table."""
    found = store.publication(tx, row.iri)
    return found if found is not None and "draft" in found.draft and found.kind in tx.node.rooms.makings else None


def own(tx: Transaction, here: Standing, sort_id: int) -> Row[Any]:
    """A text of the group that is public. Raises Missing."""
    row = queries.by_sort_id(tx, sort_id)
    if row is None or not row.local or not row.public or row.author != here.actor or row.deleted is not None:
        raise Missing("this group has published nothing like that, or has deleted it")
    return row


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
