"""Inboxes that their own servers say do not exist: nothing more is sent there.

410 counts at once. 404 has to last: a proxy that is set up wrongly for an evening says it too. Mastodon and GoToSocial
end the one delivery at either and send the next one all the same, for years; we stop. An inbox comes out of here as
soon as it takes something, when its owner follows again, by `commonwire queue retry`, and after three months by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, Integer, Select, Table, Text, delete, select

from node.context import Transaction
from node.database import Moment, insert, metadata

GONE = 410
LASTS = timedelta(days=3)
TIMES = 3
KEPT_FOR = timedelta(days=90)

lost_inboxes = Table(
    "lost_inboxes",
    metadata,
    Column("inbox", Text, primary_key=True),
    Column("host", Text, nullable=False, index=True),
    Column("since", Moment, nullable=False),
    Column("times", Integer, nullable=False),
    Column("lost", Moment),
)


def note(tx: Transaction, inbox: str, *, host: str, status: int) -> bool:
    """Write down that `inbox` was answered with `status` (404 or 410); whether it counts as lost now."""
    row = tx.execute(select(lost_inboxes).where(lost_inboxes.c.inbox == inbox)).one_or_none()
    since, times = (row.since, row.times + 1) if row else (tx.now, 1)
    lost = status == GONE or (times >= TIMES and tx.now - since >= LASTS)
    values: dict[str, Any] = {"since": since, "times": times, "lost": tx.now if lost else None}
    statement = insert(tx, lost_inboxes).values(inbox=inbox, host=host, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["inbox"], set_=values))
    return lost


def found(tx: Transaction, inboxes: Iterable[str]) -> None:
    """These inboxes are there."""
    wanted = list(inboxes)
    if wanted and tx.execute(select(lost_inboxes.c.inbox).where(lost_inboxes.c.inbox.in_(wanted))).first():
        tx.execute(delete(lost_inboxes).where(lost_inboxes.c.inbox.in_(wanted)))


def forget(tx: Transaction, host: str | None) -> int:
    """Try the inboxes of a host (of all, with None) again; how many there were."""
    query = delete(lost_inboxes)
    return int(tx.execute(query if host is None else query.where(lost_inboxes.c.host == host)).rowcount)


def lost() -> Select[tuple[str]]:
    """The inboxes to which nothing is sent, for use in a query."""
    return select(lost_inboxes.c.inbox).where(lost_inboxes.c.lost.is_not(None))


def those_of(tx: Transaction, inboxes: Iterable[str]) -> set[str]:
    """Those of a few inboxes that are lost."""
    return set(tx.execute(lost().where(lost_inboxes.c.inbox.in_(list(inboxes)))).scalars())


def count(tx: Transaction, host: str) -> int:
    """How many inboxes of a host are lost."""
    return len(tx.execute(lost().where(lost_inboxes.c.host == host).limit(10_000)).all())


def prune(tx: Transaction) -> int:
    """Forget those of three months ago, which are then tried once more; how many there were."""
    old = lost_inboxes.c.since < tx.now - KEPT_FOR
    return int(tx.execute(delete(lost_inboxes).where(old)).rowcount)
