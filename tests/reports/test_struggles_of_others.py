"""Whose struggles are whose: nobody mints an address of ours, and a struggle's own server says what it is called."""

from __future__ import annotations

from typing import Any

import pytest

from node import objects
from node.context import Transaction
from node.errors import Invalid
from node.reports import store
from schemas.context import PUBLIC
from tests.merges.telling import report as publish
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
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
