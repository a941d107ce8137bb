"""Taking down what is shown, and not hearing accounts: what follows here, what leaves, and what is written down."""

from __future__ import annotations

from datetime import timedelta

import pytest

from node.decisions.rules import Method
from node.decisions.rules import Rule as Ruling
from node.errors import Conflict, Forbidden, Missing
from node.moderation import store
from node.peering import blocks, governing, log
from node.peering import store as follows
from node.peering.rules import Severity
from tests.moderation.test_what_is_held import WORD, do, lately, say, waiting
from tests.nodes.peer import Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode, eventually
from tests.web.admin.desk_browsers import at_desk, enter, give_rule


async def test_an_answer_is_taken_down_and_shown_again_and_removed_for_good(
    node: ServedNode, hostile_peer: Peer
) -> None:
    ours, ann = await node.publish(), hostile_peer.actor("ann")
    note = await say(node, hostile_peer, ann, WORD, inReplyTo=ours)
    below = await say(node, hostile_peer, ann, "and more", inReplyTo=note["id"])
    assert WORD in (await node.page(ours))[1]
    before = len(hostile_peer.received)
    await do(node, "hold", iri=note["id"])
    assert WORD not in (await node.page(ours))[1] and await waiting(node) == [note["id"]]
    assert (await node.activity(f"{ours}/replies"))[1]["totalItems"] == 0
    await do(node, "admit", iri=note["id"])
    assert WORD in (await node.page(ours))[1]
    said = await commonwire("moderation", "remove", node.directory, note["id"], "--category", "spam")
    assert said.status == 0, said.err
    assert not await node.holds(note["id"])

    async def is_off_the_page() -> bool:  # another process has done it, which is noticed soon
        return WORD not in (await node.page(ours))[1]

    await eventually(is_off_the_page)
    assert await node.holds(below["id"])
    assert (await node.activity(f"{ours}/replies"))[1]["totalItems"] == 0
    update = hostile_peer.activity("Update", ann, note | {"content": WORD, "updated": "2099-01-01T00:00:00Z"})
    assert await hostile_peer.send(f"{node.origin}/inbox", update) == 202
    await node.quiet()
    assert not await node.holds(note["id"]), "what was removed does not come again"
    with pytest.raises(Missing):
        await do(node, "remove", iri=note["id"], category="spam")
    with pytest.raises(Forbidden):
        await do(node, "remove", iri=ours, category="spam")
    assert len(hostile_peer.received) == before, "nothing was sent because of it"
    assert (await lately(node))[("by hand", "removed")] == 1
    (row,) = [one for one in await node.read(log.persons) if one.act == "message_removed"]
    assert (row.actor, row.category) == (ann, "spam")
    assert all(ann not in repr(one) for one in await node.read(log.entries))


async def test_an_admitted_text_that_is_changed_to_what_a_filter_finds_waits_again(
    node: ServedNode, hostile_peer: Peer
) -> None:
    ours, ann = await node.publish(), hostile_peer.actor("ann")
    await do(node, "filter", pattern=WORD)
    note = await say(node, hostile_peer, ann, "harmless", inReplyTo=ours)
    assert await node.holds(note["id"])
    newer = note | {"content": f"<p>{WORD}</p>", "updated": "2099-01-01T00:00:00Z"}
    update = hostile_peer.activity("Update", ann, newer)
    assert await hostile_peer.send(f"{node.origin}/inbox", update) == 202
    assert await node.fate(update) == "done"
    assert not await node.holds(note["id"]) and await waiting(node) == [note["id"]]
    page = (await node.page(ours))[1]
    assert WORD not in page and "harmless" not in page
    await do(node, "admit", iri=note["id"])
    assert WORD in (await node.page(ours))[1]


async def test_a_muted_account_is_not_heard_for_so_long_and_nobody_is_told(
    node: ServedNode, hostile_peer: Peer
) -> None:
    ours, ann = await node.publish(), hostile_peer.actor("ann")
    await say(node, hostile_peer, ann, "hello", inReplyTo=ours)
    await node.quiet()
    before = len(hostile_peer.received)
    await do(node, "mute", account=f"@ann@{hostile_peer.host}", category="harassment", days="2")
    with pytest.raises(Conflict):
        await do(node, "mute", account=ann)
    await say(node, hostile_peer, ann, WORD, inReplyTo=ours, fate="ignored")
    async with at_desk(node, "steward") as desk:
        page = await desk.get("/desk/moderation?group=union")
        assert "muted" in page and "ann@" in page
    assert (await lately(node))[("muted", "refused")] == 1
    node.clock.advance(timedelta(days=3))
    assert await node.holds((await say(node, hostile_peer, ann, "two days later", inReplyTo=ours))["id"])
    assert len(hostile_peer.received) == before
    (row,) = [one for one in await node.read(log.persons) if one.act == "muted"]
    assert (row.actor, row.category) == (ann, "harassment")


async def test_a_block_ends_the_follows_is_told_and_is_taken_back(node: ServedNode, hostile_peer: Peer) -> None:
    ann = hostile_peer.actor("ann")
    follow = hostile_peer.activity("Follow", ann, node.group)
    assert await hostile_peer.send(f"{node.origin}/inbox", follow) == 202
    await eventually(lambda: _sent(hostile_peer, "Accept"))
    await do(node, "block", account=ann, category="spam")
    await eventually(lambda: _sent(hostile_peer, "Block"))
    (block,) = hostile_peer.sent_to("Block")
    assert (block["actor"], block["object"]) == (node.group, ann)
    assert await node.read(follows.count_followers, node.group) == 0
    await node.publish("What is said after that.")
    again = hostile_peer.activity("Follow", ann, node.group)
    assert await hostile_peer.send(f"{node.origin}/inbox", again) == 202
    await eventually(lambda: _sent(hostile_peer, "Reject"))
    assert await node.read(follows.count_followers, node.group) == 0
    await say(node, hostile_peer, ann, WORD, tag=[{"type": "Mention", "href": node.group}], fate="ignored")
    await node.quiet()
    assert hostile_peer.sent_to("Create") == []
    await do(node, "unblock", account=ann)
    await eventually(lambda: _sent(hostile_peer, "Undo"))
    (undo,) = hostile_peer.sent_to("Undo")
    assert undo["object"]["id"] == block["id"]
    assert await node.read(lambda tx: blocks.find(tx, actor=node.group, blocked=ann)) is None
    with pytest.raises(Missing):
        await do(node, "unblock", account=ann)


async def _sent(peer: Peer, kind: str) -> bool:
    return bool(peer.sent_to(kind))


async def test_what_comes_from_a_server_that_is_held_waits(node: ServedNode, hostile_peer: Peer) -> None:
    ours, ann = await node.publish(), hostile_peer.actor("ann")
    by = {"actor": node.group, "member": await node.steward()}
    await node.write(governing.set_policy, hostile_peer.host, Severity.HOLD, "we do not know them", **by)
    note = await say(node, hostile_peer, ann, WORD, inReplyTo=ours)
    assert await waiting(node) == [note["id"]]
    await do(node, "admit", iri=note["id"])
    assert WORD in (await node.page(ours))[1]
    other = await say(node, hostile_peer, ann, "once more", inReplyTo=ours)
    assert await waiting(node) == [other["id"]], "each waits, for as long as the policy is in force"
    await do(node, "refuse", iri=other["id"])
    assert await lately(node) == {("policy", "held"): 2, ("policy", "admitted"): 1, ("policy", "refused"): 1}


async def test_where_a_vote_is_needed_nothing_happens_before_it(node: ServedNode, hostile_peer: Peer) -> None:
    ours, ann = await node.publish(), hostile_peer.actor("ann")
    note = await say(node, hostile_peer, ann, WORD, inReplyTo=ours)
    await node.write(lambda tx: enter(tx, node.group, {"dora": "delegate"}))
    await give_rule(node, "limit_peer", Ruling(method=Method.APPROVALS, approvals=2))
    async with at_desk(node, "steward") as desk:
        status, _, page = await desk.send("/desk/moderation/remove", iri=note["id"], category="spam")
        assert status == 200 and "receipt" in page, "the ballot that came with the proposal"
        status, _, page = await desk.send("/desk/moderation/remove", iri=note["id"], category="dislike")
        assert status == 422 and "say why" in page.lower()
        assert (await desk.send("/desk/moderation/burn", iri=note["id"]))[0] == 404
    assert await node.holds(note["id"])
    assert await node.read(store.count_waiting, node.group) == 0
