"""Asking to follow a group and being asked: found, shown, waiting, admitted or declined, the same at both ends."""

from __future__ import annotations

from typing import Any

import pytest

from node import actors
from node.errors import Conflict, Invalid, Missing
from node.notifications.store import notifications
from node.peering import actions, admission, choices, finding, sheets, store
from node.peering.rules import Follow, Severity
from node.peering.sheets import Sheet
from schemas.context import NS
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode, eventually

WORDS = "Nobody here knows you; write to us first."


async def choose(node: ServedNode, **changes: str) -> None:
    await node.write(choices.choose, changes, actor=node.group, member=await node.steward())


async def answer(node: ServedNode, who: str, reason: str | None = None) -> None:
    by = {"actor": node.group, "member": await node.steward()}
    if reason is None:
        await node.write(admission.admit, who, **by)
    else:
        await node.write(admission.decline, who, reason, **by)


async def waiting(node: ServedNode) -> list[str]:
    return [row.iri for row in await node.read(admission.requests, node.group)]


async def sheet(node: ServedNode, iri: str) -> Sheet:
    found: Sheet = await node.read(sheets.of, iri, group=node.group)
    return found


async def told(node: ServedNode) -> list[tuple[str, str]]:
    rows = await node.read(lambda tx: list(tx.execute(notifications.select().order_by(notifications.c.id))))
    return [(row.kind, row.actor) for row in rows]


async def bring(node: ServedNode, peer: Peer, activity: dict[str, Any]) -> str | None:
    assert await peer.send(f"{node.group}/inbox", activity) == 202, peer.last
    return await node.fate(activity)


async def test_two_groups_ask_decline_and_admit_and_read_the_past_of_each_other(serve: Any) -> None:
    union, tenants = await serve(0), await serve(1)
    said = await union.publish("We struck in May.")
    theirs = await tenants.publish("The rent strike of June.")
    await choose(union, admits="persons")
    assert (await union.activity(union.group))[1]["manuallyApprovesFollowers"] is True

    assert await finding.groups(tenants.node, union.origin) == [union.group]
    found = await sheet(tenants, union.group)
    assert (found.tendency, found.language, found.is_group) == ("syndicalist", "en", True)
    assert found.speaks_our_vocabulary and found.software is not None and found.software.startswith("commonwire ")
    own = await union.read(lambda tx: sheets.own_keys(actors.group(tx, "union")))
    assert {one.words for one in found.keys} == {one.words for one in own} and len(own) == 2
    assert (found.like, found.we.state) == ((), "none")

    await tenants.follow(union.group)
    await eventually(lambda: waiting(union))
    await tenants.quiet()
    assert (await sheet(tenants, union.group)).we.state == (await sheet(union, tenants.group)).they.state == "waiting"
    assert await told(union) == [("follow_request", tenants.group)]
    assert await union.read(store.count_followers, union.group) == 0

    await answer(union, tenants.group, WORDS)

    async def is_declined() -> bool:
        return (await sheet(tenants, union.group)).we.state == "declined"

    await eventually(is_declined)
    assert (await sheet(tenants, union.group)).we.reason == (await sheet(union, tenants.group)).they.reason == WORDS
    assert await told(union) == []

    await tenants.follow(union.group)
    await eventually(lambda: waiting(union))
    await answer(union, tenants.group)
    await eventually(lambda: tenants.holds(said))
    await eventually(lambda: union.holds(theirs))
    assert (await sheet(tenants, union.group)).we.state == (await sheet(union, tenants.group)).they.state == "admitted"
    assert (await sheet(union, tenants.group)).we.state == "none"  # nobody is followed back by herself
    assert await told(union) == [("follow", tenants.group)]


async def test_whom_a_group_lets_follow_unasked_is_its_choice(node: ServedNode, hostile_peer: Peer) -> None:
    implements = [{"href": NS, "name": "the vocabulary"}]
    bot = hostile_peer.actor("bot", type="Service")
    speaks = hostile_peer.actor("node", type="Application", implements=implements)
    group = hostile_peer.actor("group", type="Group")
    person = hostile_peer.actor("person")
    cases = {"everybody": [], "persons": [group, speaks], "nobody": [bot, group, person, speaks]}
    for admits, expected in cases.items():
        if admits != "everybody":
            await choose(node, admits=admits)
        for one in (bot, speaks, group, person):
            await bring(node, hostile_peer, hostile_peer.activity("Follow", one, node.group))
        assert sorted(await waiting(node)) == sorted(expected), admits
        for one in (bot, speaks, group, person):
            undone = {"type": "Follow", "actor": one, "object": node.group}
            await bring(node, hostile_peer, hostile_peer.activity("Undo", one, undone))
        assert await waiting(node) == []
    assert await told(node) == []
    await choose(node, admits="everybody")
    by = {"actor": node.group, "member": await node.steward()}
    await node.write(actions.set_policy, hostile_peer.host, Severity.HOLD, "not known yet", **by)
    await bring(node, hostile_peer, hostile_peer.activity("Follow", person, node.group))
    assert await waiting(node) == [person], "what comes from a held server waits for a person"


async def test_a_request_that_is_repeated_waits_once_and_a_declined_one_is_declined_again(
    node: ServedNode, hostile_peer: Peer
) -> None:
    await choose(node, admits="nobody")
    alice = hostile_peer.actor("alice")
    follow = hostile_peer.activity("Follow", alice, node.group)
    await bring(node, hostile_peer, follow)
    assert hostile_peer.received == [] and await waiting(node) == [alice]
    await bring(node, hostile_peer, hostile_peer.activity("Follow", alice, node.group))
    assert await waiting(node) == [alice] and await told(node) == [("follow_request", alice)]
    await answer(node, alice, WORDS)
    await node.quiet()
    (reject,) = hostile_peer.sent_to("Reject")
    assert reject["content"] == WORDS and reject["object"]["actor"] == alice and reject["to"] == [alice]
    assert (await node.read(store.find, follower=alice, followed=node.group)).state == Follow.REJECTED.value
    with pytest.raises(Missing):
        await answer(node, alice)


async def test_a_follower_that_is_declined_later_hears_no_more(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    await bring(node, hostile_peer, hostile_peer.activity("Follow", alice, node.group))
    with pytest.raises(Conflict):
        await answer(node, alice)
    with pytest.raises(Invalid):
        await answer(node, alice, "x" * 3000)
    await answer(node, alice, "")
    await node.publish()
    await node.quiet()
    assert [one["type"] for one in hostile_peer.received] == ["Accept", "Reject"]
    assert "content" not in hostile_peer.received[-1]
    assert await node.read(store.count_followers, node.group) == 0


async def test_a_reason_of_a_stranger_is_plain_words(node: ServedNode, hostile_peer: Peer) -> None:
    iri = await node.follow(hostile_peer.actor("paper", type="Group"))
    await node.quiet()
    (asked,) = hostile_peer.sent_to("Follow")
    nasty = "<p>No,<script>alert(1)</script> \u202e &amp; never.</p>" + "x" * 9000
    embedded = {name: asked[name] for name in ("id", "type", "actor", "object")}
    assert await bring(node, hostile_peer, hostile_peer.activity("Reject", iri, embedded, content=nasty)) == "done"
    reason = (await sheet(node, iri)).we.reason
    assert reason.startswith("No, & never.x") and len(reason) == admission.REASON_CHARACTERS


async def test_what_looks_like_a_known_group_is_pointed_out(node: ServedNode, hostile_peer: Peer) -> None:
    twin = hostile_peer.actor("twin", type="Organization", name="Тransport W0rkers")
    other = hostile_peer.actor("paper", type="Organization", name="The Paper")
    await node.node.directory.actor(twin)
    await node.node.directory.actor(other)
    assert [(one.kind, one.known.iri) for one in (await sheet(node, twin)).like] == [("name", node.group)]
    assert (await sheet(node, other)).like == ()


async def test_several_groups_of_a_server_are_all_named_and_nothing_else(node: ServedNode, hostile_peer: Peer) -> None:
    first, second = hostile_peer.actor("one", type="Group"), hostile_peer.actor("two", type="Organization")
    person = hostile_peer.actor("person")
    schema = "http://nodeinfo.diaspora.software/ns/schema/2.0"
    elsewhere = {"rel": schema.replace("2.0", "2.1"), "href": "https://elsewhere.example/nodeinfo"}
    links = [elsewhere, {"rel": schema, "href": f"{hostile_peer.origin}/ni"}]
    staff = [first, person, second, "https://elsewhere.example/groups/x", 7]
    document = {"software": {"name": "lemmy", "version": "1.0"}, "metadata": {"staffAccounts": staff}}
    hostile_peer.served["/.well-known/nodeinfo"] = Answer({"links": links}, content_type="application/json")
    hostile_peer.served["/ni"] = Answer(document, content_type="application/json")
    assert await finding.groups(node.node, hostile_peer.origin) == [first, second]
    assert await finding.groups(node.node, f"{hostile_peer.origin}/about/us") == [first, second]
    assert await finding.groups(node.node, second) == [second]
    assert (await sheet(node, second)).software == "lemmy 1.0"


@pytest.mark.one_database
async def test_an_address_that_leads_to_no_group_says_why(node: ServedNode, hostile_peer: Peer) -> None:
    for text in ("", "://", "http://", "@", "a b c", "@name@host@host", "ftp://x.example"):
        with pytest.raises(Invalid):
            await finding.groups(node.node, text)
    with pytest.raises(Invalid, match="this node itself"):
        await finding.groups(node.node, node.origin)
    with pytest.raises(Missing):
        await finding.groups(node.node, hostile_peer.origin)
    assert hostile_peer.received == []


@pytest.mark.one_database
async def test_a_choice_that_is_none_changes_nothing(node: ServedNode) -> None:
    for changes in ({"admits": "some"}, {"map": "friends"}, {"colour": "red"}):
        with pytest.raises(Invalid):
            await choose(node, **changes)
    with pytest.raises(Conflict):
        await choose(node, admits="everybody")
    assert await node.read(choices.of, node.group) == choices.Choices()


@pytest.mark.one_database
async def test_followers_are_told_when_a_group_begins_to_ask(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    await bring(node, hostile_peer, hostile_peer.activity("Follow", alice, node.group))
    await choose(node, admits="nobody", map="public")
    await choose(node, map="recognised")
    await node.quiet()
    (update,) = hostile_peer.sent_to("Update")
    assert update["object"]["manuallyApprovesFollowers"] is True


@pytest.mark.one_database
async def test_a_host_that_is_not_heard_is_not_asked(node: ServedNode, hostile_peer: Peer) -> None:
    member, group = await node.steward(), hostile_peer.actor("group", type="Group")
    await node.write(actions.set_policy, hostile_peer.host, Severity.REJECT, "floods", actor=node.group, member=member)
    with pytest.raises(Missing):
        await finding.groups(node.node, group)
    assert hostile_peer.fetches == 0
