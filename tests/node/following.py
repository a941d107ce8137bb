"""Followers by the hundred, entered as they stand after a Follow, and what waits for them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from node import actors, jobs
from node.context import Transaction
from node.jobs import Priority
from node.peering import store as follows
from node.peering.rules import Follow
from schemas import actor as actor_documents
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode


def document(peer: Peer, iri: str) -> dict[str, Any]:
    """What the peer serves for an actor."""
    answer = peer.served[iri.removeprefix(peer.origin)]
    assert isinstance(answer, Answer) and isinstance(answer.body, dict)
    return answer.body


async def followed_by(
    node: ServedNode, peer: Peer, count: int = 1, *, name: str = "follower", **changes: Any
) -> list[str]:
    """Let `count` actors of `peer` follow the group; their IRIs."""
    iris = [peer.actor(f"{name}{number}", **changes) for number in range(count)]
    await node.write(_enter, [document(peer, iri) for iri in iris], node.group)
    return iris


def _enter(tx: Transaction, documents: list[dict[str, Any]], group: str) -> None:
    for one in documents:
        actors.keep(tx, actor_documents.parse(one), one)
        follows.put(tx, follower=one["id"], followed=group, activity=f"{one['id']}/f", state=Follow.ACCEPTED)


async def deliveries(node: ServedNode, host: str | None = None, priority: Priority | None = None) -> int:
    """How many deliveries are promised."""

    def count(tx: Transaction) -> int:
        query = select(func.count()).select_from(jobs.jobs).where(jobs.jobs.c.kind == "deliver")
        if host is not None:
            query = query.where(jobs.jobs.c.lane == host)
        if priority is not None:
            query = query.where(jobs.jobs.c.priority == priority.value)
        return int(tx.execute(query).scalar_one())

    return int(await node.read(count))
