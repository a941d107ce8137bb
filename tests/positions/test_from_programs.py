"""Positions from the command line and over the interface for programs."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from node.decisions import Rule, change_rule
from node.decisions.rules import Method
from tests.conftest import follow_each
from tests.nodes.peer import Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode, eventually
from tests.positions.taking import shown_on, until_shown
from tests.positions.test_positions_of_others import position, say
from tests.web.test_deciding import ask, token

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def command(node: ServedNode, *words: str) -> Any:
    said = await commonwire(*words[:2], node.directory, *words[2:], "--json")
    assert said.status == 0, said.err
    return json.loads(said.out)


async def test_from_the_command_line(serve: Any, hostile_peer: Peer, tmp_path: Path) -> None:
    first, second = await serve(0), await serve(1)
    await follow_each(first, second)
    text = await first.publish("We strike on Monday.", title="Monday")
    why = tmp_path / "why.md"
    await asyncio.to_thread(why.write_text, "---\nstance: oppose\n---\nToo early.\n")
    # The second node does not hold the text: it is fetched.
    taken = await command(second, "position", "take", text, str(why))
    assert (taken["state"], taken["decision"]["state"]) == ("released", "adopted")
    await until_shown(first, text, "opposed", "Too early.")
    refused = await commonwire("position", "take", second.directory, text, str(why), "--stance", "support")
    assert refused.status == 1 and "the file says “oppose”" in refused.err

    council = hostile_peer.actor("council", type="Organization", name="Council")
    waiting = position(hostile_peer, council, text, words="Never")
    await say(hostile_peer, first, "Create", waiting)
    (listed,) = await command(first, "position", "list", "--waiting")
    assert (listed["id"], listed["state"], listed["name"]) == (waiting["id"], "waiting", "Council")
    await command(first, "position", "admit", waiting["id"])
    found = await command(first, "position", "list", "--on", text)
    assert {one["stance"] for one in found} == {"oppose"} and len(found) == 2
    refused = await commonwire("position", "remove", first.directory, waiting["id"], "--reason", "disagreement")
    assert refused.status == 1 and "is no reason to remove a position" in refused.err
    removed = await command(first, "position", "remove", waiting["id"], "--reason", "harassment")
    assert removed["decision"]["state"] == "adopted"
    await until_shown(first, text, "It attacked people", without=("Never",))
    await command(second, "position", "revoke", taken["id"])
    await until_shown(first, text, without=("Too early.",))


async def test_over_the_interface_for_programs(two_nodes: tuple[ServedNode, ServedNode], hostile_peer: Peer) -> None:
    first, second = two_nodes
    await follow_each(first, second)
    text = await first.publish("We strike on Monday.", title="Monday")
    await eventually(lambda: second.holds(text))
    hers = await token(second, "steward", "read", "publish", "steward")
    given = {"on": text, "stance": "amend", "text": "On Tuesday.", "language": "en"}
    status, made = await ask(second, "POST", "/api/positions", hers, given)
    assert (status, made["state"], made["decision"]["state"]) == (201, "released", "adopted")
    for wrong, field in (({"stance": "maybe"}, "stance"), ({"words": "x"}, "words"), ({"on": ""}, "position_on")):
        status, said = await ask(second, "POST", "/api/positions", hers, given | wrong)
        assert status == 422 and said["error"].startswith(f"{field}: ")
    reader = await token(second, "steward", "read")
    assert (await ask(second, "POST", "/api/positions", reader, given | {"stance": "none"}))[0] == 403
    unknown = given | {"on": f"{hostile_peer.origin}/never-asked-for"}
    assert (await ask(second, "POST", "/api/positions", reader, unknown))[0] == 403
    assert "/never-asked-for" not in hostile_peer.asked, "nothing is looked up for who may not"
    assert (await ask(second, "GET", "/api/positions?waiting=yes", reader))[0] == 403
    status, listed = await ask(second, "GET", "/api/positions", reader)
    assert [(one["stance"], one["text"], one["on"]) for one in listed["positions"]] == [("amend", "On Tuesday.", text)]

    await until_shown(first, text, "On Tuesday.")
    theirs = await token(first, "steward", "read", "peer")
    status, shown = await ask(first, "GET", f"/api/positions?on={text}", theirs)
    assert [one["stance"] for one in shown["positions"]] == ["amend"] and shown["removed"] == []
    assert not any(isinstance(value, int) and not isinstance(value, bool) for value in shown.values()), "no sums"
    what = {"id": made["id"], "reason": "spam"}
    status, done = await ask(first, "POST", "/api/positions/remove", theirs, what)
    assert (status, done["decision"]["state"]) == (200, "adopted")
    _, shown = await ask(first, "GET", f"/api/positions?on={text}", theirs)
    assert (shown["positions"], shown["removed"][0]["reason"]) == ([], "spam")

    # What the group has to decide is proposed, and nothing changes before it has.
    rule, member = Rule(method=Method.APPROVALS, approvals=1, at_least=3600, at_most=7200), await second.steward()
    await second.write(change_rule, "take_position", rule, actor=second.group, member=member)
    status, asked = await ask(second, "POST", "/api/positions/revoke", hers, {"id": made["id"]})
    assert (status, asked["decision"]["state"]) == (200, "open") and asked["decision"]["until"]
    assert await second.holds(made["id"]) and "On Tuesday." in await shown_on(second, text)
