"""Groups that were retired: they say nothing more, their handles are never used again, their texts stay readable."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from node.actors import GROUP, local_actors
from node.context import Transaction
from node.errors import Missing


def ever(tx: Transaction, handle: str) -> Row[Any]:
    """The row of a group that the node has or had, by its handle. Raises Missing."""
    row = _find(tx, handle)
    if row is None:
        raise Missing("there is no group “{handle}” on this node", handle=handle)
    return row


def is_taken(tx: Transaction, handle: str) -> bool:
    """Whether the node has or had a group with this handle."""
    return _find(tx, handle) is not None


def retired(tx: Transaction) -> list[Row[Any]]:
    """The groups of this node that were retired, the oldest first."""
    query = select(local_actors).where(local_actors.c.kind == GROUP, local_actors.c.retired.is_not(None))
    return list(tx.execute(query.order_by(local_actors.c.created).limit(100)))


def _find(tx: Transaction, handle: str) -> Row[Any] | None:
    query = select(local_actors).where(local_actors.c.handle == handle, local_actors.c.kind == GROUP)
    return tx.execute(query).one_or_none()
