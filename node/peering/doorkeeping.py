"""What the client asks before each request, and after each redirect: whether that server is asked for anything at all.

So no path that leads to another server can forget it. Whoever is rejected is sent nothing; it is asked for nothing of
its own unless PULLING is open to everybody, and for a key only where a door is open to everybody, because then what it
signs counts. A server that PULLING does not admit is asked for keys alone.

An answer is found in memory, without a thread of the database, as soon as the host was asked about once.
"""

from __future__ import annotations

from federation.client import Gate, Purpose
from federation.errors import Malformed, Refused
from node.actors import host_of
from node.context import Node, Transaction
from node.peering import effects, standing
from node.peering.rules import Door, Mode, Standing


def of(node: Node) -> Gate:
    """The gate of a node's client."""

    async def check(url: str, purpose: Purpose) -> None:
        """Raise Refused if nothing is asked or sent there."""
        host = host_of(url)
        held = standing.remembered(node, host)
        found, modes = await node.database.read(look, host) if held is None else held
        if not _may_ask(found, modes, purpose):
            raise Refused(f"this node does not deal with {host}: a decision of its groups", status=403)

    return check


def look(tx: Transaction, host: str) -> tuple[Standing, dict[Door, Mode]]:
    return standing.standing(tx, host=host), {door: standing.mode(tx, door) for door in Door}


def _may_ask(found: Standing, modes: dict[Door, Mode], purpose: Purpose) -> bool:
    if purpose is Purpose.DELIVER:
        return not found.is_rejected
    if purpose is Purpose.VERIFY:
        return not found.is_rejected or Mode.OPEN in modes.values()
    return effects.may_ask_of((found, modes))


def lane_is_open(tx: Transaction, lane: str) -> bool:
    """Whether what waits in a lane of jobs (a host for deliveries, `fetch` and an origin) may still be done."""
    is_fetch, where = lane.startswith("fetch "), lane.removeprefix("fetch ")
    try:
        host = host_of(where if is_fetch else f"https://{where}")
    except Malformed:
        return True  # a lane of another kind
    return _may_ask(*look(tx, host), Purpose.PULL if is_fetch else Purpose.DELIVER)
