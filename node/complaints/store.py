"""Table and queries of complaints."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    UniqueConstraint,
    delete,
    false,
    func,
    select,
    update,
)

from node.actors import host_of
from node.complaints.rules import A_DAY_OF_FORM, DAY, KEPT_FOR, Source
from node.context import Transaction
from node.database import Json, Moment, insert, metadata

complaints = Table(
    "complaints",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("group", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("actor", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("about", Json, nullable=False),
    Column("words", Text, nullable=False),
    Column("sameness", Text, nullable=False),
    Column("times", Integer, nullable=False, server_default="1"),
    Column("at", Moment, nullable=False),
    Column("closed", Moment),
    Column("category", Text),
    Column("source", Text, nullable=False, server_default="flag"),
    Column("forward", Boolean, nullable=False, server_default=false()),  # whoever complains wants it sent on
    Column("sent", Moment),  # on, to the server of the account that it is about
    Column("outcome", Json),  # what was done, on what ground, and why
    Column("objection", Text),
    Column("waits_since", Moment),  # if not since it came: its sender has objected
    Column("alerted", Moment),  # delegates were told that it waits
    UniqueConstraint("actor", "sameness"),
    Index("complaints_by_host", "host", "at"),
    Index("complaints_by_group", "group", "closed", "at"),
)

complaint_words = Table(
    "complaint_words",
    metadata,
    Column("digest", Text, primary_key=True),  # SHA-256 of the word with which its sender can look
    Column("complaint", Integer, ForeignKey("complaints.id", ondelete="CASCADE"), nullable=False),
    Index("complaint_words_by_complaint", "complaint"),
)


def add(
    tx: Transaction,
    *,
    group: str,
    actor: str,
    about: Sequence[str],
    words: str,
    source: Source = Source.FLAG,
    category: str | None = None,
    at: datetime | None = None,
    forward: bool = False,
) -> int:
    """Enter a complaint; its number."""
    values = {
        "group": group,
        "actor": actor,
        "host": host_of(actor) if actor else "",
        "about": list(about),
        "words": words,
        "sameness": _sameness(about, words),
        "at": at or tx.now,
        "source": source.value,
        "category": category,
        "forward": forward,
    }
    entered = insert(tx, complaints).values(**values).on_conflict_do_nothing().returning(complaints.c.id)
    number = tx.execute(entered).scalar()
    return int(number) if number is not None else same(tx, actor=actor, about=about, words=words).id


def same(tx: Transaction, *, actor: str, about: Sequence[str], words: str) -> Any:
    """The complaint in the same words about the same things of one actor; None if there is none."""
    query = select(complaints).where(complaints.c.actor == actor, complaints.c.sameness == _sameness(about, words))
    return tx.execute(query).one_or_none()


def add_word(tx: Transaction, number: int, word: str) -> None:
    """Enter a word with which a sender can look what became of her complaint."""
    tx.execute(insert(tx, complaint_words).values(digest=_digest(word), complaint=number))


def by_word(tx: Transaction, number: int, word: str) -> Row[Any] | None:
    """The complaint of this number, if the word is one of those that open it."""
    query = select(complaints).join(complaint_words, complaint_words.c.complaint == complaints.c.id)
    opened = query.where(complaints.c.id == number, complaint_words.c.digest == _digest(word))
    return tx.execute(opened).one_or_none()


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()


def count_once_more(tx: Transaction, *, actor: str, about: Sequence[str], words: str) -> bool:
    """Count a complaint that the same actor has brought before; False if it has not."""
    same = (complaints.c.actor == actor) & (complaints.c.sameness == _sameness(about, words))
    return tx.execute(update(complaints).where(same).values(times=complaints.c.times + 1)).rowcount > 0


def _sameness(about: Sequence[str], words: str) -> str:
    return hashlib.sha256(json.dumps([sorted(about), words]).encode()).hexdigest()


def of_today(tx: Transaction, *, actor: str | None = None, host: str | None = None) -> int:
    """How many complaints one actor, or one host, has brought within a day."""
    query = select(func.count()).where(complaints.c.at > tx.now - DAY)
    if actor is not None:
        query = query.where(complaints.c.actor == actor)
    if host is not None:
        query = query.where(complaints.c.host == host)
    return int(tx.execute(query).scalar_one())


def of_form_today(tx: Transaction, about: str | None = None) -> int:
    """How many complaints have come by the form within a day: of one thing, or in all."""
    query = select(complaints.c.about).where(complaints.c.source == Source.FORM.value, complaints.c.at > tx.now - DAY)
    found = tx.execute(query.order_by(complaints.c.id).limit(A_DAY_OF_FORM)).scalars()
    return sum(about is None or about in one for one in found)


def count_open(tx: Transaction, *, group: str | None = None, source: Source | None = None) -> int:
    """How many complaints are open: of one group, by one way, or all."""
    query = select(func.count()).where(complaints.c.closed.is_(None))
    if source is not None:
        query = query.where(complaints.c.source == source.value)
    if group is not None:
        query = query.where(complaints.c.group == group)
    return int(tx.execute(query).scalar_one())


def of_group(tx: Transaction, group: str, *, closed: bool = False, limit: int = 500) -> list[Row[Any]]:
    """A group's open complaints (with `closed` all), the newest first."""
    query = select(complaints).where(complaints.c.group == group)
    if not closed:
        query = query.where(complaints.c.closed.is_(None))
    return list(tx.execute(query.order_by(complaints.c.at.desc(), complaints.c.id.desc()).limit(limit)))


def find(tx: Transaction, number: int) -> Row[Any] | None:
    """One complaint."""
    return tx.execute(select(complaints).where(complaints.c.id == number)).one_or_none()


def close(tx: Transaction, number: int, outcome: dict[str, Any] | None) -> None:
    """Write that a complaint has been dealt with, and how."""
    open_one = (complaints.c.id == number) & complaints.c.closed.is_(None)
    tx.execute(update(complaints).where(open_one).values(closed=tx.now, outcome=outcome))


def reopen(tx: Transaction, number: int, objection: str) -> None:
    """Its sender objects to how it was closed: it is open again, and its time to be answered begins anew."""
    values = {"closed": None, "objection": objection, "waits_since": tx.now, "alerted": None}
    tx.execute(update(complaints).where(complaints.c.id == number).values(**values))


def unanswered(tx: Transaction, *, since: datetime) -> list[Row[Any]]:
    """Open complaints that have waited since before `since`, of which delegates were not told yet, the oldest first."""
    table = complaints.c
    query = select(complaints).where(table.closed.is_(None), _waits() <= since, table.alerted.is_(None))
    return list(tx.execute(query.order_by(table.at, table.id).limit(1000)))


def count_unanswered(tx: Transaction, groups: Sequence[str], *, since: datetime) -> int:
    """How many complaints to these groups have waited since before `since`."""
    table = complaints.c
    query = select(func.count()).where(table.group.in_(groups), table.closed.is_(None), _waits() <= since)
    return int(tx.execute(query).scalar_one())


def _waits() -> Any:
    return func.coalesce(complaints.c.waits_since, complaints.c.at)


def note_sent(tx: Transaction, number: int) -> None:
    """Write that a complaint was sent on."""
    tx.execute(update(complaints).where(complaints.c.id == number).values(sent=tx.now))


def alerted(tx: Transaction, numbers: Sequence[int]) -> None:
    """Write that delegates were told of these."""
    tx.execute(update(complaints).where(complaints.c.id.in_(numbers)).values(alerted=tx.now))


def prune(tx: Transaction) -> int:
    """Delete complaints whose time is over; how many there were."""
    old = select(complaints.c.id).where(complaints.c.at < tx.now - KEPT_FOR)
    tx.execute(delete(complaint_words).where(complaint_words.c.complaint.in_(old)))
    return int(tx.execute(delete(complaints).where(complaints.c.at < tx.now - KEPT_FOR)).rowcount)


def as_json(row: Row[Any]) -> dict[str, Any]:
    """A complaint for programs of delegates."""
    return {
        "number": row.id,
        "at": row.at.isoformat(),
        "source": row.source,
        "host": row.host,
        "category": row.category,
        "about": row.about,
        "words": row.words,
        "times": row.times,
        "objection": row.objection,
        "forward": row.forward,
        "sent": row.sent.isoformat() if row.sent else None,
        "closed": row.closed.isoformat() if row.closed else None,
        "outcome": row.outcome,
    }
