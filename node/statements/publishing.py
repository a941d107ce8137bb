"""From a draft to everybody's inboxes: proposed, decided, waiting, released.

Every room that publishes goes through here: `submit` enters a publication and proposes it, the room's effect calls
`adopt`, and when the delay is over `release` runs the room's own `issue` function once.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row

import schemas
from federation import addressing
from federation.addressing import Recipient
from federation.errors import Malformed, Unreachable
from node import activities, actors, decisions, objects, signing
from node.context import Node, Transaction
from node.errors import Conflict, Missing
from node.jobs import Job, Promise, promise, withdraw
from node.members import actions as members
from node.members.store import Member
from node.objects import Kept
from node.peering import store as follows
from node.statements import adoption, blanks, languages, mentioning, store
from node.statements.rules import State
from node.statements.store import Shown
from schemas import reading
from schemas import statement as statement_documents
from schemas.context import PUBLIC
from schemas.statement import Statement

Issue = Callable[[Transaction, str, dict[str, Any]], None]
"""Makes and sends what a publication holds: (tx, IRI, draft)."""
Previewing = Callable[..., Statement]
"""What a draft would leave as: (tx, draft, *, actor). Writes nothing; raises Invalid, with the field."""
Proposing = Callable[..., tuple[str, State]]
"""Puts a draft to the vote: (tx, draft, *, actor, member) -> its IRI, and where it stands.

Raises Invalid, with the field, and Forbidden."""

__all__ = [
    "JOBS",
    "Issue",
    "Previewing",
    "Proposing",
    "adopt",
    "call_back",
    "complete",
    "issue",
    "refuse",
    "release",
    "submit",
]
ANSWERS_CORRECTION = "answers_correction_of"


def submit(
    tx: Transaction,
    iri: str,
    *,
    kind: str,
    draft: dict[str, Any],
    actor: str,
    member: Member,
    decision: str | None = None,
    urgent: bool = False,
) -> State:
    """Enter a publication of `kind`, in all its languages, and propose it to the group; where it stands.

    Raises Forbidden.

    `decision` is the kind of act that is decided, if it is not `publish_` and the kind.
    """
    kept = languages.enter(tx, iri, draft, actor=actor, language=actors.local(tx, actor).language)
    store.add_publication(tx, iri, actor=actor, kind=kind, draft=kept)
    actors.mark_addressed(tx, [person["actor"] for person in draft.get("mentions", {}).values()])
    decisions.propose(tx, decision or f"publish_{kind}", iri, actor=actor, member=member, urgent=urgent)
    row = store.publication(tx, iri)
    return State(row.state) if row is not None else State.PROPOSED


def adopt(tx: Transaction, iri: str, issue: Issue, *, kind: str) -> None:
    """The group has decided by an act of `kind`: start the delay, or release at once if there is none.

    Where somebody has to be asked for the names in it, which cannot be done in a transaction, a job lets it leave.
    """
    delay = timedelta(seconds=tx.node.config.publication_delay)
    due = max(tx.now + delay, _not_before(tx, iri))
    enter_adoption(tx, iri, due=due, kind=kind)
    if due > tx.now or _open_names(tx, iri):
        promise(tx, Promise("release", {"iri": iri}, key=f"release {iri}"), due=due)
    else:
        release(tx, iri, issue)


def _not_before(tx: Transaction, iri: str) -> datetime:
    """The moment before which whoever proposed it does not want it to leave; now if there is none."""
    row = store.publication(tx, iri)
    text = row.draft.get("not_before") if row is not None else None
    return datetime.fromisoformat(text) if text else tx.now


def put_off(tx: Transaction, iri: str, moment: datetime, *, member: Member) -> None:
    """Let a publication leave at another moment, once the group has decided. Raises Missing, Forbidden, Conflict."""
    row = store.publication(tx, iri)
    if row is None:
        raise Missing("{iri} is not a publication of this node", iri=iri)
    members.require(tx, member, "publish", actor=row.actor)
    if row.state not in (State.PROPOSED.value, State.WAITING.value):
        raise Conflict("it cannot be put off, it is {state}: {iri}", state=row.state, iri=iri)
    store.set_draft(tx, iri, row.draft | {"not_before": moment.isoformat()})
    if row.state == State.WAITING.value:
        earliest = row.adopted + timedelta(seconds=tx.node.config.publication_delay)
        store.set_due(tx, iri, max(moment, earliest))
        withdraw(tx, f"release {iri}")
        promise(tx, Promise("release", {"iri": iri}, key=f"release {iri}"), due=max(moment, earliest))


def refuse(tx: Transaction, iri: str) -> None:
    """Refusal: the group did not decide to publish this, and it does not leave."""
    row = store.publication(tx, iri)
    if row is not None and row.state == State.PROPOSED.value:
        for one in (iri, *languages.others(iri, row.draft)):
            store.set_publication(tx, one, State.REFUSED)
        for report in store.about(tx, iri, State.PROPOSED, State.WAITING):
            store.set_publication(tx, report.iri, State.REFUSED)


def enter_adoption(tx: Transaction, iri: str, *, due: datetime, kind: str) -> None:
    """Write down that the group has decided, how, and when the publication leaves."""
    row = store.publication(tx, iri)
    if row is None or row.state != State.PROPOSED.value:
        return  # deleted meanwhile
    how = {"adopted": tx.now.date().isoformat(), "decided": adoption.shown_of(decisions.result(tx, kind, iri))}
    for one in (iri, *languages.others(iri, row.draft)):
        text = row if one == iri else store.publication(tx, one)
        if text is not None:
            store.adopt(tx, one, due=due)
            store.set_draft(tx, one, text.draft | how)
    for settle in tx.node.rooms.adoptions:
        settle(tx, iri)


def release(tx: Transaction, iri: str, issue: Issue) -> None:
    """Let a publication leave, once, unless it was called back; its other languages and the minority reports on it
    leave with it."""
    row = store.publication(tx, iri)
    if row is None or row.state != State.WAITING.value or tx.now < row.due:
        return
    store.set_publication(tx, iri, State.RELEASED)
    issue(tx, iri, row.draft)
    if (left := store.publication(tx, iri)) is not None and left.state == State.HELD.value:
        return
    for other in languages.others(iri, row.draft):
        release(tx, other, tx.node.rooms.issues["statement"])
    for report in _reports_on(tx, iri):
        release(tx, report, tx.node.rooms.issues["minority_report"])


def _reports_on(tx: Transaction, iri: str) -> list[str]:
    """The minority reports on a text that have left, or leave with it."""
    rows = store.about(tx, iri, State.WAITING, State.RELEASED)
    return [row.iri for row in rows if row.due <= tx.now]


def call_back(tx: Transaction, iri: str, *, member: Member) -> None:
    """Stop a publication that has not left, in all its languages. Raises Missing, Forbidden, and Conflict when it has
    left."""
    row = store.publication(tx, iri)
    if row is not None and row.draft.get("together"):
        iri = row.draft["together"]
        row = store.publication(tx, iri)
    if row is None:
        raise Missing("{iri} is not a publication of this node", iri=iri)
    members.require(tx, member, "publish", actor=row.actor)
    if row.state != State.WAITING.value:
        raise Conflict("it cannot be called back, it is {state}: {iri}", state=row.state, iri=iri)
    withdraw(tx, f"release {iri}")
    reports = [report.iri for report in store.about(tx, iri, State.PROPOSED, State.WAITING)]
    for one in (iri, *languages.others(iri, row.draft), *reports):
        store.set_publication(tx, one, State.CALLED_BACK)


def complete(
    tx: Transaction,
    statement: Statement,
    *,
    group: str,
    kept: Mapping[str, Any],
    mentioned: Sequence[str] = (),
) -> Statement:
    """Fill in what every statement of ours has: author, audience, thread, quote policy, collections, salt, the moment
    it is published and, from what was `kept`, the day (`adopted`) on which the group decided so and how (`decided`).

    What was kept as `quiet` is for everybody too, and shown to nobody who does not look (Mastodon's “quiet public”).
    """
    iri, adopted = statement.id, kept.get("adopted")
    followers = (actors.followers_of(group),)
    to, cc = (followers, (PUBLIC,)) if _is_quiet(kept) else ((PUBLIC,), followers)
    completed = replace(
        statement,
        attributed_to=group,
        published=tx.now.replace(microsecond=0),
        adopted_at=date.fromisoformat(adopted) if adopted else tx.now.date(),
        to=to,
        cc=(*cc, *mentioned),
        url=iri,
        interaction_policy_can_quote=_who_may_quote(kept, group),
        context=_thread_of(tx, statement),
        replies=f"{iri}/replies",
        likes=f"{iri}/likes",
        shares=f"{iri}/shares",
        salt=secrets.token_urlsafe(16),
        decision=adoption.decision_of(kept.get("decided")),
        minority_reports=tuple(_reports_on(tx, iri)),
        redactions=blanks.redactions_of(kept),
        answers_correction_of=kept.get(ANSWERS_CORRECTION),
    )
    for fill in tx.node.rooms.completions:
        completed = fill(tx, completed)
    return adoption.with_line(languages.with_links(completed, kept))


def _who_may_quote(kept: Mapping[str, Any], group: str) -> tuple[str, ...]:
    """FEP-044f: whose quotations are allowed at once; the group itself where nobody is meant: no list says nothing."""
    chosen = kept.get("draft", {}).get("quotable")
    return {"followers": (actors.followers_of(group),), "nobody": (group,)}.get(chosen, (PUBLIC,))


def _is_quiet(kept: Mapping[str, Any]) -> bool:
    return bool(kept.get("quiet") or kept.get("draft", {}).get("quiet"))


def _thread_of(tx: Transaction, statement: Statement) -> str | None:
    """The collection of the thread that a statement of ours is in (FEP-7888): what it answers says which."""
    if statement.in_reply_to is None:
        return f"{statement.id}/context"
    parent = objects.find(tx, statement.in_reply_to)
    if parent is None or not parent.document:
        return None
    if parent.local:
        root = str(parent.thread or parent.iri)
        return _context_in(parent.document) or (f"{root}/context" if root == parent.iri else None)
    return _context_in(parent.document)


def _context_in(document: bytes) -> str | None:
    try:
        return statement_documents.parse(reading.loads(document)).context
    except Malformed:  # a newer program may be stricter than the one that kept it
        return None


def issue(
    tx: Transaction,
    statement: Statement,
    shown: Shown,
    *,
    sort_id: int,
    kind: str,
    thread: str | None = None,
    also_to: Sequence[Recipient] = (),
) -> dict[str, Any]:
    """Sign a statement, make it public, and send its Create to the followers and to `also_to`; its document."""
    group = actors.local(tx, statement.attributed_to)
    document = signing.prove(tx, schemas.serialise(statement), group)
    kept = Kept(
        iri=statement.id,
        sort_id=sort_id,
        kind=kind,
        author=group.iri,
        local=True,
        document=objects.encode(document),
        published=statement.published or tx.now,
        listed=PUBLIC in statement.to,
        in_reply_to=statement.in_reply_to,
        thread=thread or statement.id,
    )
    objects.keep(tx, [kept])
    store.add(tx, [shown])
    actors.mark_addressed(tx, [*statement.to, *statement.cc])
    create = activities.make(
        tx,
        "Create",
        actor=group.iri,
        object=document,
        to=list(statement.to),
        cc=list(statement.cc),
        published=statement.published,
    )
    recipients = [*follows.admitted(tx, also_to, sender=group.iri), *follows.recipients(tx, group.iri)]
    activities.send(tx, create, addressing.distinct_inboxes(recipients, own_origin=tx.node.config.origin))
    return document


async def release_when_due(node: Node, payload: dict[str, Any]) -> None:
    """Job: the delay of a publication is over. Now, and not before, those it names are looked up where they are.

    Idempotent: done again it asks again, and what has left does not leave twice. A name that leads nowhere stays plain
    text, and what is called back meanwhile stays here.
    """
    iri = payload["iri"]
    names = await node.database.read(_names_to_ask, iri)
    found = await mentioning.look_up(node, names) if names else {}
    await node.database.write(_release_by_kind, iri, found)


def _names_to_ask(tx: Transaction, iri: str) -> list[str]:
    row = store.publication(tx, iri)
    if row is None or row.state != State.WAITING.value:
        return []
    _check_due(tx, row)
    return _open_names(tx, iri)


def _check_due(tx: Transaction, row: Row[Any]) -> None:
    if tx.now < row.due:
        raise Unreachable(f"{row.iri} does not leave before {row.due}", retry_after=row.due - tx.now)


def _leaving_with(tx: Transaction, iri: str) -> list[Row[Any]]:
    """A publication, its other languages and the minority reports on it, as far as they wait to leave."""
    row = store.publication(tx, iri)
    if row is None:
        return []
    others = [store.publication(tx, one) for one in languages.others(iri, row.draft)]
    return [
        one
        for one in (row, *others, *store.about(tx, iri, State.WAITING))
        if one is not None and one.state == State.WAITING.value
    ]


def _open_names(tx: Transaction, iri: str) -> list[str]:
    """The names that somebody has to be asked for before a publication leaves with all that leaves with it."""
    names = (name for row in _leaving_with(tx, iri) for name in mentioning.open_names(row.draft))
    return mentioning.admitted(tx, dict.fromkeys(names))


def _release_by_kind(tx: Transaction, iri: str, found: Mapping[str, Any]) -> None:
    row = store.publication(tx, iri)
    if row is None or row.state != State.WAITING.value:
        return
    _check_due(tx, row)
    for one in _leaving_with(tx, iri) if found else ():
        people = {name: found[name] for name in mentioning.open_names(one.draft) if name in found}
        store.set_draft(tx, one.iri, one.draft | {"mentions": one.draft.get("mentions", {}) | people})
    release(tx, iri, tx.node.rooms.issues[row.kind])


JOBS: dict[str, Job] = {"release": release_when_due}
