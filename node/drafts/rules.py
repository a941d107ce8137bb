"""What may be kept as a draft, how two writers' versions become one, and where a draft stands: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from node.drafts import merging
from node.errors import Invalid
from node.statements.rules import LANGUAGE, UNSENDABLE, Draft, State

COMMENT_CHARACTERS = 10_000
VALUES = ("title", "summary", "language", "form", "reply_to", "quote", "minority_of", "sensitive")
FIELDS = ("event", "report", "position", "appeal", "answer", "conditions")
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


@dataclass(frozen=True, slots=True)
class Joined:
    """Two versions in one. `quarrels` names the fields in which somebody has to choose; of a translation `fr.text`."""

    draft: Draft
    quarrels: tuple[str, ...]


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


def join(base: Draft, one: Draft, other: Draft, *, names: tuple[int, int]) -> Joined:
    """What two writers have made of `base`, in one draft; where both have changed the same, `quarrels` says so.

    In a text both wordings then stand between lines with the `names` of the versions; of a value that of `one` stays.
    """
    quarrels: list[str] = []
    text = merging.merge(base.text, one.text, other.text)
    if not merging.is_clean(text):
        quarrels.append("text")
    values: dict[str, Any] = {}
    for name in VALUES:
        values[name], clean = merging.merge_value(getattr(base, name), getattr(one, name), getattr(other, name))
        if not clean:
            quarrels.append(name)
    for name in FIELDS:
        values[name], fields = merging.merge_fields(getattr(base, name), getattr(one, name), getattr(other, name))
        quarrels += fields
    values["tags"] = merging.merge_words(base.tags, one.tags, other.tags)
    values["pictures"] = _pictures(base, one, other)
    values["translations"], more = _join_translations(base, one, other, names)
    joined = replace(one, text=merging.text_of(text, names=names), **values)
    return Joined(joined, (*quarrels, *more))


def _join_translations(
    base: Draft, one: Draft, other: Draft, names: tuple[int, int]
) -> tuple[tuple[Draft, ...], tuple[str, ...]]:
    first, left, right = (_by_language(draft) for draft in (base, one, other))
    found: list[Draft] = []
    quarrels: list[str] = []
    for language in dict.fromkeys([*left, *right]):
        mine, theirs, before = left.get(language), right.get(language), first.get(language)
        if mine is not None and theirs is not None:
            joined = join(before or Draft(text="", language=language), mine, theirs, names=names)
            found.append(joined.draft)
            quarrels += [f"{language}.{name}" for name in joined.quarrels]
        elif before is None or (mine or theirs) != before:
            # Added by one; or taken out by one and changed by the other: it stays, because it was written.
            found.append(mine or theirs or before or Draft(text=""))
            quarrels += [f"{language}.text"] if before is not None else []
    return tuple(found), tuple(quarrels)


def _by_language(draft: Draft) -> Mapping[str, Draft]:
    return {one.language or "": one for one in draft.translations}


def _pictures(base: Draft, one: Draft, other: Draft) -> tuple[Any, ...]:
    gone = (set(base.pictures) - set(one.pictures)) | (set(base.pictures) - set(other.pictures))
    return tuple(picture for picture in dict.fromkeys([*one.pictures, *other.pictures]) if picture not in gone)


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
