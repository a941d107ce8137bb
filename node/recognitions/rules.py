"""What a recognition must be: pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from node.errors import Invalid

WORDS_CHARACTERS: Final = 100
REASON_CHARACTERS: Final = 2000
REVIEW_AT_MOST: Final = timedelta(days=10 * 366)
OF_ONE_AT_MOST: Final = 1000  # recognitions that are kept of one author


def check(words: str, reason: str, review_on: date | None, *, today: date) -> None:
    """Raise Invalid, naming the field, unless a group can recognise like this."""
    if not reason.strip():
        raise Invalid("say why: whoever reads it will ask", field="reason")
    if len(reason) > REASON_CHARACTERS:
        raise Invalid("a reason has at most {most} characters", field="reason", most=REASON_CHARACTERS)
    if len(words) > WORDS_CHARACTERS:
        raise Invalid("the words have at most {most} characters", field="words", most=WORDS_CHARACTERS)
    if review_on is not None and not today < review_on <= today + REVIEW_AT_MOST:
        raise Invalid("the day of the review lies after today, and within ten years", field="review_on")


def read_day(text: str) -> date | None:
    """The day in a form or a command, none if it is empty. Raises Invalid."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid("“{text}” is no day such as 2027-05-01", field="review_on", text=text) from None
