"""Figures at the desk: hold them against those of another node, and fetch what is missing here."""

from __future__ import annotations

from itertools import islice
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from federation.origin import origin
from node.context import NODE, Transaction
from node.members import actions as members
from node.reports import hearing
from node.statistics import store
from node.statistics.comparing import Comparison
from node.statistics.questions import Question
from node.translating import N_
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing, back, gathered, received, standing, told_after, values_for
from node.web.pages import comparing_pages, rendering
from node.web.pages.comparing_pages import Made

PAGE = f"{DESK}/figures"
AT_ONCE = 2000
NOTICES = {"fetching": N_("What is missing here is being fetched. Compare again in a while.")}


@told_on_a_page
async def figures(request: web.Request) -> web.StreamResponse:
    """The comparison that she asks for. Raises Forbidden without a mandate for peers, Invalid."""
    here = await standing(request)
    await request.app[NODE].database.read(members.require, here.member, "peer", actor=here.actor)
    question = Question.from_query(list(request.query.items()))
    made = await comparing_pages.made(request, request.query, question)
    values = await gathered(request, _gather, here, question, made)
    return rendering.private(request, "desk_figures.html", status=made.status, **values)


@told_on_a_page
async def fetch(request: web.Request) -> web.StreamResponse:
    """Promise to fetch what the other node has counted and this one has not."""
    here, form = await received(request)
    await request.app[NODE].database.read(members.require, here.member, "peer", actor=here.actor)
    question = Question.from_query(parse_qsl(form.get("question", "")))
    made = await comparing_pages.made(request, form, question)
    if made.found is None:
        values = await gathered(request, _gather, here, question, made)
        return rendering.private(request, "desk_figures.html", status=made.status, **values)
    await request.app[NODE].database.write(_promise, made.found)
    raise back(PAGE, here, done="fetching")


def _promise(tx: Transaction, found: Comparison) -> None:
    """Each report from its own server; and the collections of that node's groups go on where they broke off."""
    for iri, authors in islice(found.lacking.items(), AT_ONCE):
        hearing.promise_report(tx, iri, authors=authors)
    for author in store.followed(tx):
        if origin(author) == found.other:
            hearing.resume(tx, author)


def _gather(tx: Transaction, here: Standing, question: Question, made: Made) -> dict[str, Any]:
    shown = {"notice": told_after(here, NOTICES)} | comparing_pages.told(tx, question, made)
    return values_for(tx, here) | shown
