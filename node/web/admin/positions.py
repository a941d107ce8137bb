"""Positions at the desk: the group's own, those that wait to be admitted, those below its texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from federation.errors import Gone, Malformed, Refused, Unreachable
from node import objects
from node.context import NODE, Transaction
from node.decisions import State, ruling, with_proposed
from node.drafts import actions as drafts
from node.drafts import proposing
from node.errors import Conflict, Forbidden, Invalid, Missing, NodeError
from node.members import actions as members
from node.positions import actions, moderation, rules, store
from node.statements import passing_on
from node.statements.rules import Draft, Interest
from node.statements.rules import State as Publication
from node.translating import N_
from node.web.admin.afterwards import after
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.drafting import sent
from node.web.admin.drafts import known_languages
from node.web.admin.standing import Standing, back, by, received, standing, told_after, values_for
from node.web.pages import entries, queries, rendering
from node.web.pages.text_page import number_of
from schemas import codes

PAGE = f"{DESK}/positions"
FIELDS = ("position_on", "stance", "title", "text", "language")
NOTICES = {
    "published": N_("The position is taken."),
    "waiting": N_("It is on its way. Until it leaves you can call it back."),
    "proposed": N_("It is proposed to the group, and nothing has changed yet."),
    "revoked": N_("The position is revoked."),
    "admitted": N_("The position is shown now."),
    "declined": N_("The position is turned away, and does not come again."),
    "removed": N_("The position is removed, and the page of the text says for which reason."),
}


@told_on_a_page
async def positions(request: web.Request) -> web.StreamResponse:
    """The positions that are the group's business, and a form to take one. `?on=` is on which text."""
    here = await standing(request)
    values = dict.fromkeys(FIELDS, "") | {"position_on": request.query.get("on", "")}
    values["language"] = here.group.language if here.group is not None else ""
    return await _page(request, here, values, notice=told_after(here, NOTICES))


@told_on_a_page
async def take(request: web.Request) -> web.StreamResponse:
    """Keep a position as a draft, or put it to the group at once."""
    known = await sent(request)
    if isinstance(known, web.StreamResponse):
        return known
    here, form = known
    node = request.app[NODE]
    try:
        # Whether she may is asked before anything is looked up elsewhere, and once more by what keeps it.
        await node.database.read(members.require, here.member, "write", actor=here.actor)
        about = await _brought(request, form.get("position_on", "").strip())
        draft = _draft(form, about)

        def begin(tx: Transaction) -> tuple[int, Publication | None]:
            rules.check(draft)
            number = drafts.begin(tx, draft, actor=here.actor, member=here.member, kind="position")
            if form.get("act") != "propose":
                return number, None
            return number, proposing.propose(tx, number, version=1, member=here.member, urgent=here.urgent)[1]

        (number, state), made = await node.database.write(with_proposed, begin)
    except (Invalid, Conflict, Forbidden, Missing) as error:
        errors = _at_field(error)
        return await _page(request, here, dict.fromkeys(FIELDS, "") | form, errors=errors, status=error.status)
    if state is None:
        raise back(f"{DESK}/drafts/{number}", here, done="begun")
    done = {Publication.RELEASED: "published", Publication.WAITING: "waiting"}.get(state, "proposed")
    return await after(request, PAGE, here, made, done=done)


def _draft(form: Mapping[str, str], about: str) -> Draft:
    given = {name: form.get(name, "").replace("\r\n", "\n").strip() for name in FIELDS}
    return Draft(
        text=f"{given['text']}\n" if given["text"] else "",
        title=given["title"] or None,
        language=given["language"] or None,
        position={"on": about, "stance": given["stance"]},
    )


async def _brought(request: web.Request, address: str) -> str:
    """The address of a text, which is fetched if it is not held; our own page about it will do. Raises Invalid."""
    node = request.app[NODE]
    iri = await node.database.read(_addressed, address)
    if not iri:
        raise Invalid("say on which text: its address", field="position_on")
    try:
        await passing_on.bring(node, iri, Interest.SOUGHT)
    except (Refused, Malformed, Gone, Unreachable) as error:
        sentence = "the text could not be fetched: {reason}"
        raise Invalid(sentence, field="position_on", reason=str(error)) from None
    return iri


def _addressed(tx: Transaction, address: str) -> str:
    prefix = tx.node.address("/heard/")
    if not address.startswith(prefix):
        return address
    held = queries.by_sort_id(tx, number_of(address.removeprefix(prefix).partition("?")[0].partition("#")[0]))
    return str(held.iri) if held is not None else address


def _at_field(error: NodeError) -> dict[str, Any]:
    return {error.field: error} if isinstance(error, Invalid) and error.field in FIELDS else {"form": error}


@told_on_a_page
async def revoke(request: web.Request) -> web.StreamResponse:
    """Take back a position of the group."""
    here, form = await received(request)

    def act(tx: Transaction) -> State:
        if actions.own(tx, form.get("iri", "")).author != here.actor:
            raise Forbidden("it is the position of another group of this node")
        return actions.revoke(tx, form.get("iri", ""), member=here.member, urgent=here.urgent)

    return await _done(request, here, act, "revoked")


@told_on_a_page
async def admit(request: web.Request) -> web.StreamResponse:
    """Show a position that waits."""
    here, form = await received(request)

    def act(tx: Transaction) -> State:
        return moderation.admit(tx, form.get("iri", ""), **by(here))

    return await _done(request, here, act, "admitted")


@told_on_a_page
async def decline(request: web.Request) -> web.StreamResponse:
    """Turn away a position that waits."""
    here, form = await received(request)

    def act(tx: Transaction) -> State:
        return moderation.decline(tx, form.get("iri", ""), **by(here))

    return await _done(request, here, act, "declined")


@told_on_a_page
async def remove(request: web.Request) -> web.StreamResponse:
    """Remove a position of another from below a text, for a reason."""
    here, form = await received(request)

    def act(tx: Transaction) -> State:
        iri, reason = form.get("iri", ""), form.get("reason", "")
        return moderation.remove(tx, iri, reason=reason, **by(here))

    return await _done(request, here, act, "removed")


async def _done(
    request: web.Request, here: Standing, act: Callable[[Transaction], State], done: str
) -> web.StreamResponse:
    try:
        state, made = await request.app[NODE].database.write(with_proposed, act)
    except (Invalid, Conflict) as error:
        return await _page(request, here, dict.fromkeys(FIELDS, ""), failure=error, status=error.status)
    return await after(request, PAGE, here, made, done=done if state is State.ADOPTED else "proposed")


async def _page(
    request: web.Request, here: Standing, values: Mapping[str, str], *, status: int = 200, **more: Any
) -> web.Response:
    shown = await request.app[NODE].database.read(_gather, here)
    what = {"values": values, "errors": {}, "stances": codes.STANCES, "reasons": rules.REASONS}
    return rendering.private(request, "desk_positions.html", status=status, **(shown | what | more))


def _gather(tx: Transaction, here: Standing) -> dict[str, Any]:
    members.require(tx, here.member, "read", actor=here.actor)
    may_moderate = here.may("peer")
    return values_for(tx, here) | {
        "may_take": here.may("write"),
        "may_propose": here.may("publish"),
        "may_moderate": may_moderate,
        "rule": ruling.in_force(tx, here.actor, "take_position"),
        "delay": tx.node.config.publication_delay,
        "known_languages": known_languages(),
        "own": _told(tx, store.by(tx, here.actor)),
        "waiting": _told(tx, moderation.waiting(tx, here.actor)) if may_moderate else [],
        "below_ours": _told(tx, store.of_others_on_texts_of(tx, here.actor)) if may_moderate else [],
    }


def _told(tx: Transaction, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Positions with the entries of both texts; `text` is None for one that is not held."""
    held = objects.find_all(tx, [iri for row in rows for iri in (row.iri, row.about)])
    shown = {entry.iri: entry for entry in entries.of(tx, list(held.values()))}
    return [
        {"entry": shown[row.iri], "about": row.about, "text": shown.get(row.about)} for row in rows if row.iri in shown
    ]
