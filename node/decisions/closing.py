"""How a vote ends: with a ballot, with the tellers' word, or because its time is over. Then the effect runs, once.

What has been decided stays decided: an effect that cannot be carried out undoes itself and nothing else, and the
decision says why. Only whoever decides alone, by proposing, is told at once, and nothing has happened then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from federation.errors import Malformed, Refused, Unreachable
from node import errors, happenings
from node.context import Effect, Node, Transaction
from node.decisions import rules, store
from node.decisions.rules import Choice, Moment, Rule, State, Tally
from node.errors import NodeError
from node.happenings import What
from node.jobs import Job, Promise, promise
from node.members import store as members
from node.members.store import Member
from node.prepared import savepoint

TRIES = 20
BETWEEN_TRIES_SECONDS = 0.1

CarryOut = Callable[[Transaction, Row[Any], Effect], None]


def now_of(tx: Transaction, row: Row[Any]) -> datetime:
    """The present moment of a vote: a clock that was set back does not go before its opening."""
    opened: datetime = row.opened
    return max(tx.now, opened)


def moment_of(tx: Transaction, row: Row[Any]) -> Moment:
    """Where the time of a vote stands."""
    now = now_of(tx, row)
    return Moment(
        may_end=row.not_before is None or now >= row.not_before, is_over=row.until is not None and now >= row.until
    )


def waiting_for(tx: Transaction, row: Row[Any]) -> set[int]:
    """Those on the roll who have not voted and still may: whoever was recalled counts no more.

    What is being counted is counted by the roll as it was when the vote ended: a recall between two tellers would give
    the second another verdict.
    """
    missing = store.not_voted(tx, row.id)
    if row.state == State.COUNTING:
        return missing
    return missing & set(members.who_may(tx, row.voters, row.actor, at=now_of(tx, row))) if missing else missing


def is_voter(tx: Transaction, row: Row[Any], member: Member) -> bool:
    """Whether the mandates of `member`, and the scopes of her token, permit what it takes to vote."""
    if member.scopes is not None and row.voters not in member.scopes:
        return False
    return member.id in members.who_may(tx, row.voters, row.actor, at=now_of(tx, row))


def settle(tx: Transaction, row: Row[Any], carry_out: CarryOut | None = None) -> State:
    """Close a vote if it has come to its end; where it stands now."""
    rule = rules.from_json(row.rule)
    tally = store.tally(tx, row.id)
    still = waiting_for(tx, row)
    waiting = len(still)
    gone = max(0, (row.eligible or 0) - tally.voted - waiting)
    state = rules.outcome(rule, tally, waiting=waiting, gone=gone, moment=moment_of(tx, row))
    if state is State.OPEN:
        return state
    if rule.tellers:
        store.strike_off(tx, row.id, store.not_voted(tx, row.id) - still)
        store.set_state(tx, row.id, State.COUNTING)
        return State.COUNTING
    return finish(tx, row, state, tally, eligible=tally.voted + waiting, carry_out=carry_out)


def verdict(tx: Transaction, row: Row[Any]) -> tuple[State, Tally, int]:
    """What a vote that takes no more ballots has decided, its tally, and how many could vote."""
    tally, waiting = store.tally(tx, row.id), len(waiting_for(tx, row))
    rule, eligible = rules.from_json(row.rule), tally.voted + waiting
    return rules.at_the_end(rule, tally, eligible=eligible, everybody=waiting == 0), tally, eligible


def finish(
    tx: Transaction,
    row: Row[Any],
    state: State,
    tally: Tally | None,
    *,
    eligible: int | None,
    carry_out: CarryOut | None = None,
) -> State:
    """Close a vote, forget the ballots, and let what follows happen. Without a `tally` nobody learns how it stood."""
    rule = rules.from_json(row.rule)
    close(tx, row, state, tally, eligible=eligible)
    happenings.note(tx, What.DECIDED, str(row.id), actor=row.actor)
    if not rule.is_immediate:
        forget_traces(tx, row.id)
    act = tx.node.rooms.effects[row.kind] if state is State.ADOPTED else tx.node.rooms.refusals.get(row.kind)
    if act is not None:
        (carry_out or attempt)(tx, row, act)
    return state


def close(tx: Transaction, row: Row[Any], state: State, tally: Tally | None, *, eligible: int | None) -> None:
    """Write down how a vote ended and forget everything that the level of its record does not keep."""
    rule = rules.from_json(row.rule)
    words = kept_words(rule, store.all_ballots(tx, row.id)) if tally is not None else []
    store.close(tx, row.id, state, result=tally, eligible=eligible, words=words, closed=now_of(tx, row))
    store.forget(tx, row.id, record=rule.record, receipts_too=tally is None)


def kept_words(rule: Rule, cast: list[Row[Any]]) -> list[dict[str, str]]:
    """What stays of what members wrote with their ballots: why they block, and arguments where the group keeps them.

    Sorted by what they say, so that their order tells nothing.
    """
    texts = [
        {"choice": one.choice, "text": one.words}
        for one in cast
        if one.words and (rule.arguments or one.choice == Choice.BLOCK)
    ]
    return sorted(texts, key=lambda one: (list(Choice).index(Choice(one["choice"])), one["text"]))


def at_once(tx: Transaction, row: Row[Any], act: Effect) -> None:
    """Do what was decided; whoever decided it by proposing it is told if it cannot be."""
    act(tx, row.subject)


def attempt(tx: Transaction, row: Row[Any], act: Effect) -> None:
    """Do what was decided, or write down why it cannot be, and leave nothing of it half done."""
    registered = tx.mark()
    try:
        with savepoint(tx):
            act(tx, row.subject)
    except (NodeError, Refused, Malformed) as error:
        tx.forget_since(registered)
        store.set_failed(tx, row.id, errors.kept(error if isinstance(error, NodeError) else NodeError(str(error))))


# ---- jobs


def promise_closing(tx: Transaction, row: Any) -> None:
    """See to it that a vote ends when it may, and when it must."""
    for name, due in (("not_before", row.not_before), ("until", row.until)):
        if due is not None:
            payload = {"decision": row.id, "when": name}
            promise(tx, Promise("close_decision", payload, key=f"close_decision {row.id} {name}"), due=due)


def look_again(tx: Transaction, actor: str) -> None:
    """Mandates in a group have changed: see whether a vote was waiting for nobody but those who hold none any more."""
    for row in store.under_way(tx, [actor]):
        if row.state == State.OPEN:
            promise(tx, Promise("close_decision", {"decision": row.id, "when": "opened"}))


def end_all(tx: Transaction, actor: str) -> None:
    """A group decides no more: what is open or counted in it is withdrawn."""
    for row in store.under_way(tx, [actor]):
        finish(tx, row, State.WITHDRAWN, None, eligible=None)


async def close_when_due(node: Node, payload: dict[str, Any]) -> None:
    """Job: the time of a vote is over, or it may end from now on."""
    await node.database.write(_close_when_due, payload["decision"], payload["when"])


def _close_when_due(tx: Transaction, decision: int, when: str) -> None:
    row = store.find(tx, decision)
    if row is None or row.state != State.OPEN:
        return
    due = getattr(row, when)
    if tx.now < due:  # the clock was set back
        raise Unreachable(f"decision {decision} does not end before {due}", retry_after=due - tx.now)
    settle(tx, row)


def forget_traces(tx: Transaction, decision: int | None = None) -> None:
    """See to it that what was deleted is not left in the database's files."""
    key = None if decision is not None else "forget_traces"
    promise(tx, Promise("forget_traces", {}, key=key))


async def forget_ballots(node: Node, payload: dict[str, Any]) -> None:
    """Job: rid the database's files of ballots that were deleted."""
    for _ in range(TRIES):
        if await node.database.forget_deleted([table.name for table in store.OF_OPEN_VOTES]):
            return
        await asyncio.sleep(BETWEEN_TRIES_SECONDS)
    raise Unreachable("somebody is reading the database")


JOBS: dict[str, Job] = {"close_decision": close_when_due, "forget_traces": forget_ballots}
