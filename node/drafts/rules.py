"""What may be kept as a draft, and where a draft stands: pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from node.errors import Invalid
from node.statements import merging
from node.statements.joining import FIELDS
from node.statements.rules import LANGUAGE, UNSENDABLE, Draft, State

COMMENT_CHARACTERS = 10_000
LANGUAGES_AT_MOST = 20
KINDS = {
    "position": "position",
    "answer": "appeal_answer",
    "appeal": "appeal",
    "conditions": "conditions",
    "report": "report",
}
"""What a draft with one of these fields is."""
UNDER = {
    "position": "take_position",
    "appeal": "publish_statement",
    "appeal_answer": "publish_statement",
    "conditions": "publish_report",
}
"""The rules for kinds of drafts that have none of their own name."""


class Standing(StrEnum):
    """Where a draft stands."""

    OPEN = "open"
    PROPOSED = "proposed"  # the group decides: nobody changes a word
    WAITING = "waiting"  # adopted, and in the delay in which it can be called back
    PUBLISHED = "published"


class Place(StrEnum):
    """Where a version stands among the others of its draft."""

    LINE = "in line"
    ASIDE = "set aside"
    SETTLED = "settled"  # was set aside, and somebody has taken it in or left it out


class Outcome(StrEnum):
    """What became of what somebody has saved."""

    KEPT = "kept"
    SAME = "the same"  # it says what stands there already
    JOINED = "joined"  # with what others had saved meanwhile
    ASIDE = "set aside"


def standing(publication: State | None) -> Standing:
    """Where a draft stands by the state of what was made of it; None if nothing was."""
    match publication:
        case State.PROPOSED:
            return Standing.PROPOSED
        case State.WAITING:
            return Standing.WAITING
        case State.RELEASED | State.DELETED:
            return Standing.PUBLISHED
        case _:  # nothing yet; or it was refused or called back
            return Standing.OPEN


def check(draft: Draft, *, characters: int, known: Iterable[str]) -> None:
    """Raise Invalid, naming the field, unless `draft` can be kept; it need not be finished.

    `known` are the languages that there are, by their ISO 639 codes.
    """
    languages = set(known)
    for part, prefix in [(draft, ""), *((one, f"{one.language}.") for one in draft.translations)]:
        _check_text(part, prefix, characters)
        if part.language is not None:
            check_language(part.language, known=languages)
    if len(draft.translations) > LANGUAGES_AT_MOST:
        raise Invalid(
            "there are {count} languages beside the first; {most} are the limit",
            count=len(draft.translations),
            most=LANGUAGES_AT_MOST,
            field="language",
        )
    _check_languages_differ(draft)


def check_language(tag: str, *, known: Iterable[str]) -> None:
    """Raise Invalid unless `tag` names a language that there is."""
    if not LANGUAGE.fullmatch(tag):
        raise Invalid("“{tag}” is not a language such as en, ar or pt-BR", tag=tag[:40], field="language")
    if tag.partition("-")[0].lower() not in set(known):
        raise Invalid(
            "there is no language “{tag}”; write the code of ISO 639, such as en, ar or quc", tag=tag, field="language"
        )


def check_comment(words: str) -> str:
    """The words of a comment as they are kept. Raises Invalid."""
    given = words.replace("\r\n", "\n").strip()
    if not given:
        raise Invalid("the comment says nothing", field="comment")
    if UNSENDABLE.search(given):
        raise Invalid("there is a character in it that cannot be kept", field="comment")
    if len(given) > COMMENT_CHARACTERS:
        raise Invalid(
            "the comment has {length} characters; {most} are the limit",
            length=len(given),
            most=COMMENT_CHARACTERS,
            field="comment",
        )
    return given


def check_settled(draft: Draft) -> None:
    """Raise Invalid if a text still shows two wordings side by side."""
    for part, prefix in [(draft, ""), *((one, f"{one.language}.") for one in draft.translations)]:
        if merging.is_marked(part.text):
            raise Invalid(
                "two wordings stand side by side in it: choose, and take out the lines with <<<<<<< and >>>>>>>",
                field=f"{prefix}text",
            )


def _check_text(part: Draft, prefix: str, characters: int) -> None:
    texts = {
        name: getattr(part, name) or "" for name in ("text", "title", "summary", "reply_to", "quote", "minority_of")
    }
    for name, value in [*texts.items(), *(pair for holder in FIELDS for pair in getattr(part, holder).items())]:
        if UNSENDABLE.search(value):
            raise Invalid("there is a character in it that cannot be kept", field=f"{prefix}{name}")
    if sum(map(len, texts.values())) > 2 * characters:
        raise Invalid(
            "the draft has {length} characters; {most} are the limit",
            length=sum(map(len, texts.values())),
            most=2 * characters,
            field=f"{prefix}text",
        )


def _check_languages_differ(draft: Draft) -> None:
    seen = {draft.language}
    for one in draft.translations:
        if one.language is None:
            raise Invalid("say in which language each further text is", field="language")
        if one.language in seen:
            raise Invalid("there are two texts in “{language}”", language=one.language, field="language")
        seen.add(one.language)


def under(kind: str, draft: Draft) -> str:
    """Under which kind of rule the group decides on a draft."""
    if kind == "statement":
        return "reply" if draft.reply_to is not None else "publish_statement"
    return UNDER.get(kind, f"publish_{kind}")


def kind_of(draft: Draft) -> str:
    """What a draft is, where nobody has said it."""
    if draft.minority_of is not None:
        return "minority_report"
    return next((kind for name, kind in KINDS.items() if getattr(draft, name)), "statement")
