"""How many complaints are heard: pure."""

from __future__ import annotations

from datetime import timedelta

ABOUT_AT_MOST = 20
WORDS_CHARACTERS = 2000
A_DAY_OF_ACTOR = 10  # Mastodon's instance actor complains for everybody there
A_DAY_OF_HOST = 30
OPEN_AT_MOST = 500
DAY = timedelta(days=1)
KEPT_FOR = timedelta(days=90)


def why_not(*, of_actor: int, of_host: int, open_now: int) -> str | None:
    """Why one more complaint is not heard; None if it is. The first two count those of the last day."""
    if of_actor >= A_DAY_OF_ACTOR:
        return f"its actor has brought {of_actor} complaints within a day"
    if of_host >= A_DAY_OF_HOST:
        return f"its host has brought {of_host} complaints within a day"
    if open_now >= OPEN_AT_MOST:
        return f"{open_now} complaints are open, and have to be dealt with first"
    return None
