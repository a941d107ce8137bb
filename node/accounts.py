"""Actors as apps ask for them: by a number that never changes, or by a handle."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from node.actors import actors, local_actors
from node.context import Transaction
from node.prepared import Prepared

_NUMBERED = Prepared(select(actors).where(actors.c.number == bindparam("number")))
_OURS = Prepared(select(local_actors.c.iri).where(local_actors.c.iri == bindparam("iri")))


def numbered(tx: Transaction, number: int) -> Row[Any] | None:
    """The actor that has this number."""
    row: Row[Any] | None = tx.execute(_NUMBERED, {"number": number}).one_or_none()
    return row


def all_numbered(tx: Transaction, numbers: Sequence[int]) -> list[Row[Any]]:
    """The actors that have these numbers, in the order of the numbers asked for."""
    found = {row.number: row for row in tx.execute(select(actors).where(actors.c.number.in_(numbers)))}
    return [found[number] for number in dict.fromkeys(numbers) if number in found]


def called(tx: Transaction, name: str, host: str) -> Row[Any] | None:
    """The actor whose handle is `name`@`host`, written small or large; the one on whom both sides agree first."""
    agreed = select(actors).where(actors.c.agreed_handle == f"{name}@{host}", actors.c.gone.is_(None))
    row = tx.execute(agreed.limit(1)).first()
    if row is not None:
        return row
    named = func.lower(actors.c.handle) == name.lower()
    as_agreed = actors.c.agreed_handle.is_(None) | (func.lower(actors.c.agreed_handle) == f"{name}@{host}".lower())
    query = select(actors).where(actors.c.host == host, named, actors.c.gone.is_(None), as_agreed)
    return tx.execute(query.order_by(actors.c.number).limit(1)).first()


def is_ours(tx: Transaction, iri: str) -> bool:
    """Whether `iri` is an actor of this node, or was one."""
    return iri.startswith(f"{tx.node.config.origin}/") and tx.execute(_OURS, {"iri": iri}).first() is not None


def beginning(tx: Transaction, text: str, *, limit: int, among: Collection[str] | None = None) -> list[Row[Any]]:
    """The actors whose handle or name begins with `text`, or a word of whose name does; ours first, then by handle."""
    user, _, host = text.strip().removeprefix("@").partition("@")
    wanted = user.strip().lower()
    if not wanted:
        return []
    handle, name = func.lower(actors.c.handle), func.lower(actors.c.name)
    begins = handle.startswith(wanted, autoescape=True) | name.startswith(wanted, autoescape=True)
    begins |= name.contains(f" {wanted}", autoescape=True)
    query = select(actors).where(begins, actors.c.gone.is_(None))
    if host:
        query = query.where(actors.c.host.startswith(host.lower(), autoescape=True))
    if among is not None:
        query = query.where(actors.c.iri.in_(among))
    return list(tx.execute(query.order_by(actors.c.local.desc(), handle, actors.c.number).limit(limit)))
