"""Writing down what is told, at the end of the transaction in which it happened; and following it, in each process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, select

from node.context import Node, Transaction
from node.database import notify
from node.happenings import TOPIC, What
from node.objects import objects
from node.statements.store import reactions
from node.streams import rules, store

TOGETHER = 300
LOOKED_BACK = 200  # events: more than are ever numbered before others that are committed later
EVERY_SECONDS = 5.0  # without being told, in case a message was lost


def settle(tx: Transaction) -> None:
    """At the end of a transaction: write down what apps are told of it."""
    if not tx.happened:
        return
    told = [*_of_texts(tx), *_of_boosts(tx), *_of_others(tx)]
    if told:
        store.add(tx, told)
        notify(tx)
        tx.after_commit(lambda: tx.node.bell.ring(TOPIC))


def _of_texts(tx: Transaction) -> Iterator[dict[str, Any]]:
    texts = rules.of_texts(tx.happened)
    table, iris = objects.c, list(texts)
    columns = (table.iri, table.author, table.sort_id, table.public, table.listed, table.deleted, table.published)
    for start in range(0, len(iris), TOGETHER):
        some = iris[start : start + TOGETHER]
        for row in tx.execute(select(*columns).where(table.iri.in_(some), table.part_of.is_(None))):
            shown = row.public and row.listed and row.deleted is None
            if rules.is_told(texts[row.iri], shown=shown, published=row.published, now=tx.now):
                yield {"what": texts[row.iri], "iri": row.iri, "author": row.author, "place": row.sort_id}


def _of_boosts(tx: Transaction) -> Iterator[dict[str, Any]]:
    iris = [one.iri for one in tx.happened if one.what is What.BOOSTED]
    if iris:
        chosen = reactions.c.iri.in_(iris[:TOGETHER]), reactions.c.sort_id.is_not(None)
        for row in tx.execute(select(reactions).where(*chosen)):
            yield {"what": What.BOOSTED, "iri": row.iri, "author": row.actor, "place": row.sort_id}


def _of_others(tx: Transaction) -> Iterator[dict[str, Any]]:
    """What carries all that is told of it with it."""
    for one in tx.happened:
        if one.place is not None and one.what in (What.UNBOOSTED, What.NOTIFIED):
            yield {"what": one.what, "iri": one.iri, "author": one.actor, "place": one.place}


class Tail:
    """Where one process stands in the events: each is passed on once, in the order of their numbers."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._look_back = 0 if node.database.is_sqlite else LOOKED_BACK
        self._newest = 0
        self._passed_on: OrderedDict[int, None] = OrderedDict()

    async def begin(self) -> None:
        """Stand behind everything that has happened."""
        self._newest = await self._node.database.read(store.newest)
        for row in await self._looked_back():
            self._passed_on[row.id] = None

    async def wait(self) -> None:
        """Return when something may have happened, and after a few seconds."""
        await self._node.bell.wait(TOPIC, at_most=EVERY_SECONDS)

    async def read(self) -> list[Row[Any]]:
        """What has happened since, a few hundred at a time; empty when there is no more."""
        new = [row for row in await self._looked_back() if row.id > self._newest or row.id not in self._passed_on]
        for row in new:
            self._passed_on[row.id] = None
            self._newest = max(self._newest, row.id)
        while len(self._passed_on) > TOGETHER + LOOKED_BACK:
            self._passed_on.popitem(last=False)
        return new

    async def _looked_back(self) -> list[Row[Any]]:
        start = max(self._newest - self._look_back, 0)
        return await self._node.database.read(store.after, start, limit=TOGETHER + self._look_back)
