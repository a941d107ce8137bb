"""Policies, doors and the log at the desk and for programs: the same words, and nothing is done before it was shown."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from node.members import actions as members
from node.peering import governing, standing
from node.peering.rules import Door, Mode, Severity
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.web.admin.desk_browsers import at_desk, enter

pytestmark = pytest.mark.one_database
PAGE = "/desk/policies"


def words_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


async def severity_of(node: ServedNode, host: str) -> Severity:
    found: Severity = await node.read(lambda tx: standing.standing(tx, host=host).severity)
    return found


async def test_a_delegate_sees_what_a_policy_would_change_sets_it_and_drops_it(
    node: ServedNode, hostile_peer: Peer
) -> None:
    await node.write(enter, node.group, {"dora": "delegate", "edi": "editor"})
    await node.follow(hostile_peer.actor("alice"))
    host = hostile_peer.host
    async with at_desk(node, "dora") as dora, at_desk(node, "edi") as edi:
        await edi.get(PAGE, status=403)
        asked = {
            "origin": PAGE,
            "whom": host,
            "severity": "reject",
            "category": "disagreement",
            "reason": "They differ.",
        }
        status, _, page = await dora.send(f"{PAGE}/set", **asked, verb="preview")
        said = words_of(page)
        assert status == 200 and "followed by the group, and heard no longer" in said and "alice" in said
        assert "answered in public instead" in said and 'value="They differ."' in page
        assert await severity_of(node, host) is Severity.ACCEPT
        status, _, page = await dora.send(f"{PAGE}/set", **asked, verb="set")
        assert status == 409 and "nobody whom the group follows would be heard" in words_of(page)
        assert (await dora.send(f"{PAGE}/set", **asked, verb="set", anyway="yes"))[0] == 303
        assert await severity_of(node, host) is Severity.REJECT
        page = await dora.get(PAGE)
        assert host in page and "They differ." in page and "policy_set" in page
        for wrong in ("org", "https://peer.example/", node.node.config.host, "peer.example/x"):
            assert (await dora.send(f"{PAGE}/set", **asked | {"whom": wrong}, verb="set"))[0] == 422, wrong
        number = re.findall(r'name="entry" value="(\d+)"', page)[0]
        assert (await dora.send(f"{PAGE}/redact", origin=PAGE, entry=number))[0] == 303
        assert (await dora.send(f"{PAGE}/drop", origin=PAGE, whom=host))[0] == 303
        assert await severity_of(node, host) is Severity.ACCEPT
        assert "the reason is redacted" in words_of(await dora.get(PAGE))
        status, _, page = await dora.send(
            f"{PAGE}/switch", origin=PAGE, door="delivering", mode="allow_list", verb="preview"
        )
        assert status == 200 and "can deliver no longer" in words_of(page) and host in page


async def test_programs_do_the_same_in_the_same_words(node: ServedNode, hostile_peer: Peer) -> None:
    await node.write(enter, node.group, {"dora": "delegate"})
    await node.follow(hostile_peer.actor("alice"))
    token = await node.write(members.make_token, "dora", ("peer",))
    headers = {"Authorization": f"Bearer {token}"}

    async def post(act: str, **given: Any) -> tuple[int, Any]:
        async with node.http.post(f"{node.origin}/api/policies/{act}", json=given, headers=headers) as answer:
            return answer.status, await answer.json()

    async def get(path: str) -> Any:
        async with node.http.get(f"{node.origin}{path}", headers=headers) as answer:
            return await answer.json()

    whom = {"whom": hostile_peer.host, "severity": "limit"}
    status, foreseen = await post("preview", **whom)
    assert status == 200 and foreseen["is_nothing"] is True, foreseen
    assert (await post("set", **whom))[0] == 422
    status, made = await post("set", **whom, reason="noise", category="spam", expires="2999-01-31")
    assert status == 200 and made["decision"]["state"] == "adopted", made
    status, made = await post("switch", door="reading", mode="allow_list", reason="quiet")
    assert status == 200 and made["effects"]["shut_out"] == {}
    assert await node.read(lambda tx: standing.mode(tx, Door.READING)) is Mode.ALLOW_LIST
    found = await get("/api/policies")
    assert found["doors"]["reading"] == "allow_list"
    assert [(one["subject"], one["severity"]) for one in found["policies"]] == [(hostile_peer.host, "limit")]
    entries = (await get("/api/policies/log"))["entries"]
    assert [one["act"] for one in entries][:2] == ["switch_set", "policy_set"]
    assert (await post("redact", entry=entries[1]["id"]))[0] == 200
    assert (await get(f"/api/policies/log?about={hostile_peer.host}"))["entries"][0]["reason"] == ""
    assert (await post("drop", whom=hostile_peer.host))[0] == 200
    assert (await post("drop", whom=hostile_peer.host))[0] == 404
    assert (await post("switch", door="windows", mode="open"))[0] == 422


async def test_a_policy_whose_day_of_review_has_come_waits_for_delegates(node: ServedNode) -> None:
    await node.write(enter, node.group, {"dora": "delegate", "edi": "editor"})
    review_on = node.clock() + timedelta(days=10)
    await node.write(governing.enact, "bad.example", Severity.LIMIT, "noise", review_on=review_on)
    async with at_desk(node, "dora") as dora:
        assert "bad.example" not in words_of(await dora.get("/desk"))
        node.clock.advance(timedelta(days=11))
        assert "Look at a policy again: bad.example" in words_of(await dora.get("/desk"))
    async with at_desk(node, "edi") as edi:
        assert "bad.example" not in words_of(await edi.get("/desk"))
