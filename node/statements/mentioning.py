"""Whom a text names (`@name@host`): who is known here at once, the others once the group has decided.

To ask a server for one of its people is to tell it that a text of ours names her. So until the decision a name stands
for somebody only if this node knows her already, by a handle that both she and her host agree on; every other name is
looked up by the job that lets the text leave. A name that cannot be found stays plain text, and keeps nothing back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, select

from federation import discovery
from federation.discovery import Handle
from federation.errors import Malformed, Refused, Unreachable
from node import actors
from node.context import Node, Transaction
from node.peering import standing
from node.peering.rules import Door
from node.statements import writing
from node.statements.rules import Draft
from node.statements.writing import Mentioned

AT_MOST = 20  # names in all texts of a publication that somebody is asked for
PATIENCE = 3  # times the time for one request: so long a publication waits for what its names lead to


def handles(draft: Draft) -> list[str]:
    """The names in a draft, in all its languages, as they are written there; each once."""
    texts = (draft.text, *(one.text for one in draft.translations))
    return list(dict.fromkeys(name for text in texts for name in writing.handles_in(text)))


def known(tx: Transaction, names: Iterable[str]) -> dict[str, Mentioned]:
    """Those of `names` who are known here."""
    read = {name: handle for name in names if (handle := _read(name)) is not None}
    rows = _by_handle(tx, {str(handle) for handle in read.values()})
    found: dict[str, Mentioned] = {}
    for name, handle in read.items():
        own = handle.host == tx.node.config.host
        row = actors.find(tx, tx.node.address(f"/groups/{handle.name}")) if own else rows.get(str(handle))
        if row is not None and row.gone is None and row.inbox is not None:
            found[name] = Mentioned(name, row.iri, row.url or row.iri, row.inbox, row.shared_inbox)
    return found


def _by_handle(tx: Transaction, names: Iterable[str]) -> dict[str, Row[Any]]:
    query = select(actors.actors).where(actors.actors.c.agreed_handle.in_(list(names)[:500]))
    return {row.agreed_handle: row for row in tx.execute(query.limit(500))}


def _read(name: str) -> Handle | None:
    try:
        handle = discovery.parse_handle(name)
    except Malformed:
        return None
    return handle if isinstance(handle, Handle) else None


def unknown(tx: Transaction, draft: Draft) -> list[str]:
    """The names in a draft that somebody will be asked for once the group has decided."""
    names = handles(draft)
    here = known(tx, names)
    return [name for name in names if name not in here][:AT_MOST]


def open_names(kept: Mapping[str, Any]) -> list[str]:
    """The names in what was kept of a publication that lead to nobody yet."""
    text = kept.get("draft", {}).get("text") or ""
    return [name for name in writing.handles_in(text) if name not in kept.get("mentions", {})][:AT_MOST]


def admitted(tx: Transaction, names: Iterable[str]) -> list[str]:
    """Those of `names` whose server this node speaks with, our own not among them."""
    read = {name: handle for name in names if (handle := _read(name)) is not None}
    return [
        name
        for name, handle in read.items()
        if handle.host != tx.node.config.host and standing.passes(tx, Door.PULLING, host=handle.host)
    ]


async def look_up(node: Node, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Ask for those of `names` whose servers we speak with, all at once; who was found in good time, as it is kept."""
    asked = await node.database.read(admitted, list(dict.fromkeys(names))[:AT_MOST])
    if not asked:
        return {}
    tasks = {asyncio.create_task(_ask(node, name)): name for name in asked}
    try:
        done, _ = await asyncio.wait(tasks, timeout=node.config.request_timeout * PATIENCE)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    found = {tasks[task]: task.result() for task in done}
    return {name: asdict(person) for name, person in found.items() if person is not None}


async def _ask(node: Node, name: str) -> Mentioned | None:
    try:
        actor = await node.directory.actor(await discovery.find(node.client, name))
    except (Refused, Malformed, Unreachable):
        return None
    if actor.inbox is None:
        return None
    return Mentioned(name, actor.iri, actor.url or actor.iri, actor.inbox, actor.shared_inbox)
