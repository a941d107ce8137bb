"""Three nodes sign one text, each by its own decision; the list grows, is verified by everybody, and shrinks again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from node import objects
from node.decisions import store as decided
from node.decisions.rules import HOUR, Method, Rule, State
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.identifiers import spell
from node.signatories import actions, store
from node.signatories import rules as signing
from node.statements import correcting
from node.statements import store as statements
from node.statements.rules import Draft
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually

Three = tuple[ServedNode, ServedNode, ServedNode]


async def invite(author: ServedNode, text: str, other: str) -> None:
    member = await author.steward()
    await author.write(actions.invite, text, other, actor=author.group, member=member)


async def asked(node: ServedNode, text: str) -> Any:
    """The invitation, once it has come."""

    async def find() -> Any:
        row = await node.read(store.find, text, node.group)
        return row if row is not None and row.state == "asked" else None

    return await eventually(find)


async def sign(node: ServedNode, text: str) -> State:
    state: State = await node.write(actions.sign, text, actor=node.group, member=await node.steward())
    return state


async def names(node: ServedNode, text: str) -> list[str]:
    """Whom a node shows as signatories."""
    rows = await node.read(store.of, text, signing.State.SIGNED)
    return sorted(row.signatory for row in rows)


async def shows(node: ServedNode, text: str, *signatories: str) -> None:
    async def so() -> bool:
        return await names(node, text) == sorted(signatories)

    try:
        assert await eventually(so)
    except AssertionError:
        raise AssertionError(f"{node.origin} shows {await names(node, text)}, not {signatories}") from None


async def page_of(node: ServedNode, text: str) -> str:
    row = await node.read(objects.find, text)
    status, page = await node.page(text if row.local else f"/heard/{spell(row.sort_id)}")
    assert status == 200
    return page


async def test_the_list_of_signatories_grows_and_shrinks_on_every_node(three_nodes: Three) -> None:
    first, second, third = three_nodes
    text = await first.publish("No eviction this winter.", title="Together")
    for other in (second, third):
        await invite(first, text, other.group)
    await asked(second, text)
    assert await sign(second, text) is State.ADOPTED
    await shows(first, text, second.group)
    await asked(third, text)
    assert await sign(third, text) is State.ADOPTED
    for node in three_nodes:
        await shows(node, text, second.group, third.group)
        page = await page_of(node, text)
        assert "Signed together by" in page
        assert page.count("its signature") == 2
        assert "signed an earlier wording" not in page
    _, document = await first.activity(text)
    assert [one["signatory"] for one in document["signatories"]] == [second.group, third.group]
    status, stamp = await third.activity(document["signatories"][1]["signatureAuthorization"])
    assert (status, stamp["attributedTo"], stamp["interactingObject"]) == (200, third.group, text)
    assert stamp["proof"]["cryptosuite"] == "eddsa-jcs-2022"
    boosts = await second.read(statements.boosters, [text])
    assert second.group in boosts[text], "who signs announces it to its own followers"

    await third.write(actions.withdraw, text, actor=third.group, member=await third.steward())
    for node in three_nodes:
        await shows(node, text, second.group)
    assert (await third.activity(document["signatories"][1]["signatureAuthorization"]))[0] == 404
    assert third.group not in (await third.read(statements.boosters, [text])).get(text, [])
    with pytest.raises(Missing):
        await third.write(actions.withdraw, text, actor=third.group, member=await third.steward())


async def test_a_signature_is_of_one_wording(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    text = await first.publish("No eviction this winter.", title="Together")
    await invite(first, text, second.group)
    await asked(second, text)
    await sign(second, text)
    await shows(first, text, second.group)
    draft = Draft(text="No eviction, ever.", title="Together")
    await first.write(correcting.correct, text, draft, member=await first.steward())

    async def corrected() -> bool:
        return b"ever" in (await second.read(objects.find, text)).document

    assert await eventually(corrected)
    for node in two_nodes:
        assert "signed an earlier wording" in await page_of(node, text)


async def test_what_was_changed_while_the_group_decided_is_not_signed(
    two_nodes: tuple[ServedNode, ServedNode],
) -> None:
    first, second = two_nodes
    text = await first.publish("No eviction this winter.")
    await invite(first, text, second.group)
    await asked(second, text)
    await second.write(decided.set_rule, second.group, "sign", Rule(Method.APPROVALS, approvals=1, at_least=HOUR))
    assert await sign(second, text) is State.OPEN
    subject = json.dumps([second.group, text, signing.digest(await second.read(actions.said, text))])
    draft = Draft(text="No eviction, ever.")
    await first.write(correcting.correct, text, draft, member=await first.steward())

    async def corrected() -> bool:
        return b"ever" in (await second.read(objects.find, text)).document

    assert await eventually(corrected)
    with pytest.raises(Conflict, match="decide on it anew"):
        await second.write(actions.signed, subject)
    assert await names(second, text) == []


async def test_who_declines_is_not_asked_again(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    text = await first.publish("No eviction this winter.")
    await invite(first, text, second.group)
    await asked(second, text)
    await second.write(actions.decline, text, actor=second.group, member=await second.steward())

    async def told() -> bool:
        row = await first.read(store.find, text, second.group)
        return bool(row.state == "declined")

    assert await eventually(told)
    with pytest.raises(Conflict, match="not asked again"):
        await invite(first, text, second.group)
    with pytest.raises(Conflict, match="answered"):
        await sign(second, text)


async def test_what_cannot_be_signed_is_refused_in_words(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    text = await first.publish("No eviction this winter.")
    with pytest.raises(Missing, match="nobody has asked"):
        await sign(second, text)
    with pytest.raises(Invalid, match="by publishing it"):
        await invite(first, text, first.group)
    with pytest.raises(Missing, match="knows no group"):
        await invite(first, text, "https://nobody.example/groups/none")
    await eventually(lambda: second.read(objects.find, text))
    with pytest.raises(Forbidden, match="not ours"):
        await second.write(actions.invite, text, first.group, actor=second.group, member=await second.steward())


async def test_claims_without_a_stamp_are_shown_nowhere(node: ServedNode, hostile_peer: Peer) -> None:
    author, other = hostile_peer.actor("author"), hostile_peer.actor("other")
    await node.follow(author)
    await node.quiet()
    await hostile_peer.send(
        f"{node.origin}/inbox", hostile_peer.activity("Accept", author, hostile_peer.sent_to("Follow")[0])
    )
    stamp = f"{hostile_peer.origin}/stamps/1"
    note = hostile_peer.note(author) | {
        "signatories": [
            {"signatory": other, "signatureAuthorization": stamp},
            {"signatory": node.group, "signatureAuthorization": f"{node.origin}/signatures/0000000000000"},
            {"signatory": "https://elsewhere.example/a", "signatureAuthorization": stamp},
        ]
    }
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", author, note)) == 202
    await node.quiet()
    assert await node.holds(note["id"])
    assert await names(node, note["id"]) == []
    hostile_peer.served["/stamps/1"] = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": stamp,
        "type": "SignatureAuthorization",
        "attributedTo": author,
        "interactingObject": note["id"],
        "signedDigest": "0" * 64,
    }
    changed = note | {"updated": "2026-11-22T12:00:00Z"}
    await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Update", author, changed))
    await node.quiet()
    assert await names(node, note["id"]) == [], "the stamp is not by the one who is named"
