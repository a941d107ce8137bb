"""What is proposed is seen by members alone, over every route, until the group has decided; then it is there once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from node.context import Transaction
from node.decisions import actions as deciding
from node.decisions import rules, store
from node.decisions.acts import UNDER
from node.decisions.rules import Choice, Method, Rule, State
from node.errors import Conflict
from node.groups import actions as groups
from node.members.store import Member
from node.peering import actions as peering
from node.peering.rules import Severity
from node.statements import actions as statements
from node.statements import correcting, passing_on
from node.statements.rules import Draft
from tests.decisions.assembly import Assembly
from tests.nodes.served import ServedNode, eventually

VOTE = Rule(Method.MAJORITY, at_most=rules.DAY)
WORD = "ombudswoman"
TAG = "depotstrike"


async def strict(node: ServedNode) -> list[Member]:
    """A steward and two editors who vote about everything."""
    people = await Assembly(node).people(2)

    def tighten(tx: Transaction) -> None:
        for under in UNDER:
            store.set_rule(tx, node.group, under, VOTE)

    await node.write(tighten)
    return [await node.steward(), *people]


async def decide(node: ServedNode, people: list[Member], choice: Choice = Choice.FOR) -> State:
    """Let the others vote on what is open; how it ended."""
    (row,) = await node.read(store.under_way, [node.group])
    state = State.OPEN
    for member in people[1:]:
        voters = people if row.voters == "publish" else people[:1]
        if member in voters:
            state = (await node.write(deciding.cast, row.id, member=member, choice=choice)).state
    return state


async def everything(node: ServedNode, *more: str) -> dict[str, str]:
    """What anybody gets from a node, by address."""
    group = node.group.removeprefix(node.origin)
    paths = [
        "/", "/wire", "/about", "/sitemap.xml", "/sitemaps/1.xml", "/wire.atom", "/wire.json", f"/tags/{TAG}",
        f"/tags/{TAG}.atom", group, f"{group}.atom", f"{group}.json", f"{group}/outbox", f"{group}/outbox?page=true",
        f"{group}/featured", f"{group}/following", "/nodeinfo/2.1", "/api/decisions", "/api/me", "/desk",
        "/api/decisions/1", *more,
    ]  # fmt: skip
    found = {}
    for path in paths:
        for kind in ("text/html", "application/activity+json"):
            address = path if "://" in path else node.origin + path
            async with node.http.get(address, headers={"Accept": kind}, allow_redirects=False) as response:
                found[f"{path} {kind}"] = await response.text()
    return found


async def told_nowhere(nodes: tuple[ServedNode, ...], *more: str) -> None:
    """No route of the first node tells the word, and no other node has heard of it."""
    for node in nodes:
        await node.quiet()
    for address, text in (await everything(nodes[0], *more)).items():
        assert WORD not in text, address
    for node in nodes[1:]:
        assert WORD not in repr(await node.contents())


async def test_a_statement_and_its_correction_leave_once_and_only_when_they_are_decided(
    two_nodes: tuple[ServedNode, ServedNode],
) -> None:
    ours, peer = two_nodes
    people = await strict(ours)
    iri = await ours.publish(f"Ask the {WORD}. #{TAG}", title=f"The {WORD}")
    await told_nowhere(two_nodes, iri, f"{iri}/replies", f"{iri}/context", f"{iri}/likes")
    with pytest.raises(Conflict):
        await ours.write(correcting.delete, iri, reason="mistake", member=people[0])
    assert await decide(ours, people) is State.ADOPTED
    await eventually(lambda: peer.holds(iri))
    outbox = (await everything(ours))["/groups/union/outbox?page=true application/activity+json"]
    assert outbox.count('"Create"') == 1 and WORD in outbox
    assert len([row for row in (await peer.contents())["objects"] if iri in row]) == 1

    again = await ours.publish("Nothing of this either.")
    assert await decide(ours, people, Choice.AGAINST) is State.REJECTED
    assert (await ours.activity(again))[0] == 404
    newer = Draft(text=f"Ask the other {WORD}: nobody.", title="Nobody")
    subject, _ = await ours.write(correcting.correct, iri, newer, member=people[0])
    await ours.quiet()
    assert "Nobody" not in repr(await peer.contents()) and "Nobody" not in repr(await everything(ours, iri, subject))
    assert await decide(ours, people) is State.ADOPTED
    await eventually(lambda: _says(peer, iri, "Nobody"))
    await ours.write(correcting.delete, iri, reason="mistake", member=people[0])
    await ours.quiet()
    assert await peer.holds(iri) and (await ours.activity(iri))[0] == 200
    assert await decide(ours, people) is State.ADOPTED
    await eventually(lambda: _gone(peer, iri))


async def _says(node: ServedNode, iri: str, word: str) -> bool:
    return any(iri in row and word in repr(row) for row in (await node.contents())["statements"])


async def _gone(node: ServedNode, iri: str) -> bool:
    return not await node.holds(iri)


async def test_what_was_refused_never_leaves(node: ServedNode) -> None:
    ours = node
    people = await strict(ours)
    refused = await ours.publish(f"Ask the {WORD}. #{TAG}")
    assert await decide(ours, people, Choice.AGAINST) is State.REJECTED
    lapsed = await ours.publish(f"Ask the {WORD} again. #{TAG}")
    ours.clock.advance(timedelta(days=2))
    await eventually(lambda: ours.read(lambda tx: store.under_way(tx, [ours.group]) == []))
    withdrawn = await ours.publish(f"Ask the {WORD} once more. #{TAG}")
    (row,) = await ours.read(store.under_way, [ours.group])
    await ours.write(deciding.withdraw, row.id, member=people[0])
    for iri in (refused, lapsed, withdrawn):
        state = await ours.read(lambda tx, iri=iri: statements.store.publication(tx, iri).state)
        assert state == ("released" if iri == lapsed else "refused")
    assert (await ours.activity(lapsed))[0] == 200, "one in favour and nobody against is a majority of those voting"


async def test_other_acts_of_the_group_wait_for_its_decision(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    ours, peer = two_nodes
    await ours.follow(peer.handle)
    theirs, mine = await peer.publish("Solidarity."), await ours.publish("We are out.")
    await eventually(lambda: ours.holds(theirs))
    people = await strict(ours)
    steward, actor = people[0], ours.group

    async def profile() -> Any:
        return (await ours.activity(ours.group))[1]["name"]

    async def pinned() -> Any:
        return len((await ours.activity(f"{ours.group}/featured"))[1].get("orderedItems", []))

    async def following() -> Any:
        return (await ours.activity(f"{ours.group}/following"))[1]["totalItems"]

    async def boosts() -> Any:
        return (await ours.activity(f"{theirs}"))[0] and len((await ours.contents())["reactions"])

    async def suspended() -> Any:
        return len((await ours.contents())["policies"])

    acts: list[tuple[Callable[[Transaction], Any], Callable[[], Awaitable[Any]]]] = [
        (lambda tx: passing_on.boost(tx, theirs, actor=actor, member=steward), boosts),
        (lambda tx: passing_on.pin(tx, mine, member=steward), pinned),
        (lambda tx: peering.unfollow(tx, peer.group, actor=actor, member=steward), following),
        (lambda tx: groups.edit_profile(tx, {"name": "Another"}, actor=actor, member=steward), profile),
        (lambda tx: peering.set_policy(tx, "x.example", Severity.REJECT, "s", actor=actor, member=steward), suspended),
    ]
    for act, seen in acts:
        before = await seen()
        state = await ours.write(act)
        row = next(iter(await ours.read(store.under_way, [actor])), None)
        await ours.quiet()
        if row is None:
            assert state is State.ADOPTED, "there is one who may vote, and she has proposed it"
            assert await seen() != before
            continue
        assert state is State.OPEN and await seen() == before
        assert await decide(ours, people) is State.ADOPTED
        await ours.quiet()
        assert await seen() != before
