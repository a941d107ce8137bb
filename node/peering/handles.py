"""Finding out what a remote actor is called: both sides are asked, off the path of requests, and the answer has an age.

Asked are the actors that a group follows and those whose words are kept here, when they are kept; nobody else: a like
or a farewell costs its sender's host nothing. Nor does a reader: what is asked and when never follows from who looks at
which page, for that would be a trace of her visit. `note` remembers who has said something, `run` promises to ask for
those who are due, the job asks at most two hosts and settles it, whatever comes out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from federation import discovery
from federation.client import Budget
from federation.errors import Malformed, Refused, Unreachable
from federation.origin import origin
from node import actors
from node.context import Node, Transaction
from node.jobs import Job, Priority, Promise, promise
from node.peering.rules import Door
from node.peering.standing import passes
from schemas import actor as actor_documents

AGREED_FOR = timedelta(days=7)
NOT_AGREED_FOR = timedelta(days=1)
TOPIC = "handles"
LOOK_EVERY_SECONDS = 60
GATHER_SECONDS = 2  # many speak at once, and a look at the database is for all of them
NOTED_AT_MOST = 1000
REQUESTS = 8  # two questions, each with its redirects
KIND = "verify_handle"


def is_due(row: Row[Any], now: datetime) -> bool:
    """Whether it is time to ask a remote actor for its handle: never asked, or too long ago."""
    if row.local or row.gone is not None or row.document is None:
        return False
    kept_for = AGREED_FOR if row.agreed_handle is not None else NOT_AGREED_FOR
    return row.handle_checked is None or bool(now - row.handle_checked > kept_for)


def note(tx: Transaction, iri: str) -> None:
    """Remember that words of this actor are kept; if its handle is due it will be asked for, soon."""
    noted = tx.node.unproven
    if len(noted) < NOTED_AT_MOST:
        if not noted:
            tx.node.bell.ring(TOPIC)
        noted.add(iri)


async def run(node: Node) -> None:
    """The loop that promises to ask for those who were noted; ends by cancellation."""
    while True:
        await node.bell.wait(TOPIC, at_most=LOOK_EVERY_SECONDS)
        await asyncio.sleep(GATHER_SECONDS)
        if node.unproven:
            noted, node.unproven = node.unproven, set()
            if due := await node.database.read(_due_among, sorted(noted)):
                await node.database.write(promise_asking, due)


def _due_among(tx: Transaction, iris: Sequence[str]) -> list[str]:
    return [row.iri for row in actors.find_all(tx, iris).values() if is_due(row, tx.now)]


def promise_asking(tx: Transaction, iris: Sequence[str]) -> None:
    """Promise to ask for the handles of those among `iris` that are due and whose host is heard."""
    due = [row for row in actors.find_all(tx, iris).values() if is_due(row, tx.now) and _is_heard(tx, row.host)]
    promises = [
        Promise(KIND, {"actor": row.iri}, lane=f"fetch {origin(row.iri)}", key=f"handle {row.iri}") for row in due
    ]
    promise(tx, *promises, priority=Priority.BULK)


async def verify(node: Node, payload: dict[str, Any]) -> None:
    """Job: ask both sides what an actor is called, and keep what they agree on."""
    await settle(node, payload["actor"])


async def settle(node: Node, iri: str) -> None:
    """Ask both sides what the known actor `iri` is called. A host that does not answer is asked another day."""
    document = await node.database.read(_to_ask, iri)
    if document is None:
        return
    budget = Budget(requests=REQUESTS, bytes=REQUESTS * discovery.LIMIT_BYTES)
    try:
        actor = actor_documents.parse(document)
        found = await discovery.verify_handle(node.client, actor, budget=budget)
    except (Refused, Malformed):
        await node.database.write(actors.agree, iri, None)
    except Unreachable:
        await node.database.write(_put_off, iri)
    else:
        await node.database.write(actors.agree, iri, str(found))


def _to_ask(tx: Transaction, iri: str) -> dict[str, Any] | None:
    row = actors.find(tx, iri)
    if row is None or not is_due(row, tx.now) or not _is_heard(tx, row.host):
        return None
    return actors.document(row)


def _put_off(tx: Transaction, iri: str) -> None:
    """What was agreed on before holds until its host can be asked again."""
    row = actors.find(tx, iri)
    if row is not None:
        actors.agree(tx, iri, row.agreed_handle)


def _is_heard(tx: Transaction, host: str) -> bool:
    return passes(tx, Door.PULLING, host=host)


JOBS: dict[str, Job] = {KIND: verify}
