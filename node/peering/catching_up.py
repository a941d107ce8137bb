"""Bringing a past activity to those who did not get it: a host that has come back, everybody behind a lost inbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from federation import addressing
from federation.addressing import Recipient
from node import activities, actors, hosts
from node.context import Node, Transaction
from node.delivery import EACH
from node.jobs import Job, Priority
from node.peering import store

MISSED_AT_MOST = 200  # activities; a peer that was away for longer has our outbox to read


async def catch_up(node: Node, payload: dict[str, Any]) -> None:
    """Job: a host that was unreachable is back. Promise it what its actors missed, of everything the newest 200."""
    await node.database.write(_catch_up, payload["host"], datetime.fromisoformat(payload["since"]))


def _catch_up(tx: Transaction, host: str, since: datetime) -> None:
    for row in activities.sent_since(tx, since, limit=MISSED_AT_MOST):
        bring_again(tx, row, host)


def bring_again(tx: Transaction, row: Row[Any], host: str) -> None:
    """Promise a logged activity to everybody at `host` whom it is for now."""
    audience = activities.audience(row.document)
    recipients = [_as_recipient(one) for one in actors.find_all(tx, audience).values() if one.host == host]
    if actors.followers_of(row.actor) in audience:
        recipients += store.recipients(tx, row.actor, host=host)
    _promise(tx, row, recipients)


async def deliver_each(node: Node, payload: dict[str, Any]) -> None:
    """Job: a shared inbox is gone. Promise its activity to the inbox of everybody behind it."""
    await node.database.write(_deliver_each, payload)


def _deliver_each(tx: Transaction, payload: dict[str, Any]) -> None:
    inbox = payload["inbox"]
    row = activities.find(tx, payload["activity"], actor=payload["actor"])
    if row is None:
        return
    audience = activities.audience(row.document)
    behind = actors.sharing(tx, inbox, audience)
    if actors.followers_of(row.actor) in audience:
        behind += store.followers_sharing(tx, row.actor, inbox)
    _promise(tx, row, [Recipient(one.inbox) for one in behind if one.inbox not in (None, inbox)])


def _promise(tx: Transaction, row: Row[Any], recipients: list[Recipient]) -> None:
    inboxes = addressing.distinct_inboxes(
        store.admitted(tx, recipients, sender=row.actor), own_origin=tx.node.config.origin
    )
    activities.promise_deliveries(tx, row.iri, inboxes, actor=row.actor, priority=Priority.BULK)


def _as_recipient(row: Row[Any]) -> Recipient:
    return Recipient(row.inbox or "", row.shared_inbox)


JOBS: dict[str, Job] = {hosts.CATCH_UP: catch_up, EACH: deliver_each}
