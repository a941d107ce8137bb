"""How a viewer stands to accounts, and her lists and filters, as apps read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from node import actors
from node.context import Transaction
from node.marks import relations
from node.marks.filters import Whole
from node.marks.relations import Relation
from node.members.viewers import Viewer
from node.web.mastodon.entities import moments

HIDES = "hide"


def rendered(tx: Transaction, iris: Sequence[str], viewer: Viewer) -> list[dict[str, Any]]:
    """The Relationships of a viewer to those of `iris` that are known, in their order."""
    rows = actors.find_all(tx, iris)
    there = relations.between(tx, viewer, list(rows))
    return [relationship(rows[iri].number, there[iri]) for iri in dict.fromkeys(iris) if iri in rows]


def relationship(number: int, there: Relation) -> dict[str, Any]:
    """A Relationship. Who has blocked a group is told to nobody, and no account is recommended."""
    return {
        "id": str(number),
        "following": there.following,
        "showing_reblogs": there.boosts and there.following,
        "notifying": there.notify and there.following,
        "languages": list(there.languages),
        "followed_by": there.followed_by,
        "blocking": there.hidden,
        "blocked_by": False,
        "muting": there.muted,
        "muting_notifications": there.notifications_muted,
        "muting_expires_at": moments.optional(there.mute_ends),
        "requested": there.requested,
        "requested_by": there.requested_by,
        "domain_blocking": there.host_hidden,
        "endorsed": False,
        "note": there.note,
    }


def listing(row: Row[Any]) -> dict[str, Any]:
    """A List."""
    return {
        "id": str(row.id),
        "title": row.title,
        "replies_policy": row.replies_policy,
        "exclusive": row.exclusive,
    }


def filter_(whole: Whole) -> dict[str, Any]:
    """A Filter with what it looks for."""
    return _bare(whole) | {
        "keywords": [keyword(row) for row in whole.keywords],
        "statuses": [filtered_status(row) for row in whole.statuses],
    }


def _bare(whole: Whole) -> dict[str, Any]:
    return {
        "id": str(whole.row.id),
        "title": whole.row.title,
        "context": list(whole.row.contexts),
        "expires_at": moments.optional(whole.row.ends),
        "filter_action": whole.row.action,
    }


def keyword(row: Row[Any]) -> dict[str, Any]:
    """A FilterKeyword."""
    return {"id": str(row.id), "keyword": row.keyword, "whole_word": row.whole_word}


def filtered_status(row: Row[Any]) -> dict[str, Any]:
    """A FilterStatus."""
    return {"id": str(row.id), "status_id": str(row.sort_id)}


def filters_v1(whole: Whole) -> list[dict[str, Any]]:
    """The keywords of a filter, each as a filter of version 1."""
    return [
        {
            "id": str(row.id),
            "phrase": row.keyword,
            "context": list(whole.row.contexts),
            "whole_word": row.whole_word,
            "expires_at": moments.optional(whole.row.ends),
            "irreversible": whole.row.action == HIDES,
        }
        for row in whole.keywords
    ]
