"""How something was decided: what a publication may say of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from node.context import Transaction
from node.decisions import rules, store
from node.decisions.rules import Choice, Record, Rule, Shows, State, Tally
from node.errors import Missing


@dataclass(frozen=True, slots=True)
class Argument:
    """What somebody wrote with her ballot, unnamed."""

    choice: Choice
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """How a decision went. `names` (who voted what) are there at the level `open` alone, `arguments` where the group
    keeps them. `shows` is what the group wants the public to learn."""

    number: int
    rule: Rule
    state: State
    tally: Tally
    eligible: int
    day: date
    names: tuple[tuple[str, Choice], ...] = ()
    arguments: tuple[Argument, ...] = ()
    receipts: int = 0

    @property
    def name(self) -> str:
        """The rule's name in English."""
        return self.rule.name

    @property
    def method(self) -> rules.Method:
        """What made it adopted."""
        return self.rule.method

    @property
    def voted(self) -> int:
        """How many ballots there were, abstentions counted."""
        return self.tally.voted

    @property
    def quorum(self) -> int:
        """How many ballots it took."""
        return self.rule.quorum

    @property
    def shows(self) -> Shows:
        """What the public learns."""
        return self.rule.shows


def result(tx: Transaction, kind: str, subject: str) -> Result:
    """How the last decision of a kind about a subject went. Raises Missing unless there is one that is closed."""
    row = store.newest_about(tx, kind, subject)
    if row is None or row.closed is None or row.tally is None:
        raise Missing("nothing was decided about {subject}", subject=subject[:200])
    return of_row(tx, row)


def of_row(tx: Transaction, row: Row[Any]) -> Result:
    """How a decision went that is closed and has a tally."""
    rule, tally = rules.from_json(row.rule), Tally(**row.tally)
    day: datetime = row.closed
    return Result(
        number=row.id,
        rule=rule,
        state=State(row.state),
        tally=tally,
        eligible=tally.voted if row.eligible is None else row.eligible,
        day=day.date(),
        names=tuple((one.name, Choice(one.choice)) for one in store.named_ballots(tx, row.id))
        if rule.record is Record.OPEN
        else (),
        arguments=arguments(row) if rule.arguments else (),
        receipts=len(store.receipts_of(tx, row.id)),
    )


def arguments(row: Row[Any]) -> tuple[Argument, ...]:
    """What was kept of what members wrote with their ballots."""
    return tuple(Argument(Choice(one["choice"]), one["text"]) for one in row.words or ())
