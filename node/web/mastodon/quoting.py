"""Quotations as apps meet them (Mastodon 4.5): who quotes a text, who may, and taking back the leave to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web

from node.context import NODE, Transaction
from node.errors import Invalid
from node.members.viewers import Viewer
from node.statements import composing, consent, correcting, quotes
from node.statements import store as publications
from node.timelines import Item
from node.web.mastodon import door, finding, pages, parameters, posting, windows
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import statuses
from node.web.mastodon.pages import Page
from node.web.mastodon.parameters import Parameters
from node.window import Window


async def quoted_by(request: web.Request) -> web.Response:
    """GET /api/v1/statuses/:id/quotes: the texts that quote a text, as its author allows."""
    viewer, place = await door.optional_viewer(request), finding.number_in(request)
    window = windows.asked(parameters.of_query(request))
    found = await pages.remembered(request, _quoted_by, viewer, place, window)
    return pages.answer(request, found, viewer, window=window)


def _quoted_by(tx: Transaction, viewer: Viewer | None, place: int, window: Window) -> Page:
    rows = quotes.page_of(tx, finding.text(tx, place, viewer).iri, window)
    visible = [Item(row.iri, None, row.sort_id) for row in rows if finding.is_visible(tx, row, viewer)]
    return pages.page(statuses.listed(tx, visible, viewer), [row.sort_id for row in rows], window)


async def change_policy(request: web.Request) -> web.Response:
    """PUT /api/v1/statuses/:id/interaction_policy: who may quote it, by the group's rule for corrections."""
    viewer, given = await door.viewer(request), await parameters.of(request)
    number = finding.number_in(request)
    return answer(request, await request.app[NODE].database.write(_change_policy, viewer, number, given))


def _change_policy(tx: Transaction, viewer: Viewer, number: int, given: Parameters) -> dict[str, Any]:
    row, chosen = posting.own(tx, viewer, number), posting.quotable(given)
    if chosen is None:
        raise Invalid("there is no text", field="quote_approval_policy")
    publication = publications.publication(tx, row.iri)
    if publication is None or publication.kind not in tx.node.rooms.makings:
        raise Invalid("this was made from a table; it is corrected there", field="status")
    draft = composing.revive(publication.draft["draft"])
    if chosen != (draft.quotable or "public"):
        correcting.correct(tx, row.iri, replace(draft, quotable=chosen), member=viewer.member)
    return posting.shown(tx, row.iri, viewer)


async def revoke(request: web.Request) -> web.Response:
    """POST /api/v1/statuses/:id/quotes/:quoting/revoke: take back the leave to quote; by the rule, as at the desk."""
    viewer, number = await door.viewer(request), finding.number_in(request)
    quoting = finding.number_in(request, "quoting")
    return answer(request, await request.app[NODE].database.write(_revoke, viewer, number, quoting))


def _revoke(tx: Transaction, viewer: Viewer, number: int, quoting: int) -> dict[str, Any]:
    row, other = posting.own(tx, viewer, number), finding.text(tx, quoting, viewer)
    known = quotes.find(tx, other.iri)
    if known is None or known.quoted != row.iri or known.stamp is None:
        raise Invalid("this does not quote the text, or needs no leave to")
    if known.state == quotes.Consent.ALLOWED.value:
        consent.revoke(tx, known.stamp, member=viewer.member)
    return statuses.rendered(tx, [Item(other.iri)], viewer)[0]
