"""Tables and queries of moderation: what is held, filters, settings, accounts that are not heard, and the counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from node.actors import actors
from node.context import Transaction
from node.database import Json, Moment, Packed, insert, metadata
from node.moderation.rules import COUNTED_FOR, KEPT_FOR, By, Did, Effect, Filter, Settings, Silence
from node.objects import objects
from node.peering import standing
from node.prepared import Prepared

PACES = "of_servers"

held = Table(
    "held",
    metadata,
    Column("iri", Text, primary_key=True),
    Column("group", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("author", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("document", Packed),  # none when it was refused
    Index("held_by_group", "group", "at"),
    Index("held_by_author", "author"),
    Index("held_by_host", "host"),
)

filters = Table(
    "moderation_filters",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("group", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("by", Text, nullable=False),
    Column("pattern", Text, nullable=False),
    Column("effect", Text, nullable=False),
    Column("kinds", Json),
    Column("since", Moment, nullable=False),
    Index("moderation_filters_by_group", "group", "id"),
)

settings = Table(
    "moderation_settings",
    metadata,
    Column("group", Text, ForeignKey("local_actors.iri"), primary_key=True),
    Column("chosen", Json, nullable=False),
)

silenced = Table(
    "silenced_accounts",
    metadata,
    Column("group", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("actor", Text, nullable=False),
    Column("silence", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("ends", Moment),
    PrimaryKeyConstraint("group", "actor"),
    Index("silenced_accounts_by_actor", "actor"),
)

counts = Table(
    "moderation_counts",
    metadata,
    Column("group", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("rule", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("did", Text, nullable=False),
    Column("times", Integer, nullable=False),
    PrimaryKeyConstraint("group", "rule", "day", "did"),
)

TABLES = frozenset({held.name, filters.name, settings.name, silenced.name})

_ANY = Prepared(
    select(
        or_(
            exists().select_from(settings),
            exists().select_from(filters),
            exists().select_from(silenced),
            exists().select_from(held),
        )
    )
)


def any_rules(tx: Transaction) -> bool:
    """Whether any group of this node has a rule at all, or anything is held; from memory until that may have changed.

    It is asked of each text that comes. What another process commits is noticed as quickly as anything (node.memory).
    """
    return bool(standing.remembered_of(tx, TABLES, "any rules of moderation", lambda tx: tx.execute(_ANY).scalar()))


# ---- what is held


def hold(
    tx: Transaction, iri: str, *, group: str, author: str, host: str, kind: str, rule: str, document: bytes
) -> None:
    """Let something wait, or a newer version of it in the place of the older; not what was refused."""
    values = {"group": group, "author": author, "host": host, "kind": kind, "rule": rule, "document": document}
    entered = insert(tx, held).values(iri=iri, at=tx.now, **values)
    entered = entered.on_conflict_do_update(
        index_elements=["iri"], set_={"document": document, "kind": kind}, where=held.c.document.is_not(None)
    )
    tx.execute(entered)


def find(tx: Transaction, iri: str) -> Row[Any] | None:
    """What is held, or was refused, at this address."""
    return tx.execute(select(held).where(held.c.iri == iri)).one_or_none()


def waiting(tx: Transaction, group: str, *, limit: int = 200) -> list[Row[Any]]:
    """What waits for a group, the oldest first."""
    query = select(held).where(held.c.group == group, held.c.document.is_not(None))
    return list(tx.execute(query.order_by(held.c.at, held.c.iri).limit(limit)))


def count_waiting(tx: Transaction, group: str, *, host: str | None = None) -> int:
    """How much waits for a group: of one host, or in all."""
    query = select(func.count()).where(held.c.group == group, held.c.document.is_not(None))
    if host is not None:
        query = query.where(held.c.host == host)
    return int(tx.execute(query).scalar_one())


def release(tx: Transaction, iri: str) -> None:
    """It waits no longer, and is forgotten."""
    tx.execute(delete(held).where(held.c.iri == iri))


def refuse(tx: Transaction, iri: str) -> None:
    """Forget what it said and who, and that it came only after a while."""
    values = {"document": None, "author": "", "host": "", "at": tx.now}
    tx.execute(update(held).where(held.c.iri == iri).values(**values))


def forget_waiting(tx: Transaction, group: str, author: str) -> None:
    """Forget what waits for a group of somebody whom it does not hear any more."""
    tx.execute(delete(held).where(held.c.group == group, held.c.author == author, held.c.document.is_not(None)))


def forget_author(tx: Transaction, author: str) -> None:
    """Forget what waits of an actor that has left, and that it is not heard."""
    tx.execute(delete(held).where(held.c.author == author))
    tx.execute(delete(silenced).where(silenced.c.actor == author))


# ---- filters and settings


def filters_of(tx: Transaction, group: str) -> list[Row[Any]]:
    """A group's filters, in the order in which they were made."""
    return list(tx.execute(select(filters).where(filters.c.group == group).order_by(filters.c.id).limit(1000)))


def as_filter(row: Row[Any]) -> Filter:
    """A row as the rules know it."""
    kinds = tuple(row.kinds) if row.kinds else None
    return Filter(by=By(row.by), pattern=row.pattern, effect=Effect(row.effect), kinds=kinds)


def add_filter(tx: Transaction, group: str, one: Filter) -> int:
    """Enter a filter; its number."""
    values = {"group": group, "by": one.by.value, "pattern": one.pattern, "effect": one.effect.value}
    kinds = list(one.kinds) if one.kinds else None
    made = filters.insert().values(**values, kinds=kinds, since=tx.now).returning(filters.c.id)
    return int(tx.execute(made).scalar_one())


def find_filter(tx: Transaction, number: int) -> Row[Any] | None:
    """One filter."""
    return tx.execute(select(filters).where(filters.c.id == number)).one_or_none()


def drop_filter(tx: Transaction, number: int) -> None:
    """Forget a filter."""
    tx.execute(delete(filters).where(filters.c.id == number))


def settings_of(tx: Transaction, group: str) -> Settings:
    """What a group has chosen about strangers."""
    chosen = tx.execute(select(settings.c.chosen).where(settings.c.group == group)).scalar()
    return Settings(**{name: value for name, value in (chosen or {}).items() if name != PACES})


def paces_of(tx: Transaction, group: str) -> dict[str, int]:
    """How many activities of single servers are taken in an hour, where that is another number than for all."""
    chosen = tx.execute(select(settings.c.chosen).where(settings.c.group == group)).scalar()
    return dict((chosen or {}).get(PACES, {}))


def pace(tx: Transaction, group: str, host: str, most: int) -> None:
    """Write how many of one server; 0: as of all."""
    paces = paces_of(tx, group) | {host: most}
    _choose(tx, group, asdict(settings_of(tx, group)) | {PACES: {one: many for one, many in paces.items() if many}})


def choose(tx: Transaction, group: str, chosen: Settings) -> None:
    """Write what a group has chosen."""
    _choose(tx, group, asdict(chosen) | {PACES: paces_of(tx, group)})


def _choose(tx: Transaction, group: str, chosen: dict[str, Any]) -> None:
    statement = insert(tx, settings).values(group=group, chosen=chosen)
    tx.execute(statement.on_conflict_do_update(index_elements=["group"], set_={"chosen": chosen}))


# ---- accounts that are not heard


def named(tx: Transaction, text: str) -> str:
    """The address of the account that is known here under a handle (@name@host); what is none stays as it is."""
    name, _, host = text.removeprefix("@").partition("@")
    if "://" in text or not host:
        return text
    there = and_(actors.c.handle == name, actors.c.host == host.lower())
    query = select(actors.c.iri).where(or_(actors.c.agreed_handle == f"{name}@{host.lower()}", there))
    return tx.execute(query.order_by(actors.c.number).limit(1)).scalar() or text


def silence(tx: Transaction, group: str, actor: str, what: Silence, *, category: str, ends: datetime | None) -> None:
    """Write that a group does not hear an account."""
    values = {"silence": what.value, "category": category, "since": tx.now, "ends": ends}
    statement = insert(tx, silenced).values(group=group, actor=actor, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["group", "actor"], set_=values))


def hear_again(tx: Transaction, group: str, actor: str) -> None:
    """The group hears it again."""
    tx.execute(delete(silenced).where(silenced.c.group == group, silenced.c.actor == actor))


def silence_of(tx: Transaction, group: str, actor: str) -> Row[Any] | None:
    """How a group does not hear an account, if that is in force."""
    query = select(silenced).where(silenced.c.group == group, silenced.c.actor == actor)
    return tx.execute(query.where(_in_force(tx.now))).one_or_none()


def blocked_among(tx: Transaction, group: str, iris: Sequence[str]) -> set[str]:
    """Those of `iris` that a group has blocked."""
    query = select(silenced.c.actor).where(silenced.c.group == group, silenced.c.silence == Silence.BLOCK.value)
    return set(tx.execute(query.where(silenced.c.actor.in_(iris))).scalars())


def silenced_of(tx: Transaction, group: str, *, limit: int = 500) -> list[Row[Any]]:
    """Whom a group does not hear, the last one first."""
    query = select(silenced).where(silenced.c.group == group, _in_force(tx.now))
    return list(tx.execute(query.order_by(silenced.c.since.desc(), silenced.c.actor).limit(limit)))


def count_silenced(tx: Transaction, group: str) -> int:
    """How many accounts a group does not hear."""
    return int(tx.execute(select(func.count()).where(silenced.c.group == group)).scalar_one())


def _in_force(now: datetime) -> Any:
    return or_(silenced.c.ends.is_(None), silenced.c.ends > now)


# ---- what is known of a host


def has_spoken(tx: Transaction, host: str) -> bool:
    """Whether anything public by somebody of this host is held."""
    query = select(objects.c.iri).join(actors, actors.c.iri == objects.c.author)
    there = query.where(actors.c.host == host, objects.c.public.is_(True), objects.c.deleted.is_(None))
    return tx.execute(there.limit(1)).first() is not None


# ---- counts


def count(tx: Transaction, group: str, rule: str, did: Did, times: int = 1) -> None:
    """Count that a rule did something today."""
    key = {"group": group, "rule": rule, "day": tx.now.date().isoformat(), "did": did.value}
    statement = insert(tx, counts).values(**key, times=times)
    tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_={"times": counts.c.times + times}))


def lately(tx: Transaction, group: str, *, since: datetime) -> list[Row[Any]]:
    """What each rule of a group did since a day: rule, did, times, and the last day."""
    query = (
        select(
            counts.c.rule, counts.c.did, func.sum(counts.c.times).label("times"), func.max(counts.c.day).label("day")
        )
        .where(counts.c.group == group, counts.c.day >= since.date().isoformat())
        .group_by(counts.c.rule, counts.c.did)
        .order_by(counts.c.rule, counts.c.did)
        .limit(5000)
    )
    return list(tx.execute(query))


def by_day(tx: Transaction, group: str, *, since: datetime) -> list[Row[Any]]:
    """The same day by day, the newest first."""
    query = select(counts).where(counts.c.group == group, counts.c.day >= since.date().isoformat())
    return list(tx.execute(query.order_by(counts.c.day.desc(), counts.c.rule, counts.c.did).limit(5000)))


def prune(tx: Transaction) -> int:
    """Forget what has waited for too long, old counts, and mutes that are over; how many rows there were."""
    old = select(held).where(held.c.at < tx.now - KEPT_FOR).order_by(held.c.at, held.c.iri).limit(1000)
    gone = list(tx.execute(old))
    for row in gone:
        if row.document is not None:
            count(tx, row.group, row.rule, Did.EXPIRED)
    tx.execute(delete(held).where(held.c.iri.in_([row.iri for row in gone])))
    before = (tx.now - COUNTED_FOR).date().isoformat()
    tx.execute(delete(counts).where(counts.c.day < before))
    tx.execute(delete(silenced).where(silenced.c.ends <= tx.now))
    return len(gone)
