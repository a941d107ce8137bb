"""kill -9 in the middle of intake and of fan-out: what was accepted is there, what was promised arrives."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import func, select, update

from node import actors, app, config, jobs, objects
from node.context import Transaction
from node.peering import store as follows
from node.peering.rules import Follow
from node.reports import transcriptions
from schemas import actor as actor_documents
from tests.nodes.peer import Answer, Peer
from tests.nodes.processes import commonwire, dead, kill, serving
from tests.nodes.served import eventually, keyring
from tests.nodes.test_two_nodes_talk import import_table

ROWS = 18  # of the table of the demonstration


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


def claims_run_out(tx: Transaction) -> int:
    """Let the time go by after which the claims of a process that died end; how many it had.

    With SQLite, where a node is one process, the next one need not wait for that.
    """
    held = list(tx.execute(select(jobs.jobs.c.claimed_until).where(jobs.jobs.c.claimed_until.is_not(None))).scalars())
    assert all(until <= tx.now + 2 * jobs.longest(tx.node) for until in held), "no claim is for ever"
    if not tx.node.database.is_sqlite:
        over = tx.now - timedelta(seconds=1)
        tx.execute(update(jobs.jobs).where(jobs.jobs.c.claimed_until.is_not(None)).values(claimed_until=over))
    return len(held)


def times_held(tx: Transaction) -> dict[str, int]:
    query = select(objects.objects.c.iri, func.count()).group_by(objects.objects.c.iri)
    return {row[0]: row[1] for row in tx.execute(query)}


async def test_a_node_killed_in_the_middle_of_intake_has_all_it_accepted_once(
    make_node: Callable[..., Path], hostile_peer: Peer
) -> None:
    directory = await asyncio.to_thread(make_node, 0)
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
        if len(accepted) >= 100:
            kill(process)

    async with serving(directory) as process:
        await send(notes[0])
        await asyncio.gather(*map(send, notes[1:]))
        await dead(process)
    assert 100 <= len(accepted) < len(notes), "the node was to die in the middle"
    async with serving(directory):

        async def all_there() -> bool:
            held = await in_database(directory, times_held)
            return all(held.get(iri) == 1 for iri in accepted)

        await eventually(all_there)


async def test_a_node_killed_in_the_middle_of_fan_out_delivers_to_everybody(
    make_node: Callable[..., Path], hostile_peer: Peer
) -> None:
    directory = await asyncio.to_thread(make_node, 0)
    names = [f"follower{number}" for number in range(120)]
    for name in names:
        hostile_peer.actor(name)
    await in_database(directory, add_followers, [answered(hostile_peer, name) for name in names])
    statement = directory / "statement.md"
    await asyncio.to_thread(statement.write_text, "To everybody.\n")

    async with serving(directory) as process:

        def kill_in_the_middle(_: object) -> None:
            if len(hostile_peer.received) >= 20:
                hostile_peer.inbox_open.clear()
                kill(process)

        hostile_peer.every_request.append(kill_in_the_middle)
        said = await commonwire("publish", directory, statement)
        assert said.status == 0, said.err
        await dead(process)
    hostile_peer.every_request.clear()
    hostile_peer.inbox_open.set()
    assert len(hostile_peer.received) < len(names), "the node was to die in the middle"
    assert await in_database(directory, claims_run_out), "it was to die with deliveries under way"
    async with serving(directory):

        async def everybody() -> bool:
            return len({path for path in hostile_peer.asked if path.endswith("/inbox")}) == len(names)

        await eventually(everybody)
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
    # Ten pages at once and then one in ten seconds, so that the middle lasts until the node is killed.
    slowly = {"federation.fetches_per_minute": 6}
    directory = await asyncio.to_thread(make_node, 1, settings=slowly)
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
        kill(process)
        await dead(process)
    held = await in_database(directory, transcriptions.count_in_import, collection)
    assert 0 < held < ROWS, "the node was to die in the middle"
    assert await in_database(directory, claims_run_out), "it was to die while it fetched"
    settings = directory / config.FILE_NAME
    quickly = settings.read_text().replace("fetches_per_minute = 6\n", "fetches_per_minute = 6000\n")
    await asyncio.to_thread(settings.write_text, quickly)
    async with serving(directory):

        async def complete() -> bool:
            row = await in_database(directory, transcriptions.find_import, collection)
            return bool(row.state == "complete")

        await eventually(complete)
    assert await in_database(directory, transcriptions.count_in_import, collection) == ROWS
