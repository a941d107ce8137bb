"""Finding each other, following, accepting, rejecting and leaving: Fedify and our node, both ways."""

from __future__ import annotations

import pytest

from node import actors
from node.peering import actions, handles
from node.peering import store as peering
from tests.interop.fedify_peer import SERVERS, Fedify, Person, be_followed, follow_state, hear
from tests.nodes.served import ServedNode, eventually

pytestmark = pytest.mark.one_database


async def followers(node: ServedNode) -> int:
    return int(await node.read(peering.count_followers, node.group))


async def test_fedify_finds_a_group_and_reads_its_keys_and_inboxes(node: ServedNode, fedify: Fedify) -> None:
    found = await fedify.lookup(node.handle)
    assert await fedify.lookup(node.group) == found
    assert found["type"] == "Organization"
    assert found["id"] == node.group
    assert found["preferredUsername"] == "union"
    assert found["name"] == "Transport Workers"
    assert found["inbox"] == f"{node.group}/inbox"
    assert found["sharedInbox"] == f"{node.origin}/inbox"
    assert found["outbox"] == f"{node.group}/outbox"
    assert found["followers"] == f"{node.group}/followers"
    rsa = {"id": f"{node.group}#main-key", "owner": node.group, "algorithm": "RSASSA-PKCS1-v1_5"}
    ed25519 = {"id": f"{node.group}#ed25519-key", "controller": node.group, "algorithm": "Ed25519"}
    assert found["publicKeys"] == [rsa]
    assert found["assertionMethods"] == [ed25519]


async def test_the_handle_of_somebody_on_fedify_is_confirmed_by_it(node: ServedNode, fedify: Fedify) -> None:
    alice = await fedify.actor()
    await node.node.directory.actor(alice.iri)
    await handles.settle(node.node, alice.iri)
    assert (await node.read(actors.find, alice.iri)).agreed_handle == alice.handle.removeprefix("@")


async def test_fedify_may_sign_what_it_asks_for(node: ServedNode, any_fedify: Fedify) -> None:
    alice = await any_fedify.actor()
    for iri in (node.group, f"{node.origin}/actor"):
        assert (await any_fedify.lookup(iri, **{"as": alice.name}))["id"] == iri


async def test_the_first_knock_of_fedify_opens_and_our_answer_is_understood(
    node: ServedNode, any_fedify: Fedify
) -> None:
    """Fedify signs by RFC 9421 unless it is told otherwise; it need not do so again in the older way."""
    alice = await any_fedify.actor()
    follow = await alice.does("follow", to=node.group)
    assert await any_fedify.knocks(f"{node.group}/inbox") == [(SERVERS[any_fedify.number], 202)]
    entry = await any_fedify.receives("Accept", actor=node.group)
    assert entry["understood"]["objectId"] == follow["id"]
    assert entry["understood"]["object"]["type"] == "Follow"
    assert entry["understood"]["object"]["actor"] == alice.iri
    assert await followers(node) == 1


async def test_a_fedify_follower_who_leaves_is_let_go(node: ServedNode, follower: Person) -> None:
    follow = (await follower.fedify.receives("Accept", actor=node.group))["understood"]["objectId"]
    undo = await follower.does("undo", to=node.group, activity=follow)
    assert await follower.fate(node, undo) == "done"
    assert await followers(node) == 0


async def test_a_fedify_actor_accepts_us_and_we_understand(node: ServedNode, alice: Person) -> None:
    await hear(node, alice)
    entry = await alice.fedify.receives("Follow", actor=node.group)
    assert entry["understood"]["objectId"] == alice.iri


async def test_a_fedify_actor_rejects_us_and_we_understand(node: ServedNode, fedify: Fedify) -> None:
    alice = await fedify.actor(accepts=False)
    await node.follow(alice.handle)

    async def rejected() -> bool:
        return await follow_state(node, alice) == "rejected"

    await eventually(rejected)
    assert not await node.read(peering.is_heard, alice.iri)


async def test_fedify_understands_that_we_stop_following(node: ServedNode, heard: Person) -> None:
    follow = (await heard.fedify.receives("Follow", actor=node.group))["document"]["id"]
    await node.write(actions.unfollow, heard.iri, actor=node.group, member=await node.steward())
    entry = await heard.fedify.receives("Undo", actor=node.group)
    assert entry["understood"]["objectId"] == follow
    await node.publish("Whoever is gone does not read this.")
    await node.quiet()
    assert await heard.fedify.received("Create", actor=node.group) == []


async def test_two_followers_on_one_fedify_server_get_one_delivery(node: ServedNode, fedify: Fedify) -> None:
    for name in ("alice", "bob"):
        await be_followed(node, await fedify.actor(name))
    await node.publish("To the shared inbox.")
    entry = await fedify.receives("Create", actor=node.group)
    await node.quiet()
    assert len(await fedify.received("Create", actor=node.group)) == 1
    assert entry["path"] == "/inbox"
