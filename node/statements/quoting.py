"""Quoting what others say, with their consent where they want to be asked. FEP-044f.

A quotation is a statement whose `quote` names what it quotes. If the author has a policy, a QuoteRequest asks for
leave; an Accept brings a stamp, which the statement carries from then on, and a Reject makes the quotation go. Authors
without a policy are not asked: their servers know no such thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from federation import origin
from federation.errors import Malformed, Refused
from node import activities, actors, objects
from node.context import Transaction
from node.errors import Conflict, Forbidden, Invalid
from node.jobs import Priority
from node.peering import store as peering
from node.peering.rules import Follow
from node.statements import consent, correcting, errands, passing_on, publishing, quotings, reaching
from node.statements.composing import Composed
from node.statements.errands import Allowance
from node.statements.quotings import Consent
from schemas.context import QUOTE_CONTEXT
from schemas.kinds import AUDIENCE
from schemas.reading import loads
from schemas.statement import Statement

CHANGES_OF_MIND = Allowance(requests=3, bytes=2**63 - 1)
"""How often in a day an author may allow one quotation: whenever she does, all our followers are told."""


def check(tx: Transaction, iri: str, *, by: str) -> None:
    """Raise Invalid if the group `by` cannot quote `iri`: not held, deleted, or its author wants no quotations."""
    try:
        row = passing_on.public(tx, iri)
    except (Refused, Conflict, Forbidden) as error:
        raise Invalid(str(error), field="quote") from None
    if consent_to_ask(tx, row, by=by) is Consent.REFUSED:
        raise Invalid("its author lets nobody like us quote {iri}; answer it, or link to it", field="quote", iri=iri)


def consent_to_ask(tx: Transaction, row: Row[Any], *, by: str) -> Consent:
    """What stands to be had from the author of `row`: PENDING if we have to ask, REFUSED if asking is of no use."""
    if row.author == by:
        return Consent.GIVEN
    if row.local:
        return Consent.GIVEN if consent.may_quote(tx, row, by) else Consent.REFUSED
    policy = loads(row.document).get("interactionPolicy")
    can_quote = policy.get("canQuote") if isinstance(policy, dict) else None
    if not isinstance(can_quote, dict):
        return Consent.UNASKED
    named = {*audience(can_quote, "automaticApproval"), *audience(can_quote, "manualApproval")}
    named.discard(row.author)
    if not follows(tx, by, row.author):
        named -= followers_of(tx, row.author)
    return Consent.PENDING if named else Consent.REFUSED


def audience(policy: dict[str, Any], key: str) -> tuple[str, ...]:
    """Whom a part of a policy names; nobody if it cannot be read."""
    with suppress(Malformed):
        return AUDIENCE.read(policy[key]) if policy.get(key) else ()
    return ()


def follows(tx: Transaction, follower: str, followed: str) -> bool:
    """Whether one actor follows another, and was accepted."""
    held = peering.find(tx, follower=follower, followed=followed)
    return held is not None and held.state == Follow.ACCEPTED.value


def followers_of(tx: Transaction, author: str) -> set[str]:
    """How an author names all her followers, if that is known."""
    row = actors.find(tx, author)
    if row is not None and row.local:
        return {actors.followers_of(author)}
    followers = actors.document(row).get("followers") if row is not None and row.document is not None else None
    return {followers} if isinstance(followers, str) else set()


def issue(tx: Transaction, made: Composed, kept: Mapping[str, Any], *, kind: str) -> Statement:
    """Send what was composed, and ask whom it quotes for leave, if she wants to be asked; the statement as it left."""
    statement = stamped(tx, made.statement)
    document = publishing.issue(
        tx,
        statement,
        made.shown,
        sort_id=kept["sort_id"],
        kind=kind,
        thread=made.audience.thread,
        also_to=made.audience.recipients,
    )
    ask(tx, statement, document)
    return statement


def stamped(tx: Transaction, statement: Statement) -> Statement:
    """The statement with the stamp of another group of this node, if it quotes one: that need not be asked for."""
    quoted = objects.find(tx, statement.quote) if statement.quote is not None else None
    if quoted is None or not quoted.local or quoted.deleted is not None or quoted.author == statement.attributed_to:
        return statement
    return replace(statement, quote_authorization=consent.stamp_for(tx, statement, quoted))


def ask(tx: Transaction, statement: Statement, document: dict[str, Any]) -> None:
    """Note that a statement which has just left quotes something, and ask its author if she wants to be asked."""
    quoted = objects.find(tx, statement.quote) if statement.quote is not None else None
    if quoted is None or quotings.find(tx, statement.id) is not None:
        return
    by = statement.attributed_to
    state = Consent.UNASKED if quoted.deleted is not None else consent_to_ask(tx, quoted, by=by)
    request = _send_request(tx, quoted, document, by=by) if state is Consent.PENDING else None
    quotings.add(tx, statement.id, quoted=quoted.iri, author=quoted.author, consent=state, request=request)
    if statement.quote_authorization is not None:
        quotings.answer(tx, statement.id, Consent.GIVEN, stamp=statement.quote_authorization)


def _send_request(tx: Transaction, quoted: Row[Any], document: dict[str, Any], *, by: str) -> str:
    more: dict[str, Any] = {"@context": QUOTE_CONTEXT, "instrument": document}
    request = activities.make(tx, "QuoteRequest", actor=by, object=quoted.iri, to=[quoted.author], **more)
    inboxes = [one.inbox for one in peering.admitted(tx, reaching.of(tx, [quoted.author]))]
    return str(activities.send(tx, request, inboxes, priority=Priority.ANSWER)["id"])


def be_allowed(tx: Transaction, request: str, *, by: str, stamp: str | None) -> None:
    """The author allows a quotation: the statement carries her stamp from now on. Raises Refused."""
    row = _asked(tx, request, by=by)
    if stamp is None or not origin.same_origin(stamp, by):
        raise Refused(f"{by} allows a quotation with no stamp of its own: {stamp}")
    if row.state == Consent.GIVEN.value and row.stamp == stamp:
        return
    if not errands.take(tx, f"allowed {row.iri}", CHANGES_OF_MIND):
        raise Refused(f"{by} has allowed this quotation often enough today")
    quotings.answer(tx, row.iri, Consent.GIVEN, stamp=stamp)
    correcting.say_again(tx, row.iri)


def be_refused(tx: Transaction, request: str, *, by: str) -> None:
    """The author does not want to be quoted, or no longer. Raises Refused if it is not hers to say."""
    _give_up(tx, _asked(tx, request, by=by))


def be_revoked(tx: Transaction, stamp: str, *, by: str) -> bool:
    """The author has deleted the stamp of a quotation of ours; whether there was one."""
    row = quotings.stamped(tx, stamp)
    if row is None or row.author != by:
        return False
    _give_up(tx, row)
    return True


def _asked(tx: Transaction, request: str, *, by: str) -> Row[Any]:
    row = quotings.asked(tx, request)
    if row is None:
        raise Refused(f"{by} answers a QuoteRequest that nobody sent: {request}")
    if by != row.author:
        raise Refused(f"{by} was not asked: the author of {row.quoted} is {row.author}")
    return row


def _give_up(tx: Transaction, row: Row[Any]) -> None:
    if row.state != Consent.REFUSED.value:
        quotings.answer(tx, row.iri, Consent.REFUSED)
        correcting.say_again(tx, row.iri)
