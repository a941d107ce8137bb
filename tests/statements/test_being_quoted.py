"""Being quoted with consent, and believing only the consent that its owner shows (FEP-044f)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from federation.keys import from_multibase
from federation.signatures import proofs
from node import objects
from node.errors import Missing
from node.identifiers import spell
from node.statements import consent, quotes
from node.statements.store import statements
from tests.nodes.peer import Answer, Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode

HIDDEN = "consent is not known here"


async def bring(node: ServedNode, peer: Peer, kind: str, actor: str, thing: Any, **more: Any) -> str | None:
    """Bring an activity in; what became of it."""
    activity = peer.activity(kind, actor, thing, **more)
    assert await peer.send(f"{node.origin}/inbox", activity) == 202, peer.last
    return await node.fate(activity)


def serve(peer: Peer, document: dict[str, Any]) -> dict[str, Any]:
    peer.served[document["id"].removeprefix(peer.origin)] = Answer(document)
    return document


def stamp_for(peer: Peer, *, quoting: str, quoted: str, by: str, **changes: Any) -> dict[str, Any]:
    """A stamp, as Mastodon shows it."""
    return {
        "id": peer.id("stamps"),
        "type": "QuoteAuthorization",
        "attributedTo": by,
        "interactingObject": quoting,
        "interactionTarget": quoted,
    } | changes


async def page_of(node: ServedNode, iri: str) -> str:
    row = await node.read(objects.find, iri)
    return (await node.page(iri if row.local else f"/heard/{spell(row.sort_id)}"))[1]


async def state(node: ServedNode, quoting: str) -> str | None:
    row = await node.read(quotes.find, quoting)
    return None if row is None else str(row.state)


@pytest.fixture
async def bob(hostile_peer: Peer) -> str:
    """Somebody who quotes."""
    return hostile_peer.actor("bob")


@pytest.fixture
async def alice(node: ServedNode, hostile_peer: Peer) -> str:
    """Somebody whom the node follows."""
    iri = hostile_peer.actor("alice")
    await node.follow(iri)
    return iri


# ---- being quoted


@pytest.mark.parametrize("embedded", [True, False], ids=["embedded", "named, as Mastodon does"])
async def test_a_request_is_answered_with_a_stamp_and_the_quotation_is_shown(
    node: ServedNode, hostile_peer: Peer, bob: str, embedded: bool
) -> None:
    ours = await node.publish("What we say.")
    quoting = serve(hostile_peer, hostile_peer.note(bob, "<p>hear them</p>", quote=ours, quoteUri=ours))
    instrument = quoting if embedded else quoting["id"]
    request = hostile_peer.activity("QuoteRequest", bob, ours, instrument=instrument)
    assert await hostile_peer.send(f"{node.group}/inbox", request) == 202
    assert await node.fate(request) == "done"
    (accept,) = hostile_peer.sent_to("Accept")
    assert accept["actor"] == node.group and accept["to"] == [bob]
    assert accept["object"] == {
        "type": "QuoteRequest", "id": request["id"], "actor": bob, "object": ours, "instrument": quoting["id"],
    }  # fmt: skip
    status, stamp = await node.activity(accept["result"])
    assert status == 200 and accept["result"].startswith(f"{ours}/quotes/")
    assert (stamp["type"], stamp["id"], stamp["attributedTo"]) == ("QuoteAuthorization", accept["result"], node.group)
    assert (stamp["interactingObject"], stamp["interactionTarget"]) == (quoting["id"], ours)
    group = (await node.activity(node.group))[1]
    key = from_multibase(group["assertionMethod"][0]["publicKeyMultibase"])
    proofs.check(stamp, key, now=node.clock())
    page = await page_of(node, quoting["id"])
    assert '<blockquote class="quoted"' in page and "What we say." in page
    assert "Quoted by" in await page_of(node, ours) and "hear them" in await page_of(node, ours)


async def test_the_same_request_gets_the_same_stamp_and_another_gets_another(
    node: ServedNode, hostile_peer: Peer, bob: str
) -> None:
    ours = await node.publish()
    first, second = (hostile_peer.note(bob, quote=ours) for _ in range(2))
    for quoting in (first, first, second):
        assert await bring(node, hostile_peer, "QuoteRequest", bob, ours, instrument=quoting) == "done"
    results = [accept["result"] for accept in hostile_peer.sent_to("Accept")]
    assert len(results) == 3 and results[0] == results[1] != results[2]


async def test_a_stamp_that_is_taken_back_is_gone_told_and_not_given_again(
    node: ServedNode, hostile_peer: Peer, bob: str
) -> None:
    ours = await node.publish("What we say.")
    quoting = hostile_peer.note(bob, quote=ours)
    assert await bring(node, hostile_peer, "QuoteRequest", bob, ours, instrument=quoting) == "done"
    stamp = hostile_peer.sent_to("Accept")[0]["result"]
    said = await commonwire("quote", "list", node.directory, "--json")
    assert [row["stamp"] for row in json.loads(said.out)] == [stamp]
    said = await commonwire("quote", "revoke", node.directory, stamp)
    assert said.status == 0 and "taken back" in said.out
    await node.quiet()
    (delete,) = hostile_peer.sent_to("Delete")
    assert (delete["object"], delete["actor"]) == (stamp, node.group)
    assert (await node.activity(stamp))[0] == 404
    assert HIDDEN in await page_of(node, quoting["id"])
    assert "Quoted by" not in await page_of(node, ours)
    assert await bring(node, hostile_peer, "QuoteRequest", bob, ours, instrument=quoting) == "done"
    assert len(hostile_peer.sent_to("Accept")) == 1 and len(hostile_peer.sent_to("Reject")) == 1
    forged = quoting | {"quoteAuthorization": stamp, "updated": "2030-01-01T00:00:00Z"}
    await bring(node, hostile_peer, "Update", bob, forged)
    assert await state(node, quoting["id"]) == "revoked"
    with pytest.raises(Missing):
        await node.write(consent.revoke, stamp, member=await node.steward())
    said = await commonwire("quote", "revoke", node.directory, stamp)
    assert said.status != 0 and "taken back already" in said.err


async def test_a_stamp_that_is_taken_back_does_not_come_again_by_way_of_another_quotation(
    node: ServedNode, hostile_peer: Peer, bob: str
) -> None:
    ours = await node.publish("What we say.")
    quoting = hostile_peer.note(bob, quote=ours, inReplyTo=ours)
    assert await bring(node, hostile_peer, "QuoteRequest", bob, ours, instrument=quoting) == "done"
    stamp = hostile_peer.sent_to("Accept")[0]["result"]
    await node.write(consent.revoke, stamp, member=await node.steward())
    for year, quoted in ((2030, "https://else.example/notes/1"), (2031, ours)):
        changed = quoting | {"quote": quoted, "updated": f"{year}-01-01T00:00:00Z"}
        assert await bring(node, hostile_peer, "Update", bob, changed) == "done"
    assert await state(node, quoting["id"]) == "revoked"
    assert await bring(node, hostile_peer, "QuoteRequest", bob, ours, instrument=quoting) == "done"
    assert len(hostile_peer.sent_to("Accept")) == 1 and len(hostile_peer.sent_to("Reject")) == 1


async def test_one_actor_gets_twenty_stamps_for_one_text(node: ServedNode, hostile_peer: Peer, bob: str) -> None:
    ours = await node.publish()
    for _ in range(consent.OF_ONE_AT_MOST + 2):
        await bring(node, hostile_peer, "QuoteRequest", bob, ours, instrument=hostile_peer.note(bob, quote=ours))
    assert len(hostile_peer.sent_to("Accept")) == consent.OF_ONE_AT_MOST
    assert len(hostile_peer.sent_to("Reject")) == 2
    known = await node.read(lambda tx: quotes.count_by(tx, quoted=ours, quoter=bob))
    assert known == consent.OF_ONE_AT_MOST, "asking for more leaves nothing behind"


async def test_nobody_asks_for_somebody_else_or_for_nothing(node: ServedNode, hostile_peer: Peer, bob: str) -> None:
    ours, mallory = await node.publish(), hostile_peer.actor("mallory")
    hers = hostile_peer.note(bob, quote=ours)
    other = hostile_peer.note(mallory, quote=hers["id"])
    cases: list[tuple[Any, Any, str]] = [
        (ours, hers, "refused"),  # another's text
        (ours, other, "refused"),  # it quotes something else
        (ours, hostile_peer.note(mallory), "refused"),  # it quotes nothing
        (ours, "https://else.example/notes/1", "refused"),
        (ours, {"id": f"{node.origin}/statements/x", "type": "Note", "attributedTo": mallory}, "refused"),
        (ours, None, "refused"),
        (ours, {"type": "Follow"}, "refused"),
        (hers["id"], hostile_peer.note(mallory, quote=hers["id"]), "ignored"),  # not ours to allow
        (f"{node.origin}/statements/none", hostile_peer.note(mallory), "ignored"),
        (node.group, hostile_peer.note(mallory, quote=node.group), "ignored"),
    ]
    for quoted, instrument, fate in cases:
        got = await bring(node, hostile_peer, "QuoteRequest", mallory, quoted, instrument=instrument)
        assert got == fate, (quoted, instrument)
    serve(hostile_peer, hers)
    await bring(node, hostile_peer, "QuoteRequest", mallory, ours, instrument=hers["id"])  # by name: found out later
    assert not hostile_peer.sent_to("Accept") and not hostile_peer.sent_to("Reject")
    assert await node.read(lambda tx: list(tx.execute(quotes.quotes.select()))) == []


async def test_what_is_not_for_everybody_may_quote_and_is_not_kept(
    node: ServedNode, hostile_peer: Peer, bob: str
) -> None:
    ours = await node.publish()
    private = hostile_peer.note(bob, "<p>among friends</p>", quote=ours, to=[f"{bob}/followers"])
    assert await bring(node, hostile_peer, "QuoteRequest", bob, ours, instrument=private) == "done"
    assert len(hostile_peer.sent_to("Accept")) == 1 and not await node.holds(private["id"])


async def test_a_deleted_text_has_no_stamps(node: ServedNode, hostile_peer: Peer, bob: str) -> None:
    ours = await node.publish()
    quoting = hostile_peer.note(bob, quote=ours)
    await bring(node, hostile_peer, "QuoteRequest", bob, ours, instrument=quoting)
    stamp = hostile_peer.sent_to("Accept")[0]["result"]
    await node.write(objects.bury, ours)
    assert (await node.activity(stamp))[0] == 404
    assert await bring(node, hostile_peer, "QuoteRequest", bob, ours, instrument=quoting) == "ignored"


async def test_where_no_stamp_was_given_there_is_none(node: ServedNode) -> None:
    ours = await node.publish()
    for address in (f"{ours}/quotes/38g3gjtwv3k0n", f"{node.origin}/reports/x/quotes/y"):
        assert (await node.activity(address))[0] == 404


# ---- others who quote others


@pytest.fixture
async def quotation(node: ServedNode, hostile_peer: Peer, alice: str, bob: str) -> dict[str, Any]:
    """Alice, whom the node follows, quotes Bob, who allows it; nothing of it has been brought in yet."""
    quoted = serve(hostile_peer, hostile_peer.note(bob, "<p>words of Bob</p>"))
    quoting = hostile_peer.note(alice, "<p>listen</p>", quote=quoted["id"])
    stamp = serve(hostile_peer, stamp_for(hostile_peer, quoting=quoting["id"], quoted=quoted["id"], by=bob))
    return {"quoting": quoting | {"quoteAuthorization": stamp["id"]}, "quoted": quoted, "stamp": stamp}


async def test_a_quotation_is_shown_when_its_stamp_is_seen_at_its_author_s_server(
    node: ServedNode, hostile_peer: Peer, alice: str, quotation: dict[str, Any]
) -> None:
    assert await bring(node, hostile_peer, "Create", alice, quotation["quoting"]) == "done"
    page = await page_of(node, quotation["quoting"]["id"])
    assert '<blockquote class="quoted"' in page and "words of Bob" in page
    assert "words of Bob" not in (await node.page("/wire"))[1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"attributedTo": "ALICE"},
        {"attributedTo": "https://else.example/u"},
        {"interactingObject": "https://else.example/notes/1"},
        {"interactionTarget": "https://else.example/notes/1"},
        {"type": "Note"},
        {"id": "https://else.example/stamps/1"},
    ],
)
async def test_a_forged_stamp_is_no_stamp(
    node: ServedNode, hostile_peer: Peer, alice: str, quotation: dict[str, Any], wrong: dict[str, str]
) -> None:
    stamp = quotation["stamp"]
    forged = stamp | {name: value.replace("ALICE", alice) for name, value in wrong.items()}
    hostile_peer.served[stamp["id"].removeprefix(hostile_peer.origin)] = Answer(forged)
    assert await bring(node, hostile_peer, "Create", alice, quotation["quoting"]) == "done"
    page = await page_of(node, quotation["quoting"]["id"])
    assert HIDDEN in page and "words of Bob" not in page
    assert await state(node, quotation["quoting"]["id"]) == "refused"


async def test_a_stamp_at_another_server_than_its_author_s_is_not_even_asked_for(
    node: ServedNode, hostile_peer: Peer, alice: str, quotation: dict[str, Any]
) -> None:
    quoting = quotation["quoting"] | {"quoteAuthorization": f"{node.origin}/statements/x/quotes/y"}
    assert await bring(node, hostile_peer, "Create", alice, quoting) == "done"
    assert HIDDEN in await page_of(node, quoting["id"])


async def test_a_quotation_without_a_stamp_is_not_shown_and_one_that_gets_it_later_is(
    node: ServedNode, hostile_peer: Peer, alice: str, quotation: dict[str, Any]
) -> None:
    bare = {name: value for name, value in quotation["quoting"].items() if name != "quoteAuthorization"}
    assert await bring(node, hostile_peer, "Create", alice, bare) == "done"
    assert HIDDEN in await page_of(node, bare["id"])
    assert await bring(node, hostile_peer, "Update", alice, quotation["quoting"]) == "done"
    assert "words of Bob" in await page_of(node, bare["id"])


async def test_a_stamp_that_its_author_deletes_counts_no_more(
    node: ServedNode, hostile_peer: Peer, alice: str, bob: str, quotation: dict[str, Any]
) -> None:
    quoting, stamp = quotation["quoting"]["id"], quotation["stamp"]["id"]
    await bring(node, hostile_peer, "Create", alice, quotation["quoting"])
    await bring(node, hostile_peer, "Delete", alice, stamp)
    assert await state(node, quoting) == "allowed"
    assert await bring(node, hostile_peer, "Delete", bob, stamp) == "done"
    assert HIDDEN in await page_of(node, quoting)
    await bring(node, hostile_peer, "Update", alice, quotation["quoting"])
    assert await state(node, quoting) == "revoked"


async def test_who_quotes_herself_needs_no_stamp(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    before = serve(hostile_peer, hostile_peer.note(alice, "<p>as I said</p>"))
    quoting = hostile_peer.note(alice, quote=before["id"])
    assert await bring(node, hostile_peer, "Create", alice, quoting) == "done"
    assert "as I said" in await page_of(node, quoting["id"])


@pytest.mark.parametrize("name", ["_misskey_quote", "quoteUrl", "quoteUri"])
async def test_an_older_form_of_quoting_is_a_link(node: ServedNode, hostile_peer: Peer, alice: str, name: str) -> None:
    quoting = hostile_peer.note(alice, **{name: "https://else.example/notes/1"})
    assert await bring(node, hostile_peer, "Create", alice, quoting) == "done"
    page = await page_of(node, quoting["id"])
    assert 'It refers to <a href="https://else.example/notes/1" rel="nofollow noopener noreferrer">' in page
    assert "<blockquote" not in page and HIDDEN not in page


async def test_what_a_stranger_quotes_makes_nobody_ask(node: ServedNode, hostile_peer: Peer, bob: str) -> None:
    answer = hostile_peer.note(bob, inReplyTo=await node.publish(), quote="https://else.example/1") | {
        "quoteAuthorization": f"{hostile_peer.origin}/stamps/1"
    }
    assert await bring(node, hostile_peer, "Create", bob, answer) == "done"
    assert hostile_peer.asked["/stamps/1"] == 0 and await state(node, answer["id"]) == "claimed"
    assert HIDDEN in await page_of(node, answer["id"])


async def test_quoting_ours_without_asking_is_not_shown_as_a_quotation(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    ours = await node.publish("What we say.")
    quoting = hostile_peer.note(alice, quote=ours, quoteAuthorization=f"{ours}/quotes/none")
    assert await bring(node, hostile_peer, "Create", alice, quoting) == "done"
    page = await page_of(node, quoting["id"])
    assert HIDDEN in page and "What we say." not in page
    row = await node.read(lambda tx: tx.execute(statements.select().where(statements.c.iri == quoting["id"])).one())
    assert row.extras == {"quote": ours}
