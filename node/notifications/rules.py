"""Which notifications there are."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """As Mastodon names them; `VOTE` is ours, and apps are shown it as a status."""

    MENTION = "mention"
    REBLOG = "reblog"
    FAVOURITE = "favourite"
    FOLLOW = "follow"
    FOLLOW_REQUEST = "follow_request"
    QUOTE = "quote"
    UPDATE = "update"  # what the group has boosted was changed
    QUOTED_UPDATE = "quoted_update"  # what a text of the group quotes was changed
    VOTE = "vote"  # something was put to the vote


GROUPED = (Kind.FAVOURITE, Kind.REBLOG, Kind.FOLLOW)
"""Which are shown together: those of one kind about one text, or of one day."""


ACCEPT, FILTER, DROP = CHOICES = ("accept", "filter", "drop")


class Sender(StrEnum):
    """Of whom a viewer may want to hear less; as Mastodon's policy names them."""

    NOT_FOLLOWED = "for_not_following"
    NOT_FOLLOWING = "for_not_followers"
    NEW = "for_new_accounts"
    PRIVATE = "for_private_mentions"
    LIMITED = "for_limited_accounts"


SENDERS = tuple(Sender)


def group_key(kind: str, iri_number: int | None, number: int) -> str:
    """The name of the group of notifications that one belongs to: those of a kind about a text, else itself."""
    return f"{kind}-{iri_number}" if kind in GROUPED_NAMES and iri_number is not None else f"ungrouped-{number}"


GROUPED_NAMES = frozenset(kind.value for kind in GROUPED)
