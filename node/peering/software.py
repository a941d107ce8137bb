"""What software a peer runs, as its NodeInfo says, kept with the day on which it was asked.

It is asked when a delegate looks a group up, or asks for it anew on the peer's page; never because a reader looks at
anything. A server that does not answer, or has no NodeInfo, keeps what it said before.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, Row, Table, Text, select

from federation import discovery
from federation.client import Budget
from federation.errors import Malformed, Refused, Unreachable
from federation.origin import origin
from node import names
from node.actors import host_of
from node.context import Node, Transaction
from node.database import Moment, insert, metadata

REQUESTS: Final = 4

peer_software = Table(
    "peer_software",
    metadata,
    Column("host", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("asked", Moment, nullable=False),
)


async def ask(node: Node, iri: str) -> None:
    """Ask the server of an actor what it runs, and keep what it says."""
    budget = Budget(requests=REQUESTS, bytes=REQUESTS * discovery.LIMIT_BYTES)
    try:
        said = await discovery.software(node.client, origin(iri), budget=budget)
    except (Refused, Malformed, Unreachable):
        return
    await node.database.write(_keep, host_of(iri), said)


def _keep(tx: Transaction, host: str, said: discovery.Software) -> None:
    values = {"name": names.visible(said.name) or "", "version": names.visible(said.version) or "", "asked": tx.now}
    statement = insert(tx, peer_software).values(host=host, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["host"], set_=values))


def of(tx: Transaction, host: str) -> Row[Any] | None:
    """What a host has said of its software, and when."""
    row: Row[Any] | None = tx.execute(select(peer_software).where(peer_software.c.host == host)).one_or_none()
    return row
