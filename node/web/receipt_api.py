"""What programs of members can do about deliveries: see what became of a text at each server, and send it once more."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node import actors
from node.context import NODE, Transaction
from node.members import actions as members
from node.peering import arrivals
from node.web.api import answer, member_of
from node.web.deciding import read_object

SENDING: dict[str, type] = dict.fromkeys(("text", "host", "group"), str)


async def shown(request: web.Request) -> web.Response:
    """What became of the group's text (`?text=` its address) at each server, for each activity about it."""
    member, query = await member_of(request), request.query

    def find(tx: Transaction) -> list[dict[str, Any]]:
        group = _group(tx, query)
        members.require(tx, member, "read", actor=group)
        return [one.as_json() for one in arrivals.report(tx, query.get("text", ""), group=group)]

    return answer({"sent": await request.app[NODE].database.read(find)})


async def retry(request: web.Request) -> web.Response:
    """Send {"text": address} once more, now, to whoever has not received it, or to {"host": name}; to whom it goes."""
    member, given = await member_of(request), await read_object(request, SENDING)

    def again(tx: Transaction) -> list[str]:
        group = _group(tx, given)
        members.require(tx, member, "publish", actor=group)
        return arrivals.retry(tx, given.get("text", ""), group=group, host=given.get("host") or None)

    return answer({"hosts": await request.app[NODE].database.write(again)})


def _group(tx: Transaction, given: Any) -> str:
    group = actors.group(tx, given["group"]) if given.get("group") else actors.main_group(tx)
    return str(group.iri)
