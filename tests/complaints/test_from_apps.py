"""Complaints from members' and readers' apps, and those that the group sends on to other servers."""

from __future__ import annotations

import pytest

from node import actors, objects
from node.complaints import sending, store
from node.context import Transaction
from node.decisions.rules import Method, Rule
from node.errors import Conflict
from tests.moderation.test_what_is_held import say
from tests.nodes.peer import Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode, eventually
from tests.web.admin.desk_browsers import at_desk, enter, give_rule
from tests.web.mastodon.conftest import AppLogin, app_login

__all__ = ["app_login"]
SCOPES = "read write"


async def _numbers(node: ServedNode, note: str) -> tuple[str, str]:
    """The ids by which apps know the author of a text, and the text."""
    account, text = await node.read(_ids, note)
    return str(account), str(text)


def _ids(tx: Transaction, iri: str) -> tuple[int, int]:
    held = objects.find(tx, iri)
    assert held is not None
    author = actors.find(tx, held.author)
    assert author is not None
    return author.number, held.sort_id


async def test_a_delegate_complains_of_somebody_elsewhere_and_the_group_sends_it_on(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    app = await app_login(node, "steward", scopes=SCOPES, account=node.group)
    ours, ann = await node.publish(), hostile_peer.actor("ann")
    note = await say(node, hostile_peer, ann, "an insult", inReplyTo=ours)
    account, text = await _numbers(node, note["id"])
    report = await app.post(
        "/api/v1/reports", account_id=account, **{"status_ids[]": text}, comment="insults", category="violation",
        forward="true",
    )  # fmt: skip
    assert report["forwarded"] is True and report["category"] == "violation" and report["status_ids"] == [text]
    assert report["target_account"]["username"] == "ann" and report["action_taken"] is False

    async def flagged() -> bool:
        return bool(hostile_peer.sent_to("Flag"))

    await eventually(flagged)
    (flag,) = hostile_peer.sent_to("Flag")
    assert flag["actor"] == f"{node.origin}/actor" and flag["object"] == [ann, note["id"]]
    assert flag["content"] == "insults" and "steward" not in repr(flag) and flag["to"] == [ann]
    (row,) = await node.read(store.of_group, node.group)
    assert row.source == "app" and row.sent is not None and "steward" not in repr(row)
    assert (await node.activity(flag["id"]))[0] == 404, "nobody else reads it"
    with pytest.raises(Conflict):
        member = await node.steward()
        await node.write(lambda tx: sending.send(tx, row.id, member=member))


async def test_where_it_takes_a_vote_and_for_readers_it_waits_for_delegates(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    await node.write(lambda tx: enter(tx, node.group, {"rosa": "reader", "dora": "delegate"}))
    reader = await app_login(node, "rosa", scopes=SCOPES)
    ours, ann = await node.publish(), hostile_peer.actor("ann")
    note = await say(node, hostile_peer, ann, "an insult", inReplyTo=ours)
    account, text = await _numbers(node, note["id"])
    given = {"account_id": account, "status_ids": [text], "comment": "insults", "forward": True}
    assert (await reader.send("POST", "/api/v1/reports", given))["forwarded"] is False
    about_us, statement = await _numbers(node, ours)
    own = await reader.post("/api/v1/reports", account_id=about_us, **{"status_ids[]": statement}, category="legal")
    assert own["target_account"]["acct"] == "union"
    for wrong in ({}, {"account_id": "1"}, {"account_id": account, "category": "x"}, {"account_id": account,
                  "status_ids[]": statement}, {"account_id": account, "comment": "x" * 2001}):  # fmt: skip
        assert (await reader.call("POST", "/api/v1/reports", data=wrong)).status in (404, 422), wrong
    rows = {row.about[0]: row for row in await node.read(store.of_group, node.group)}
    assert set(rows) == {ann, node.group} and rows[ann].forward and not rows[node.group].forward
    assert rows[node.group].category == "illegal" and "rosa" not in repr(rows)
    async with at_desk(node, "dora") as desk:
        page = await desk.get("/desk/complaints?group=union")
        assert "wants it to go to the other server" in page and page.count("/desk/complaints/send") == 1
        await give_rule(node, "limit_peer", Rule(method=Method.APPROVALS, approvals=2))
        status, _, page = await desk.send("/desk/complaints/send", number=str(rows[ann].id), words="in our words")
        assert status == 200 and "receipt" in page
    await node.quiet()
    assert hostile_peer.sent_to("Flag") == []
    sent = await commonwire("complaint", "send", node.directory, str(rows[node.group].id))
    assert sent.status != 0 and "nobody on another server" in sent.err


async def test_blocking_in_an_app_is_an_act_of_the_group_and_private_for_a_reader(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    await node.write(lambda tx: enter(tx, node.group, {"rosa": "reader", "wren": "writer"}))
    app = await app_login(node, "steward", scopes=SCOPES, account=node.group)
    reader = await app_login(node, "rosa", scopes=SCOPES)
    writer = await app_login(node, "wren", scopes=SCOPES, account=node.group)
    ours, ann = await node.publish(), hostile_peer.actor("ann")
    account, _ = await _numbers(node, (await say(node, hostile_peer, ann, "hello", inReplyTo=ours))["id"])
    assert (await reader.post(f"/api/v1/accounts/{account}/block"))["blocking"] is True
    await node.quiet()
    assert hostile_peer.sent_to("Block") == []
    await writer.post(f"/api/v1/accounts/{account}/block", status=403)
    assert (await app.post(f"/api/v1/accounts/{account}/block"))["blocking"] is True
    assert (await app.post(f"/api/v1/accounts/{account}/block"))["blocking"] is True

    async def blocked() -> bool:
        return bool(hostile_peer.sent_to("Block"))

    await eventually(blocked)
    assert [one["id"] for one in await app.get("/api/v1/blocks")] == [account]
    assert (await app.post(f"/api/v1/accounts/{account}/unblock"))["blocking"] is False
    assert await app.get("/api/v1/blocks") == []
