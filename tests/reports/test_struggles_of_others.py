"""Whose struggles are whose: nobody mints an address of ours, and a struggle's own server says what it is called."""

from __future__ import annotations

from typing import Any

import pytest

from node import decisions, objects
from node.context import Transaction
from node.decisions.rules import HOUR, Method, Rule
from node.errors import Invalid
from node.reports import importing, store, transcriptions
from node.statements import correcting
from schemas.context import PUBLIC
from tests.merges.telling import report as publish
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.nodes.test_two_nodes_talk import import_table
from tests.reports.test_flawed_reports import report
from tests.statements.test_hearing import bring


def addressed(node: ServedNode, peer: Peer, author: str, **facts: Any) -> dict[str, Any]:
    """A report of somebody whom no group follows, and who mentions ours."""
    mention = [{"type": "Mention", "href": node.group}]
    return report(peer, author, tag=mention, to=[PUBLIC], cc=[node.group], **facts)


async def test_nobody_takes_an_address_of_ours_for_a_struggle(node: ServedNode, hostile_peer: Peer) -> None:
    stranger, paper = hostile_peer.actor("stranger"), hostile_peer.actor("paper", type="Organization")
    await node.follow(paper)
    ours = f"{node.origin}/struggles/general-strike"
    for kind, author, spelt in (
        ("Create", stranger, ours),
        ("Create", paper, ours),
        ("Update", paper, ours),
        ("Create", paper, ours.replace("http://", "HTTP://")),
    ):
        said = addressed(node, hostile_peer, author, struggle=spelt, name="A name for their address")
        assert await bring(node, hostile_peer, kind, author, said) == "ignored", (kind, author, spelt)
        assert await node.read(objects.find, said["id"]) is None
        assert await node.read(store.find_struggle, spelt) is None
    assert (await node.page(ours))[0] == 404
    with pytest.raises(Invalid, match="is not a struggle of this node"):
        await publish(node, "Out for good", struggle=ours)
    _, minted = await publish(node, "Night shift walks out")
    theirs = addressed(node, hostile_peer, stranger, struggle=minted, name="They are out")
    assert await bring(node, hostile_peer, "Create", stranger, theirs) == "done"
    assert (await node.read(store.of, [theirs["id"]]))[theirs["id"]].struggle == minted


async def test_an_address_of_ours_that_was_taken_before_is_nobody_s(node: ServedNode, hostile_peer: Peer) -> None:
    paper, ours = hostile_peer.actor("paper", type="Organization"), f"{node.origin}/struggles/general-strike"
    await node.follow(paper)
    taken = {"iri": ours, "name": "A name for their address", "field": "work", "actor": paper, "local": False}
    said = report(hostile_peer, paper)
    assert await bring(node, hostile_peer, "Create", paper, said) == "done"

    def take(tx: Transaction) -> None:
        store.add_struggles(tx, [taken])
        tx.execute(store.reports.update().where(store.reports.c.iri == said["id"]).values(struggle=ours))

    await node.write(take)
    assert (await node.page(ours))[0] == 404
    with pytest.raises(Invalid, match="is not a struggle of this node"):
        await publish(node, "Out for good", struggle=ours)


async def test_a_struggle_s_own_server_says_what_it_is_called(node: ServedNode, hostile_peer: Peer) -> None:
    paper, theirs = hostile_peer.actor("paper", type="Organization"), f"{hostile_peer.origin}/struggles/1"
    _, told = await publish(node, "What we call it", struggle=theirs)
    assert told == theirs and (await node.read(store.find_struggle, theirs)).name == "What we call it"
    await node.follow(paper)
    for name in ("The depot strike", "A second word on it"):
        said = report(hostile_peer, paper, name=name)
        assert await bring(node, hostile_peer, "Create", paper, said) == "done"
        row = await node.read(store.find_struggle, theirs)
        assert (row.name, row.actor, row.local) == ("The depot strike", paper, False)


async def test_a_struggle_keeps_no_title_of_a_report_that_was_deleted(node: ServedNode, hostile_peer: Peer) -> None:
    paper = hostile_peer.actor("paper", type="Organization")
    await node.follow(paper)
    iri, struggle = await publish(node, "What somebody is said to have done")
    for number in (1, 2):
        said = report(
            hostile_peer, paper, struggle=struggle, name=f"Word {number}", published=f"2026-01-0{number}T00:00:00Z"
        )
        assert await bring(node, hostile_peer, "Create", paper, said) == "done"
        if number == 1:
            first = said["id"]
    await node.write(correcting.delete, iri, reason="personal-data", member=await node.steward())
    assert await named(node, struggle) == "Word 1"
    assert "said to have" not in (await node.page("/api/suggest/struggles?q=somebody"))[1]
    assert (await node.activity(struggle))[1]["name"] == "Word 1"
    assert await bring(node, hostile_peer, "Delete", paper, first) == "done"
    assert await named(node, struggle) == "Word 2" and "Word 2" in (await node.page(struggle))[1]
    assert await bring(node, hostile_peer, "Delete", paper, said["id"]) == "done"
    assert await named(node, struggle) == struggle and (await node.page(struggle))[0] == 404
    rows = await node.read(lambda tx: tx.execute(store.struggles.select()).all())
    assert not [row for row in rows if "Word" in row.name or "somebody" in row.name]
    again, _ = await publish(node, "Out once more", struggle=struggle)
    assert again and await named(node, struggle) == "Out once more"


async def test_an_import_names_a_struggle_when_it_is_public_and_while_it_stands(node: ServedNode) -> None:
    slow = Rule(Method.APPROVALS, approvals=1, at_least=HOUR)
    await node.write(lambda tx: decisions.store.set_rule(tx, node.group, "publish_import", slow))
    iri = await import_table(node)
    assert (await node.read(transcriptions.find_import, iri)).state == "proposed"
    reported = await node.read(store.of, await node.read(transcriptions.reports_in, iri))
    rows = [await node.read(_row, row.struggle) for row in reported.values()]
    struggle = next(row for row in rows if row.key)
    key = struggle.key.partition(":")[2]
    assert await named(node, struggle.iri) == struggle.iri
    _, told = await publish(node, "Another title", struggle=key)
    page = (await node.page(told))[1]
    if told == struggle.iri:
        assert struggle.name not in page
    assert "Another title" in page
    await node.write(importing.discard, iri)
    names = {(await node.read(_row, row.iri)).name for row in rows}
    assert struggle.name not in names and names <= {"Another title", "[…]"}


def _row(tx: Transaction, iri: str) -> Any:
    return tx.execute(store.struggles.select().where(store.struggles.c.iri == iri)).one()


async def named(node: ServedNode, iri: str) -> str:
    return str((await node.read(store.find_struggle, iri)).name)
