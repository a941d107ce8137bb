"""The delivery report: who has received what our groups have published, who refused it, whom it cannot reach.

Of every activity about a text, for each server one `Arrival`, put together from what was kept when deliveries ended
(`node.receipts`), what still waits (`node.jobs`), who is not well (`node.hosts`), whose inboxes are gone
(`node.lost_inboxes`) and whom a policy keeps out (`standing`). A server that has answered no is **refused**, one that
has not answered **unreachable**, never the one for the other; what our own policy keeps back is **withheld**.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Text, case, cast, func, select

from federation.retrying import UNREACHABLE_AFTER
from node import activities, actors, hosts, jobs, lost_inboxes, objects, receipts
from node.context import Transaction
from node.errors import Missing
from node.peering import catching_up, policies, standing
from node.peering.rules import Follow
from node.peering.store import follows

KINDS = ("Create", "Update", "Delete", "Announce", "Undo", "Add", "Remove")
SERVERS_AT_ONCE = 500
SENT_AT_MOST = 20  # of the activities about one text


class State(StrEnum):
    """How an activity and a server stand."""

    RECEIVED = "received"
    REFUSED = "refused"  # it answered no
    UNREACHABLE = "unreachable"  # it gives no answer that settles anything
    WAITING = "waiting"
    DROPPED = "dropped"  # we have given it up, or taken it back
    WITHHELD = "withheld"  # our own policy; nothing was sent


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of an activity at a server. `received` and `refused` count inboxes, `waiting` deliveries.

    `at` is when it was received first, or when that became so; `again` when it is tried next, `until` how long.
    """

    host: str
    state: State
    at: datetime | None = None
    received: int = 0
    refused: int = 0
    waiting: int = 0
    tries: int = 0
    status: int | None = None
    words: str | None = None
    again: datetime | None = None
    until: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """For programs, with the fields that deploy/docs/peering.md names."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {name: one.isoformat() if isinstance(one, datetime) else one for name, one in found.items()}


@dataclass(frozen=True, slots=True)
class Sent:
    """An activity of ours and what became of it, by server."""

    activity: str
    kind: str
    at: datetime
    arrivals: tuple[Arrival, ...]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        servers = [one.as_json() for one in self.arrivals]
        return {"activity": self.activity, "type": self.kind, "at": self.at.isoformat(), "servers": servers}


def report(tx: Transaction, iri: str, *, group: str) -> list[Sent]:
    """What became of everything that `group` has sent about its text, the last sent first. Raises Missing."""
    rows, around = _sent(tx, iri, group), _around(tx, group)
    return [Sent(row.iri, row.type, row.at, tuple(_arrivals(tx, row, around))) for row in reversed(rows)]


def retry(tx: Transaction, iri: str, *, group: str, host: str | None = None) -> list[str]:
    """Bring it again, now, to `host`, or to every server that has not received it; those servers.

    Whoever was left alone or had said that its inbox is gone is tried as if nothing had been. Not those whom a policy
    keeps out. Raises Missing if nothing like that was sent there.
    """
    rows, around = _sent(tx, iri, group), _around(tx, group)
    open_at: dict[str, list[Row[Any]]] = {}
    for row in rows:
        for one in _arrivals(tx, row, around):
            if may_be_retried(one) and host in (None, one.host):
                open_at.setdefault(one.host, []).append(row)
    if host is not None and not open_at:
        raise Missing("nothing of this text waits for {host}, and nothing was refused there", host=host)
    for name, missed in open_at.items():
        lost_inboxes.forget(tx, name)
        hosts.retry(tx, name)
        for row in missed:
            catching_up.bring_again(tx, row, name)
        jobs.retry_now(tx, lane=name)
    return sorted(open_at)


def may_be_retried(one: Arrival) -> bool:
    """Whether anything can be sent there once more."""
    return one.state not in (State.RECEIVED, State.WITHHELD) or bool(one.state is State.RECEIVED and one.waiting)


def _sent(tx: Transaction, iri: str, group: str) -> list[Row[Any]]:
    row = objects.find(tx, iri)
    if row is None or row.author != group:
        raise Missing("this group has published nothing like that, or has deleted it")
    return activities.sent_about(tx, iri, actor=group, kinds=KINDS)[-SENT_AT_MOST:]


@dataclass(frozen=True, slots=True)
class _Around:
    """The servers of a group's followers, and since when inboxes of theirs are gone."""

    hosts: frozenset[str]
    gone: Mapping[str, datetime]


def _around(tx: Transaction, group: str) -> _Around:
    query = (
        select(actors.actors.c.host)
        .join(follows, follows.c.follower == actors.actors.c.iri)
        .where(follows.c.followed == group, follows.c.state == Follow.ACCEPTED.value, actors.actors.c.local.is_(False))
        .distinct()
    )
    return _Around(frozenset(tx.execute(query).scalars()), _gone(tx, group))


def _arrivals(tx: Transaction, row: Row[Any], around: _Around) -> list[Arrival]:
    kept = {one.host: one for one in receipts.of(tx, row.iri)}
    followed = actors.followers_of(row.actor) in activities.audience(row.document)
    gone = around.gone if followed else {}
    rejected = _rejected(tx, {*kept, *around.hosts} if followed else kept)
    names = sorted({*kept, *gone, *rejected})
    waiting, unwell = _waiting(tx, row.iri, names), _unwell(tx, names)
    found = []
    for name in names:
        if name in rejected and (name not in kept or not kept[name].received):
            found.append(Arrival(name, State.WITHHELD, words=rejected[name]))
        elif name in kept:
            found.append(_judge(kept[name], waiting.get(name), unwell.get(name)))
        elif gone[name] <= row.at:
            found.append(Arrival(name, State.REFUSED, at=gone[name], status=lost_inboxes.GONE))
    return found


def _judge(kept: Row[Any], job: Row[Any] | None, trouble: Row[Any] | None) -> Arrival:
    """How it stands with a server to which something was promised. Pure."""
    state, at, again, until = State(kept.outcome), kept.at, None, None
    waiting = job.waiting if job is not None else 0
    if kept.received:
        state, at = State.RECEIVED, kept.received_at
    elif waiting or (trouble is not None and trouble.unreachable_since is not None and state is not State.REFUSED):
        state = State.WAITING
        if trouble is not None:
            state, at = State.UNREACHABLE, trouble.failing_since
            until = trouble.unreachable_since or trouble.failing_since + UNREACHABLE_AFTER
            again = trouble.next_try
        if again is None and job is not None and job.next < jobs.RESTING:
            again = job.next
    elif state is State.WAITING:
        state = State.DROPPED
    status, words = kept.status, kept.words
    if state is State.UNREACHABLE and trouble is not None:
        status, words = None, trouble.error
    elif state is State.RECEIVED and not kept.refused and not waiting:
        status, words = None, None
    return Arrival(
        kept.host, state, at=at, received=kept.received, refused=kept.refused, waiting=waiting, tries=kept.tries,
        status=status, words=words, again=again, until=until,
    )  # fmt: skip


def _waiting(tx: Transaction, activity: str, names: list[str]) -> Mapping[str, Row[Any]]:
    """How many deliveries of an activity wait, by server, and when the next is due. Only their lanes are looked at."""
    found: dict[str, Row[Any]] = {}
    for some in _parts(names):
        parked = func.sum(case((jobs.jobs.c.parked.is_(True), 1), else_=0))
        query = (
            select(jobs.jobs.c.lane, (func.count() - parked).label("waiting"), func.min(jobs.jobs.c.due).label("next"))
            .where(jobs.jobs.c.lane.in_(some), jobs.jobs.c.kind == "deliver")
            .where(cast(jobs.jobs.c.payload, Text).contains(f'"{activity}"', autoescape=True))
            .group_by(jobs.jobs.c.lane)
        )
        found |= {row.lane: row for row in tx.execute(query)}
    return found


def _unwell(tx: Transaction, names: list[str]) -> Mapping[str, Row[Any]]:
    """Those of these servers that fail."""
    found: dict[str, Row[Any]] = {}
    for some in _parts(names):
        query = select(hosts.hosts).where(hosts.hosts.c.host.in_(some))
        found |= {row.host: row for row in tx.execute(query)}
    return found


def _gone(tx: Transaction, group: str) -> Mapping[str, datetime]:
    """The servers of followers whose own inbox is gone, and since when."""
    lost = lost_inboxes.lost_inboxes
    query = (
        select(actors.actors.c.host, func.min(lost.c.lost).label("lost"))
        .join(follows, follows.c.follower == actors.actors.c.iri)
        .join(lost, lost.c.inbox == actors.actors.c.inbox)
        .where(follows.c.followed == group, follows.c.state == Follow.ACCEPTED.value, lost.c.lost.is_not(None))
        .group_by(actors.actors.c.host)
    )
    return {row.host: row.lost for row in tx.execute(query)}


def _rejected(tx: Transaction, names: Iterable[str]) -> Mapping[str, str | None]:
    """Those of these servers to which our policies let nothing be sent, and why."""
    found: dict[str, str | None] = {}
    for name in names:
        held = standing.standing(tx, host=name)
        if held.is_rejected:
            policy = None if held.policy is None else policies.find(tx, held.policy)
            found[name] = policy.reason if policy is not None else None
    return found


def _parts(names: list[str]) -> Iterable[list[str]]:
    return (names[start : start + SERVERS_AT_ONCE] for start in range(0, len(names), SERVERS_AT_ONCE))
