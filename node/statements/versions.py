"""Tables and queries of what statements were before they were corrected: ours, and others' positions.

A version is the digest of its bytes and the moment since which it stood; the bytes stay with it until the statement is
deleted or the version blanked, the digest for ever, so that whoever has kept a copy can show what was said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, PrimaryKeyConstraint, Row, Table, Text, delete, func, select, update

from node import objects
from node.context import Transaction
from node.database import Moment, Packed, insert, metadata

versions = Table(
    "versions",
    metadata,
    Column("iri", Text, ForeignKey("objects.iri"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("document", Packed),
    Column("blanked", Moment),
    Column("reason", Text),
    PrimaryKeyConstraint("iri", "number"),
)


def keep(tx: Transaction, iri: str, document: bytes, *, since: datetime) -> None:
    """Keep what an object of ours says until now; the same bytes once."""
    known = of(tx, iri)
    digest = objects.digest(document)
    if any(row.digest == digest for row in known):
        return
    values = {"iri": iri, "number": len(known) + 1, "digest": digest, "since": since, "document": document}
    tx.execute(insert(tx, versions).values(**values).on_conflict_do_nothing())


def of(tx: Transaction, iri: str) -> list[Row[Any]]:
    """The versions of an object that are not in force any more, the first one first."""
    query = select(versions).where(versions.c.iri == iri).order_by(versions.c.number).limit(1000)
    return list(tx.execute(query))


def count(tx: Transaction, iri: str) -> int:
    """How often an object was corrected."""
    return int(tx.execute(select(func.count()).where(versions.c.iri == iri)).scalar_one())


def drop_bytes(tx: Transaction, iri: str) -> None:
    """Forget what the versions of a deleted object said; their digests stay."""
    tx.execute(update(versions).where(versions.c.iri == iri).values(document=None))


def drop(tx: Transaction, iris: Sequence[str]) -> None:
    """Forget the versions of objects that are let go of."""
    tx.execute(delete(versions).where(versions.c.iri.in_(iris)))


def drop_bytes_of(tx: Transaction, author: str) -> None:
    """Forget what the versions of everything an author has said were."""
    said = select(objects.objects.c.iri).where(objects.objects.c.author == author)
    tx.execute(update(versions).where(versions.c.iri.in_(said)).values(document=None))


def find(tx: Transaction, iri: str, number: int) -> Row[Any] | None:
    """One version."""
    return tx.execute(select(versions).where(versions.c.iri == iri, versions.c.number == number)).one_or_none()


def documents(tx: Transaction, iri: str) -> list[bytes]:
    """What the versions of an object said, as far as it is kept."""
    query = select(versions.c.document).where(versions.c.iri == iri, versions.c.document.is_not(None))
    return list(tx.execute(query.order_by(versions.c.number).limit(1000)).scalars())


def blank(tx: Transaction, iri: str, number: int, *, reason: str) -> None:
    """Forget what one version said; its digest, and why it was blanked, stay."""
    which = (versions.c.iri == iri) & (versions.c.number == number)
    tx.execute(update(versions).where(which).values(document=None, blanked=tx.now, reason=reason))


def rewrite(tx: Transaction, iri: str, number: int, document: bytes) -> None:
    """Keep what is left of one version; its digest stays that of the whole."""
    which = (versions.c.iri == iri) & (versions.c.number == number)
    tx.execute(update(versions).where(which).values(document=document))
