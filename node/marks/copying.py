"""All that a member has noted for herself, through whichever account: counted, in her hands, or forgotten."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Row, Table, delete, func, select

from node.context import Transaction
from node.marks import accounts, filters, followings, lists, places, store
from node.marks.rules import Kind
from node.members.viewers import viewers
from node.objects import objects

OF_VIEWERS: tuple[Table, ...] = (
    store.marks, accounts.mutes, accounts.hidden_actors, accounts.hidden_hosts, accounts.actor_notes,
    followings.private_follows, followings.followed_tags, lists.lists, filters.filters, places.markers,
)  # fmt: skip
"""The tables that hang on a viewer; those of lists and filters hang on these."""
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def count(tx: Transaction, member: int) -> int:
    """How many things a member has noted."""
    return sum(
        int(tx.execute(select(func.count()).select_from(table).where(table.c.viewer.in_(_of(member)))).scalar_one())
        for table in OF_VIEWERS
    )


def forget(tx: Transaction, member: int) -> None:
    """Forget all that a member has noted. What a group follows is the group's, and stays."""
    for table in OF_VIEWERS:
        tx.execute(delete(table).where(table.c.viewer.in_(_of(member))))


def everything(tx: Transaction, member: int) -> list[dict[str, Any]]:
    """All that a member has noted, by the account that she meets: `account` is a group's address, or null.

    Texts and accounts are addresses, moments are ISO 8601.
    """
    rows = tx.execute(select(viewers).where(viewers.c.member == member).order_by(viewers.c.id)).all()
    return [{"account": row.actor} | {name: read(tx, row.id) for name, read in _PARTS.items()} for row in rows]


def as_csv(whole: list[dict[str, Any]]) -> str:
    """The same as a table: account, what it is, about whom or what, and the rest as JSON."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(["account", "kind", "about", "more"])
    for one in whole:
        for kind in _PARTS:
            for item in one[kind]:
                more = {name: value for name, value in item.items() if name != "about"}
                written = json.dumps(more, ensure_ascii=False) if more else ""
                writer.writerow([one["account"] or "", kind, _plain(item["about"]), written])
    return target.getvalue()


def _plain(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _of(member: int) -> Any:
    return select(viewers.c.id).where(viewers.c.member == member)


def _rows(tx: Transaction, table: Table, viewer: int) -> list[Row[Any]]:
    return list(tx.execute(select(table).where(table.c.viewer == viewer).order_by(*table.primary_key)))


def _marked(kind: Kind) -> Callable[[Transaction, int], list[dict[str, Any]]]:
    def read(tx: Transaction, viewer: int) -> list[dict[str, Any]]:
        table = store.marks.c
        query = select(table.object).where(table.viewer == viewer, table.kind == kind.value).order_by(table.id)
        return [{"about": iri} for iri in tx.execute(query).scalars()]

    return read


def _about(table: Table, column: str, *more: str) -> Callable[[Transaction, int], list[dict[str, Any]]]:
    def read(tx: Transaction, viewer: int) -> list[dict[str, Any]]:
        return [
            {"about": getattr(row, column)} | {name: _said(getattr(row, name)) for name in more}
            for row in _rows(tx, table, viewer)
        ]

    return read


def _said(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _lists(tx: Transaction, viewer: int) -> list[dict[str, Any]]:
    return [
        {"about": row.title, "replies_policy": row.replies_policy, "exclusive": row.exclusive,
         "accounts": sorted(tx.execute(lists.accounts(row.id)).scalars())}
        for row in lists.of(tx, viewer)
    ]  # fmt: skip


def _filters(tx: Transaction, viewer: int) -> list[dict[str, Any]]:
    return [
        {"about": one.row.title, "contexts": one.row.contexts, "action": one.row.action, "ends": _said(one.row.ends),
         "keywords": [{"keyword": word.keyword, "whole_word": word.whole_word} for word in one.keywords],
         "texts": [row.object for row in one.statuses]}
        for one in filters.of(tx, viewer)
    ]  # fmt: skip


def _places(tx: Transaction, viewer: int) -> list[dict[str, Any]]:
    """The address of the text where she stands, where there is one (in `notifications` there is none)."""
    rows = _rows(tx, places.markers, viewer)
    found = select(objects.c.sort_id, objects.c.iri).where(objects.c.sort_id.in_([row.last_read for row in rows]))
    texts = {row.sort_id: row.iri for row in tx.execute(found)}
    return [{"about": row.timeline, "last_read": str(row.last_read), "text": texts.get(row.last_read)} for row in rows]


_PARTS: dict[str, Callable[[Transaction, int], list[dict[str, Any]]]] = {
    "favourites": _marked(Kind.FAVOURITE),
    "bookmarks": _marked(Kind.BOOKMARK),
    "quiet_threads": _marked(Kind.QUIET),
    "muted_accounts": _about(accounts.mutes, "actor", "notifications", "ends"),
    "hidden_accounts": _about(accounts.hidden_actors, "actor"),
    "hidden_hosts": _about(accounts.hidden_hosts, "host"),
    "notes": _about(accounts.actor_notes, "actor", "text"),
    "follows": _about(followings.private_follows, "actor", "wanted", "boosts", "notify", "languages"),
    "followed_tags": _about(followings.followed_tags, "name"),
    "lists": _lists,
    "filters": _filters,
    "places": _places,
}
