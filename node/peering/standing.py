"""How somebody stands here: the one question that everybody asks, of hosts and of actors, before anything is done.

    found = standing(tx, actor=iri)          # or host=...; kind= for one kind of object
    if found.is_rejected: ...

    check(tx, Door.PULLING, host=host)       # raises Refused, with the reason in words
    select(...).where(*not_hidden(tx, objects.c.author))

An answer costs a microsecond or two: what policies fit a host is remembered by each process until a policy changes, of
20,000 hosts at most, and asked of the database (a handful of names in one indexed query) for the first question about
each. What this transaction itself has changed it sees; what another process commits is noticed as quickly as anything
(node.memory): within a quarter of a second on SQLite, a second on PostgreSQL. What expires, expires at once.

A door (`Door`) is asked about where somebody comes in or something goes out; what is shown of what is here already
follows from the policies alone, whatever the doors.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select

from federation.errors import Refused
from node.actors import actors, host_of
from node.context import Node, Transaction
from node.database import Moment
from node.peering import policies, rules
from node.peering.rules import STRANGER, Door, Mode, Policy, Severity, Standing

__all__ = [
    "Standing",
    "check",
    "check_media",
    "check_sends",
    "hears",
    "mode",
    "not_hidden",
    "not_rejected",
    "passes",
    "remembered",
    "remembered_of",
    "sends_to",
    "standing",
    "with_media",
]

_UNSET: dict[Door, Mode] = dict.fromkeys(Door, Mode.BLOCK_LIST)


def standing(
    tx: Transaction, *, host: str | None = None, actor: str | None = None, kind: str | None = None
) -> Standing:
    """How `actor` stands here, or a host as a whole; for one kind of object if that is asked. Raises Malformed."""
    host = host_of(actor or "") if host is None else host
    if host == tx.node.config.host:
        return STRANGER
    fitting = _about(tx, host)
    if actor is not None and _remembered(tx, "any of actors", policies.any_about_actors):
        fitting = (*policies.about_actor(tx, actor), *fitting)
    return rules.judge(fitting, host=host, actor=actor, kind=kind, now=tx.now) if fitting else STRANGER


def mode(tx: Transaction, door: Door) -> Mode:
    """How a door is set; at first each lets everybody through who is not rejected."""
    held: dict[Door, Mode] = _remembered(tx, "modes", _modes)
    return held.get(door, _UNSET[door])


def passes(tx: Transaction, door: Door, *, host: str | None = None, actor: str | None = None) -> bool:
    """Whether a door lets an actor, or a host, through. Raises Malformed."""
    return rules.passes(standing(tx, host=host, actor=actor), mode(tx, door))


def hears(tx: Transaction, actor: str, kind: str) -> bool:
    """Whether a policy for some kinds alone lets this one be heard of an actor; of all else the door has decided."""
    found = standing(tx, actor=actor, kind=kind)
    return found.kinds is None or rules.passes(found, mode(tx, Door.DELIVERING))


def check(tx: Transaction, door: Door, *, host: str | None = None, actor: str | None = None) -> None:
    """Raise Refused (403) if a door does not let an actor, or a host, through."""
    host = host_of(actor or "") if host is None else host
    rules.check_passes(host, standing(tx, host=host, actor=actor), door, mode(tx, door))


def sends_to(tx: Transaction, *, host: str | None = None, actor: str | None = None) -> bool:
    """Whether anything is sent there: not to whoever is rejected, however the doors are set."""
    return not standing(tx, host=host, actor=actor).is_rejected


def check_sends(tx: Transaction, *, host: str | None = None, actor: str | None = None) -> None:
    """Raise Refused if nothing is sent there."""
    host = host_of(actor or "") if host is None else host
    rules.check_passes(host, standing(tx, host=host, actor=actor), Door.DELIVERING, Mode.BLOCK_LIST)


def remembered(node: Node, host: str) -> tuple[Standing, dict[Door, Mode]] | None:
    """How a host as a whole stands and the doors are set, if this process has it in memory; asks no database."""
    now, generation = node.clock(), node.database.memory.changed_last(policies.TABLES)
    modes, there = (node.standings.find(key, generation, now=now) for key in ("modes", "any"))
    if modes is None or there is None:
        return None
    if host == node.config.host or not there[0]:
        return STRANGER, _UNSET | modes[0]
    fitting = node.standings.find(("host", host), generation, now=now)
    if fitting is None:
        return None
    return rules.judge(fitting[0], host=host, now=now), _UNSET | modes[0]


def check_media(tx: Transaction, host: str) -> None:
    """Raise Refused (403) if pictures, films and sounds of a host are not fetched."""
    check(tx, Door.PULLING, host=host)
    if not standing(tx, host=host).sends_media:
        raise Refused(f"this node shows no pictures, films or sounds of {host}", status=403)


def _about(tx: Transaction, host: str) -> tuple[Policy, ...]:
    if not _remembered(tx, "any", policies.any_at_all):
        return ()
    found: tuple[Policy, ...] = _remembered(tx, ("host", host), lambda tx: policies.about(tx, rules.names_of(host)))
    return found


def _modes(tx: Transaction) -> dict[Door, Mode]:
    return {Door(door): Mode(held) for door, held in policies.modes(tx).items()}


def _remembered(tx: Transaction, key: Hashable, ask: Callable[[Transaction], Any]) -> Any:
    return remembered_of(tx, policies.TABLES, key, ask)


def remembered_of(tx: Transaction, tables: Collection[str], key: Hashable, ask: Callable[[Transaction], Any]) -> Any:
    """What `ask` answers, from memory if none of the tables that it reads has changed since it was asked.

    What a transaction has read that began before the last change is not remembered: it may not see it.
    """
    if tx.seen is not None:
        tx.seen.update(tables)
    if tx.changed and not tx.changed.isdisjoint(tables):
        return ask(tx)
    memory, shelf = tx.node.database.memory, tx.node.standings
    generation = memory.changed_last(tables)
    held = shelf.find(key, generation, now=tx.now)
    if held is None:
        held = (ask(tx),)
        if generation <= tx.since:
            shelf.put(key, generation, held, now=tx.now, lasts=memory.trusted_for)
    return held[0]


# ---- what queries ask


def not_hidden(tx: Transaction, author: Any) -> list[ColumnElement[bool]]:
    """That the column `author` names nobody who is rejected or limited; nothing to ask for where there is no policy."""
    hiding = [one.value for one in sorted(rules.HIDES_FROM_STRANGERS)]
    return _none_of(tx, author, lambda held: held.c.severity.in_(hiding))


def not_rejected(tx: Transaction, author: Any) -> list[ColumnElement[bool]]:
    """The same for what those are shown who follow it: nobody who is rejected."""
    return _none_of(tx, author, lambda held: held.c.severity == Severity.REJECT.value)


def with_media(tx: Transaction, author: Any) -> list[ColumnElement[bool]]:
    """That the column `author` names nobody whose pictures are not shown."""
    rejected = Severity.REJECT.value
    return _none_of(tx, author, lambda held: or_(held.c.no_media.is_(True), held.c.severity == rejected))


def _none_of(tx: Transaction, author: Any, holds: Callable[[Any], ColumnElement[bool]]) -> list[ColumnElement[bool]]:
    if not _remembered(tx, "any", policies.any_at_all):
        return []
    now = bindparam(None, tx.now, type_=Moment)
    held, them = policies.held_back.alias("held_host"), actors.alias("held_actor")
    in_force = [held.c.begins <= now, or_(held.c.ends.is_(None), held.c.ends > now)]
    hosts = (
        select(them.c.iri)
        .join(held, held.c.subject == them.c.host)
        .where(them.c.iri == author, them.c.local.is_(False), holds(held), *in_force)
    )
    if not _remembered(tx, "any of actors", policies.any_about_actors):
        return [~hosts.exists()]
    one = policies.held_back.alias("held_one")
    itself = select(one.c.subject).where(
        one.c.subject == author, one.c.begins <= now, or_(one.c.ends.is_(None), one.c.ends > now)
    )
    return [~itself.where(holds(one)).exists(), or_(itself.exists(), ~hosts.exists())]
