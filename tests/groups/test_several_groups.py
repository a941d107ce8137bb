"""A group beside the main one: its own keys, page, members and rules; and how it ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from federation import keys
from federation.errors import Refused
from node import actors, objects
from node.decisions import State
from node.drafts import actions as drafts
from node.errors import Conflict, Forbidden, Gone, Invalid, Missing
from node.groups import founding
from node.groups.founding import NewGroup
from node.members import actions as members
from node.members import invitations, store
from node.members.rules import Grant
from node.members.store import Member
from node.statements import actions as statements
from node.statements.rules import Draft
from tests.groups.test_roles import DAY, TWO, person, ruled
from tests.nodes.served import ServedNode, eventually

FUND = NewGroup("fund", "Strike Fund", "de", "rosa", "syndicalist")


async def add(node: ServedNode, group: NewGroup = FUND, *, by: Member | None = None) -> str:
    """The IRI of a group that was added."""
    proposed, pem = await founding.add(node.node, group, member=by or await node.steward())
    assert proposed.state is State.ADOPTED
    assert pem.startswith("-----BEGIN PRIVATE KEY-----")
    return f"{node.origin}/groups/{group.handle}"


async def say(node: ServedNode, group: str, member: Member, text: str = "We collect.") -> str:
    iri, _ = await node.write(statements.publish, Draft(text=text, language="de"), actor=group, member=member)
    await node.quiet()
    return str(iri)


async def test_a_group_of_its_own_speaks_with_its_own_keys(
    two_nodes: tuple[ServedNode, ServedNode],
) -> None:
    node, other = two_nodes
    rosa = await person(node, "rosa")
    fund = await add(node)
    status, document = await node.activity("/groups/fund")
    main = (await node.activity(node.group))[1]
    assert status == 200 and document["name"] == "Strike Fund" and document["type"] == "Organization"
    assert document["publicKey"] != main["publicKey"] and document["assertionMethod"] != main["assertionMethod"]
    await other.follow("@fund@" + node.node.config.host)
    await node.quiet()
    iri = await say(node, fund, rosa)

    async def arrived() -> bool:
        return bool(await other.holds(iri))

    await eventually(arrived)
    assert "Strike Fund" in (await other.page("/wire"))[1]
    assert "We collect." in (await node.page("/groups/fund"))[1]
    assert "We collect." not in (await node.page("/"))[1]


async def test_a_mandate_in_one_group_is_none_in_another(node: ServedNode) -> None:
    rosa = await person(node, "rosa")
    fund, steward = await add(node), await node.steward()
    with pytest.raises(Forbidden):
        await say(node, fund, steward)
    with pytest.raises(Forbidden):
        await say(node, node.group, rosa)
    with pytest.raises(Forbidden):
        await founding.add(node.node, NewGroup("paper", "The Paper", "en", "rosa"), member=rosa)
    assert (await node.read(members.named, None, actor=fund)).name == "rosa"
    assert (await node.read(members.named, None)).name == "steward"


async def test_what_cannot_be_added_leaves_no_keys_behind(node: ServedNode) -> None:
    await person(node, "rosa")
    await add(node)
    before, steward = await node.contents(), await node.steward()
    keys = sorted(path.name for path in (node.directory / "keys").iterdir())
    for group, error in (
        (FUND, Conflict),
        (NewGroup("union", "Again", "en", "rosa"), Conflict),
        (NewGroup("Fund!", "x", "en", "rosa"), Invalid),
        (NewGroup("paper", " ", "en", "rosa"), Invalid),
        (NewGroup("paper", "The Paper", "english please", "rosa"), Invalid),
        (NewGroup("paper", "The Paper", "en", "nobody"), Missing),
        (NewGroup("paper", "The Paper", "en", "rosa", "x" * 200), Invalid),
    ):
        with pytest.raises(error):
            await founding.add(node.node, group, member=steward)
    assert sorted(path.name for path in (node.directory / "keys").iterdir()) == keys
    assert await node.contents() == before


async def test_of_two_who_add_the_same_group_at_once_one_does_and_its_keys_are_its_own(node: ServedNode) -> None:
    await person(node, "rosa")
    steward = await node.steward()
    tries = (founding.add(node.node, FUND, member=steward) for _ in range(3))
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, Conflict) for one in answers) == 2, answers
    row = await node.read(actors.group, "fund")
    kept = (node.directory / "keys" / "group-fund.rsa.pem").read_bytes()
    assert keys.public_pem(keys.read_private(kept).public_key()) == row.rsa_public


async def test_a_group_that_is_refused_has_its_keys_destroyed(node: ServedNode) -> None:
    from node import decisions

    await person(node, "rosa", "steward")
    await ruled(node, TWO)
    steward = await node.steward()
    proposed, _ = await founding.add(node.node, FUND, member=steward)
    assert proposed.state is State.OPEN
    assert (await node.activity("/groups/fund"))[0] == 404
    key = node.directory / "keys" / "group-fund.rsa.pem"
    assert key.exists()
    with pytest.raises(Conflict, match="proposed already"):
        await founding.add(node.node, FUND, member=steward)
    await node.write(decisions.withdraw, proposed.number, member=steward)
    assert not key.exists()
    again, _ = await founding.add(node.node, FUND, member=steward)
    rosa = await node.read(members.named, "rosa")
    await node.write(decisions.cast, again.number, member=rosa, choice=decisions.Choice.FOR)
    assert (await node.activity("/groups/fund"))[0] == 200


async def test_a_retired_group_says_so_to_all_and_its_texts_stay_readable(node: ServedNode) -> None:
    rosa = await person(node, "rosa")
    fund = await add(node)
    iri = await say(node, fund, rosa)
    number, secret = await node.write(invitations.make, Grant("writer"), actor=fund, lasts=7 * DAY)
    for group, who in ((fund, rosa), (node.group, await node.steward())):
        await node.write(drafts.begin, Draft(text=f"Drafted for {group}"), actor=group, member=who)
    proposed = await node.write(founding.retire, actor=fund, member=rosa)
    assert proposed.state is State.ADOPTED
    await node.quiet()
    status, stone = await node.activity("/groups/fund")
    assert (status, stone["type"], stone["formerType"], stone["id"]) == (410, "Tombstone", "Organization", fund)
    for path in ("outbox", "followers", "following", "featured"):
        assert (await node.activity(f"/groups/fund/{path}"))[0] == 410, path
    assert (await node.activity(f"/.well-known/webfinger?resource=acct:fund@{node.node.config.host}"))[0] == 404
    status, page = await node.page("/groups/fund")
    assert status == 200 and "was retired on" in page and "We collect." in page
    status, page = await node.page(iri)
    assert status == 200 and "We collect." in page and "Strike Fund" in page
    assert (await node.activity(iri))[0] == 200
    assert "Strike Fund" not in (await node.page("/about"))[1]
    with pytest.raises(Forbidden):
        await say(node, fund, rosa)
    with pytest.raises(Missing):
        await node.read(invitations.find, secret)
    with pytest.raises(Gone):
        await node.read(actors.group, "fund")
    with pytest.raises(Conflict, match="no address is used twice"):
        await founding.add(node.node, FUND, member=await node.steward())
    assert await node.read(store.mandates_in_force, rosa.id) == []
    await node.write(drafts.prune_of_retired)  # the node may have done so by itself
    kept = (await node.contents())["drafts"]
    assert not [one for one in kept if "/groups/fund" in str(one)], "nobody can read or drop them any more"
    left = await node.contents()
    assert len(left["drafts"]) == 1
    assert f"Drafted for {fund}" not in str(left["draft_versions"]) and node.group in str(left["draft_versions"])
    assert (node.directory / "keys" / "group-fund.rsa.pem").exists(), "its farewell has to be signed"
    node.clock.advance(founding.KEYS_KEPT_FOR + DAY)

    async def destroyed() -> bool:
        return not (node.directory / "keys" / "group-fund.rsa.pem").exists()

    node.node.bell.ring("jobs")
    await eventually(destroyed)
    assert number


async def test_followers_of_a_retired_group_are_told(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    node, other = two_nodes
    rosa = await person(node, "rosa")
    fund = await add(node)
    await other.follow("@fund@" + node.node.config.host)
    await node.quiet()
    iri = await say(node, fund, rosa)

    async def arrived() -> Any:
        return await other.holds(iri)

    await eventually(arrived)
    await node.write(founding.retire, actor=fund, member=rosa)

    async def left() -> bool:
        row = await other.read(actors.find, fund)
        return row is not None and row.gone is not None

    await eventually(left)
    held = await other.read(objects.find, iri)
    assert held is not None and held.document is None, "other servers delete their copies"
    assert (await node.page(iri))[0] == 200
    with pytest.raises(Refused, match="does not exist"):
        await other.follow("@fund@" + node.node.config.host)


async def test_the_main_group_and_one_that_is_about_to_speak_cannot_be_retired(serve: Any) -> None:
    node = await serve(0, settings={"publication_delay": 120})
    rosa = await person(node, "rosa")
    fund, steward = await add(node), await node.steward()
    with pytest.raises(Conflict, match="main group"):
        await node.write(founding.retire, actor=node.group, member=steward)
    await node.write(statements.publish, Draft(text="Soon.", language="de"), actor=fund, member=rosa)
    with pytest.raises(Conflict, match="wait to leave"):
        await node.write(founding.retire, actor=fund, member=rosa)
    with pytest.raises(Forbidden):
        await node.write(founding.retire, actor=fund, member=steward)
    assert (await node.activity("/groups/fund"))[0] == 200
