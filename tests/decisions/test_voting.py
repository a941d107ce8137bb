"""A vote from its opening to its end: time, recall, tellers, receipts, secrecy, withdrawal, the urgent path."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from node.context import Transaction
from node.decisions import actions, closing, results, rules, showing, store
from node.decisions.rules import Choice, Method, Of, Record, Rule, Shows, State, Tally
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.members import actions as members
from node.members.store import Member
from tests.decisions.assembly import Assembly
from tests.nodes.served import ServedNode, eventually

VOTE = Rule(Method.MAJORITY, at_most=rules.DAY)


@pytest.fixture
def assembly(node: ServedNode) -> Iterator[Assembly]:
    yield Assembly(node)


async def vote(assembly: Assembly, number: int, people: list[Member], *choices: Choice) -> None:
    for member, choice in zip(people, choices, strict=True):
        await assembly.cast(number, member, choice, "because" if choice is Choice.BLOCK else "")


async def test_a_vote_closes_when_its_time_is_over_and_its_effect_runs_once(assembly: Assembly) -> None:
    people = await assembly.people(5)
    proposed = await assembly.propose(people[0], VOTE)
    assert proposed.state is State.OPEN
    row = await assembly.node.read(store.find, proposed.number)
    assert (row.until - row.opened).total_seconds() == rules.DAY and proposed.until == row.until
    await vote(assembly, 1, people[1:3], Choice.FOR, Choice.AGAINST)
    assembly.later(hours=23)
    assert await assembly.state(1) is State.OPEN
    assembly.later(hours=1, seconds=1)
    await eventually(lambda: assembly.node.read(lambda tx: store.find(tx, 1).state != "open"))
    assert await assembly.state(1) is State.ADOPTED
    assert (assembly.done, assembly.refused) == (["the depot"], [])
    shown = await assembly.shown(1, people[0])
    assert (shown.tally, shown.voted, shown.eligible) == (Tally(in_favour=2, against=1), 3, 6)
    with pytest.raises(Conflict, match="closed"):
        await assembly.cast(1, people[4])


async def test_a_ballot_after_the_time_is_refused_also_before_the_job_has_closed_the_vote(assembly: Assembly) -> None:
    people = await assembly.people(3)
    await assembly.propose(people[0], VOTE)

    def too_late(tx: Transaction) -> None:
        tx.now = store.find(tx, 1).until
        actions.cast(tx, 1, member=people[1], choice=Choice.AGAINST)

    with pytest.raises(Conflict, match="its time was over"):
        await assembly.node.write(too_late)


async def test_a_clock_set_back_opens_nothing_again_and_shuts_nobody_out(assembly: Assembly) -> None:
    people = await assembly.people(4)
    await assembly.retire_steward()
    await assembly.propose(people[0], replace(VOTE, at_least=rules.HOUR))
    assembly.later(days=-400)
    assert await assembly.state(1) is State.OPEN
    await vote(assembly, 1, people[1:3], Choice.FOR, Choice.AGAINST)
    left = await assembly.node.read(lambda tx: closing.waiting_for(tx, store.find(tx, 1)))
    assert left == {people[3].id}, "those on the roll are still on it"
    await vote(assembly, 1, people[3:], Choice.FOR)
    assert await assembly.state(1) is State.OPEN, "all have voted, and it must not end yet"
    assembly.later(days=400, hours=1, seconds=5)
    await eventually(lambda: assembly.node.read(lambda tx: store.find(tx, 1).state == "adopted"))
    await eventually(lambda: asyncio.sleep(0, assembly.done))  # said after the commit
    assembly.later(days=-400)
    with pytest.raises(Conflict, match="closed"):
        await assembly.cast(1, people[3])
    assert assembly.done == ["the depot"]
    row = await assembly.node.read(store.find, 1)
    assert row.closed >= row.opened


async def test_whoever_is_recalled_counts_no_more_unless_she_has_voted(assembly: Assembly) -> None:
    people = await assembly.people(5)
    await assembly.retire_steward()
    await assembly.propose(people[0], replace(VOTE, of=Of.ELIGIBLE))
    await vote(assembly, 1, people[1:3], Choice.FOR, Choice.AGAINST)
    await assembly.recall(people[2])  # has voted: her ballot stays, and nobody could find it
    await assembly.recall(people[3])  # has not
    with pytest.raises(Forbidden):
        await assembly.cast(1, people[3], Choice.AGAINST)
    shown = await assembly.shown(1, people[4])
    assert (shown.voted, shown.eligible, shown.tally) == (3, 4, None)
    newcomer = (await assembly.people(1))[0]
    with pytest.raises(Forbidden, match="before you could"):
        await assembly.cast(1, newcomer)
    await assembly.recall(people[4])
    assert await assembly.state(1) is State.OPEN, "whoever recalls the others does not end the vote by that"
    assembly.later(days=1, seconds=1)
    await eventually(lambda: assembly.node.read(lambda tx: store.find(tx, 1).state == "adopted"))
    row = await assembly.node.read(store.find, 1)
    assert (Tally(**row.tally), row.eligible) == (Tally(in_favour=2, against=1), 3)


async def test_nobody_sees_how_a_secret_vote_stands(assembly: Assembly) -> None:
    people = await assembly.people(4)
    await assembly.propose(people[0], VOTE)
    await vote(assembly, 1, people[1:3], Choice.AGAINST, Choice.ABSTAIN)
    for member in (*people, await assembly.node.steward()):
        shown = await assembly.shown(1, member)
        assert (shown.tally, shown.names, shown.words, shown.receipts, shown.voted) == (None, (), (), (), 3)
    with pytest.raises(Conflict):
        await assembly.node.read(actions.count, 1, member=people[0])
    with pytest.raises(Missing):
        await assembly.node.read(results.result, "strike", "the depot")
    stranger = Member(999, "stranger")
    with pytest.raises(Forbidden):
        await assembly.shown(1, stranger)


async def test_a_receipt_is_in_the_list_of_the_result_and_says_nothing(assembly: Assembly) -> None:
    people = await assembly.people(3)
    await assembly.retire_steward()
    proposed = await assembly.propose(people[0], VOTE)
    counted = [await assembly.cast(1, member, choice) for member, choice in zip(people[1:], Choice, strict=False)]
    receipts = [proposed.receipt, *(one.receipt for one in counted)]
    assert all(re.fullmatch(r"[0-9a-f]{20}", one or "") for one in receipts)
    contents = await assembly.node.contents()
    assert sorted(one[0] for one in contents["receipts"]) == sorted(receipts)
    assert contents["ballots"] == contents["electorate"] == contents["proposers"] == []
    shown = await assembly.shown(1, people[0])
    assert list(shown.receipts) == sorted(str(one) for one in receipts)
    assert (await assembly.node.read(results.result, "strike", "the depot")).receipts == 3


async def test_where_the_record_is_named_members_see_who_voted_what_and_it_goes_with_them(assembly: Assembly) -> None:
    people = await assembly.people(3)
    await assembly.retire_steward()
    await assembly.propose(people[0], replace(VOTE, record=Record.NAMED))
    await assembly.cast(1, people[1], Choice.FOR)
    shown = await assembly.shown(1, people[2])
    assert shown.state is State.ADOPTED, "two of three are a majority whatever the third says"
    assert shown.names == (("member0", Choice.FOR), ("member1", Choice.FOR))
    result = await assembly.node.read(results.result, "strike", "the depot")
    assert result.names == (), "named is for members, open is for everybody"
    await assembly.node.write(members.remove, "member1")
    assert (await assembly.shown(1, people[2])).names == (("member0", Choice.FOR),)
    assert await assembly.tally(1) == Tally(in_favour=2)
    await assembly.propose(people[0], replace(VOTE, record=Record.OPEN, shows=Shows.WORDS), "the yard")
    await assembly.cast(2, people[2], Choice.FOR)
    result = await assembly.node.read(results.result, "strike", "the yard")
    assert result.names == (("member0", Choice.FOR), ("member2", Choice.FOR))
    assert (result.shows, result.quorum, result.voted, result.eligible) == (Shows.WORDS, 0, 2, 2)


async def test_a_block_says_why_and_what_is_kept_of_arguments_is_unnamed(assembly: Assembly) -> None:
    people = await assembly.people(4)
    await assembly.retire_steward()
    consent = Rule(Method.CONSENT, at_most=rules.DAY)
    await assembly.propose(people[0], consent)
    with pytest.raises(Invalid, match="why"):
        await assembly.cast(1, people[1], Choice.BLOCK)
    await assembly.cast(1, people[1], Choice.AGAINST, "too early")
    await assembly.cast(1, people[2], Choice.BLOCK, "the night shift was not asked")
    assert await assembly.state(1) is State.OPEN, "whoever blocks is not shown by the end of the vote"
    await assembly.cast(1, people[3])
    shown = await assembly.shown(1, people[0])
    assert (shown.state, assembly.refused, assembly.done) == (State.REJECTED, ["the depot"], [])
    assert [(one.choice, one.text) for one in shown.words] == [(Choice.BLOCK, "the night shift was not asked")]
    await assembly.propose(people[0], replace(consent, arguments=True))
    await vote(assembly, 2, people[1:2], Choice.FOR)
    await assembly.cast(2, people[2], Choice.AGAINST, "too early")
    await assembly.cast(2, people[3], Choice.FOR, "now or never")
    result = await assembly.node.read(results.result, "strike", "the depot")
    assert [(one.choice, one.text) for one in result.arguments] == [
        (Choice.FOR, "now or never"),
        (Choice.AGAINST, "too early"),
    ]
    assert result.state is State.ADOPTED


async def test_two_tellers_confirm_the_tally_before_anything_follows(assembly: Assembly) -> None:
    people = await assembly.people(3)
    await assembly.retire_steward()
    await assembly.propose(people[0], replace(VOTE, tellers=2))
    await vote(assembly, 1, people[1:], Choice.FOR, Choice.AGAINST)
    shown = await assembly.shown(1, people[0])
    assert (shown.state, shown.tally, assembly.done) == (State.COUNTING, None, [])
    assert shown.mine.may_confirm and shown.mine.waits
    with pytest.raises(Conflict, match="being counted"):
        await assembly.cast(1, people[0])
    with pytest.raises(Conflict, match="it is counting"):
        await assembly.node.write(actions.withdraw, 1, member=people[0])
    count = await assembly.node.read(actions.count, 1, member=people[0])
    assert count.tally == Tally(in_favour=2, against=1) and len(count.receipts) == len(count.ballots) == 3
    with pytest.raises(Conflict, match="count again"):
        await assembly.node.write(actions.confirm, 1, member=people[0], tally=Tally(in_favour=3))
    assert await assembly.node.write(actions.confirm, 1, member=people[0], tally=count.tally) is State.COUNTING
    with pytest.raises(Conflict, match="another teller"):
        await assembly.node.write(actions.confirm, 1, member=people[0], tally=count.tally)
    assert not (await assembly.shown(1, people[0])).mine.waits
    reader = (await assembly.people(1, role="reader"))[0]
    with pytest.raises(Forbidden):
        await assembly.node.write(actions.confirm, 1, member=reader, tally=count.tally)
    answers = await asyncio.gather(
        *(assembly.node.write(actions.confirm, 1, member=one, tally=count.tally) for one in people[1:]),
        return_exceptions=True,
    )
    assert sorted(map(type, answers), key=str) == sorted([State, Conflict], key=str)
    assert (assembly.done, await assembly.tally(1)) == (["the depot"], count.tally)
    assert (await assembly.node.contents())["confirmations"] == []


async def test_a_recall_between_two_tellers_changes_nothing(assembly: Assembly) -> None:
    """Two of five are for it, which is no majority of all; of the three that would be left it would be one."""
    people = await assembly.people(5)
    await assembly.retire_steward()
    await assembly.propose(people[0], replace(VOTE, of=Of.ELIGIBLE, tellers=2))
    await vote(assembly, 1, people[1:3], Choice.FOR, Choice.AGAINST)
    assembly.later(days=8)
    assert await assembly.state(1) is State.COUNTING
    count = await assembly.node.read(actions.count, 1, member=people[0])
    await assembly.node.write(actions.confirm, 1, member=people[0], tally=count.tally)
    for one in people[3:]:
        await assembly.recall(one)
    assert await assembly.node.write(actions.confirm, 1, member=people[1], tally=count.tally) is State.LAPSED
    assert (assembly.done, (await assembly.node.read(store.find, 1)).eligible) == ([], 5)


async def test_a_ballot_changed_behind_the_tellers_is_noticed(assembly: Assembly) -> None:
    people = await assembly.people(3)
    await assembly.retire_steward()
    await assembly.propose(people[0], replace(VOTE, tellers=2))
    await vote(assembly, 1, people[1:], Choice.FOR, Choice.FOR)
    count = await assembly.node.read(actions.count, 1, member=people[0])
    await assembly.node.write(actions.confirm, 1, member=people[0], tally=count.tally)
    await assembly.node.write(lambda tx: tx.execute(store.ballots.update().values(choice="against")))
    with pytest.raises(Conflict, match="count again"):
        await assembly.node.write(actions.confirm, 1, member=people[1], tally=count.tally)
    with pytest.raises(Conflict, match="count again"):
        await assembly.node.write(actions.confirm, 1, member=people[1], tally=Tally(against=3))
    assert await assembly.state(1) is State.COUNTING


async def test_only_the_proposer_withdraws_and_nobody_learns_how_it_stood(assembly: Assembly) -> None:
    people = await assembly.people(3)
    await assembly.propose(people[0], VOTE)
    await assembly.cast(1, people[1], Choice.AGAINST, "no")
    with pytest.raises(Forbidden, match="only who proposed"):
        await assembly.node.write(actions.withdraw, 1, member=await assembly.node.steward())
    await assembly.node.write(actions.withdraw, 1, member=people[0])
    assert (await assembly.state(1), assembly.refused) == (State.WITHDRAWN, ["the depot"])
    contents = await assembly.node.contents()
    assert all(contents[name] == [] for name in ("ballots", "electorate", "receipts", "proposers"))
    shown = await assembly.shown(1, people[0])
    assert (shown.tally, shown.words, shown.voted) == (None, (), 0)
    with pytest.raises(Conflict):
        await assembly.node.write(actions.withdraw, 1, member=people[0])
    assert (await assembly.propose(people[1], VOTE)).number == 2, "it can be proposed again"


async def test_the_same_is_not_proposed_twice_at_once(assembly: Assembly) -> None:
    people = await assembly.people(3)
    await assembly.rule(VOTE)
    answers = await asyncio.gather(*(assembly.propose(one) for one in people), return_exceptions=True)
    assert sum(isinstance(one, actions.Proposed) for one in answers) == 1
    with pytest.raises(Conflict, match=r"decision \d"):
        await assembly.propose(people[0])


async def test_the_urgent_path_is_the_one_that_the_rule_names(assembly: Assembly) -> None:
    people = await assembly.people(3)
    urgent = Rule(Method.APPROVALS, approvals=2)
    with pytest.raises(Invalid, match="urgent"):
        await assembly.propose(people[0], VOTE, urgent=True)
    proposed = await assembly.propose(people[0], replace(VOTE, urgent=urgent), urgent=True)
    assert (proposed.state, proposed.until) == (State.OPEN, None)
    await assembly.cast(1, people[1])
    shown = await assembly.shown(1, people[2])
    assert (shown.state, shown.rule, shown.urgent) == (State.ADOPTED, urgent, True)
    assert (await assembly.propose(people[0], rules.ONE_MEMBER, "more", urgent=True)).state is State.ADOPTED


async def test_everybody_votes_where_the_rule_says_so(assembly: Assembly) -> None:
    editors, readers = await assembly.people(1), await assembly.people(3, role="reader")
    await assembly.retire_steward()
    with pytest.raises(Forbidden):
        await assembly.propose(readers[0], replace(VOTE, voters="read"))
    await assembly.propose(editors[0])
    assert [one.number for one in await assembly.node.read(showing.waiting, readers[0])] == [1]
    await vote(assembly, 1, readers[:2], Choice.AGAINST, Choice.AGAINST)
    assert await assembly.node.read(showing.waiting, readers[0]) == []
    token = replace(readers[2], scopes=frozenset({"write"}))
    with pytest.raises(Forbidden, match="token"):
        await assembly.cast(1, token)
    await assembly.cast(1, readers[2], Choice.AGAINST)
    assert await assembly.state(1) is State.REJECTED
    assert await assembly.tally(1) == Tally(in_favour=1, against=3)


async def test_no_ballot_can_be_matched_with_the_line_of_the_roll_that_came_with_it(assembly: Assembly) -> None:
    """On PostgreSQL by the transactions that wrote them, on SQLite by the place in the file."""
    people = await assembly.people(12)
    await assembly.propose(people[0], VOTE)
    for member in people[1:]:
        await assembly.cast(1, member)
    await assembly.node.quiet()
    database = assembly.node.node.database
    if not database.is_sqlite:

        def transactions(tx: Transaction) -> list[set[Any]]:
            return [
                set(tx.connection.exec_driver_sql(f"SELECT xmin::text FROM {table}").scalars())
                for table in ("ballots", "electorate", "receipts")
            ]

        found = await assembly.node.read(transactions)
        assert found[0] == found[1] == found[2] and len(found[0]) == 1
    else:
        keys = [one[0] for one in (await assembly.node.contents())["ballots"]]
        again = await assembly.cast(1, await assembly.node.steward())
        assert again.receipt not in keys
        assert not set(keys) & {one[0] for one in (await assembly.node.contents())["ballots"]}
