"""What programs of members can do about decisions and rules. JSON in and out, a token in `Authorization`.

At the record level `tally` a program is told no more than a person: who sees how a vote stands before it closes could
tell who voted what.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node import actors, decisions
from node.context import NODE, Transaction
from node.decisions import Rule, Shown, Tally
from node.decisions import rules as when
from node.errors import Invalid, Missing
from node.members import actions as members
from node.web import bodies
from node.web.api import answer, member_of, proposed
from schemas.reading import loads

CLOSED_AT_MOST = 100


async def listed(request: web.Request) -> web.Response:
    """What is open (`?state=open`, the default) or was decided (`closed`, with `before` a number) in a group (`group`,
    its handle) or in all of the member's."""
    member, query = await member_of(request), request.query
    state, before = query.get("state", "open"), query.get("before")
    if state not in ("open", "closed"):
        raise Invalid("“{state}” is neither open nor closed", field="state", state=state)
    if before is not None and not (before.isascii() and before.isdecimal() and len(before) < 10):
        raise Invalid("“{before}” is not the number of a decision", field="before", before=before)

    def find(tx: Transaction) -> list[Shown]:
        group = actors.group(tx, query["group"]).iri if query.get("group") else None
        if state == "open":
            return decisions.under_way(tx, member, actor=group)
        return decisions.closed(tx, member, actor=group, before=int(before) if before else None, limit=CLOSED_AT_MOST)

    found = await request.app[NODE].database.read(find)
    return answer({"decisions": [one.as_json() for one in found]})


async def shown(request: web.Request) -> web.Response:
    """One decision."""
    member = await member_of(request)
    return answer((await request.app[NODE].database.read(decisions.show, _number(request), member)).as_json())


async def vote(request: web.Request) -> web.Response:
    """Cast a ballot: {"choice": "for" | "against" | "abstain" | "block", "words": why}. 201 with the receipt."""
    member, number = await member_of(request), _number(request)
    given = await read_object(request, {"choice": str, "words": str})
    choice = decisions.read_choice(given.get("choice", ""))

    def cast(tx: Transaction) -> decisions.Counted:
        return decisions.cast(tx, number, member=member, choice=choice, words=given.get("words", ""))

    counted = await request.app[NODE].database.write(cast)
    return answer({"number": number, "state": counted.state.value, "receipt": counted.receipt}, status=201)


async def withdraw(request: web.Request) -> web.Response:
    """Take back what the member has proposed."""
    member, number = await member_of(request), _number(request)
    await request.app[NODE].database.write(lambda tx: decisions.withdraw(tx, number, member=member))
    return answer({"number": number, "state": decisions.State.WITHDRAWN.value})


async def count(request: web.Request) -> web.Response:
    """The ballots of a vote that waits for its tellers."""
    member, number = await member_of(request), _number(request)
    found = await request.app[NODE].database.read(lambda tx: decisions.count(tx, number, member=member))
    return answer(found.as_json())


async def confirm(request: web.Request) -> web.Response:
    """Confirm what the member has counted: {"in_favour": 14, "against": 2, "abstaining": 1, "blocking": 0}."""
    member, number = await member_of(request), _number(request)
    given = await read_object(request, dict.fromkeys(("in_favour", "against", "abstaining", "blocking"), int))
    tally = Tally(**given)
    state = await request.app[NODE].database.write(lambda tx: decisions.confirm(tx, number, member=member, tally=tally))
    return answer({"number": number, "state": state.value})


async def rules(request: web.Request) -> web.Response:
    """The rules of a group (`?group=`, its handle; else the main one), and which kinds follow that for statements."""
    member, handle = await member_of(request), request.query.get("group")

    def find(tx: Transaction) -> tuple[dict[str, Rule], set[str]]:
        group = actors.group(tx, handle) if handle else actors.main_group(tx)
        members.require(tx, member, "read", actor=group.iri)
        return decisions.all_in_force(tx, group.iri), decisions.without_own(tx, group.iri)

    found, follow = await request.app[NODE].database.read(find)
    rules = {under: rule.as_json() for under, rule in found.items()}
    return answer({"rules": rules, "as_for_statements": sorted(follow)})


async def change_rule(request: web.Request) -> web.Response:
    """Propose a rule: {"under": "publish_statement", "rule": {...}, "urgent": false, "group": handle}. 201 with the
    decision."""
    member = await member_of(request)
    given = await read_object(request, {"under": str, "rule": dict, "urgent": bool, "group": str})
    rule = when.read(given.get("rule", {}))

    def change(tx: Transaction) -> Any:
        group = actors.group(tx, given["group"]) if given.get("group") else actors.main_group(tx)
        return decisions.change_rule(
            tx, given.get("under", ""), rule, actor=group.iri, member=member, urgent=given.get("urgent", False)
        )

    _, made = await request.app[NODE].database.write(decisions.with_proposed, change)
    return answer({"decision": proposed(made)}, status=201)


def _number(request: web.Request) -> int:
    text = request.match_info["number"]
    if len(text) > 9:
        raise Missing("there is no decision {number}", number=text[:20])
    return int(text)


async def read_object(request: web.Request, known: dict[str, type]) -> dict[str, Any]:
    """The object in the body, each key of the right type. Raises Invalid, naming the field."""
    given: dict[str, Any] = loads(await bodies.read(request))
    for key, value in given.items():
        if key not in known:
            raise Invalid("there is no such key; the keys are {keys}", field=key, keys=", ".join(known))
        if type(value) is not known[key]:
            raise Invalid("“{value}” is not of the right type", field=key, value=str(value)[:100])
    return given
