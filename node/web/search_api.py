"""What programs can look for: the public texts held here that have the words, as JSON. No token, as for the page."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node.context import NODE, Transaction
from node.errors import Invalid
from node.reports import filters
from node.reports.filters import Filters
from node.search import actions as search
from node.search import rules
from node.search.hits import Passage
from node.search.rules import Wanted
from node.web import api, windows
from node.web.pages import entries, search_page
from node.web.pages.search_page import Hit

LIMIT = 20
LIMIT_AT_MOST = 50
PATH = "/api/search"
NAMES = ("q", "limit", "before", *filters.OF_TEXTS)


async def found(request: web.Request) -> web.Response:
    """`{"results": [...], "next": address or null}`. 422 with the name of the parameter that cannot be read."""
    for name in request.query:
        if name not in NAMES:
            raise Invalid("there is no such key; the keys are {known}", field=name, known=", ".join(NAMES))
    text, asked = request.query.get("q", "").strip(), filters.read(request.query.items(), filters.OF_TEXTS)
    wanted, limit = rules.read(text), _limit(request)
    before = windows.number(request, "before")
    hits, last = await request.app[NODE].database.read(_found, wanted, asked, before, limit)
    onward = search_page.address(text, asked, before=last, path=PATH) + f"&limit={limit}" if last else None
    address = request.app[NODE].address
    return api.answer({"results": [_said(one, address) for one in hits], "next": onward and address(onward)})


def _limit(request: web.Request) -> int:
    text = request.query.get("limit", str(LIMIT))
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 4 and 0 < int(text) <= LIMIT_AT_MOST):
        raise Invalid("write a number from 1 to {most}", field="limit", most=LIMIT_AT_MOST)
    return int(text)


def _found(
    tx: Transaction, wanted: Wanted, asked: Filters, before: int | None, limit: int
) -> tuple[list[Hit], int | None]:
    rows = search.find(tx, wanted, asked, before=before, limit=limit + 1)
    hits = [search_page.hit(entry, wanted) for entry in entries.of(tx, rows[:limit])]
    return hits, rows[limit - 1].sort_id if len(rows) > limit else None


def _said(hit: Hit, address: Any) -> dict[str, Any]:
    entry = hit.entry
    return {
        "id": entry.iri,
        "page": address(entry.path),
        "author": entry.author.iri,
        "published": entry.published.isoformat(),
        "updated": entry.updated.isoformat() if entry.updated else None,
        "language": entry.lang or None,
        "sensitive": entry.sensitive,
        "title": _passage(hit.title) if hit.title is not None else None,
        "passage": _passage(hit.passage),
    }


def _passage(passage: Passage) -> dict[str, Any]:
    """`hits` are spans of the text: from this letter to before that."""
    return {"text": passage.text, "hits": [list(span) for span in passage.hits]}
