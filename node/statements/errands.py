"""What looking for things may cost: requests and bytes for each subject in a day, remembered over restarts.

A subject is whatever a budget is for: a thread, or a host that nobody here has a follow relation with. Requests are
taken before they are made, so that a node that is killed in between errs on the side of asking less.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import BigInteger, Column, Integer, Table, Text, delete, select, update

from node.context import Transaction
from node.database import Moment, insert, metadata

WINDOW = timedelta(days=1)

errands = Table(
    "errands",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("began", Moment, nullable=False),
    Column("requests", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one subject may cost in a day."""

    requests: int
    bytes: int


def take(tx: Transaction, subject: str, allowance: Allowance) -> bool:
    """Take one request from what `subject` may cost today; False if nothing is left."""
    row = tx.execute(select(errands).where(errands.c.subject == subject)).one_or_none()
    if row is None or row.began + WINDOW <= tx.now:
        if allowance.requests < 1:
            return False
        fresh = {"began": tx.now, "requests": 1, "bytes": 0}
        statement = insert(tx, errands).values(subject=subject, **fresh)
        tx.execute(statement.on_conflict_do_update(index_elements=["subject"], set_=fresh))
        return True
    if row.requests >= allowance.requests or row.bytes >= allowance.bytes:
        return False
    tx.execute(update(errands).where(errands.c.subject == subject).values(requests=errands.c.requests + 1))
    return True


def note(tx: Transaction, subject: str, *, bytes: int) -> None:
    """Add what came in answer to a request that was taken."""
    tx.execute(update(errands).where(errands.c.subject == subject).values(bytes=errands.c.bytes + bytes))


def prune_errands(tx: Transaction) -> int:
    """Forget what was spent on another day; how many subjects there were."""
    return int(tx.execute(delete(errands).where(errands.c.began < tx.now - WINDOW)).rowcount)
