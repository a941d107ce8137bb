"""Bringing activities to inboxes: the job `deliver`.

An activity's bytes are read once for all its deliveries that follow each other. An inbox that is gone is written down
(`node.lost_inboxes`); if it was shared, the job EACH brings the activity to the inboxes of those who share it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from federation.errors import Gone, NotYet, Refused
from federation.knocking import Declined, Signer
from federation.origin import origin
from node import activities, actors, lost_inboxes, signing
from node.activities import State
from node.context import Node, Transaction
from node.jobs import Job, Priority, Promise, promise

EACH = "deliver_each"
KEPT_BYTES = 8 * 1024 * 1024
KEPT_SECONDS = 1.0  # what was said may be taken back, or corrected, by another process too
TAKEN_BACK = b"{}"
NOT_FOUND_AGAIN = timedelta(hours=12)  # an inbox that answers 404 is asked a few times within three days


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What every delivery of one activity has in common."""

    body: bytes
    signer: Signer
    headers: Mapping[str, Mapping[str, str]]  # that go with it to an origin
    read: float


class Outbox:
    """The activities that are on their way just now, so that each is read and unpacked once. Bounded by their bytes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Outgoing] = OrderedDict()
        self._changed: set[str] = set()
        self._for_followers: dict[str, tuple[Any, Mapping[str, Mapping[str, str]]]] = {}  # of our groups
        self._bytes = 0

    async def find(self, node: Node, iri: str, *, actor: str) -> Outgoing:
        """The activity `iri` of our `actor`, ready to be sent. Raises Refused if it was never sent."""
        now = asyncio.get_running_loop().time()
        while self._changed:
            self._drop(self._changed.pop())
        if (kept := self._kept.get(iri)) is not None and now - kept.read < KEPT_SECONDS:
            return kept
        self._drop(iri)
        body, signer = await node.database.read(_to_deliver, iri, actor)
        headers = await self._headers(node, body, actor)
        found = Outgoing(body, signer, headers, now)
        self._drop(iri)  # another delivery may have been as quick
        self._kept[iri] = found
        self._bytes += len(body)
        while self._bytes > KEPT_BYTES:
            self._drop(next(iter(self._kept)))
        return found

    async def _headers(self, node: Node, body: bytes, actor: str) -> Mapping[str, Mapping[str, str]]:
        """What goes with a delivery to followers; made anew when they have changed."""
        if actors.followers_of(actor) not in activities.audience(body):
            return {}
        state = await node.database.read(node.rooms.followers_state, actor)
        known = self._for_followers.get(actor)
        if known is None or known[0] != state:
            known = (state, await node.database.read(node.rooms.followers_headers, actor))
            self._for_followers[actor] = known
        return known[1]

    def forget(self, iri: str) -> None:
        """Read an activity again: it has changed. Safe from a database thread."""
        self._changed.add(iri)

    def _drop(self, iri: str) -> None:
        old = self._kept.pop(iri, None)
        self._bytes -= len(old.body) if old is not None else 0


async def deliver(node: Node, payload: dict[str, Any]) -> None:
    """Job: bring one activity to one inbox, signed at the moment it is sent."""
    inbox = payload["inbox"]
    outgoing = await node.outbox.find(node, payload["activity"], actor=payload["actor"])
    try:
        headers = outgoing.headers.get(origin(inbox)) if outgoing.headers else None
        await node.client.post(inbox, outgoing.body, signer=outgoing.signer, headers=headers)
    except Gone as error:
        if not await node.database.write(_inbox_is_gone, payload, error.status):
            later = f"{error}; asked again later"
            raise NotYet(later, retry_after=NOT_FOUND_AGAIN, status=error.status) from None
        raise
    except Declined as error:
        if error.status == 401:  # often it could not have our key at that moment
            said = f"{error}: {error.words}" if error.words else str(error)
            raise NotYet(said, status=error.status) from None
        raise


def _to_deliver(tx: Transaction, iri: str, actor: str) -> tuple[bytes, Signer]:
    row = activities.find(tx, iri, actor=actor)
    if row is None:
        raise Refused(f"{iri} was never sent")
    if row.state == State.WITHDRAWN.value or row.document == TAKEN_BACK:
        raise Refused(f"{iri} was taken back before it could be delivered")
    return row.document, signing.signer(tx, actors.local(tx, actor))


def _inbox_is_gone(tx: Transaction, payload: dict[str, Any], status: int) -> bool:
    """Whether this delivery is over: the inbox is lost, or others stand in for it."""
    inbox = payload["inbox"]
    lost = lost_inboxes.note(tx, inbox, host=actors.host_of(inbox), status=status)
    if not actors.is_shared_inbox(tx, inbox):
        return lost
    # The one who shares it may have an inbox of her own that is there.
    key = f"{EACH} {payload['activity']} {inbox}"
    promise(tx, Promise(EACH, payload, key=key), priority=Priority.NORMAL)
    return True


JOBS: dict[str, Job] = {"deliver": deliver}
