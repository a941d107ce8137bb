"""What a member can do with a statement: publish it, call it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from node import objects
from node.context import Effect, Transaction
from node.decisions import Act
from node.errors import Invalid
from node.identifiers import spell
from node.members.store import Member
from node.statements import asking, composing, describing, events, publishing, quoting, rules, store
from node.statements.composing import Making
from node.statements.publishing import Issue, Previewing, Proposing
from node.statements.rules import Draft, State
from node.translating import N_
from schemas.statement import Statement


def publish(
    tx: Transaction,
    draft: Draft,
    *,
    actor: str,
    member: Member,
    urgent: bool = False,
    answers_correction_of: str | None = None,
    not_before: datetime | None = None,
) -> tuple[str, State]:
    """Propose a statement of the group `actor`: its IRI, and where it stands. What answers somebody has its own rule.

    It leaves `not_before` that moment, whenever it was decided; `answers_correction_of` names the text about which
    somebody has asked. Raises Invalid (with the field; Unconfirmed where something is asked first) or Forbidden;
    nothing has changed then.
    """
    iri, kept = _prepared(tx, draft, actor=actor)
    check_confirmed(tx, draft)
    kept |= {publishing.ANSWERS_CORRECTION: answers_correction_of} if answers_correction_of else {}
    kept |= {"not_before": not_before.isoformat()} if not_before is not None else {}
    decision = "reply" if draft.reply_to is not None else None
    return iri, publishing.submit(
        tx, iri, kind="statement", draft=kept, actor=actor, member=member, decision=decision, urgent=urgent
    )


def preview(tx: Transaction, draft: Draft, *, actor: str) -> Statement:
    """What `draft` would be sent as, now. Writes nothing; raises Invalid, with the field."""
    iri, kept = _prepared(tx, draft, actor=actor)
    return composing.compose(tx, iri, kept).statement


def _prepared(tx: Transaction, draft: Draft, *, actor: str) -> tuple[str, dict[str, Any]]:
    check(tx, draft, actor=actor)
    number = tx.new_id()
    iri = tx.node.address(f"/statements/{spell(number)}")
    kept = composing.keep(tx, draft, number, actor=actor)
    composing.check_writable(lambda: composing.compose(tx, iri, kept).statement)
    return iri, kept


def check(tx: Transaction, draft: Draft, *, actor: str) -> None:
    """Raise Invalid, naming the field, unless `draft` can be published here and now."""
    rules.check(draft, characters=tx.node.config.statement_characters)
    parent = objects.find(tx, draft.reply_to) if draft.reply_to is not None else None
    if draft.reply_to is not None and (parent is None or parent.deleted is not None or not parent.public):
        raise Invalid(
            "{reply_to} is not held by this node, so it cannot be answered", field="reply_to", reply_to=draft.reply_to
        )
    if draft.quote is not None:
        quoting.check(tx, draft.quote, by=actor)
    if draft.event:
        events.fields(draft.event)


def check_confirmed(tx: Transaction, draft: Draft) -> None:
    """Raise Unconfirmed if the exact place of a coming action is told, and nobody has confirmed it."""
    asking.check_event(draft, now=tx.now)


def adopted(tx: Transaction, iri: str) -> None:
    """Effect: the group has decided to publish a statement."""
    publishing.adopt(tx, iri, issue, kind="publish_statement")


def answer_adopted(tx: Transaction, iri: str) -> None:
    """Effect: the group has decided to answer somebody."""
    publishing.adopt(tx, iri, issue, kind="reply")


def issue(tx: Transaction, iri: str, kept: dict[str, Any]) -> None:
    """Make the statement and send it."""
    made = composing.compose(tx, iri, kept)
    quoting.issue(tx, made, kept, kind=type(made.statement).__name__)


ACTS: dict[str, Act] = {
    "publish_statement": Act("publish", "publish_statement", N_("publish a statement"), describing.publication),
    "reply": Act("publish", "reply", N_("answer somebody"), describing.publication),
}
EFFECTS: dict[str, Effect] = {"publish_statement": adopted, "reply": answer_adopted}
REFUSALS: dict[str, Effect] = {"publish_statement": publishing.refuse, "reply": publishing.refuse}
ISSUES: dict[str, Issue] = {"statement": issue}
MAKINGS: dict[str, Making] = {"statement": Making(composing.compose, lambda tx, made: None, check_confirmed)}
PREVIEWING: dict[str, Previewing] = {"statement": preview}
PROPOSING: dict[str, Proposing] = {"statement": publish}
call_back = publishing.call_back
waiting = store.waiting
