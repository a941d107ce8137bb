"""Groups recognise each other: over their names, with a reason, until they take it back; seen by whom they choose."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

import schemas
from federation.client import Client
from node import signing
from node.decisions import Method, Rule
from node.decisions import actions as deciding
from node.decisions import store as decided
from node.decisions.rules import Choice
from node.errors import Conflict, Invalid, Missing
from node.peering import choices
from node.recognitions import actions, listing, store
from schemas.recognition import RECOGNISES
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually
from tests.web.admin.desk_browsers import enter

REASON = "They held the gate with us."


async def recognise(node: ServedNode, about: str, **more: Any) -> str:
    """Recognise a group; the recognition's address."""
    values = {"words": "fraternal", "reason": REASON} | more
    await node.write(actions.recognise, about, **values, actor=node.group, member=await node.steward())
    return str((await node.read(store.between, node.group, about)).iri)


async def revoke(node: ServedNode, about: str) -> None:
    await node.write(actions.revoke, about, actor=node.group, member=await node.steward())


async def show_to(node: ServedNode, who: str) -> None:
    await node.write(choices.choose, {"recognitions": who}, actor=node.group, member=await node.steward())


async def received(node: ServedNode) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await node.read(listing.received, node.group)
    return found


async def fetched(node: ServedNode, iri: str) -> dict[str, Any]:
    """What another node gets at an address, its request signed."""
    client: Client = node.node.client
    return await client.document(iri, signer=await signing.instance_signer(node.node))


async def test_a_recognition_reaches_the_one_it_is_about_and_is_shown_to_members_alone(two_nodes: Any) -> None:
    union, tenants = two_nodes
    await union.node.directory.actor(tenants.group)
    day = (tenants.clock() + timedelta(days=400)).date()
    iri = await recognise(union, tenants.group, review_on=day)
    (told,) = await eventually(lambda: received(tenants))
    assert (told["id"], told["words"], told["reason"]) == (iri, "fraternal", REASON)
    assert (told["author"]["id"], told["about"]["id"]) == (union.group, tenants.group)
    assert told["review_on"] == day.isoformat()
    for address in (iri, f"{union.group}/recognitions"):
        assert (await union.activity(address))[0] == 404
        with pytest.raises(Exception, match="404"):
            await fetched(tenants, address)

    await show_to(union, "recognised")
    assert (await union.activity(iri))[0] == 404
    document = await fetched(tenants, iri)
    assert document["relationship"] == RECOGNISES and document["object"] == tenants.group
    assert document["to"] == [tenants.group] and "proof" in document
    assert schemas.parse(await fetched(tenants, f"{union.group}/recognitions")).items == (iri,)

    await show_to(union, "public")
    status, document = await union.activity(iri)
    assert status == 200 and schemas.parse(document).words == "fraternal"

    await revoke(union, tenants.group)
    status, document = await union.activity(iri)
    assert (status, document["type"], document["deletionReason"]) == (410, "Tombstone", "revoked")

    async def is_gone() -> bool:
        return await received(tenants) == []

    await eventually(is_gone)
    assert await union.read(listing.given, union.group) == []
    await recognise(union, tenants.group)


async def test_what_is_said_to_everybody_reaches_followers_with_its_tally(node: ServedNode, hostile_peer: Peer) -> None:
    await show_to(node, "public")
    follower, other = hostile_peer.actor("follower"), hostile_peer.actor("other", type="Group")
    await hostile_peer.send(f"{node.group}/inbox", hostile_peer.activity("Follow", follower, node.group))
    await node.quiet()
    await node.node.directory.actor(other)
    rule = Rule(method=Method.MAJORITY, quorum=1, at_most=86400)
    steward = await node.steward()
    members = await node.write(enter, node.group, {"dora": "delegate"})
    await node.write(deciding.change_rule, "recognise_peer", rule, actor=node.group, member=steward)
    iri = await recognise(node, other)
    assert (await node.activity(iri))[0] == 404, "nothing is said before the group has decided"
    with pytest.raises(Conflict):
        await recognise(node, other)
    (row,) = await node.read(decided.under_way, [node.group])
    await node.write(deciding.cast, row.id, member=members["dora"], choice=Choice.FOR)
    if await node.read(decided.under_way, [node.group]):
        await node.write(deciding.cast, row.id, member=steward, choice=Choice.FOR)
    await node.quiet()
    creates = hostile_peer.sent_to("Create")
    assert {one["object"]["id"] for one in creates} == {iri} and len(creates) == 2
    assert creates[0]["object"]["decision"]["inFavour"] == 2
    assert creates[0]["object"]["recognisedAs"] == "fraternal"


def said(peer: Peer, author: str, about: str, **more: Any) -> dict[str, Any]:
    """A recognition as another writes it."""
    document = {
        "@context": "https://www.w3.org/ns/activitystreams", "id": peer.id("recognitions"), "type": "Relationship",
        "attributedTo": author, "subject": author, "relationship": RECOGNISES, "object": about,
        "content": "<p>Why <script>x</script>not.</p>", "to": [about],
    } | more  # fmt: skip
    return peer.proved(document, author)


async def bring(node: ServedNode, peer: Peer, author: str, document: dict[str, Any]) -> str | None:
    activity = peer.activity("Create", author, document)
    assert await peer.send(f"{node.group}/inbox", activity) == 202, peer.last
    return await node.fate(activity)


async def test_what_others_say_is_kept_as_it_is_and_never_believed_without_a_proof(
    node: ServedNode, hostile_peer: Peer
) -> None:
    group = hostile_peer.actor("group", type="Group", name="A Group")
    good = said(hostile_peer, group, node.group, recognisedAs="comrades")
    assert await bring(node, hostile_peer, group, good) == "done"
    assert await bring(node, hostile_peer, group, good) == "done"
    elsewhere = f"{hostile_peer.origin}/groups/x"
    assert await bring(node, hostile_peer, group, said(hostile_peer, group, elsewhere)) == "ignored"
    bare = {name: value for name, value in said(hostile_peer, group, node.group).items() if name != "proof"}
    assert await bring(node, hostile_peer, group, bare) == "refused"
    for wrong in (
        {"subject": node.group},
        {"subject": group, "object": group},
        {"object": None},
        {"attributedTo": elsewhere},
    ):
        document = said(hostile_peer, group, node.group) | wrong
        activity = hostile_peer.activity("Create", group, document)
        status = await hostile_peer.send(f"{node.group}/inbox", activity)
        assert status in (400, 401, 403) or await node.fate(activity) == "refused", wrong
    (one,) = await received(node)
    assert (one["words"], one["reason"], one["author"]["name"]) == ("comrades", "Why not.", "A Group")
    assert await node.read(lambda tx: listing.received(tx, node.group, said_to_all=True)) == []
    delete = hostile_peer.activity("Delete", group, good["id"])
    assert await hostile_peer.send(f"{node.group}/inbox", delete) == 202
    await node.quiet()
    assert await received(node) == []
    assert await bring(node, hostile_peer, group, good) in ("done", "ignored")
    assert await received(node) == []


async def test_a_group_recognises_groups_with_a_reason_and_once(node: ServedNode, hostile_peer: Peer) -> None:
    group, person = hostile_peer.actor("group", type="Organization"), hostile_peer.actor("person")
    for one in (group, person):
        await node.node.directory.actor(one)
    today: date = node.clock().date()
    wrong: list[tuple[str, dict[str, Any]]] = [
        (node.group, {}), (person, {}), (group, {"reason": " "}), (group, {"reason": "x" * 3000}),
        (group, {"words": "x" * 200}), (group, {"review_on": today}), (group, {"review_on": date(2900, 1, 1)}),
    ]  # fmt: skip
    for about, more in wrong:
        with pytest.raises(Invalid):
            await recognise(node, about, **more)
    with pytest.raises(Missing):
        await recognise(node, "https://nobody.example/groups/x")
    with pytest.raises(Missing):
        await revoke(node, group)
    await recognise(node, group, review_on=today + timedelta(days=30))
    with pytest.raises(Conflict):
        await recognise(node, group)
    assert await node.read(store.due, node.group, today=today) == []
    assert len(await node.read(store.due, node.group, today=today + timedelta(days=30))) == 1
    assert json.loads(json.dumps(await node.read(listing.given, node.group)))[0]["about"]["id"] == group
