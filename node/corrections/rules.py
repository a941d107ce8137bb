"""How much is asked, and what an answer looks like: pure."""

from __future__ import annotations

from datetime import timedelta

from node.errors import Invalid
from node.translating import N_

CHARACTERS = 2000
ASKED_CHARACTERS = 1000
A_DAY_OF_TEXT = 5
OPEN_OF_TEXT = 10
A_DAY = 100
OPEN_AT_MOST = 500
TIMES_AT_MOST = 100  # the same words come for nothing: beyond that nobody counts them, and nothing is written
KEPT_FOR = timedelta(days=90)
COUNTED_FOR = timedelta(days=2)  # what was closed today counts among those of today

FULL_TEXT = N_("so many have asked for a correction of this text that no more are taken today; try again tomorrow")
FULL_NODE = N_("so many have asked for corrections here that no more are taken today; try again tomorrow")


def why_not(*, of_text: int, open_of_text: int, of_node: int, open_now: int) -> str | None:
    """Why one more request is not taken; None if it is. The first and the third count those of the day."""
    if of_text >= A_DAY_OF_TEXT or open_of_text >= OPEN_OF_TEXT:
        return FULL_TEXT
    if of_node >= A_DAY or open_now >= OPEN_AT_MOST:
        return FULL_NODE
    return None


def check_words(text: str) -> str:
    """What somebody asks, without the space around it. Raises Invalid."""
    words = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not words:
        raise Invalid("write what is wrong, and what is right", field="words")
    if len(words) > CHARACTERS:
        raise Invalid("write at most {characters} characters", field="words", characters=CHARACTERS)
    return words


def answer_text(asked: str, answer: str, *, about: str | None = None) -> str:
    """The answer as Markdown: the page that it is `about` if it replies to no text, what was asked as a quotation, and
    the answer below. Raises Invalid, with the field."""
    asked, answer = (one.replace("\r\n", "\n").strip() for one in (asked, answer))
    if not asked:
        raise Invalid("say in the group's words what was asked", field="asked")
    if len(asked) > ASKED_CHARACTERS:
        raise Invalid("write at most {characters} characters", field="asked", characters=ASKED_CHARACTERS)
    if not answer:
        raise Invalid("write what the group answers", field="answer")
    quoted = "\n".join(f"> {line}".rstrip() for line in asked.split("\n"))
    return "\n\n".join([*([f"<{about}>"] if about is not None else []), quoted, answer])
