"""What programs of members can do about struggles that are one. JSON in and out, a token in `Authorization`."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node import actors
from node.context import NODE, Transaction
from node.decisions import with_proposed
from node.errors import Missing
from node.members import actions as members
from node.merges import actions, candidates, dismissing, store
from node.merges.matching import Match
from node.reports import store as reports
from node.statistics import actions as statistics
from node.statistics.questions import Question
from node.translating import translated
from node.web.api import answer, member_of, proposed
from node.web.deciding import read_object

MERGING: dict[str, type] = {"one": str, "other": str, "reason": str, "group": str, "urgent": bool}
WITHDRAWING: dict[str, type] = {"id": str, "urgent": bool}
DISMISSING: dict[str, type] = {"one": str, "other": str, "group": str}


async def listed(request: web.Request) -> web.Response:
    """What the group (`?group=`) says of struggles; with `?of=` what anybody whom this node hears says of that one."""
    member, query = await member_of(request), request.query

    def find(tx: Transaction) -> dict[str, Any]:
        group = _group(tx, query)
        members.require(tx, member, "read", actor=group)
        rows = store.about(tx, [query["of"]]) if query.get("of") else store.by(tx, group)
        counted = frozenset(statistics.sources(tx, Question()))
        return {"merges": [_said(row, counted=row.author in counted) for row in rows]}

    return answer(await request.app[NODE].database.read(find))


def _said(row: Row[Any], *, counted: bool) -> dict[str, Any]:
    return {
        "id": row.iri,
        "struggles": [row.one, row.other],
        "author": row.author,
        "reason": row.reason,
        "language": row.language,
        "since": row.since.isoformat(),
        "counted": counted,
    }


async def likely(request: web.Request) -> web.Response:
    """The struggles that look like the one at `?of=`, the likeliest first, with why; and what was dismissed."""
    member, query = await member_of(request), request.query

    def find(tx: Transaction) -> dict[str, Any]:
        members.require(tx, member, "read", actor=_group(tx, query))
        iri = query.get("of", "")
        if reports.find_struggle(tx, iri) is None:
            raise Missing("{iri} is no struggle that this node knows: no report on it is held here", iri=iri)
        found = candidates.like_struggle(tx, iri, sources=statistics.sources(tx, Question()))
        gone = [{"struggles": [row.one, row.other], "since": row.since.isoformat()} for row in dismissing.of(tx, iri)]
        return {"matches": [_match(one) for one in found], "dismissed": gone}

    return answer(await request.app[NODE].database.read(find))


def _match(one: Match) -> dict[str, Any]:
    reasons = [reason.said(translated) for reason in one.reasons]
    return {"struggle": one.struggle, "name": one.name, "score": one.score, "reasons": reasons}


async def merge(request: web.Request) -> web.Response:
    """Say that two struggles are one: {"one": address, "other": address, "reason": why}. 201 with where it stands."""
    member, given = await member_of(request), await read_object(request, MERGING)
    one, other = given.get("one", ""), given.get("other", "")

    def act(tx: Transaction) -> tuple[str, Any, Any]:
        whom = {"actor": _group(tx, given), "member": member, "urgent": given.get("urgent", False)}
        _, made = with_proposed(tx, actions.merge, one, other, reason=given.get("reason", ""), **whom)
        row = store.said(tx, one, other, author=whom["actor"])
        return "" if row is None else row.iri, made, actions.warning(tx, whom["actor"])

    iri, made, warning = await request.app[NODE].database.write(act)
    told = None if warning is None else warning.said(translated)
    return answer({"id": iri, "decision": proposed(made), "warning": told}, status=201)


async def withdraw(request: web.Request) -> web.Response:
    """Take back that two struggles are one: {"id": address of the merge}. 200 with the decision."""
    member, given = await member_of(request), await read_object(request, WITHDRAWING)
    iri, urgent = given.get("id", ""), given.get("urgent", False)
    write = request.app[NODE].database.write
    _, made = await write(with_proposed, actions.separate, iri, member=member, urgent=urgent)
    return answer({"id": iri, "decision": proposed(made)})


async def dismiss(request: web.Request) -> web.Response:
    """Say that two struggles that look alike are not the same, for this node and nobody else; or undo that."""
    member, given = await member_of(request), await read_object(request, DISMISSING)
    one, other = given.get("one", ""), given.get("other", "")
    what = actions.dismiss if request.match_info["act"] == "dismiss" else dismissing.undo
    write = request.app[NODE].database.write
    await write(lambda tx: what(tx, one, other, actor=_group(tx, given), member=member))
    return answer({"struggles": [one, other], "dismissed": what is actions.dismiss})


def _group(tx: Transaction, given: Any) -> str:
    return str((actors.group(tx, given["group"]) if given.get("group") else actors.main_group(tx)).iri)
