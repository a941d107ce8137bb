"""The door for members' programs to decisions and rules: what they may know, and what they may not."""

from __future__ import annotations

from typing import Any

import pytest

from node.members import actions as members
from node.members import store as mandates
from node.members.store import Member
from tests.nodes.served import ServedNode

VOTE = {"method": "majority", "at_most": 3600}


async def token(node: ServedNode, name: str, *scopes: str) -> dict[str, str]:
    secret = await node.write(members.make_token, name, scopes)
    return {"Authorization": f"Bearer {secret}"}


async def ask(node: ServedNode, method: str, path: str, headers: dict[str, str], body: Any = None) -> tuple[int, Any]:
    async with node.http.request(method, node.origin + path, json=body, headers=headers) as response:
        assert response.headers["Content-Type"].startswith("application/json")
        return response.status, await response.json()


@pytest.fixture
async def three(node: ServedNode) -> dict[str, dict[str, str]]:
    """The tokens of the steward and two editors, by name."""

    def enter(tx: Any) -> None:
        for name in ("rosa", "karl"):
            member = Member(mandates.add(tx, name, "no password"), name)
            mandates.add_mandate(tx, member.id, node.group, "editor", None)

    await node.write(enter)
    return {name: await token(node, name, "read", "publish", "steward") for name in ("steward", "rosa", "karl")}


async def test_a_vote_over_the_interface(node: ServedNode, three: dict[str, dict[str, str]]) -> None:
    status, answer = await ask(
        node, "POST", "/api/rules", three["steward"], {"under": "publish_statement", "rule": VOTE}
    )
    assert (status, answer["decision"]["state"]) == (201, "adopted")
    status, answer = await ask(node, "GET", "/api/rules", three["karl"])
    assert answer["rules"]["publish_statement"] | VOTE == answer["rules"]["publish_statement"]
    assert answer["rules"]["delete"]["method"] == "one_member"

    status, made = await ask(node, "POST", "/api/statements", three["rosa"], {"text": "We are out.", "title": "Out"})
    number = made["decision"]["number"]
    assert (status, made["state"], made["decision"]["state"]) == (201, "proposed", "open")
    assert made["decision"]["until"] and made["decision"]["receipt"]
    assert (await node.activity(made["id"]))[0] == 404

    status, listed = await ask(node, "GET", "/api/decisions", three["karl"])
    (one,) = listed["decisions"]
    assert (one["number"], one["about"]["title"], one["voted"], one["eligible"]) == (number, "Out", 1, 3)
    assert (one["tally"], one["receipts"], one["names"]) == (None, [], [])
    assert one["mine"] == {"may_vote": True, "has_voted": False, "may_withdraw": False, "may_confirm": False}

    path = f"/api/decisions/{number}"
    for body, field in (
        ({"choice": "perhaps"}, "choice"),
        ({}, "choice"),
        ({"choice": "block", "words": "no"}, "choice"),
        ({"choice": 1}, "choice"),
        ({"choice": "for", "member": "steward"}, "member"),
    ):
        status, answer = await ask(node, "POST", f"{path}/ballot", three["karl"], body)
        assert (status, answer["error"].partition(":")[0]) == (422, field)
    status, first = await ask(node, "POST", f"{path}/ballot", three["karl"], {"choice": "against", "words": "early"})
    assert (status, first["state"]) == (201, "open") and first["receipt"]
    assert (await ask(node, "POST", f"{path}/ballot", three["karl"], {"choice": "for"}))[0] == 409
    assert (await ask(node, "POST", f"{path}/withdraw", three["karl"]))[0] == 403
    assert (await ask(node, "GET", f"{path}/count", three["karl"]))[0] == 409
    status, last = await ask(node, "POST", f"{path}/ballot", three["steward"], {"choice": "for"})
    assert (status, last["state"]) == (201, "adopted")
    assert (await node.activity(made["id"]))[0] == 200

    status, one = await ask(node, "GET", path, three["karl"])
    assert one["tally"] == {"in_favour": 2, "against": 1, "abstaining": 0, "blocking": 0}
    assert sorted([first["receipt"], last["receipt"], made["decision"]["receipt"]]) == one["receipts"]
    assert (await ask(node, "GET", "/api/decisions?state=closed", three["karl"]))[1]["decisions"][0] == one
    assert (await ask(node, "GET", "/api/decisions", three["karl"]))[1] == {"decisions": []}


async def test_tellers_over_the_interface(node: ServedNode, three: dict[str, dict[str, str]]) -> None:
    rule = {**VOTE, "tellers": 2}
    await ask(node, "POST", "/api/rules", three["steward"], {"under": "publish_statement", "rule": rule})
    _, made = await ask(node, "POST", "/api/statements", three["rosa"], {"text": "We are out."})
    path = f"/api/decisions/{made['decision']['number']}"
    await ask(node, "POST", f"{path}/ballot", three["karl"], {"choice": "for"})
    status, answer = await ask(node, "POST", f"{path}/ballot", three["steward"], {"choice": "abstain"})
    assert (status, answer["state"]) == (201, "counting")
    status, count = await ask(node, "GET", f"{path}/count", three["karl"])
    assert (status, len(count["ballots"]), len(count["receipts"])) == (200, 3, 3)
    assert (await ask(node, "POST", f"{path}/confirm", three["karl"], {"in_favour": 3}))[0] == 409
    assert (await ask(node, "POST", f"{path}/confirm", three["karl"], count["tally"]))[1]["state"] == "counting"
    assert (await node.activity(made["id"]))[0] == 404
    assert (await ask(node, "POST", f"{path}/confirm", three["rosa"], count["tally"]))[1]["state"] == "adopted"
    assert (await node.activity(made["id"]))[0] == 200


async def test_who_may_not_learns_nothing(node: ServedNode, three: dict[str, dict[str, str]]) -> None:
    await ask(node, "POST", "/api/rules", three["steward"], {"under": "publish_statement", "rule": VOTE})
    _, made = await ask(node, "POST", "/api/statements", three["rosa"], {"text": "We are out."})
    path = f"/api/decisions/{made['decision']['number']}"
    await node.write(mandates.add, "stranger", "no password")
    stranger, narrow = await token(node, "stranger", "read", "publish"), await token(node, "karl", "write")
    for headers, expected in (({}, 401), (stranger, 403), (narrow, 403)):
        assert (await ask(node, "GET", path, headers))[0] == expected
        assert (await ask(node, "POST", f"{path}/ballot", headers, {"choice": "for"}))[0] == expected
        assert (await ask(node, "GET", "/api/rules", headers))[0] == expected
        assert (await ask(node, "POST", "/api/rules", headers, {"under": "delete", "rule": {}}))[0] in (401, 403, 409)
    assert (await ask(node, "GET", "/api/decisions", stranger))[1] == {"decisions": []}
    assert (await ask(node, "GET", "/api/decisions/99", three["karl"]))[0] == 404
    assert (await ask(node, "GET", "/api/decisions/99999999999", three["karl"]))[0] == 404
    assert (await ask(node, "GET", "/api/decisions?before=x", three["karl"]))[0] == 422
    assert (await ask(node, "GET", "/api/decisions?state=all", three["karl"]))[0] == 422


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"under": "publish_statement", "rule": {"method": "approvals", "approvals": 4}}, 409, "never be met"),
        ({"under": "publish_statement", "rule": {"method": "majority"}}, 422, "how long"),
        ({"under": "everything", "rule": {}}, 422, "kind of rule"),
        ({"under": "delete", "rule": {}}, 409, "already"),
        ({"under": "delete", "rule": {"quorum": "many"}}, 422, "whole number"),
        ({"under": "delete", "rule": []}, 422, "right type"),
        ({"under": "change_rules", "rule": {"method": "approvals", "approvals": 2}}, 409, "never be met"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused(
    node: ServedNode, three: dict[str, dict[str, str]], body: Any, status: int, words: str
) -> None:
    before = await node.contents(without=("tokens",))
    found, answer = await ask(node, "POST", "/api/rules", three["steward"], body)
    assert (found, words in answer["error"]) == (status, True), answer
    assert await node.contents(without=("tokens",)) == before
