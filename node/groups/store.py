"""Queries of profiles; their columns stand in `node.actors`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from node.actors import actors, local_actors
from node.context import Transaction


def change(tx: Transaction, iri: str, **values: Any) -> None:
    """Change how a group of this node shows itself: columns of its row."""
    tx.execute(update(local_actors).where(local_actors.c.iri == iri).values(changed=tx.now, **values))
    if "name" in values:
        tx.execute(update(actors).where(actors.c.iri == iri).values(name=values["name"]))
