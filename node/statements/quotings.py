"""Table and queries of what our groups have quoted, and whether its author agrees (FEP-044f)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Row, Table, Text, select, update

from node.context import Transaction
from node.database import insert, metadata

quotings = Table(
    "quotings",
    metadata,
    Column("iri", Text, ForeignKey("objects.iri"), primary_key=True),
    Column("quoted", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("request", Text),
    Column("stamp", Text),
    Index("quotings_by_quoted", "quoted"),
)


class Consent(StrEnum):
    """What the author of a quoted text says to it."""

    UNASKED = "unasked"  # no policy: servers that know no such thing
    PENDING = "pending"
    GIVEN = "given"
    REFUSED = "refused"


def add(tx: Transaction, iri: str, *, quoted: str, author: str, consent: Consent, request: str | None = None) -> None:
    """Enter that a statement of ours quotes something; once."""
    values = {"iri": iri, "quoted": quoted, "author": author, "state": consent.value, "request": request}
    tx.execute(insert(tx, quotings).values(**values).on_conflict_do_nothing())


def find(tx: Transaction, iri: str) -> Row[Any] | None:
    """What a statement of ours quotes."""
    return tx.execute(select(quotings).where(quotings.c.iri == iri)).one_or_none()


def asked(tx: Transaction, request: str) -> Row[Any] | None:
    """The quotation about which we sent this QuoteRequest."""
    return tx.execute(select(quotings).where(quotings.c.request == request)).one_or_none()


def stamped(tx: Transaction, stamp: str) -> Row[Any] | None:
    """The quotation that this stamp allows."""
    return tx.execute(select(quotings).where(quotings.c.stamp == stamp)).first()


def answer(tx: Transaction, iri: str, consent: Consent, *, stamp: str | None = None) -> None:
    """Write what the author says."""
    tx.execute(update(quotings).where(quotings.c.iri == iri).values(state=consent.value, stamp=stamp))
