"""What programs of members can do about peers: look them up, ask, answer, recognise, choose. JSON, a token in
`Authorization`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from node import actors
from node.context import NODE, Transaction
from node.decisions import with_proposed
from node.members import actions as members
from node.peering import actions as peering
from node.peering import admission, choices, exchange, finding, log, sheets
from node.peering import shown as shown_as
from node.recognitions import actions as recognitions
from node.recognitions import listing, rules
from node.web.api import answer, member_of, proposed
from node.web.deciding import read_object

LOGGED = 200
LOOKING: dict[str, type] = {"who": str, "group": str}
ACTING: dict[str, type] = {
    **dict.fromkeys(("who", "reason", "words", "review_on", "group", *choices.NAMES), str),
    "urgent": bool,
}
Act = Callable[[Transaction, Mapping[str, Any], dict[str, Any]], Any]


async def listed(request: web.Request) -> web.Response:
    """Who asks to follow the group (`?group=`), whom it has asked, recognitions, the words of its keys, its choices."""
    member, query = await member_of(request), request.query

    def find(tx: Transaction) -> dict[str, Any]:
        group = _group(tx, query)
        members.require(tx, member, "peer", actor=group)
        return {
            "waiting": [sheets.in_line(row) for row in admission.requests(tx, group)],
            "asked": [sheets.asked(tx, group, row) for row in admission.asked(tx, group)],
            "recognitions": {"given": listing.given(tx, group), "received": listing.received(tx, group)},
            "keys": [one.as_json() for one in sheets.own_keys(actors.local(tx, group))],
            "choices": choices.of(tx, group).as_json(),
        }

    return answer(await request.app[NODE].database.read(find))


async def shown(request: web.Request) -> web.Response:
    """What a peer (`?who=` its address) is, how it and the group stand to each other, and what they exchange."""
    member, query = await member_of(request), request.query

    def find(tx: Transaction) -> dict[str, Any]:
        group, who = _group(tx, query), query.get("who", "")
        members.require(tx, member, "read", actor=group)
        return sheets.of(tx, who, group=group).as_json() | {
            "exchange": exchange.of(tx, who, group=group).as_json(),
            "recognised": listing.between(tx, group, who),
            "log": [shown_as.entry(row) for row in log.entries(tx, subject=who, limit=LOGGED)],
        }

    return answer(await request.app[NODE].database.read(find))


async def look(request: web.Request) -> web.Response:
    """Look up the groups that an address or a handle means: {"who": "https://other.example"}. Nothing is asked yet."""
    member, node = await member_of(request), request.app[NODE]
    given = await read_object(request, LOOKING)
    await node.database.read(lambda tx: members.require(tx, member, "peer", actor=_group(tx, given)))
    found = await finding.groups(node, given.get("who", ""))

    def find(tx: Transaction) -> dict[str, Any]:
        return {"groups": [sheets.of(tx, iri, group=_group(tx, given)).as_json() for iri in found]}

    return answer(await node.database.read(find))


async def act(request: web.Request) -> web.Response:
    """Ask to follow {"who": address}, admit or decline who asks (with "reason"), recognise ("words", "reason",
    "review_on") or revoke that, or choose ("admits", "log", "map", "following", "recognitions"). 200 with the decision.
    """
    member, given = await member_of(request), await read_object(request, ACTING)
    do = ACTS[request.match_info["act"]]

    def propose(tx: Transaction) -> Any:
        by = {"actor": _group(tx, given), "member": member, "urgent": given.get("urgent", False)}
        return do(tx, given, by)

    _, made = await request.app[NODE].database.write(with_proposed, propose)
    return answer({"who": given.get("who", ""), "decision": proposed(made)})


def ask(tx: Transaction, given: Mapping[str, Any], by: dict[str, Any]) -> Any:
    """Propose to follow whoever is named."""
    return peering.follow(tx, given.get("who", ""), **by)


def admit(tx: Transaction, given: Mapping[str, Any], by: dict[str, Any]) -> Any:
    """Propose to let her follow the group."""
    return admission.admit(tx, given.get("who", ""), **by)


def decline(tx: Transaction, given: Mapping[str, Any], by: dict[str, Any]) -> Any:
    """Propose not to."""
    return admission.decline(tx, given.get("who", ""), given.get("reason", ""), **by)


def recognise(tx: Transaction, given: Mapping[str, Any], by: dict[str, Any]) -> Any:
    """Propose to recognise it."""
    said = {"words": given.get("words", ""), "reason": given.get("reason", "")}
    day = rules.read_day(given.get("review_on", ""))
    return recognitions.recognise(tx, given.get("who", ""), **said, review_on=day, **by)


def revoke(tx: Transaction, given: Mapping[str, Any], by: dict[str, Any]) -> Any:
    """Propose to take that back."""
    return recognitions.revoke(tx, given.get("who", ""), **by)


def choose(tx: Transaction, given: Mapping[str, Any], by: dict[str, Any]) -> Any:
    """Propose other choices about peers."""
    return choices.choose(tx, choices.changes_of(given), **by)


ACTS: dict[str, Act] = {
    "ask": ask, "admit": admit, "decline": decline, "recognise": recognise, "revoke": revoke, "choose": choose,
}  # fmt: skip
"""What a form of the desk and a program can do, by the last part of its address."""


def _group(tx: Transaction, given: Any) -> str:
    group = actors.group(tx, given["group"]) if given.get("group") else actors.main_group(tx)
    return str(group.iri)
