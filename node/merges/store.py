"""Tables and queries of merges."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Column, CompoundSelect, Index, Row, Select, Table, Text, and_, case, delete, func, or_, select

from node.actors import local_actors
from node.context import Transaction
from node.database import Moment, insert, metadata
from node.merges import rules
from node.objects import objects
from node.peering.standing import not_hidden
from node.reports.store import struggles

TOGETHER_AT_MOST = 1000
LOOKED_UP = 500
"""So many addresses are looked up by their index; of more, which anybody can invent, a query takes no list."""

merges = Table(
    "merges",
    metadata,
    Column("iri", Text, primary_key=True),  # of an object, once the group has decided so
    Column("one", Text, nullable=False),
    Column("other", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),  # plain text
    Column("language", Text),
    Column("since", Moment, nullable=False),
    Index("merges_by_one", "one"),
    Index("merges_by_other", "other"),
    Index("merges_by_author", "author"),
)
TABLES = (merges,)


def _standing(*columns: Any) -> Select[Any]:
    """Of merges that were decided, were not withdrawn, and whose author has not left.

    Merges are few and objects are many: each merge looks for its object. A join SQLite would begin with the objects.
    """
    object_of = select(objects.c.iri).where(objects.c.iri == merges.c.iri)
    return select(*columns).where(object_of.where(objects.c.deleted.is_(None), objects.c.public.is_(True)).exists())


def add(tx: Transaction, iri: str, *, one: str, other: str, author: str, reason: str, language: str | None) -> None:
    """Enter a merge whose object is held, or that is proposed; one that is entered is left as it is."""
    first, second = rules.pair(one, other)
    values = {"one": first, "other": second, "author": author, "reason": reason, "language": language}
    statement = insert(tx, merges).values(iri=iri, since=tx.now, **values)
    tx.execute(statement.on_conflict_do_nothing(index_elements=["iri"]))


def find(tx: Transaction, iri: str) -> Row[Any] | None:
    """One merge that stands."""
    return tx.execute(_standing(merges).where(merges.c.iri == iri)).one_or_none()


def proposed(tx: Transaction, iri: str) -> Row[Any] | None:
    """One merge, whether it stands or is only proposed."""
    return tx.execute(select(merges).where(merges.c.iri == iri)).one_or_none()


def said(tx: Transaction, one: str, other: str, *, author: str) -> Row[Any] | None:
    """The merge by which `author` says, or has proposed to say, that two struggles are one."""
    first, second = rules.pair(one, other)
    query = select(merges).where(merges.c.one == first, merges.c.other == second, merges.c.author == author)
    return tx.execute(query.order_by(merges.c.iri)).first()


def drop(tx: Transaction, iri: str, author: str) -> None:
    """Delete a merge that its author has withdrawn."""
    tx.execute(delete(merges).where(merges.c.iri == iri, merges.c.author == author))


def drop_withdrawn(tx: Transaction) -> int:
    """Delete what is left of merges whose objects were deleted or, of others, let go of; how many there were."""
    held = select(objects.c.iri).where(objects.c.iri == merges.c.iri)
    theirs = merges.c.author.not_in(select(local_actors.c.iri))
    over = or_(held.where(objects.c.deleted.is_not(None)).exists(), theirs & ~held.exists())
    chosen = select(merges.c.iri).where(over).limit(1000)
    return int(tx.execute(delete(merges).where(merges.c.iri.in_(chosen))).rowcount)


def count_of(tx: Transaction, author: str) -> int:
    """How many merges of one author are kept."""
    return int(tx.execute(select(func.count()).where(merges.c.author == author)).scalar_one())


def pairs(tx: Transaction, sources: Collection[str]) -> list[tuple[str, str]]:
    """The pairs of struggles that anybody of `sources` says are one, each once, in their order."""
    wanted = frozenset(sources)
    query = _standing(merges.c.one, merges.c.other, merges.c.author)
    return sorted({(row.one, row.other) for row in tx.execute(query) if row.author in wanted})


def representative(tx: Transaction, iris: Iterable[str], sources: Collection[str]) -> dict[str, str]:
    """Each of `iris` to the struggle that stands for all that merges of `sources`, and of nobody else, join with it."""
    found = rules.joined(pairs(tx, sources))
    return {iri: found.get(iri, iri) for iri in iris}


def joined_with(tx: Transaction, iri: str, sources: Collection[str]) -> list[str]:
    """The struggles known here that merges of `sources` join with one, and itself, in their order: 1,000 at most.

    What is said of an address on which no report is held joins others by it, and adds nothing to read.
    """
    found = rules.joined(pairs(tx, sources))
    if iri not in found:
        return [iri]
    known = known_of(tx, [one for one, root in found.items() if root == found[iri] and one != iri])
    return sorted([iri, *sorted(known)[: TOGETHER_AT_MOST - 1]])


def known_of(tx: Transaction, iris: Collection[str]) -> set[str]:
    """Those of these addresses, however many merges name, that are struggles which this node knows by a report."""
    query = select(struggles.c.iri).where(struggles.c.iri.in_(iris if len(iris) <= LOOKED_UP else named()))
    return set(iris).intersection(tx.execute(query).scalars())


def named() -> CompoundSelect[Any]:
    """Every address that any merge names, to be asked within another query."""
    return select(merges.c.one).union(select(merges.c.other))


def about(tx: Transaction, iris: Collection[str], *, limit: int = 200) -> list[Row[Any]]:
    """The merges that name any of these struggles, whoever says so but nobody on a suspended host, the oldest first.

    If there are too many, those go first whose struggles are both known here: the rest may be invented.
    """
    known = [select(struggles.c.iri).where(struggles.c.iri == end).exists() for end in (merges.c.one, merges.c.other)]
    query = _standing(merges).where(or_(merges.c.one.in_(iris), merges.c.other.in_(iris)))
    query = query.where(*not_hidden(tx, merges.c.author))
    ranked = query.order_by(case((and_(*known), 0), else_=1), merges.c.since, merges.c.iri).limit(limit)
    return sorted(tx.execute(ranked), key=lambda row: (row.since, row.iri))


def by(tx: Transaction, author: str, *, limit: int = 200) -> list[Row[Any]]:
    """The merges of a group, the latest first."""
    query = _standing(merges).where(merges.c.author == author)
    return list(tx.execute(query.order_by(merges.c.since.desc(), merges.c.iri).limit(limit)))
