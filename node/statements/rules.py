"""What a draft must be, which type it is sent as, and what of others' words this node keeps: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from node.errors import Invalid
from node.media import Picture
from schemas.context import PUBLIC
from schemas.statement import Statement

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
TAG = re.compile(r"[^\W_][\w]{0,99}")
UNSENDABLE = re.compile("[\x00\ud800-\udfff]")
TITLE_CHARACTERS = 300
SUMMARY_CHARACTERS = 500
TAGS_AT_MOST = 30
TAG_CHARACTERS = 100
PICTURES_AT_MOST = 4  # what Mastodon shows


class Form(StrEnum):
    """Which ActivityStreams type carries the text."""

    NOTE = "Note"
    ARTICLE = "Article"


class State(StrEnum):
    """Where a publication stands."""

    PROPOSED = "proposed"
    WAITING = "waiting"  # decided, in the delay in which it can be called back
    HELD = "held back"  # a correction that was adopted when another had changed the same words
    RELEASED = "released"
    REFUSED = "refused"  # the group has decided otherwise, or too few cared; it can be worked on again
    CALLED_BACK = "called back"
    DELETED = "deleted"


class Interest(StrEnum):
    """Why this node looks at what another has said."""

    TOLD = "told"  # its author told us: kept if it is ours to keep
    PAST = "past"  # its author said it before we followed: kept likewise; what it answers may still come by itself
    PASSED_ON = "passed on"  # one whom we follow passed it on: kept, and it stands in the time line
    ADMITTED = "admitted"  # its author told us, it had to wait, and a delegate has admitted it
    SOUGHT = "sought"  # a thread held here lacks it, and the node went looking: kept below or above what is there


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A statement before it is one. `text` is Markdown; `report` holds the fields that make it a struggle report,
    `event` those of a planned action, `position` what makes it one: {"on": the address of a text, "stance": a code},
    `appeal` those of one, `answer` those of an answer to one, `conditions` those of a report of conditions, and
    `minority_of` names the text of the group that a minority answers with it.

    `quiet`: for everybody, and shown to nobody who does not look (Mastodon's “quiet public”).
    `quotable`: who may quote it without asking, one of QUOTABLE; everybody if nothing is said.
    `pictures` are kept already, in the order in which the text shows them. `translations` say the same in other
    languages: of each the text, the title and the summary count; they are decided and published together with this one.
    """

    text: str
    title: str | None = None
    language: str | None = None
    summary: str | None = None
    tags: tuple[str, ...] = ()
    sensitive: bool = False
    quiet: bool = False
    form: Form | None = None
    reply_to: str | None = None
    quote: str | None = None
    event: Mapping[str, str] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    report: Mapping[str, str] = field(default_factory=dict)
    position: Mapping[str, str] = field(default_factory=dict)
    appeal: Mapping[str, str] = field(default_factory=dict)
    answer: Mapping[str, str] = field(default_factory=dict)
    conditions: Mapping[str, str] = field(default_factory=dict)
    translations: tuple[Draft, ...] = ()
    minority_of: str | None = None
    quotable: str | None = None


QUOTABLE = ("public", "followers", "nobody")
"""Who may quote a text, as Mastodon names it; a group may always quote itself."""


def check(draft: Draft, *, characters: int) -> None:
    """Raise Invalid, naming the field, unless `draft` can be published."""
    texts = {name: getattr(draft, name) or "" for name in ("text", "title", "summary", "reply_to", "quote")}
    for name, value in [*texts.items(), *draft.event.items(), *draft.position.items(), *_of_a_kind(draft)]:
        if UNSENDABLE.search(value):
            raise Invalid("there is a character in it that cannot be sent", field=name)
    if not draft.text.strip():
        raise Invalid("there is no text", field="text")
    if len(draft.text) > characters:
        raise Invalid(
            "the text has {given} characters; {limit} are the limit",
            field="text",
            given=len(draft.text),
            limit=characters,
        )
    if draft.title is not None and not 0 < len(draft.title.strip()) <= TITLE_CHARACTERS:
        raise Invalid("a title has 1 to {limit} characters", field="title", limit=TITLE_CHARACTERS)
    if draft.summary is not None and len(draft.summary) > SUMMARY_CHARACTERS:
        raise Invalid(
            "a summary has at most {limit} characters",
            field="summary",
            limit=SUMMARY_CHARACTERS,
        )
    if draft.language is not None and not LANGUAGE.fullmatch(draft.language):
        raise Invalid(
            "{language!r} is not a language such as en, ar or pt-BR", field="language", language=draft.language
        )
    if draft.quotable not in (None, *QUOTABLE):
        raise Invalid(
            "{value!r} is not one of {codes}", field="quotable", value=draft.quotable, codes=", ".join(QUOTABLE)
        )
    if draft.event and not draft.title:
        raise Invalid("a planned action needs a title: elsewhere it is what people see first", field="title")
    if draft.event and (draft.report or draft.form is not None):
        raise Invalid("a planned action is an Event, and neither a report nor a Note or an Article", field="starts")
    if len(draft.pictures) > PICTURES_AT_MOST:
        raise Invalid(
            "there are {given} pictures; {limit} are the limit",
            field="picture",
            given=len(draft.pictures),
            limit=PICTURES_AT_MOST,
        )
    if len(draft.pictures) > 1 and any(one.kind != "Image" for one in draft.pictures):
        raise Invalid("a film or a sound stands alone: elsewhere nothing beside it would be shown", field="picture")
    if len(draft.tags) > TAGS_AT_MOST:
        raise Invalid(
            "there are {given} tags; {limit} are the limit",
            field="tags",
            given=len(draft.tags),
            limit=TAGS_AT_MOST,
        )
    for tag in draft.tags:
        if not TAG.fullmatch(tag) or tag.isdecimal():
            raise Invalid(
                "{tag!r} cannot be a tag: letters, digits and underscores, not only digits", field="tags", tag=tag
            )


def _of_a_kind(draft: Draft) -> list[tuple[str, str]]:
    return [*draft.appeal.items(), *draft.answer.items(), *draft.conditions.items()]


def form_of(draft: Draft, *, characters: int, limit: int) -> Form:
    """The type a draft is sent as: the writer's choice, else a Note unless its text is too long for one."""
    if draft.form is not None:
        return draft.form
    return Form.NOTE if characters <= limit else Form.ARTICLE


def is_public(to: Sequence[str], cc: Sequence[str]) -> bool:
    """Whether an object is for everybody."""
    return PUBLIC in to or PUBLIC in cc


def is_vote(statement: Statement) -> bool:
    """Whether an answer is only the name of an option of a poll (FEP-9967, "Receiving a vote")."""
    return (
        statement.type == "Note"
        and statement.name is not None
        and statement.in_reply_to is not None
        and statement.content is None
    )


def is_ours_to_keep(*, author_is_heard: bool, answers_something_held: bool, mentions_us: bool) -> bool:
    """Whether this node keeps what somebody said: of those it follows, answers it can show, and what names it."""
    return author_is_heard or answers_something_held or mentions_us


CRAWL_AGAIN_AFTER = timedelta(hours=6)
_CRAWL_WAITS = (timedelta(hours=1), CRAWL_AGAIN_AFTER, timedelta(hours=24))


def crawl_is_due(*, now: datetime, newest: datetime, crawls: int, crawled: datetime | None) -> bool:
    """Whether to look for more of a thread in which something of another was heard at `newest`.

    An hour after that, when the first answers are there; after six hours and after a day once more; then only if
    something came since, and never within six hours.
    """
    if crawled is None:
        return newest + _CRAWL_WAITS[0] <= now
    return crawled + _CRAWL_WAITS[min(crawls, 2)] <= now and (crawls < len(_CRAWL_WAITS) or newest > crawled)
