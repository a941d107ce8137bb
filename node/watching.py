"""Noticing what other processes have committed: the command line, or a second server on the same database.

SQLite tells by PRAGMA data_version, asked often because it is cheap; PostgreSQL by NOTIFY, sent with every commit that
promised work. Both only ring the bell: what there is to do stands in the tables.
"""

from __future__ import annotations

import asyncio
import logging

from node import happenings, intake, jobs
from node.context import Node
from node.database import CHANNEL

log = logging.getLogger("commonwire.watching")

EVERY_SECONDS = 0.25
AGAIN_SECONDS = 5.0


async def watch(node: Node) -> None:
    """The loop; ends by cancellation."""
    if node.database.is_sqlite:
        await _watch_sqlite(node)
    else:
        await _watch_postgresql(node)


async def _watch_sqlite(node: Node) -> None:
    seen = await node.database.changed_elsewhere()
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        found = await node.database.changed_elsewhere()
        if found != seen:
            seen = found
            node.directory.forget_all_keys()
            node.database.memory.forget_all()
            _ring(node)


async def _watch_postgresql(node: Node) -> None:
    import psycopg  # imported by those who use PostgreSQL alone: it is ten megabytes

    address = node.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                async for _ in connection.notifies():
                    _ring(node)
        except psycopg.OperationalError as error:
            log.warning("the database does not tell of changes, asking again in %d s: %s", AGAIN_SECONDS, error)
            await asyncio.sleep(AGAIN_SECONDS)


def _ring(node: Node) -> None:
    node.bell.ring(jobs.TOPIC)
    node.bell.ring(intake.TOPIC)
    node.bell.ring(happenings.TOPIC)
