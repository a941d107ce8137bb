"""Telling delegates that a complaint has waited for 48 hours: by e-mail, to those who have given an address.

As with everything that is sent to members: no text, no person, nothing of what it is about; that stands at the desk,
where it stands among what waits.
"""

from __future__ import annotations

import asyncio
from typing import Any

from node import localised, mail, translating
from node.complaints import rules, store
from node.context import Node, Transaction
from node.jobs import Job, Promise, promise
from node.members import store as members
from node.notices import store as notices
from node.translating import ENGLISH, counted, speaking, spoken, translated

EVERY_SECONDS = 300


async def run(node: Node) -> None:
    """The loop that looks what has waited for too long; ends by cancellation."""
    while True:
        await node.database.write(look)
        await asyncio.sleep(EVERY_SECONDS)


def look(tx: Transaction) -> int:
    """Promise an e-mail to each delegate of a group where a complaint has just waited for too long; how many have."""
    rows = store.unanswered(tx, since=tx.now - rules.ANSWERED_WITHIN)
    if not rows:
        return 0
    store.alerted(tx, [row.id for row in rows])
    if tx.node.config.mail_host:
        groups = sorted({row.group for row in rows})
        told = {row.member for row in notices.with_email(tx)}
        for member in sorted(told & {one for group in groups for one in members.who_may(tx, "peer", group, at=tx.now)}):
            key = f"tell_of_complaints {member} {tx.new_id()}"
            promise(tx, Promise("tell_of_complaints", {"member": member}, key=key))
    return len(rows)


async def tell(node: Node, payload: dict[str, Any]) -> None:
    """Job: say how many have waited for too long at the moment of sending. Doing it again sends it again."""
    found = await node.database.read(_waiting, payload["member"])
    if found is None:
        return
    address, speaks, waiting = found
    await translating.load(speaks)
    with speaking(speaks):
        subject, text = _message(node, waiting)
    await mail.send(node.config, to=address, subject=subject, text=text, now=node.clock())


def _waiting(tx: Transaction, member: int) -> tuple[str, str, int] | None:
    row = notices.of(tx, member)
    if row is None or row.email is None:
        return None
    held = members.mandates_in_force(tx, member)
    groups = [one.actor for one in held if member in members.who_may(tx, "peer", one.actor, at=tx.now)]
    waiting = store.count_unanswered(tx, groups, since=tx.now - rules.ANSWERED_WITHIN)
    return (row.email, row.language or ENGLISH, waiting) if waiting else None


def _message(node: Node, waiting: int) -> tuple[str, str]:
    subject = counted(
        "{count} complaint at {host} has waited for more than 48 hours",
        "{count} complaints at {host} have waited for more than 48 hours",
        waiting,
    ).format(count=localised.number(waiting, spoken()), host=node.config.host)
    text = translated(
        "What it is about stands at the desk, because an e-mail can be read on its way: {desk}\n\nYou are told because"
        " you have given this address. You can take it away at {notices}"
    ).format(desk=node.address("/desk/complaints"), notices=node.address("/desk/notices"))
    return subject, f"{text}\n"


JOBS: dict[str, Job] = {"tell_of_complaints": tell}
