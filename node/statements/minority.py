"""Minority reports: what those of the group say who were not of a mind with a text, and what travels with it.

A minority report is a statement of the group like others, decided for itself (`publish_minority_report`: as a rule one
member may), so that a majority cannot keep it from being heard. It is attached while the text waits for its decision or
leaves; then it leaves with the text, which names it. One that is attached later leaves by itself, and the text names it
from then on. Nobody is named in it: whoever wrote it is of the group.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Row

from node import actors, decisions, objects
from node.context import Effect, Transaction
from node.decisions import Act
from node.errors import Conflict, Forbidden, Missing
from node.identifiers import spell
from node.members.store import Member
from node.statements import actions, adoption, composing, correcting, describing, extras, publishing, store
from node.statements.composing import Composed, Making
from node.statements.publishing import Issue, Previewing, Proposing
from node.statements.rules import Draft, State
from node.translating import N_
from schemas.statement import Statement

KIND = "minority_report"
ABOUT = ("statement", "report")
AT_MOST = 20


def attach(
    tx: Transaction,
    draft: Draft,
    *,
    actor: str,
    member: Member,
    urgent: bool = False,
) -> tuple[str, State]:
    """Propose a minority report of the group `actor`: its IRI, and where it stands.

    `draft.minority_of`, or else what it answers, is the text it is about. Raises Invalid (with the field), Missing,
    Forbidden or Conflict; nothing has changed then.
    """
    iri, kept, main = _prepared(tx, draft, actor=actor)
    store.add_publication(tx, iri, actor=actor, kind=KIND, draft=kept, of=main.iri)
    decisions.propose(tx, f"publish_{KIND}", iri, actor=actor, member=member, urgent=urgent)
    row = store.publication(tx, iri)
    return iri, State(row.state) if row is not None else State.PROPOSED


def preview(tx: Transaction, draft: Draft, *, actor: str) -> Statement:
    """What a minority report would leave as; nothing is written. Raises Invalid (with the field), Missing, Conflict."""
    iri, kept, _ = _prepared(tx, draft, actor=actor)
    return compose(tx, iri, kept).statement


def _prepared(tx: Transaction, draft: Draft, *, actor: str) -> tuple[str, dict[str, Any], Row[Any]]:
    main = _main(tx, draft.minority_of or draft.reply_to, actor=actor)
    plain = replace(draft, reply_to=None, minority_of=None)
    actions.check(tx, plain, actor=actor)
    number = tx.new_id()
    iri = tx.node.address(f"/statements/{spell(number)}")
    kept = composing.keep(tx, plain, number, actor=actor)
    kept["draft"]["minority_of"] = main.iri
    composing.check_writable(lambda: compose(tx, iri, kept).statement)
    return iri, kept, main


def _main(tx: Transaction, iri: str | None, *, actor: str) -> Row[Any]:
    row = store.publication(tx, iri) if iri else None
    if row is None or row.kind not in ABOUT:
        raise Missing("there is no statement or report of this node at “{iri}”", iri=iri or "")
    if row.actor != actor:
        raise Forbidden("“{iri}” is another group's; answer it with a position", iri=row.iri)
    if row.state not in (State.PROPOSED.value, State.WAITING.value, State.RELEASED.value):
        raise Conflict("“{iri}” is {state}, and takes no minority report", iri=row.iri, state=row.state)
    if len(store.about(tx, row.iri, State.PROPOSED, State.WAITING, State.RELEASED)) >= AT_MOST:
        raise Conflict("“{iri}” has {limit} minority reports, and takes no more", iri=row.iri, limit=AT_MOST)
    return row


def compose(tx: Transaction, iri: str, kept: dict[str, Any]) -> Composed:
    """The report as it leaves: an answer to the text, which says what it is in its title."""
    draft = composing.revive(kept["draft"])
    language = draft.language or _language(tx, kept["actor"])
    titled = replace(
        draft, title=adoption.minority_title(draft.title, language), reply_to=draft.minority_of, minority_of=None
    )
    made = composing.compose(tx, iri, kept | {"draft": asdict(titled)})
    statement = replace(made.statement, minority_report_of=draft.minority_of)
    return replace(made, statement=statement, shown=replace(made.shown, extras=extras.of(statement)))


def _language(tx: Transaction, actor: str) -> str:
    return str(actors.local(tx, actor).language)


def adopted(tx: Transaction, iri: str) -> None:
    """Effect: let a minority report leave together with its text, or by itself if that has left."""
    row = store.publication(tx, iri)
    main = store.publication(tx, row.of) if row is not None else None
    if row is None or row.state != State.PROPOSED.value:
        return
    if main is None or main.state not in (State.PROPOSED.value, State.WAITING.value, State.RELEASED.value):
        store.set_publication(tx, iri, State.REFUSED)
    elif main.state == State.RELEASED.value:
        publishing.adopt(tx, iri, issue, kind=f"publish_{KIND}")
    else:
        publishing.enter_adoption(tx, iri, due=main.due or tx.now, kind=f"publish_{KIND}")


def issue(tx: Transaction, iri: str, kept: dict[str, Any]) -> None:
    """Make the report and send it; a text that has left without it is told to name it."""
    main = objects.find(tx, kept["draft"]["minority_of"])
    if main is None or main.deleted is not None:
        store.set_publication(tx, iri, State.CALLED_BACK)
        return
    made = compose(tx, iri, kept)
    publishing.issue(
        tx,
        made.statement,
        made.shown,
        sort_id=kept["sort_id"],
        kind="Statement",
        thread=made.audience.thread,
        also_to=made.audience.recipients,
    )
    if iri not in correcting.statement_in(main).minority_reports:
        correcting.say_again(tx, main.iri)


ACTS: dict[str, Act] = {
    f"publish_{KIND}": Act("publish", f"publish_{KIND}", N_("attach a minority report"), describing.publication)
}
REFUSALS: dict[str, Effect] = {f"publish_{KIND}": publishing.refuse}
PREVIEWING: dict[str, Previewing] = {KIND: preview}
PROPOSING: dict[str, Proposing] = {KIND: attach}
EFFECTS: dict[str, Effect] = {f"publish_{KIND}": adopted}
ISSUES: dict[str, Issue] = {KIND: issue}
MAKINGS: dict[str, Making] = {KIND: Making(compose, lambda tx, made: None)}
