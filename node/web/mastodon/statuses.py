"""Texts: one, several, the thread around one, what it was written as and what it said before."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import Row

import schemas
from federation.errors import Malformed
from node import actors
from node.context import NODE, Transaction
from node.errors import Missing
from node.members.viewers import Viewer
from node.statements import hearing, plain, store, versions
from node.timelines import Item, context
from node.web.mastodon import door, finding, pages, parameters, posting, windows
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import accounts, moments, pictures, polls, said, statuses
from node.web.mastodon.pages import Page
from schemas import reading
from schemas.statement import Statement

AT_ONCE = 40
NOBODY = context.Limits(ancestors=40, descendants=60)
SOMEBODY = context.Limits(ancestors=200, descendants=1000)


async def shown(request: web.Request) -> web.Response:
    """One text or boost; to members of a group what of its own is not public yet."""
    viewer, place = await door.optional_viewer(request), finding.number_in(request)
    try:
        return pages.answer(request, await pages.remembered(request, _shown, viewer, place), viewer)
    except Missing:
        return await posting.shown_pending(request, viewer, place)


def _shown(tx: Transaction, viewer: Viewer | None, place: int) -> Page:
    made = statuses.pieces(tx, [finding.item(tx, place, viewer)], viewer)
    if not made:
        raise Missing(finding.NO_STATUS)
    return pages.page(made[0])


async def several(request: web.Request) -> web.Response:
    """Those of several that are there."""
    viewer, given = await door.optional_viewer(request), parameters.of_query(request)
    places = tuple(place for one in given.many("id") if (place := windows.number_of(one)) is not None)[:AT_ONCE]
    return pages.answer(request, await pages.remembered(request, _several, viewer, places), viewer)


def _several(tx: Transaction, viewer: Viewer | None, places: tuple[int, ...]) -> Page:
    found = []
    for place in dict.fromkeys(places):
        try:
            found.append(finding.item(tx, place, viewer))
        except Missing:
            continue
    return pages.of_items(tx, found, viewer)


async def around(request: web.Request) -> web.Response:
    """The thread around a text: what it answers, and the answers below it."""
    viewer, place = await door.optional_viewer(request), finding.number_in(request)
    return pages.answer(request, await pages.remembered(request, _around, viewer, place), viewer)


def _around(tx: Transaction, viewer: Viewer | None, place: int) -> Page:
    row = finding.text(tx, place, viewer)
    above, below = context.around(tx, row, viewer, NOBODY if viewer is None else SOMEBODY)
    made = statuses.pieces_by_iri(tx, [*above, *below], viewer)
    ancestors, descendants = (b",".join(made[iri] for iri in part if iri in made) for part in (above, below))
    return pages.page(b'{"ancestors":[' + ancestors + b'],"descendants":[' + descendants + b"]}")


async def source(request: web.Request) -> web.Response:
    """What a text of the viewer's group was written as, to be corrected. Raises Missing for every other."""
    viewer, place = await door.viewer(request), finding.number_in(request)
    return answer(request, await request.app[NODE].database.read(_source, viewer, place))


def _source(tx: Transaction, viewer: Viewer, place: int) -> dict[str, Any]:
    row = finding.text(tx, place, viewer)
    statement = _statement(row.document)
    if row.author != viewer.actor or statement is None or statement.source is None:
        raise Missing("this is no text of your group, or it was not kept as it was written")
    shown = store.shown(tx, [row.iri])[row.iri]
    warning = (shown.summary or "") if statement.type == "Note" else ""
    return {"id": str(row.sort_id), "text": plain.from_markdown(statement.source.content), "spoiler_text": warning}


async def history(request: web.Request) -> web.Response:
    """What a text said before each correction, and what it says now; the first version first."""
    viewer, place = await door.optional_viewer(request), finding.number_in(request)
    return answer(request, await request.app[NODE].database.read(_history, viewer, place), public=viewer is None)


def _history(tx: Transaction, viewer: Viewer | None, place: int) -> list[dict[str, Any]]:
    row = finding.text(tx, place, viewer)
    (account,) = accounts.rendered(tx, [row.author]).values() or [None]
    earlier = [(one.since, one.document) for one in versions.of(tx, row.iri)]
    since = row.updated or row.published
    made = []
    for moment, document in [*earlier, (since, row.document)]:
        statement = _statement(document)
        if statement is not None:
            made.append(_version(tx, row, statement) | {"created_at": moments.moment(moment), "account": account})
    return made


def _version(tx: Transaction, row: Row[Any], statement: Statement) -> dict[str, Any]:
    """One version, from what was said then."""
    then = hearing.shown(statement)
    poll = (then.extras or {}).get("poll")
    emojis = pictures.emojis(tx, (then.extras or {}).get("emoji", ()))
    return {
        "content": said.content(then, statement, page=then.url or row.iri),
        "spoiler_text": (then.summary or "") if statement.type == "Note" else "",
        "sensitive": then.sensitive,
        "media_attachments": pictures.attachments(tx, row.sort_id, then.attachments, local=False),
        "emojis": emojis,
        "poll": poll and {"options": polls.poll(poll, number=0, emojis=[], now=tx.now)["options"]},
    }


def _statement(document: bytes | None) -> Statement | None:
    if document is None:
        return None
    try:
        found = schemas.parse(reading.loads(document))
    except Malformed:  # a newer program may be stricter than the one that kept it
        return None
    return found if isinstance(found, Statement) else None


async def boosted_by(request: web.Request) -> web.Response:
    """The groups of this node that have boosted a text: that is public. Of everybody else there is a number alone."""
    viewer, place = await door.optional_viewer(request), finding.number_in(request)
    return pages.answer(request, await pages.remembered(request, _boosted_by, viewer, place), viewer)


def _boosted_by(tx: Transaction, viewer: Viewer | None, place: int) -> Page:
    row = finding.text(tx, place, viewer)
    ours = [group.iri for group in actors.groups(tx)]
    those = [iri for iri in ours if store.reaction(tx, kind="Announce", actor=iri, object=row.iri) is not None]
    return pages.page(accounts.listed(tx, list(actors.find_all(tx, those).values())))


async def liked_by(request: web.Request) -> web.Response:
    """Nobody is told who likes something: a number is all there is."""
    viewer, place = await door.optional_viewer(request), finding.number_in(request)
    await request.app[NODE].database.read(finding.text, place, viewer)
    return answer(request, [], public=viewer is None)


async def card(request: web.Request) -> web.Response:
    """The card of a text; an empty one where it has none."""
    viewer, place = await door.optional_viewer(request), finding.number_in(request)
    found = await request.app[NODE].database.read(_card, viewer, place)
    return answer(request, found, public=viewer is None)


def _card(tx: Transaction, viewer: Viewer | None, place: int) -> dict[str, Any]:
    (found,) = statuses.rendered(tx, [Item(finding.item(tx, place, viewer).iri)], viewer) or [{}]
    return found.get("card") or {}
