"""What programs of members can do about positions. JSON in and out, a token in `Authorization`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from node import actors
from node.context import NODE, Transaction
from node.decisions import State, with_proposed
from node.members import actions as members
from node.positions import actions, listing, moderation, store
from node.statements import passing_on
from node.statements.rules import Draft, Interest
from node.web.api import answer, member_of, proposed, published
from node.web.deciding import read_object

TAKING: dict[str, type] = {name: str for name in ("on", "stance", "text", "title", "language", "group")} | {
    "urgent": bool
}
DECIDING: dict[str, type] = {"id": str, "reason": str, "group": str, "urgent": bool}


async def listed(request: web.Request) -> web.Response:
    """The positions that are shown on a text (`?on=`), those that wait (`?waiting=yes`), or else the group's own."""
    member, query = await member_of(request), request.query

    def find(tx: Transaction) -> dict[str, Any]:
        group = _group(tx, query)
        members.require(tx, member, "peer" if query.get("waiting") else "read", actor=group)
        if not (about := query.get("on")):
            rows = moderation.waiting(tx, group) if query.get("waiting") else store.by(tx, group)
            return {"positions": [one.as_json() for one in listing.of(tx, rows)]}
        gone = store.removed_from(tx, about)
        return {
            "positions": [one.as_json() for one in listing.on(tx, about)],
            "removed": [{"author": row.author, "reason": row.reason, "at": row.at.isoformat()} for row in gone],
        }

    return answer(await request.app[NODE].database.read(find))


async def take(request: web.Request) -> web.Response:
    """Take a position: {"on": address, "stance": "oppose", "text": why}. 201 with its id and where it stands."""
    member, node = await member_of(request), request.app[NODE]
    given = await read_object(request, TAKING)
    position = {name: given.get(name, "") for name in ("on", "stance")}
    title, language = given.get("title") or None, given.get("language") or None
    draft = Draft(text=given.get("text", ""), title=title, language=language, position=position)
    # Whether she may is asked before anything is looked up elsewhere, and once more by what proposes.
    await node.database.read(lambda tx: members.require(tx, member, "publish", actor=_group(tx, given)))
    if position["on"]:
        await passing_on.bring(node, position["on"], Interest.SOUGHT)

    def act(tx: Transaction) -> tuple[str, Any]:
        urgent = given.get("urgent", False)
        return actions.take(tx, draft, actor=_group(tx, given), member=member, urgent=urgent)

    (iri, state), made = await node.database.write(with_proposed, act)
    return published(iri, state, made, draft, delay=node.config.publication_delay)


async def decide(request: web.Request) -> web.Response:
    """Revoke one of the group's, admit or decline one that waits, or remove one of another: {"id": address}, and for
    the last {"reason": why}. 200 with the decision.
    """
    member, given = await member_of(request), await read_object(request, DECIDING)
    what = _ACTS[request.match_info["act"]]
    _, made = await request.app[NODE].database.write(with_proposed, what, given, member)
    return answer({"id": given.get("id", ""), "decision": proposed(made)})


def _revoke(tx: Transaction, given: dict[str, Any], member: Any) -> State:
    reason = given.get("reason") or actions.REVOKED
    return actions.revoke(tx, given.get("id", ""), member=member, reason=reason, urgent=given.get("urgent", False))


def _admit(tx: Transaction, given: dict[str, Any], member: Any) -> State:
    return moderation.admit(tx, given.get("id", ""), **_whom(tx, given, member))


def _decline(tx: Transaction, given: dict[str, Any], member: Any) -> State:
    return moderation.decline(tx, given.get("id", ""), **_whom(tx, given, member))


def _remove(tx: Transaction, given: dict[str, Any], member: Any) -> State:
    return moderation.remove(tx, given.get("id", ""), reason=given.get("reason", ""), **_whom(tx, given, member))


def _whom(tx: Transaction, given: dict[str, Any], member: Any) -> dict[str, Any]:
    return {"actor": _group(tx, given), "member": member, "urgent": given.get("urgent", False)}


def _group(tx: Transaction, given: Any) -> str:
    group = actors.group(tx, given["group"]) if given.get("group") else actors.main_group(tx)
    return str(group.iri)


_ACTS: dict[str, Callable[[Transaction, dict[str, Any], Any], State]] = {
    "revoke": _revoke,
    "admit": _admit,
    "decline": _decline,
    "remove": _remove,
}
