"""The front page of a group: who it is, what it says, what is happening where, how to follow it."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node import actors, former_groups
from node.context import NODE, Transaction
from node.reports import transcriptions
from node.statements import pins
from node.statements import store as statements
from node.web.pages import answered, entries, panel, queries
from node.web.pages.masthead import masthead, place_in, show

STATEMENTS = 12
REPORTS = 6
BOOSTS = 6
TRANSCRIPTIONS = 3


async def front(request: web.Request) -> web.Response:
    """The main group of the node."""
    return await show(request, "front.html", _front, None, place_in(request, "before"))


async def group(request: web.Request) -> web.Response:
    """One of the groups of the node; of one that was retired what it said. Raises Missing."""
    handle, before = request.match_info["handle"], place_in(request, "before")
    if await request.app[NODE].database.remembered(_is_retired, handle):
        return await show(request, "retired.html", _retired, handle, before)
    return await show(request, "front.html", _front, handle, before)


def _is_retired(tx: Transaction, handle: str) -> bool:
    return former_groups.ever(tx, handle).retired is not None


def _retired(tx: Transaction, handle: str, before: int | None) -> dict[str, Any]:
    row = former_groups.ever(tx, handle)
    rows = queries.said_by(tx, row.iri, before=before, limit=STATEMENTS + 1)
    return {
        "masthead": masthead(tx, row),
        "statements": entries.of(tx, rows[:STATEMENTS]),
        "older": rows[STATEMENTS - 1].sort_id if len(rows) > STATEMENTS else None,
    }


def _front(tx: Transaction, handle: str | None, before: int | None) -> dict[str, Any]:
    chosen = actors.main_group(tx) if handle is None else actors.group(tx, handle)
    rows = queries.said_by(tx, chosen.iri, before=before, limit=STATEMENTS + 1)
    said = entries.of(tx, rows[:STATEMENTS])
    told = {entry.transcription.iri for entry in said if entry.transcription is not None}
    pinned = pins.of(tx, chosen.iri) if before is None else []
    boosted = statements.boosted_by(tx, chosen.iri, limit=BOOSTS) if before is None else []
    imports = [row for row in transcriptions.all_imports(tx) if row.iri not in told][:TRANSCRIPTIONS]
    return {
        "masthead": masthead(tx, chosen),
        **answered.about(tx, chosen.iri),
        "statements": said,
        "older": rows[STATEMENTS - 1].sort_id if len(rows) > STATEMENTS else None,
        "first": before is None,
        "pinned": entries.of(tx, pinned),
        "boosted": entries.for_all(tx, boosted),
        "panel": panel.panel(tx) if before is None else None,
        "happening": entries.of(tx, queries.latest_reports(tx, limit=REPORTS)),
        "transcriptions": [entries.transcription_announced(tx, row) for row in imports],
        "others": [masthead(tx, one) for one in actors.groups(tx) if one.iri != chosen.iri],
    }
