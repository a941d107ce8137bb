"""Reports that go on: a newer version with a word on what is new, and reports that a group stands by no more.

A correction mends what was wrong and is an Update alone. A **development** says what has happened since: the Update,
and one short answer below the report, public and quiet, for those whose servers show no Updates. There are at most so
many answers a day below one report (`report_updates_per_day`); what is new beyond that waits, and is said together in
the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Row, Table, Text, func, select, update

from node import actors, objects
from node.context import Effect, Node, Transaction
from node.database import Moment, metadata
from node.decisions import Act
from node.errors import Conflict, Invalid
from node.identifiers import spell
from node.jobs import Job, Promise, promise
from node.members.store import Member
from node.reports import opening
from node.reports.actions import STATUS, WITHDRAWN
from node.statements import actions as statements
from node.statements import composing, correcting, describing, publishing
from node.statements import store as publications
from node.statements.publishing import Issue
from node.statements.rules import Draft, Form, State
from node.translating import N_, speaking, translated
from schemas import codes
from schemas.struggle_report import StruggleReport

KIND = "StruggleReport"
DEVELOPMENT = "development"
CHANGED_CHARACTERS = 500
A_DAY = timedelta(days=1)
TOGETHER = 20

developments = Table(
    "developments",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("report", Text, ForeignKey("reports.iri", ondelete="CASCADE"), nullable=False),
    Column("words", Text),  # None once they were said: then they stand in the answer
    Column("since", Moment, nullable=False),
    Column("answer", Text),
    Column("said", Moment),
    Index("developments_by_report", "report", "id"),
)


# ---- what a member can do


def develop(
    tx: Transaction,
    iri: str,
    draft: Draft,
    *,
    changed: str,
    member: Member,
    urgent: bool = False,
) -> tuple[str, State]:
    """Propose a newer version of a report of ours, and a word on what is new: its address, and where it stands.

    `draft` is the whole report as it shall be; without an `as_of` it is true as of today. Raises Invalid (with the
    field), Forbidden, Missing or Conflict; nothing has changed then.
    """
    words = _checked(changed, field="changed")
    _own(tx, iri)
    if not draft.report.get("as_of"):
        draft = replace(draft, report={**draft.report, "as_of": tx.now.date().isoformat()})
    return correcting.correct(
        tx,
        iri,
        draft,
        member=member,
        urgent=urgent,
        kind=DEVELOPMENT,
        decision="develop_report",
        errand={"changed": words},
    )


def withdraw(tx: Transaction, iri: str, *, reason: str, member: Member, urgent: bool = False) -> tuple[str, State]:
    """Propose that the group not stand by a report of its own any more: it stays readable, and counts nowhere.

    Raises Invalid (with the field), Forbidden, Missing or Conflict; nothing has changed then.
    """
    words = _checked(reason, field="reason")
    row = _own(tx, iri)
    kept = _published(tx, iri)
    draft = composing.revive(kept["draft"])
    if draft.report.get("report_status") == WITHDRAWN or _is_being_withdrawn(tx, iri):
        raise Conflict("the group has withdrawn it already: {iri}", iri=iri)
    report = {**draft.report, "report_status": WITHDRAWN, "report_status_reason": words}
    spoken = opening.spoken(draft.language or actors.local(tx, row.author).language)
    with speaking(spoken):
        said = f"{translated(codes.REPORT_STATUSES[WITHDRAWN])} {words}"
    return correcting.correct(
        tx,
        iri,
        replace(draft, report=report),
        member=member,
        urgent=urgent,
        kind=DEVELOPMENT,
        decision="withdraw_report",
        errand={"changed": said, "withdraws": True},
    )


def _checked(words: str, *, field: str) -> str:
    found = " ".join(words.split())
    if not found:
        raise Invalid("say it in a sentence: it is shown to everybody", field=field)
    if len(found) > CHANGED_CHARACTERS:
        sentence = "it has {given} characters; {limit} are the limit"
        raise Invalid(sentence, field=field, given=len(found), limit=CHANGED_CHARACTERS)
    return found


def _own(tx: Transaction, iri: str) -> Row[Any]:
    row = correcting.own(tx, iri)
    if row.kind != KIND:
        sentence = "{iri} is a {kind}, and no report; it is corrected with: commonwire correct"
        raise Invalid(sentence, field="report", iri=iri, kind=row.kind)
    return row


def _published(tx: Transaction, iri: str) -> dict[str, Any]:
    """What was kept of the report as it is public: what is proposed beside it nobody has decided yet."""
    publication = publications.publication(tx, iri)
    if publication is None or "draft" not in publication.draft:
        raise Conflict("{iri} was made from a table: correct the table, and import it again", iri=iri)
    kept: dict[str, Any] = publication.draft
    return kept


def _is_being_withdrawn(tx: Transaction, iri: str) -> bool:
    return any(_withdraws(one.draft) for one in publications.corrections_of(tx, iri))


def _withdraws(kept: dict[str, Any]) -> bool:
    return bool(kept.get(correcting.ERRAND, {}).get("withdraws"))


# ---- what happens then


def developed(tx: Transaction, subject: str) -> None:
    """Effect: the group has decided to say what is new."""
    publishing.adopt(tx, subject, issue, kind="develop_report")


def withdrawn(tx: Transaction, subject: str) -> None:
    """Effect: the group has decided not to stand by a report any more."""
    publishing.adopt(tx, subject, issue, kind="withdraw_report")


def issue(tx: Transaction, subject: str, kept: dict[str, Any]) -> None:
    """Put the newer version in place, send it, and say what is new in it."""
    iri = kept["corrects"]
    if not correcting.apply(tx, subject, _withdrawing(tx, kept) if _withdraws(kept) else kept):
        return
    words = kept[correcting.ERRAND]["changed"]
    tx.execute(developments.insert().values(id=tx.new_id(), report=iri, words=words, since=tx.now))
    tell(tx, iri)


def _withdrawing(tx: Transaction, kept: dict[str, Any]) -> dict[str, Any]:
    """A withdrawal as it leaves: the status and its reason, and all else as it is public by now."""
    publication = publications.publication(tx, kept["corrects"])
    if publication is None:
        return kept
    public, report = publication.draft["draft"], kept["draft"]["report"]
    status = {name: report[name] for name in STATUS if name in report}
    draft = {**public, "form": kept["draft"]["form"], "report": {**public["report"], **status}}
    names = ("corrects", correcting.ERRAND, correcting.DECISION, "adopted", "decided")
    own = {name: kept[name] for name in names if name in kept}
    return {**publication.draft, **own, "draft": draft}


def tell(tx: Transaction, iri: str) -> str | None:
    """Say what is new in a report and was not said yet, in one answer; its address.

    Where as many were given in the last 24 hours as may be, that is promised for later; None then.
    """
    held, waiting = objects.find(tx, iri), _waiting(tx, iri)
    if held is None or held.deleted is not None or not waiting:
        return None
    most = tx.node.config.report_updates_per_day
    told = _told_since(tx, iri, tx.now - A_DAY)
    if most and len(told) < most:
        return _answer(tx, held, waiting)
    if most:
        due = told[-most] + A_DAY
        promise(
            tx, Promise("tell_developments", {"report": iri}, key=f"tell_developments {iri} {due.isoformat()}"), due=due
        )
    return None


def _waiting(tx: Transaction, iri: str) -> Sequence[Row[Any]]:
    query = select(developments).where(developments.c.report == iri, developments.c.answer.is_(None))
    return tx.execute(query.order_by(developments.c.id).limit(TOGETHER)).all()


def _told_since(tx: Transaction, iri: str, moment: datetime) -> list[datetime]:
    """When answers were given below a report after `moment`, the first one first."""
    said = func.min(developments.c.said)
    query = select(said).where(developments.c.report == iri, developments.c.said > moment)
    return list(tx.execute(query.group_by(developments.c.answer).order_by(said)).scalars())


def _answer(tx: Transaction, held: Row[Any], waiting: Sequence[Row[Any]]) -> str:
    report = correcting.statement_in(held)
    assert isinstance(report, StruggleReport), f"{held.iri} was developed as a report"
    language = report.language or "en"
    first = f"{opening.as_of(report.as_of or tx.now.date(), language)}:"
    words = [row.words for row in waiting]
    text = f"{first} {words[0]}\n" if len(words) == 1 else "\n".join([first, "", *(f"- {one}" for one in words), ""])
    number = tx.new_id()
    answer = tx.node.address(f"/statements/{spell(number)}")
    draft = Draft(text=text, language=language, reply_to=held.iri, form=Form.NOTE)
    kept = {
        "draft": asdict(draft),
        "sort_id": number,
        "mentions": {},
        "actor": held.author,
        "adopted": tx.now.date().isoformat(),
        "quiet": True,
    }
    publications.add_publication(tx, answer, actor=held.author, kind="statement", draft=kept)
    publications.set_publication(tx, answer, State.RELEASED)
    statements.issue(tx, answer, kept)
    chosen = developments.c.id.in_([row.id for row in waiting])
    tx.execute(update(developments).where(chosen).values(answer=answer, said=tx.now, words=None))
    return answer


async def tell_when_due(node: Node, payload: dict[str, Any]) -> None:
    """Job: there is room again below a report for what is new in it. Idempotent: what was said is not said again."""
    await node.database.write(tell, payload["report"])


ACTS: dict[str, Act] = {
    # Whoever says what is new sends a whole report: what may be corrected may be changed by it.
    "develop_report": Act("publish", "correct", N_("say what is new in a report"), describing.publication),
    "withdraw_report": Act("publish", "correct", N_("withdraw a report"), describing.publication),
}
EFFECTS: dict[str, Effect] = {"develop_report": developed, "withdraw_report": withdrawn}
REFUSALS: dict[str, Effect] = dict.fromkeys(EFFECTS, publishing.refuse)
ISSUES: dict[str, Issue] = {DEVELOPMENT: issue}
JOBS: dict[str, Job] = {"tell_developments": tell_when_due}
