"""kill -9 in the middle of intake and of fan-out: what was accepted is there, what was promised arrives."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import func, select

from node import actors, app, config, objects
from node.context import Transaction
from node.peering import store as follows
from node.peering.rules import Follow
from node.reports import transcriptions
from schemas import actor as actor_documents
from tests.nodes.peer import Answer, Peer
from tests.nodes.processes import commonwire, kill, serving
from tests.nodes.served import eventually, keyring
from tests.nodes.test_two_nodes_talk import import_table

ROWS = 18  # of the table of the demonstration
QUICK = "federation.request_timeout = 1"


async def in_database(directory: Path, fn: Callable[..., Any], *args: Any) -> Any:
    """Look into, or arrange, the database of a node that runs elsewhere or not at all."""
    settings = await asyncio.to_thread(config.load, directory)
    async with app.open_node(settings, keyring=keyring(directory)) as node:
        return await node.database.write(fn, *args)


def hear(tx: Transaction, actor: str) -> None:
    follows.put(tx, follower=actors.main_group(tx).iri, followed=actor, activity=f"{actor}#f", state=Follow.ACCEPTED)


def add_followers(tx: Transaction, documents: list[dict[str, Any]]) -> None:
    group = actors.main_group(tx).iri
    for document in documents:
        actors.keep(tx, actor_documents.parse(document), document)
        iri = document["id"]
        follows.put(tx, follower=iri, followed=group, activity=f"{iri}/follow", state=Follow.ACCEPTED)


def times_held(tx: Transaction) -> dict[str, int]:
    query = select(objects.objects.c.iri, func.count()).group_by(objects.objects.c.iri)
    return {row[0]: row[1] for row in tx.execute(query)}


async def test_a_node_killed_in_the_middle_of_intake_has_all_it_accepted_once(
    make_node: Callable[..., Path], hostile_peer: Peer
) -> None:
    directory = await asyncio.to_thread(make_node, 0, more=QUICK)
    author = hostile_peer.actor("ana")
    await in_database(directory, hear, author)
    inbox = f"{await asyncio.to_thread(config_origin, directory)}/inbox"
    notes = [hostile_peer.note(author, f"<p>word {number}</p>") for number in range(300)]
    accepted: list[str] = []

    async def send(note: dict[str, Any]) -> None:
        try:
            status = await hostile_peer.send(inbox, hostile_peer.activity("Create", author, note))
        except aiohttp.ClientError:
            return  # the node was dead, and promised nothing
        if status == 202:
            accepted.append(note["id"])

    async with serving(directory) as process:
        await send(notes[0])
        sending = [asyncio.create_task(send(note)) for note in notes[1:]]
        while len(accepted) < 100:
            await asyncio.sleep(0.001)
        await kill(process)
        await asyncio.gather(*sending)
    assert 100 <= len(accepted) < len(notes), "the node was to die in the middle"
    async with serving(directory):

        async def all_there() -> bool:
            held = await in_database(directory, times_held)
            return all(held.get(iri) == 1 for iri in accepted)

        await eventually(all_there)


async def test_a_node_killed_in_the_middle_of_fan_out_delivers_to_everybody(
    make_node: Callable[..., Path], hostile_peer: Peer
) -> None:
    directory = await asyncio.to_thread(make_node, 0, more=QUICK)
    names = [f"follower{number}" for number in range(120)]
    for name in names:
        hostile_peer.actor(name)
    hostile_peer.inbox_seconds = 0.1  # long enough to be killed in the middle
    await in_database(directory, add_followers, [answered(hostile_peer, name) for name in names])
    statement = directory / "statement.md"
    await asyncio.to_thread(statement.write_text, "To everybody.\n")

    def grow_slow(_: web.Request) -> None:
        if len(hostile_peer.received) >= 20:
            hostile_peer.inbox_seconds = 3.0  # so that the middle lasts until the node is killed

    hostile_peer.every_request.append(grow_slow)
    async with serving(directory) as process:
        said = await commonwire("publish", directory, statement)
        assert said.status == 0, said.err
        while len(hostile_peer.received) < 20:
            await asyncio.sleep(0.001)
        await kill(process)
    hostile_peer.every_request.remove(grow_slow)
    hostile_peer.inbox_seconds = 0.0
    before = len(hostile_peer.received)
    assert before < len(names), "the node was to die in the middle"
    async with serving(directory):

        async def everybody() -> bool:
            return len({path for path in hostile_peer.asked if path.endswith("/inbox")}) == len(names)

        await eventually(everybody, within=30)
    assert len({activity["id"] for activity in hostile_peer.received}) == 1, "one activity, whoever gets it twice"
    shown = Counter(activity["object"]["id"] for activity in hostile_peer.received)
    assert len(shown) == 1


def answered(peer: Peer, name: str) -> dict[str, Any]:
    """The document the peer serves for an actor."""
    answer: Answer = peer.served[f"/users/{name}"]
    assert isinstance(answer.body, dict)
    return answer.body


def config_origin(directory: Path) -> str:
    line = next(one for one in (directory / config.FILE_NAME).read_text().splitlines() if one.startswith("origin"))
    return line.split('"')[1]


async def test_a_node_killed_while_it_fetches_a_collection_goes_on_where_it_was(
    make_node: Callable[..., Path], serve: Callable[..., Any]
) -> None:
    publisher = await serve(0, more="limits.import_page = 1")
    # Ten pages at once and then two a second, so that the middle lasts until the node is killed.
    slowly = {"federation.fetches_per_minute": 120}
    directory = await asyncio.to_thread(make_node, 1, more=QUICK, settings=slowly)
    async with serving(directory) as process:
        said = await commonwire("follow", directory, publisher.handle)
        assert said.status == 0, said.err

        async def followed() -> bool:
            return bool(await publisher.read(follows.count_followers, publisher.group))

        await eventually(followed)
        collection = await import_table(publisher)

        async def some() -> bool:
            return bool(await in_database(directory, transcriptions.count_in_import, collection))

        await eventually(some)
        await kill(process)
    held = await in_database(directory, transcriptions.count_in_import, collection)
    assert 0 < held < ROWS, "the node was to die in the middle"
    async with serving(directory):

        async def complete() -> bool:
            row = await in_database(directory, transcriptions.find_import, collection)
            return bool(row.state == "complete")

        await eventually(complete, within=30)
    assert await in_database(directory, transcriptions.count_in_import, collection) == ROWS
