"""How many complaints are heard, what a form must hold, and what is said when one is closed: pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from node.errors import Invalid
from node.translating import N_

ABOUT_AT_MOST = 20
WORDS_CHARACTERS = 2000
REASONS_CHARACTERS = 1000
A_DAY_OF_ACTOR = 10  # Mastodon's instance actor complains for everybody there
A_DAY_OF_HOST = 30
OPEN_AT_MOST = 500
DAY = timedelta(days=1)
KEPT_FOR = timedelta(days=90)
ANSWERED_WITHIN = timedelta(hours=48)  # then delegates are told that it still waits

# By the form, where nothing tells one sender from another.
A_DAY_OF_THING = 10
A_DAY_OF_FORM = 150
OPEN_OF_FORM = 300  # the rest of OPEN_AT_MOST is left to those who can be told apart
ASKED_AFTER = 10  # complaints within a day, after which a question is asked, too
TIMES_AT_MOST = 100
TICKET_LASTS = timedelta(hours=12)
TICKET_RESTS = timedelta(seconds=2)  # nobody writes a complaint faster

FULL_THING = N_("so many have complained of this today that no more is taken by this form; try again tomorrow")
FULL_NODE = N_("so many have complained here today that no more is taken by this form; try again tomorrow")
STALE = N_("this form has been open for too long, or was sent by a program; send it once more")
WRONG_NUMBER = N_("this is not the sum; write it as a number")


class Source(StrEnum):
    """By which way a complaint came."""

    FLAG = "flag"  # of another server
    FORM = "form"  # from anybody
    APP = "app"  # from a member or a reader


class Category(StrEnum):
    """What is wrong, as the one who complains sees it."""

    SPAM = "spam"
    HARASSMENT = "harassment"
    ILLEGAL = "illegal"
    RULES = "rules"
    OTHER = "other"


CATEGORIES: Mapping[Category, str] = {
    Category.SPAM: N_("It is spam"),
    Category.HARASSMENT: N_("It harasses or endangers somebody"),
    Category.ILLEGAL: N_("It is against the law"),
    Category.RULES: N_("It is against the rules of this node"),
    Category.OTHER: N_("Something else"),
}


class Done(StrEnum):
    """What a delegate has done about a complaint."""

    NOTHING = "nothing"
    CORRECTED = "corrected"
    REMOVED = "removed"
    LIMITED = "limited"
    PASSED_ON = "passed on"
    ANSWERED = "answered"


DONE: Mapping[Done, str] = {
    Done.NOTHING: N_("Nothing was done: the text stays as it is."),
    Done.CORRECTED: N_("What was said has been corrected."),
    Done.REMOVED: N_("It was removed from this node."),
    Done.LIMITED: N_("The account, or its server, is limited or blocked here."),
    Done.PASSED_ON: N_("It was passed on to the server that it comes from."),
    Done.ANSWERED: N_("The group has answered in public."),
}


class Ground(StrEnum):
    """On what ground."""

    RULES = "rules"
    LAW = "law"
    NEITHER = "neither"


GROUNDS: Mapping[Ground, str] = {
    Ground.RULES: N_("On the ground of the rules of this node."),
    Ground.LAW: N_("On the ground of the law."),
    Ground.NEITHER: N_("Neither the rules of this node nor the law ask for more."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The statement of reasons with which a complaint is closed."""

    done: Done = Done.NOTHING
    ground: Ground = Ground.NEITHER
    words: str = ""


def read_outcome(given: Mapping[str, Any]) -> Outcome:
    """The statement that `done`, `ground` and `words` make; what is left out is as by default. Raises Invalid."""
    done, ground = given.get("done") or Done.NOTHING, given.get("ground") or Ground.NEITHER
    if done not in tuple(Done):
        raise Invalid("“{given}” is none of {known}", field="done", given=done, known=", ".join(Done))
    if ground not in tuple(Ground):
        raise Invalid("“{given}” is none of {known}", field="ground", given=ground, known=", ".join(Ground))
    words = cleaned(given.get("words") or "")
    if len(words) > REASONS_CHARACTERS:
        raise Invalid("write at most {characters} characters", field="words", characters=REASONS_CHARACTERS)
    return Outcome(done=Done(done), ground=Ground(ground), words=words)


def why_not(*, of_actor: int, of_host: int, open_now: int) -> str | None:
    """Why one more complaint is not heard; None if it is. The first two count those of the last day."""
    if of_actor >= A_DAY_OF_ACTOR:
        return f"its actor has brought {of_actor} complaints within a day"
    if of_host >= A_DAY_OF_HOST:
        return f"its host has brought {of_host} complaints within a day"
    if open_now >= OPEN_AT_MOST:
        return f"{open_now} complaints are open, and have to be dealt with first"
    return None


def why_no_form(*, of_thing: int, of_form: int, open_of_form: int) -> str | None:
    """Why one more is not taken by the form; None if it is. The first two count those of the last day."""
    if of_thing >= A_DAY_OF_THING:
        return FULL_THING
    if of_form >= A_DAY_OF_FORM or open_of_form >= OPEN_OF_FORM:
        return FULL_NODE
    return None


def cleaned(text: str) -> str:
    """What somebody wrote, without what cannot be kept and the space around it."""
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def check_words(text: str, *, needed: bool) -> str:
    """The words of a complaint. Raises Invalid."""
    words = cleaned(text)
    if needed and not words:
        raise Invalid("write what is wrong with it", field="words")
    if len(words) > WORDS_CHARACTERS:
        raise Invalid("write at most {characters} characters", field="words", characters=WORDS_CHARACTERS)
    return words


def read_category(text: str) -> Category:
    """One of CATEGORIES. Raises Invalid."""
    if text not in tuple(Category):
        raise Invalid("say of which kind it is", field="category")
    return Category(text)


# ---- a ticket: that the form was fetched before it was sent, and what was asked in it; no row is kept for it


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a form carries: `text`, and the two numbers of its question, if one is asked."""

    text: str
    question: tuple[int, int] | None


def ticket(secret: bytes, *, now: datetime, chance: int, asked: bool) -> Ticket:
    """A ticket for a form that is shown now; `chance` chooses the numbers."""
    first, second = 2 + chance % 8, 2 + chance // 8 % 8
    signed = f"{int(now.timestamp())}.{first if asked else 0}.{second if asked else 0}"
    return Ticket(f"{signed}.{_mac(secret, signed)}", (first, second) if asked else None)


def check_ticket(text: str, answer: str, *, secret: bytes, now: datetime, asked: bool) -> None:
    """Raise Invalid unless `text` is a ticket of ours of the right age and `answer` what it asks.

    `asked`: whether it must have asked something by now.
    """
    signed, _, mac = text.rpartition(".")
    parts = signed.split(".")
    if len(parts) != 3 or not hmac.compare_digest(mac.encode(), _mac(secret, signed).encode()):
        raise Invalid(STALE, field="ticket")
    made, first, second = (int(part) for part in parts)
    age = now.timestamp() - made
    if not TICKET_RESTS.total_seconds() <= age <= TICKET_LASTS.total_seconds() or (asked and not first):
        raise Invalid(STALE, field="ticket")
    if first and answer.strip() != str(first + second):
        raise Invalid(WRONG_NUMBER, field="answer")


def _mac(secret: bytes, signed: str) -> str:
    return hmac.new(secret, b"complaint " + signed.encode(), hashlib.sha256).hexdigest()[:32]
