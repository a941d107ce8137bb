"""Being quoted, and believing that others may quote (FEP-044f).

A QuoteRequest about something of ours is answered by the policy that the text carries: with an Accept whose `result` is
a stamp at an address of ours, or with a Reject. The same request gets the same stamp again. A group can take a stamp
back; it is not given a second time. A stamp of somebody else counts when her own server shows it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sqlalchemy import Row

import schemas
from federation import origin
from federation.client import Budget
from federation.errors import Gone, Malformed, Refused
from node import activities, actors, decisions, intake, objects, signing
from node.context import Effect, Node, Transaction
from node.decisions import Act, Described, State
from node.errors import Missing
from node.identifiers import spell
from node.intake import Ignored, Incoming
from node.jobs import Job, Priority, Promise, promise
from node.members.store import Member
from node.peering import store as peering
from node.peering.rules import Follow
from node.statements import hearing, quotes, reaching
from node.statements.quotes import Consent
from node.statements.rules import Interest
from node.translating import N_
from schemas import quote_authorization
from schemas.context import PUBLIC, QUOTE_CONTEXT
from schemas.quote_authorization import QuoteAuthorization
from schemas.reading import loads
from schemas.statement import Statement

OF_ONE_AT_MOST = 20  # stamps for one actor about one text
REQUESTS = 12


# ---- being asked


def be_asked(tx: Transaction, incoming: Incoming) -> None:
    """Somebody asks to quote something of ours. What quotes comes along, or is fetched before anything is answered."""
    quoted = _ours(tx, incoming.object_iri)
    instrument = incoming.activity.instrument
    request = {"id": incoming.activity.id, "actor": incoming.actor, "quoted": quoted.iri}
    if isinstance(instrument, dict):
        statement = schemas.parse(instrument)
        if not isinstance(statement, Statement):
            raise Malformed("instrument", "is not a statement")
        origin.check_creation(incoming.actor, statement.id, statement.attributed_to)
        intake.check_proof(tx, instrument, author=incoming.actor)
        _answer(tx, statement, instrument, request)
    elif instrument is not None:
        origin.check_creation(incoming.actor, instrument, incoming.actor)
        lane = f"fetch {origin.origin(instrument)}"
        payload = request | {"quoting": instrument}
        promise(tx, Promise("weigh_quote", payload, lane=lane, key=f"weigh_quote {instrument}"))
    else:
        raise Malformed("instrument", "a QuoteRequest names what quotes")


async def weigh(node: Node, payload: dict[str, Any]) -> None:
    """Job: fetch what asks to quote something of ours, and answer."""
    statement, document = await hearing.fetch(node, payload["quoting"], budget=_budget(node))
    if statement.attributed_to != payload["actor"]:
        raise Refused(f"{payload['actor']} asks in the name of {statement.attributed_to}")
    await node.database.write(_weigh, statement, document, payload)


def _weigh(tx: Transaction, statement: Statement, document: dict[str, Any], payload: dict[str, Any]) -> None:
    origin.check_creation(payload["actor"], statement.id, statement.attributed_to)
    intake.check_proof(tx, document, author=payload["actor"])
    with suppress(Ignored):  # deleted meanwhile
        _ours(tx, payload["quoted"])
        _answer(tx, statement, document, payload)


def _answer(tx: Transaction, statement: Statement, document: dict[str, Any], request: dict[str, Any]) -> None:
    quoted = _ours(tx, request["quoted"])
    if statement.quoted != quoted.iri:
        raise Refused(f"{statement.id} does not quote {quoted.iri}")
    stamp = stamp_for(tx, statement, quoted)
    if stamp is not None:
        with suppress(Ignored):  # what is not for everybody may quote, and is not kept here
            tx.node.rooms.hearings[intake.name_of(statement)](tx, statement, document, Interest.SOUGHT)
    embedded = {
        "type": "QuoteRequest",
        "id": request["id"],
        "actor": request["actor"],
        "object": quoted.iri,
        "instrument": statement.id,
    }
    answer = activities.make(
        tx, "Accept" if stamp else "Reject", actor=quoted.author, object=embedded, to=[request["actor"]]
    ) | {"@context": QUOTE_CONTEXT}
    if stamp is not None:
        answer["result"] = stamp
    recipients = peering.admitted(tx, reaching.of(tx, [request["actor"]]), sender=quoted.author)
    activities.send(tx, answer, [one.inbox for one in recipients], priority=Priority.ANSWER)


def stamp_for(tx: Transaction, statement: Statement, quoted: Row[Any]) -> str | None:
    """The stamp that lets `statement` quote `quoted`: the one there is, or a new one; None if it may not."""
    quoter = statement.attributed_to
    known = quotes.find(tx, statement.id)
    if known is not None and known.quoted == quoted.iri and known.author == quoted.author:
        if known.state == Consent.ALLOWED.value and _is_ours(known):
            return str(known.stamp)
        if known.state == Consent.REVOKED.value:
            return None
    many = quotes.count_by(tx, quoted=quoted.iri, quoter=quoter) >= OF_ONE_AT_MOST
    if many and known is None:
        return None  # nor is it written down: whoever asks a thousand times leaves no thousand rows
    allowed = not many and may_quote(tx, quoted, quoter)
    stamp = f"{quoted.iri}/quotes/{spell(tx.new_id())}" if allowed else None
    quotes.put(
        tx,
        statement.id,
        quoted=quoted.iri,
        quoter=quoter,
        author=quoted.author,
        stamp=stamp,
        consent=Consent.ALLOWED if allowed else Consent.REFUSED,
    )
    return stamp


def may_quote(tx: Transaction, quoted: Row[Any], quoter: str) -> bool:
    """What the policy of a text of ours says about `quoter`."""
    said = schemas.parse(loads(quoted.document))
    policy = said.interaction_policy_can_quote if isinstance(said, Statement) else ()
    if PUBLIC in policy or quoter in policy:
        return True
    follow = peering.find(tx, follower=quoter, followed=quoted.author)
    follows = follow is not None and follow.state == Follow.ACCEPTED.value
    return follows and actors.followers_of(quoted.author) in policy


def _ours(tx: Transaction, iri: str) -> Row[Any]:
    row = objects.find(tx, iri)
    if row is None or not row.local or not row.public or row.deleted is not None:
        raise Ignored("that is nothing of ours, or is not public")
    return row


def _is_ours(known: Row[Any]) -> bool:
    return known.stamp is not None and str(known.stamp).startswith(f"{known.quoted}/quotes/")


# ---- our stamps


def stamp_document(tx: Transaction, iri: str) -> dict[str, Any]:
    """A stamp of ours as it is served. Raises Missing if there is none, or no longer."""
    row = quotes.stamped(tx, iri)
    held = objects.find(tx, row.quoted) if row is not None else None
    if row is None or held is None or not held.local or held.deleted is not None or not _is_ours(row):
        raise Missing("there is no such stamp, or it was taken back")
    value = QuoteAuthorization(
        id=iri, attributed_to=held.author, interacting_object=row.quoting, interaction_target=row.quoted
    )
    group = actors.local(tx, held.author)
    return signing.prove(tx, quote_authorization.serialise(value), group, created=row.since)


def revoke(tx: Transaction, stamp: str, *, member: Member, urgent: bool = False) -> State:
    """Propose to take a stamp back; where that stands. Raises Missing, Forbidden."""
    row = quotes.stamped(tx, stamp)
    if row is None or not _is_ours(row):
        raise Missing("{stamp} is no stamp that this node has given, or it was taken back already", stamp=stamp)
    return decisions.propose(tx, "revoke_quote", stamp, actor=row.author, member=member, urgent=urgent)


def revoked(tx: Transaction, stamp: str) -> None:
    """Effect: take a stamp back, and tell who has it and who may have seen it."""
    row = quotes.stamped(tx, stamp)
    if row is None:
        return
    quotes.revoke(tx, stamp, author=row.author)
    followers = actors.followers_of(row.author)
    # FEP-044f: what it is about is not embedded, so that nothing leaks to whom it was not shown.
    delete = activities.make(tx, "Delete", actor=row.author, object=stamp, to=[row.quoter], cc=[PUBLIC, followers])
    inboxes = reaching.followers_and(tx, row.author, reaching.of(tx, [row.quoter]))
    activities.send(tx, delete, inboxes)


# ---- stamps of others


async def check_quote(node: Node, payload: dict[str, Any]) -> None:
    """Job: see at the server of the author of what is quoted whether she allows it, and keep what is quoted."""
    row = await node.database.read(quotes.find, payload["quoting"])
    if row is None or row.state != Consent.CLAIMED.value:
        return
    budget = _budget(node)
    try:
        quoted, document = await hearing.fetch(node, row.quoted, budget=budget)
        if quoted.attributed_to != row.quoter:
            await _see_stamp(node, row, author=quoted.attributed_to, budget=budget)
    except (Refused, Malformed, Gone):
        await node.database.write(_disbelieve, row)
        raise
    await node.database.write(_believe, row, quoted, document)


async def _see_stamp(node: Node, row: Row[Any], *, author: str, budget: Budget) -> None:
    if row.stamp is None:
        raise Refused(f"{row.quoting} quotes {row.quoted} without a stamp")
    origin.check_creation(author, row.stamp, author)
    document = await node.client.document(row.stamp, signer=await signing.instance_signer(node), budget=budget)
    stamp = schemas.parse(document)
    if not isinstance(stamp, QuoteAuthorization) or stamp.id != row.stamp:
        raise Refused(f"{row.stamp} is not a stamp")
    if (stamp.interacting_object, stamp.interaction_target) != (row.quoting, row.quoted):
        raise Refused(f"{row.stamp} is about another quotation")
    if stamp.attributed_to != author:
        raise Refused(f"{row.stamp} is not by the author of {row.quoted}")


def _believe(tx: Transaction, row: Row[Any], quoted: Statement, document: dict[str, Any]) -> None:
    if not _is_same(tx, row):
        return
    author = quoted.attributed_to
    quotes.put(
        tx,
        row.quoting,
        quoted=row.quoted,
        quoter=row.quoter,
        author=author,
        stamp=row.stamp,
        consent=Consent.ALLOWED,
    )
    hearing.hear_fetched(tx, quoted, document, Interest.SOUGHT)


def _disbelieve(tx: Transaction, row: Row[Any]) -> None:
    if _is_same(tx, row):
        quotes.put(
            tx,
            row.quoting,
            quoted=row.quoted,
            quoter=row.quoter,
            author=row.author,
            stamp=row.stamp,
            consent=Consent.REFUSED,
        )


def _is_same(tx: Transaction, row: Row[Any]) -> bool:
    """Whether a quotation still says what it said when we went to ask."""
    now = quotes.find(tx, row.quoting)
    return now is not None and (now.quoted, now.stamp, now.state) == (row.quoted, row.stamp, row.state)


def _budget(node: Node) -> Budget:
    return Budget(requests=REQUESTS, bytes=2 * node.config.document_bytes)


JOBS: dict[str, Job] = {"weigh_quote": weigh, "check_quote": check_quote}


def _describe(tx: Transaction, stamp: str) -> Described:
    row = quotes.stamped(tx, stamp)
    return Described(stamp if row is None else row.quoting, address=None if row is None else row.quoting)


ACTS: dict[str, Act] = {
    "revoke_quote": Act("peer", "limit_peer", N_("forbid a quotation"), _describe),
}
EFFECTS: dict[str, Effect] = {"revoke_quote": revoked}
