"""What has gone to and fro between a peer and this node: how much, when last, what waits, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select

from node import receipts
from node.activities import activities
from node.actors import host_of
from node.context import Transaction
from node.hosts import hosts as failing
from node.jobs import jobs
from node.objects import objects
from node.peering import standing
from node.receipts import Day

REPORT: Final = "StruggleReport"
WAITING_AT_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """Counts are of what is held here, or stands in our outbox; `waiting` are deliveries to the peer's server.

    `days` says how that took what was sent to it, for 90 days; `last_delivered` when something arrived there last.
    """

    statements_heard: int
    reports_heard: int
    activities_heard: int
    last_heard: datetime | None
    statements_ours: int
    reports_ours: int
    waiting: int
    error: str | None
    failing_since: datetime | None
    unreachable_since: datetime | None
    policy: str
    no_media: bool
    last_delivered: datetime | None
    days: tuple[Day, ...]

    def as_json(self) -> dict[str, Any]:
        """For programs, with the fields that deploy/docs/peering.md names."""
        found = {name: getattr(self, name) for name in self.__slots__}
        found["days"] = [one.as_json() for one in self.days]
        return {name: one.isoformat() if isinstance(one, datetime) else one for name, one in found.items()}


def of(tx: Transaction, iri: str, *, group: str) -> Exchange:
    """What is exchanged between an actor that is known here and our `group`."""
    theirs, ours = _said(tx, iri), _said(tx, group)
    heard = select(func.count(), func.max(activities.c.at)).where(activities.c.actor == iri)
    came = tuple(tx.execute(heard.where(activities.c.direction == "in")).one())
    host = host_of(iri)
    trouble = tx.execute(select(failing).where(failing.c.host == host)).one_or_none()
    held = standing.standing(tx, actor=iri)
    days = receipts.days_of(tx, host)
    return Exchange(
        statements_heard=theirs[0],
        reports_heard=theirs[1],
        activities_heard=came[0],
        last_heard=came[1],
        statements_ours=ours[0],
        reports_ours=ours[1],
        waiting=_waiting(tx, host),
        error=trouble.error if trouble is not None else None,
        failing_since=trouble.failing_since if trouble is not None else None,
        unreachable_since=trouble.unreachable_since if trouble is not None else None,
        policy=held.severity.value,
        no_media=held.no_media,
        last_delivered=next((one.last_received for one in days if one.last_received is not None), None),
        days=tuple(days),
    )


def _said(tx: Transaction, author: str) -> tuple[int, int]:
    """How many statements and reports of an author are held, what was deleted left out."""
    query = select(objects.c.kind, func.count().label("number")).where(
        objects.c.author == author, objects.c.public.is_(True), objects.c.deleted.is_(None)
    )
    found: dict[str, int] = {row.kind: row.number for row in tx.execute(query.group_by(objects.c.kind))}
    reports = found.pop(REPORT, 0)
    return sum(found.values()), reports


def _waiting(tx: Transaction, host: str) -> int:
    some = select(jobs.c.id).where(jobs.c.lane == host, jobs.c.parked.is_(False)).limit(WAITING_AT_MOST)
    return int(tx.execute(select(func.count()).select_from(some.subquery())).scalar_one())
