"""Viewers: an account as apps meet it. One login of an app is one viewer.

A member who may do more in a group than read meets the group's account through her app; who only reads, there or of
her own accord (a **reader**), meets a private account that no other server and no page ever sees: it has no actor.
A viewer stands as long as the mandate does by which she meets it, and whatever she marks for herself hangs on it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, delete, exists, select, update

from node import actors
from node.context import Transaction
from node.database import Moment, insert, metadata
from node.members import store
from node.members.store import Member

viewers = Table(
    "viewers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("member", Integer, ForeignKey("members.id", ondelete="CASCADE"), nullable=False),
    Column("actor", Text, ForeignKey("local_actors.iri")),  # none: a private account
    Column("admitted", Boolean, nullable=False, server_default="0"),  # a reader without any mandate
    Column("seen", Moment),  # of a reader: the day on which she let an app in or used one last, at its first moment
    Index("viewers_of_groups", "member", "actor", unique=True),
)
_PRIVATE = viewers.c.actor.is_(None)
Index("viewers_private", viewers.c.member, unique=True, sqlite_where=_PRIVATE, postgresql_where=_PRIVATE)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks and acts through an app. `actor`: the group's IRI; None: a reader's private account.

    `scopes` are those of her token, `token` is its digest, `app` the app it was given to.
    """

    id: int
    member: Member
    actor: str | None
    scopes: frozenset[str]
    token: str = ""
    app: int = 0


def choices(tx: Transaction, member: int) -> list[str | None]:
    """The accounts that a member can meet at this moment: IRIs of groups, the main one first, and None for a
    private one, at the end."""
    held = store.mandates_in_force(tx, member)
    acts = {row.actor for row in held if row.role != "reader"}
    groups = [group.iri for group in actors.groups(tx) if group.iri in acts]
    reads = any(row.role == "reader" for row in held) or is_admitted(tx, member)
    return [*groups, *([None] if reads else [])]


def standing(tx: Transaction, some: Collection[tuple[int, str | None]]) -> set[tuple[int, str | None]]:
    """Of pairs of a member and an account those that stand at this moment, in as many queries as for one."""
    asked = sorted({member for member, _ in some})
    groups, held = {group.iri for group in actors.groups(tx)}, store.mandates_of(tx, asked)
    found: set[tuple[int, str | None]] = {
        (row.member, row.actor) for row in held if row.role != "reader" and row.actor in groups
    }
    found |= {(row.member, None) for row in held if row.role == "reader"}
    admitted = select(viewers.c.member).where(_PRIVATE, viewers.c.admitted.is_(True), viewers.c.member.in_(asked))
    return found | {(member, None) for member in tx.execute(admitted).scalars()}


def stands(tx: Transaction, member: int, actor: str | None) -> bool:
    """Whether a member may meet this account at this moment."""
    return actor in choices(tx, member)


def enter(tx: Transaction, member: int, actor: str | None, *, admitted: bool = False) -> int:
    """The number of a viewer, who is entered if this is her first app."""
    values = {"member": member, "actor": actor, "admitted": admitted}
    tx.execute(insert(tx, viewers).values(**values).on_conflict_do_nothing())
    of_member = (viewers.c.member == member) & (_PRIVATE if actor is None else viewers.c.actor == actor)
    return int(tx.execute(select(viewers.c.id).where(of_member)).scalar_one())


def is_admitted(tx: Transaction, member: int) -> bool:
    """Whether a member is a reader who was admitted as nothing else."""
    found = select(viewers.c.id).where(viewers.c.member == member, _PRIVATE, viewers.c.admitted.is_(True))
    return tx.execute(found).first() is not None


def of_group(tx: Transaction, actor: str) -> list[int]:
    """The viewers who meet a group's account, whether they still may or not."""
    return list(tx.execute(select(viewers.c.id).where(viewers.c.actor == actor).order_by(viewers.c.id)).scalars())


def note_seen(tx: Transaction, number: int) -> None:
    """Write down that a reader has been here today, and no hour. Of who meets a group's account nothing is kept."""
    known = (viewers.c.id == number) & viewers.c.admitted.is_(True)
    tx.execute(update(viewers).where(known).values(seen=store.day_of(tx.now)))


def prune(tx: Transaction) -> int:
    """Forget viewers whose mandates have ended so long ago that they are forgotten too; how many there were."""
    held = store.mandates.alias()
    same = (held.c.member == viewers.c.member) & ((held.c.actor == viewers.c.actor) | _PRIVATE)
    over = delete(viewers).where(~exists().where(same), viewers.c.admitted.is_(False))
    return int(tx.execute(over).rowcount)
