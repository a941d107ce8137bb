"""A position is the group's: nothing of it leaves before the group has decided, and two at once are still one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from federation.media_types import ACTIVITY_JSON
from node import decisions
from node.decisions import Choice, Rule
from node.decisions.rules import Method
from node.errors import Conflict, Forbidden
from node.groups import founding
from node.groups.founding import NewGroup
from node.members import actions as members
from node.members.store import Member
from node.positions import actions, moderation, store
from node.statements import store as publications
from node.statements import versions
from node.statements.rules import Draft, State
from schemas.context import NS
from tests.conftest import follow_each
from tests.nodes.peer import Peer
from tests.nodes.served import PASSWORD, ServedNode, eventually
from tests.positions.taking import revoke, shown_on, take, until_shown
from tests.positions.test_positions_of_others import position, say

BOTH = Rule(method=Method.APPROVALS, approvals=2)
SECRET = "Nobody outside may know this yet"


async def two_who_decide(node: ServedNode) -> Member:
    """From now on a position takes two; the second member."""

    def enter(tx: Any) -> Any:
        members.add(tx, "rosa", PASSWORD, actor=node.group, role="editor")
        return members.named(tx, "rosa")

    rosa: Member = await node.write(enter)
    steward = await node.steward()
    await node.write(decisions.change_rule, "take_position", BOTH, actor=node.group, member=steward)
    return rosa


async def everything(node: ServedNode, *iris: str) -> str:
    """What anybody can get of a node, over every route that shows what a group says."""
    paths = ["/", "/wire", "/wire.atom", "/wire.json", "/sitemap.xml", "/about", f"{node.group}.atom",
             f"{node.group}.json", f"{node.group}/outbox?page=true", *iris,
             *(f"{iri}/{name}" for iri in iris for name in ("replies", "context", "likes"))]  # fmt: skip
    found = []
    for path in paths:
        for accept in ("text/html", ACTIVITY_JSON):
            url = path if "://" in path else node.origin + path
            async with node.http.get(url, headers={"Accept": accept}) as response:
                found.append(await response.text())
    return "".join(found)


async def test_no_word_of_a_position_leaves_before_the_group_has_decided_and_it_is_shown_once(
    two_nodes: tuple[ServedNode, ServedNode], hostile_peer: Peer
) -> None:
    first, second = two_nodes
    await follow_each(first, second)
    rosa = await two_who_decide(second)
    text = await first.publish("We strike on Monday.", title="Monday")
    await eventually(lambda: second.holds(text))
    iri = await take(second, text, "oppose", SECRET)
    await second.quiet()
    for node in two_nodes:
        assert SECRET not in await everything(node, text, iri)
    assert (await second.activity(iri))[0] == (await second.page(iri))[0] == 404
    assert await first.read(store.by, second.group) == []
    with pytest.raises(Conflict):
        await take(second, text, "support", "We have thought again.")
    (one,) = await second.read(decisions.under_way, rosa, actor=second.group)
    assert "We oppose this: Monday" in one.about.title and SECRET in one.about.html
    await second.write(decisions.cast, one.number, member=rosa, choice=Choice.FOR)
    await until_shown(first, text, "opposed", SECRET)
    assert (await first.page(text))[1].count(SECRET) == 1
    (row,) = await first.read(store.by, second.group)
    assert row.iri == iri

    # Refused: it stays where it is, and the group can be asked something else.
    again = await take(second, text, "support", "A change of mind")
    (one,) = await second.read(decisions.under_way, rosa, actor=second.group)
    await second.write(decisions.cast, one.number, member=rosa, choice=Choice.AGAINST)
    assert (await second.read(publications.publication, again)).state == State.REFUSED.value
    for node in two_nodes:
        assert "A change of mind" not in await everything(node, text, iri)
    await revoke(second, iri)
    await second.quiet()
    assert await first.holds(iri), "revoking is decided, too"
    (one,) = await second.read(decisions.under_way, rosa, actor=second.group)
    await second.write(decisions.cast, one.number, member=rosa, choice=Choice.FOR)

    async def gone() -> bool:
        return not await first.holds(iri)

    await eventually(gone)
    assert SECRET not in await everything(first, text)


async def test_two_members_who_act_at_once_give_the_group_one_position(
    two_nodes: tuple[ServedNode, ServedNode],
) -> None:
    first, second = two_nodes
    text = await first.publish("We strike on Monday.")
    await eventually(lambda: second.holds(text))
    steward = await second.steward()

    def propose(stance: str) -> Any:
        draft = Draft(text=f"We say {stance}.", position={"on": text, "stance": stance})
        return second.write(actions.take, draft, actor=second.group, member=steward)

    await asyncio.gather(*(propose(stance) for stance in ("support", "oppose", "none")))
    (row,) = await second.read(store.by, second.group)
    assert len(await second.read(versions.of, row.iri)) == 2, "what the others said before stays readable"
    contents = await second.contents()
    assert len(contents["positions"]) == 1


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
async def test_a_position_in_other_names_is_one_all_the_same(node: ServedNode, hostile_peer: Peer) -> None:
    """Another program may write with prefixes of its own what we read in short names."""
    text = await node.publish("We are out.")
    group = hostile_peer.actor("council", type="Organization")
    plain = position(hostile_peer, group, text)
    renamed = {key: value for key, value in plain.items() if key not in ("stance", "positionOn", "content")}
    renamed |= {
        "@context": [
            "https://www.w3.org/ns/activitystreams",
            {"wire": NS, "onText": {"@id": "wire:positionOn", "@type": "@id"}},
        ],
        "wire:stance": "oppose",
        "as:content": plain["content"],
        "onText": text,
    }
    assert await say(hostile_peer, node, "Create", renamed) == "done"
    assert (await node.read(store.find, renamed["id"])).stance == "oppose"


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
async def test_a_group_beside_another_on_one_node_answers_it_as_any_other(node: ServedNode) -> None:
    steward = await node.steward()
    await founding.add(node.node, NewGroup("fund", "Strike Fund", "en", "steward"), member=steward)
    fund = f"{node.origin}/groups/fund"
    text = await node.publish("We strike on Monday.")
    draft = Draft(text="There is no money on Monday.", position={"on": text, "stance": "oppose"})
    iri, _ = await node.write(actions.take, draft, actor=fund, member=steward)
    assert "no money on Monday" in await shown_on(node, text)
    with pytest.raises(Forbidden, match="another group"):
        await node.write(moderation.remove, iri, reason="spam", actor=fund, member=steward)
    await node.write(moderation.remove, iri, reason="spam", actor=node.group, member=steward)
    said = await shown_on(node, text)
    assert "no money on Monday" not in said and "Strike Fund" in said and "advertising" in said
    assert "no money on Monday" in (await node.page(iri))[1], "at its own address it is its group's"
    await revoke(node, iri)
    assert (await node.page(iri))[0] == 410
