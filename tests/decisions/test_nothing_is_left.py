"""What is deleted when a vote closes is gone from the files; what goes wrong in the middle loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from node.context import Transaction
from node.decisions import closing, rules, store
from node.decisions.rules import Choice, Method, Rule, State, Tally
from tests.decisions.assembly import Assembly
from tests.nodes.served import ServedNode, eventually, served

VOTE = Rule(Method.MAJORITY, at_most=rules.DAY)
SENTENCE = "the night shift was never asked about any of this"


@pytest.fixture
def assembly(node: ServedNode) -> Iterator[Assembly]:
    yield Assembly(node)


def holding(node: ServedNode, files: list[Path], words: list[str]) -> list[tuple[str, str]]:
    """Which of the database's files hold which of these words."""
    found = []
    for file in files:
        try:
            content = file.read_bytes()
        except FileNotFoundError:
            continue
        found += [(file.name, word) for word in words if word.encode() in content]
    return found


async def files_of(node: ServedNode) -> list[Path]:
    """SQLite's file and its log; of PostgreSQL the files of this database, without the server's own log."""
    if node.node.database.is_sqlite:
        path = Path(str(node.node.database.url.database))
        return [path, path.with_name(f"{path.name}-wal")]

    def directory(tx: Transaction) -> Path:
        tx.execute(text("CHECKPOINT"))
        number = tx.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar()
        return Path(str(tx.execute(text("SHOW data_directory")).scalar())) / "base" / str(number)

    place: Path = await node.write(directory)
    return await asyncio.to_thread(lambda: [one for one in place.iterdir() if one.is_file()])


async def test_nothing_of_a_secret_ballot_is_left_in_the_files(assembly: Assembly) -> None:
    node = assembly.node
    people = await assembly.people(4)
    await assembly.retire_steward()
    await assembly.propose(people[0], VOTE)
    for member, choice in zip(people[1:3], (Choice.AGAINST, Choice.ABSTAIN), strict=True):
        await assembly.cast(1, member, choice, f"{SENTENCE}: {choice}")
    keys = [one[0] for one in (await node.contents())["ballots"]]
    await node.quiet()
    words = [*keys, SENTENCE]
    found = await asyncio.to_thread(holding, node, await files_of(node), words)
    assert len({word for _, word in found}) == len(words), (
        "while it is open it is there: the test looks in the right place"
    )
    await assembly.cast(1, people[3])
    await node.quiet()
    assert await assembly.tally(1) == Tally(in_favour=2, against=1, abstaining=1)

    async def nothing() -> bool:
        return not await asyncio.to_thread(holding, node, await files_of(node), words)

    await eventually(nothing)


async def test_a_program_that_fails_in_the_middle_loses_no_ballot_and_does_nothing_twice(assembly: Assembly) -> None:
    """Whatever our own mistake is, the transaction of the last ballot, or of the job, is done whole or not at all."""
    node, broken = assembly.node, [True]
    people = await assembly.people(3)
    await assembly.retire_steward()
    effects: Any = node.node.rooms.effects
    effect = effects["strike"]

    def fails_once(tx: Transaction, subject: str) -> None:
        effect(tx, subject)
        if broken.pop() if broken else False:
            raise RuntimeError("a mistake of ours")

    effects["strike"] = fails_once
    await assembly.propose(people[0], VOTE)
    await assembly.cast(1, people[1])
    with pytest.raises(RuntimeError):
        await assembly.cast(1, people[2], Choice.AGAINST)
    shown = await assembly.shown(1, people[2])
    assert (shown.state, shown.voted, assembly.done) == (State.OPEN, 2, [])
    assert shown.mine.may_vote, "her ballot is not in, and she was told so"
    await assembly.cast(1, people[2], Choice.AGAINST)
    assert assembly.done == ["the depot"]

    broken.append(True)
    await assembly.propose(people[0], VOTE, "the yard")
    await assembly.cast(2, people[1])
    assembly.later(days=1, seconds=1)
    await eventually(lambda: asyncio.sleep(0, not broken))
    assembly.later(minutes=1)
    await eventually(lambda: node.read(lambda tx: store.find(tx, 2).state == "adopted"))
    await eventually(lambda: asyncio.sleep(0, assembly.done == ["the depot", "the yard"]))  # said after the commit
    await node.write(closing._close_when_due, 2, "until")
    assert assembly.done == ["the depot", "the yard"], "the job may be done again, and is nothing then"


async def test_a_vote_that_was_open_when_the_node_stopped_closes_when_it_runs_again(assembly: Assembly) -> None:
    """What has to close it is a row, and not a timer in a process; and nothing is public before."""
    node = assembly.node
    await assembly.people(1)
    await assembly.rule(VOTE)
    iri = await node.publish("We are out.")
    await node.stack.aclose()
    async with served(node.directory) as again:
        assert (await again.activity(iri))[0] == 404
        again.clock.advance(timedelta(days=1, seconds=1))

        async def public() -> bool:
            return (await again.activity(iri))[0] == 200

        await eventually(public)
        assert (await again.activity(f"{again.group}/outbox"))[1]["totalItems"] == 1
