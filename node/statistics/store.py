"""Queries of what is counted: they read what other rooms keep, and decide nothing."""

from __future__ import annotations

from sqlalchemy import select

from node.actors import GROUP, actors, local_actors
from node.context import Transaction
from node.peering.rules import Follow
from node.peering.store import follows


def own_groups(tx: Transaction) -> list[str]:
    """The groups of this node, retired ones too: what they have reported stands."""
    query = select(local_actors.c.iri).where(local_actors.c.kind == GROUP).order_by(local_actors.c.iri)
    return list(tx.execute(query).scalars())


def followed(tx: Transaction) -> list[str]:
    """Whom the groups of this node follow."""
    query = (
        select(follows.c.followed)
        .join(actors, actors.c.iri == follows.c.follower)
        .where(actors.c.local.is_(True), follows.c.state == Follow.ACCEPTED.value)
        .distinct()
        .order_by(follows.c.followed)
    )
    return list(tx.execute(query).scalars())
