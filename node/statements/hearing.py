"""Keeping what others have said: heard in the inbox, or fetched because somebody named it.

`hear` is told who vouches: the author, by the signature on the activity or by serving the object at its id. It decides
whether the words are ours to keep, and keeps them once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import schemas
from federation import origin
from federation.client import Budget
from federation.errors import Malformed, Refused
from federation.signatures import proofs
from node import activities, actors, happenings, identifiers, intake, media_cache, names, objects, signing
from node.context import Node, Transaction
from node.decisions import closing
from node.happenings import What
from node.intake import Ignored
from node.jobs import Job, Priority, Promise, promise
from node.objects import Kept
from node.peering import admission, handles, standing
from node.peering import store as peering
from node.peering.rules import Door
from node.statements import (
    adoption,
    blanks,
    errands,
    extras,
    featured,
    languages,
    markup,
    quotes,
    reaching,
    rules,
    store,
    versions,
)
from node.statements.errands import Allowance
from node.statements.rules import Interest
from node.statements.store import Shown
from schemas import codes, reading
from schemas.context import PUBLIC
from schemas.statement import Statement

PASSED_ON_DAY = Allowance(requests=3_000, bytes=2**63 - 1)
"""How much of a host is fetched in a day because those we follow boost it: it has asked for none of that."""
BY_AUTHOR = "deleted"
"""Why an object of another is a tombstone, where its author wanted it; with a colon and the category, if it says so."""
REQUESTS_FOR_ONE = 6  # a redirect, another kind of signature, another spelling of the id

Hearing = Callable[[Transaction, Any, dict[str, Any], Interest], None]
"""Keeps what its author vouches for by serving it: (tx, value, document, why we look at it). Raises Ignored."""


def hear(
    tx: Transaction,
    statement: Statement,
    document: dict[str, Any],
    *,
    kind: str,
    interest: Interest = Interest.TOLD,
    public: bool = True,
) -> bool:
    """Keep a statement its author vouches for; False if it was held already, which includes having been deleted, or has
    to wait for a person first (`Rooms.screens`).

    What is kept and answers something that is missing here lets the node look for that. One that is not `public` is
    shown to nobody until it is. Raises Ignored if it is not ours to keep.
    """
    passed_on = interest is Interest.PASSED_ON
    origin.check_foreign(statement.id, own_origin=tx.node.config.origin)
    _check_admitted(tx, statement.id)
    if rules.is_vote(statement):
        raise Ignored("it is a vote, and there is no poll here")
    if not rules.is_public(statement.to, statement.cc):
        raise Ignored("it is not for everybody")
    if (held := objects.find(tx, statement.id)) is not None:
        origin.check_change(statement.attributed_to, author=held.author)
        if held.deleted is not None:
            activities.forget(tx, held.iri, author=held.author)
            return False
        return pass_on(tx, held.iri) if passed_on else False
    if activities.was_deleted(tx, statement.id, actor=statement.attributed_to):
        activities.forget(tx, statement.id, author=statement.attributed_to)
        return False
    heard = peering.is_heard(tx, statement.attributed_to)
    parent = objects.find(tx, statement.in_reply_to) if statement.in_reply_to else None
    answers = parent is not None and parent.public and parent.deleted is None
    read = heard or (interest is Interest.PAST and admission.is_admitted(tx, statement.attributed_to))
    if interest in (Interest.TOLD, Interest.PAST) and not rules.is_ours_to_keep(
        author_is_heard=read,
        answers_something_held=answers,
        mentions_us=read or answers or reaching.mentions_us(tx, statement),  # asked for only where it matters
    ):
        raise Ignored(f"no group here follows {statement.attributed_to}, and it answers nothing held here")
    if interest is Interest.TOLD and not heard:
        _check_said_enough(tx, statement.attributed_to, document)
    asked = public and interest is not Interest.ADMITTED
    if asked and tx.node.rooms.hold_back(tx, statement, document, kind=kind, heard=heard, parent=parent):
        return False
    after, before = parent.sort_id if parent is not None else 0, objects.first_answer(tx, statement.id)
    listed = (heard and not _is_aside(statement, parent)) or passed_on
    more = {"thread": _thread(statement, parent), "after": after, "before": before, "public": public}
    keep(tx, statement, document, kind=kind, listed=listed, **more)
    if interest in (Interest.TOLD, Interest.ADMITTED):
        reaching.note_whom_it_names(tx, statement, parent)
    if parent is None and statement.in_reply_to and listed and interest in (Interest.TOLD, Interest.PASSED_ON):
        promise_parent(tx, statement.in_reply_to, depth=1)
    return True


def _is_aside(statement: Statement, parent: Any) -> bool:
    """Whether somebody adds to her own words without asking for eyes (“quiet public”): it stands below."""
    return parent is not None and parent.author == statement.attributed_to and PUBLIC not in statement.to


def _check_said_enough(tx: Transaction, author: str, document: dict[str, Any]) -> None:
    if not tx.node.strangers.may_speak(author, actors.host_of(author), bytes=len(objects.encode(document)), now=tx.now):
        raise Ignored(f"{author} or its host, whom no group here follows, has said enough here for a day")


def keep(
    tx: Transaction,
    statement: Statement,
    document: dict[str, Any],
    *,
    kind: str,
    listed: bool,
    **more: Any,
) -> None:
    """Write a remote statement down, sanitised and as received; `more` as for `kept`."""
    objects.keep(tx, [kept(tx, statement, document, kind=kind, listed=listed, **more)])
    store.add(tx, [shown(statement)])
    if statement.quoted is not None:
        quotes.enter(tx, statement, document, listed=listed)
    handles.note(tx, statement.attributed_to)
    if statement.signatories or statement.answers_correction_of is not None:
        _tell(tx, statement)


def _tell(tx: Transaction, statement: Statement) -> None:
    for note in tx.node.rooms.heard:
        note(tx, statement)


def kept(
    tx: Transaction,
    statement: Statement,
    document: dict[str, Any],
    *,
    kind: str,
    listed: bool,
    thread: str | None = None,
    part_of: str | None = None,
    after: int = 0,
    before: int | None = None,
    public: bool = True,
) -> Kept:
    """The row of a remote statement. A date in the future, or none, counts as now: nothing stands on top for ever.

    Its place is behind `after`, of what it answers, and ahead of `before`, of its answers: dates have whole seconds.
    Raises Malformed for ids that are too long to be kept.
    """
    identifiers.check_length(statement.id, statement.in_reply_to)
    published = min(statement.published or tx.now, tx.now)
    published = max(published, datetime(1990, 1, 1, tzinfo=UTC))
    return Kept(
        iri=statement.id,
        sort_id=identifiers.ahead(identifiers.mint(published, after=after), of=before, after=after),
        kind=kind,
        author=statement.attributed_to,
        local=False,
        document=objects.encode(document),
        published=published,
        updated=statement.updated,
        public=public,
        listed=listed,
        in_reply_to=statement.in_reply_to,
        thread=thread or statement.id,
        part_of=part_of,
    )


def shown(statement: Statement) -> Shown:
    """A remote statement as our pages may show it."""
    text = languages.without_line(adoption.without_line(statement.content or "", statement), statement)
    html = markup.html_of(text, statement.media_type)
    html = extras.without_opening(html, statement)
    title = markup.plain(statement.name) if statement.name else None
    if title is None:
        title, html = markup.lift_title(html)
    return Shown(
        iri=statement.id,
        html=html,
        title=markup.shorten(title, rules.TITLE_CHARACTERS) if title else None,
        summary=markup.shorten(markup.plain(statement.summary or ""), rules.SUMMARY_CHARACTERS) or None,
        language=statement.language,
        sensitive=statement.sensitive,
        url=statement.url,
        attachments=extras.attachments(statement),
        extras=extras.of(statement),
        hashtags=tuple(
            name
            for tag in statement.tags[:100]
            if tag.type == "Hashtag" and tag.name and len(tag.name) <= rules.TAG_CHARACTERS + 1
            if (name := names.visible(tag.name.lstrip("#"), characters=rules.TAG_CHARACTERS))
        ),
    )


def change(tx: Transaction, statement: Statement, document: dict[str, Any], *, kind: str, moment: datetime) -> bool:
    """Replace what is held by a newer version of the same author; an Update that comes first is heard as a Create.

    One that is no longer for everybody is deleted here, for good. Raises Refused if another wrote it, or it would
    become something of another kind; older versions and deleted objects are left as they are (False).
    """
    held = objects.find(tx, statement.id)
    if held is None or held.deleted is not None:
        return hear(tx, statement, document, kind=kind)
    origin.check_change(statement.attributed_to, author=held.author)
    if kind != held.kind:
        raise Refused(f"{statement.id} is a {held.kind} and does not become a {kind}")
    newer = statement.updated or moment
    if newer < (held.updated or held.published):
        return False
    if not rules.is_public(statement.to, statement.cc):
        if not (statement.to or statement.cc):
            raise Ignored("it does not say for whom it is")
        remove(tx, statement.id, actor=held.author)  # it is not for everybody any more, so neither is our copy
        return False
    if held.public and tx.node.rooms.hold_back(tx, statement, document, kind=kind, heard=True):
        return False
    if is_newly_redacted(statement, held.document):
        versions.drop_bytes(tx, statement.id)
        activities.forget_earlier(tx, statement.id, author=held.author)
        closing.forget_traces(tx)
    objects.replace(tx, statement.id, document=objects.encode(document), updated=newer)
    store.replace(tx, shown(statement))
    quotes.enter(tx, statement, document, listed=bool(held.listed))
    _tell(tx, statement)
    return True


def is_newly_redacted(statement: Statement, held: bytes) -> bool:
    """Whether a newer version says that something was blanked which stands in what is held, or stood before that."""
    try:
        before = schemas.parse(reading.loads(held))
    except Malformed:  # a newer program may be stricter than the one that kept it
        before = None
    return blanks.newly(statement, before if isinstance(before, Statement) else None)


def remove(tx: Transaction, iri: str, *, actor: str, reason: str | None = None) -> None:
    """The author deletes an object, for a category of reasons if it says so.

    Of one that is not here the log remembers it, so that it is not kept later."""
    held = objects.find(tx, iri)
    if held is not None:
        origin.check_change(actor, author=held.author)
        bury(tx, iri, reason=f"{BY_AUTHOR}:{reason}" if reason in codes.DELETION_REASONS else BY_AUTHOR)
        featured.remove(tx, actor, iri)
    quotes.revoke(tx, iri, author=actor)  # it may be a stamp
    activities.forget(tx, iri, author=actor)


def bury(tx: Transaction, iri: str, *, reason: str = BY_AUTHOR) -> None:
    """Drop what another has said, and leave a tombstone, so that it does not come again."""
    objects.bury(tx, iri, reason=reason)
    versions.drop_bytes(tx, iri)
    store.drop(tx, iri)
    quotes.forget(tx, iri)


def let_go(tx: Transaction, iris: Sequence[str]) -> None:
    """Drop what others have said without a trace: it can come again."""
    store.drop_all(tx, iris)
    versions.drop(tx, iris)
    quotes.drop(tx, iris)
    objects.let_go(tx, iris)


def remove_actor(tx: Transaction, actor: str) -> None:
    """An actor has left for good: so have its words, its follows and its reactions."""
    happenings.note(tx, What.LEFT, actor)
    store.drop_all_of(tx, actor)
    versions.drop_bytes_of(tx, actor)
    _forget_portrait(tx, actor)
    objects.bury_all_of(tx, actor)
    activities.forget_all_of(tx, actor)
    peering.end_all_of(tx, actor)
    featured.forget_all_of(tx, actor)
    quotes.forget_all_of(tx, actor)
    actors.mark_gone(tx, actor)


def _forget_portrait(tx: Transaction, actor: str) -> None:
    row = actors.find(tx, actor)
    icon = actors.document(row).get("icon") if row is not None and row.document is not None else None
    shown_at = [one.get("url") for one in (icon if isinstance(icon, list) else [icon]) if isinstance(one, dict)]
    media_cache.forget(tx, [url for url in shown_at if isinstance(url, str)])


def promise_hearing(tx: Transaction, iri: str, *, interest: Interest) -> None:
    """Promise to fetch an object from its own server and to keep it."""
    check_askable(tx, iri)
    _promise_fetch(tx, Promise("hear", {"iri": iri, "interest": interest.value}, key=f"hear {iri}"), iri)


def promise_passed_on(tx: Transaction, iri: str, *, by: str) -> None:
    """Promise to fetch what `by`, whom we hear, has passed on. Raises Ignored if it is too much of one host today."""
    host = actors.host_of(iri)
    if host != actors.host_of(by) and not errands.take(tx, f"boosted from {host}", PASSED_ON_DAY):
        raise Ignored(f"{host} has been asked for enough today of what others pass on")
    promise_hearing(tx, iri, interest=Interest.PASSED_ON)


def promise_parent(tx: Transaction, iri: str, *, depth: int) -> None:
    """Promise to look for what something kept here answers (`node.statements.threads`); `depth` 1 is the first above.

    An address that is nobody's, our own or a suspended host's is left alone.
    """
    with contextlib.suppress(Refused, Malformed):
        check_askable(tx, iri)
        _promise_fetch(tx, Promise("fetch_parent", {"iri": iri, "depth": depth}, key=f"fetch_parent {iri}"), iri)


def check_askable(tx: Transaction, iri: str) -> None:
    """Raise Refused or Malformed unless `iri` is an address that may be asked for what it is."""
    origin.check_foreign(iri, own_origin=tx.node.config.origin)
    identifiers.check_length(iri)
    _check_admitted(tx, iri)


def _promise_fetch(tx: Transaction, one: Promise, iri: str) -> None:
    promise(tx, replace(one, lane=f"fetch {origin.origin(iri)}"), priority=Priority.BULK)


async def hear_from_origin(node: Node, payload: dict[str, Any]) -> None:
    """Job: fetch an object at its id, where only its own server answers, and keep it."""
    budget = Budget(requests=REQUESTS_FOR_ONE, bytes=node.config.document_bytes)
    statement, document = await fetch(node, payload["iri"], budget=budget)
    await node.database.write(hear_fetched, statement, document, Interest(payload["interest"]))


async def fetch(node: Node, iri: str, *, budget: Budget | None = None) -> tuple[Statement, dict[str, Any]]:
    """Something said, as its own server serves it at its id, with the author known here.

    Raises Refused, Malformed, Gone, Unreachable.
    """
    document = await node.client.document(iri, signer=await signing.instance_signer(node), budget=budget)
    value = schemas.parse(document)
    if not isinstance(value, Statement):
        raise Refused(f"{iri} is not something said: {type(value).__name__}")
    author = await node.directory.actor(value.attributed_to)
    if (method := proofs.verification_method(document)) is not None:
        await node.directory.ensure_proof_key(method, author=author.iri)
    return value, document


def hear_fetched(tx: Transaction, statement: Statement, document: dict[str, Any], interest: Interest) -> None:
    """Keep what its origin serves, whatever kind of statement it is. Raises Refused."""
    author = statement.attributed_to
    origin.check_creation(author, statement.id, author)
    intake.check_proof(tx, document, author=author)
    try:
        tx.node.rooms.hearings[intake.name_of(statement)](tx, statement, document, interest)
    except Ignored as reason:
        raise Refused(str(reason)) from None


def hear_statement(tx: Transaction, statement: Statement, document: dict[str, Any], interest: Interest) -> None:
    """Keep a statement, an event or a poll that its origin serves."""
    hear(tx, statement, document, kind=type(statement).__name__, interest=interest)


def pass_on(tx: Transaction, iri: str) -> bool:
    """Let a held object stand in the time line: one whom we follow passed it on. Parts of an import never do."""
    table = objects.objects
    changed = table.update().where(table.c.iri == iri, table.c.listed.is_(False), table.c.part_of.is_(None))
    return tx.execute(changed.values(listed=True)).rowcount > 0


def _check_admitted(tx: Transaction, iri: str) -> None:
    standing.check(tx, Door.PULLING, host=actors.host_of(iri))


def _thread(statement: Statement, parent: Any) -> str | None:
    return statement.in_reply_to if parent is None else str(parent.thread or parent.iri)


JOBS: dict[str, Job] = {"hear": hear_from_origin}
HEARINGS: dict[str, Hearing] = dict.fromkeys(("Statement", "Event", "Question"), hear_statement)
