"""Who follows whom, compared with other servers (FEP-8fcf), in both directions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from federation import synchronisation
from federation.signatures import cavage
from federation.synchronisation import HEADER, Offer
from node.peering import store
from node.peering.rules import Follow
from node.peering.synchronisation import SETTLES_WITHIN
from tests.node.following import followed_by
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode, eventually

ACCEPT = {"Accept": "application/activity+json"}


async def state(node: ServedNode, followed: str) -> str | None:
    row = await node.read(store.find, follower=node.group, followed=followed)
    return None if row is None else str(row.state)


def actor_with_followers(peer: Peer, name: str = "ana") -> str:
    iri = f"{peer.origin}/users/{name}"
    return peer.actor(name, followers=f"{iri}/followers")


def lists(peer: Peer, actor: str, items: list[str], **changes: Any) -> Offer:
    """Serve the partial collection of an actor, as Mastodon does; what a delivery says of it."""
    url = f"{actor}/followers_synchronization"
    document = {"id": url, "type": "OrderedCollection", "orderedItems": items} | changes
    peer.served[url.removeprefix(peer.origin)] = Answer(
        {"@context": "https://www.w3.org/ns/activitystreams"} | document
    )
    return Offer(f"{actor}/followers", url, synchronisation.digest(items))


async def tell(node: ServedNode, peer: Peer, actor: str, offer: Offer | str) -> None:
    """Deliver something with the header, and let the time pass in which a difference may settle by itself."""
    value = offer if isinstance(offer, str) else synchronisation.header(offer)
    note = peer.activity("Create", actor, peer.note(actor))
    sent = await peer.send(f"{node.origin}/inbox", note, headers={HEADER: value}, now=node.clock())
    assert sent == 202, peer.last
    await node.quiet()
    node.clock.advance(SETTLES_WITHIN + timedelta(seconds=5))
    await node.quiet()


async def follow(node: ServedNode, peer: Peer, actor: str, *, accepted: bool = True) -> None:
    await node.follow(actor)
    await node.quiet()
    if accepted:
        accept = peer.activity("Accept", actor, peer.sent_to("Follow")[-1]["id"])
        assert await peer.send(f"{node.group}/inbox", accept, now=node.clock()) == 202
        await node.quiet()
    node.clock.advance(timedelta(minutes=2))


async def test_what_goes_to_followers_says_which_of_them_live_there(node: ServedNode, hostile_peer: Peer) -> None:
    iris = await followed_by(node, hostile_peer, 3)
    said: list[str | None] = []
    hostile_peer.every_request.append(lambda request: said.append(request.headers.get(HEADER)))
    await node.publish()
    await node.quiet()
    offer = Offer(f"{node.group}/followers", f"{node.group}/followers_synchronization", synchronisation.digest(iris))
    assert said == [synchronisation.header(offer)] * 3
    said.clear()
    bob = hostile_peer.actor("bob")
    assert await hostile_peer.send(f"{node.group}/inbox", hostile_peer.activity("Follow", bob, node.group)) == 202
    await node.quiet()
    assert said[-1] is None, "an Accept is not for the followers"
    await node.publish("Again.")
    await node.quiet()
    assert f'digest="{synchronisation.digest([*iris, bob])}"' in str(said[-1]), "bob counts at once"


async def test_the_list_is_for_the_server_whose_actors_are_on_it(
    two_nodes: tuple[ServedNode, ServedNode], hostile_peer: Peer
) -> None:
    first, second = two_nodes
    iris = await followed_by(first, hostile_peer, 2)
    url = f"{first.group}/followers_synchronization"
    async with first.http.get(url, headers=ACCEPT) as answer:
        assert answer.status == 401
        assert second.group not in await answer.text()
    for key_id, status in ((f"{iris[0]}#main-key", 200), (f"{iris[0]}#none", 401)):
        signed = cavage.sign("GET", url, key_id=key_id, key=hostile_peer.rsa, now=first.clock())
        async with first.http.get(url, headers=signed | ACCEPT) as answer:
            assert answer.status == status
            if status == 200:
                document = await answer.json(content_type=None)
                assert sorted(document["orderedItems"]) == sorted(iris), "and nobody of the other node"
                assert "no-store" in answer.headers["Cache-Control"]


async def test_two_nodes_that_agree_ask_each_other_nothing(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    await first.publish()
    await first.quiet()
    await second.quiet()
    assert (await second.contents())["jobs"] == []


async def test_a_node_that_was_restored_from_an_old_backup_is_put_right(
    two_nodes: tuple[ServedNode, ServedNode],
) -> None:
    """The second knows nothing any more of its follow: it tells the first, so that nothing comes that nobody asked for."""
    first, second = two_nodes
    await second.write(store.set_state, follower=second.group, followed=first.group, state=Follow.ENDED)
    second.clock.advance(timedelta(minutes=5))
    first.clock.advance(timedelta(minutes=5))
    await first.publish()
    await first.quiet()

    async def undone() -> bool:
        second.clock.advance(timedelta(seconds=30))
        first.clock.advance(timedelta(seconds=30))
        return await first.read(store.count_followers, first.group) == 0

    await eventually(undone)


async def test_a_follow_that_the_other_side_has_lost_ends(node: ServedNode, hostile_peer: Peer) -> None:
    ana = actor_with_followers(hostile_peer)
    await follow(node, hostile_peer, ana)
    assert await state(node, ana) == "accepted"
    await tell(node, hostile_peer, ana, lists(hostile_peer, ana, [node.group]))
    assert await state(node, ana) == "accepted"
    assert hostile_peer.asked["/users/ana/followers_synchronization"] == 0, "the digests are the same"
    node.clock.advance(timedelta(minutes=2))
    await tell(node, hostile_peer, ana, lists(hostile_peer, ana, []))
    assert await state(node, ana) == "ended"


async def test_a_follow_whose_accept_was_lost_counts(node: ServedNode, hostile_peer: Peer) -> None:
    ana = actor_with_followers(hostile_peer)
    await follow(node, hostile_peer, ana, accepted=False)
    await tell(node, hostile_peer, ana, lists(hostile_peer, ana, [node.group]))
    assert await state(node, ana) == "accepted"


async def test_a_follow_that_nobody_here_knows_of_is_undone(node: ServedNode, hostile_peer: Peer) -> None:
    ana = actor_with_followers(hostile_peer)
    strangers = [f"{node.origin}/groups/nobody", "https://third.example/u/x", ana]
    await tell(node, hostile_peer, ana, lists(hostile_peer, ana, [*strangers, node.group]))
    (undo,) = hostile_peer.sent_to("Undo")
    assert (undo["actor"], undo["object"]["type"]) == (node.group, "Follow")
    assert (undo["object"]["actor"], undo["object"]["object"]) == (node.group, ana)


async def test_a_list_in_pages_is_read_to_its_end(node: ServedNode, hostile_peer: Peer) -> None:
    ana = actor_with_followers(hostile_peer)
    await follow(node, hostile_peer, ana)
    offer = lists(hostile_peer, ana, [], orderedItems=None, first=f"{ana}/p1")
    for number, items in ((1, ["https://x.example/u"]), (2, [node.group])):
        page = {"id": f"{ana}/p{number}", "type": "OrderedCollectionPage", "orderedItems": items, "partOf": offer.url}
        following = {"next": f"{ana}/p2"} if number == 1 else {}
        hostile_peer.served[f"/users/ana/p{number}"] = Answer(page | following)
    await tell(node, hostile_peer, ana, offer)
    assert hostile_peer.asked["/users/ana/p2"] == 1
    assert await state(node, ana) == "accepted"


@pytest.mark.parametrize("what", ["cut short", "endless", "gone", "elsewhere", "another's", "nonsense"])
async def test_a_list_that_is_not_whole_ends_nothing(node: ServedNode, hostile_peer: Peer, what: str) -> None:
    ana = actor_with_followers(hostile_peer)
    await follow(node, hostile_peer, ana)
    offer: Any = lists(hostile_peer, ana, [])
    if what in ("cut short", "endless"):
        offer = lists(hostile_peer, ana, [], orderedItems=None, first=f"{ana}/p?1")
        page = {"type": "OrderedCollectionPage", "orderedItems": []}
        for number in range(1, 2 if what == "cut short" else 60):
            iri = f"{ana}/p?{number}"
            hostile_peer.served[iri.removeprefix(hostile_peer.origin)] = Answer(
                page | {"id": iri, "next": f"{ana}/p?{number + 1}"}
            )
    elif what == "gone":
        hostile_peer.served[offer.url.removeprefix(hostile_peer.origin)] = Answer({}, status=404)
    elif what == "elsewhere":
        offer = Offer(offer.collection, "http://127.0.0.1:9/followers", offer.digest)
    elif what == "another's":
        offer = Offer(f"{hostile_peer.origin}/users/bob/followers", offer.url, offer.digest)
    else:
        offer = "collectionId=; drop table"
    await tell(node, hostile_peer, ana, offer)
    assert await state(node, ana) == "accepted"
    assert sum(count for path, count in hostile_peer.asked.items() if path.startswith("/users/ana/p")) <= 20


async def test_a_server_that_says_something_else_each_time_is_asked_seldom(
    node: ServedNode, hostile_peer: Peer
) -> None:
    ana = actor_with_followers(hostile_peer)
    offer = lists(hostile_peer, ana, [])
    for number in range(20):
        wrong = Offer(offer.collection, offer.url, f"{number:064x}")
        note = hostile_peer.activity("Create", ana, hostile_peer.note(ana))
        await hostile_peer.send(f"{node.origin}/inbox", note, headers={HEADER: synchronisation.header(wrong)})
    await node.quiet()
    node.clock.advance(SETTLES_WITHIN * 2)
    await node.quiet()
    assert hostile_peer.asked["/users/ana/followers_synchronization"] <= 1
