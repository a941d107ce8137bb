"""Votes in a copy of the node: what of them is in none, and how they begin anew where one is put back."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select, update

from node.context import Transaction
from node.decisions import closing, rules
from node.decisions.rules import UNDER_WAY, Rule, State
from node.decisions.store import (
    ballots,
    confirmations,
    decisions,
    electorate,
    find,
    proposers,
    receipts,
    write_roll,
)
from node.members import store as mandates

OF_A_VOTE = (ballots, electorate, receipts, proposers, confirmations)
"""What no copy of the node holds of a vote that is open."""


def is_closed(decision: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition that a row of one of OF_A_VOTE is of a `decision` that is closed."""
    return decision.not_in(select(decisions.c.id).where(decisions.c.state.in_(UNDER_WAY)))


def begin_anew(tx: Transaction) -> int:
    """Let every open vote begin once more, with those who may vote now and all the time it had. How many there are."""
    query = select(decisions).where(decisions.c.state.in_(UNDER_WAY))
    open_ones = tx.execute(query.order_by(decisions.c.id)).all()
    for row in open_ones:
        _open_again(tx, row.id, rules.from_json(row.rule))
        write_roll(tx, row.id, mandates.who_may(tx, row.voters, row.actor, at=tx.now))
        closing.promise_closing(tx, find(tx, row.id))
    return len(open_ones)


def _open_again(tx: Transaction, decision: int, rule: Rule) -> None:
    for one in OF_A_VOTE:
        tx.execute(delete(one).where(one.c.decision == decision))
    values = {
        "state": State.OPEN.value,
        "anew": tx.now,
        "not_before": tx.now + timedelta(seconds=rule.at_least) if rule.at_least else None,
        "until": tx.now + timedelta(seconds=rule.at_most) if rule.at_most else None,
    }
    tx.execute(update(decisions).where(decisions.c.id == decision).values(**values))
