"""What was done by virtue of an office, for all members to see: what, to whom, on which day; never by whom.

What is decided stands with the decisions. This is for what needs none: a link to a new password, an invitation taken
back, a rule set back that nobody could meet any more. The office is the stewards', or that of whoever holds the server
and used the command line.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, Row, Table, Text, delete, select

from node.context import Transaction
from node.database import Moment, metadata
from node.members import store
from node.translating import N_

KEPT_FOR = timedelta(days=180)
STEWARD, SERVER = "steward", "server"
WHAT = {
    "reset": N_("made a link to a new password for"),
    "reset_all": N_("made a link to a new password, without the second factor, for"),
    "removed": N_("removed a member from the node"),
    "withdrew": N_("took back an invitation"),
    "appointed": N_("made steward of a group that had none, for 30 days:"),
    "tokens": N_("made a token for a program of"),
    "reset_rule": N_("set the rule that nobody could meet any more back to “one member may act”, to"),
}

office_acts = Table(
    "office_acts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("actor", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("office", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("about", Text),
    Column("member", Integer, ForeignKey("members.id", ondelete="SET NULL"), index=True),
    Column("day", Moment, nullable=False),
    Index("office_acts_by_actor", "actor", "id"),
)


def note(
    tx: Transaction, actor: str, what: str, *, office: str, member: int | None = None, about: str | None = None
) -> None:
    """Write down that something was done in office, about a member or, for a rule, the kind of act it is for."""
    assert what in WHAT
    values = {"actor": actor, "office": office, "what": what, "about": about, "member": member}
    tx.execute(office_acts.insert().values(**values, day=store.day_of(tx.now)))


def note_about(tx: Transaction, member: int, what: str, *, office: str) -> None:
    """Write down that something was done about a member, in every group in which she holds a mandate."""
    for actor in sorted({row.actor for row in store.mandates_in_force(tx, member)}):
        note(tx, actor, what, office=office, member=member)


def of_group(tx: Transaction, actor: str) -> list[Row[Any]]:
    """What was done in office in a group, the newest first, with the name of whom it was about."""
    query = (
        select(office_acts, store.members.c.name)
        .outerjoin(store.members, store.members.c.id == office_acts.c.member)
        .where(office_acts.c.actor == actor, office_acts.c.day > tx.now - KEPT_FOR)
        .order_by(office_acts.c.id.desc())
    )
    return list(tx.execute(query.limit(1000)))


def prune(tx: Transaction) -> int:
    """Forget what was done long ago; how many rows there were."""
    return int(tx.execute(delete(office_acts).where(office_acts.c.day <= tx.now - KEPT_FOR)).rowcount)
