"""Between the form of a draft and the draft: every field she sees, and nothing lost of those she does not see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from node.errors import Invalid
from node.reports.actions import REPORT_KEYS
from node.statements import writing
from node.statements.rules import Draft, Form

FIELDS = ("title", "text", "language", "summary", "tags", "sensitive", "reply_to", "quote", "form", "facts")
OF_A_KIND = ("event", "report", "position", "appeal", "answer", "conditions", "minority_of")
OF_A_TRANSLATION = ("title", "text", "summary")


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the form, and what is wrong with it: field -> reason."""

    values: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    errors: Mapping[str, Any] = field(default_factory=dict)


def values_of(draft: Draft) -> dict[str, str]:
    """A draft as it stands in the form."""
    position = {key: draft.position[name] for key, name in writing.POSITION.items() if draft.position.get(name)}
    minority = {"minority_of": draft.minority_of} if draft.minority_of is not None else {}
    appeal = {key: draft.appeal[name] for key, name in writing.APPEAL.items() if draft.appeal.get(name)}
    answer = {key: draft.answer[name] for key, name in writing.APPEAL_ANSWER.items() if draft.answer.get(name)}
    facts = {**position, **minority, **appeal, **answer, **draft.conditions, **draft.event, **draft.report}
    return {
        "title": draft.title or "",
        "text": draft.text,
        "language": draft.language or "",
        "summary": draft.summary or "",
        "tags": " ".join(draft.tags),
        "sensitive": "yes" if draft.sensitive else "",
        "reply_to": draft.reply_to or "",
        "quote": draft.quote or "",
        "form": draft.form.value if draft.form is not None else "",
        "facts": "".join(f"{name}: {value}\n" for name, value in facts.items()),
    }


def draft_of(values: Mapping[str, str], base: Draft | None = None) -> Draft:
    """The draft in a form; what the form does not show stays as in `base`. Raises Invalid, with the field."""
    given = {name: values.get(name, "").replace("\r\n", "\n").strip() for name in FIELDS}
    facts = _facts(given["facts"])
    tags = given["tags"].replace(",", " ").split()
    return replace(
        base or Draft(text=""),
        text=_text(given["text"]),
        title=given["title"] or None,
        language=given["language"] or None,
        summary=given["summary"] or None,
        tags=tuple(dict.fromkeys(tag.lstrip("#") for tag in tags)),
        sensitive=bool(given["sensitive"]),
        reply_to=given["reply_to"] or None,
        quote=given["quote"] or None,
        form=_form(given["form"]),
        **{name: getattr(facts, name) for name in OF_A_KIND},
    )


def with_translation(base: Draft, language: str, values: Mapping[str, str]) -> Draft:
    """`base` with the text in `language` as it stands in the form; without a word in it the language goes."""
    given = {name: values.get(name, "").replace("\r\n", "\n").strip() for name in OF_A_TRANSLATION}
    others = {one.language or "": one for one in base.translations}
    before = others.get(language) or Draft(text="", language=language)
    others[language] = replace(
        before, text=_text(given["text"]), title=given["title"] or None, summary=given["summary"] or None
    )
    if not any(given.values()):
        del others[language]
    return replace(base, translations=tuple(others.values()))


def of_translation(draft: Draft, language: str) -> Draft:
    """The text of a draft in one of its further languages, empty if there is none yet."""
    return next((one for one in draft.translations if one.language == language), Draft(text="", language=language))


def _text(given: str) -> str:
    return f"{given}\n" if given else ""


def _form(given: str) -> Form | None:
    if not given:
        return None
    try:
        return Form(given)
    except ValueError:
        raise Invalid("“{given}” is neither Note nor Article", given=given[:40], field="form") from None


def _facts(given: str) -> Draft:
    """What makes the draft more than a statement, in lines as they stand above the text in a file."""
    if not given:
        return Draft(text="")
    try:
        draft = writing.read(f"{writing.FENCE}\n{given}\n{writing.FENCE}\n", report_keys=REPORT_KEYS)
    except Invalid as error:
        if error.line is None:
            raise
        raise Invalid("line {number}: {reason}", number=error.line - 1, reason=error.why, field="facts") from None
    facts = replace(Draft(text=""), **{name: getattr(draft, name) for name in OF_A_KIND})
    if draft != facts:
        raise Invalid("title, language, summary, tags and the like have fields of their own", field="facts")
    return facts
