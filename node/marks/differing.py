"""What sets viewers apart from each other in regard of some texts: whoever has noted the same of them sees the same.

For those who tell many viewers of one text (streams): instead of looking once for each, they look once for all who are
alike, in a number of queries that does not grow with the viewers. Whoever adds a mark that changes what a time line or
a Status shows names it here; what cannot be told from the texts alone (filters, quiet threads) sets a viewer apart
from everybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from node.actors import actors
from node.context import Transaction
from node.marks import store
from node.marks.accounts import hidden_actors, hidden_hosts, in_force, mutes
from node.marks.filters import filters
from node.marks.followings import followed_tags, private_follows
from node.marks.lists import list_accounts, lists
from node.marks.rules import Kind

Fact = tuple[object, ...]
ALIKE: frozenset[Fact] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """What may have been marked. `texts`: they, and what they quote; `accounts`: who says them, passes them on and is
    answered by them; `tags`: the hashtags that they carry."""

    texts: Collection[str]
    accounts: Collection[str]
    tags: Collection[str]


def facts(tx: Transaction, concerned: Concerned) -> dict[int, frozenset[Fact]]:
    """What each viewer has noted of it; those who have noted nothing are left out (ALIKE)."""
    found: dict[int, set[Fact]] = defaultdict(set)
    for name, query in _queries(tx, concerned):
        for row in tx.execute(query):
            found[row[0]].add((name, *row[1:]))
    return {viewer: frozenset(theirs) for viewer, theirs in found.items()}


def _queries(tx: Transaction, concerned: Concerned) -> Iterator[tuple[str, Select[Any]]]:
    """Of each kind of mark: the viewer, and what of it makes a difference."""
    them, marks = list(concerned.accounts), store.marks.c
    yield "muted", select(mutes.c.viewer, mutes.c.actor).where(mutes.c.actor.in_(them), in_force(tx.now))
    yield "hidden", select(hidden_actors.c.viewer, hidden_actors.c.actor).where(hidden_actors.c.actor.in_(them))
    hosts = select(actors.c.host).where(actors.c.iri.in_(them))
    yield "host", select(hidden_hosts.c.viewer, hidden_hosts.c.host).where(hidden_hosts.c.host.in_(hosts))
    mine = private_follows.c
    yield "follows", select(mine.viewer, mine.actor, mine.wanted, mine.boosts).where(mine.actor.in_(them))
    yield (
        "leaves",
        select(lists.c.viewer, list_accounts.c.actor)
        .join(list_accounts, list_accounts.c.list == lists.c.id)
        .where(lists.c.exclusive.is_(True), list_accounts.c.actor.in_(them)),
    )
    tags = followed_tags.c
    yield "tag", select(tags.viewer, tags.name).where(tags.name.in_(list(concerned.tags)))
    yield "mark", select(marks.viewer, marks.kind, marks.object).where(marks.object.in_(list(concerned.texts)))
    yield "apart", select(marks.viewer, marks.viewer.label("own")).where(marks.kind == Kind.QUIET.value).distinct()
    yield "apart", select(filters.c.viewer, filters.c.viewer.label("own")).distinct()
