"""Matches that a member has dismissed: two struggles that look alike and are not the same.

A dismissal is kept for this node and published nowhere: it says nothing against a merge, by whomever. It holds for what
the reports on both say of who, where and when (`facts`); once that is something else, the match is proposed again. Who
dismissed it is not kept, only in which group.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import Column, Index, Row, Table, Text, delete, or_, select

from node.context import Transaction
from node.database import Moment, insert, metadata
from node.errors import Missing
from node.members import actions as members
from node.members.store import Member
from node.merges import rules
from node.merges.matching import Profile
from node.reports import store as reports

dismissals = Table(
    "merge_dismissals",
    metadata,
    Column("one", Text, primary_key=True),
    Column("other", Text, primary_key=True),
    Column("facts", Text, nullable=False),
    Column("actor", Text, nullable=False),  # the group for which a member has said so
    Column("since", Moment, nullable=False),
    Index("merge_dismissals_by_other", "other"),
)


def dismiss(tx: Transaction, one: str, other: str, *, profiles: dict[str, Profile], actor: str, member: Member) -> None:
    """Say that two struggles are not the same, as their `profiles` are now. Raises Missing, Forbidden, Invalid."""
    members.require(tx, member, "write", actor=actor)
    rules.check_pair(one, other)
    for iri in (one, other):
        if iri not in profiles:
            raise Missing("{iri} is no struggle that this node knows: no report on it is held here", iri=iri)
    first, second = rules.pair(one, other)
    values = {"facts": facts(profiles[first], profiles[second]), "actor": actor, "since": tx.now}
    entered = insert(tx, dismissals).values(one=first, other=second, **values)
    tx.execute(entered.on_conflict_do_update(index_elements=["one", "other"], set_=values))


def undo(tx: Transaction, one: str, other: str, *, actor: str, member: Member) -> None:
    """Take that back: the match is proposed again. Raises Missing, Forbidden."""
    members.require(tx, member, "write", actor=actor)
    first, second = rules.pair(one, other)
    gone = tx.execute(delete(dismissals).where(dismissals.c.one == first, dismissals.c.other == second))
    if gone.rowcount == 0:
        raise Missing("nobody has said that these two are not the same")


def of(tx: Transaction, iri: str, *, limit: int = 200) -> list[Row[Any]]:
    """What was dismissed about a struggle, the latest first."""
    query = select(dismissals).where(or_(dismissals.c.one == iri, dismissals.c.other == iri))
    return list(
        tx.execute(query.order_by(dismissals.c.since.desc(), dismissals.c.one, dismissals.c.other).limit(limit))
    )


def is_dismissed(row: Row[Any] | None, one: Profile, other: Profile) -> bool:
    """Whether a dismissal holds for what is known of both now, whichever is which."""
    return row is not None and row.facts in (facts(one, other), facts(other, one))


def facts(one: Profile, other: Profile) -> str:
    """A digest of what reports on two struggles say of who, where and when."""
    return hashlib.sha256(json.dumps([_material(one), _material(other)]).encode()).hexdigest()


def _material(profile: Profile) -> list[list[str]]:
    named = (profile.addressees, profile.families, profile.countries, profile.regions, profile.localities)
    return [*(sorted(one) for one in named), sorted(map(str, profile.began))]


def drop_unknown(tx: Transaction) -> int:
    """Delete dismissals of struggles that this node knows no longer; how many there were."""
    known = [
        select(reports.struggles.c.iri).where(reports.struggles.c.iri == end).exists()
        for end in (dismissals.c.one, dismissals.c.other)
    ]
    return int(tx.execute(delete(dismissals).where(or_(*(~one for one in known)))).rowcount)
