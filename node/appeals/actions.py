"""What a member can do: ask others for solidarity in the name of the group, end that, and answer what others ask."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from node import objects
from node.appeals import composing, rules, store
from node.appeals.composing import compose, compose_answer
from node.context import Effect, Transaction
from node.decisions import Act
from node.errors import Conflict, Invalid
from node.identifiers import spell
from node.members.store import Member
from node.reports import struggles
from node.statements import actions as statements
from node.statements import composing as statement_composing
from node.statements import correcting, describing, passing_on, publishing, quoting
from node.statements import store as publications
from node.statements.composing import Composed, Making
from node.statements.publishing import Issue, Previewing, Proposing
from node.statements.rules import Draft
from node.statements.rules import State as Publication
from node.translating import N_
from schemas.appeal import Appeal
from schemas.appeal_answer import AppealAnswer
from schemas.statement import Statement

KIND = "Appeal"
ANSWER_KIND = "AppealAnswer"


def publish(
    tx: Transaction,
    draft: Draft,
    *,
    actor: str,
    member: Member,
    urgent: bool = False,
) -> tuple[str, Publication]:
    """Propose an appeal of the group `actor`: its IRI, and where it stands.

    Raises Invalid (with the field) or Forbidden; nothing has changed then.
    """
    iri, kept = _prepared(tx, draft, actor=actor)
    return iri, publishing.submit(tx, iri, kind="appeal", draft=kept, actor=actor, member=member, urgent=urgent)


def preview(tx: Transaction, draft: Draft, *, actor: str) -> Statement:
    """What `draft` would be sent as, now. Writes nothing; raises Invalid, with the field."""
    iri, kept = _prepared(tx, draft, actor=actor)
    return compose(tx, iri, kept).statement


def _prepared(tx: Transaction, draft: Draft, *, actor: str) -> tuple[str, dict[str, Any]]:
    asked = rules.asked(draft)
    rules.check_day(asked, today=tx.now.date())
    statements.check(tx, draft, actor=actor)
    # Kept by its address: the name may be blanked together with the title of a report.
    struggle = struggles.addressed(tx, asked.struggle, actor=actor)
    named = replace(draft, appeal={**draft.appeal, **({"struggle": struggle} if struggle else {})})
    return _kept(tx, named, "appeals", compose, actor=actor)


def answer(
    tx: Transaction,
    draft: Draft,
    *,
    actor: str,
    member: Member,
    urgent: bool = False,
) -> tuple[str, Publication]:
    """Propose what the group `actor` says to the appeal that `draft.answer` names: its IRI, and where it stands.

    Raises Invalid (with the field), Forbidden, Missing or Conflict; nothing has changed then.
    """
    iri, kept = _prepared_answer(tx, draft, actor=actor)
    return iri, publishing.submit(
        tx, iri, kind="appeal_answer", decision="answer_appeal", draft=kept, actor=actor, member=member, urgent=urgent
    )


def preview_answer(tx: Transaction, draft: Draft, *, actor: str) -> Statement:
    """What `draft` would be sent as, now. Writes nothing; raises as `answer`."""
    iri, kept = _prepared_answer(tx, draft, actor=actor)
    return compose_answer(tx, iri, kept).statement


def _prepared_answer(tx: Transaction, draft: Draft, *, actor: str) -> tuple[str, dict[str, Any]]:
    answered = rules.answered(draft)
    check_appeal(tx, answered.to, actor=actor)
    statements.check(tx, composing.as_reply(draft), actor=actor)
    return _kept(tx, draft, "answers", compose_answer, actor=actor)


def _kept(tx: Transaction, draft: Draft, place: str, make: Any, *, actor: str) -> tuple[str, dict[str, Any]]:
    number = tx.new_id()
    iri = tx.node.address(f"/{place}/{spell(number)}")
    kept = statement_composing.keep(tx, draft, number, actor=actor)
    statement_composing.check_writable(lambda: make(tx, iri, kept).statement)
    return iri, kept


def check_appeal(tx: Transaction, iri: str, *, actor: str) -> Row[Any]:
    """The row of an appeal that the group `actor` can answer. Raises Missing, Conflict, Invalid, Refused."""
    row = passing_on.public(tx, iri)
    if row.kind != KIND:
        raise Invalid("{iri} is no appeal; answer it with reply_to", field="answers", iri=iri)
    if row.author == actor:
        raise Invalid("a group does not answer its own appeal: say on it what has changed", field="answers")
    return row


def end(tx: Transaction, iri: str, *, status: str, member: Member, urgent: bool = False) -> tuple[str, Publication]:
    """Propose to say that an appeal of ours is `met` or `closed`: a correction of it, and where that stands.

    Raises Invalid, Missing, Forbidden, Conflict.
    """
    if status not in rules.ENDED:
        known = ", ".join(rules.ENDED)
        raise Invalid("“{given}” is none of these: {known}", field="appeal_status", given=status, known=known)
    row = correcting.own(tx, iri)
    publication = publications.publication(tx, iri)
    if row.kind != KIND or publication is None:
        raise Invalid("{iri} is no appeal", iri=iri)
    if (known_row := store.find(tx, iri)) is not None and known_row.status in rules.ENDED:
        raise Conflict("it has ended already ({status}): {iri}", status=known_row.status, iri=iri)
    draft = statement_composing.revive(publication.draft["draft"])
    newer = replace(draft, appeal={**draft.appeal, "status": status})
    return correcting.correct(tx, iri, newer, member=member, urgent=urgent)


def adopted(tx: Transaction, iri: str) -> None:
    """Effect: the group has decided to ask."""
    publishing.adopt(tx, iri, issue, kind="publish_appeal")


def answer_adopted(tx: Transaction, iri: str) -> None:
    """Effect: the group has decided what it says to an appeal."""
    publishing.adopt(tx, iri, issue_answer, kind="answer_appeal")


def issue(tx: Transaction, iri: str, kept: dict[str, Any]) -> None:
    """Make the appeal and send it."""
    made = compose(tx, iri, kept)
    quoting.issue(tx, made, kept, kind=KIND)
    _enter(tx, made, sort_id=kept["sort_id"])


def issue_answer(tx: Transaction, iri: str, kept: dict[str, Any]) -> None:
    """Make the answer and send it; nothing leaves if the appeal was deleted meanwhile."""
    appeal = objects.find(tx, kept["draft"]["answer"]["to"])
    if appeal is None or appeal.deleted is not None:
        publications.set_publication(tx, iri, Publication.CALLED_BACK)
        return
    made = compose_answer(tx, iri, kept)
    quoting.issue(tx, made, kept, kind=ANSWER_KIND)
    _enter_answer(tx, made, sort_id=kept["sort_id"])


def _enter(tx: Transaction, made: Composed, *, sort_id: int = 0) -> None:
    """Let the row of an appeal say what its document says, from the first or anew."""
    appeal = made.statement
    assert isinstance(appeal, Appeal), f"{appeal.id} was made here, and is no appeal"
    store.put(tx, appeal, sort_id=sort_id, open_until=rules.open_until(appeal, changed=tx.now))


def _enter_answer(tx: Transaction, made: Composed, *, sort_id: int = 0) -> None:
    said = made.statement
    assert isinstance(said, AppealAnswer), f"{said.id} was made here, and answers no appeal"
    store.put_answer(tx, said, sort_id=sort_id)


ACTS: dict[str, Act] = {
    "publish_appeal": Act("publish", "publish_statement", N_("ask others for solidarity"), describing.publication),
    "answer_appeal": Act("publish", "publish_statement", N_("answer an appeal"), describing.publication),
}
EFFECTS: dict[str, Effect] = {"publish_appeal": adopted, "answer_appeal": answer_adopted}
REFUSALS: dict[str, Effect] = {"publish_appeal": publishing.refuse, "answer_appeal": publishing.refuse}
ISSUES: dict[str, Issue] = {"appeal": issue, "appeal_answer": issue_answer}
MAKINGS: dict[str, Making] = {"appeal": Making(compose, _enter), "appeal_answer": Making(compose_answer, _enter_answer)}
PREVIEWING: dict[str, Previewing] = {"appeal": preview, "appeal_answer": preview_answer}
PROPOSING: dict[str, Proposing] = {"appeal": publish, "appeal_answer": answer}
