"""Who says that two struggles are one: the page of a merge of ours, and what stands about it on a struggle's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node import objects
from node.context import NODE, Transaction
from node.errors import Missing
from node.merges import store as merges
from node.merges.matching import Match
from node.reports import store as reports
from node.statistics import actions as statistics
from node.statistics.questions import Question
from node.web.pages import answered, entries, languages
from node.web.pages.entries import Author
from node.web.pages.masthead import of_author, show


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A struggle, by what it is called here, with where it can be read."""

    iri: str
    name: str
    path: str
    local: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Merging:
    """What a group says of two struggles. `counted`: it joins them in this node's figures."""

    iri: str
    address: str
    one: Named
    other: Named
    author: Author
    reason: str
    lang: str | None
    since: datetime
    counted: bool


async def merge(request: web.Request) -> web.Response:
    """A merge of ours; 410 when it was withdrawn. Raises Missing."""
    return await show(request, "merge.html", _merge, request.app[NODE].address(request.path))


def _merge(tx: Transaction, iri: str) -> dict[str, Any]:
    held = objects.find(tx, iri)
    if held is None or not held.local or not held.public:
        raise Missing("there is nothing at this address")
    own = of_author(tx, held.author)
    values: dict[str, Any] = {"iri": iri} | ({"masthead": own} if own is not None else {})
    row = merges.find(tx, iri)
    if row is None:
        return values | {"status": 410, "noindex": True, "merging": None, "deleted": held.deleted}
    return values | answered.about(tx, iri) | {"merging": _mergings(tx, [row])[0], "deleted": None}


def about(tx: Transaction, joined: Sequence[str]) -> list[Merging]:
    """What groups, ours and others, say about a struggle and what the node's own sources join with it."""
    return _mergings(tx, merges.about(tx, joined))


def by(tx: Transaction, author: str) -> list[Merging]:
    """What a group says, the latest first."""
    return _mergings(tx, merges.by(tx, author))


def _mergings(tx: Transaction, rows: list[Row[Any]]) -> list[Merging]:
    authors = entries.authors(tx, [row.author for row in rows])
    counted = frozenset(statistics.sources(tx, Question()))
    known = reports.find_struggles(tx, {iri for row in rows for iri in (row.one, row.other)})
    return [
        Merging(
            iri=row.iri,
            address=entries.path_of(tx.node, row.iri),
            one=_named(tx, row.one, known.get(row.one)),
            other=_named(tx, row.other, known.get(row.other)),
            author=authors[row.author],
            reason=row.reason,
            lang=languages.tag(row.language),
            since=row.since,
            counted=row.author in counted,
        )
        for row in rows
    ]


def matches(tx: Transaction, found: list[Match]) -> list[dict[str, Any]]:
    """Likely matches as pages tell them: which struggle, how likely, and why."""
    return [{"struggle": named(tx, one.struggle), "very": one.is_very_likely, "reasons": one.reasons} for one in found]


def named(tx: Transaction, iri: str) -> Named:
    """A struggle, known here or not."""
    return _named(tx, iri, reports.find_struggle(tx, iri))


def _named(tx: Transaction, iri: str, row: Row[Any] | None) -> Named:
    local = row is not None and bool(row.local)
    return Named(
        iri=iri,
        name=iri if row is None else row.name,
        path=iri if row is None else entries.struggle_page(tx.node, iri),
        local=local,
    )
