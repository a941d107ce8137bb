"""How a decision stands, as a member may see it: never more than the level of its record allows at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from node import errors
from node.context import Transaction
from node.decisions import closing, rules, store
from node.decisions.acts import Described
from node.decisions.results import Argument, arguments
from node.decisions.rules import UNDER_WAY, Choice, Method, Of, Record, Rule, State, Tally
from node.errors import Missing, NodeError
from node.members import actions as members
from node.members import rules as roles
from node.members import store as mandates
from node.members.store import Member
from node.translating import N_

CLOSED_AT_ONCE = 50  # of what is closed, on one page


@dataclass(frozen=True, slots=True)
class Mine:
    """What the member who looks can do."""

    may_vote: bool = False
    has_voted: bool = False
    may_withdraw: bool = False
    may_confirm: bool = False

    @property
    def waits(self) -> bool:
        """Whether something waits for her."""
        return self.may_vote or self.may_confirm


@dataclass(frozen=True, slots=True)
class Shown:
    """One decision. `title` is a sentence that is translated when shown, `about` in the group's own words.

    `tally`, `names`, `words` and `receipts` are empty as long as nobody may know them; `voted` is the turnout. `failed`
    says why what was decided could not be carried out.
    """

    number: int
    actor: str
    kind: str
    title: str
    about: Described
    rule: Rule
    urgent: bool
    state: State
    opened: datetime
    not_before: datetime | None
    until: datetime | None
    closed: datetime | None
    anew: datetime | None
    voted: int
    eligible: int
    tally: Tally | None
    names: tuple[tuple[str, Choice], ...]
    words: tuple[Argument, ...]
    receipts: tuple[str, ...]
    failed: NodeError | None
    mine: Mine

    @property
    def unless_done(self) -> str:
        """What happens if nobody does anything: a sentence with {until} and {quorum}, translated when shown."""
        return _unless_done(self.rule, self.state, ends=self.until is not None)

    def as_json(self) -> dict[str, Any]:
        """As programs get it; what may not be known yet is null or empty."""
        return {
            "number": self.number,
            "group": self.actor,
            "kind": self.kind,
            "title": self.title,
            "about": {"title": self.about.title, "html": self.about.html, "address": self.about.address},
            "rule": self.rule.as_json(),
            "urgent": self.urgent,
            "state": self.state.value,
            "opened": _iso(self.opened),
            "not_before": _iso(self.not_before),
            "until": _iso(self.until),
            "closed": _iso(self.closed),
            "anew": _iso(self.anew),
            "voted": self.voted,
            "eligible": self.eligible,
            "tally": None if self.tally is None else self.tally.as_json(),
            "names": [{"name": name, "choice": choice.value} for name, choice in self.names],
            "words": [{"choice": said.choice.value, "text": said.text} for said in self.words],
            "receipts": list(self.receipts),
            "failed": None if self.failed is None else self.failed.why,
            "mine": {
                "may_vote": self.mine.may_vote,
                "has_voted": self.mine.has_voted,
                "may_withdraw": self.mine.may_withdraw,
                "may_confirm": self.mine.may_confirm,
            },
        }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def show(tx: Transaction, number: int, member: Member) -> Shown:
    """One decision of a group in which `member` holds a mandate. Raises Missing, Forbidden."""
    row = store.find(tx, number)
    if row is None:
        raise Missing("there is no decision {number}", number=number)
    members.require(tx, member, "read", actor=row.actor)
    return _shown(tx, row, member)


def under_way(tx: Transaction, member: Member, *, actor: str | None = None) -> list[Shown]:
    """What is open or being counted in a group, or in all groups in which `member` holds a mandate."""
    return [_shown(tx, row, member) for row in store.under_way(tx, _groups(tx, member, actor))]


def waiting(tx: Transaction, member: Member, *, actor: str | None = None) -> list[Shown]:
    """What waits for `member`: her ballot, or her word as a teller; what ends first stands first."""
    return [one for one in under_way(tx, member, actor=actor) if one.mine.waits]


def closed(
    tx: Transaction,
    member: Member,
    *,
    actor: str | None = None,
    before: int | None = None,
    limit: int = CLOSED_AT_ONCE,
) -> list[Shown]:
    """What was decided, the last first; `before` is the number of the last one seen."""
    rows = store.closed(tx, _groups(tx, member, actor), limit=limit, before=before)
    return [_shown(tx, row, member) for row in rows]


def _groups(tx: Transaction, member: Member, actor: str | None) -> list[str]:
    if actor is not None:
        members.require(tx, member, "read", actor=actor)
        return [actor]
    if member.scopes is not None and "read" not in member.scopes:
        return []
    return sorted({one.actor for one in mandates.mandates_in_force(tx, member.id) if roles.may([one.role], "read")})


def _shown(tx: Transaction, row: Row[Any], member: Member) -> Shown:
    rule, state = rules.from_json(row.rule), State(row.state)
    is_closed, is_secret = state not in UNDER_WAY, rule.record is Record.TALLY
    tally = Tally(**row.tally) if row.tally is not None else None
    if not is_closed and not is_secret:
        tally = store.tally(tx, row.id)
    voted = tally.voted if tally is not None else 0 if is_closed else store.turnout(tx, row.id)
    act = tx.node.rooms.acts.get(row.kind)
    eligible = row.eligible if is_closed else voted + len(closing.waiting_for(tx, row))
    named = store.named_ballots(tx, row.id) if not is_secret else []
    return Shown(
        number=row.id,
        actor=row.actor,
        kind=row.kind,
        title=act.title if act is not None else row.kind,
        about=act.describe(tx, row.subject) if act is not None else Described(row.subject),
        rule=rule,
        urgent=row.urgent,
        state=state,
        opened=row.opened,
        not_before=row.not_before,
        until=row.until,
        closed=row.closed,
        anew=row.anew,
        voted=voted,
        eligible=voted if eligible is None else eligible,
        tally=tally,
        names=tuple((one.name, Choice(one.choice)) for one in named),
        words=arguments(row),
        receipts=tuple(store.receipts_of(tx, row.id)) if is_closed else (),
        failed=None if row.failed is None else errors.revived(row.failed),
        mine=_mine(tx, row, state, member),
    )


def _mine(tx: Transaction, row: Row[Any], state: State, member: Member) -> Mine:
    if state not in UNDER_WAY:
        return Mine()
    line = store.on_roll(tx, row.id, member.id)
    may = closing.is_voter(tx, row, member)
    if state is State.COUNTING:
        done = any(one.member == member.id for one in store.confirmed(tx, row.id))
        return Mine(has_voted=line is not None and line.voted, may_confirm=may and not done)
    return Mine(
        may_vote=may and line is not None and not line.voted and not closing.moment_of(tx, row).is_over,
        has_voted=line is not None and line.voted,
        may_withdraw=store.proposer(tx, row.id) == member.id,
    )


def _unless_done(rule: Rule, state: State, *, ends: bool) -> str:
    if state not in UNDER_WAY:
        return ""
    if state is State.COUNTING:
        return N_("The ballots wait until two members have confirmed the tally.")
    if rule.method is Method.ONE_MEMBER:
        return N_("It is adopted when its time has come.")
    if not ends:
        return N_("It stays open until enough have approved it, or until whoever proposed it withdraws it.")
    if rule.method is Method.APPROVALS:
        return N_("It lapses on {until}, unless enough have approved it by then.")
    if rule.of is Of.ELIGIBLE and rule.method is not Method.CONSENT:
        return N_("It closes on {until}. Whoever has not voted by then counts as not in favour.")
    if rule.quorum:
        return N_("It closes on {until}. With fewer than {quorum} ballots it lapses; else those that are in decide.")
    return N_("It closes on {until}, and the ballots that are in decide.")
