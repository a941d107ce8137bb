"""Comparing figures with another node, for whoever asks: with whom, how often, and what was found a moment ago.

Whoever reads a page can have a comparison made, so it is made with those alone whom a group here follows, at most once
a minute for each question, and not without end: another node is not to be bothered by our readers.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta

from aiohttp import web

from federation.errors import Malformed
from federation.origin import origin
from node import actors
from node.context import Node, Transaction
from node.errors import Busy, Forbidden, Invalid
from node.peering import standing
from node.peering.rules import Door
from node.statements import errands
from node.statements.errands import Allowance
from node.statistics import comparing, store
from node.statistics.comparing import Comparison
from node.statistics.questions import Question

KEPT_FOR = timedelta(minutes=1)
KEPT_AT_MOST = 40
IN_A_DAY = Allowance(requests=500, bytes=2**40)


def others(tx: Transaction) -> list[str]:
    """The origins of the nodes with which this one compares: of those whom a group here follows."""
    own = tx.node.config.origin
    return sorted({origin(iri) for iri in store.followed(tx)} - {own})


def one_of(tx: Transaction, address: str) -> str:
    """The origin that an address names. Raises Invalid, Forbidden for a node that nobody here follows or hears."""
    try:
        named = origin(address.strip())
    except Malformed as error:
        raise Invalid(
            "“{value}” is no address: {reason}", field="with", value=address[:200], reason=error.why
        ) from None
    if not standing.passes(tx, Door.PULLING, host=actors.host_of(named)):
        raise Forbidden("this node does not hear {other}", other=named)
    if named not in others(tx):
        raise Forbidden(
            "no group here follows anybody at {other}: figures are compared with those we follow", other=named
        )
    return named


class Comparisons:
    """What was found in the last minute; whoever asks while it is being looked for waits for the same answer."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[str, str], tuple[datetime, asyncio.Task[Comparison]]] = OrderedDict()

    async def of(self, node: Node, other: str, question: Question) -> Comparison:
        """Compare with the node at the origin `other`. Raises what `comparing.compare` raises, and Busy."""
        key, now = (other, question.to_query()), node.clock()
        at, task = self._found.get(key, (now, None))
        if task is None or now - at > KEPT_FOR or _failed(task):
            task = asyncio.create_task(_compare(node, other, question))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._found[key] = (now, task)
            while len(self._found) > KEPT_AT_MOST:
                self._found.popitem(last=False)
        return await asyncio.shield(task)

    def stop(self) -> None:
        """Break off what is under way."""
        for _, task in self._found.values():
            task.cancel()


def _failed(task: asyncio.Task[Comparison]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


async def stop(app: web.Application) -> None:
    """On shutdown: nobody waits for the rest."""
    app[COMPARISONS].stop()


async def _compare(node: Node, other: str, question: Question) -> Comparison:
    if not await node.database.write(errands.take, f"compare {other}", IN_A_DAY):
        raise Busy("{other} was asked often enough today; compare again tomorrow", other=other)
    return await comparing.compare(node, other, question)


COMPARISONS: web.AppKey[Comparisons] = web.AppKey("comparisons", Comparisons)
