"""Speaking as the group from an app: post, edit, delete. Everything goes through the group's own rule, as at the desk.

A text in plain words becomes a draft (`statements.plain`) and is proposed. What leaves at once is answered as a Status;
what waits, as `entities.pending` says. Readers are told that they do not speak for the group.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node.context import NODE, Transaction
from node.decisions import actions as decisions
from node.decisions import store as decision_store
from node.errors import Forbidden, Invalid, Missing
from node.media import Picture
from node.members.viewers import Viewer
from node.statements import actions as statements
from node.statements import composing, correcting, plain, publishing
from node.statements import store as publications
from node.statements.rules import QUOTABLE, Draft, State
from node.timelines import Item
from node.uploads import actions as uploads
from node.uploads import store as sendings
from node.uploads.rules import KEY_CHARACTERS, check_description, focus
from node.web.mastodon import door, finding, parameters, windows
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import pending, statuses
from node.web.mastodon.entities.pictures import attachment_id
from node.web.mastodon.parameters import Parameters
from schemas.reading import moment as read_moment

NOT_FOR_READERS = (
    "you read here with an account of your own, which nobody else sees; the group speaks through its members"
)
SOONEST = timedelta(minutes=5)  # as Mastodon has it
LATEST = timedelta(days=365)
QUIET = {"public": False, "unlisted": True}
NOT_HERE = {
    "private": "this node sends nothing to followers alone: what a group says is for everybody",
    "direct": "this node sends no private messages: they would lie readable on two servers",
}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def group_of(viewer: Viewer) -> str:
    """The group as which a viewer speaks. Raises Forbidden for readers, in words that they understand."""
    if viewer.actor is None:
        raise Forbidden(NOT_FOR_READERS)
    return viewer.actor


async def post(request: web.Request) -> web.Response:
    """POST /api/v1/statuses; with an Idempotency-Key the first answer is given again."""
    viewer, given = await door.viewer(request), await parameters.of(request)
    group_of(viewer)
    key = request.headers.get("Idempotency-Key", "")[:KEY_CHARACTERS]
    return answer(request, await request.app[NODE].database.write(_post, viewer, given, key))


def _post(tx: Transaction, viewer: Viewer, given: Parameters, key: str) -> dict[str, Any]:
    group = group_of(viewer)
    if key and (known := sendings.sent(tx, viewer.id, key)) is not None:
        return shown(tx, known, viewer)
    numbers = _numbers(given.many("media_ids"))
    draft = _draft(tx, viewer, given, uploads.pictures(tx, viewer.id, numbers))
    iri, _ = statements.publish(tx, draft, actor=group, member=viewer.member, not_before=_when(tx, given))
    sendings.take(tx, numbers, by=iri)
    if key:
        sendings.note_sent(tx, viewer.id, key, iri)
    return shown(tx, iri, viewer)


def shown(tx: Transaction, iri: str, viewer: Viewer) -> dict[str, Any]:
    """A text of her group, wherever it stands. Raises Missing."""
    if found := statuses.rendered(tx, [Item(iri)], viewer):
        return found[0]
    row = publications.publication(tx, iri)
    if row is None or row.actor != viewer.actor or not _is_under_way(row):
        raise Missing(finding.NO_STATUS)
    return pending.rendered(tx, row)


def _is_under_way(row: Row[Any]) -> bool:
    return row.state in (State.PROPOSED.value, State.WAITING.value)


def find_pending(tx: Transaction, viewer: Viewer | None, number: int) -> Row[Any] | None:
    """The publication under way of this number in the group of a viewer."""
    if viewer is None or viewer.actor is None:
        return None
    rows = publications.under_way(tx, viewer.actor, limit=1000)
    made = tx.node.rooms.makings  # a correction, which is none of these, has the number of the text that it is of
    return next((row for row in rows if row.draft.get("sort_id") == number and row.kind in made), None)


async def shown_pending(request: web.Request, viewer: Viewer | None, number: int) -> web.Response:
    """What is not public is shown to members of the group whose it is; to anybody else there is nothing."""
    return answer(request, await request.app[NODE].database.read(_shown_pending, viewer, number))


def _shown_pending(tx: Transaction, viewer: Viewer | None, number: int) -> dict[str, Any]:
    row = find_pending(tx, viewer, number)
    if row is not None:
        return pending.rendered(tx, row)
    for found in statuses.rendered(tx, [finding.item(tx, number, viewer)], viewer):  # it may have left just now
        return found
    raise Missing(finding.NO_STATUS)


# ---- what an app sends


def _draft(tx: Transaction, viewer: Viewer, given: Parameters, pictures: tuple[Any, ...]) -> Draft:
    text, warning = given.text("status") or "", (given.text("spoiler_text") or "").strip()
    visibility = given.text("visibility") or "public"
    if visibility in NOT_HERE:
        raise Invalid(NOT_HERE[visibility], field="visibility")
    if visibility not in QUIET:
        raise Invalid("{given!r} is no visibility", field="visibility", given=visibility[:40])
    if "poll" in given and given.values.get("poll"):
        raise Invalid("a group asks its members, and not everybody: put it to the vote at the desk", field="poll")
    return Draft(
        text=plain.to_markdown(text) or (" ".join(one.description for one in pictures)),
        summary=warning or None,
        sensitive=given.flag("sensitive") or bool(warning),
        quiet=QUIET[visibility],
        language=language(given),
        reply_to=_address(tx, viewer, given, "in_reply_to_id"),
        quote=_address(tx, viewer, given, "quoted_status_id") or _address(tx, viewer, given, "quote_id"),
        pictures=pictures,
        quotable=quotable(given),
    )


def quotable(given: Parameters) -> str | None:
    """Who may quote it, as an app says. Raises Invalid."""
    chosen = given.text("quote_approval_policy") or None
    if chosen not in (None, *QUOTABLE):
        codes = ", ".join(QUOTABLE)
        raise Invalid("{value!r} is not one of {codes}", field="quote_approval_policy", value=chosen[:40], codes=codes)
    return chosen


def language(given: Parameters) -> str | None:
    """The language that an app says; what is none is not said."""
    text = given.text("language") or ""
    return text if _LANGUAGE.fullmatch(text) else None


def _address(tx: Transaction, viewer: Viewer, given: Parameters, name: str) -> str | None:
    number = windows.identifier(given, name)
    if number is None:
        return None
    return str(finding.text(tx, number, viewer).iri)


def _numbers(ids: list[str]) -> list[int]:
    numbers = [windows.number_of(text) for text in ids]
    if None in numbers:
        raise Invalid("that is no picture of yours", field="media_ids")
    return [number for number in numbers if number is not None]


def _when(tx: Transaction, given: Parameters) -> datetime | None:
    text = given.text("scheduled_at")
    return None if not text else _checked(tx, text)


def _checked(tx: Transaction, text: str) -> datetime:
    found = read_moment(text, "scheduled_at")
    if not tx.now + SOONEST <= found <= tx.now + LATEST:
        raise Invalid("choose a moment from five minutes to a year from now", field="scheduled_at")
    return found


# ---- edit and delete


async def edit(request: web.Request) -> web.Response:
    """PUT /api/v1/statuses/:id: a correction, by the group's rule for corrections."""
    viewer, given = await door.viewer(request), await parameters.of(request)
    number = finding.number_in(request)
    return answer(request, await request.app[NODE].database.write(_edit, viewer, number, given))


def _edit(tx: Transaction, viewer: Viewer, number: int, given: Parameters) -> dict[str, Any]:
    row = own(tx, viewer, number)
    publication = publications.publication(tx, row.iri)
    if publication is None or publication.kind not in tx.node.rooms.makings:
        raise Invalid("this was made from a table; it is corrected there", field="status")
    before = composing.revive(publication.draft["draft"])
    correcting.correct(tx, row.iri, _newer(tx, viewer, number, before, given), member=viewer.member)
    return shown(tx, row.iri, viewer)


def _newer(tx: Transaction, viewer: Viewer, place: int, before: Draft, given: Parameters) -> Draft:
    values: dict[str, Any] = {}
    if (text := given.text("status")) is not None and text != plain.from_markdown(before.text):
        values["text"] = plain.to_markdown(text)
    if (warning := given.text("spoiler_text")) is not None:
        values["summary"] = warning.strip() or None
    if (sensitive := given.optional_flag("sensitive")) is not None:
        values["sensitive"] = sensitive
    if (said := language(given)) is not None:
        values["language"] = said
    if (chosen := quotable(given)) is not None:
        values["quotable"] = chosen
    if "media_ids" in given or "media_attributes" in given:
        values["pictures"] = _pictures(tx, viewer, place, before.pictures, given)
    return replace(before, **values)


def _pictures(
    tx: Transaction, viewer: Viewer, place: int, shown: tuple[Picture, ...], given: Parameters
) -> tuple[Picture, ...]:
    """The pictures of a corrected text: those that it has, by the ids that apps know them by, and new ones."""
    there = {attachment_id(place, at): one for at, one in enumerate(shown)}
    for changed in given.mappings("media_attributes"):
        name, words, point = str(changed.get("id")), changed.get("description"), changed.get("focus")
        if name in there and isinstance(words, str):
            there[name] = replace(there[name], description=check_description(words))
        if name in there and isinstance(point, str):
            there[name] = replace(there[name], focus=focus(point))
    if "media_ids" not in given:
        return tuple(there.values())
    chosen: list[Picture] = []
    for name in given.many("media_ids"):
        chosen += [there[name]] if name in there else uploads.pictures(tx, viewer.id, _numbers([name]))
    return tuple(dict.fromkeys(chosen))


async def delete(request: web.Request) -> web.Response:
    """DELETE /api/v1/statuses/:id: answers with the text, so that an app can offer to write it anew.

    What has not left is called back or withdrawn; what has is deleted by the group's rule.
    """
    viewer, number = await door.viewer(request), finding.number_in(request)
    return answer(request, await request.app[NODE].database.write(_delete, viewer, number))


def _delete(tx: Transaction, viewer: Viewer, number: int) -> dict[str, Any]:
    group_of(viewer)
    if (waiting := find_pending(tx, viewer, number)) is not None:
        found = pending.rendered(tx, waiting) | {"text": source(waiting)}
        take_back(tx, waiting, viewer)
        return found
    row = own(tx, viewer, number)
    publication = publications.publication(tx, row.iri)
    found = shown(tx, row.iri, viewer) | {"text": source(publication) if publication is not None else ""}
    correcting.delete(tx, row.iri, reason="mistake", member=viewer.member)
    return found


def take_back(tx: Transaction, row: Row[Any], viewer: Viewer) -> None:
    """Call back what is decided, or withdraw what is proposed. Raises Forbidden, Conflict."""
    if row.state == State.WAITING.value:
        publishing.call_back(tx, row.iri, member=viewer.member)
        return
    decision = decision_store.open_on(tx, row.actor, row.iri)
    if decision is None:
        raise Missing(finding.NO_STATUS)
    decisions.withdraw(tx, decision.id, member=viewer.member)


def source(row: Row[Any]) -> str:
    """The words of a publication as an app edits them."""
    return plain.from_markdown(composing.revive(row.draft["draft"]).text)


def own(tx: Transaction, viewer: Viewer, number: int) -> Row[Any]:
    """A public text of her group. Raises Missing, Forbidden."""
    group = group_of(viewer)
    row = finding.text(tx, number, viewer)
    if row.author != group:
        raise Forbidden("this is not the group's own")
    return row


# ---- what waits


async def scheduled(request: web.Request) -> web.Response:
    """GET /api/v1/scheduled_statuses: what the group decides on, and what is put off."""
    viewer, given = await door.viewer(request), await parameters.of(request)
    window = windows.asked(given)
    found = await request.app[NODE].database.read(_scheduled, viewer)
    ids = [int(one["id"]) for one in found]
    page = [one for one, number in zip(found, ids, strict=True) if _is_within(window, number)][: window.limit]
    first, last = (page[0]["id"], page[-1]["id"]) if page else (None, None)
    return answer(request, page, headers=windows.link(request, window, first, last, full=len(page) == window.limit))


def _is_within(window: Any, number: int) -> bool:
    newer_than = max(window.since_id or 0, window.min_id or 0)
    return number > newer_than and (window.max_id is None or number < window.max_id)


def _scheduled(tx: Transaction, viewer: Viewer) -> list[dict[str, Any]]:
    if viewer.actor is None:
        return []
    rows = [row for row in publications.under_way(tx, viewer.actor, limit=200) if "sort_id" in row.draft]
    known = [row for row in rows if row.kind in tx.node.rooms.makings]
    found = [one for row in known if "scheduled_at" in (one := pending.rendered(tx, row))]
    return sorted(found, key=lambda one: int(one["id"]), reverse=True)


async def one_scheduled(request: web.Request) -> web.Response:
    """GET, PUT and DELETE /api/v1/scheduled_statuses/:id"""
    viewer, number = await door.viewer(request), finding.number_in(request)
    given, database = await parameters.of(request), request.app[NODE].database
    if request.method == "GET":
        return answer(request, await database.read(_one_scheduled, viewer, number))
    act = _put_off if request.method == "PUT" else _take_back
    return answer(request, await database.write(act, viewer, number, given))


def _waiting(tx: Transaction, viewer: Viewer, number: int) -> Row[Any]:
    row = find_pending(tx, viewer, number)
    if row is None:
        raise Missing(finding.NO_STATUS)
    return row


def _one_scheduled(tx: Transaction, viewer: Viewer, number: int) -> dict[str, Any]:
    return pending.rendered(tx, _waiting(tx, viewer, number))


def _put_off(tx: Transaction, viewer: Viewer, number: int, given: Parameters) -> dict[str, Any]:
    row = _waiting(tx, viewer, number)
    publishing.put_off(tx, row.iri, _checked(tx, given.text("scheduled_at") or ""), member=viewer.member)
    return _one_scheduled(tx, viewer, number)


def _take_back(tx: Transaction, viewer: Viewer, number: int, given: Parameters) -> dict[str, Any]:
    take_back(tx, _waiting(tx, viewer, number), viewer)
    return {}
