"""Statuses that are nobody's publication: what a node tells a member about her group, in the shape that apps read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from node.web.mastodon.entities.moments import moment


def status(
    *, number: int, account: dict[str, Any], html: str, at: datetime, url: str, language: str | None, **more: Any
) -> dict[str, Any]:
    """A whole Status with these words, which nobody but members of the group is ever shown: nothing in it is null
    that apps do not take as null."""
    return {
        "id": str(number),
        "created_at": moment(at),
        "edited_at": None,
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "private",
        "language": language,
        "uri": url,
        "url": url,
        "replies_count": 0,
        "reblogs_count": 0,
        "favourites_count": 0,
        "quotes_count": 0,
        "content": html,
        "reblog": None,
        "application": None,
        "account": account,
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "card": None,
        "poll": None,
        "quote": None,
        "favourited": False,
        "reblogged": False,
        "muted": False,
        "bookmarked": False,
        "pinned": False,
        "filtered": [],
    } | more
