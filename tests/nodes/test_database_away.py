"""The database goes away for a while: nothing is lost, and the node goes on by itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy

from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually


@pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)  # a file does not go away
async def test_a_node_goes_on_after_its_connections_were_cut(serve: Any, hostile_peer: Peer) -> None:
    node: ServedNode = await serve(0)
    actor = hostile_peer.actor("ana")
    await asyncio.to_thread(cut_all_connections, node.node.database.url)

    async def accepted() -> bool:
        follow = hostile_peer.activity("Follow", actor, node.group)
        return await hostile_peer.send(f"{node.origin}/inbox", follow) == 202

    await eventually(accepted)

    async def answered() -> bool:
        return any(one["type"] == "Accept" for one in hostile_peer.received)

    await eventually(answered)


def cut_all_connections(url: sqlalchemy.URL) -> None:
    """What a restart of PostgreSQL does to us, without disturbing the other tests."""
    admin = sqlalchemy.create_engine(url.set(drivername="postgresql+psycopg", database="postgres"))
    with admin.connect() as connection:
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        connection.execute(sqlalchemy.text(query), {"name": url.database})
    admin.dispose()
