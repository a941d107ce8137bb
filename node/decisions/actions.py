"""What a member can do about decisions: propose, and cast a ballot."""

from __future__ import annotations

from node.context import Transaction
from node.decisions import rules, store
from node.decisions.rules import Choice, Rule, State
from node.errors import Conflict, Missing
from node.members import actions as members
from node.members.store import Member


def propose(
    tx: Transaction,
    kind: str,
    subject: str,
    *,
    actor: str,
    member: Member,
    act: str,
    rule: Rule = rules.ONE_MEMBER,
) -> State:
    """Open a proposal of `kind` about `subject` for the group `actor`, with the proposer's ballot for it; its state.

    `act` is what the proposer's mandate must permit. With the rule 'one member may act' the proposal is adopted at
    once and its effect has run when this returns. Raises Forbidden.
    """
    members.require(tx, member, act, actor=actor)
    decision = store.open(tx, actor=actor, kind=kind, subject=subject, rule=rule)
    return cast(tx, decision, member=member, choice=Choice.FOR, act=act)


def cast(tx: Transaction, decision: int, *, member: Member, choice: Choice, act: str) -> State:
    """Cast a ballot; where the proposal stands now. The ballot that completes it runs the effect, once.

    Raises Missing, Forbidden, and Conflict after the close or for a second ballot.
    """
    row = store.find(tx, decision)
    if row is None:
        raise Missing(f"there is no decision {decision}")
    members.require(tx, member, act, actor=row.actor)
    if row.state != State.OPEN.value:
        raise Conflict(f"decision {decision} is closed: {row.state}")
    if store.has_voted(tx, decision, member.id):
        raise Conflict("you have voted on this already")
    store.enter_ballot(tx, decision, member.id, choice)
    tally = store.tally(tx, decision)
    state = rules.outcome(Rule(**row.rule), tally)
    if state is not State.OPEN:
        store.close(tx, decision, state, tally)
    if state is State.ADOPTED:
        tx.node.rooms.effects[row.kind](tx, row.subject)
    return state
