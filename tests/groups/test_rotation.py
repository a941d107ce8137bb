"""New keys for a group: who hears of it believes the new and refuses the old; what was said before can be verified."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from federation.client import Signer
from federation.keys import read_private, read_public
from federation.signatures import proofs
from node import activities, actors, intake, media_cache, objects, signing
from node.context import Transaction
from node.errors import Conflict, Forbidden, Unfit
from node.groups import rotation
from node.identifiers import spell
from node.members import actions as members
from tests.federation.test_linked_data import verify
from tests.nodes.peer import Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import PASSWORD, ServedNode, eventually, served
from tests.statements.test_corrections import follower


async def rotate(node: ServedNode, *, compromised: bool = False) -> None:
    name = await node.read(rotation.next_name, node.group)
    await asyncio.to_thread(node.node.keyring.make, name)
    await node.write(rotation.rotate, actor=node.group, compromised=compromised, member=await node.steward())


def old_keys(node: ServedNode) -> Path:
    return node.directory / "keys" / f"group-{node.group.rpartition('/')[2]}.rsa.pem"


async def is_proved(node: ServedNode, document: dict[str, Any], *, author: str) -> bool:
    """Whether `node` believes the proof of a document of `author`."""
    return bool(await node.read(intake.check_proof, document, author=author))


async def holds(node: ServedNode, iri: str) -> None:
    async def held() -> bool:
        return await node.holds(iri)

    await eventually(held)


async def test_a_peer_hears_on_by_the_new_key_and_refuses_the_old(
    two_nodes: tuple[ServedNode, ServedNode], hostile_peer: Peer
) -> None:
    first, second = two_nodes
    before = await first.publish("By the first key.")
    await holds(second, before)
    old = read_private(await asyncio.to_thread(old_keys(first).read_bytes))
    await rotate(first)
    await first.quiet()
    after = await first.publish("By the second key.")
    await holds(second, after)
    _, actor = await first.activity(first.group)
    assert actor["publicKey"]["id"] == f"{first.group}#main-key-2"
    assert [one["id"].rpartition("#")[2] for one in actor["assertionMethod"]] == ["ed25519-key-2", "ed25519-key"]
    row = await second.read(actors.find, first.group)
    assert actors.document(row)["publicKey"] == actor["publicKey"], "the Update has told it"
    forged = hostile_peer.activity("Delete", first.group, after) | {"id": f"{first.origin}/activities/forged"}
    for key_id in ("main-key", "main-key-2"):
        status = await hostile_peer.send(f"{second.origin}/inbox", forged, key_id=f"{first.group}#{key_id}", key=old)
        assert status == 401, "the old key opens nothing, under its old name or the new one"
    assert await second.holds(after)


async def test_what_was_said_before_can_be_verified_for_ever(node: ServedNode, hostile_peer: Peer) -> None:
    iri = await node.publish("By the first key.")
    _, said = await node.activity(iri)
    for _ in range(2):
        await rotate(node)
    _, now = await node.activity(iri)
    assert now == said, "nothing was touched"
    assert await is_proved(node, now, author=node.group)
    listed = {one["id"] for one in (await node.activity(node.group))[1]["assertionMethod"]}
    assert proofs.verification_method(said) in listed and len(listed) == 3
    assert await is_proved(node, (await node.activity(node.group))[1], author=node.group)


async def test_the_old_private_keys_are_destroyed(node: ServedNode) -> None:
    name = old_keys(node).name.removesuffix(".rsa.pem")
    await rotate(node)
    there = {path.name for path in (node.directory / "keys").iterdir()}
    assert there == {f"{one}.{kind}.pem" for one in ("instance", f"{name}.2") for kind in ("rsa", "ed25519")}
    assert (await commonwire("check", node.directory)).out.count("the keys of every group can be read") == 1


async def test_followers_are_told_in_the_name_of_the_new_key(node: ServedNode, hostile_peer: Peer) -> None:
    await follower(node, hostile_peer)
    await rotate(node)
    await node.quiet()
    [update] = hostile_peer.sent_to("Update")
    assert update["object"]["publicKey"]["id"] == f"{node.group}#main-key-2"
    assert update["proof"]["verificationMethod"] == f"{node.group}#ed25519-key-2"
    assert await is_proved(node, update, author=node.group)


async def test_disowned_keys_prove_nothing_and_everything_is_proved_anew(
    make_node: Callable[..., Path], hostile_peer: Peer
) -> None:
    """By a job, so that a node that is stopped goes on with it."""
    directory = await asyncio.to_thread(make_node, 0)
    async with served(directory) as node:
        await follower(node, hostile_peer)
        iris = [await node.publish(f"Statement {number}.") for number in range(rotation.TOGETHER + 3)]
        await rotate(node)
        later = await node.publish("By the second key.")
        _, old = await node.activity(iris[0])
        await node.quiet()
    async with served(directory, workers=False) as node:
        await rotate(node, compromised=True)
        _, actor = await node.activity(node.group)
        assert [one["id"] for one in actor["assertionMethod"]] == [f"{node.group}#ed25519-key-3"]
        assert (await node.activity(iris[0]))[1] == old, "nobody works here yet"
    async with served(directory) as node:
        await node.quiet()
        found = await node.read(documents)
        assert len(found) >= 2 * (len(iris) + 1)
        for document in found:
            assert proofs.verification_method(document) == f"{node.group}#ed25519-key-3", document["id"]
            assert await is_proved(node, document, author=node.group)
        _, now = await node.activity(iris[0])
        assert {**now, "proof": None} == {**old, "proof": None}, "the words are the same"
        assert (await node.activity(later))[0] == 200
        pem = (await node.activity(node.group))[1]["publicKey"]["publicKeyPem"]
        creates = [one for one in found if one["type"] == "Create"]
        assert len(creates) == len(iris) + 1
        verify(creates[0], read_public(pem))  # type: ignore[arg-type]
        with pytest.raises(Exception, match="not known as a key"):
            await is_proved(node, old, author=node.group)


def documents(tx: Transaction) -> list[dict[str, Any]]:
    """Everything of ours that carries a proof, and what it embeds."""
    held = [json.loads(row.document) for row in tx.execute(objects.objects.select()) if row.local and row.document]
    table = activities.activities
    sent = [json.loads(row.document) for row in tx.execute(table.select().where(table.c.direction == "out"))]
    sent = [one for one in sent if one.get("type") not in (None, "Update")]  # what was taken back is empty
    embedded = [one["object"] for one in sent if isinstance(one["object"], dict) and "proof" in one["object"]]
    return [*held, *sent, *embedded]


async def test_a_rotation_is_a_steward_s_to_propose(node: ServedNode) -> None:
    def appoint(tx: Transaction) -> None:
        members.add(tx, "rosa", PASSWORD, actor=node.group, role="editor", ends=None)

    await node.write(appoint)
    editor = await node.read(members.named, "rosa")
    name = await node.read(rotation.next_name, node.group)
    with pytest.raises(Unfit):
        await node.write(rotation.rotate, actor=node.group, compromised=False, member=await node.steward())
    await asyncio.to_thread(node.node.keyring.make, name)
    before = await node.contents()
    with pytest.raises(Forbidden):
        await node.write(rotation.rotate, actor=node.group, compromised=True, member=editor)
    assert await node.contents() == before
    subject = {"actor": node.group, "number": 1, "compromised": True, "rsa_public": "x", "ed25519_public": "y"}
    with pytest.raises(Conflict):
        await node.write(rotation.rotated, json.dumps(subject))
    assert await node.contents() == before


async def test_the_node_asks_by_a_new_key_of_its_own(serve: Callable[..., Any]) -> None:
    """Towards a node that demands signatures, and beside the keys of the group."""
    strict, node = await serve(0, settings={"federation.authorized_fetch": True}), await serve(1)
    await node.follow(strict.handle)
    said = await commonwire("keys", "rotate", node.directory, "--instance")
    assert f"{node.origin}/actor#main-key-2" in said.out, said.err
    iri = await strict.publish("Only for those who sign.")

    async def new_key() -> Signer | None:  # what another process has done is noticed within a second
        signer = await signing.instance_signer(node.node)
        return signer if signer.key_id == f"{node.origin}/actor#main-key-2" else None

    signer = await eventually(new_key)
    assert (await node.node.client.document(iri, signer=signer))["id"] == iri
    _, actor = await node.activity("/actor")
    assert await is_proved(node, actor, author=actor["id"])
    names = {path.name for path in (node.directory / "keys").glob("instance*")}
    assert names == {"instance.2.rsa.pem", "instance.2.ed25519.pem"}


async def test_the_addresses_of_pictures_follow_the_new_key_of_the_node_while_it_runs(
    node: ServedNode, hostile_peer: Peer
) -> None:
    """Whoever has the old key can make none that this node, or another process of it, would fetch."""
    alice = hostile_peer.actor("alice")
    await node.follow(alice)
    picture = {"type": "Image", "mediaType": "image/png", "url": f"{hostile_peer.origin}/picture.png", "name": "Gate"}
    note = hostile_peer.note(alice, attachment=[picture])
    create = hostile_peer.activity("Create", alice, note)
    assert await hostile_peer.send(f"{node.origin}/inbox", create) == 202
    await node.quiet()
    row = await node.read(objects.find, note["id"])

    async def shown() -> str:
        found = re.search(r'src="([^"]*/media/remote/[^"]*)"', (await node.page(f"/heard/{spell(row.sort_id)}"))[1])
        assert found is not None
        return found[1].rpartition("/")[2]

    old = await shown()
    assert await media_cache.wanted(node.node, old) is not None
    said = await commonwire("keys", "rotate", node.directory, "--instance")
    assert "restart" not in said.out and "main-key-2" in said.out, said.err

    async def new_address() -> str | None:  # noticed within a second, like all that another process does
        found = await shown()
        return found if found != old else None

    async def old_address_is_refused() -> bool:  # what was read from PostgreSQL is trusted for a second (node.memory)
        return await media_cache.wanted(node.node, old) is None

    new = await eventually(new_address)
    await eventually(old_address_is_refused)
    wanted = await media_cache.wanted(node.node, new)
    assert wanted is not None and wanted.url == picture["url"]
    directory = node.directory
    await node.stack.aclose()
    async with served(directory) as again:
        assert await media_cache.wanted(again.node, new) == wanted, "every process of the node makes the same"


async def test_the_command_works_beside_a_running_node(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    said = await commonwire("keys", "rotate", first.directory, "--json")
    told = json.loads(said.out)
    assert (told["key"], told["compromised"]) == (f"{first.group}#main-key-2", False)
    assert told["decision"]["state"] == "adopted"
    iri = await first.publish("The running node has noticed.")
    await holds(second, iri)
    said = await commonwire("keys", "rotate", first.directory, "--compromised")
    assert "disowned" in said.out and "backup" in said.out
    await first.quiet()
    assert (await first.activity(iri))[1]["proof"]["verificationMethod"] == f"{first.group}#ed25519-key-3"
    said = await commonwire("keys", "rotate", first.directory, "--as", "nobody")
    assert said.status == 1 and "nobody" in said.err
    kept = {path.name for path in (first.directory / "keys").iterdir()}
    assert len(kept) == 4, "keys that nobody was told of are not left behind"
