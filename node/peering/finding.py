"""Finding the groups that an address means, before anybody is asked for anything.

A handle means one actor. An address may be an actor's own, or any page of a server: then the server's NodeInfo names
the accounts that answer for it (`staffAccounts`), and those that are groups are what is meant. A server may have
several; whoever asks chooses. Everything is looked up, nothing is sent.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from federation import discovery
from federation.client import Budget
from federation.errors import Gone, Malformed, Refused, Unreachable
from federation.origin import origin, same_origin
from node import actors
from node.context import Node, Transaction
from node.errors import Invalid, Missing, NodeError
from node.peering import admission, handles, software, standing
from node.peering.rules import Door

REQUESTS: Final = 8
GROUPS_AT_MOST: Final = 10


async def groups(node: Node, text: str) -> list[str]:
    """The groups that `text` (a handle, or an address) means, known and read from now on; never none.

    Raises Invalid if it can be read as neither, and Missing with the reason if no group is found.
    """
    text = text.strip()
    try:
        meant = discovery.parse_handle(text if "@" in text or "://" in text else f"https://{text}")
        place = f"https://{meant.host}" if isinstance(meant, discovery.Handle) else origin(meant)
        await node.database.read(_check_foreign, place)
        found = await _of_handle(node, text) if isinstance(meant, discovery.Handle) else await _at(node, meant)
    except Malformed as error:
        raise Invalid(
            "“{text}” is neither an address nor a handle: {error}", field="who", text=text, error=error
        ) from None
    except (Refused, Gone, Unreachable) as error:
        raise Missing("no group is found at {text}: {error}", text=text, error=error) from None
    for iri in found:
        await handles.settle(node, iri)
    await software.ask(node, found[0])
    return found


def _check_foreign(tx: Transaction, place: str) -> None:
    host = place.partition("://")[2]
    if place == tx.node.config.origin or host == tx.node.config.host:
        raise Invalid("that is this node itself", field="who")
    standing.check(tx, Door.PULLING, host=host)


async def _of_handle(node: Node, text: str) -> list[str]:
    return [str((await node.directory.actor(await discovery.find(node.client, text))).iri)]


async def _at(node: Node, address: str) -> list[str]:
    """The group whose address this is, or the groups of the server at which it lies."""
    parts = urlsplit(address)
    if parts.path.strip("/"):
        try:
            iri = await node.directory.actor_at(address)
        except (Refused, Malformed):
            pass  # a page of the server, then
        else:
            row = await node.database.read(actors.find, iri)
            if row is not None and (admission.is_group(row) or row.type == "Person"):
                return [iri]
    return await _of_server(node, origin(address))


async def _of_server(node: Node, place: str) -> list[str]:
    budget = Budget(requests=REQUESTS, bytes=REQUESTS * discovery.LIMIT_BYTES)
    said = await discovery.software(node.client, place, budget=budget)
    found = []
    for iri in said.accounts[:GROUPS_AT_MOST]:
        if same_origin(iri, place):
            row = await _readable(node, iri)
            if row is not None:
                found.append(row)
    if not found:
        raise Missing("{place} names no group that answers for it; give the handle of one, @name@host", place=place)
    return found


async def _readable(node: Node, iri: str) -> str | None:
    try:
        row = await node.directory.actor(iri)
    except (Refused, Malformed, Unreachable, NodeError):
        return None
    return str(row.iri) if admission.is_group(row) else None
