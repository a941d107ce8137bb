"""A group's own filters: making and dropping them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from node.context import Effect, Transaction
from node.decisions import Act, Described
from node.errors import Conflict, Forbidden, Missing
from node.moderation import rules, store
from node.moderation.rules import Filter
from node.translating import N_

KEYS = ("by", "pattern", "effect", "kinds")


def _new(tx: Transaction, given: Mapping[str, Any], actor: str) -> str:
    made = rules.read_filter(given, known_kinds(tx))
    rows = store.filters_of(tx, actor)
    if any(store.as_filter(row) == made for row in rows):
        raise Conflict("the group has this filter already: {pattern}", pattern=made.pattern)
    if len(rows) >= rules.FILTERS_AT_MOST:
        raise Conflict("a group has at most {most} filters", most=rules.FILTERS_AT_MOST)
    return json.dumps([actor, asdict(made)])


def known_kinds(tx: Transaction) -> list[str]:
    """The kinds of objects that a filter can be for: whatever is heard of others."""
    return sorted(set(tx.node.rooms.hearings) - {"ImportDigest"})


def _held(tx: Transaction, given: Mapping[str, Any], actor: str) -> str:
    text = str(given.get("number") or "")
    row = store.find_filter(tx, int(text)) if text.isascii() and text.isdecimal() and len(text) < 10 else None
    if row is None:
        raise Missing("there is no filter {number}", number=text[:20])
    if row.group != actor:
        raise Forbidden("it is a filter of another group of this node")
    return str(row.id)


def made(tx: Transaction, subject: str) -> None:
    """Effect: a filter is in force."""
    group, values = json.loads(subject)
    one = Filter(**rules_of(values))
    if all(store.as_filter(row) != one for row in store.filters_of(tx, group)):
        store.add_filter(tx, group, one)


def rules_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a filter as they were kept in a proposal."""
    kinds = tuple(values["kinds"]) if values["kinds"] else None
    return {"by": rules.By(values["by"]), "pattern": values["pattern"], "effect": rules.Effect(values["effect"]),
            "kinds": kinds}  # fmt: skip


def dropped(tx: Transaction, subject: str) -> None:
    """Effect: a filter is in force no more. What it has let wait still waits."""
    store.drop_filter(tx, int(subject))


def _describe(tx: Transaction, subject: str) -> Described:
    _, values = json.loads(subject)
    kinds = f" ({', '.join(values['kinds'])})" if values["kinds"] else ""
    return Described(f"{values['by']}: {values['pattern']} → {values['effect']}{kinds}")


def _describe_held(tx: Transaction, subject: str) -> Described:
    row = store.find_filter(tx, int(subject))
    return Described(subject if row is None else f"{row.by}: {row.pattern} → {row.effect}")


VERBS = {"filter": ("add_filter", _new), "unfilter": ("drop_filter", _held)}
ACTS: dict[str, Act] = {
    "add_filter": Act("peer", "limit_peer", N_("add a filter"), _describe),
    "drop_filter": Act("peer", "limit_peer", N_("drop a filter"), _describe_held),
}
EFFECTS: dict[str, Effect] = {"add_filter": made, "drop_filter": dropped}
