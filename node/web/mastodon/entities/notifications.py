"""Notifications as apps read them: one by one, and in groups (those of one kind about one text are one)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from node.context import Transaction
from node.members.viewers import Viewer
from node.notifications.rules import GROUPED_NAMES, Kind, group_key
from node.timelines.rules import Item
from node.web.mastodon.entities import accounts, statuses, votes
from node.web.mastodon.entities.moments import moment

SAMPLE = 8  # accounts that are shown of a group
TYPES = {Kind.VOTE.value: "status"}
"""What an app does not know by its name is shown as the nearest thing it knows."""


@dataclass(slots=True)
class _Group:
    key: str
    rows: list[Row[Any]] = field(default_factory=list)


def rendered(tx: Transaction, rows: Sequence[Row[Any]], viewer: Viewer) -> list[dict[str, Any]]:
    """Notification entities, in the order of their rows; without those whose actor or text is not there any more."""
    who, texts = _around(tx, rows, viewer)
    made = []
    for row in rows:
        if row.actor not in who or (_has_text(row) and _key(row) not in texts):
            continue
        one = {
            "id": str(row.id),
            "type": TYPES.get(row.kind, row.kind),
            "created_at": moment(row.at),
            "group_key": _group_key(row, texts),
            "account": who[row.actor],
        }
        made.append(one | ({"status": texts[_key(row)]} if _has_text(row) else {}))
    return made


def grouped(tx: Transaction, rows: Sequence[Row[Any]], viewer: Viewer, *, kinds: frozenset[str]) -> dict[str, Any]:
    """GroupedNotificationsResults of rows, the newest first. `kinds`: the types that the app wants in groups."""
    who, texts = _around(tx, rows, viewer)
    groups: dict[str, _Group] = {}
    for row in rows:
        if row.actor in who and (not _has_text(row) or _key(row) in texts):
            key = _group_key(row, texts) if row.kind in kinds else f"ungrouped-{row.id}"
            groups.setdefault(key, _Group(key)).rows.append(row)
    shown = {one.actor: who[one.actor] for group in groups.values() for one in group.rows[:SAMPLE]}
    used = {_key(group.rows[0]): texts[_key(group.rows[0])] for group in groups.values() if _has_text(group.rows[0])}
    return {
        "accounts": list(shown.values()),
        "statuses": list(used.values()),
        "notification_groups": [_entity(group, who, texts) for group in groups.values()],
    }


def _entity(group: _Group, who: dict[str, Any], texts: dict[str, Any]) -> dict[str, Any]:
    newest, oldest = group.rows[0], group.rows[-1]
    actors = list(dict.fromkeys(row.actor for row in group.rows))
    return {
        "group_key": group.key,
        "notifications_count": len(group.rows),
        "type": TYPES.get(newest.kind, newest.kind),
        "most_recent_notification_id": newest.id,
        "page_min_id": str(oldest.id),
        "page_max_id": str(newest.id),
        "latest_page_notification_at": moment(newest.at),
        "sample_account_ids": [who[actor]["id"] for actor in actors[:SAMPLE]],
    } | ({"status_id": texts[_key(newest)]["id"]} if _has_text(newest) else {})


def _around(tx: Transaction, rows: Sequence[Row[Any]], viewer: Viewer) -> tuple[dict[str, Any], dict[str, Any]]:
    """The Accounts of those who did it, and the Statuses that it is about, by what the rows name."""
    who = accounts.rendered(tx, {row.actor for row in rows}, viewer)
    about = dict.fromkeys(row.iri for row in rows if _has_text(row) and row.kind != Kind.VOTE.value)
    texts = {one["uri"]: one for one in statuses.rendered(tx, [Item(iri) for iri in about], viewer)}
    for row in rows:
        if row.kind == Kind.VOTE.value and (vote := votes.status(tx, row, viewer)) is not None:
            texts[_key(row)] = vote
    return who, texts


def _has_text(row: Row[Any]) -> bool:
    return row.kind not in (Kind.FOLLOW.value, Kind.FOLLOW_REQUEST.value)


def _key(row: Row[Any]) -> str:
    return f"vote {row.iri}" if row.kind == Kind.VOTE.value else str(row.iri)


def _group_key(row: Row[Any], texts: dict[str, Any]) -> str:
    if row.kind not in GROUPED_NAMES:
        return f"ungrouped-{row.id}"
    if row.kind == Kind.FOLLOW.value:
        return f"follow-{row.at:%Y%m%d}"
    number = texts.get(_key(row), {}).get("id")
    return group_key(row.kind, number, row.id)
