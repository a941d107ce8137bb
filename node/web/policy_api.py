"""What programs of members can do about policies, doors and the peering log. JSON, a token in `Authorization`."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node import actors
from node.context import NODE, Transaction
from node.decisions import with_proposed
from node.members import actions as members
from node.peering import dealing, log, shown
from node.web.api import answer, member_of, proposed
from node.web.deciding import read_object
from node.window import LARGEST


async def listed(request: web.Request) -> web.Response:
    """The policies in force, and how each of the three doors is set."""
    member, query = await member_of(request), request.query

    def find(tx: Transaction) -> dict[str, Any]:
        members.require(tx, member, "peer", actor=_group(tx, query))
        return dealing.overview(tx)

    return answer(await request.app[NODE].database.read(find))


async def done(request: web.Request) -> web.Response:
    """The peering log, the newest first (`?about=` a domain or a group, `before` the number of an entry), and how many
    acts there were towards persons."""
    member, query = await member_of(request), request.query
    before = query.get("before", "")

    def find(tx: Transaction) -> dict[str, Any]:
        members.require(tx, member, "peer", actor=_group(tx, query))
        place = int(before) if before.isascii() and before.isdecimal() and len(before) < 20 else None
        place = None if place is not None and place > LARGEST else place
        rows = log.entries(tx, subject=query.get("about") or None, before=place)
        persons = [] if query.get("about") else [shown.count(row) for row in log.counts_of_persons(tx)]
        return {"entries": [shown.entry(row) for row in rows], "persons": persons}

    return answer(await request.app[NODE].database.read(find))


async def act(request: web.Request) -> web.Response:
    """Preview a policy or a door, set or drop a policy about `whom`, set (`switch`) a `door` to a `mode`, or `redact`
    the reason of an `entry` of the log. 200 with what becomes different, and the decision."""
    member, given = await member_of(request), await read_object(request, dealing.TAKES)
    verb, node = request.match_info["act"], request.app[NODE]

    def do(tx: Transaction) -> dict[str, Any]:
        by = {"actor": _group(tx, given), "member": member, "urgent": given.get("urgent", False)}
        return dealing.do(tx, verb, given, **by)

    if verb == "preview":
        return answer(await node.database.read(do))
    found, made = await node.database.write(with_proposed, do)
    return answer(found | {"decision": proposed(made)})


def _group(tx: Transaction, given: Any) -> str:
    group = actors.group(tx, given["group"]) if given.get("group") else actors.main_group(tx)
    return str(group.iri)
