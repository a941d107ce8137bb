"""How what two people have made of one draft becomes one draft again: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from node.statements import merging
from node.statements.rules import Draft

VALUES = ("title", "summary", "language", "form", "reply_to", "quote", "minority_of", "sensitive")
FIELDS = ("event", "report", "position", "appeal", "answer", "conditions")


@dataclass(frozen=True, slots=True)
class Joined:
    """Two versions in one. `quarrels` names the fields in which somebody has to choose; of a translation `fr.text`."""

    draft: Draft
    quarrels: tuple[str, ...]


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
