"""What can be noted, and how much of it: pure. The words are Mastodon's, because apps send them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from node.errors import Invalid

MARKS_AT_MOST = 20_000  # of each kind
ACCOUNTS_AT_MOST = 5_000  # muted, hidden, followed: of each
NOTES_AT_MOST = 5_000
HOSTS_AT_MOST = 500
TAGS_AT_MOST = 200
LISTS_AT_MOST = 50
LIST_ACCOUNTS_AT_MOST = 500
FILTERS_AT_MOST = 100
KEYWORDS_AT_MOST = 100  # of one filter
KEYWORDS_IN_ALL = 1_000  # every text that she is shown is looked through for each
FILTER_STATUSES_AT_MOST = 100  # of one filter
TITLE_CHARACTERS = 256
KEYWORD_CHARACTERS = 512
NOTE_CHARACTERS = 2000
TAG_CHARACTERS = 100
HOST_CHARACTERS = 253
LONGEST = timedelta(days=3660)

CONTEXTS = ("home", "notifications", "public", "thread", "account")
ACTIONS = ("warn", "hide", "blur")
REPLIES = ("followed", "list", "none")
TIMELINES = ("home", "notifications")
V1_ACTIONS = {True: "hide", False: "warn"}  # what version 1 of the API calls irreversible


class Kind(StrEnum):
    """What stands on a text."""

    FAVOURITE = "favourite"
    BOOKMARK = "bookmark"
    QUIET = "quiet"  # its thread


def check_text(text: str, *, field: str, at_most: int, empty: bool = False) -> str:
    """`text` in one line as it is kept. Raises Invalid."""
    kept = text.strip()
    if not kept and not empty:
        raise Invalid("there is no text", field=field)
    if len(kept) > at_most:
        raise Invalid("it has {given} characters; {limit} are the limit", field=field, given=len(kept), limit=at_most)
    if any(letter != "\n" and unicodedata.category(letter) in ("Cc", "Cs") for letter in kept):
        raise Invalid("there is a character in it that cannot be kept", field=field)
    return kept


def check_title(text: str) -> str:
    """The title of a list or a filter. Raises Invalid."""
    return check_text(text, field="title", at_most=TITLE_CHARACTERS)


def check_note(text: str) -> str:
    """A note on an account; an empty one takes it away. Raises Invalid."""
    return check_text(text, field="comment", at_most=NOTE_CHARACTERS, empty=True)


def check_keyword(text: str) -> str:
    """The words that a filter looks for. Raises Invalid."""
    return check_text(text, field="keyword", at_most=KEYWORD_CHARACTERS)


def check_one_of(given: str, known: Sequence[str], *, field: str) -> str:
    """`given`, if it is `known`. Raises Invalid."""
    if given not in known:
        raise Invalid("“{given}” is none of {known}", field=field, given=given[:100], known=", ".join(known))
    return given


def check_contexts(given: Sequence[str]) -> tuple[str, ...]:
    """Where a filter applies, in the order of CONTEXTS. Raises Invalid."""
    for one in given:
        check_one_of(one, CONTEXTS, field="context")
    if not given:
        raise Invalid("say where it applies: {known}", field="context", known=", ".join(CONTEXTS))
    return tuple(one for one in CONTEXTS if one in given)


def check_tag(name: str) -> str:
    """A hashtag as texts are found by it. Raises Invalid."""
    tag = check_text(name.removeprefix("#"), field="name", at_most=TAG_CHARACTERS).casefold()
    if not all(letter == "_" or letter.isalnum() or unicodedata.category(letter)[0] == "M" for letter in tag):
        raise Invalid("“{name}” is not a hashtag", field="name", name=name[:TAG_CHARACTERS])
    return tag


def check_host(text: str) -> str:
    """A host (with its port) in its one spelling. Raises Invalid."""
    host = text.strip().lower().rstrip(".")
    if not host or len(host) > HOST_CHARACTERS or any(letter in "/@?# \\" or ord(letter) < 32 for letter in host):
        raise Invalid("“{host}” is not a host such as peer.example", field="domain", host=text[:100])
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise Invalid("“{host}” is not a host such as peer.example", field="domain", host=text[:100]) from None


def ends(seconds: int | None, *, now: datetime, field: str) -> datetime | None:
    """When what lasts so long is over; 0 and None are for ever. Raises Invalid."""
    if not seconds:
        return None
    if not 0 < seconds <= LONGEST.total_seconds():
        raise Invalid("say how many seconds, at most {limit}", field=field, limit=int(LONGEST.total_seconds()))
    return now + timedelta(seconds=seconds)


def check_room(there: int, *, at_most: int, field: str | None = None) -> None:
    """Raise Invalid where there are as many as there can be."""
    if there >= at_most:
        raise Invalid("there are {limit} already, and no more can be kept; take one away first", field=field,
                      limit=at_most)  # fmt: skip
