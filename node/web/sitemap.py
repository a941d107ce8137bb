"""Where search engines find what the groups of this node say: sitemaps.org 0.9, an index and its parts; and robots.txt.

Only what is ours and may be found is listed (FEP-5feb): no words of others, nothing of a group that is not `indexable`,
and of an import its page, not its thousands of reports. Who is not listed is not kept away by robots.txt: a robot has
to read a page to see that it says `noindex`. Kept away it is from the desk, and from questions about figures, of which
there is no end.

The index is remembered until something is said or heard, because all of ours is walked through for it. A part is too
large for that; it is written where the database is read, so that nobody else waits for it, and those who ask for it at
the same time share it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from aiohttp import web
from sqlalchemy import func, select

from node import actors, objects
from node.context import NODE, Transaction
from node.errors import Missing
from node.identifiers import spell
from node.reports import store as reports
from node.reports import transcriptions
from node.reports.rules import ImportState
from node.web.negotiation import Ready, bytes_response, ready
from node.web.pages.rendering import machine
from node.web.pages.text_page import number_of

# The protocol allows 50,000; a part is made in memory while others wait.
ADDRESSES_IN_A_PART = 10_000
MAX_AGE = 3600
PAGES = "pages"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

Listed = tuple[str, datetime | None]
"""An address, and when it changed the last time."""


async def robots(request: web.Request) -> web.Response:
    """What is nobody's business, and where the rest is listed."""
    node = request.app[NODE]
    lines = [
        "User-agent: *",
        "Disallow: /desk",
        "Disallow: /login",
        "Disallow: /api/",
        "Disallow: /figures/",
        "Disallow: /figures?",
    ]
    if await node.database.read(_findable):
        lines += ["", f"Sitemap: {node.address('/sitemap.xml')}"]
    headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return web.Response(text="\n".join(lines) + "\n", content_type="text/plain", headers=headers)


async def index(request: web.Request) -> web.Response:
    """The parts of the sitemap. Raises Missing where no group agrees to be found."""
    return _answer(request, await request.app[NODE].database.remembered(_index))


async def part(request: web.Request) -> web.Response:
    """One of the parts. Raises Missing."""
    name = request.match_info["part"]
    place = None if name == PAGES else number_of(name)
    return _answer(request, await request.app[NODE].database.remembered(_part, place))


def _answer(request: web.Request, found: Ready) -> web.Response:
    return bytes_response(request, found, content_type="application/xml", max_age=MAX_AGE)


def _index(tx: Transaction) -> Ready:
    return _written("sitemapindex", "sitemap", _parts(tx))


def _part(tx: Transaction, start: int | None) -> Ready:
    return _written("urlset", "url", _pages(tx) if start is None else _texts(tx, start))


def _findable(tx: Transaction) -> list[str]:
    """The groups that agree to be found."""
    return [group.iri for group in actors.groups(tx) if group.indexable]


def _admitted(tx: Transaction) -> list[str]:
    if not (found := _findable(tx)):
        raise Missing("no group of this node agrees to be listed")
    return found


def _ours(findable: list[str]) -> list[Any]:
    table = objects.objects
    return [
        table.c.local.is_(True),
        table.c.listed.is_(True),
        table.c.public.is_(True),
        table.c.deleted.is_(None),
        table.c.author.in_(findable),
    ]


def _parts(tx: Transaction) -> list[Listed]:
    table = objects.objects
    changed = func.coalesce(table.c.updated, table.c.published)
    place = func.row_number().over(order_by=table.c.sort_id) - 1
    numbered = (
        select(table.c.sort_id, changed.label("changed"), (place // ADDRESSES_IN_A_PART).label("part"))
        .where(*_ours(_admitted(tx)))
        .subquery()
    )
    query = (
        select(func.min(numbered.c.sort_id).label("start"), func.max(numbered.c.changed).label("changed"))
        .group_by(numbered.c.part)
        .order_by(numbered.c.part)
        .limit(50_000)
    )
    found: list[Listed] = [(tx.node.address(f"/sitemaps/{PAGES}.xml"), None)]
    return found + [(tx.node.address(f"/sitemaps/{spell(row.start)}.xml"), row.changed) for row in tx.execute(query)]


def _texts(tx: Transaction, start: int) -> list[Listed]:
    """The statements and reports of a part, from the place `start` on."""
    table = objects.objects
    query = (
        select(table.c.iri, func.coalesce(table.c.updated, table.c.published).label("changed"))
        .where(*_ours(_admitted(tx)), table.c.sort_id >= start)
        .order_by(table.c.sort_id)
        .limit(ADDRESSES_IN_A_PART)
    )
    found: list[Listed] = [(row.iri, row.changed) for row in tx.execute(query)]
    if not found:
        raise Missing("there is no such part")
    return found


def _pages(tx: Transaction) -> list[Listed]:
    """The pages that are no single text: of the groups, of struggles and imports, and about the node."""
    findable = _admitted(tx)
    found: list[Listed] = [(iri, None) for iri in findable]
    if actors.main_group(tx).iri in findable:
        found = [(tx.node.address(path), None) for path in ("/", "/figures", "/about", "/ns")] + found
    imports = [row for row in transcriptions.all_imports(tx) if row.actor in findable]
    found += [(row.iri, row.since) for row in imports if row.local and row.state == ImportState.PUBLISHED.value]
    return found + [(iri, None) for iri in _struggles(tx, findable)]


def _struggles(tx: Transaction, findable: list[str]) -> Iterable[str]:
    """Struggles on which only groups that agree to be found report; those of imported reports alone are left out."""
    struggles, told, table = reports.struggles, reports.reports, objects.objects
    about = select(table.c.iri).join(told, told.c.iri == table.c.iri).where(told.c.struggle == struggles.c.iri)
    shown = about.where(table.c.public.is_(True), table.c.deleted.is_(None))
    query = (
        select(struggles.c.iri)
        .where(
            struggles.c.local.is_(True),
            shown.where(table.c.listed.is_(True)).exists(),
            ~shown.where(table.c.author.not_in(findable)).exists(),
        )
        .order_by(struggles.c.since.desc(), struggles.c.iri)
        .limit(ADDRESSES_IN_A_PART)
    )
    return tx.execute(query).scalars()


def _written(whole: str, one: str, listed: list[Listed]) -> Ready:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{whole} xmlns="{NAMESPACE}">']
    for address, changed in listed:
        moment = f"<lastmod>{machine(changed)}</lastmod>" if changed is not None else ""
        lines.append(f"<{one}><loc>{escape(address)}</loc>{moment}</{one}>")
    lines.append(f"</{whole}>\n")
    return ready("\n".join(lines).encode())
