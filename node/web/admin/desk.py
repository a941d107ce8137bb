"""The overview of the desk: what waits for a member and what waits to leave, and a form to write with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node import objects
from node.context import NODE, Transaction
from node.decisions import Proposed, ruling, with_proposed
from node.errors import Conflict, Forbidden, Invalid, Missing, NodeError
from node.members import ROLES, viewers
from node.members import store as mandates
from node.reports import transcriptions
from node.reports.rules import Provenance
from node.statements import actions as statements
from node.statements import composing, linting, markup
from node.statements import store as publications
from node.statements.rules import Draft, State
from node.translating import N_
from node.web import bodies
from node.web.admin import waits
from node.web.admin.afterwards import after
from node.web.admin.door import DESK, WORD, check_own_site, check_word, session, told_on_a_page
from node.web.admin.drafts import KINDS as KINDS_OF_DRAFTS
from node.web.admin.standing import Standing, back, gathered, received, standing, told_after, values_for
from node.web.pages import entries, languages, queries, rendering
from node.web.pages.text_page import number_of

RECENT = 8
FIELDS = ("title", "text", "language", "summary", "tags", "sensitive", "reply_to")
KINDS = KINDS_OF_DRAFTS | {"import": N_("Transcription")}  # of publications, by what `publications` keeps
NOTICES = {
    "waiting": N_("It is on its way. Until it leaves you can call it back."),
    "published": N_("It is published."),
    "called-back": N_("It was called back and has not left. Its text stands in the form below."),
}
NOTHING_PUBLISHED = N_("Nothing was published: something in the form below has to be mended first.")


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the form, and what is wrong with it: field -> reason."""

    values: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    errors: Mapping[str, NodeError] = field(default_factory=dict)


@told_on_a_page
async def desk(request: web.Request) -> web.StreamResponse:
    """The desk of the group `?group=` (else the first in which she holds a mandate). Sends strangers to the login."""
    here = await standing(request)
    if here.group is None and await request.app[NODE].database.read(viewers.is_admitted, here.member.id):
        raise web.HTTPSeeOther(f"{DESK}/me", headers={"Cache-Control": "no-store"})
    written = Written(dict.fromkeys(FIELDS, "") | {"reply_to": request.query.get("reply_to", "")})
    return await _show(request, here, written, again=request.query.get("again"))


@told_on_a_page
async def publish(request: web.Request) -> web.StreamResponse:
    """Propose a statement. What is wrong is said at its field, and the text is kept (422)."""
    check_own_site(request)
    form = await bodies.form(request)
    values = {name: str(form.get(name, "")) for name in FIELDS}
    known = await session(request)
    if known is None:
        return rendering.private(request, "lapsed.html", status=403, values=values, masthead=None)
    here = await standing(request, handle=str(form.get("group", "")))
    try:
        check_word(known, str(form.get(WORD, "")))
        state, made = await _publish(request, here, values)
    except (Invalid, Forbidden, Conflict) as error:
        where = error.field if isinstance(error, Invalid) and error.field in FIELDS else "form"
        return await _show(request, here, Written(values, {where or "form": error}), status=error.status)
    if state is State.PROPOSED and made is not None:
        return await after(request, DESK, here, made, decision=str(made.number))
    raise back(DESK, here, done="waiting" if state is State.WAITING else "published")


async def _publish(request: web.Request, here: Standing, values: Mapping[str, str]) -> tuple[State, Proposed | None]:
    node = request.app[NODE]
    draft = draft_of(values)

    def act(tx: Transaction) -> State:
        addressed = with_reply(tx, draft)
        return statements.publish(tx, addressed, actor=here.actor, member=here.member)[1]

    return await node.database.write(with_proposed, act)


@told_on_a_page
async def call_back(request: web.Request) -> web.StreamResponse:
    """Stop a publication that has not left, and put its text back into the form."""
    here, form = await received(request)
    iri = form.get("iri", "")
    try:
        await request.app[NODE].database.write(statements.call_back, iri, member=here.member)
    except (Conflict, Missing, Forbidden) as error:
        return await _show(request, here, Written(errors={"waiting": error}), status=error.status)
    raise back(DESK, here, done="called-back", again=iri)


def draft_of(values: Mapping[str, str]) -> Draft:
    """The draft in a form. Raises Invalid for what is no text at all."""
    for name, value in values.items():
        if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise Invalid("there is a character in it that cannot be kept", field=name)
    given = {name: value.replace("\r\n", "\n").strip() for name, value in values.items()}
    tags = given["tags"].replace(",", " ").split()
    return Draft(
        text=given["text"] + "\n" if given["text"] else "",
        title=given["title"] or None,
        language=given["language"] or None,
        summary=given["summary"] or None,
        tags=tuple(dict.fromkeys(tag.lstrip("#") for tag in tags)),
        sensitive=bool(given["sensitive"]),
        reply_to=given["reply_to"] or None,
    )


def with_reply(tx: Transaction, draft: Draft) -> Draft:
    """The draft with what it answers by its own address, where she gave that of our page about it."""
    prefix = tx.node.address("/heard/")
    if draft.reply_to is None or not draft.reply_to.startswith(prefix):
        return draft
    held = queries.by_sort_id(tx, number_of(draft.reply_to.removeprefix(prefix).partition("?")[0]))
    values = {name: getattr(draft, name) for name in Draft.__dataclass_fields__}
    return Draft(**(values | {"reply_to": held.iri})) if held is not None else draft


async def _show(
    request: web.Request, here: Standing, written: Written, *, status: int = 200, again: str | None = None
) -> web.Response:
    values = await gathered(request, _gather, here, again)
    if values["draft"]:
        written = Written(values["draft"], written.errors)
    errors = written.errors
    if errors:
        values["failure"] = errors.get("form") or errors.get("waiting") or NOTHING_PUBLISHED
    else:
        values["notice"] = told_after(here, NOTICES) if request.method == "GET" else None
    return rendering.private(
        request, "desk.html", status=status, written=written, now=request.app[NODE].clock(), **values
    )


def _gather(tx: Transaction, here: Standing, again: str | None) -> dict[str, Any]:
    group = here.group
    held = mandates.mandates_in_force(tx, here.member.id)
    names = {one.iri: one.name for one in here.groups}
    chosen = values_for(tx, here)
    if group is not None:
        chosen |= {
            "waiting": [_waiting(tx, row) for row in publications.waiting(tx, group.iri)],
            "recent": entries.of(tx, objects.listed(tx, author=group.iri, limit=RECENT)),
        }
    return chosen | {
        "mandates": [{"role": row.role, "ends": row.ends, "group": names.get(row.actor, row.actor)} for row in held],
        "meanings": ROLES,
        "may_publish": here.may("publish"),
        "may_write": here.may("write"),
        "waits": waits.of(tx, here),
        "rule": ruling.in_force(tx, group.iri, "publish_statement") if group is not None else None,
        "delay": tx.node.config.publication_delay,
        "draft": _called_back(tx, again, group),
        "languages": sorted(languages.NAMES.items(), key=lambda pair: pair[1].casefold()),
    }


def _waiting(tx: Transaction, row: Row[Any]) -> dict[str, Any]:
    """A publication on its way out, in a line; only its own text tells what it is called."""
    draft = row.draft.get("draft") or {}
    title = draft.get("title") or markup.shorten(" ".join(draft.get("text", "").split()), entries.HEADLINE_CHARACTERS)
    language = draft.get("language")
    if row.kind == "import":
        found = transcriptions.find_import(tx, row.draft["import"])
        title = Provenance.from_json(found.provenance).title if found is not None else row.iri
    return {
        "iri": row.iri,
        "kind": KINDS.get(row.kind, row.kind),
        "title": title or row.iri,
        "due": row.due,
        "language": language,
        "warning": linting.warning(linting.findings(composing.revive(draft))) if draft else None,
    }


def _called_back(tx: Transaction, iri: str | None, group: Row[Any] | None) -> dict[str, str]:
    """The form's fields of a statement that was called back, so that it can be mended and sent again."""
    row = publications.publication(tx, iri) if iri and group is not None else None
    if row is None or group is None or row.actor != group.iri:
        return {}
    if row.state != State.CALLED_BACK.value or row.kind != "statement":
        return {}
    draft = composing.revive(row.draft["draft"])
    return {
        "title": draft.title or "",
        "text": draft.text,
        "language": draft.language or "",
        "summary": draft.summary or "",
        "tags": " ".join(draft.tags),
        "sensitive": "yes" if draft.sensitive else "",
        "reply_to": draft.reply_to or "",
    }
