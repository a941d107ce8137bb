"""What a member can do with a report of conditions: publish it in the name of the group."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from node.conditions import composing, rules, store
from node.conditions.facts import facts
from node.context import Effect, Transaction
from node.decisions import Act
from node.identifiers import spell
from node.members.store import Member
from node.reports import asking, struggles
from node.statements import actions as statements
from node.statements import composing as statement_composing
from node.statements import describing, publishing, quoting
from node.statements.composing import Composed, Making
from node.statements.publishing import Issue, Previewing, Proposing
from node.statements.rules import Draft, State
from node.translating import N_
from schemas.conditions_report import ConditionsReport
from schemas.statement import Statement

KIND = "ConditionsReport"


def publish(
    tx: Transaction,
    draft: Draft,
    *,
    actor: str,
    member: Member,
    urgent: bool = False,
) -> tuple[str, State]:
    """Propose a report of conditions of the group `actor`: its IRI, and where it stands.

    Raises Invalid (with the field; Unconfirmed where something is asked first) or Forbidden; nothing has changed then.
    """
    check_confirmed(tx, draft)
    iri, kept = _prepared(tx, draft, actor=actor)
    return iri, publishing.submit(tx, iri, kind="conditions", draft=kept, actor=actor, member=member, urgent=urgent)


def preview(tx: Transaction, draft: Draft, *, actor: str) -> Statement:
    """What `draft` would be sent as, now. Writes nothing; raises Invalid, with the field."""
    iri, kept = _prepared(tx, draft, actor=actor)
    return composing.compose(tx, iri, kept).statement


def _prepared(tx: Transaction, draft: Draft, *, actor: str) -> tuple[str, dict[str, Any]]:
    found = rules.reported(draft)
    statements.check(tx, draft, actor=actor)
    # Kept by its address: the name may be blanked together with the title of a report.
    struggle = struggles.addressed(tx, found.struggle, actor=actor)
    named = replace(draft, conditions={**draft.conditions, **({"struggle": struggle} if struggle else {})})
    number = tx.new_id()
    iri = tx.node.address(f"/conditions/{spell(number)}")
    kept = statement_composing.keep(tx, named, number, actor=actor)
    statement_composing.check_writable(lambda: composing.compose(tx, iri, kept).statement)
    return iri, kept


def check_confirmed(tx: Transaction, draft: Draft) -> None:
    """Raise Unconfirmed if something in a report has to be asked, and nobody has confirmed it."""
    if questions := rules.open_questions(draft, rules.reported(draft)):
        raise asking.Unconfirmed(questions)


def adopted(tx: Transaction, iri: str) -> None:
    """Effect: the group has decided to publish a report."""
    publishing.adopt(tx, iri, issue, kind="publish_conditions")


def issue(tx: Transaction, iri: str, kept: dict[str, Any]) -> None:
    """Make the report and send it."""
    made = composing.compose(tx, iri, kept)
    quoting.issue(tx, made, kept, kind=KIND)
    _enter(tx, made, sort_id=kept["sort_id"])


def _enter(tx: Transaction, made: Composed, *, sort_id: int = 0) -> None:
    """Let the rows of a report say what its document says, from the first or anew."""
    report = made.statement
    assert isinstance(report, ConditionsReport), f"{report.id} was made here, and reports no conditions"
    said = (report.published or tx.now).year
    store.put(tx, facts(report, sort_id=sort_id, said=said))


ACTS: dict[str, Act] = {
    "publish_conditions": Act(
        "publish", "publish_report", N_("publish a report of conditions"), describing.publication
    ),
}
EFFECTS: dict[str, Effect] = {"publish_conditions": adopted}
REFUSALS: dict[str, Effect] = {"publish_conditions": publishing.refuse}
ISSUES: dict[str, Issue] = {"conditions": issue}
MAKINGS: dict[str, Making] = {"conditions": Making(composing.compose, _enter, check_confirmed)}
PREVIEWING: dict[str, Previewing] = {"conditions": preview}
PROPOSING: dict[str, Proposing] = {"conditions": publish}
