"""Lists that wait for the decision of a group."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Table, Text, delete, select

from node.context import Transaction
from node.database import Json, Moment, insert, metadata
from node.policy_lists.rules import Line

proposed_lists = Table(
    "proposed_lists",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("lines", Json, nullable=False),
)


def keep(tx: Transaction, actor: str, lines: Iterable[Line]) -> str:
    """Keep what a group is to decide on; the name by which its decision finds it, the same for the same lines."""
    value: list[Any] = [line.as_json() for line in lines]
    digest = hashlib.sha256(json.dumps([actor, value]).encode()).hexdigest()
    statement = insert(tx, proposed_lists).values(digest=digest, at=tx.now, lines=value)
    tx.execute(statement.on_conflict_do_nothing(index_elements=["digest"]))
    return digest


def lines_of(tx: Transaction, digest: str) -> list[Line] | None:
    """What was kept."""
    value = tx.execute(select(proposed_lists.c.lines).where(proposed_lists.c.digest == digest)).scalar_one_or_none()
    return None if value is None else [Line.from_json(one) for one in value]


def drop(tx: Transaction, digest: str) -> None:
    """Let go of it: the group has decided."""
    tx.execute(delete(proposed_lists).where(proposed_lists.c.digest == digest))
