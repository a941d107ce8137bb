"""Hosts that do not take what is sent to them: left alone for a while, then unreachable, until they are heard of again.

A host without a row here is well. One that fails is entered; after a few failures in a row, or when it asks for time
(429 or 503 with Retry-After), it is **left alone**: its deliveries rest, except for one at a time, the **probe**, after
growing delays. One answer of any kind, and all of them flow again. A host that was left alone for a week is
**unreachable**: its deliveries are dropped and none are promised, because what was sent stands in the log. When it is
heard of again (a signed request of its actors, or `commonwire queue retry`) its row goes, and what its actors missed
since the oldest delivery that was dropped is promised anew from the log: the job CATCH_UP, done by a room that knows
who follows whom.

Nothing here is about a person.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, Integer, Row, Table, Text, delete, or_, select, update

from federation.origin import origin
from federation.retrying import FAILURES_IN_A_ROW, UNREACHABLE_AFTER, probe_delay
from node import jobs
from node.database import Moment, insert, metadata
from node.jobs import Priority, Promise

if TYPE_CHECKING:
    from node.context import Node, Transaction

CATCH_UP = "catch_up"
NAMED_AT_MOST = 500  # in one query
PROBES_TOGETHER = 16  # so many begin at a time, and hosts that hang cannot take every place
LOOK_AGAIN = timedelta(minutes=1)
HEARD_AT_MOST = timedelta(minutes=10)  # a host that asks and never answers is not probed whenever it asks

hosts = Table(
    "hosts",
    metadata,
    Column("host", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failing_since", Moment, nullable=False),
    Column("error", Text, nullable=False),
    Column("probes", Integer, nullable=False, server_default="0"),
    Column("probed", Moment),
    Column("probing", Boolean, nullable=False, server_default="0"),
    Column("next_try", Moment, index=True),
    Column("unreachable_since", Moment),
    Column("missing_since", Moment),
)


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong with `count` deliveries to one host; `retry_after` is what it asked for."""

    error: str
    count: int = 1
    retry_after: timedelta | None = None


def find(tx: Transaction, host: str) -> Row[Any] | None:
    """What is wrong with a host; None if nothing is."""
    return tx.execute(select(hosts).where(hosts.c.host == host)).one_or_none()


def not_well(tx: Transaction, limit: int = 10_000) -> list[Row[Any]]:
    """Every host that fails, by name."""
    return list(tx.execute(select(hosts).order_by(hosts.c.host).limit(limit)))


def closed(tx: Transaction, names: Iterable[str]) -> dict[str, bool]:
    """Those of `names` that are left alone: True for the unreachable."""
    wanted = set(names)
    left_alone = or_(hosts.c.next_try.is_not(None), hosts.c.unreachable_since.is_not(None))
    query = select(hosts.c.host, hosts.c.unreachable_since).where(left_alone)
    if len(wanted) <= NAMED_AT_MOST:
        query = query.where(hosts.c.host.in_(wanted))
    return {row.host: row.unreachable_since is not None for row in tx.execute(query) if row.host in wanted}


def note(tx: Transaction, *, answered: Iterable[str], failed: Mapping[str, Failure]) -> None:
    """Write down how hosts took what was sent to them. One that answered at all is well."""
    answered = set(answered)
    query = select(hosts).where(hosts.c.host.in_([*answered, *failed])).with_for_update()
    known = {row.host: row for row in tx.execute(query)}
    for name in answered & set(known):
        _recover(tx, known[name])
    for name, failure in failed.items():
        if name not in answered:
            _fail(tx, name, known.get(name), failure)


def _recover(tx: Transaction, row: Row[Any]) -> None:
    if row.unreachable_since is not None:
        _revive(tx, row)
        return
    tx.execute(delete(hosts).where(hosts.c.host == row.host))
    if row.next_try is not None:
        jobs.wake(tx, row.host)
        tx.after_commit(tx.node.hosts.look_again)


def _fail(tx: Transaction, name: str, row: Row[Any] | None, failure: Failure) -> None:
    if row is not None and row.unreachable_since is not None:
        jobs.withdraw_lanes(tx, [name])
        return
    failures = (row.failures if row else 0) + failure.count
    since = row.failing_since if row else tx.now
    values: dict[str, Any] = {"failures": failures, "failing_since": since, "error": failure.error}
    if row is not None and row.next_try is not None and not row.probing:
        jobs.rest(tx, name)  # it was under way when the host was left alone
    elif failures >= FAILURES_IN_A_ROW or failure.retry_after is not None:
        probes = row.probes + 1 if row is not None and row.probing else 0
        if probes and tx.now - since >= UNREACHABLE_AFTER:
            values |= {"unreachable_since": tx.now, "next_try": None}
            values |= {"missing_since": jobs.promised_since(tx, name) or tx.now}
            jobs.withdraw_lanes(tx, [name])
        else:
            wait = probe_delay(probes, jitter=random.random(), retry_after=failure.retry_after)
            values |= {"next_try": tx.now + wait}
            jobs.rest(tx, name)
        values |= {"probes": probes, "probing": False}
        tx.after_commit(tx.node.hosts.look_again)
    statement = insert(tx, hosts).values(host=name, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["host"], set_=values))


def to_probe(tx: Transaction) -> list[str]:
    """Hosts whose time has come and for which something waits."""
    query = (
        select(hosts.c.host)
        .where(hosts.c.next_try <= tx.now, jobs.waits_for(hosts.c.host))
        .order_by(hosts.c.next_try, hosts.c.host)
        .limit(PROBES_TOGETHER)
    )
    return list(tx.execute(query).scalars())


def probe(tx: Transaction, names: list[str]) -> None:
    """Let one delivery go to each of these hosts. Should it be lost with its process, another follows later."""
    again = tx.now + jobs.longest(tx.node) * 2
    for name in names:
        due = update(hosts).where(hosts.c.host == name, hosts.c.next_try <= tx.now)
        if tx.execute(due.values(next_try=again, probing=True, probed=tx.now)).rowcount:
            jobs.wake_one(tx, name)


def probe_again(tx: Transaction, names: set[str]) -> None:
    """A delivery ended before its host was asked; if it was a probe, the next one goes at once."""
    tx.execute(
        update(hosts).where(hosts.c.host.in_(names), hosts.c.probing.is_(True)).values(next_try=tx.now, probing=False)
    )


def heard(tx: Transaction, name: str) -> None:
    """A host that was left alone has sent a request that is proved to be its own: it is there."""
    row = tx.execute(select(hosts).where(hosts.c.host == name).with_for_update()).one_or_none()
    if row is None:
        return
    if row.unreachable_since is not None:
        _revive(tx, row)
    elif row.next_try is not None and not row.probing and (row.probed is None or tx.now - row.probed >= HEARD_AT_MOST):
        tx.execute(update(hosts).where(hosts.c.host == name).values(next_try=tx.now))
        tx.after_commit(lambda: tx.node.bell.ring(jobs.TOPIC))


def retry(tx: Transaction, name: str | None) -> list[str]:
    """Forget that a host (or any, with None) failed; those that had been left alone."""
    query = select(hosts).with_for_update()
    rows = list(tx.execute(query if name is None else query.where(hosts.c.host == name)))
    for row in rows:
        _recover(tx, row)
    return [row.host for row in rows if row.next_try is not None or row.unreachable_since is not None]


def _revive(tx: Transaction, row: Row[Any]) -> None:
    tx.execute(delete(hosts).where(hosts.c.host == row.host))
    payload = {"host": row.host, "since": (row.missing_since or row.failing_since).isoformat()}
    jobs.promise(tx, Promise(CATCH_UP, payload, key=f"{CATCH_UP} {row.host}"), priority=Priority.BULK)
    tx.after_commit(tx.node.hosts.look_again)


def _left_alone(tx: Transaction) -> frozenset[str]:
    query = select(hosts.c.host).where(or_(hosts.c.next_try.is_not(None), hosts.c.unreachable_since.is_not(None)))
    return frozenset(tx.execute(query).scalars())


class Hosts:
    """What this process knows of hosts that are left alone, so that an ordinary request does not look for them."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._left_alone: frozenset[str] = frozenset()
        self._looked: datetime | None = None

    def look_again(self) -> None:
        """Something has changed; safe from a database thread."""
        self._looked = None

    async def look(self) -> None:
        """Know what is so, at most a minute old: another process may have found out."""
        now = self._node.clock()
        if self._looked is None or not timedelta() <= now - self._looked < LOOK_AGAIN:
            self._looked = now
            self._left_alone = await self._node.database.read(_left_alone)

    def is_left_alone(self, iri: str) -> bool:
        """Whether nothing is sent to the host of `iri` just now. Raises Malformed."""
        return bool(self._left_alone) and _host(iri) in self._left_alone

    async def heard(self, actor: str) -> None:
        """`actor` has proved to have sent a request: costs nothing, unless its host had been left alone."""
        if self.is_left_alone(actor):
            name = _host(actor)
            self._left_alone -= {name}
            await self._node.database.write(heard, name)

    @property
    def any_left_alone(self) -> bool:
        return bool(self._left_alone)


def _host(iri: str) -> str:
    return origin(iri).partition("://")[2]
