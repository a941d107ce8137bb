"""The table of policies and switches, what reads them, and what keeps for queries which known hosts are held back.

A question about one host is answered from memory (`standing`). A query about many texts cannot ask that way: for it
`held_back` has a row for each host that is known here, and each actor under a policy of its own, that is not simply
accepted, with the times between which that is so: what expires stops by itself, in that moment. The rows follow from
the policies and nothing else, and are made anew when those change (`settle`) or somebody of a new host comes (`admit`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    Row,
    Table,
    Text,
    bindparam,
    delete,
    func,
    or_,
    select,
)

from node.actors import actors, host_of
from node.context import Transaction
from node.database import Json, Moment, insert, metadata
from node.peering import rules
from node.peering.rules import Policy, Severity
from node.prepared import Prepared, any_of, several

policies = Table(
    "policies",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", Text, nullable=False),  # a domain, or the IRI of an actor
    Column("is_actor", Boolean, nullable=False),
    Column("severity", Text, nullable=False),
    Column("no_media", Boolean, nullable=False),
    Column("kinds", Json),  # of objects it is for; null: all
    Column("category", Text),
    Column("reason", Text, nullable=False),
    Column("by_role", Text),  # the mandate under which it was proposed
    Column("since", Moment, nullable=False),
    Column("expires", Moment),
    Column("review_on", Moment),
    Column("review_told", Moment),  # when those who look after peers were told that it is due
    Column("subdomains", Boolean, nullable=False),
    Column("source", Text),  # a list of others that it comes from; null: our own
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("decision", BigInteger),
    Index("policies_by_subject", "subject", "source"),
    Index("policies_by_source", "source"),
)

switches = Table(
    "switches",
    metadata,
    Column("door", Text, primary_key=True),
    Column("mode", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decision", BigInteger),
)

held_back = Table(
    "held_back",
    metadata,
    Column("subject", Text, primary_key=True),  # a host that is known here, or an actor with a policy of its own
    Column("begins", Moment, primary_key=True),
    Column("ends", Moment),
    Column("severity", Text, nullable=False),
    Column("no_media", Boolean, nullable=False, server_default="0"),
)

TABLES = ("policies", "switches")
AT_ONCE = 500
_ABOUT = Prepared(select(policies).where(any_of(policies.c.subject)))
_OF_ACTOR = Prepared(select(policies).where(policies.c.subject == bindparam("iri")))
_ANY = Prepared(select(policies.c.id).limit(1))
_ANY_OF_ACTORS = Prepared(select(policies.c.id).where(policies.c.is_actor.is_(True)).limit(1))
_SWITCHES = Prepared(select(switches.c.door, switches.c.mode))
_IS_KNOWN = Prepared(select(held_back.c.subject).where(held_back.c.subject == bindparam("host")).limit(1))


def as_policy(row: Any) -> Policy:
    """A row as the rules judge it."""
    return Policy(
        id=row.id,
        subject=row.subject,
        severity=Severity(row.severity),
        is_actor=row.is_actor,
        no_media=row.no_media,
        kinds=None if row.kinds is None else frozenset(row.kinds),
        expires=row.expires,
        subdomains=row.subdomains,
        source=row.source,
        priority=row.priority,
    )


def about(tx: Transaction, subjects: Iterable[str]) -> tuple[Policy, ...]:
    """Every policy about one of these domains, in force or not."""
    return tuple(as_policy(row) for row in several(tx, _ABOUT, subjects))


def about_actor(tx: Transaction, iri: str) -> tuple[Policy, ...]:
    """Every policy about one actor."""
    return tuple(as_policy(row) for row in tx.execute(_OF_ACTOR, {"iri": iri}))


def any_at_all(tx: Transaction) -> bool:
    """Whether there is any policy, about whomever."""
    return tx.execute(_ANY).first() is not None


def any_about_actors(tx: Transaction) -> bool:
    """Whether there is any policy about a single actor."""
    return tx.execute(_ANY_OF_ACTORS).first() is not None


def modes(tx: Transaction) -> dict[str, str]:
    """The doors that are set otherwise than they are at first, and how."""
    return {row.door: row.mode for row in tx.execute(_SWITCHES)}


def own(tx: Transaction, subject: str) -> Row[Any] | None:
    """The policy of our own about a subject."""
    query = select(policies).where(policies.c.subject == subject, policies.c.source.is_(None))
    return tx.execute(query).one_or_none()


def find(tx: Transaction, number: int) -> Row[Any] | None:
    """One policy by its number."""
    return tx.execute(select(policies).where(policies.c.id == number)).one_or_none()


def listed(
    tx: Transaction, *, limit: int = 1000, after: str = "", severity: str | None = None, expired: bool = False
) -> list[Row[Any]]:
    """Policies by their subject, those alone that are in force unless the `expired` are wanted too."""
    query = select(policies).where(policies.c.subject > after)
    if severity is not None:
        query = query.where(policies.c.severity == severity)
    if not expired:
        query = query.where(or_(policies.c.expires.is_(None), policies.c.expires > tx.now))
    return list(tx.execute(query.order_by(policies.c.subject, policies.c.source).limit(limit)))


def due(tx: Transaction) -> list[Row[Any]]:
    """Policies of our own, in force, whose day of review has come, the one first that came first."""
    in_force = or_(policies.c.expires.is_(None), policies.c.expires > tx.now)
    query = select(policies).where(policies.c.source.is_(None), policies.c.review_on <= tx.now, in_force)
    return list(tx.execute(query.order_by(policies.c.review_on, policies.c.subject).limit(100)))


def count(tx: Transaction) -> int:
    """How many policies there are."""
    return int(tx.execute(select(func.count()).select_from(policies)).scalar_one())


def put(tx: Transaction, values: dict[str, Any]) -> int:
    """Write a policy in place of the one of the same source about the same subject; its number. See `settle`."""
    drop(tx, values["subject"], source=values.get("source"))
    number = tx.new_id()
    tx.execute(insert(tx, policies).values(id=number, **values))
    return number


def put_all(tx: Transaction, rows: Sequence[dict[str, Any]], *, source: str | None) -> None:
    """Write many policies of one source as `put` does; each row has the same columns. See `settle`."""
    same = policies.c.source.is_(None) if source is None else policies.c.source == source
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        tx.execute(delete(policies).where(policies.c.subject.in_([row["subject"] for row in part]), same))
        tx.execute(insert(tx, policies), [{**row, "id": tx.new_id(), "source": source} for row in part])


def drop_all(tx: Transaction, subjects: Sequence[str], *, source: str) -> None:
    """Delete many policies of a list. See `settle`."""
    for start in range(0, len(subjects), AT_ONCE):
        part = subjects[start : start + AT_ONCE]
        tx.execute(delete(policies).where(policies.c.subject.in_(part), policies.c.source == source))


def of_source(tx: Transaction, source: str) -> list[Row[Any]]:
    """The policies that come from a list."""
    return list(tx.execute(select(policies).where(policies.c.source == source).order_by(policies.c.subject)))


def drop(tx: Transaction, subject: str, *, source: str | None = None) -> bool:
    """Delete the policy of a source about a subject; whether there was one. See `settle`."""
    same = policies.c.source.is_(None) if source is None else policies.c.source == source
    return bool(tx.execute(delete(policies).where(policies.c.subject == subject, same)).rowcount)


def set_mode(tx: Transaction, door: str, mode: str, *, reason: str, decision: int | None) -> None:
    """Set a door."""
    values = {"mode": mode, "since": tx.now, "reason": reason, "decision": decision}
    statement = insert(tx, switches).values(door=door, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["door"], set_=values))


def switch_rows(tx: Transaction) -> list[Row[Any]]:
    """The doors that a group has set, with since when and why."""
    return list(tx.execute(select(switches).order_by(switches.c.door)))


# ---- what queries ask


def settle(tx: Transaction) -> None:
    """Make the rows of `held_back` anew from the policies: after any of them was written or dropped."""
    tx.execute(delete(held_back))
    known = tx.execute(select(actors.c.host).where(actors.c.local.is_(False)).distinct()).scalars()
    rows = [row for host in known for row in _course(tx, host)]
    for iri in tx.execute(select(policies.c.subject).where(policies.c.is_actor.is_(True)).distinct()).scalars():
        rows += _course_of_actor(tx, iri)
    if rows:
        tx.execute(insert(tx, held_back), rows)


def admit(tx: Transaction, host: str) -> None:
    """Somebody of a host is kept here for the first time: what holds the host back holds for queries too."""
    if tx.execute(_IS_KNOWN, {"host": host}).first() is None and (rows := _course(tx, host)):
        tx.execute(insert(tx, held_back), rows)


def _course(tx: Transaction, host: str) -> list[dict[str, Any]]:
    return _spans(tx, host, about(tx, rules.names_of(host)), host=host, actor=None)


def _course_of_actor(tx: Transaction, iri: str) -> list[dict[str, Any]]:
    """An actor's own policy counts for it instead of its host's: what it is accepted by has a row too."""
    host = host_of(iri)
    fitting = (*about_actor(tx, iri), *about(tx, rules.names_of(host)))
    return _spans(tx, iri, fitting, host=host, actor=iri)


def _spans(
    tx: Transaction, subject: str, fitting: tuple[Policy, ...], *, host: str, actor: str | None
) -> list[dict[str, Any]]:
    """How a subject stands from now on, between one expiry and the next."""
    if not fitting:
        return []
    later = sorted({one.expires for one in fitting if one.expires is not None and one.expires > tx.now})
    moments: list[datetime] = [tx.now, *later]
    rows = []
    for begins, ends in zip(moments, [*later, None], strict=True):
        found = rules.judge(fitting, host=host, actor=actor, now=begins)
        if actor is not None or found.is_hidden or found.no_media:
            held = {"severity": found.severity.value, "no_media": found.no_media}
            rows.append({"subject": subject, "begins": begins, "ends": ends, **held})
    return rows
