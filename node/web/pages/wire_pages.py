"""What this node hears: from its peers, newest first, and under a hashtag."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from aiohttp import web

from node.context import Transaction
from node.errors import Missing
from node.reports import filters, listing
from node.statements import store as statements
from node.web.pages import answered, entries, filtering, standing
from node.web.pages.masthead import place_in, show

ENTRIES = 25
TAG_CHARACTERS = 100


async def wire(request: web.Request) -> web.Response:
    """What was heard, or what is held here and meets the filters; a digest of an import is one line. Raises Invalid."""
    return await show(request, "wire.html", _wire, filtering.asked_in(request), place_in(request, "before"))


def _wire(tx: Transaction, given: tuple[tuple[str, tuple[str, ...]], ...], before: int | None) -> dict[str, Any]:
    asked = dict(given)
    if asked:
        rows = listing.matching(tx, filtering.widened(tx, asked), before=before, limit=ENTRIES + 1)
    else:
        rows = listing.heard(tx, before=before, limit=ENTRIES + 1)
    page = _page(tx, rows)
    hidden = asked or before is not None or any(not entry.author.indexable for entry in page["entries"])
    return (
        page
        | answered.about(tx, "/wire", filters.written(asked) if asked else "")
        | {"first": before is None, "filtering": filtering.of(tx, "/wire", asked)}
        | {"standing": standing.of(tx, page["entries"], standing.sources(tx))}
        | ({"noindex": True} if hidden else {})
    )


async def tag(request: web.Request) -> web.Response:
    """What carries a hashtag, by whomever."""
    name = request.match_info["tag"]
    if len(name) > TAG_CHARACTERS:
        raise Missing("there is no such tag")
    return await show(request, "tag.html", _tag, name.casefold(), place_in(request, "before"))


def _tag(tx: Transaction, name: str, before: int | None) -> dict[str, Any]:
    rows = statements.tagged(tx, name, before=before, limit=ENTRIES + 1)
    return (
        _page(tx, rows)
        | {"tag": name, "first": before is None, "noindex": True}
        | (answered.about(tx, f"/tags/{quote(name, safe='')}"))
    )


def _page(tx: Transaction, rows: list[Any]) -> dict[str, Any]:
    return {
        "entries": entries.of(tx, rows[:ENTRIES]),
        "older": rows[ENTRIES - 1].sort_id if len(rows) > ENTRIES else None,
    }
