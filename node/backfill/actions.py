"""Beginning, going on with and stopping a walk through somebody's past."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from federation import origin
from federation.client import Budget
from federation.errors import Malformed, Refused, Unreachable, Unwelcome
from federation.paging import Page
from node import objects, signing
from node.backfill import entries, pinned, rules, store
from node.backfill.pinned import Pinned
from node.backfill.rules import Outcome, Phase, State
from node.context import Node, Transaction
from node.errors import Conflict
from node.jobs import Job, Priority, Promise, promise
from node.peering import admission, standing
from node.peering import store as peering
from node.peering.rules import Door
from node.positions import moderation as positions
from node.reports import hearing as reports
from node.statements import hearing as statements
from node.statements import threads

log = logging.getLogger("commonwire.backfill")

REQUESTS_IN_A_STEP = 6  # the collection and its page, each with another kind of signature or another spelling of the id
ENTRIES_OF_A_PAGE = 1000
THREADS_IN_A_STEP = 20
REMEMBERED_PAGES = 2000  # a circle that is longer ends at the limit
AGAIN_AFTER = timedelta(days=1)


def begin(tx: Transaction, actor: str, *, most: int | None = None) -> Row[Any]:
    """Begin to read the past of `actor`, or go on where it stopped; the row of the backfill.

    At most `most` entries of the outbox (`federation.backfill_objects`) are read. What was read whole is read anew.
    Import collections of the actor that broke off go on, too. Raises Conflict if nobody here has been accepted
    as its follower.
    """
    if not is_readable(tx, actor):
        raise Conflict(
            "{actor} has not accepted a follow of a group here, or is suspended: its past is not fetched", actor=actor
        )
    reports.resume(tx, actor)
    settings = tx.node.config
    most = settings.backfill_objects if most is None else most
    row = store.find(tx, actor)
    if row is not None and row.state == State.STOPPED.value:
        store.change(tx, actor, state=State.RUNNING.value, run=row.run + 1, most=max(most, row.most), reason=None)
        if row.phase == Phase.FEATURED.value:  # a server that shows nobody its pins may still show what it says
            store.change(tx, actor, phase=Phase.OUTBOX.value, page=None, seen=[])
    elif row is not None and row.state == State.DONE.value and row.rest is not None and most > row.found:
        goes_on = {"phase": Phase.OUTBOX.value, "page": row.rest, "rest": None, "most": most, "reason": None}
        store.change(tx, actor, state=State.RUNNING.value, run=row.run + 1, **goes_on)
    elif row is None or row.state == State.DONE.value:
        oldest = tx.now - timedelta(days=settings.backfill_days) if settings.backfill_days else None
        store.put(tx, actor, run=row.run + 1 if row is not None else 1, most=most, oldest=oldest)
    return _promise_step(tx, actor)


async def begin_when_accepted(node: Node, payload: dict[str, Any]) -> None:
    """Job: somebody has accepted a follow."""
    await node.database.write(_begin_when_accepted, payload["actor"])


def _begin_when_accepted(tx: Transaction, actor: str) -> None:
    positions.admit_all_of(tx, actor)
    row = store.find(tx, actor)
    if row is not None and (row.state != State.DONE.value or row.changed + AGAIN_AFTER > tx.now):
        return  # it is under way, was done, or was told to stop: another Accept changes nothing about that
    if tx.node.config.backfill_objects and is_readable(tx, actor):
        begin(tx, actor)


def is_readable(tx: Transaction, actor: str) -> bool:
    """Whether the past of `actor` may be read: it has accepted a follow of ours, or is a group that we have admitted,
    and PULLING lets it through."""
    known = peering.is_followed(tx, actor) or admission.is_admitted(tx, actor)
    return known and standing.passes(tx, Door.PULLING, actor=actor)


def _promise_step(tx: Transaction, actor: str, *, delay: timedelta = timedelta()) -> Row[Any]:
    row = store.find(tx, actor)
    if row is None:
        raise Conflict("{actor} has no backfill", actor=actor)
    payload = {"actor": actor, "run": row.run, "step": row.step}
    key = f"backfill {actor} {row.run} {row.step}"
    one = Promise("backfill", payload, lane=f"fetch {origin.origin(actor)}", key=key)
    promise(tx, one, due=tx.now + delay, priority=Priority.BULK)
    return row


async def step(node: Node, payload: dict[str, Any]) -> None:
    """Job: read one page, keep what it holds, promise the next. Idempotent: a step that was taken is left alone."""
    row = await node.database.read(_current, payload)
    if row is None:
        return
    try:
        await _do(node, row, payload)
    except (Refused, Malformed) as error:
        # Some name a collection of pins that is not there; that is no reason not to read what they have said.
        skipped = row.phase == Phase.FEATURED.value and not isinstance(error, Unwelcome)
        await node.database.write(_end_phase if skipped else _stop, payload, None if skipped else str(error))
    except Unreachable as error:
        await node.database.write(_note, row.actor, f"{error}; it is tried again")
        raise


async def _do(node: Node, row: Row[Any], payload: dict[str, Any]) -> None:
    if not await node.database.read(is_readable, row.actor):
        raise Refused("no group here follows it any more, or its host is suspended")
    if row.phase == Phase.THREADS.value:
        await node.database.write(_look_at_threads, payload)
        return
    if row.phase == Phase.FEATURED.value:
        await node.database.write(_take_pinned, payload, await pinned.read(node, row.actor))
        return
    address = await node.database.read(entries.address_of, row.actor, row.phase)
    if address is None:
        await node.database.write(_end_phase, payload, None)
        return
    budget = Budget(requests=REQUESTS_IN_A_STEP, bytes=2 * node.config.document_bytes)
    page = await threads.page_of(node, address, row.page, budget=budget)
    for method in entries.methods(page.items[:ENTRIES_OF_A_PAGE], actor=row.actor):
        await node.directory.ensure_proof_key(method, author=row.actor)
    await node.database.write(_take, payload, page)


def _note(tx: Transaction, actor: str, reason: str) -> None:
    store.change(tx, actor, reason=reason)


def _current(tx: Transaction, payload: dict[str, Any]) -> Row[Any] | None:
    """The row, if this step is the one that is due."""
    row = store.find(tx, payload["actor"])
    if row is None or row.state != State.RUNNING.value:
        return None
    return row if (row.run, row.step) == (payload["run"], payload["step"]) else None


def _take_pinned(tx: Transaction, payload: dict[str, Any], found: Pinned | None) -> None:
    row = _current(tx, payload)
    if row is None:
        return
    outcomes = pinned.take(tx, row.actor, found, oldest=row.oldest) if found is not None else Counter[Outcome]()
    store.change(tx, row.actor, step=row.step + 1, **_counted(row, outcomes))
    _end(tx, row.actor, State.DONE, None)


def _take(tx: Transaction, payload: dict[str, Any], page: Page) -> None:
    row = _current(tx, payload)
    if row is None:
        return
    room = min(ENTRIES_OF_A_PAGE, row.most - row.found)
    outcomes = [
        entries.take(tx, item, actor=row.actor, holder=page.page_iri, oldest=row.oldest) for item in page.items[:room]
    ]
    read: dict[str, Any] = {"page": page.next_iri, "reason": None, "idle": 0 if outcomes else row.idle + 1}
    here = {rules.fingerprint(one) for one in (page.page_iri, row.page) if one is not None}
    read["seen"] = [*row.seen, *here][-REMEMBERED_PAGES:]
    read["found"] = row.found + max(len(outcomes), 1)  # a page with nothing on it costs as much
    if page.total_items is not None:
        read["total"] = min(page.total_items, 2**53)
    store.change(tx, row.actor, step=row.step + 1, **_counted(row, Counter(outcomes)), **read)
    ended = rules.ends_at(
        next_page=page.next_iri,
        seen=read["seen"],
        found=read["found"],
        most=row.most,
        idle=read["idle"],
        outcomes=outcomes,
    )
    if ended is None:
        _promise_step(tx, row.actor)
    else:
        _end(tx, row.actor, *ended)


def _counted(row: Row[Any], outcomes: Counter[Outcome]) -> dict[str, int]:
    names = {"kept": Outcome.KEPT, "asked": Outcome.ASKED, "refused": Outcome.REFUSED}
    return {name: getattr(row, name) + outcomes[outcome] for name, outcome in names.items()}


def _end(tx: Transaction, actor: str, state: State, reason: str | None) -> None:
    """A phase is over: the next one begins, or all ends here. What lies behind the limit is remembered."""
    row = store.find(tx, actor)
    following = rules.after(Phase(row.phase)) if row is not None else None
    if row is None or following is None or state is State.STOPPED:
        store.change(tx, actor, state=state.value, reason=reason or (row.reason if row is not None else None))
        return
    rest = row.page if row.phase == Phase.OUTBOX.value and row.found >= row.most else None
    fresh: dict[str, Any] = {"page": None, "seen": [], "idle": 0, "rest": rest}
    told = reason if row.phase == Phase.OUTBOX.value else None
    store.change(tx, actor, phase=following.value, reason=told, **fresh)
    _promise_step(tx, actor)


def _end_phase(tx: Transaction, payload: dict[str, Any], reason: str | None) -> None:
    row = _current(tx, payload)
    if row is not None:
        store.change(tx, row.actor, step=row.step + 1)
        _end(tx, row.actor, State.DONE, reason)


def _stop(tx: Transaction, payload: dict[str, Any], reason: str | None) -> None:
    row = _current(tx, payload)
    if row is not None:
        log.warning("the past of %s is not read further: %s", row.actor, reason)
        store.change(tx, row.actor, state=State.STOPPED.value, reason=reason)


def _look_at_threads(tx: Transaction, payload: dict[str, Any]) -> None:
    """Begin to look for what some of what came answers, and for the answers to it: as many as a minute allows."""
    row = _current(tx, payload)
    if row is None:
        return
    before = int(row.page) if row.page is not None else None
    found = store.threads_of(tx, row.actor, before=before, limit=THREADS_IN_A_STEP)
    for root in dict.fromkeys(one.thread or one.iri for one in found):
        threads.begin(tx, root)
    answered = [one.in_reply_to for one in found if one.in_reply_to is not None]
    for missing in set(answered) - set(objects.find_all(tx, answered)):
        statements.promise_parent(tx, missing, depth=1)
    if len(found) < THREADS_IN_A_STEP or (row.step + 1) * THREADS_IN_A_STEP > row.most:
        _end_phase(tx, payload, None)
        return
    store.change(tx, row.actor, step=row.step + 1, page=str(found[-1].sort_id))
    pace = timedelta(minutes=THREADS_IN_A_STEP / max(tx.node.config.fetches_per_minute, 1))
    _promise_step(tx, row.actor, delay=pace)


async def fetch_entry(node: Node, payload: dict[str, Any]) -> None:
    """Job: fetch what an entry has only named, and take it as what its own server says it is."""
    budget = Budget(requests=REQUESTS_IN_A_STEP, bytes=node.config.document_bytes)
    signer = await signing.instance_signer(node)
    document = await node.client.document(payload["iri"], signer=signer, budget=budget)
    for method in entries.methods([document], actor=payload["actor"]):
        await node.directory.ensure_proof_key(method, author=payload["actor"])
    await node.database.write(_take_entry, document, payload["actor"])


def _take_entry(tx: Transaction, document: dict[str, Any], actor: str) -> None:
    outcome = entries.take(tx, document, actor=actor, holder=str(document["id"]), oldest=None)
    row = store.find(tx, actor)
    if outcome is Outcome.KEPT and row is not None:
        store.change(tx, actor, kept=row.kept + 1)


async def read_featured(node: Node, payload: dict[str, Any]) -> None:
    """Job: somebody has said that what it pins has changed. Its own server says what it is now. Idempotent."""
    actor = payload["actor"]
    if not await node.database.read(is_readable, actor):
        return
    found = await pinned.read(node, actor)
    if found is not None:
        await node.database.write(_take_featured, actor, found)


def _take_featured(tx: Transaction, actor: str, found: Pinned) -> None:
    if is_readable(tx, actor):
        pinned.take(tx, actor, found, oldest=None)


JOBS: dict[str, Job] = {
    "begin_backfill": begin_when_accepted,
    "backfill": step,
    "backfill_entry": fetch_entry,
    "read_featured": read_featured,
}
