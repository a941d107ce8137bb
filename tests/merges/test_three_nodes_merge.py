"""Two groups report one struggle under two addresses; a third says that they are one, and may take that back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from node import decisions, objects
from node.decisions.rules import Choice, Method, Rule, State
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.merges import actions, rules, store
from node.peering import actions as peering
from schemas.merge import SAME_AS
from tests.decisions.assembly import Assembly
from tests.merges.telling import knows, merge, report, separate, stands_for
from tests.nodes.served import ServedNode, eventually

Three = tuple[ServedNode, ServedNode, ServedNode]


async def test_a_merge_is_heard_counts_for_its_sources_alone_and_can_be_taken_back(three_nodes: Three) -> None:
    first, second, third = three_nodes
    _, one = await report(first, "Night shift walks out")
    _, other = await report(second, "Depot closed by its workers")
    for node in three_nodes:
        await knows(node, one)
        await knows(node, other)
    iri = await merge(third, one, other)
    least = min(one, other)
    for node in three_nodes:

        async def heard(node: ServedNode = node) -> Any:
            return await node.read(store.find, iri)

        assert (await eventually(heard)).reason == "The same depot, the same day."
        assert await stands_for(node, one, third) == await stands_for(node, other, third) == least
        assert await stands_for(node, one, first, second) == one
        assert await stands_for(node, other, first, second) == other
        assert await node.read(store.joined_with, one, {third.group}) == sorted([one, other])
    for node, struggle, name in ((first, one, "Depot closed by its workers"), (second, other, "Night shift walks out")):
        status, page = await node.page(struggle)
        assert status == 200 and name in page and "A Committee" not in page and "The Paper" in page
        assert "The same depot, the same day." in page
    await separate(third, iri)
    for node in three_nodes:

        async def gone(node: ServedNode = node) -> bool:
            return await node.read(store.find, iri) is None

        assert await eventually(gone)
        assert await stands_for(node, other, third) == other
        await node.quiet()
        held = await node.contents()
        assert not [table for table, rows in held.items() if "The same depot" in str(rows)]
    status, stone = await third.activity(iri)
    assert (status, stone["type"], stone["formerType"], stone["deletionReason"]) == (
        410, "Tombstone", "Relationship", "revoked",
    )  # fmt: skip
    assert (await third.page(iri))[0] == 410


async def test_a_merge_is_a_relationship_with_a_proof_and_stands_in_the_outbox(two_nodes: Any) -> None:
    first, second = two_nodes
    _, one = await report(first, "Night shift walks out")
    _, other = await report(first, "Morning shift walks out")
    iri = await merge(first, one, other, "One <strike>, two shifts.")
    status, document = await first.activity(iri)
    assert (status, document["type"], document["relationship"]) == (200, "Relationship", SAME_AS)
    assert {document["subject"], document["object"]} == {one, other}
    assert document["content"] == "<p>One &lt;strike&gt;, two shifts.</p>"
    assert document["proof"]["cryptosuite"] == "eddsa-jcs-2022"
    outbox = (await first.activity("/groups/union/outbox?page=1"))[1]
    outbox = outbox if "orderedItems" in outbox else (await first.activity(outbox["first"]))[1]
    assert outbox["orderedItems"][0]["object"]["id"] == iri
    status, page = await first.page(iri)
    assert status == 200 and "One &lt;strike&gt;, two shifts." in page
    for path in ("/", "/wire", "/groups/union", "/wire.atom", "/sitemap.xml"):
        status, page = await second.page(path)
        assert status in (200, 404) and "two shifts" not in page


async def test_what_cannot_be_merged_says_why_and_changes_nothing(two_nodes: Any) -> None:
    first, second = two_nodes
    _, one = await report(first, "Night shift walks out")
    _, other = await report(first, "Morning shift walks out")
    steward = await first.steward()
    more = {"actor": first.group, "member": steward}
    for refused, words, field, args, reason in (
        (Invalid, "is one struggle already", "other", (one, one), "x"),
        (Invalid, "say why they are one", "reason", (one, other), " "),
        (Invalid, "at most 1000", "reason", (one, other), "x" * 1001),
        (Missing, "no struggle that this node knows", None, (one, f"{first.origin}/struggles/none"), "x"),
    ):
        with pytest.raises(refused, match=words) as error:
            await first.write(actions.merge, *args, reason=reason, **more)
        assert getattr(error.value, "field", None) == field
    iri = await merge(first, one, other)
    with pytest.raises(Conflict, match="the group says so already"):
        await first.write(actions.merge, other, one, reason="again", **more)
    with pytest.raises(Missing, match="is no merge"):
        await first.write(actions.separate, one, member=steward)

    async def heard() -> Any:
        return await second.read(store.find, iri)

    assert await eventually(heard)
    with pytest.raises(Forbidden, match="is not ours"):
        await second.write(actions.separate, iri, member=await second.steward())
    await separate(first, iri)
    assert await merge(first, one, other) != iri


async def test_who_follows_later_hears_of_earlier_merges(serve: Any) -> None:
    from tests.conftest import follow_each

    first, second = await serve(0), await serve(1)
    _, one = await report(first, "Night shift walks out")
    _, other = await report(first, "Morning shift walks out")
    iri = await merge(first, one, other)
    await follow_each(second, first)

    async def heard() -> Any:
        return await second.read(store.find, iri)

    assert (await eventually(heard)).author == first.group
    assert await stands_for(second, other, first) == min(one, other)
    await second.write(peering.unfollow, first.group, actor=second.group, member=await second.steward())
    assert (await second.read(objects.find, iri)).deleted is None


PAIRS = [("a", "b"), ("c", "d"), ("e", "d"), ("b", "c"), ("x", "z"), ("z", "y")]


@pytest.mark.parametrize("pairs", [PAIRS, PAIRS[::-1], [(b, a) for a, b in PAIRS], PAIRS * 2], ids=range(4))
def test_whatever_order_merges_come_in_the_same_one_represents_all(pairs: list[tuple[str, str]]) -> None:
    assert rules.joined(pairs) == dict.fromkeys("abcde", "a") | dict.fromkeys("xyz", "x")
    assert rules.joined([]) == {}
    assert json.dumps(rules.joined([(f"s{n:05}", f"s{n + 1:05}") for n in range(20_000)])).count('"s00000"') == 20_002


async def test_a_group_that_votes_says_nothing_before_it_has_decided(node: ServedNode) -> None:
    _, one = await report(node, "Night shift walks out")
    _, other = await report(node, "Morning shift walks out")
    assembly = Assembly(node)
    first, second = await assembly.people(2)
    await assembly.rule(Rule(Method.APPROVALS, approvals=2), under="publish_report")
    for choice, joined in ((Choice.AGAINST, False), (Choice.FOR, True)):
        propose = {"reason": "One dispute.", "actor": node.group, "member": first}
        _, proposed = await node.write(decisions.with_proposed, actions.merge, one, other, **propose)
        shown = await assembly.shown(proposed.number, second)
        assert "One dispute." in shown.about.html and "Night shift walks out" in shown.about.title
        with pytest.raises(Conflict, match="is deciding on this already"):
            await node.write(actions.merge, other, one, **propose)
        assert await stands_for(node, other, node) == other
        await assembly.cast(proposed.number, second, choice)
        if choice is Choice.AGAINST:
            await assembly.cast(proposed.number, await node.steward(), choice)
        assert await assembly.state(proposed.number) is (State.ADOPTED if joined else State.REJECTED)
        assert ("One dispute." in str((await node.contents())["merges"])) is joined
        assert (await stands_for(node, other, node) == await stands_for(node, one, node)) is joined
