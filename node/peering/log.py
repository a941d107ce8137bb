"""The peering log: what this node's groups did towards servers and other groups, in the order in which they did it.

Nothing is changed or taken out of it; a reason can be redacted (its words go, the row and when that was stay). Beside
it stand **private notes**, for those who look after peers, which can be changed and deleted like any note.

Towards a person nothing is logged by name. `note` sees by the actor what somebody is: acts towards persons are counted
by month, act and category, and stand in the log as those numbers; who it was stands in `person_log` for 90 days.

Every act towards a server or a group calls `note`, in the transaction that does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Row, Table, Text, delete, func, or_, select, update

from node import actors, identifiers
from node.context import Transaction
from node.database import Json, Moment, insert, metadata
from node.errors import Conflict, Invalid, Missing

PERSONS_KEPT_FOR = timedelta(days=90)
NOTE_CHARACTERS = 5000
NOT_PERSONS = frozenset({"Organization", "Group", "Application", "Service"})


class Deed(StrEnum):
    """What can be done towards a server, a group or a person. Rooms that do more add their own here."""

    POLICY_SET = "policy_set"
    POLICY_DROPPED = "policy_dropped"
    SWITCH_SET = "switch_set"
    FOLLOWED = "followed"
    UNFOLLOWED = "unfollowed"
    ADMITTED = "admitted"
    DECLINED = "declined"
    RECOGNISED = "recognised"
    RECOGNITION_REVOKED = "recognition_revoked"
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    LIST_APPLIED = "list_applied"
    PUBLISHED_LIST = "published_list"
    VISIBILITY_SET = "visibility_set"
    MUTED = "muted"
    BLOCKED = "blocked"
    HEARD_AGAIN = "heard_again"
    HELD_BACK = "held_back"
    MESSAGE_ADMITTED = "message_admitted"
    MESSAGE_REFUSED = "message_refused"
    MESSAGE_REMOVED = "message_removed"
    COMPLAINED = "complained"


peering_log = Table(
    "peering_log",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text),  # a domain or the IRI of a group; none where the act is towards everybody
    Column("host", Text),
    Column("is_actor", Boolean, nullable=False),
    Column("by_group", Text),  # of ours
    Column("by_role", Text),
    Column("category", Text),
    Column("reason", Text, nullable=False),
    Column("redacted", Moment),
    Column("decision", BigInteger),
    Column("details", Json),
    Index("peering_log_by_subject", "subject", "id"),
    Index("peering_log_by_host", "host", "id"),
)

person_log = Table(
    "person_log",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False, index=True),
    Column("act", Text, nullable=False),
    Column("actor", Text, nullable=False, index=True),
    Column("by_group", Text),
    Column("by_role", Text),
    Column("category", Text),
    Column("reason", Text, nullable=False),
    Column("decision", BigInteger),
    Column("details", Json),
)

person_counts = Table(
    "person_counts",
    metadata,
    Column("month", Text, primary_key=True),  # 2026-11
    Column("act", Text, primary_key=True),
    Column("category", Text, primary_key=True),  # empty where none was given
    Column("acts", Integer, nullable=False),
)

private_notes = Table(
    "private_notes",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", Text, nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("note", Text, nullable=False),
)


def note(
    tx: Transaction,
    deed: Deed,
    subject: str | None,
    *,
    group: str | None = None,
    category: str | None = None,
    reason: str = "",
    by_role: str | None = None,
    decision: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Enter an act towards `subject`: a domain, the IRI of an actor, or None for everybody.

    `group`: which of ours did it; `reason`: words that may be public; `details`: what else it was (JSON), never a
    member. Whoever is a person, or not known, is counted here and named in the log of persons alone.
    """
    is_actor = subject is not None and "://" in subject
    values = {
        "at": tx.now, "act": deed.value, "by_group": group, "by_role": by_role, "category": category, "reason": reason,
        "decision": decision, "details": None if details is None else dict(details),
    }  # fmt: skip
    if subject is not None and is_actor and _is_person(tx, subject):
        tx.execute(insert(tx, person_log).values(id=tx.new_id(), actor=subject, **values))
        _count(tx, deed, category)
        return
    host = actors.host_of(subject) if subject is not None and is_actor else subject
    last = tx.execute(select(func.max(peering_log.c.id))).scalar() or 0  # the order of the log is that of the acts
    number = identifiers.mint(tx.now, after=last)
    tx.execute(insert(tx, peering_log).values(id=number, subject=subject, host=host, is_actor=is_actor, **values))


def _is_person(tx: Transaction, iri: str) -> bool:
    row = actors.find(tx, iri)
    return row is None or not (row.local or row.type in NOT_PERSONS)


def _count(tx: Transaction, deed: Deed, category: str | None) -> None:
    table = person_counts
    key = {"month": tx.now.strftime("%Y-%m"), "act": deed.value, "category": category or ""}
    statement = insert(tx, table).values(**key, acts=1)
    more = {"acts": table.c.acts + 1}
    tx.execute(statement.on_conflict_do_update(index_elements=["month", "act", "category"], set_=more))


def entries(
    tx: Transaction,
    *,
    subject: str | None = None,
    before: int | None = None,
    group: str | None = None,
    limit: int = 100,
) -> list[Row[Any]]:
    """What was done, the newest first; of one domain (with its sub-domains and actors) or one actor, if it is given."""
    query = select(peering_log).order_by(peering_log.c.id.desc()).limit(limit)
    if subject is not None:
        within = peering_log.c.host.like("%." + subject.replace("%", "").replace("_", "\\_"), escape="\\")
        query = query.where(or_(peering_log.c.subject == subject, peering_log.c.host == subject, within))
    if before is not None:
        query = query.where(peering_log.c.id < before)
    if group is not None:
        query = query.where(peering_log.c.by_group == group)
    return list(tx.execute(query))


def counts_of_persons(tx: Transaction, *, limit: int = 500) -> list[Row[Any]]:
    """How many acts towards persons there were, by month, act and category, the newest month first."""
    query = select(person_counts).order_by(person_counts.c.month.desc(), person_counts.c.act, person_counts.c.category)
    return list(tx.execute(query.limit(limit)))


def persons(tx: Transaction, *, limit: int = 200) -> list[Row[Any]]:
    """Acts towards persons by name, of the last 90 days; for those who look after peers alone."""
    query = select(person_log).where(person_log.c.at >= tx.now - PERSONS_KEPT_FOR)
    return list(tx.execute(query.order_by(person_log.c.id.desc()).limit(limit)))


def redact(tx: Transaction, number: int, *, group: str | None = None) -> None:
    """Take the words of a reason out of the log; the row stays, and says that and when.

    With `group`, only where it is that group's own act, or nobody's. Raises Missing, Conflict.
    """
    row = tx.execute(select(peering_log).where(peering_log.c.id == number)).one_or_none()
    if row is None or (group is not None and row.by_group not in (None, group)):
        raise Missing("the peering log has no entry {number}", number=number)
    if row.redacted is not None:
        raise Conflict("the reason of entry {number} is redacted already", number=number)
    kept = {name: value for name, value in (row.details or {}).items() if name not in ("reason", "words")}
    changes = {"reason": "", "redacted": tx.now, "details": kept or None}
    tx.execute(update(peering_log).where(peering_log.c.id == number).values(**changes))


def add_note(tx: Transaction, subject: str, text: str) -> int:
    """Write a private note about a domain or a group; its number. Raises Invalid."""
    text = text.strip()
    if not text or len(text) > NOTE_CHARACTERS:
        raise Invalid("a note has between 1 and {limit} characters", field="note", limit=NOTE_CHARACTERS)
    number = tx.new_id()
    tx.execute(insert(tx, private_notes).values(id=number, subject=subject, at=tx.now, note=text))
    return number


def drop_note(tx: Transaction, number: int) -> None:
    """Delete a private note. Raises Missing."""
    if not tx.execute(delete(private_notes).where(private_notes.c.id == number)).rowcount:
        raise Missing("there is no private note {number}", number=number)


def notes(tx: Transaction, subject: str, *, limit: int = 100) -> list[Row[Any]]:
    """The private notes about a domain or a group, the newest first."""
    query = select(private_notes).where(private_notes.c.subject == subject).order_by(private_notes.c.id.desc())
    return list(tx.execute(query.limit(limit)))


def prune(tx: Transaction) -> int:
    """Forget who the persons were whose time is over; how many rows there were."""
    return int(tx.execute(delete(person_log).where(person_log.c.at < tx.now - PERSONS_KEPT_FOR)).rowcount)
