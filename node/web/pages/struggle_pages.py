"""What several groups report on one struggle, and the tables of reports that groups have transcribed."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node.context import NODE, Transaction
from node.errors import Gone, Missing
from node.reports import store as reports
from node.reports.rules import ImportState
from node.web.pages import entries, merge_pages
from node.web.pages.masthead import of_author, place_in, show
from node.web.pages.text_page import parts

REPORTS = 60


async def struggle(request: web.Request) -> web.Response:
    """A struggle of ours: every report on it that is here, by whatever group. Raises Missing."""
    iri = request.app[NODE].address(request.path)
    return await show(request, "struggle.html", _struggle, iri, place_in(request, "after"))


def _struggle(tx: Transaction, iri: str, after: int | None) -> dict[str, Any]:
    row = reports.find_struggle(tx, iri)
    total = reports.count_reports_on(tx, iri) if row is not None and row.local else 0
    if row is None or not total:
        raise Missing("there is nothing at this address")
    rows = reports.reports_on(tx, iri, after=after or 0, limit=REPORTS + 1)
    found = entries.of(tx, rows[:REPORTS])
    hidden = {"noindex": True} if any(not entry.author.indexable for entry in found) else {}
    return hidden | {
        "iri": iri,
        "name": row.name,
        "field": row.field,
        "reports": found,
        "groups": list({entry.author.iri: entry.author for entry in found}.values()),
        "total": total,
        "merged": merge_pages.about(tx, iri),
        "next": rows[REPORTS - 1].sort_id if len(rows) > REPORTS else None,
    }


async def import_collection(request: web.Request) -> web.Response:
    """One of our imports: from where it is, and its reports. Raises Missing while it is not public."""
    iri = request.app[NODE].address(request.path)
    return await show(request, "import.html", _import, iri, place_in(request, "after"))


def _import(tx: Transaction, iri: str, after: int | None) -> dict[str, Any]:
    row = reports.find_import(tx, iri)
    if row is not None and row.local and row.state == ImportState.UNDONE.value:
        raise Gone("this import has been undone: its reports do not stand any more")
    if row is None or not row.local or row.state != ImportState.PUBLISHED.value:
        raise Missing("there is nothing at this address")
    own = of_author(tx, row.actor)
    return (
        {"iri": iri, "transcription": entries.transcription(tx, row), "since": row.since}
        | parts(tx, iri, after)
        | ({"masthead": own} if own is not None else {})
    )
