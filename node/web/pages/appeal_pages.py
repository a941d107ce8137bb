"""What groups ask of others: the appeals that are open, and what the page of one says of the answers to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import Row

from node import objects
from node.appeals import listing, rules, store
from node.appeals.listing import Listed
from node.context import NODE, Transaction
from node.errors import Missing
from node.reports import amounts
from node.reports import store as reports
from node.translating import spoken
from node.web.pages import answered, entries
from node.web.pages.entries import Entry
from node.web.pages.masthead import place_in, show
from schemas import codes
from schemas.amount import Amount
from schemas.appeal import Appeal
from schemas.appeal_answer import AppealAnswer
from schemas.statement import Statement

APPEALS = 40
ON_ONE_STRUGGLE = 12
ADDRESS_CHARACTERS = 2048
WHOLE_CHARACTERS = 2500


@dataclass(frozen=True, slots=True)
class Struggle:
    """What an appeal is for; without a name where this node knows nothing of it."""

    name: str | None
    path: str


@dataclass(frozen=True, slots=True)
class Asking:
    """An appeal in a list, or above its answers."""

    entry: Entry
    said: Listed
    goal: str | None
    struggle: Struggle | None


@dataclass(frozen=True, slots=True)
class Answering:
    """What a group answers. `whole`: it is short enough to stand there."""

    entry: Entry
    kind: str
    pledge: str | None
    whole: bool


async def appeals(request: web.Request) -> web.Response:
    """The open appeals of this node's groups and of those it hears; with `?all=yes` those that have ended too."""
    kind, struggle = request.query.get("kind") or None, request.query.get("struggle") or None
    if (kind is not None and kind not in codes.APPEAL_KINDS) or len(struggle or "") > ADDRESS_CHARACTERS:
        raise Missing("there is no such kind of appeal")
    ended = request.query.get("all") == "yes"
    today = request.app[NODE].clock().date()  # tomorrow another page is to be remembered
    return await show(request, "appeals.html", _appeals, kind, struggle, ended, place_in(request, "before"), today)


def _appeals(
    tx: Transaction, kind: str | None, struggle: str | None, ended: bool, before: int | None, today: date
) -> dict[str, Any]:
    on = (struggle,) if struggle is not None else ()
    rows = store.listed(tx, struggles=on, kind=kind, ended=ended, before=before, limit=APPEALS + 1)
    asked = {"kind": kind, "struggle": struggle, "all": "yes" if ended else None}
    return {
        **answered.about(tx, "/appeals", urlencode({name: value for name, value in asked.items() if value})),
        "appeals": asking(tx, rows[:APPEALS]),
        "older": rows[APPEALS - 1].sort_id if len(rows) > APPEALS else None,
        "first": before is None,
        "kinds": codes.APPEAL_KINDS,
        "kind": kind,
        "struggle": _struggle(tx, struggle) if struggle is not None else None,
        "struggle_iri": struggle,
        "ended": ended,
        "noindex": before is not None or bool(kind or struggle or ended),
    }


def on_struggles(tx: Transaction, struggles: Sequence[str]) -> list[Asking]:
    """The appeals for any of these struggles, those that have ended too, for the page of the struggle."""
    return asking(tx, store.listed(tx, struggles=struggles, ended=True, limit=ON_ONE_STRUGGLE))


def asking(tx: Transaction, rows: Sequence[Row[Any]]) -> list[Asking]:
    """Appeals as pages show them, in their order."""
    said = {one.id: one for one in listing.of(tx, rows)}
    held = objects.find_all(tx, list(said))
    shown = entries.of(tx, [held[row.iri] for row in rows if row.iri in held])
    return [_asking(tx, entry, said[entry.iri]) for entry in shown if entry.iri in said]


def _asking(tx: Transaction, entry: Entry, said: Listed) -> Asking:
    struggle = _struggle(tx, said.struggle) if said.struggle is not None else None
    return Asking(entry=entry, said=said, goal=_amount(said.goal), struggle=struggle)


def _struggle(tx: Transaction, iri: str) -> Struggle:
    row = reports.find_struggle(tx, iri)
    path = entries.path_of(tx.node, iri) if row is not None and row.local else iri
    return Struggle(name=row.name if row is not None else None, path=path)


def _amount(amount: Amount | None) -> str | None:
    return amounts.said(amount, spoken()) if amount is not None else None


def about(tx: Transaction, row: Row[Any], said: Statement | None) -> dict[str, Any]:
    """What the page of a text says if it is an appeal, or answers one."""
    values: dict[str, Any] = {"appeal": None, "appeal_answers": [], "answer_to_appeal": None}
    if isinstance(said, Appeal):
        known = store.find(tx, row.iri)
        found = asking(tx, [known]) if known is not None else []
        if found:
            values |= {"appeal": found[0], "how": said.how, "appeal_answers": _answers(tx, row.iri)}
            values["ended"] = not found[0].said.open
            values["has_passed"] = values["ended"] and found[0].said.status not in rules.ENDED
    elif isinstance(said, AppealAnswer):
        values["answer_to_appeal"] = {"kind": said.kind, "pledge": _amount(said.pledge)}
    return values


def _answers(tx: Transaction, appeal: str) -> list[Answering]:
    rows = listing.answers_shown(tx, appeal)
    known = store.answer_rows(tx, [row.iri for row in rows])
    return [
        Answering(
            entry=entry,
            kind=known[entry.iri].kind,
            pledge=_amount(store.amount_in(known[entry.iri], "pledge")),
            whole=len(entry.html) <= WHOLE_CHARACTERS,
        )
        for entry in entries.of(tx, rows)
    ]
