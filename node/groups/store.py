"""Queries of profiles and keys; their tables stand in `node.actors`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, update

from node.actors import actors, former_keys, local_actors
from node.context import Transaction

KEPT_HERE = frozenset({"rules", "extended"})
"""What no other server is told, because it is about this node."""


def change(tx: Transaction, iri: str, **values: Any) -> None:
    """Change how a group of this node shows itself: columns of its row."""
    moment = {} if values.keys() <= KEPT_HERE else {"changed": tx.now}
    tx.execute(update(local_actors).where(local_actors.c.iri == iri).values(**values, **moment))
    if "name" in values:
        tx.execute(update(actors).where(actors.c.iri == iri).values(name=values["name"]))


def retire_key(tx: Transaction, key_id: str, *, actor: str, public: str) -> None:
    """Keep a proof key that signs no more, for what it has signed."""
    tx.execute(former_keys.insert().values(key_id=key_id, actor=actor, public=public, retired=tx.now))


def disown_keys(tx: Transaction, actor: str) -> None:
    """Forget every proof key that an actor had before the one it has."""
    tx.execute(delete(former_keys).where(former_keys.c.actor == actor))
