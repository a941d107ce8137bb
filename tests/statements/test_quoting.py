"""Quoting what others say: everybody's word for it, leave asked where it is wanted, the quotation gone where not."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from federation import keys
from federation.media_types import ACTIVITY_LD_JSON
from node import actors, intake
from node.errors import Invalid
from node.members import store as member_store
from node.statements import actions, correcting, passing_on, quotings, store, versions
from node.statements.rules import Draft, Interest
from schemas.context import PUBLIC
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually
from tests.statements.test_corrections import delete, follower
from tests.statements.test_passing_on import said

EVERYBODY = {"interactionPolicy": {"canQuote": {"automaticApproval": [PUBLIC]}}}
COMPATIBLE = ("quote", "quoteUrl", "quoteUri", "_misskey_quote")


async def bring(node: ServedNode, peer: Peer, **fields: Any) -> dict[str, Any]:
    """A note by bob that the node holds."""
    note = said(peer, **fields)
    await passing_on.bring(node.node, note["id"], Interest.SOUGHT)
    return note


async def quote(node: ServedNode, note: dict[str, Any], text: str = "Hear them.", **fields: Any) -> str:
    iri = await node.publish(text, quote=note["id"], **fields)
    await node.quiet()
    return iri


async def asked(node: ServedNode, peer: Peer, note: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A quotation, and the request for leave that came for it."""
    iri = await quote(node, note)
    (request,) = peer.sent_to("QuoteRequest")
    return iri, request


async def answer(node: ServedNode, peer: Peer, kind: str, request: Any, **fields: Any) -> str | None:
    act = peer.activity(kind, f"{peer.origin}/users/bob", request, to=[node.group], **fields)
    assert await peer.send(f"{node.origin}/inbox", act) == 202
    return await node.fate(act)


async def test_a_quotation_says_so_in_all_ways_that_others_read(node: ServedNode, hostile_peer: Peer) -> None:
    note = await bring(node, hostile_peer, url=f"{hostile_peer.origin}/@bob/1")
    iri = await quote(node, note, title="On the far depot", tags=("strike",))
    document = (await node.activity(iri))[1]
    assert {document[name] for name in COMPATIBLE} == {note["id"]}
    assert {
        "type": "Link",
        "name": f"RE: {note['url']}",
        "href": note["id"],
        "mediaType": ACTIVITY_LD_JSON,
        "rel": "https://misskey-hub.net/ns#_misskey_quote",
    } in document["tag"]
    start = f'<p><strong>On the far depot</strong></p>\n<p class="quote-inline">RE: <a href="{note["url"]}">'
    assert document["content"].startswith(start)
    assert note["attributedTo"] in document["cc"]
    (create,) = hostile_peer.sent_to("Create")
    assert create["object"] == document
    assert hostile_peer.sent_to("QuoteRequest") == [], "who has no policy knows no request"
    assert (await node.read(store.shown, [iri]))[iri].extras == {"quote": note["id"]}
    assert "RE:" not in (await node.page(iri))[1], "that is for readers elsewhere"


async def test_who_wants_to_be_asked_is_asked_and_the_stamp_is_passed_on(node: ServedNode, hostile_peer: Peer) -> None:
    await follower(node, hostile_peer)
    note = await bring(node, hostile_peer, **EVERYBODY)
    iri, request = await asked(node, hostile_peer, note)
    assert (request["actor"], request["object"], request["to"]) == (node.group, note["id"], [note["attributedTo"]])
    assert request["instrument"] == (await node.activity(iri))[1]
    assert await node.read(intake.check_proof, request, author=node.group) is True
    stamp = f"{hostile_peer.origin}/stamps/1"
    assert await answer(node, hostile_peer, "Accept", request["id"], result=stamp) == "done"
    assert await answer(node, hostile_peer, "Accept", request, result=stamp) == "done"
    document = (await node.activity(iri))[1]
    assert (document["quote"], document["quoteAuthorization"]) == (note["id"], stamp)
    assert "updated" not in document, "its words are the same"
    assert await node.read(versions.of, iri) == []
    updates = hostile_peer.sent_to("Update")
    assert [one["object"] for one in updates] == [document] * 2, "bob and the followers, once"
    (shown,) = (await node.activity(f"{node.group}/outbox?page=true"))[1]["orderedItems"]
    assert shown["object"] == document
    await node.write(correcting.correct, iri, Draft(text="Hear them!"), member=await node.steward())
    document = (await node.activity(iri))[1]
    assert (document["quote"], document["quoteAuthorization"]) == (note["id"], stamp), "a correction keeps both"


@pytest.mark.parametrize("how", ["Reject", "revoked"])
async def test_a_quotation_that_is_not_wanted_goes(how: str, node: ServedNode, hostile_peer: Peer) -> None:
    note = await bring(node, hostile_peer, **EVERYBODY)
    iri, request = await asked(node, hostile_peer, note)
    if how == "Reject":
        assert await answer(node, hostile_peer, "Reject", request["id"]) == "done"
        assert await answer(node, hostile_peer, "Reject", request["id"]) == "done"
    else:
        stamp = f"{hostile_peer.origin}/stamps/1"
        await answer(node, hostile_peer, "Accept", request["id"], result=stamp)
        assert await answer(node, hostile_peer, "Delete", stamp) == "done"
    document = (await node.activity(iri))[1]
    assert not {*COMPATIBLE, "quoteAuthorization"} & set(document)
    assert note["id"] not in document["content"] and "Hear them." in document["content"]
    assert hostile_peer.sent_to("Update")[-1]["object"] == document
    assert (await node.read(store.shown, [iri]))[iri].extras is None
    assert (await node.read(quotings.find, iri)).state == "refused"


async def test_an_author_who_changes_her_mind_all_day_does_not_make_us_tell_everybody_each_time(
    node: ServedNode, hostile_peer: Peer
) -> None:
    note = await bring(node, hostile_peer, **EVERYBODY)
    iri, request = await asked(node, hostile_peer, note)
    fates = []
    for number in range(1, 6):
        stamp = f"{hostile_peer.origin}/stamps/{number}"
        fates.append(await answer(node, hostile_peer, "Accept", request["id"], result=stamp))
        assert await answer(node, hostile_peer, "Reject", request["id"]) == "done", "a no is always heard"
    assert fates == ["done", "done", "done", "refused", "refused"]
    await node.quiet()
    assert not {*COMPATIBLE, "quoteAuthorization"} & set((await node.activity(iri))[1])
    assert len(hostile_peer.sent_to("Update")) <= 6


async def test_nobody_else_answers_and_no_stamp_is_from_elsewhere(node: ServedNode, hostile_peer: Peer) -> None:
    note = await bring(node, hostile_peer, **EVERYBODY)
    iri, request = await asked(node, hostile_peer, note)
    before = (await node.activity(iri))[1]
    mallory = hostile_peer.actor("mallory")
    for kind, fields in (("Accept", {"result": f"{hostile_peer.origin}/stamps/1"}), ("Reject", {})):
        act = hostile_peer.activity(kind, mallory, request["id"], **fields)
        assert await hostile_peer.send(f"{node.origin}/inbox", act) == 202
        assert await node.fate(act) == "refused"
    for result in ("https://elsewhere.example/stamps/1", None):
        fields = {"result": result} if result else {}
        assert await answer(node, hostile_peer, "Accept", request["id"], **fields) == "refused"
    invented = f"{node.origin}/activities/0000000000000"
    assert await answer(node, hostile_peer, "Accept", {"type": "QuoteRequest", "id": invented}) == "refused"
    assert (await node.activity(iri))[1] == before


POLICIES: list[tuple[Any, bool]] = [
    ({"automaticApproval": []}, False),
    ({"automaticApproval": ["AUTHOR"]}, False),
    ({"automaticApproval": ["AUTHOR/followers"]}, False),
    ({"manualApproval": PUBLIC}, True),
    ({"automaticApproval": ["GROUP"], "manualApproval": []}, True),
]


async def test_what_its_author_lets_nobody_quote_is_not_quoted(node: ServedNode, hostile_peer: Peer) -> None:
    member = await node.steward()
    author = f"{hostile_peer.origin}/users/bob"
    for policy, allowed in POLICIES:
        named = json.dumps(policy).replace("AUTHOR", author).replace("GROUP", node.group)
        note = said(hostile_peer, interactionPolicy={"canQuote": json.loads(named)})
        await passing_on.bring(node.node, note["id"], Interest.SOUGHT)
        draft = Draft(text="Hear them.", quote=note["id"])
        if allowed:
            await node.write(actions.publish, draft, actor=node.group, member=member)
        else:
            with pytest.raises(Invalid, match="quote") as caught:
                await node.write(actions.publish, draft, actor=node.group, member=member)
            assert caught.value.field == "quote"


async def test_we_quote_ourselves_without_asking(node: ServedNode) -> None:
    first = await node.publish("As we said.")
    second = await node.publish("And again.", quote=first)
    await node.quiet()
    document = (await node.activity(second))[1]
    assert document["quote"] == first
    assert "As we said." in (await node.page(second))[1]
    assert (await node.read(quotings.find, second)).state == "given"


async def test_two_nodes_agree_on_a_quotation(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    quoted = await first.publish("Bread and roses.")
    await first.quiet()
    await second.quiet()
    iri = await second.publish("Hear them.", quote=quoted)

    async def agreed() -> bool:
        return (await second.read(quotings.find, iri)).state == "given"

    await eventually(agreed)
    document = (await second.activity(iri))[1]
    status, stamp = await second.activity(document["quoteAuthorization"])
    assert status == 200
    assert (stamp["interactingObject"], stamp["interactionTarget"]) == (iri, quoted)
    assert "Bread and roses." in (await second.page(iri))[1]
    await delete(second, iri)
    await first.quiet()
    assert not await first.holds(iri)


async def test_another_group_of_the_node_gives_its_stamp_at_once(node: ServedNode, hostile_peer: Peer) -> None:
    await follower(node, hostile_peer)
    first = await node.publish("As the union says.")
    other = await second_group(node)
    steward = await node.steward()
    await node.write(member_store.add_mandate, steward.id, other, "steward", None)
    iri, _ = await node.write(actions.publish, Draft(text="Hear them.", quote=first), actor=other, member=steward)
    await node.quiet()
    document = (await node.activity(iri))[1]
    status, stamp = await node.activity(document["quoteAuthorization"])
    assert status == 200
    assert (stamp["attributedTo"], stamp["interactingObject"]) == (node.group, iri)
    assert "As the union says." in (await node.page(iri))[1]
    await node.write(correcting.correct, iri, Draft(text="Hear them!"), member=steward)
    assert (await node.activity(iri))[1]["quoteAuthorization"] == document["quoteAuthorization"]
    closed = await node.publish("For ourselves.", quotable="nobody")
    with pytest.raises(Invalid, match="lets nobody like us quote"):
        await node.write(actions.publish, Draft(text="Hear them.", quote=closed), actor=other, member=steward)


async def second_group(node: ServedNode) -> str:
    """A committee beside the main group, with keys of its own."""
    keys_of = node.directory / "keys"
    for ending, make in (("rsa", keys.make_rsa), ("ed25519", keys.make_ed25519)):
        await asyncio.to_thread((keys_of / f"group-committee.{ending}.pem").write_bytes, keys.private_pem(make()))
    await asyncio.to_thread(node.node.keyring.read_all)
    made = {"kind": actors.GROUP, "handle": "committee", "name": "A Committee", "language": "en"}
    return str(await node.write(actors.add_local, **made))


async def test_a_deleted_quotation_and_its_request_are_gone(node: ServedNode, hostile_peer: Peer) -> None:
    note = await bring(node, hostile_peer, **EVERYBODY)
    iri, request = await asked(node, hostile_peer, note)
    await delete(node, iri)
    stamp = f"{hostile_peer.origin}/stamps/1"
    assert await answer(node, hostile_peer, "Accept", request["id"], result=stamp) == "done"
    assert (await node.activity(iri))[0] == 410
    assert "Hear them" not in str(await node.contents())


async def test_what_is_quoted_stays_what_it_is(node: ServedNode, hostile_peer: Peer) -> None:
    first, second = await bring(node, hostile_peer), await bring(node, hostile_peer)
    iri = await quote(node, first)
    with pytest.raises(Invalid) as caught:
        await node.write(correcting.correct, iri, Draft(text="x", quote=second["id"]), member=await node.steward())
    assert caught.value.field == "quote"
