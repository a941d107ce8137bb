"""How many activities of one server are taken in an hour: what the main group has set, for all or for one.

What comes beyond that is answered with 429 before it is kept, so its server sends it again later.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from node import actors
from node.context import Effect, Node, Transaction
from node.decisions import Act, Described
from node.errors import Busy, Conflict, Invalid
from node.moderation import rules, store
from node.moderation.rules import Did, Rule
from node.translating import N_

EVERY_SECONDS = 60


async def check(node: Node, host: str) -> None:
    """Count an activity of a server. Raises Busy if it is one too many in this hour."""
    everybody, some = await node.database.remembered(_bounds)
    most = some.get(host, everybody)
    if most and not node.pace.may_send(host, at_most=most, now=node.clock()):
        raise Busy("{host} has sent {most} activities within an hour; send the rest later", host=host, most=most)


def _bounds(tx: Transaction) -> tuple[int, dict[str, int]]:
    group = str(actors.main_group(tx).iri)
    return store.settings_of(tx, group).activities_an_hour, store.paces_of(tx, group)


async def run(node: Node) -> None:
    """The loop that counts what was turned away; ends by cancellation."""
    while True:
        if times := node.pace.take_turned_away():
            await node.database.write(_note, times)
        await asyncio.sleep(EVERY_SECONDS)


def _note(tx: Transaction, times: int) -> None:
    store.count(tx, str(actors.main_group(tx).iri), Rule.RATE.value, Did.REFUSED, times)


def _given(tx: Transaction, given: Mapping[str, Any], actor: str) -> str:
    if actor != str(actors.main_group(tx).iri):
        raise Conflict("how much a server may send is a matter of the main group of this node")
    host = str(given.get("host") or "").strip().lower()
    if not rules.is_host(host):
        raise Invalid("{host!r} is not a host such as peer.example", field="host", host=host[:100])
    most = rules.read_count(given.get("number", ""), "number", most=rules.AN_HOUR_AT_MOST)
    return json.dumps([actor, host, most])


def paced(tx: Transaction, subject: str) -> None:
    """Effect: one server may send so much in an hour; 0: as much as the others."""
    group, host, most = json.loads(subject)
    store.pace(tx, group, host, most)


def _describe(tx: Transaction, subject: str) -> Described:
    _, host, most = json.loads(subject)
    return Described(f"{host}: {most}")


VERBS = {"pace": ("pace_server", _given)}
ACTS: dict[str, Act] = {
    "pace_server": Act("peer", "limit_peer", N_("change how much a server may send in an hour"), _describe),
}
EFFECTS: dict[str, Effect] = {"pace_server": paced}
