"""Who stands how: the most specific policy decides, what has expired counts for nothing, and memory tells the truth."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from federation.errors import Refused
from node import app, config
from node.context import Transaction
from node.errors import Invalid, Missing
from node.objects import objects
from node.peering import governing, log, policies, subjects
from node.peering.log import Deed
from node.peering.rules import Door, Mode, Policy, Severity, Standing, judge, names_of, passes
from node.peering.standing import check, not_hidden, not_rejected, standing
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ACCEPT, HOLD, LIMIT, REJECT = Severity.ACCEPT, Severity.HOLD, Severity.LIMIT, Severity.REJECT
ALICE = "https://a.peer.example/users/alice"


def policy(subject: str, severity: Severity = REJECT, **more: Any) -> Policy:
    return Policy(id=more.pop("id", 1), subject=subject, severity=severity, **more)


@pytest.mark.parametrize(
    "host, names",
    [
        ("peer.example", ("peer.example", "example")),
        ("A.Peer.Example.", ("a.peer.example", "peer.example", "example")),
        ("a.peer.example:8443", ("a.peer.example:8443", "a.peer.example", "peer.example", "example")),
        ("127.0.0.1:9000", ("127.0.0.1:9000", "127.0.0.1")),
        ("[::1]:9000", ("[::1]:9000", "[::1]")),
        ("[::1]", ("[::1]",)),
        ("localhost", ("localhost",)),
    ],
)
def test_a_host_has_these_names_by_which_it_may_be_meant(host: str, names: tuple[str, ...]) -> None:
    assert names_of(host) == names


@pytest.mark.parametrize(
    "held, host, severity",
    [
        ([], "peer.example", ACCEPT),
        ([policy("peer.example")], "peer.example", REJECT),
        ([policy("peer.example")], "a.peer.example", REJECT),
        ([policy("peer.example")], "peer.example:8443", REJECT),
        ([policy("peer.example")], "notpeer.example", ACCEPT),
        ([policy("peer.example:8443")], "peer.example", ACCEPT),
        ([policy("peer.example:8443")], "peer.example:8443", REJECT),
        ([policy("peer.example", subdomains=False)], "a.peer.example", ACCEPT),
        ([policy("peer.example", subdomains=False)], "peer.example:8443", REJECT),
        ([policy("peer.example"), policy("a.peer.example", ACCEPT)], "a.peer.example", ACCEPT),
        ([policy("peer.example"), policy("a.peer.example", ACCEPT)], "b.peer.example", REJECT),
        ([policy("peer.example", expires=NOW)], "peer.example", ACCEPT),
        ([policy("peer.example", expires=NOW + timedelta(seconds=1))], "peer.example", REJECT),
        ([policy("peer.example"), policy("a.peer.example", ACCEPT, expires=NOW)], "a.peer.example", REJECT),
        ([policy("peer.example", source="1"), policy("peer.example", LIMIT)], "peer.example", LIMIT),
        (
            [policy("peer.example", LIMIT, source="1", priority=1), policy("peer.example", source="2", priority=2)],
            "peer.example",
            REJECT,
        ),
        ([policy("peer.example", kinds=frozenset({"Report"}))], "peer.example", ACCEPT),
    ],
)
def test_the_most_specific_policy_decides_alone(held: list[Policy], host: str, severity: Severity) -> None:
    assert judge(held, host=host, now=NOW).severity is severity
    assert judge(held[::-1], host=host, now=NOW).severity is severity


def test_an_actor_has_a_policy_of_its_own_and_a_kind_of_text_too() -> None:
    held = [policy("peer.example"), policy(ALICE, ACCEPT, is_actor=True, id=2)]
    assert judge(held, host="a.peer.example", actor=ALICE, now=NOW) == Standing(ACCEPT, policy=2)
    assert judge(held, host="a.peer.example", now=NOW).is_rejected
    of_reports = [policy("peer.example", LIMIT, kinds=frozenset({"Report"}))]
    assert judge(of_reports, host="peer.example", kind="Report", now=NOW).is_hidden
    assert not judge(of_reports, host="peer.example", kind="Statement", now=NOW).is_hidden


@pytest.mark.parametrize(
    "standing_of, let_through",
    [
        (Standing(), {Mode.OPEN, Mode.BLOCK_LIST}),
        (Standing(ACCEPT, policy=1), {Mode.OPEN, Mode.BLOCK_LIST, Mode.ALLOW_LIST}),
        (Standing(LIMIT, policy=1), {Mode.OPEN, Mode.BLOCK_LIST, Mode.ALLOW_LIST}),
        (Standing(REJECT, policy=1), {Mode.OPEN}),
    ],
)
def test_a_door_lets_through_whom_its_mode_says(standing_of: Standing, let_through: set[Mode]) -> None:
    assert {mode for mode in Mode if passes(standing_of, mode)} == let_through


async def test_a_question_is_answered_from_memory_and_still_true(node: ServedNode) -> None:
    def stands(host: str = "a.peer.example", **more: Any) -> Any:
        return node.read(lambda tx: standing(tx, host=host, **more).severity)

    assert await stands() is ACCEPT
    await node.write(governing.enact, "peer.example", REJECT, "spam")
    assert await stands() is REJECT and await stands("A.PEER.example.") is REJECT
    until = node.clock() + timedelta(hours=1)
    await node.write(governing.enact, "a.peer.example", LIMIT, "noise", expires=until)
    await node.write(governing.enact, ALICE, ACCEPT, "known to us")
    assert await stands() is LIMIT and await stands(actor=ALICE) is ACCEPT
    node.clock.advance(timedelta(hours=1))
    assert await stands() is REJECT

    def within(tx: Transaction) -> tuple[Severity, Severity]:
        before = standing(tx, host="new.example").severity
        governing.enact(tx, "new.example", REJECT, "spam")
        return before, standing(tx, host="new.example").severity

    assert await node.write(within) == (ACCEPT, REJECT)
    other = await asyncio.to_thread(lambda: app.build(config.load(node.directory)))
    try:
        await other.database.write(governing.enact, "far.example", REJECT, "spam")

        async def noticed() -> bool:
            return await stands("far.example") is REJECT

        await eventually(noticed)
    finally:
        await asyncio.to_thread(other.database.close)


async def test_a_door_says_in_words_why_it_is_shut(node: ServedNode) -> None:
    await node.write(governing.enact, "bad.example", REJECT, "spam")
    for door, words in ((Door.DELIVERING, "does not hear bad.example"), (Door.PULLING, "fetch anything from bad.exam")):
        with pytest.raises(Refused, match=words):
            await node.read(lambda tx, door=door: check(tx, door, host="bad.example"))
    await node.write(policies.set_mode, "delivering", "allow_list", reason="", decision=None)
    with pytest.raises(Refused, match=r"does not hear new\.example: it deals with those servers alone that"):
        await node.read(lambda tx: check(tx, Door.DELIVERING, host="new.example"))
    await node.write(policies.set_mode, "delivering", "open", reason="", decision=None)
    await node.read(lambda tx: check(tx, Door.DELIVERING, host="bad.example"))


async def test_a_query_finds_what_the_question_would_allow(node: ServedNode, hostile_peer: Peer) -> None:
    """The rows that queries ask follow from the policies, also for somebody who comes later, and end by themselves."""
    alice, note = hostile_peer.actor("alice"), hostile_peer.note(hostile_peer.actor("alice"))
    await node.follow(alice)
    assert await hostile_peer.send(f"{node.group}/inbox", hostile_peer.activity("Create", alice, note)) == 202
    await eventually(lambda: node.holds(note["id"]))

    async def shown() -> tuple[bool, bool]:
        def look(tx: Transaction) -> tuple[bool, bool]:
            one = objects.select().where(objects.c.iri == note["id"])
            found = [tx.execute(one.where(*rule(tx, objects.c.author))).first() for rule in (not_hidden, not_rejected)]
            return found[0] is not None, found[1] is not None

        return await node.read(look)

    assert await shown() == (True, True)
    until = node.clock() + timedelta(hours=1)
    await node.write(governing.enact, hostile_peer.host, REJECT, "spam", expires=until)
    await node.write(governing.enact, hostile_peer.host.partition(":")[0], LIMIT, "noise")
    assert await shown() == (False, False)
    node.clock.advance(timedelta(hours=1))
    assert await shown() == (False, True)
    await node.write(governing.enact, alice, ACCEPT, "known to us")
    assert await shown() == (True, True)
    await node.write(governing.enact, alice, REJECT, "not any more", category="harassment")
    assert await shown() == (False, False)


async def test_who_comes_later_is_held_back_for_queries_too(node: ServedNode, hostile_peer: Peer) -> None:
    await node.write(governing.enact, hostile_peer.host, LIMIT, "noise")
    await node.follow(hostile_peer.actor("alice"))
    rows = await node.read(lambda tx: tx.execute(policies.held_back.select()).all())
    assert [(row.subject, row.severity) for row in rows] == [(hostile_peer.host, "limit")]


@pytest.mark.one_database
@pytest.mark.parametrize(
    "text, means",
    [
        ("Peer.Example", "peer.example"),
        ("*.peer.example.", "peer.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("peer.example:443", "peer.example"),
        ("peer.example:8443", "peer.example:8443"),
        ("192.0.2.7", "192.0.2.7"),
        ("https://peer.example/", None),
        ("https://peer.example", None),
        ("peer.example/users/alice", None),
        ("org", None),
        ("co.uk", None),
        ("", None),
        ("peer example", None),
        ("a" * 2000, None),
    ],
)
def test_a_domain_is_read_in_its_one_spelling_or_not_at_all(text: str, means: str | None) -> None:
    if means is None:
        with pytest.raises(Invalid):
            subjects.read_domain(text)
    else:
        assert subjects.read_domain(text) == means


async def test_the_log_names_servers_and_groups_and_counts_persons(node: ServedNode, hostile_peer: Peer) -> None:
    alice, union = hostile_peer.actor("alice"), hostile_peer.actor("union", type="Organization")
    for one in (alice, union):
        await node.follow(one)
    for subject in ("bad.example", union, alice, alice):
        await node.write(log.note, Deed.POLICY_SET, subject, group=node.group, category="spam", reason="why")

    def look(tx: Transaction) -> Any:
        named = [(row.subject, row.host, row.reason) for row in log.entries(tx) if row.act == "policy_set"]
        counts = [row for row in log.counts_of_persons(tx) if row.act == "policy_set"]
        assert {(row.act, row.category) for row in counts} == {("policy_set", "spam")}
        return named, sum(row.acts for row in counts), [row.actor for row in log.persons(tx) if row.act == "policy_set"]

    named, counts, persons = await node.read(look)
    assert named == [(union, hostile_peer.host, "why"), ("bad.example", "bad.example", "why")]
    assert counts == 2 and persons == [alice, alice]
    number = (await node.read(log.entries))[0].id
    with pytest.raises(Missing):
        await node.write(lambda tx: log.redact(tx, number, group=f"{node.group}-s-neighbour"))
    await node.write(lambda tx: log.redact(tx, number, group=node.group))
    entry = (await node.read(log.entries))[0]
    assert (entry.id, entry.reason) == (number, "") and entry.redacted is not None
    node.clock.advance(log.PERSONS_KEPT_FOR + timedelta(seconds=1))
    assert await node.write(log.prune) >= 2
    assert await node.read(log.persons) == [] and await node.read(log.counts_of_persons)
