"""What the database and the process are like at this moment, as metrics (`node.metrics`).

What takes a walk through a table is found out at most once a minute, however often somebody asks.
"""

from __future__ import annotations

import asyncio
import os
import platform
import resource
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, select, text

from node import VERSION, activities, actors, hosts, objects
from node.activities import State
from node.context import Node, Transaction
from node.jobs import jobs
from node.metrics import Family, gauge

COUNTED_EVERY_SECONDS = 60
SELF = Path("/proc/self")


class Gauges:
    """Asked by whoever reads the metrics of `node`."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._began = node.clock()
        self._large: list[Family] = []
        self._counted_at: float | None = None
        self._counting = asyncio.Lock()

    async def families(self) -> list[Family]:
        """Every number of now."""
        async with self._counting:
            now = asyncio.get_running_loop().time()
            if self._counted_at is None or now - self._counted_at >= COUNTED_EVERY_SECONDS:
                self._large, self._counted_at = await self._node.database.read(_large), now
        queues = await self._node.database.read(_queues)
        return [*queues, *self._large, *await asyncio.to_thread(self._process)]

    def _process(self) -> list[Family]:
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu = used.ru_utime + used.ru_stime
        held = self._node.media_cache.store.held()
        return [
            _labelled("commonwire_build_info", "What runs here.", version=VERSION, python=platform.python_version(),
                      database="sqlite" if self._node.database.is_sqlite else "postgresql"),
            gauge("commonwire_media_cache_bytes", "Pictures of others that are kept.", held.bytes),
            gauge("commonwire_media_cache_files", "How many pictures of others are kept.", held.files),
            gauge("process_start_time_seconds", "When the process began, since 1970.", self._began.timestamp()),
            Family("process_cpu_seconds_total", "counter", "Processor time used.", (), [("", (), cpu)]),
            gauge("process_resident_memory_bytes", "Memory in use.", _resident_bytes()),
            *_open_files(),
        ]  # fmt: skip


def _queues(tx: Transaction) -> list[Family]:
    """What waits: indexes answer these."""
    ready = jobs.c.parked.is_(False) & (jobs.c.due <= tx.now)
    oldest = tx.execute(select(func.min(jobs.c.due)).where(ready)).scalar()
    table = activities.activities
    first = select(table.c.at).where(table.c.state == State.PENDING.value).order_by(table.c.id).limit(1)
    arrived = tx.execute(first).scalar()
    ill = hosts.hosts
    failing = tx.execute(select(func.count(ill.c.host))).scalar_one()
    unreachable = tx.execute(select(func.count(ill.c.unreachable_since))).scalar_one()
    return [
        gauge("commonwire_jobs_waiting", "Jobs that are promised.", _count(tx, jobs.c.parked.is_(False))),
        gauge("commonwire_jobs_parked", "Jobs that were given up.", _count(tx, jobs.c.parked.is_(True))),
        gauge("commonwire_jobs_due", "Jobs that could be done now.", _count(tx, ready)),
        gauge("commonwire_jobs_oldest_seconds", "How long the first of these has been due.", _age(tx, oldest)),
        gauge("commonwire_activities_pending", "Accepted, not dealt with yet.", activities.count(tx, State.PENDING)),
        gauge("commonwire_activities_pending_oldest_seconds", "How long the first of these waits.", _age(tx, arrived)),
        gauge(
            "commonwire_activities_parked", "Not dealt with, by a mistake of ours.", activities.count(tx, State.PARKED)
        ),
        gauge("commonwire_hosts_failing", "Hosts that do not take what is sent to them.", failing),
        gauge("commonwire_hosts_unreachable", "Those of them that have not answered for a week.", unreachable),
    ]


def _large(tx: Transaction) -> list[Family]:
    """What grows: rows are counted for these."""
    table = objects.objects
    by_place = select(table.c.local, func.count().label("number")).group_by(table.c.local)
    held = [("", ("yes" if row.local else "no",), float(row.number)) for row in tx.execute(by_place)]
    return [
        gauge("commonwire_remote_actors", "Actors of other servers that are known.", _count_known_actors(tx)),
        Family("commonwire_objects", "gauge", "Objects that are held, and tombstones.", ("local",), held),
        gauge("commonwire_database_bytes", "Size of the database.", _database_bytes(tx)),
    ]


def _count_known_actors(tx: Transaction) -> int:
    remote = actors.actors.c.local.is_(False)
    return int(tx.execute(select(func.count()).select_from(actors.actors).where(remote)).scalar_one())


def _count(tx: Transaction, which: ColumnElement[bool]) -> int:
    return int(tx.execute(select(func.count()).select_from(jobs).where(which)).scalar_one())


def _age(tx: Transaction, since: Any) -> float:
    return max(0.0, (tx.now - since).total_seconds()) if since is not None else 0.0


def _database_bytes(tx: Transaction) -> int:
    if tx.connection.dialect.name == "postgresql":
        size = "SELECT pg_database_size(current_database())"
    else:
        size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    return int(tx.execute(text(size)).scalar_one())


def _resident_bytes() -> int:
    if (SELF / "statm").exists():
        return int((SELF / "statm").read_text().split()[1]) * resource.getpagesize()
    # Elsewhere only the most there ever was can be had, in other units on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _open_files() -> list[Family]:
    if not (SELF / "fd").exists():
        return []
    return [gauge("process_open_fds", "Files and sockets open.", len(os.listdir(SELF / "fd")))]


def _labelled(name: str, help: str, **labels: str) -> Family:
    return Family(name, "gauge", help, tuple(labels), [("", tuple(labels.values()), 1.0)])
