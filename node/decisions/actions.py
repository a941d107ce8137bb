"""What a member can do about decisions: propose, cast a ballot, count and confirm as a teller, withdraw."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Row

from node import happenings
from node.context import Transaction
from node.decisions import closing, ruling, store
from node.decisions import rules as when
from node.decisions.acts import check_under
from node.decisions.rules import Choice, Rule, State, Tally
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.happenings import What
from node.members import actions as members
from node.members import store as mandates
from node.members.store import Member

TELLERS = 2

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of a proposal: its number, where it stands, and until when it is open (None: until it is decided).

    `receipt` is that of the proposer's ballot, if there was one.
    """

    number: int
    kind: str
    state: State
    until: datetime | None = None
    receipt: str | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """A ballot is in: where the proposal stands now, and the receipt, which says that it was counted and not what it
    said."""

    state: State
    receipt: str


def propose(tx: Transaction, kind: str, subject: str, *, actor: str, member: Member, urgent: bool = False) -> State:
    """Open a proposal of `kind` about `subject` for the group `actor`, with the proposer's ballot for it; its state.

    The rule in force is kept with the proposal and counts to its end. Where one member may act the proposal is adopted
    at once and its effect has run when this returns; `tx.proposed` has the number. `urgent` asks for the rule's urgent
    path. Raises Forbidden, Conflict if the group is deciding on the same already, and Invalid if there is no such path.
    """
    act = tx.node.rooms.acts[kind]
    members.require(tx, member, act.needs, actor=actor)
    same = store.open_about(tx, actor, kind, subject)
    if same is not None:
        raise Conflict("the group is deciding on this already: decision {number}", number=same.id)
    rule = ruling.in_force(tx, actor, act.under, urgent=urgent)
    voters = rule.voters or act.needs
    eligible = mandates.who_may(tx, voters, actor, at=tx.now)
    ruling.check_can_be_met(rule, len(eligible))
    number = store.open(tx, actor=actor, kind=kind, subject=subject, rule=rule, voters=voters, urgent=urgent)
    row = _found(tx, number)
    if rule.is_immediate and member.id in eligible:
        state, receipt = _decide_alone(tx, row, eligible=len(eligible)), None
    else:
        state, receipt = _put_to_the_vote(tx, row, rule, member, eligible)
    tx.proposed.append(Proposed(number, kind, state, row.until, receipt))
    return state


def with_proposed(
    tx: Transaction, act: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs
) -> tuple[R, Proposed | None]:
    """Do `act(tx, ...)`, which may propose something to a group: what it answers, and what became of the proposal."""
    answer = act(tx, *args, **kwargs)
    return answer, tx.proposed[-1] if tx.proposed else None


def change_rule(tx: Transaction, under: str, rule: Rule, *, actor: str, member: Member, urgent: bool = False) -> State:
    """Propose that what falls under `under` be decided by `rule` from then on; by the rule for changing rules.

    What is open is decided by the rule under which it was opened. Raises Invalid, Forbidden, and Conflict if the rule
    stands there already or if those who hold mandates now could never meet it.
    """
    check_under(under)
    when.check(rule)
    if ruling.in_force(tx, actor, under) == rule:
        raise Conflict("that is the rule already; nothing has changed")
    ruling.check_locks_nobody_out(tx, actor, under, rule)
    subject = json.dumps({"actor": actor, "under": under, "rule": rule.as_json()})
    return propose(tx, "change_rules", subject, actor=actor, member=member, urgent=urgent)


def _decide_alone(tx: Transaction, row: Row[Any], *, eligible: int) -> State:
    """No ballot is written where the proposal is the decision."""
    tally = Tally(in_favour=1)
    return closing.finish(tx, row, State.ADOPTED, tally, eligible=eligible, carry_out=closing.at_once)


def _put_to_the_vote(
    tx: Transaction, row: Row[Any], rule: Rule, member: Member, eligible: list[int]
) -> tuple[State, str | None]:
    store.write_roll(tx, row.id, eligible)
    store.set_proposer(tx, row.id, member.id)
    closing.promise_closing(tx, row)
    happenings.note(tx, What.PROPOSED, str(row.id), actor=row.actor)
    row = _found(tx, row.id)
    receipt = None
    if member.id in eligible:
        receipt = store.enter_ballot(tx, row.id, member.id, Choice.FOR, words=None, record=rule.record)
    return closing.settle(tx, row, closing.at_once), receipt


def cast(tx: Transaction, decision: int, *, member: Member, choice: Choice, words: str = "") -> Counted:
    """Cast a ballot; where the proposal stands now, and the receipt. The ballot that completes it runs the effect.

    `words` are why: required of a block, kept unnamed as an argument where the rule says so. Raises Missing, Forbidden,
    Invalid, and Conflict after the close or for a second ballot; nothing has changed then.
    """
    row = _found(tx, decision)
    rule = when.from_json(row.rule)
    _check_may_vote(tx, row, member)
    when.check_choice(rule, choice, words)
    receipt = store.enter_ballot(tx, row.id, member.id, choice, words=words.strip() or None, record=rule.record)
    closing.forget_traces(tx)
    return Counted(closing.settle(tx, row), receipt)


def _check_may_vote(tx: Transaction, row: Row[Any], member: Member) -> None:
    _check_is_voter(tx, row, member)
    line = store.on_roll(tx, row.id, member.id)
    if row.state == State.COUNTING:
        raise Conflict("decision {number} takes no more ballots: they are being counted", number=row.id)
    if row.state != State.OPEN:
        raise Conflict("decision {number} is closed: {state}", number=row.id, state=row.state)
    if line is None:
        raise Forbidden("who may vote on decision {number} was written down before you could", number=row.id)
    if line.voted:
        raise Conflict("you have voted on this already; a ballot cannot be taken back, nobody knows which it is")
    if closing.moment_of(tx, row).is_over:
        raise Conflict(
            "decision {number} is closed: its time was over on {until}", number=row.id, until=_day(row.until)
        )


def _check_is_voter(tx: Transaction, row: Row[Any], member: Member) -> None:
    if member.scopes is not None and row.voters not in member.scopes:
        raise Forbidden(
            "this token may not {act}; it was made for: {scopes}",
            act=row.voters,
            scopes=", ".join(sorted(member.scopes)),
        )
    if not closing.is_voter(tx, row, member):
        raise Forbidden("{name} holds no mandate to {act} in this group", name=member.name, act=row.voters)


def withdraw(tx: Transaction, decision: int, *, member: Member) -> None:
    """Take back a proposal; how it stood is forgotten. Raises Missing, Forbidden, and Conflict after the close."""
    row = _found(tx, decision)
    members.require(tx, member, tx.node.rooms.acts[row.kind].needs, actor=row.actor)
    if row.state != State.OPEN:
        raise Conflict("decision {number} cannot be withdrawn: it is {state}", number=row.id, state=row.state)
    if store.proposer(tx, row.id) not in (member.id, None):
        raise Forbidden("only who proposed decision {number} can withdraw it", number=row.id)
    closing.finish(tx, row, State.WITHDRAWN, None, eligible=None)


def forget_words(tx: Transaction, subject: str) -> None:
    """Forget the arguments that were kept of decisions about `subject`: they were blanked."""
    store.forget_words(tx, subject, list(tx.node.rooms.acts))


# ---- tellers


@dataclass(frozen=True, slots=True)
class Count:
    """What a teller counts: every ballot with what it says, and every receipt; neither tells whose it is."""

    ballots: list[tuple[Choice, str]]
    receipts: list[str]
    tally: Tally
    confirmed: int

    def as_json(self) -> dict[str, Any]:
        """As programs get it."""
        return {
            "ballots": [{"choice": choice.value, "text": text} for choice, text in self.ballots],
            "receipts": self.receipts,
            "tally": self.tally.as_json(),
            "confirmed": self.confirmed,
        }


def count(tx: Transaction, decision: int, *, member: Member) -> Count:
    """The ballots of a vote that is being counted, for one who may be its teller.

    Raises Missing, Forbidden, Conflict.
    """
    row = _found(tx, decision)
    _check_may_count(tx, row, member)
    cast = [(Choice(one.choice), one.words or "") for one in store.all_ballots(tx, row.id)]
    done = len(store.confirmed(tx, row.id))
    return Count(cast, store.receipts_of(tx, row.id), store.tally(tx, row.id), done)


def confirm(tx: Transaction, decision: int, *, member: Member, tally: Tally) -> State:
    """A teller has counted `tally`. With the second one the decision is closed; where it stands.

    Raises Conflict if that is not what the ballots say, or what the other teller saw; Missing, Forbidden.
    """
    row = _found(tx, decision)
    _check_may_count(tx, row, member)
    others = store.confirmed(tx, row.id)
    if any(one.member == member.id for one in others):
        raise Conflict("you have confirmed this already; another teller has to")
    state, counted, eligible = closing.verdict(tx, row)
    if tally != counted or any(one.tally != counted.as_json() for one in others):
        raise Conflict("the tally of decision {number} is not what was counted before: count again", number=row.id)
    if len(others) + 1 < TELLERS:
        store.confirm(tx, row.id, member.id, tally)
        return State.COUNTING
    return closing.finish(tx, row, state, counted, eligible=eligible)


def _check_may_count(tx: Transaction, row: Row[Any], member: Member) -> None:
    _check_is_voter(tx, row, member)
    if row.state != State.COUNTING:
        raise Conflict("decision {number} is not being counted: it is {state}", number=row.id, state=row.state)


def _found(tx: Transaction, decision: int) -> Row[Any]:
    row = store.find(tx, decision)
    if row is None:
        raise Missing("there is no decision {number}", number=decision)
    return row


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def read_choice(said: str) -> Choice:
    """A choice from what a form, a program or a command says. Raises Invalid."""
    if said not in [one.value for one in Choice]:
        raise Invalid("“{said}” is none of {known}", field="choice", said=said, known=", ".join(Choice))
    return Choice(said)
