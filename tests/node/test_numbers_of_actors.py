"""Apps ask for actors by numbers: each has its own, however many become known in one moment."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from node import actors
from node.context import Transaction
from schemas import actor as documents
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode

MANY = 3000  # of one millisecond: by chance alone two of them would meet in seven runs out of eight

pytestmark = pytest.mark.one_database


async def test_many_of_one_moment_have_a_number_each(node: ServedNode, hostile_peer: Peer) -> None:
    hostile_peer.actor("ana")
    document = hostile_peer.served["/users/ana"].body
    assert isinstance(document, dict)

    def enter(tx: Transaction) -> int:
        for step in range(MANY):
            iri = f"{hostile_peer.origin}/users/a{step}"
            key = document["publicKey"] | {"id": f"{iri}#main-key", "owner": iri}
            told = {**document, "id": iri, "inbox": f"{iri}/inbox", "publicKey": key}
            told.pop("assertionMethod", None)
            actors.keep(tx, documents.parse(told), told)
        of_peer = actors.actors.c.host == hostile_peer.host
        return int(tx.execute(select(func.count(actors.actors.c.number.distinct())).where(of_peer)).scalar_one())

    assert await node.write(enter) == MANY
