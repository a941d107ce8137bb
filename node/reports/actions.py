"""What a member can do with a report: publish it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from node import actors, objects
from node.context import Effect, Transaction
from node.decisions import Act
from node.errors import Invalid
from node.identifiers import spell
from node.members.store import Member
from node.reports import asking, building, naming, opening, store, struggles
from node.reports import writing as report_writing
from node.reports.facts import facts
from node.reports.imports import Draft
from node.statements import actions as statements
from node.statements import composing, describing, extras, publishing, quoting, writing
from node.statements import rules as statement_rules
from node.statements.composing import Making
from node.statements.publishing import Issue, Previewing, Proposing
from node.statements.rules import State
from node.statements.writing import Mentioned
from node.translating import N_
from schemas.statement import Statement
from schemas.struggle_report import StruggleReport

KIND = "StruggleReport"
REPORT_KEYS = report_writing.KEYS
STATUS = ("report_status", "report_status_reason")
WITHDRAWN = "withdrawn"
WITHDRAWN_BY = "withdrawn_by"  # in what is kept of a report: the newer version that withdrew it


def publish(
    tx: Transaction,
    draft: statement_rules.Draft,
    *,
    actor: str,
    member: Member,
    urgent: bool = False,
) -> tuple[str, State]:
    """Propose a report of the group `actor`: a statement whose front matter says what struggle it is about.

    Returns its IRI and where it stands. Raises Invalid (with the field; Unconfirmed where something is asked first) or
    Forbidden; nothing has changed then.
    """
    iri, kept = _prepared(tx, draft, actor=actor)
    check_confirmed(tx, draft)
    return iri, publishing.submit(tx, iri, kind="report", draft=kept, actor=actor, member=member, urgent=urgent)


def preview(tx: Transaction, draft: statement_rules.Draft, *, actor: str) -> Statement:
    """What `draft` would be sent as, now. Writes nothing; raises Invalid, with the field."""
    iri, kept = _prepared(tx, draft, actor=actor)
    return compose(tx, iri, kept, struggle=iri).statement


def _prepared(tx: Transaction, draft: statement_rules.Draft, *, actor: str) -> tuple[str, dict[str, Any]]:
    statements.check(tx, draft, actor=actor)
    found = read_report(draft)
    struggles.check(tx, found)
    check_disputes(tx, found, actor=actor)
    number = tx.new_id()
    iri = tx.node.address(f"/reports/{spell(number)}")
    kept = composing.keep(tx, draft, number, actor=actor)
    composing.check_writable(lambda: compose(tx, iri, kept, struggle=iri).statement)
    return iri, kept


def check_disputes(tx: Transaction, found: Draft, *, actor: str) -> None:
    """Raise Invalid unless what a report contradicts is a report of another group that is held here."""
    rows = store.of(tx, found.disputes)
    for iri in found.disputes:
        if iri not in rows:
            sentence = "{iri} is no report that this node holds; follow its author, or check the address"
            raise Invalid(sentence, field="disputes", iri=iri)
        if rows[iri].author == actor:
            raise Invalid("{iri} is the group's own: correct or withdraw it", field="disputes", iri=iri)


def read_report(draft: statement_rules.Draft) -> Draft:
    """The report's fields in a statement's draft, by the same rules as a table's row. Raises Invalid."""
    return report_writing.report_in(draft)


def as_told(tx: Transaction, draft: statement_rules.Draft, *, actor: str) -> StruggleReport:
    """The facts of a report as it would be sent, without its words. Writes nothing; raises Invalid."""
    found, address = read_report(draft), composing.tag_address(tx.node)
    struggle = struggles.named(found.struggle_key) or tx.node.address("/struggles/new")
    return building.value(
        found, iri=tx.node.address("/reports/new"), struggle=struggle, group=actor, language=draft.language or "und",
        content="", tag_address=address,
    )  # fmt: skip


def check_confirmed(tx: Transaction, draft: statement_rules.Draft) -> None:
    """Raise Unconfirmed if something in a report has to be asked, and nobody has confirmed it."""
    if open_questions := asking.open_questions(draft, read_report(draft), today=tx.now.date()):
        raise asking.Unconfirmed(open_questions)


def issue_report(tx: Transaction, iri: str, kept: dict[str, Any]) -> None:
    """Make the report and send it."""
    found = read_report(composing.revive(kept["draft"]))
    struggle = struggles.mint(tx, [found], kept["actor"])[found.struggle_key]
    made = compose(tx, iri, kept, struggle=struggle)
    quoting.issue(tx, made, kept, kind=KIND)
    store.add_reports(tx, [facts(made.report, sort_id=kept["sort_id"])])


@dataclass(frozen=True, slots=True)
class Composed(composing.Composed):
    """A report ready to leave."""

    report: StruggleReport


def compose(tx: Transaction, iri: str, kept: dict[str, Any], *, struggle: str) -> Composed:
    """The report as it leaves, from what was kept of it; nothing is written."""
    draft = composing.revive(kept["draft"])
    found = read_report(draft)
    group = actors.local(tx, kept["actor"])
    people = {handle: Mentioned(**person) for handle, person in kept["mentions"].items()}
    tag_address = composing.tag_address(tx.node)
    tags = tuple(dict.fromkeys([*draft.tags, *building.hashtags(found)]))
    text = writing.render(draft.text, tag_address=tag_address, tags=tags, mentions=people)
    report = building.value(
        found,
        iri=iri,
        struggle=struggle,
        group=group.iri,
        language=draft.language or group.language,
        content=text.html,
        tag_address=tag_address,
    )
    audience = composing.audience_of(tx, draft, text)
    written = replace(
        report,
        **composing.fields(
            tx,
            replace(draft, title=found.title),
            text,
            group_language=group.language,
            quoted=composing.quoted_by(tx, iri, draft),
            opening=opening.in_words(report, draft.language or group.language, said=_said(tx, iri)),
        ),
    )
    complete = publishing.complete(tx, written, group=group.iri, kept=kept, mentioned=audience.mentioned)
    shown = composing.shown_of(iri, replace(draft, title=found.title), text, language=draft.language or group.language)
    return Composed(complete, replace(shown, extras=extras.of(complete)), audience, report)


def _said(tx: Transaction, iri: str) -> date:
    """The day on which a report was published, or is now."""
    held = objects.find(tx, iri)
    return (held.published if held is not None else tx.now).date()


def report_adopted(tx: Transaction, iri: str) -> None:
    """Effect: the group has decided to publish a report."""
    publishing.adopt(tx, iri, issue_report, kind="publish_report")


def compose_again(tx: Transaction, iri: str, kept: dict[str, Any]) -> Composed:
    """A newer version of a report: the struggle that it is about stays."""
    return compose(tx, iri, kept, struggle=store.of(tx, [iri])[iri].struggle)


def replace_row(tx: Transaction, made: Composed) -> None:
    """Let the report's row say what its newer version says."""
    store.replace_report(tx, facts(made.report, sort_id=0))
    rename_struggle(tx, made.statement, made.report.struggle, made.shown.title)


def stay_withdrawn(before: dict[str, Any], kept: dict[str, Any], subject: str) -> dict[str, Any]:
    """What leaves as the newer version of a report: one written before a withdrawal does not take that back.

    The version that withdraws leaves its address behind, and whatever is proposed after it carries that.
    """
    stood, report = before["draft"]["report"], kept["draft"]["report"]
    if stood.get("report_status") != WITHDRAWN:
        return {**kept, WITHDRAWN_BY: subject} if report.get("report_status") == WITHDRAWN else kept
    by = before.get(WITHDRAWN_BY)
    if report.get("report_status") == WITHDRAWN:
        return {**kept, WITHDRAWN_BY: by}
    if by == kept.get(WITHDRAWN_BY):
        return kept
    status = {name: stood[name] for name in STATUS if name in stood}
    return {**kept, WITHDRAWN_BY: by, "draft": {**kept["draft"], "report": {**report, **status}}}


def rename_struggle(tx: Transaction, statement: Statement, struggle: str, title: str | None) -> None:
    """A struggle bears the title of the first report on it: where that was blanked, it does so no longer."""
    if any(one.part == "title" for one in statement.redactions):
        naming.rename(tx, struggle, author=statement.attributed_to, name=title or building.BLANKED)


ACTS: dict[str, Act] = {
    "publish_report": Act("publish", "publish_report", N_("publish a report"), describing.publication),
}
REFUSALS: dict[str, Effect] = {"publish_report": publishing.refuse}
EFFECTS: dict[str, Effect] = {"publish_report": report_adopted}
ISSUES: dict[str, Issue] = {"report": issue_report}
MAKINGS: dict[str, Making] = {"report": Making(compose_again, replace_row, check_confirmed, stay_withdrawn)}
PREVIEWING: dict[str, Previewing] = {"report": preview}
PROPOSING: dict[str, Proposing] = {"report": publish}
