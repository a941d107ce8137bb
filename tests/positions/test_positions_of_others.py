"""Whose position is shown at once, whose waits, and for what one is removed: a peer's, a stranger's, an individual's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from node import objects
from node.errors import Conflict, Forbidden, Invalid, NodeError
from node.identifiers import spell
from node.members import actions as members
from node.peering import actions as peering
from node.peering.rules import Severity
from node.positions import moderation, rules, store
from tests.conftest import follow_each
from tests.nodes.peer import Peer
from tests.nodes.served import PASSWORD, ServedNode, eventually
from tests.positions.taking import shown_on, take, until_shown

sqlite_alone = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


def position(
    peer: Peer, group: str, about: str, stance: str = "oppose", words: str = "No.", **more: Any
) -> dict[str, Any]:
    """A position as another program might write it."""
    content = f'<p class="stance"><strong>We say:</strong> {about}</p><p>{words}</p>'
    return peer.note(group, content, inReplyTo=about, positionOn=about, stance=stance) | more


async def say(peer: Peer, node: ServedNode, kind: str, thing: dict[str, Any]) -> str | None:
    activity = peer.activity(kind, thing["attributedTo"], thing)
    assert await peer.send(f"{node.origin}/inbox", activity) == 202
    return await node.fate(activity)


async def decide(node: ServedNode, act: Any, iri: str, **more: Any) -> None:
    await node.write(act, iri, actor=node.group, member=await node.steward(), **more)


async def everywhere(node: ServedNode, text: str, iri: str) -> str:
    """All that anybody can get of a text and what was answered to it."""
    held = await node.read(objects.find, iri)
    paths = [text, f"{text}/replies", f"{text}/context", "/wire", "/wire.atom", f"/heard/{spell(held.sort_id)}"]
    found = [await node.page(path) for path in paths] + [await node.activity(path) for path in paths[:3]]
    return str([body for status, body in found if status == 200])


async def test_a_strangers_position_is_shown_to_nobody_until_it_is_admitted(
    node: ServedNode, hostile_peer: Peer
) -> None:
    text = await node.publish("We are out.", title="Out")
    group = hostile_peer.actor("council", type="Organization", name="Works Council", tendency="moderate")
    taken = position(hostile_peer, group, text, words="Go back to work")
    assert await say(hostile_peer, node, "Create", taken) == "done"
    assert await node.read(store.count_waiting) == 1
    for word in ("Go back to work", "Works Council", taken["id"]):
        assert word not in await everywhere(node, text, taken["id"])

    await decide(node, moderation.admit, taken["id"])
    said = await shown_on(node, text)
    assert "moderate" in said and "Works Council" in said and "Go back to work" in said and "We say" not in said
    assert taken["id"] in str(await node.activity(f"{text}/replies"))
    with pytest.raises(Conflict):
        await decide(node, moderation.admit, taken["id"])

    # What was admitted were other words.
    later = taken | {"content": "<p>Traitors</p>", "updated": "2030-01-01T00:00:00Z"}
    assert await say(hostile_peer, node, "Update", later) == "done"
    assert "Traitors" not in await everywhere(node, text, taken["id"]) and await shown_on(node, text) == ""
    await decide(node, moderation.decline, taken["id"])
    assert not await node.holds(taken["id"]) and await node.read(store.count_waiting) == 0
    await say(hostile_peer, node, "Create", taken)
    assert not await node.holds(taken["id"]), "it does not come again"
    assert (await node.contents())["position_removals"] == [], "what nobody saw is not written down"


async def test_a_peers_position_is_removed_for_four_reasons_alone_and_that_is_written_down(
    two_nodes: tuple[ServedNode, ServedNode],
) -> None:
    first, second = two_nodes
    await follow_each(first, second)
    text = await first.publish("We are out.")
    await eventually(lambda: second.holds(text))
    iri = await take(second, text, "oppose", "Traitors of Elm Street 5.")
    await until_shown(first, text, "Elm Street")
    with pytest.raises(Invalid, match="no reason"):
        await decide(first, moderation.remove, iri, reason="it is wrong")
    with pytest.raises(Forbidden):
        await second.write(moderation.remove, iri, reason="spam", actor=second.group, member=await second.steward())
    assert "Elm Street" in await shown_on(first, text)
    await decide(first, moderation.remove, iri, reason="personal-data")
    said = await shown_on(first, text)
    assert "Elm Street" not in said and "Tenants’ Union" in said and rules.REASONS["personal-data"] in said
    row = await first.read(objects.find, iri)
    assert (row.document, row.deletion_reason) == (None, "personal-data")
    status, page = await first.page(f"/heard/{spell(row.sort_id)}")
    assert status == 410 and "This node has removed it." in page
    # It stands where its author publishes it, and on every other node; changed or not, it does not come back here.
    assert await second.holds(iri) and "Elm Street" in await shown_on(second, text)
    await take(second, text, "oppose", "Traitors of Elm Street 6.")
    await second.quiet()
    await first.quiet()
    assert "Elm Street" not in str(await first.page(text))
    with pytest.raises(NodeError):
        await decide(first, moderation.remove, iri, reason="spam")


@sqlite_alone
async def test_only_groups_have_positions(node: ServedNode, hostile_peer: Peer) -> None:
    text = await node.publish("We are out.")
    ana = hostile_peer.actor("ana")
    assert await say(hostile_peer, node, "Create", said := position(hostile_peer, ana, text, words="Shame")) == "done"
    assert await shown_on(node, text) == ""
    assert "Shame" in (await node.page(text))[1], "it is an answer like any other"
    assert await say(hostile_peer, node, "Update", said | {"stance": "support", "content": "<p>Bravo</p>"}) == "done"
    assert "Bravo" in (await node.page(text))[1] and await shown_on(node, text) == ""
    for kind in ("Group", "Service"):
        group = hostile_peer.actor(kind.lower(), type=kind)
        assert await say(hostile_peer, node, "Create", position(hostile_peer, group, text)) == "done"
    assert len(await node.read(store.waiting)) == 2


@sqlite_alone
async def test_what_is_no_position_or_becomes_another_is_refused(node: ServedNode, hostile_peer: Peer) -> None:
    text, other = await node.publish("We are out."), await node.publish("We are in.")
    group = hostile_peer.actor("council", type="Organization")
    wrong = position(hostile_peer, group, text, inReplyTo=other)
    assert await say(hostile_peer, node, "Create", wrong) == "refused"
    taken = position(hostile_peer, group, text)
    assert await say(hostile_peer, node, "Create", taken) == "done"
    moved = taken | {"positionOn": other, "inReplyTo": other, "updated": "2030-01-01T00:00:00Z"}
    assert await say(hostile_peer, node, "Update", moved) == "refused"
    plain = {key: value for key, value in taken.items() if key not in ("stance", "positionOn")}
    assert await say(hostile_peer, node, "Update", plain) == "refused"
    forged = hostile_peer.activity("Delete", hostile_peer.actor("mallory"), taken["id"])
    assert await hostile_peer.send(f"{node.origin}/inbox", forged) == 202
    await node.quiet()
    assert (await node.read(store.find, taken["id"])).about == text
    # A stance that this program does not know yet is kept and shown as it came.
    newer = position(hostile_peer, group, other, stance="cautious-welcome")
    assert await say(hostile_peer, node, "Create", newer) == "done"
    await decide(node, moderation.admit, newer["id"])
    assert "cautious welcome" in await shown_on(node, other)


@sqlite_alone
async def test_of_two_positions_of_a_group_on_a_text_the_later_one_is_live(
    node: ServedNode, hostile_peer: Peer
) -> None:
    text = await node.publish("We are out.")
    group = hostile_peer.actor("council", type="Organization")
    older, newer = (position(hostile_peer, group, text, words=words) for words in ("Before", "After"))
    older["published"] = "2026-01-01T00:00:00Z"
    for taken in (newer, older):
        await say(hostile_peer, node, "Create", taken)
        await decide(node, moderation.admit, taken["id"])
    section = await shown_on(node, text)
    assert "After" in section and "Before" not in section


@sqlite_alone
async def test_a_suspended_servers_positions_are_not_shown(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    await follow_each(first, second)
    text = await first.publish("We are out.")
    await eventually(lambda: second.holds(text))
    await take(second, text, "oppose", "Traitors.")
    await until_shown(first, text, "Traitors")
    host, member = second.node.config.host, await first.steward()
    await first.write(peering.set_policy, host, Severity.REJECT, "spam", actor=first.group, member=member)
    page = (await first.page(text))[1]
    assert await shown_on(first, text) == "" and "Traitors" not in page and "opposed" not in page
    await first.write(peering.set_policy, host, Severity.ACCEPT, "", actor=first.group, member=member)
    assert "Traitors" in await shown_on(first, text)


@sqlite_alone
async def test_who_is_followed_waits_no_longer(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    text = await first.publish("We are out.")
    await eventually(lambda: second.holds(text))
    iri = await take(second, text, "support", "Us too.")
    await eventually(lambda: first.holds(iri))
    assert await shown_on(first, text) == ""
    await follow_each(first, second)
    await until_shown(first, text, "Us too.")


@sqlite_alone
async def test_what_nobody_admits_is_let_go_of_after_three_months(node: ServedNode, hostile_peer: Peer) -> None:
    text = await node.publish("We are out.")
    group = hostile_peer.actor("council", type="Organization")
    await say(hostile_peer, node, "Create", taken := position(hostile_peer, group, text))
    assert await node.write(moderation.prune_waiting) == 0 and await node.read(store.count_waiting) == 1
    node.clock.advance(rules.WAITING_KEPT_FOR + timedelta(days=1))
    await node.write(moderation.prune_waiting)
    assert await node.read(objects.find, taken["id"]) is None


@sqlite_alone
async def test_one_server_cannot_fill_the_room_that_is_there_for_all(
    node: ServedNode, hostile_peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "WAITING_OF_ONE_SERVER", 2)
    text = await node.publish("We are out.")
    councils = [hostile_peer.actor(f"council{number}", type="Organization") for number in range(3)]
    fates = [await say(hostile_peer, node, "Create", position(hostile_peer, one, text)) for one in councils]
    assert fates[:2] == ["done", "done"] and fates[2] != "done"
    assert await node.read(store.count_waiting) == 2
    own = hostile_peer.origin
    assert await node.read(store.count_waiting, origin=own) == 2
    assert await node.read(store.count_waiting, origin=own[:-1]) == 0, "another server whose name begins alike"


@sqlite_alone
async def test_only_delegates_deal_with_positions_of_others(node: ServedNode, hostile_peer: Peer) -> None:
    text = await node.publish("We are out.")
    group = hostile_peer.actor("council", type="Organization")
    await say(hostile_peer, node, "Create", taken := position(hostile_peer, group, text))

    def editor(tx: Any) -> Any:
        members.add(tx, "ed", PASSWORD, actor=node.group, role="editor")
        return members.named(tx, "ed")

    member = await node.write(editor)
    for act, more in ((moderation.admit, {}), (moderation.decline, {}), (moderation.remove, {"reason": "spam"})):
        with pytest.raises((Forbidden, Conflict)):
            await node.write(act, taken["id"], actor=node.group, member=member, **more)
    assert (await node.read(store.find, taken["id"])).state == "waiting"
