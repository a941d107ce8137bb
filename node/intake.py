"""The durable incoming queue: accepted means committed.

`accept` returns when the raw activity is on the disk. Activities that arrive together share a commit (group commit), so
that durability does not cost a disk sync each. A loop then takes pending ones in the order they came, many to a
transaction, each inside a savepoint: its effects and the mark that it is done are one.

A handler is `fn(tx, incoming) -> None`, found by (type of the activity, kind of its object) in the merged table of the
rooms; what nobody handles stays in the log and is ignored.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.exc import DBAPIError, OperationalError

import schemas
from federation.errors import Malformed, Refused
from federation.keys import from_multibase
from federation.signatures import proofs
from node import activities, actors, objects
from node.activities import State, log_incoming
from node.context import Node, Transaction
from node.database import may_succeed_again
from node.errors import NodeError, Unfit
from node.metrics import OTHER
from node.prepared import Prepared, savepoint
from schemas import activity as activity_documents
from schemas.activity import Activity
from schemas.reading import MAX_IRI, loads
from schemas.statement import Statement

log = logging.getLogger("commonwire.intake")

TOPIC = "intake"
BATCH = 100
WORK_SECONDS = 0.25  # then others may write, who wait for this transaction: a hundred of the largest take many seconds
REMEMBERED = 1000
REMEMBERED_BYTES = 4_194_304  # of raw activities, which take some times that as they are read
LARGE_BYTES = 65_536  # what is larger is read again: crowded with small things it takes thirty times that in memory
COMMIT_AT_MOST = 200
BUG_ATTEMPTS = 3
POLL_SECONDS = 1.0
UNKNOWN = "Unknown"
IMPORT_DIGEST = "ImportDigest"  # a statement that announces a collection of imported reports


_TABLE = activities.activities
_PENDING = Prepared(
    select(_TABLE.c.id, _TABLE.c.iri, _TABLE.c.actor, _TABLE.c.type, _TABLE.c.at, _TABLE.c.attempts)
    .where(_TABLE.c.state == State.PENDING.value)
    .order_by(_TABLE.c.id)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
)
_MARK = Prepared(
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("row_id"))
    .values(state=bindparam("new_state"), note=bindparam("new_note"), attempts=bindparam("new_attempts"))
)


class Ignored(Exception):
    """Raised by a handler: understood, true, and none of our business. Says why."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A verified activity on its way into the log: as read, as received, and what may still speak against it.

    A large one (`is_large`) has no `document`, and an `outline` for its activity. `check` is run in the transaction
    that would keep it, so that what it asks the database is true at that moment; it raises Refused.
    """

    activity: Activity
    document: dict[str, Any] | None
    raw: bytes
    check: Callable[[Transaction], None]
    normal: bytes | None = None
    """The same in short names, if it came in others (federation.normal_form)."""

    @property
    def name(self) -> tuple[str, str]:
        return self.activity.actor, self.activity.id


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a handler receives: the activity, its object as parsed (None if it is only named), and the raw document."""

    activity: Activity
    value: Any
    document: dict[str, Any]

    @property
    def actor(self) -> str:
        return self.activity.actor

    @property
    def object_iri(self) -> str:
        """The id of the object. Raises Malformed without one."""
        if self.activity.object_id is None:
            raise Malformed("object", "it has no id")
        return self.activity.object_id

    @property
    def object_document(self) -> dict[str, Any]:
        """The embedded object. Raises Malformed if it is only named."""
        if not isinstance(self.activity.object, dict):
            raise Malformed("object", "it is only named, not embedded")
        return self.activity.object


Handler = Callable[[Transaction, Incoming], None]


class Intake:
    """Takes activities in and works through them; one for each process."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._read: OrderedDict[tuple[str, str], tuple[Activity, dict[str, Any], int]] = OrderedDict()
        self._read_bytes = 0
        self._reading = threading.Lock()  # what was handled is told by the threads of the database
        self._arrivals: list[tuple[Arrival, asyncio.Future[bool]]] = []
        self._arrived = asyncio.Event()
        self.turn = asyncio.Lock()
        """Large activities are read one after the other, and whatever else there is to do goes in between."""

    async def accept(self, arrival: Arrival) -> bool:
        """Return when the activity is committed: True, or False if it had been accepted before.

        Raises Refused if the arrival's own check does.
        """
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._arrivals.append((arrival, future))
        self._arrived.set()
        return await future

    async def run_commits(self) -> None:
        """The loop that commits whatever has arrived since the last commit."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._arrivals:
                together, self._arrivals = self._arrivals[:COMMIT_AT_MOST], self._arrivals[COMMIT_AT_MOST:]
                await self._commit(together)

    async def run_work(self) -> None:
        """The loop that gives pending activities to their handlers."""
        while True:
            if await self._node.database.write(work) == 0:
                await self._node.bell.wait(TOPIC, at_most=POLL_SECONDS)

    async def _commit(self, together: list[tuple[Arrival, asyncio.Future[bool]]]) -> None:
        try:
            fates = await self._node.database.write(take_in, [arrival for arrival, _ in together])
        except Exception as error:  # whoever waits must be answered, and the loop go on
            if len(together) > 1 and not isinstance(error, OperationalError):
                for one in together:  # what cannot be kept harms its sender alone
                    await self._commit([one])
                return
            log.error("activities could not be committed: %s", type(error).__name__)
            for _, future in together:
                if not future.done():
                    future.set_exception(Unfit("nothing can be kept at this moment; send it again later"))
            return
        for (arrival, future), fate in zip(together, fates, strict=True):
            if fate is True:
                self._remember(arrival)
            if future.done():  # whoever asked may have hung up meanwhile
                continue
            if isinstance(fate, Refused):
                future.set_exception(fate)
            else:
                future.set_result(fate)

    def _remember(self, arrival: Arrival) -> None:
        """Keep what was read until it is handled, which is soon; the log has it, too.

        It may have been handled by then, or be handled by another process: then it stays until others take its room.
        """
        if arrival.normal is not None or arrival.document is None:
            return  # its proofs are over what came, which is in the log
        with self._reading:
            self._drop(arrival.name)
            self._read[arrival.name] = (arrival.activity, arrival.document, len(arrival.raw))
            self._read_bytes += len(arrival.raw)
            while len(self._read) > REMEMBERED or self._read_bytes > REMEMBERED_BYTES:
                self._drop(next(iter(self._read)))

    def _drop(self, name: tuple[str, str]) -> None:
        _, _, size = self._read.pop(name, (None, None, 0))
        self._read_bytes -= size

    @property
    def remembered_bytes(self) -> int:
        """How many bytes came in with the activities that are remembered."""
        return self._read_bytes

    def remembered(self, name: tuple[str, str]) -> tuple[Activity, dict[str, Any]] | None:
        """An activity (its actor, its id) that came in here a moment ago, as it was read then."""
        found = self._read.get(name)
        return None if found is None else found[:2]

    def forget(self, names: Iterable[tuple[str, str]]) -> None:
        """Drop what was remembered of activities that have been handled."""
        with self._reading:
            for name in names:
                self._drop(name)


def is_large(raw: bytes) -> bool:
    """Whether an activity is too large to be kept in memory as it was read, while it waits for anything."""
    return len(raw) > LARGE_BYTES


def outline(activity: Activity) -> Activity:
    """An activity without most of what it embeds: what is asked of it before its handling reads it again."""
    return replace(activity, object=_names(activity.object), instrument=_names(activity.instrument), to=(), cc=())


def _names(embedded: str | dict[str, Any] | None) -> str | dict[str, Any] | None:
    if not isinstance(embedded, dict):
        return embedded
    return {key: value for key, value in embedded.items() if isinstance(value, str) and len(value) <= MAX_IRI}


def take_in(tx: Transaction, arrivals: list[Arrival]) -> list[bool | Refused]:
    """Write activities into the log; for each True, False if it had come before, or why it was not let in."""
    fates: list[bool | Refused] = []
    for one in arrivals:
        try:
            one.check(tx)
        except Refused as error:
            fates.append(error)
        else:
            fates.append(_take_in(tx, one))
    tx.after_commit(lambda: tx.node.bell.ring(TOPIC))
    return fates


def _take_in(tx: Transaction, arrival: Arrival) -> bool:
    row = {
        "iri": arrival.activity.id,
        "actor": arrival.activity.actor,
        "direction": "in",
        "type": arrival.activity.type,
        "object": arrival.activity.object_id,
        "document": arrival.raw,
        "normal": arrival.normal,
        "at": tx.now,
        "state": State.PENDING.value,
    }
    return not log_incoming(tx, [row])


def work(tx: Transaction) -> int:
    """Handle some of the oldest pending activities, each in a savepoint of its own; how many there were."""
    rows, marks = list(tx.execute(_PENDING)), []
    until = time.monotonic() + WORK_SECONDS
    for row in rows:
        marks.append(_attempt(tx, row))
        if time.monotonic() > until:
            break
    rows = rows[: len(marks)]
    if marks:
        tx.execute(_MARK, marks)
        handled = [(row.actor, row.iri) for row in rows]
        tx.after_commit(lambda: tx.node.intake.forget(handled))
        tx.after_commit(partial(_count, tx, rows, marks))
    return len(rows)


def _count(tx: Transaction, rows: list[Row[Any]], marks: list[dict[str, Any]]) -> None:
    counted, now = tx.node.metrics, tx.node.clock()
    for row, mark in zip(rows, marks, strict=True):
        if mark["new_state"] != State.PENDING.value:
            known = row.type if tx.node.rooms.handlers.knows(row.type) else OTHER
            counted.handled.add(known, mark["new_state"])
            counted.handling_seconds.observe((now - row.at).total_seconds())


def _attempt(tx: Transaction, row: Row[Any]) -> dict[str, Any]:
    state, note, attempts = State.DONE, None, row.attempts
    try:
        with savepoint(tx):
            handle(tx, *_read(tx, row))
    except Ignored as reason:
        state, note = State.IGNORED, str(reason)
    except (Malformed, Refused, NodeError) as error:
        state, note = State.REFUSED, str(error)
    except Exception as error:  # this is the worker loop of the inbox: one bad activity must not stop the others
        if isinstance(error, DBAPIError) and may_succeed_again(error):
            raise
        log.exception("handling a %s failed (attempt %d)", row.type, row.attempts + 1)
        attempts += 1
        state = State.PARKED if attempts >= BUG_ATTEMPTS else State.PENDING
        note = f"{type(error).__name__}: {error}"
    if state in (State.IGNORED, State.REFUSED):
        activities.blank(tx, row.id)  # what had no effect is not ours to store, and may be anything
    return {
        "row_id": row.id,
        "new_state": state.value,
        "new_note": note,
        "new_attempts": attempts,
    }


def _read(tx: Transaction, row: Row[Any]) -> tuple[Activity, dict[str, Any]]:
    """The activity of a row: as it was read when it came, or from the log when that is no longer remembered."""
    if (remembered := tx.node.intake.remembered((row.actor, row.iri))) is not None:
        return remembered
    came = activities.words(tx, row.id)
    document = loads(came.document)
    if came.normal is not None:
        _check_proofs_as_it_came(tx, document, author=row.actor)
        document = loads(came.normal)
    return activity_documents.parse(document), document


def _check_proofs_as_it_came(tx: Transaction, document: dict[str, Any], *, author: str) -> None:
    """Proofs are over the document as it came; in short names it has none."""
    check_proof(tx, document, author=author)
    embedded = document.get("object")
    if document.get("type") in ("Create", "Update") and isinstance(embedded, dict):
        check_proof(tx, embedded, author=author)


def handle(tx: Transaction, activity: Activity, document: dict[str, Any]) -> None:
    """Check the proofs of an activity whose sender is verified, and give it to its handler."""
    check_proof(tx, document, author=activity.actor)
    value = None
    # Only these two say something by what they embed; in all others it is named, however much of it comes along.
    if activity.type in ("Create", "Update") and isinstance(activity.object, dict) and "type" in activity.object:
        value = schemas.parse(activity.object)
        check_proof(tx, activity.object, author=activity.actor)
    named = activity.object_type if activity.object_type in activity_documents.TYPES else None
    kind = named or (name_of(value) if value is not None else kind_of(tx, activity.object_id, actor=activity.actor))
    handler: Handler | None = tx.node.rooms.handlers.find(activity.type, kind)
    if handler is None:
        raise Ignored(f"nobody here handles {activity.type} of {kind}")
    handler(tx, Incoming(activity, value, document))


def check_proof(tx: Transaction, document: dict[str, Any], *, author: str) -> bool:
    """Verify the FEP-8b32 proof that `document` carries; False if it carries none.

    Raises Refused if the proof is wrong, or by a key that is not one of `author`'s.
    """
    method = proofs.verification_method(document)
    if method is None:
        return False
    key = actors.proof_key(tx, method)
    if key is None or key.actor != author:
        raise Refused(f"the proof names the key {method}, which is not known as a key of {author}")
    proofs.check(document, from_multibase(key.multibase), now=tx.now)
    return True


def name_of(value: Any) -> str:
    """The kind of an object that came along, as handlers are entered under it."""
    if isinstance(value, Statement) and value.imports is not None:
        return IMPORT_DIGEST
    return UNKNOWN if isinstance(value, schemas.Unknown) else type(value).__name__


def kind_of(tx: Transaction, iri: str | None, *, actor: str) -> str:
    """What an object that is only named is, as far as this node knows."""
    if iri is None:
        return UNKNOWN
    if (held := objects.find(tx, iri)) is not None:
        return str(held.kind)
    known = activities.find(tx, iri, actor=actor) or activities.outgoing(tx, iri)
    if known is not None:
        return str(known.type)
    return "Actor" if actors.find(tx, iri) is not None else UNKNOWN
