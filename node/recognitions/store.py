"""Table and queries of recognitions, ours and others'."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Column, Index, Row, Table, Text, delete, func, select, update

from node.context import Transaction
from node.database import Moment, Packed, insert, metadata

LISTED_AT_MOST = 500

recognitions = Table(
    "recognitions",
    metadata,
    Column("iri", Text, primary_key=True),
    Column("author", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("reason", Text, nullable=False),  # plain text
    Column("language", Text),
    Column("since", Moment),  # none: the group is deciding on it
    Column("review_on", Text),  # a day
    Column("open", Boolean, nullable=False),  # it was said to everybody
    Column("document", Packed),  # as it left or came
    Index("recognitions_by_author", "author"),
    Index("recognitions_by_about", "about"),
)
_STANDING = recognitions.c.since.is_not(None)


def propose(tx: Transaction, iri: str, **values: Any) -> None:
    """Enter a recognition that the group has yet to decide on."""
    tx.execute(recognitions.insert().values(iri=iri, open=False, **values))


def say(tx: Transaction, iri: str, *, document: bytes, open: bool) -> None:
    """The group has decided: it stands from now on."""
    change = update(recognitions).where(recognitions.c.iri == iri)
    tx.execute(change.values(since=tx.now, document=document, open=open))


def keep(tx: Transaction, iri: str, **values: Any) -> None:
    """Enter what another has said; what is entered is left as it is."""
    tx.execute(insert(tx, recognitions).values(iri=iri, **values).on_conflict_do_nothing(index_elements=["iri"]))


def drop(tx: Transaction, iri: str, author: str) -> None:
    """Forget a recognition that its author has taken back."""
    tx.execute(delete(recognitions).where(recognitions.c.iri == iri, recognitions.c.author == author))


def find(tx: Transaction, iri: str) -> Row[Any] | None:
    """One recognition, decided on or not."""
    row: Row[Any] | None = tx.execute(select(recognitions).where(recognitions.c.iri == iri)).one_or_none()
    return row


def between(tx: Transaction, author: str, about: str) -> Row[Any] | None:
    """What one group says of another, or is deciding to."""
    query = select(recognitions).where(recognitions.c.author == author, recognitions.c.about == about)
    row: Row[Any] | None = tx.execute(query.order_by(recognitions.c.iri).limit(1)).one_or_none()
    return row


def by(tx: Transaction, author: str) -> list[Row[Any]]:
    """What a group says of others, in the order of their addresses: no rank."""
    query = select(recognitions).where(recognitions.c.author == author, _STANDING)
    return list(tx.execute(query.order_by(recognitions.c.about).limit(LISTED_AT_MOST)))


def of(tx: Transaction, about: str) -> list[Row[Any]]:
    """What groups say of one, in the order of their addresses."""
    query = select(recognitions).where(recognitions.c.about == about, _STANDING)
    return list(tx.execute(query.order_by(recognitions.c.author).limit(LISTED_AT_MOST)))


def among(tx: Transaction, authors: Iterable[str]) -> list[Row[Any]]:
    """What these say of others."""
    query = select(recognitions).where(recognitions.c.author.in_(list(authors)), _STANDING)
    return list(tx.execute(query.order_by(recognitions.c.author, recognitions.c.about).limit(10 * LISTED_AT_MOST)))


def count_by(tx: Transaction, author: str) -> int:
    """How many are kept of one author."""
    query = select(func.count()).where(recognitions.c.author == author)
    return int(tx.execute(query).scalar_one())


def due(tx: Transaction, author: str, *, today: date) -> list[Row[Any]]:
    """Those of a group that it wants to look at again today, or wanted to earlier."""
    query = select(recognitions).where(
        recognitions.c.author == author, _STANDING, recognitions.c.review_on <= today.isoformat()
    )
    return list(tx.execute(query.order_by(recognitions.c.review_on, recognitions.c.about).limit(LISTED_AT_MOST)))
