"""Looking at what others claim, each at its origin: the text that somebody asks us to sign, the stamps under texts."""

from __future__ import annotations

from typing import Any

import schemas
from federation import origin
from federation.client import Budget
from federation.errors import Gone, Malformed, Refused
from node import actors, objects, signing
from node.context import Node, Transaction
from node.jobs import Job, Promise, promise
from node.signatories import actions, rules, store
from node.signatories.rules import State
from node.statements import correcting, hearing
from node.statements.rules import Interest
from schemas.signature_authorization import SignatureAuthorization
from schemas.statement import Statement

REQUESTS = 6


def heard(tx: Transaction, statement: Statement) -> None:
    """A text of another was kept or changed: note whom it names as signatories, and promise to look at their stamps.

    Of those who were named before and are not now nothing stays.
    """
    claimed = {
        one.signatory: one.authorization
        for one in statement.signatories[: rules.AT_MOST]
        if one.signatory != statement.attributed_to and origin.same_origin(one.authorization, one.signatory)
    }
    ours = {group.iri for group in actors.groups(tx)} if claimed else set()
    for row in store.of(tx, statement.id, State.SIGNED, State.CLAIMED):
        if row.signatory not in claimed and row.signatory not in {group.iri for group in actors.groups(tx)}:
            store.forget(tx, row.text, row.signatory)
    for signatory, stamp in claimed.items():
        known = store.find(tx, statement.id, signatory)
        if signatory in ours or (known is not None and known.stamp == stamp and known.state != State.CLAIMED.value):
            continue
        store.put(tx, statement.id, signatory, author=statement.attributed_to, state=State.CLAIMED, stamp=stamp)
        promise_look(tx, statement.id, signatory)


def promise_look(tx: Transaction, text: str, signatory: str) -> None:
    """Promise to look at the stamp of a group under a text."""
    lane = f"fetch {origin.origin(signatory)}"
    payload = {"text": text, "signatory": signatory}
    promise(tx, Promise("look_at_signature", payload, lane=lane, key=f"look_at_signature {text} {signatory}"))


def promise_text(tx: Transaction, text: str, signatory: str, *, author: str, invite: str) -> None:
    """Promise to fetch a text that a group of ours is asked to sign."""
    payload = {"text": text, "signatory": signatory, "author": author, "invite": invite}
    lane = f"fetch {origin.origin(text)}"
    promise(tx, Promise("look_at_invitation", payload, lane=lane, key=f"look_at_invitation {text} {signatory}"))


async def look_at_invitation(node: Node, payload: dict[str, Any]) -> None:
    """Job: fetch the text, and note that its author asks for a signature."""
    statement, document = await hearing.fetch(node, payload["text"], budget=_budget(node))
    if statement.attributed_to != payload["author"]:
        raise Refused(f"{payload['author']} invites to sign a text of {statement.attributed_to}")
    await node.database.write(_keep_invitation, statement, document, payload)


def _keep_invitation(tx: Transaction, statement: Statement, document: dict[str, Any], payload: dict[str, Any]) -> None:
    hearing.hear_fetched(tx, statement, document, Interest.SOUGHT)
    about = {name: payload[name] for name in ("author", "invite")}
    actions.be_invited(tx, payload["text"], payload["signatory"], **about)


async def look_at_signature(node: Node, payload: dict[str, Any]) -> None:
    """Job: see at the server of a group whether it signs a text, and which wording."""
    row = await node.database.read(store.find, payload["text"], payload["signatory"])
    if row is None or row.state != State.CLAIMED.value:
        return
    try:
        stamp = await _fetch(node, row.stamp)
        if stamp.attributed_to != row.signatory or stamp.interacting_object != row.text:
            raise Refused(f"{row.stamp} is about another signature")
    except (Refused, Malformed, Gone):
        await node.database.write(_disbelieve, row.text, row.signatory, row.stamp)
        raise
    await node.database.write(_believe, row.text, row.signatory, stamp)


async def _fetch(node: Node, stamp: str) -> SignatureAuthorization:
    document = await node.client.document(stamp, signer=await signing.instance_signer(node), budget=_budget(node))
    value = schemas.parse(document)
    if not isinstance(value, SignatureAuthorization) or value.id != stamp:
        raise Refused(f"{stamp} is not a signature")
    return value


def _believe(tx: Transaction, text: str, signatory: str, stamp: SignatureAuthorization) -> None:
    row = store.find(tx, text, signatory)
    if row is None or row.state != State.CLAIMED.value or row.stamp != stamp.id:
        return
    store.put(tx, text, signatory, author=row.author, state=State.SIGNED, digest=stamp.signed_digest[:64])
    held = objects.find(tx, text)
    if held is not None and held.local:
        correcting.say_again(tx, text)


def _disbelieve(tx: Transaction, text: str, signatory: str, stamp: str) -> None:
    row = store.find(tx, text, signatory)
    if row is not None and row.state == State.CLAIMED.value and row.stamp == stamp:
        store.set_state(tx, row, State.INVITED) if row.invite else store.forget(tx, text, signatory)


def _budget(node: Node) -> Budget:
    return Budget(requests=REQUESTS, bytes=2 * node.config.document_bytes)


JOBS: dict[str, Job] = {"look_at_invitation": look_at_invitation, "look_at_signature": look_at_signature}
