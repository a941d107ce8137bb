"""Complaining of what this node shows: a form for anybody, and a page on which its sender sees what became of it.

Nothing is kept of her. That page stands at an address with the number and a secret word; whoever has it sees the page.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import Row

from node import actors, objects, translating
from node.complaints import acknowledging, rules
from node.context import NODE, Transaction
from node.errors import Busy, Conflict, Invalid, Missing
from node.web import bodies
from node.web.admin.door import check_own_site, told_on_a_page
from node.web.pages import entries, rendering
from node.web.pages.masthead import masthead, of_author

PATH = "/complain"
IRI_CHARACTERS = 2000


async def form(request: web.Request) -> web.Response:
    """The form about `?about=`, an address of a group or a text that this node shows. Raises Missing."""
    return await _page(request, _address(request.query.get("about", "")))


@told_on_a_page
async def tell(request: web.Request) -> web.StreamResponse:
    """Take a complaint; what cannot be taken stands in the form again, with the reason."""
    check_own_site(request)
    given = {name: str(value) for name, value in (await bodies.form(request)).items()}
    about = _address(given.get("about", ""))
    fields = {name: given.get(name, "") for name in ("category", "words", "ticket", "answer")}
    try:
        number, word = await request.app[NODE].database.write(acknowledging.tell, about, **fields)
    except (Invalid, Busy) as error:
        return await _page(request, about, given=given, error=error)
    raise _onward(number, word, done="sent")


@told_on_a_page
async def find(request: web.Request) -> web.StreamResponse:
    """Go to the page of the complaint with `?number=` and `?word=`, as somebody types them in."""
    number, word = request.query.get("number", ""), request.query.get("word", "")
    row = await request.app[NODE].database.read(acknowledging.seen, _number(number), word)
    raise _onward(row.id, "".join(word.strip().lower().replace("-", "").split()))


@told_on_a_page
async def seen(request: web.Request) -> web.StreamResponse:
    """What became of a complaint. Raises Missing."""
    return await _state(request, done=request.query.get("done", ""))


@told_on_a_page
async def object_to(request: web.Request) -> web.StreamResponse:
    """Take an objection to how a complaint was closed."""
    check_own_site(request)
    words = str((await bodies.form(request)).get("words", ""))
    number, word = _number(request.match_info["number"]), request.match_info["word"]
    try:
        await request.app[NODE].database.write(acknowledging.object_to, number, word, words)
    except (Invalid, Conflict) as error:
        return await _state(request, words=words, error=error)
    raise _onward(number, word, done="objected")


def _onward(number: int, word: str, **query: str) -> web.HTTPSeeOther:
    asked = f"?{urlencode(query)}" if query else ""
    return web.HTTPSeeOther(f"{PATH}/{number}/{word}{asked}", headers={"Cache-Control": "no-store"})


def _address(text: str) -> str:
    if not text or len(text) > IRI_CHARACTERS or "\x00" in text:
        raise Missing("there is nothing at “{iri}” here of which one could complain", iri=text[:100])
    return text


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise Missing("there is no complaint with this number and this word; it may have been deleted after 90 days")
    return int(text)


async def _page(
    request: web.Request, about: str, *, given: dict[str, str] | None = None, error: Invalid | Busy | None = None
) -> web.Response:
    values = await request.app[NODE].database.read(_gathered, about)
    return rendering.private(
        request,
        "complain.html",
        status=error.status if error is not None else 200,
        given=dict.fromkeys(("category", "words"), "") | (given or {}),
        wrong=error.said(translating.translated) if error is not None else None,
        at_fault=error.field if isinstance(error, Invalid) else None,
        categories=rules.CATEGORIES,
        characters=rules.WORDS_CHARACTERS,
        days=rules.KEPT_FOR.days,
        **values,
    )


def _gathered(tx: Transaction, iri: str) -> dict[str, Any]:
    subject = acknowledging.about(tx, iri)
    shown = of_author(tx, subject.group) or masthead(tx, actors.main_group(tx))
    return _named(tx, subject.row, iri) | {
        "about": iri,
        "who": entries.authors(tx, [subject.group])[subject.group].name,
        "masthead": shown,
        "ticket": acknowledging.ticket(tx),
        "contact": tx.node.config.contact,
    }


def _named(tx: Transaction, row: Row[Any] | None, iri: str) -> dict[str, Any]:
    """What is complained of, as a page names it: its entry, if it is a text that is held, and its path."""
    if row is None:
        group = next((one for one in actors.groups(tx) if one.iri == iri), None)
        return {"entry": None, "name": group.name if group is not None else iri, "path": entries.path_of(tx.node, iri)}
    (entry,) = entries.of(tx, [row])
    return {"entry": entry, "name": None, "path": entry.path}


async def _state(
    request: web.Request, *, words: str = "", error: Invalid | Conflict | None = None, done: str = ""
) -> web.Response:
    number, word = _number(request.match_info["number"]), request.match_info["word"]
    values = await request.app[NODE].database.read(_of_complaint, number, word)
    return rendering.private(
        request,
        "complained.html",
        status=error.status if error is not None else 200,
        done=done,
        words=words,
        wrong=error.said(translating.translated) if error is not None else None,
        word=word,
        what_was_done=rules.DONE,
        grounds=rules.GROUNDS,
        characters=rules.REASONS_CHARACTERS,
        hours=int(rules.ANSWERED_WITHIN.total_seconds() // 3600),
        days=rules.KEPT_FOR.days,
        **values,
    )


def _of_complaint(tx: Transaction, number: int, word: str) -> dict[str, Any]:
    row = acknowledging.seen(tx, number, word)
    (iri,) = row.about
    held = objects.find(tx, iri)
    there = held is not None and held.public and held.deleted is None
    named = _named(tx, held, iri) if there or held is None else {"entry": None, "name": iri, "path": None}
    return named | {
        "row": row,
        "who": entries.authors(tx, [row.group])[row.group].name,
        "masthead": of_author(tx, row.group) or masthead(tx, actors.main_group(tx)),
        "contact": tx.node.config.contact,
    }
