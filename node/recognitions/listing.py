"""Recognitions as every door tells them: who, of whom, in which words, why, since when; and nothing added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from node import actors, names
from node.context import Transaction
from node.recognitions import store


def given(tx: Transaction, group: str) -> list[dict[str, Any]]:
    """What a group says of others."""
    return told(tx, store.by(tx, group))


def received(tx: Transaction, group: str, *, said_to_all: bool = False) -> list[dict[str, Any]]:
    """What others say of a group; for those who are no members only what was said to everybody (`said_to_all`)."""
    return told(tx, [row for row in store.of(tx, group) if row.open or not said_to_all])


def between(tx: Transaction, group: str, other: str) -> dict[str, Any]:
    """What a group says of another, and that of it: `given` and `received`, each one or none."""
    pairs = {"given": store.between(tx, group, other), "received": store.between(tx, other, group)}
    found = {name: told(tx, [row]) for name, row in pairs.items() if row is not None and row.since is not None}
    return {name: found[name][0] if found.get(name) else None for name in pairs}


def told(tx: Transaction, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """For programs, with the fields that deploy/docs/peering.md names; those of actors that have left are left out."""
    known = actors.find_all(tx, [iri for row in rows for iri in (row.author, row.about)])
    return [
        {
            "id": row.iri,
            "author": who(known, row.author),
            "about": who(known, row.about),
            "words": row.words,
            "reason": row.reason,
            "language": row.language,
            "since": row.since.isoformat(),
            "review_on": row.review_on,
        }
        for row in rows
        if row.author not in known or known[row.author].gone is None
    ]


def who(known: Mapping[str, Row[Any]], iri: str) -> dict[str, Any]:
    """One group: its address, handle and name."""
    row = known.get(iri)
    if row is None:
        return {"id": iri, "handle": names.address(iri), "name": None}
    return {"id": iri, "handle": actors.handle_of(row), "name": names.visible(row.name)}
