"""Importing at the desk: a table is brought, shown as it would be imported, and only then put to the group.

Each step writes no more than it must: the table waits for a day; reports are made of it when it is proposed, and are
public when the group has decided. Broken off in the middle, the same table goes on where it stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from aiohttp import web

from node.context import NODE, Transaction
from node.decisions import Proposed, ruling, with_proposed
from node.errors import Conflict, Forbidden, Invalid, NodeError
from node.members import actions as members
from node.reports import importing, rules, uploads
from node.reports.imports.ready import NAMED
from node.reports.uploads import Trial
from node.statements.rules import State
from node.translating import N_
from node.web.admin import parcels
from node.web.admin.afterwards import after
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.parcels import File
from node.web.admin.standing import Standing, back, received, standing, told_after, values_for
from node.web.pages import rendering

PAGE = f"{DESK}/import"
FIELDS = ("mapping", "title", "publisher", "publisher_url", "licence", "retrieved")
TOGETHER = 200
SHOWN_FIRST, SHOWN_REFUSED = 3, 100
NOTICES = {
    "published": N_("It is published: the reports stand in a collection of their own, and one statement announces it."),
    "waiting": N_("It is on its way. Until it leaves you can call it back."),
    "proposed": N_("It is proposed to the group. Nothing has changed yet."),
    "known": N_("All its rows were imported before. Nothing has changed."),
    "dropped": N_("The table is forgotten. Nothing was imported."),
}


@told_on_a_page
async def page(request: web.Request) -> web.StreamResponse:
    """The form that takes a table."""
    here = await standing(request)
    return await _form(request, here, dict.fromkeys(FIELDS, ""), notice=told_after(here, NOTICES))


@told_on_a_page
async def bring(request: web.Request) -> web.StreamResponse:
    """Keep a table, and show what an import would make of it."""
    node = request.app[NODE]
    sent = await parcels.received(request, file_bytes=uploads.TABLE_BYTES)
    if isinstance(sent, web.StreamResponse):
        return sent
    here, form, files = sent
    await node.database.read(members.require, here.member, "publish", actor=here.actor)
    try:
        if "table" not in files:
            raise Invalid("choose the file of the table", field="table")
        content, asked = files["table"].content, _asked(form, files)
    except Invalid as error:
        return await _form(request, here, _written(form), errors={error.field: error}, status=422)
    table = files["table"]
    name = " ".join(PurePath(table.name.replace("\\", "/")).name.split())[-200:] or "table.csv"
    number = await node.database.write(uploads.keep, actor=here.actor, name=name, content=content, asked=asked)
    raise back(f"{PAGE}/{number}", here)


@told_on_a_page
async def trial(request: web.Request) -> web.StreamResponse:
    """What an import of the table would make of it; nothing is written."""
    here = await standing(request)
    return await _trial(request, here)


@told_on_a_page
async def again(request: web.Request) -> web.StreamResponse:
    """Say something else about the table that is tried."""
    sent = await parcels.received(request, file_bytes=uploads.MAPPING_BYTES)
    if isinstance(sent, web.StreamResponse):
        return sent
    here, form, files = sent
    number, node = request.match_info["id"], request.app[NODE]
    row = await node.database.read(_found, here, number)
    try:
        asked = _asked(form, files)
    except Invalid as error:
        return await _form(request, here, _written(form), errors={error.field: error}, status=422, table=row)
    if asked["mapping"] == "own" and not asked["own_mapping"]:
        asked["own_mapping"] = row.asked.get("own_mapping", "")
    await node.database.write(uploads.ask, number, actor=here.actor, asked=asked)
    raise back(f"{PAGE}/{number}", here)


@told_on_a_page
async def propose(request: web.Request) -> web.StreamResponse:
    """Make reports of the table, not public yet, and put them to the group."""
    here, _ = await received(request)
    number, node = request.match_info["id"], request.app[NODE]
    try:
        row = await node.database.read(_found, here, number)
        found = await asyncio.to_thread(uploads.tried, row, rows=node.config.import_rows, today=node.clock().date())
        state, made = await _import(request, here, found)
    except (Invalid, Conflict, Forbidden) as error:
        return await _trial(request, here, failure=error, status=error.status)
    await node.database.write(uploads.drop, number, actor=here.actor)
    done = {State.RELEASED: "published", State.WAITING: "waiting", State.CALLED_BACK: "known"}.get(state, "proposed")
    return await after(request, PAGE, here, made, done=done)


async def _import(request: web.Request, here: Standing, found: Trial) -> tuple[State, Proposed | None]:
    write = request.app[NODE].database.write
    sifted = await request.app[NODE].database.read(_sift, here, found)
    if not sifted.drafts:
        raise Invalid("no row of the table can be imported, nothing has changed")
    iri = await write(
        importing.begin_import, found.provenance, actor=here.actor, member=here.member, mapping=found.mapping.name,
        file_digest=found.digest,
    )  # fmt: skip
    for start in range(0, len(sifted.drafts), TOGETHER):
        await write(importing.transcribe, iri, sifted.drafts[start : start + TOGETHER])
    refused = len(found.refused) + len(sifted.refused)
    state, made = await write(
        with_proposed, importing.propose_import, iri, refused=refused, member=here.member, urgent=here.urgent
    )
    return state, made


@told_on_a_page
async def drop(request: web.Request) -> web.StreamResponse:
    """Forget a table."""
    here, _ = await received(request)
    await request.app[NODE].database.read(members.require, here.member, "publish", actor=here.actor)
    await request.app[NODE].database.write(uploads.drop, request.match_info["id"], actor=here.actor)
    raise back(PAGE, here, done="dropped")


def _asked(form: Mapping[str, str], files: Mapping[str, File]) -> dict[str, str]:
    own = files["own_mapping"].content if "own_mapping" in files else b""
    if len(own) > uploads.MAPPING_BYTES:
        raise Invalid("it has more than {limit:,} bytes", field="mapping", limit=uploads.MAPPING_BYTES)
    try:
        text = own.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("the mapping is not UTF-8; save it as UTF-8", field="mapping") from None
    asked = {name: " ".join(form.get(name, "").split())[:1000] for name in FIELDS}
    return asked | {"own_mapping": text} | ({"mapping": "own"} if text else {})


def _written(form: Mapping[str, str]) -> dict[str, str]:
    return {name: form.get(name, "") for name in FIELDS}


def _found(tx: Transaction, here: Standing, number: str) -> Any:
    members.require(tx, here.member, "publish", actor=here.actor)
    return uploads.find(tx, number, actor=here.actor)


def _sift(tx: Transaction, here: Standing, found: Trial) -> importing.Sifted:
    rules.check(found.provenance, today=tx.now.date())
    return importing.sift(tx, found.drafts, actor=here.actor, mapping=found.mapping)


async def _trial(
    request: web.Request, here: Standing, *, status: int = 200, failure: NodeError | None = None
) -> web.Response:
    node = request.app[NODE]
    row = await node.database.read(_found, here, request.match_info["id"])
    more: dict[str, Any] = {"table": row, "failure": failure}
    written = {name: row.asked.get(name, "") for name in FIELDS}
    try:
        found = await asyncio.to_thread(uploads.tried, row, rows=node.config.import_rows, today=node.clock().date())
        sifted = await node.database.read(_sift, here, found)
    except Invalid as error:
        field = error.field if error.field in FIELDS else "table"
        return await _form(request, here, written, errors={field: error}, status=422, **more)
    refused = sorted([*found.refused, *sifted.refused], key=lambda one: one.line)
    more |= {
        "trial": found,
        "fresh": len(sifted.drafts) - sifted.known,
        "known_before": sifted.known,
        "first": sifted.drafts[:SHOWN_FIRST],
        "refused": refused[:SHOWN_REFUSED],
        "refused_count": len(refused),
    }
    return await _form(request, here, written, status=status, **more)


async def _form(
    request: web.Request,
    here: Standing,
    written: Mapping[str, str],
    *,
    status: int = 200,
    errors: Mapping[str | None, NodeError] | None = None,
    **more: Any,
) -> web.Response:
    values = await request.app[NODE].database.read(_gather, here)
    what = {"written": written, "errors": errors or {}, "table": None, "trial": None, "mappings": tuple(NAMED)}
    limits = {
        "megabytes": uploads.TABLE_BYTES // 2**20,
        "rows": min(request.app[NODE].config.import_rows, uploads.ROWS),
    }
    return rendering.private(request, "desk_import.html", status=status, **(values | what | limits | more))


def _gather(tx: Transaction, here: Standing) -> dict[str, Any]:
    members.require(tx, here.member, "read", actor=here.actor)
    return values_for(tx, here) | {
        "may_act": here.may("publish"),
        "rule": ruling.in_force(tx, here.actor, "publish_import"),
        "delay": tx.node.config.publication_delay,
    }
