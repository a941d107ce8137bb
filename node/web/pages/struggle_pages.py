"""What several groups report on one struggle, and the tables of reports that groups have transcribed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from federation.errors import Malformed
from node import objects
from node.context import NODE, Transaction
from node.errors import Gone, Missing
from node.merges import store as merges
from node.reports import store as reports
from node.reports import struggles, transcriptions
from node.reports.rules import ImportState
from node.web.pages import accounts, answered, appeal_pages, conditions_pages, entries, merge_pages, standing
from node.web.pages.accounts import Account, Told
from node.web.pages.entries import Entry
from node.web.pages.masthead import of_author, place_in, show
from node.web.pages.text_page import parts
from schemas import struggle_report
from schemas.reading import loads
from schemas.struggle_report import StruggleReport

REPORTS = 60


async def struggle(request: web.Request) -> web.Response:
    """A struggle of ours: every account of it that is here, by whatever group. Raises Missing."""
    iri = request.app[NODE].address(request.path)
    return await show(request, "struggle.html", _own_struggle, iri, place_in(request, "after"))


async def heard_struggle(request: web.Request) -> web.Response:
    """A struggle that another node minted, with `?of=` its address: what is held here of it. Raises Missing."""
    node, iri = request.app[NODE], request.query.get("of", "")
    if iri.startswith(f"{node.config.origin}/"):
        raise web.HTTPFound(entries.path_of(node, iri))
    return await show(request, "struggle.html", _struggle, iri, place_in(request, "after"))


def _own_struggle(tx: Transaction, iri: str, after: int | None) -> dict[str, Any]:
    if not struggles.is_ours(tx, iri):
        raise Missing("there is nothing at this address")
    return _struggle(tx, iri, after)


def _struggle(tx: Transaction, iri: str, after: int | None) -> dict[str, Any]:
    row = reports.find_struggle(tx, iri)
    sources = standing.sources(tx)
    joined = merges.joined_with(tx, iri, sources)
    total = reports.count_reports_on(tx, *joined) if row is not None else 0
    if row is None or not total:
        raise Missing("there is nothing at this address")
    rows = _newest(tx, joined, after=after or 0)
    found = entries.of(tx, rows[:REPORTS])
    told = [Told(entry, report) for entry, report in _read(rows[:REPORTS], found)]
    accounted = accounts.of(told)
    hidden = {"noindex": True} if not row.local or any(not entry.author.indexable for entry in found) else {}
    return hidden | {
        "iri": iri,
        "local": row.local,
        "name": row.name,
        "field": row.field,
        "reports": found,
        "accounts": accounted,
        "time_line": accounts.time_line(told),
        "measures": accounts.by_measure(accounted),
        "disputes": _disputes(tx, accounted),
        "standing": standing.of(tx, found, sources),
        "merged": merge_pages.about(tx, joined),
        **answered.about(tx, iri),
        "appeals": appeal_pages.on_struggles(tx, joined),
        "conditions": conditions_pages.on_struggles(tx, joined),
        "total": total,
        "next": rows[REPORTS - 1].sort_id if len(rows) > REPORTS else None,
    }


def _newest(tx: Transaction, joined: Sequence[str], *, after: int) -> list[Row[Any]]:
    """One more than a page of the reports on struggles that are one, the oldest first."""
    return reports.reports_on(tx, *joined, after=after, limit=REPORTS + 1)


def _read(rows: Sequence[Row[Any]], found: Sequence[Entry]) -> Iterator[tuple[Entry, StruggleReport]]:
    """Each report with its fields; what breaks a rule is left out of them."""
    documents = {row.iri: row.document for row in rows}
    for entry in found:
        try:
            yield entry, struggle_report.read(loads(documents[entry.iri]))
        except Malformed:  # a newer program may be stricter than the one that kept it; its text is there all the same
            continue


def _disputes(tx: Transaction, accounted: Sequence[Account]) -> list[tuple[Account, Entry | str]]:
    """Who contradicts which report: as it is held here, else its address."""
    rows = objects.find_all(tx, [iri for account in accounted for iri in account.disputes])
    shown = {one.iri: one for one in entries.of(tx, [row for row in rows.values() if row.public and not row.deleted])}
    return [(account, shown.get(iri, iri)) for account in accounted for iri in account.disputes]


async def import_collection(request: web.Request) -> web.Response:
    """One of our imports: from where it is, and its reports. Raises Missing while it is not public."""
    iri = request.app[NODE].address(request.path)
    return await show(request, "import.html", _import, iri, place_in(request, "after"))


def _import(tx: Transaction, iri: str, after: int | None) -> dict[str, Any]:
    row = transcriptions.find_import(tx, iri)
    if row is not None and row.local and row.state == ImportState.UNDONE.value:
        raise Gone("this import has been undone: its reports do not stand any more")
    if row is None or not row.local or row.state != ImportState.PUBLISHED.value:
        raise Missing("there is nothing at this address")
    own = of_author(tx, row.actor)
    return (
        answered.about(tx, iri)
        | {"iri": iri, "transcription": entries.transcription(tx, row), "since": row.since}
        | parts(tx, iri, after)
        | ({"masthead": own} if own is not None else {})
    )
