"""What the forms about a draft do: begin, save, say, settle, drop, propose, call back. What she wrote is never lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from node.context import NODE, Transaction
from node.decisions import Proposed, ruling, with_proposed
from node.drafts import actions, proposing, rules
from node.drafts.rules import Outcome
from node.errors import Conflict, Faults, Forbidden, Invalid, NodeError
from node.statements import asking
from node.statements.rules import Draft, State
from node.translating import N_
from node.web import bodies
from node.web.admin import draft_forms
from node.web.admin.afterwards import after
from node.web.admin.door import WORD, check_own_site, check_word, session, told_on_a_page
from node.web.admin.draft_forms import FIELDS, Written
from node.web.admin.drafts import (
    KINDS,
    PAGE,
    found,
    known_languages,
    number_in,
    number_of,
    shown,
    title_of,
)
from node.web.admin.standing import GROUP, Standing, back, in_haste, received, standing, values_for
from node.web.pages import languages, queries, rendering
from node.web.pages.text_page import number_of as sort_id_of

NOTHING_KEPT = N_("Nothing was kept: something in the form below has to be mended first.")
TWO_AT_ONCE = N_(
    "Somebody else has changed the same words meanwhile. Your version is kept and set aside; in the form below both"
    " stand side by side. Choose, take out the lines with <<<<<<< and >>>>>>>, and save."
)


@told_on_a_page
async def new(request: web.Request) -> web.StreamResponse:
    """The form for a new draft."""
    here = await standing(request)
    values = dict.fromkeys(FIELDS, "") | {name: request.query.get(name, "") for name in ("reply_to", "quote")}
    values["language"] = here.group.language if here.group is not None else ""
    return await _form(request, here, Written(values), kind=request.query.get("kind", "statement"))


@told_on_a_page
async def begin(request: web.Request) -> web.StreamResponse:
    """Keep a first version, and put it to the group at once if she has pressed that button."""
    known = await sent(request)
    if isinstance(known, web.StreamResponse):
        return known
    here, form = known
    kind = form.get("kind") or "statement"
    try:
        draft = asking.confirmed(draft_forms.draft_of(form), [form["confirm"]] if form.get("confirm") else [])
        draft = await request.app[NODE].database.read(_addressed, draft)
        if form.get("act") == "propose":
            return await _begin_and_propose(request, here, draft, kind)
        number = await request.app[NODE].database.write(
            actions.begin, draft, actor=here.actor, member=here.member, kind=kind
        )
    except (Invalid, Conflict, Forbidden) as error:
        asked = error.questions if isinstance(error, asking.Unconfirmed) else ()
        written = Written(form, {"form": error} if asked else _at_field(error, form))
        return await _form(request, here, written, kind=kind, questions=asked, status=error.status)
    raise back(f"{PAGE}/{number}", here, done="begun")


async def _begin_and_propose(request: web.Request, here: Standing, draft: Draft, kind: str) -> web.StreamResponse:
    """In one transaction: what cannot be proposed is not kept either, and stands in the form again."""
    node = request.app[NODE]

    def act(tx: Transaction) -> tuple[int, State]:
        number = actions.begin(tx, draft, actor=here.actor, member=here.member, kind=kind)
        return number, proposing.propose(tx, number, version=1, member=here.member, urgent=here.urgent)[1]

    (number, state), made = await node.database.write(with_proposed, act)
    return await after_proposing(request, here, number, state, made)


@told_on_a_page
async def edit(request: web.Request) -> web.StreamResponse:
    """The form with what stands in a draft, in the language `?language=` if that is not the first.

    With `?settle=` both wordings of a version that was set aside stand in it.
    """
    here, number = await standing(request), number_in(request)
    language = request.query.get("language", "")
    settles = request.query.get("settle", "")

    def gather(tx: Transaction) -> tuple[int, str, Draft, list[dict[str, str]]]:
        row = actions.changeable(tx, found(tx, here, number).id, here.member)
        if not settles:
            return row.head, row.kind, actions.newest(tx, row), []
        joined = actions.joined_with_head(tx, number, number_of(settles), member=here.member)
        choices = _choices(joined.quarrels, actions.content(tx, row, number_of(settles)))
        return row.head, row.kind, joined.draft, choices

    head, kind, draft, quarrels = await request.app[NODE].database.read(gather)
    text = draft_forms.of_translation(draft, language) if language else draft
    values = draft_forms.values_of(text) | {"based_on": str(head), "translation": language, "settles": settles}
    return await _form(request, here, Written(values), kind=kind, number=number, original=draft, quarrels=quarrels)


@told_on_a_page
async def save(request: web.Request) -> web.StreamResponse:
    """Keep a newer version. Where somebody else was faster it is joined, or both are shown."""
    known = await sent(request)
    if isinstance(known, web.StreamResponse):
        return known
    (here, form), number, node = known, number_in(request), request.app[NODE]
    language, settles = form.get("translation", ""), form.get("settles", "")

    def act(tx: Transaction) -> Any:
        row = found(tx, here, number)
        based_on = number_of(form.get("based_on", ""))
        base = actions.content(tx, row, based_on)
        draft = draft_forms.with_translation(base, language, form) if language else draft_forms.draft_of(form, base)
        return actions.save(
            tx,
            number,
            _addressed(tx, draft),
            based_on=based_on,
            member=here.member,
            settles=number_of(settles) if settles else None,
        )

    try:
        saved = await node.database.write(act)
    except (Invalid, Conflict, Forbidden) as error:
        original = await node.database.read(lambda tx: actions.newest(tx, found(tx, here, number)))
        written = Written(form, _at_field(error, form))
        return await _form(request, here, written, number=number, original=original, status=error.status)
    if saved.outcome is not Outcome.ASIDE:
        raise back(f"{PAGE}/{number}", here, done=saved.outcome.name.lower())
    return await _show_both(request, here, number, saved, language)


async def _show_both(
    request: web.Request, here: Standing, number: int, saved: Any, language: str
) -> web.StreamResponse:
    def gather(tx: Transaction) -> tuple[int, list[dict[str, str]]]:
        row = found(tx, here, number)
        return row.head, _choices(saved.joined.quarrels, actions.content(tx, row, saved.version))

    head, choices = await request.app[NODE].database.read(gather)
    joined = saved.joined.draft
    text = draft_forms.of_translation(joined, language) if language else joined
    values = draft_forms.values_of(text) | {"based_on": str(head), "translation": language}
    values["settles"] = str(saved.version)
    written = Written(values, {"form": TWO_AT_ONCE})
    return await _form(request, here, written, number=number, original=joined, quarrels=choices, status=409)


def _choices(quarrels: Sequence[str], aside: Draft) -> list[dict[str, str]]:
    """The fields in which somebody has to choose, with what the version that was set aside says in each.

    Two wordings of a text stand in the form themselves.
    """
    found = []
    for name in quarrels:
        language, _, field = name.rpartition(".")
        one = draft_forms.of_translation(aside, language) if language else aside
        fields = {**one.position, **one.appeal, **one.answer, **one.conditions, **one.event, **one.report}
        value = "" if field == "text" else getattr(one, field, None) or fields.get(field)
        found.append({"name": name, "other": str(value or "")})
    return found


@told_on_a_page
async def comment(request: web.Request) -> web.StreamResponse:
    """Say something about a draft."""
    known = await sent(request)
    if isinstance(known, web.StreamResponse):
        return known
    (here, form), number = known, number_in(request)
    words = form.get("comment", "")
    try:
        await request.app[NODE].database.write(_say, here, number, words)
    except (Invalid, Conflict) as error:
        return await shown(
            request, here, number, status=error.status, failure=error, errors={"comment": error}, said=words
        )
    raise back(f"{PAGE}/{number}", here, done="said")


def _say(tx: Transaction, here: Standing, number: int, words: str) -> None:
    actions.comment(tx, found(tx, here, number).id, words, member=here.member)


@told_on_a_page
async def take_back(request: web.Request) -> web.StreamResponse:
    """Delete a comment of one's own."""
    here, form = await received(request)
    number = number_in(request)
    write = request.app[NODE].database.write
    await write(actions.take_back_comment, number, number_of(form.get("comment", "")), member=here.member)
    raise back(f"{PAGE}/{number}", here, done="unsaid")


@told_on_a_page
async def leave_out(request: web.Request) -> web.StreamResponse:
    """Settle a version that was set aside."""
    here, form = await received(request)
    number = number_in(request)
    await request.app[NODE].database.write(
        actions.leave_out, number, number_of(form.get("version", "")), member=here.member
    )
    raise back(f"{PAGE}/{number}", here, done="settled")


@told_on_a_page
async def drop(request: web.Request) -> web.StreamResponse:
    """Delete a draft."""
    here, form = await received(request)
    number = number_in(request)
    if form.get("sure") != "yes":
        failure = Invalid("put a mark beside “I am sure”: nobody can bring the draft back", field="sure")
        return await shown(request, here, number, status=422, failure=failure, errors={"sure": failure})
    try:
        await request.app[NODE].database.write(actions.drop, number, member=here.member)
    except (Conflict, Forbidden) as error:
        return await shown(request, here, number, status=error.status, failure=error)
    raise back(PAGE, here, done="dropped")


@told_on_a_page
async def propose(request: web.Request) -> web.StreamResponse:
    """Put the version that she has seen to the group."""
    here, form = await received(request)
    number, node = number_in(request), request.app[NODE]
    await node.database.read(found, here, number)
    version = number_of(form.get("version", ""))
    try:
        (_, state), made = await node.database.write(
            with_proposed,
            proposing.propose,
            number,
            version=version,
            member=here.member,
            urgent=here.urgent,
            confirm=form.get("confirm", ""),
        )
    except (Invalid, Conflict, Forbidden) as error:
        return await shown(request, here, number, status=error.status, failure=error)
    return await after_proposing(request, here, number, state, made)


@told_on_a_page
async def call_back(request: web.Request) -> web.StreamResponse:
    """Stop what was adopted and has not left; the draft can be worked on again."""
    here, _ = await received(request)
    number = number_in(request)
    try:
        await request.app[NODE].database.write(proposing.call_back, number, member=here.member)
    except (Conflict, Forbidden) as error:
        return await shown(request, here, number, status=error.status, failure=error)
    raise back(f"{PAGE}/{number}", here, done="called-back")


async def after_proposing(
    request: web.Request, here: Standing, number: int, state: State, made: Proposed | None
) -> web.StreamResponse:
    """Where to go when a draft was put to the group."""
    if state is State.RELEASED:
        raise back(PAGE, here, done="published")
    done = "waiting" if state is State.WAITING else "proposed"
    return await after(request, f"{PAGE}/{number}", here, made, done=done)


async def sent(request: web.Request) -> tuple[Standing, dict[str, str]] | web.StreamResponse:
    """Who sends a form and what stands in it; where her session is over, a page that gives her back what she wrote."""
    check_own_site(request)
    form = {name: str(value) for name, value in (await bodies.form(request)).items()}
    known = await session(request)
    try:
        if known is None:
            raise Forbidden("you are not logged in any more")
        check_word(known, form.pop(WORD, ""))
    except Forbidden:
        values = {"title": form.get("title", ""), "text": form.get("text") or form.get("comment", "")}
        return rendering.private(request, "lapsed.html", status=403, values=values, masthead=None)
    whole = dict.fromkeys((*FIELDS, "translation", "based_on", "settles"), "") | form
    return in_haste(await standing(request, handle=whole.pop(GROUP, None)), whole), whole


def _addressed(tx: Transaction, draft: Draft) -> Draft:
    """The draft with what it answers by its own address, where she gave that of our page about it."""
    prefix = tx.node.address("/heard/")
    if draft.reply_to is None or not draft.reply_to.startswith(prefix):
        return draft
    held = queries.by_sort_id(tx, sort_id_of(draft.reply_to.removeprefix(prefix).partition("?")[0]))
    values = {name: getattr(draft, name) for name in Draft.__dataclass_fields__}
    return Draft(**(values | {"reply_to": held.iri})) if held is not None else draft


def _at_field(error: NodeError, form: Mapping[str, str]) -> dict[str, Any]:
    """What is wrong, at the field of the form that it is about."""
    if isinstance(error, Faults):
        return {"facts" if all(one.field not in FIELDS for one in error.faults) else "form": error}
    if not isinstance(error, Invalid) or error.field is None:
        return {"form": error}
    name = error.field.rpartition(".")[2]
    if form["translation"] and name not in draft_forms.OF_A_TRANSLATION:
        return {"form": error}
    if name in FIELDS or name == "kind":
        return {name: error}
    return {"facts": error}


async def _form(
    request: web.Request,
    here: Standing,
    written: Written,
    *,
    kind: str = "statement",
    number: int | None = None,
    original: Draft | None = None,
    quarrels: Sequence[Mapping[str, str]] = (),
    questions: Sequence[asking.Question] = (),
    status: int = 200,
) -> web.Response:
    values = await request.app[NODE].database.read(_gather_form, here, original, kind)
    if written.errors:
        values["failure"] = written.errors.get("form") or NOTHING_KEPT
    language = written.values.get("translation", "")
    return rendering.private(
        request,
        "desk_draft_form.html",
        status=status,
        written=written,
        number=number,
        quarrels=quarrels,
        questions=questions,
        translation=language,
        text_direction=languages.direction(language or written.values.get("language")),
        original=original if language else None,
        original_language=languages.tag(original.language) if original is not None else "",
        original_direction=languages.direction(original.language) if original is not None else "auto",
        known_languages=known_languages(),
        kinds={name: KINDS.get(name, name) for name in request.app[NODE].rooms.proposing},
        chosen_kind=kind,
        **values,
    )


def _gather_form(tx: Transaction, here: Standing, original: Draft | None, kind: str) -> dict[str, Any]:
    return values_for(tx, here) | {
        "title": title_of(original) if original is not None else None,
        "may_write": here.may("write"),
        "rule": ruling.in_force(tx, here.actor, rules.under(kind, Draft(text=""))),
        "may_propose": here.may("publish"),
        "delay": tx.node.config.publication_delay,
    }


__all__ = [
    "after_proposing",
    "begin",
    "call_back",
    "comment",
    "drop",
    "edit",
    "leave_out",
    "new",
    "propose",
    "save",
    "take_back",
]
