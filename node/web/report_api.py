"""What programs can do with reports: read those held here, and publish one of their group. JSON in and out.

A report is sent as it stands in a file (deploy/docs/reporting.md). All that is wrong in it is said at once, each with
its field; what may put somebody in danger is asked before anything is proposed.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node import actors, translating
from node.context import NODE, Transaction
from node.decisions import with_proposed
from node.errors import Invalid
from node.members import actions as members
from node.reports import actions as reports
from node.reports import asking, filters, listing, store, writing
from node.web import bodies, refusals, windows
from node.web.api import answer, member_of, published
from node.web.pages import filtering
from schemas.reading import loads

PATH = "/api/reports"
LIMIT, LIMIT_AT_MOST = 50, 200
MORE = ("group", "urgent")
"""Keys of the request beside those of the report."""


async def listed(request: web.Request) -> web.Response:
    """The public reports held here that meet the filters of the address, the newest first, as they were published."""
    for name in request.query:
        if name not in (*filters.NAMES, "before", "limit"):
            known = ", ".join((*filters.NAMES, "before", "limit"))
            raise Invalid("there is no such key; the keys are {known}", field=name, known=known)
    asked, before, limit = filters.read(request.query.items()), windows.number(request, "before"), _limit(request)
    found, last = await request.app[NODE].database.read(_found, asked, before, limit)
    onward = f"{PATH}?{filters.written(asked, before=last, limit=limit)}" if last else None
    return answer({"reports": found, "next": onward and request.app[NODE].address(onward)})


def _found(
    tx: Transaction, asked: filters.Filters, before: int | None, limit: int
) -> tuple[list[dict[str, Any]], int | None]:
    if "report" not in asked.get("type", ("report",)):
        return [], None
    asked = filtering.widened(tx, asked)
    rows = listing.matching(tx, {**asked, "type": ("report",)}, before=before, limit=limit + 1)
    facts = store.of(tx, [row.iri for row in rows[:limit]])
    found = [_said(row, facts[row.iri]) for row in rows[:limit] if row.iri in facts]
    return found, rows[limit - 1].sort_id if len(rows) > limit else None


def _said(row: Row[Any], facts: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.iri,
        "struggle": facts.struggle,
        "author": row.author,
        "published": row.published.isoformat(),
        "imported_in": facts.import_iri,
        "withdrawn": facts.withdrawn,
        "left_out": facts.left_out,
        "report": loads(row.document),
    }


def _limit(request: web.Request) -> int:
    given = request.query.get("limit", str(LIMIT))
    if not (given.isascii() and given.isdecimal() and 0 < int(given[:6]) <= LIMIT_AT_MOST):
        raise Invalid("write a number from 1 to {most}", field="limit", most=LIMIT_AT_MOST)
    return int(given)


async def publish(request: web.Request) -> web.Response:
    """Publish a report. 201 with its id and where it stands; 422 with all that is wrong, or has to be confirmed."""
    member, node = await member_of(request), request.app[NODE]
    given: dict[str, Any] = loads(await bodies.read(request))
    for key, kind in zip(MORE, (str, bool), strict=True):
        if not isinstance(given.get(key, kind()), kind):
            raise Invalid("“{value}” is not of the right type", field=key, value=str(given[key])[:100])
    group, urgent = given.pop("group", ""), given.pop("urgent", False)
    draft = writing.draft_of(given)
    await node.database.read(lambda tx: members.require(tx, member, "publish", actor=_group(tx, group)))
    if faults := writing.faults(draft):
        return _wrong(faults[0], faults=[refusals.fault(one) for one in faults])

    def propose(tx: Transaction) -> tuple[str, Any]:
        actor = _group(tx, group)
        return reports.publish(tx, draft, actor=actor, member=member, urgent=urgent)

    try:
        (iri, state), made = await node.database.write(with_proposed, propose)
    except asking.Unconfirmed as error:
        return _wrong(error, questions=[refusals.question(one) for one in error.questions])
    return published(iri, state, made, draft, delay=node.config.publication_delay)


def _group(tx: Transaction, handle: str) -> str:
    return str((actors.group(tx, handle) if handle else actors.main_group(tx)).iri)


def _wrong(error: Invalid, **more: Any) -> web.Response:
    return answer({"error": translating.said_with_place(error)} | more, status=error.status)
