"""Asking a group for a correction of what it says or shows: a form for anybody, and nothing kept of her."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from node import actors, translating
from node.context import NODE, Transaction
from node.corrections import actions, pages, rules
from node.errors import Busy, Invalid, Missing
from node.web import bodies
from node.web.admin.door import check_own_site, told_on_a_page
from node.web.pages import entries, rendering
from node.web.pages.masthead import masthead, of_author

PATH = "/corrections/ask"
IRI_CHARACTERS = 2000


async def form(request: web.Request) -> web.Response:
    """The form for the text or the page `?of=`; for a text of another, where its author is. Raises Missing."""
    return await _page(request, request.query.get("of", ""), done=request.query.get("done") == "yes")


@told_on_a_page
async def ask(request: web.Request) -> web.StreamResponse:
    """Take what somebody asks; what cannot be taken stands in the form again, with the reason."""
    check_own_site(request)
    given = await bodies.form(request)
    iri, words = str(given.get("of", "")), str(given.get("words", ""))
    try:
        await request.app[NODE].database.write(actions.ask, iri, words)
    except (Invalid, Busy) as error:
        return await _page(request, iri, words=words, error=error)
    raise web.HTTPSeeOther(f"{PATH}?{urlencode({'of': iri, 'done': 'yes'})}", headers={"Cache-Control": "no-store"})


async def _page(
    request: web.Request, iri: str, *, words: str = "", error: Invalid | Busy | None = None, done: bool = False
) -> web.Response:
    values = await request.app[NODE].database.read(_gathered, iri)
    return rendering.private(
        request,
        "correction.html",
        status=error.status if error is not None else 200,
        wrong=error.said(translating.translated) if error is not None else None,
        words=words[: rules.CHARACTERS * 2],
        characters=rules.CHARACTERS,
        days=rules.KEPT_FOR.days,
        done=done,
        **values,
    )


def _gathered(tx: Transaction, iri: str) -> dict[str, Any]:
    if not iri or len(iri) > IRI_CHARACTERS or "\x00" in iri:
        raise Missing("there is no text at “{iri}” here", iri=iri[:100])
    about = actions.asked_about(tx, iri)
    asked = about.group or actors.main_group(tx).iri
    values = {"about": iri, "masthead": of_author(tx, asked) or masthead(tx, actors.main_group(tx))}
    if about.row is not None:
        (entry,) = entries.of(tx, [about.row])
        return values | {"entry": entry, "path": entry.path, "name": None, "who": entry.author.name}
    who = entries.authors(tx, [asked])[asked].name
    name = pages.name_of(tx, iri)
    path = entries.struggle_page(tx.node, iri) if name is not None else entries.path_of(tx.node, iri)
    return values | {"entry": None, "path": path, "name": name or iri, "who": who}
