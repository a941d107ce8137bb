"""A poll as its author counts it, and what the group that looks at it has voted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from node.statements import extras
from node.web.mastodon.entities import moments


def poll(
    found: Mapping[str, Any],
    *,
    number: int,
    emojis: Sequence[dict[str, Any]],
    now: datetime,
    own_votes: Sequence[int] = (),
) -> dict[str, Any]:
    """The Poll of the text that has this `number`, which is the poll's too. `own_votes`: of the viewer's account."""
    votes = [one["votes"] for one in found["options"]]
    ends = datetime.fromisoformat(found["ends"]) if found["ends"] else None
    return {
        "id": str(number),
        "expires_at": moments.optional(ends),
        "expired": ends is not None and ends <= now,
        "multiple": found["many"],
        "votes_count": sum(one or 0 for one in votes),
        "voters_count": found["voters"],
        "options": [{"title": extras.option(one["name"]), "votes_count": one["votes"]} for one in found["options"]],
        "emojis": list(emojis),
        "voted": bool(own_votes),
        "own_votes": list(own_votes),
    }
