"""What programs of members can do about what others say, and about complaints. JSON in and out, a token in
`Authorization`. The acts are those of the desk, by the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from aiohttp import web

from node import actors
from node.complaints import actions as complaining
from node.complaints import rules as closing
from node.complaints import sending
from node.complaints import store as complaints_store
from node.context import NODE, Transaction
from node.decisions import with_proposed
from node.members import actions as members
from node.members.store import Member
from node.moderation import actions, rules, store
from node.web.api import answer, member_of, proposed
from node.web.deciding import read_object

CLOSING: dict[str, type] = {"number": int, "done": str, "ground": str, "words": str, "urgent": bool}
SENDING: dict[str, type] = {"number": int, "words": str, "urgent": bool}
ACTING: dict[str, type] = {
    "group": str, "urgent": bool, "iri": str, "account": str, "number": int, "category": str, "days": int,
    "pattern": str, "by": str, "effect": str, "kinds": list, "host": str,
    "first_contact": bool, "without_picture": bool, "new_account_days": int, "mentions_an_hour": int,
    "activities_an_hour": int,
}  # fmt: skip


async def shown(request: web.Request) -> web.Response:
    """The rules of a group (`?group=`, else the main one), whom it does not hear, and day by day what each rule did."""
    member, query = await member_of(request), request.query

    def find(tx: Transaction) -> dict[str, Any]:
        group = _group(tx, query, member)
        return {
            "settings": asdict(store.settings_of(tx, group)) | {"of_servers": store.paces_of(tx, group)},
            "filters": [{"number": row.id, **asdict(store.as_filter(row))} for row in store.filters_of(tx, group)],
            "silenced": [
                {"account": row.actor, "silence": row.silence, "category": row.category,
                 "since": row.since.isoformat(), "until": row.ends.isoformat() if row.ends else None}
                for row in store.silenced_of(tx, group)
            ],
            "did": [
                {"day": row.day, "rule": row.rule, "did": row.did, "times": row.times}
                for row in store.by_day(tx, group, since=tx.now - rules.COUNTED_FOR)
            ],
        }  # fmt: skip

    return answer(await request.app[NODE].database.read(find))


async def held(request: web.Request) -> web.Response:
    """What waits to be admitted or refused in a group (`?group=`, else the main one), the oldest first."""
    member, query = await member_of(request), request.query

    def find(tx: Transaction) -> dict[str, Any]:
        rows = store.waiting(tx, _group(tx, query, member))
        return {
            "held": [
                {"iri": row.iri, "author": row.author, "kind": row.kind, "rule": row.rule, "at": row.at.isoformat(),
                 "title": title, "html": html}
                for row in rows
                for title, html in (actions.words_of(row),)
            ]
        }  # fmt: skip

    return answer(await request.app[NODE].database.read(find))


async def act(request: web.Request) -> web.Response:
    """Propose one of the acts of moderation: admit, refuse, hold, remove, mute, unmute, block, unblock, filter,
    unfilter, pace, set. 201 with the decision."""
    member, verb = await member_of(request), request.match_info["act"]
    given = await read_object(request, ACTING)
    handle, urgent = given.pop("group", None), given.pop("urgent", False)

    def propose(tx: Transaction) -> Any:
        group = _group(tx, {"group": handle} if handle else {}, member)
        return actions.do(tx, verb, given, actor=group, member=member, urgent=urgent)

    state, made = await request.app[NODE].database.write(with_proposed, propose)
    return answer({"act": verb, "state": state.value, "decision": proposed(made)}, status=201)


async def complaints(request: web.Request) -> web.Response:
    """The complaints to a group (`?group=`, else the main one) that are open; with `?state=all` those closed too."""
    member, query = await member_of(request), request.query

    def find(tx: Transaction) -> dict[str, Any]:
        rows = complaints_store.of_group(tx, _group(tx, query, member), closed=query.get("state") == "all")
        return {"complaints": [complaints_store.as_json(row) for row in rows]}

    return answer(await request.app[NODE].database.read(find))


async def close_complaint(request: web.Request) -> web.Response:
    """Propose that a complaint has been dealt with: {"number": 3, "done": "removed", "ground": "rules", "words": why}.
    201 with the decision."""
    member = await member_of(request)
    given = await read_object(request, CLOSING)
    outcome = closing.read_outcome(given)

    def propose(tx: Transaction) -> Any:
        number, urgent = given.get("number", 0), given.get("urgent", False)
        return complaining.close(tx, number, outcome, member=member, urgent=urgent)

    state, made = await request.app[NODE].database.write(with_proposed, propose)
    return answer({"number": given.get("number"), "state": state.value, "decision": proposed(made)}, status=201)


async def send_complaint(request: web.Request) -> web.Response:
    """Propose to send a complaint to the server of the account that it is about: {"number": 3, "words": why}. 201
    with the decision."""
    member = await member_of(request)
    given = await read_object(request, SENDING)

    def propose(tx: Transaction) -> Any:
        number, urgent = given.get("number", 0), given.get("urgent", False)
        return sending.send(tx, number, given.get("words", ""), member=member, urgent=urgent)

    state, made = await request.app[NODE].database.write(with_proposed, propose)
    return answer({"number": given.get("number"), "state": state.value, "decision": proposed(made)}, status=201)


def _group(tx: Transaction, given: Mapping[str, Any], member: Member) -> str:
    group = str((actors.group(tx, given["group"]) if given.get("group") else actors.main_group(tx)).iri)
    members.require(tx, member, "peer", actor=group)
    return group
