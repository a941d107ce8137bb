"""The three doors in each of their modes, over every route, and what a server that is rejected may not see or do."""

from __future__ import annotations

import aiohttp
import pytest

from federation.errors import Refused
from node.context import Transaction
from node.members import actions as members
from node.peering import governing, policies
from node.peering.rules import Severity
from node.web import readers, routes
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode
from tests.nodes.test_authorized_fetch import get

READ_BY_ALL_THAT_ARE_NO_DOCUMENTS = {"/robots.txt", "/about", "/.well-known/nodeinfo", "/api/v2/instance", "/actor"}
STANDS_FOR = {
    "handle": "union",
    "id": "0000000000000",
    "number": "1",
    "form": "atom",
    "version": "2.1",
    "name": "x.css",
}


async def set_door(node: ServedNode, door: str, mode: str) -> None:
    def change(tx: Transaction) -> None:
        policies.set_mode(tx, door, mode, reason="", decision=None)
        governing.settle(tx)

    await node.write(change)


def addresses() -> list[str]:
    """Every address that can be read, with something in each of its places."""
    found = set()
    for resource in routes._resources():
        if any(route.method == "GET" for route in resource):
            path = resource.canonical
            while "{" in path:
                before, _, rest = path.partition("{")
                name, _, after = rest.partition("}")
                path = before + STANDS_FOR.get(name, "x") + after
            found.add(path)
    return sorted(found)


async def statuses(node: ServedNode, paths: list[str], headers: dict[str, str]) -> dict[str, int]:
    found = {}
    async with aiohttp.ClientSession(node.origin) as session:
        for path in paths:
            async with session.get(path, headers=headers, allow_redirects=False) as answer:
                found[path] = answer.status
    return found


@pytest.mark.one_database
async def test_behind_an_allow_list_no_address_is_read_by_a_stranger_but_those_that_are_for_all(
    node: ServedNode,
) -> None:
    published = await node.publish("For those whom we know")
    await set_door(node, "reading", "allow_list")
    paths = [path for path in addresses() if not path.startswith(readers.FREE) or path.startswith(readers.NOT_FREE)]
    assert len(paths) > 100
    for accept in ("text/html", "application/activity+json"):
        found = await statuses(node, [*paths, published.removeprefix(node.origin)], {"Accept": accept})
        open_to_all = {path for path, status in found.items() if status < 400}
        assert open_to_all <= {"/actor", "/actor/outbox", "/groups/union"}, open_to_all
        assert accept == "application/activity+json" or "/groups/union" not in open_to_all
    free = await statuses(node, sorted(READ_BY_ALL_THAT_ARE_NO_DOCUMENTS), {"Accept": "*/*"})
    assert set(free.values()) == {200}, free
    status, document = await node.activity(node.group)
    assert status == 200 and "publicKey" in document and "name" not in document
    await set_door(node, "reading", "block_list")
    assert (await statuses(node, [published.removeprefix(node.origin)], {}))[published.removeprefix(node.origin)] == 200


async def test_behind_an_allow_list_admitted_servers_and_people_with_a_login_read(
    node: ServedNode, hostile_peer: Peer
) -> None:
    published = await node.publish("For those whom we know")
    alice = hostile_peer.actor("alice")
    await set_door(node, "reading", "allow_list")
    assert (await get(node, published, hostile_peer, actor=alice))[0] in (401, 403)
    await node.write(governing.enact, hostile_peer.host, Severity.ACCEPT)
    status, document, headers = await get(node, published, hostile_peer, actor=alice)
    assert status == 200 and document["id"] == published and headers["Cache-Control"].startswith("private")
    await node.write(governing.enact, hostile_peer.host, Severity.REJECT, "not any more")
    assert (await get(node, published, hostile_peer, actor=alice))[0] == 403
    async with aiohttp.ClientSession(node.origin) as session:
        token = await node.write(members.make_token, (await node.steward()).name, ("read",))
        for given, expected in ((token, 200), ("no token of ours", 401)):
            async with session.get("/wire", headers={"Authorization": f"Bearer {given}"}) as answer:
                assert answer.status == expected


@pytest.mark.one_database
async def test_whoever_signs_as_somebody_who_is_rejected_is_given_nothing_but_what_is_for_all(
    node: ServedNode, hostile_peer: Peer
) -> None:
    alice = hostile_peer.actor("alice")
    await node.write(governing.enact, hostile_peer.host, Severity.REJECT, "spam")
    published = await node.publish("For everybody else")
    shut = [path for path in addresses() if not path.startswith(readers.FREE) or path.startswith(readers.NOT_FREE)]
    for path in [*shut, published.removeprefix(node.origin)]:
        if path != "/actor":
            status, document, _ = await get(node, node.origin + path, hostile_peer, actor=alice)
            assert status == 403 and hostile_peer.host in str(document), (path, status, document)
    assert hostile_peer.fetches == 0  # nobody was asked for a key
    assert (await get(node, f"{node.origin}/actor", hostile_peer, actor=alice))[0] == 200
    await set_door(node, "reading", "open")
    assert (await get(node, published, hostile_peer, actor=alice))[0] == 200


async def test_only_admitted_servers_deliver_behind_an_allow_list(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    follow = hostile_peer.activity("Follow", alice, node.group)
    await set_door(node, "delivering", "allow_list")
    assert await hostile_peer.send(f"{node.group}/inbox", follow) == 403
    assert "admitted" in str(hostile_peer.last) and hostile_peer.fetches == 0
    await node.write(governing.enact, hostile_peer.host, Severity.ACCEPT)
    assert await hostile_peer.send(f"{node.group}/inbox", follow) == 202
    await node.quiet()
    assert hostile_peer.sent_to("Accept")
    await node.write(governing.enact, hostile_peer.host, Severity.REJECT, "spam")
    again = hostile_peer.activity("Create", alice, hostile_peer.note(alice))
    assert await hostile_peer.send(f"{node.group}/inbox", again) == 403
    await set_door(node, "delivering", "open")
    assert await hostile_peer.send(f"{node.group}/inbox", again) == 202


async def test_nothing_is_fetched_from_those_whom_pulling_shuts_out(node: ServedNode, hostile_peer: Peer) -> None:
    note = hostile_peer.note(hostile_peer.actor("alice"))
    hostile_peer.served[note["id"].removeprefix(hostile_peer.origin)] = Answer(note)
    await set_door(node, "pulling", "allow_list")
    for change in (lambda tx: None, lambda tx: governing.enact(tx, hostile_peer.host, Severity.REJECT, "spam")):
        await node.write(change)
        with pytest.raises(Refused, match="does not deal with"):
            await node.node.client.document(note["id"])
    assert hostile_peer.fetches == 0
    await node.write(governing.enact, hostile_peer.host, Severity.ACCEPT)
    assert (await node.node.client.document(note["id"]))["id"] == note["id"]
