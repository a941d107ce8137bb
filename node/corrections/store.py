"""Tables and queries of requests for correction and of the answers to them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
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
    and_,
    cast,
    delete,
    false,
    func,
    literal,
    or_,
    select,
    update,
)

from node.context import Transaction
from node.corrections.rules import COUNTED_FOR, KEPT_FOR, TIMES_AT_MOST
from node.database import insert, metadata
from node.objects import objects

correction_requests = Table(
    "correction_requests",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("group", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("text", Text, nullable=False),  # the IRI of what is to be corrected
    Column("words", Text),
    Column("sameness", Text, nullable=False),
    Column("times", Integer, nullable=False, server_default="1"),
    Column("day", Text, nullable=False),
    Column("answer", Text),  # the publication that answers it, wherever that stands
    Column("closed", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("text", "sameness"),
    Index("correction_requests_by_group", "group", "closed", "id"),
    Index("correction_requests_by_day", "day"),
    Index("correction_requests_by_answer", "answer"),
)

correction_answers = Table(
    "correction_answers",
    metadata,
    Column("iri", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Index("correction_answers_by_text", "text"),
)


def add(tx: Transaction, *, group: str, text: str, words: str) -> None:
    """Enter a request."""
    values = {"group": group, "text": text, "words": words, "sameness": _sameness(words), "day": _today(tx)}
    tx.execute(insert(tx, correction_requests).values(**values))


def count_once_more(tx: Transaction, *, text: str, words: str) -> bool:
    """Count words that somebody has written of this text before; False if nobody has, or not since they were closed.

    At `TIMES_AT_MOST` they are counted no further, and nothing is written.
    """
    table = correction_requests.c
    same = (table.text == text) & (table.sameness == _sameness(words))
    held = tx.execute(select(table.id, table.times).where(same)).one_or_none()
    if held is None:
        return False
    if held.times < TIMES_AT_MOST:
        tx.execute(update(correction_requests).where(table.id == held.id).values(times=table.times + 1))
    return True


def _sameness(words: str) -> str:
    return hashlib.sha256(" ".join(words.split()).casefold().encode()).hexdigest()


def _today(tx: Transaction) -> str:
    return tx.now.date().isoformat()


def count_of_today(tx: Transaction, *, text: str | None = None) -> int:
    """How many requests came today, closed or not: about one text, or about any."""
    query = select(func.count()).where(correction_requests.c.day == _today(tx))
    return int(tx.execute(_about(query, text)).scalar_one())


def count_open(tx: Transaction, *, text: str | None = None, group: str | None = None) -> int:
    """How many requests are open: about one text, to one group, or all."""
    query = _about(select(func.count()).where(correction_requests.c.closed.is_(False)), text)
    if group is not None:
        query = query.where(correction_requests.c.group == group)
    return int(tx.execute(query).scalar_one())


def _about(query: Any, text: str | None) -> Any:
    return query if text is None else query.where(correction_requests.c.text == text)


def open_of(tx: Transaction, group: str, *, limit: int = 500) -> list[Row[Any]]:
    """The open requests to a group, the oldest first."""
    table = correction_requests.c
    query = select(correction_requests).where(table.group == group, table.closed.is_(False))
    return list(tx.execute(query.order_by(table.id).limit(limit)))


def find(tx: Transaction, number: int) -> Row[Any] | None:
    """One request."""
    return tx.execute(select(correction_requests).where(correction_requests.c.id == number)).one_or_none()


def set_answer(tx: Transaction, number: int, *, answer: str, text: str) -> None:
    """Write by which publication a request is answered, in place of one that did not leave."""
    _forget_answer(tx, number)
    tx.execute(update(correction_requests).where(correction_requests.c.id == number).values(answer=answer))
    tx.execute(insert(tx, correction_answers).values(iri=answer, text=text))


def close(tx: Transaction, number: int) -> None:
    """A request has been dealt with, and no answer to it left: its words go."""
    _forget_answer(tx, number)
    tx.execute(_closing().where(correction_requests.c.id == number))


def _forget_answer(tx: Transaction, number: int) -> None:
    former = select(correction_requests.c.answer).where(correction_requests.c.id == number)
    tx.execute(delete(correction_answers).where(correction_answers.c.iri.in_(former)))


def _closing() -> Any:
    # The digest would tell whoever guesses the words that she has guessed right.
    table = correction_requests.c
    nothing = literal("closed ") + cast(table.id, Text)
    return update(correction_requests).values(words=None, closed=True, sameness=nothing)


def any_held(tx: Transaction) -> bool:
    """Whether there is any request or answer at all."""
    held = select(correction_requests.c.id).where(correction_requests.c.closed.is_(False)).limit(1)
    return (
        tx.execute(held).first() is not None
        or tx.execute(select(correction_answers.c.iri).limit(1)).first() is not None
    )


def settle(tx: Transaction, iris: Sequence[str]) -> None:
    """Let requests and answers follow what became of these objects."""
    public = select(objects.c.iri).where(
        objects.c.iri.in_(iris), objects.c.public.is_(True), objects.c.deleted.is_(None)
    )
    gone = select(objects.c.iri).where(objects.c.iri.in_(iris), objects.c.deleted.is_not(None))
    answered = correction_requests.c.answer.in_(public) & correction_requests.c.closed.is_(False)
    tx.execute(_closing().where(answered))
    tx.execute(delete(correction_requests).where(correction_requests.c.text.in_(gone)))
    tx.execute(
        delete(correction_answers).where(or_(correction_answers.c.iri.in_(gone), correction_answers.c.text.in_(gone)))
    )


def hear_answer(tx: Transaction, iri: str, *, text: str) -> None:
    """Enter that a statement of another answers a request for correction of `text`."""
    entered = insert(tx, correction_answers).values(iri=iri, text=text)
    tx.execute(entered.on_conflict_do_update(index_elements=["iri"], set_={"text": text}))


def forget_answer(tx: Transaction, iri: str) -> None:
    """A statement of another answers no request any more, or is gone."""
    tx.execute(delete(correction_answers).where(correction_answers.c.iri == iri))


def answers_to(tx: Transaction, text: str, *, author: str | None = None, limit: int = 20) -> list[Row[Any]]:
    """The objects of the public answers about a text, by its `author`, or about a page of ours, by this node's groups;
    the oldest first."""
    query = (
        select(objects)
        .join(correction_answers, correction_answers.c.iri == objects.c.iri)
        .where(correction_answers.c.text == text, objects.c.public.is_(True), objects.c.deleted.is_(None))
        .where(objects.c.author == author if author is not None else objects.c.local.is_(True))
        .order_by(objects.c.sort_id)
        .limit(limit)
    )
    return list(tx.execute(query))


def prune(tx: Transaction) -> int:
    """Delete requests whose time is over, and those that were closed and count no more; how many there were.

    And what is known of others' answers that are held no more.
    """
    ours = correction_answers.c.iri.startswith(f"{tx.node.config.origin}/", autoescape=True)
    held = select(objects.c.iri).where(objects.c.iri == correction_answers.c.iri).exists()
    tx.execute(delete(correction_answers).where(~ours, ~held))
    table = correction_requests.c
    today = tx.now.date()
    old = table.day < (today - KEPT_FOR).isoformat()
    counted = and_(table.closed.is_(True), table.day < (today - COUNTED_FOR).isoformat())
    return int(tx.execute(delete(correction_requests).where(or_(old, counted))).rowcount)
