"""From what a member has written to a draft of a report: cells and nested values, by one reader. Pure.

A report is written as fields (`node.reports.imports.fields`), as above the text of a file or in the row of a table.
What one cell is too narrow for is written as JSON in its place, the same in a file, a form and a program:

    measures: [{"measure": "participants", "low": 100, "high": 500, "basis": "police"}]

So whatever keeps, compares, joins or blanks the fields of a draft knows texts by name, and nothing of reports.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from node.errors import Invalid, apart, every_fault, together
from node.reports import asking, other_kinds, shapes
from node.reports.imports import Draft, RefusedRow, Row, read, sentences
from node.reports.imports import named as named_mapping
from node.reports.imports.drafts import NEEDED
from node.reports.imports.fields import FIELDS, MEASURES
from node.statements import rules, writing
from node.statements.rules import Form
from schemas.fields import describe
from schemas.reading import Malformed, loads
from schemas.struggle_report import StruggleReport

KEYS = frozenset({*FIELDS, *shapes.PARTS, asking.CONFIRM})
"""What a report's fields are called; those of a statement's are `OF_A_STATEMENT`."""
OF_A_STATEMENT = ("text", "title", "language", "summary", "tags", "sensitive", "form", "reply_to", "quote")
PLACE_CELLS = ("place", "country", "region", "locality", "locality_and_region", "indigenous_name", "latitude",
               "longitude", "radius", "place_precision")  # fmt: skip
_SPELT = {term.key: term.name for term in describe(StruggleReport) if term.name in KEYS} | {
    "addressees": "addressee", "organisations": "organisation", "actionKind": "kind", "action_kind": "kind",
}  # fmt: skip
UNKNOWN_AT_MOST = 10
NESTED_AT_MOST = 100_000
"""Characters of one nested value."""


def report_in(draft: rules.Draft) -> Draft:
    """The report whose fields a statement's draft carries. Raises Invalid, with the field; Faults if there are more."""
    try:
        return _report_in(draft)
    except Invalid as error:
        raise together(faults(draft) or [error]) from None


def _report_in(draft: rules.Draft) -> Draft:
    mapping = named_mapping("commonwire")
    title = {"title": draft.title} if draft.title else {}
    language = {"language": draft.language} if draft.language else {}
    nested = {name: one for name, one in _nested(draft.report)}
    flat = {name: one for name, one in draft.report.items() if name not in nested and name in FIELDS}
    _check_said_once(flat, nested)
    cells = {name: "" for name in mapping.columns} | flat | title | language
    # What a member writes she vouches for; only a table is `imported`.
    cells["basis"] = cells["basis"] or "own-witness"
    cells["measure_basis"] = cells["measure_basis"] or "own-estimate"
    row = Row(line=1, cells=cells | ({} if _is_named(cells) else {"title": "-"}))
    found = read(row, mapping)
    if isinstance(found, RefusedRow):
        refused = (found, *found.others)
        sentence = "{value!r}: {reason}"
        raise together([Invalid(sentence, field=one.field, value=one.value, reason=one.why) for one in refused])
    parts = {name: shapes.PARTS[name](value, name) for name, value in nested.items()}
    return _titled(_joined(found, parts, basis=cells["measure_basis"]), cells)


def faults(draft: rules.Draft) -> list[Invalid]:
    """All that keeps a draft from being a report, each with its field; empty if it is one."""
    fields, found = dict(draft.report), list[Invalid]()
    for name in shapes.PARTS:
        try:
            for key, value in _nested({name: fields.get(name, "")}):
                shapes.PARTS[key](value, key)
        except Invalid as error:
            found += apart(error)
            del fields[name]

    def instead(name: str) -> str | None:
        return NEEDED.get(name, "") if name in fields or name in NEEDED else None

    return found + every_fault(lambda left: _report_in(replace(draft, report=left)), fields, instead)


def _is_named(cells: Mapping[str, str]) -> bool:
    return bool(cells["title"] or cells["struggle"])


def _nested(fields: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """The fields that are written as JSON, read as such."""
    for name, written in fields.items():
        given = written.strip()
        if name not in shapes.PARTS or not given.startswith(("{", "[")):
            if name in shapes.PARTS and name not in FIELDS and given:
                yield name, given
            continue
        yield name, value_in(name, given)


def value_in(name: str, written: str) -> Any:
    """The value of a field that is written as JSON. Raises Invalid."""
    if len(written) > NESTED_AT_MOST:
        raise Invalid("it has more than {limit} characters", field=name, limit=NESTED_AT_MOST)
    try:
        (value,) = loads(b'{"":' + written.encode("utf-8", "replace") + b"}").values()
    except (Malformed, ValueError) as error:
        sentence = "it begins like JSON and is none: {reason}"
        reason = error.why if isinstance(error, Malformed) else "has more than one value"
        raise Invalid(sentence, field=name, reason=reason) from None
    return value


def _check_said_once(flat: Mapping[str, str], nested: Mapping[str, Any]) -> None:
    """Raise Invalid where the same is said in a nested value and in cells, so that nobody knows which holds."""
    twice = [name for name in PLACE_CELLS if flat.get(name)] if "location" in nested else []
    if isinstance(nested.get("measures"), list):
        counted = {one.get("measure") for one in nested["measures"] if isinstance(one, dict)}
        twice += [name for name, code in MEASURES.items() if flat.get(name) and counted & {name, code}]
    if twice:
        raise Invalid("it is said here and in a nested value too: say it once", field=twice[0])


def _joined(found: Draft, parts: Mapping[str, Any], *, basis: str) -> Draft:
    """The draft of the cells with the nested values; lists go on where cells have begun them."""
    values: dict[str, Any] = {}
    for key, part in parts.items():
        name = shapes.OF_DRAFTS.get(key, key)
        if name == "measures":
            part = tuple(one if one.basis or one.absent else replace(one, basis=basis) for one in part)
        values[name] = (*getattr(found, name), *part) if isinstance(part, tuple) else part
    return replace(found, **values)


def _titled(found: Draft, cells: Mapping[str, str]) -> Draft:
    """The draft with the title that is made where none is given, now that all is known of it."""
    title = cells["title"] or sentences.title(found.action_kind, found.who, found.addressees, found.location)
    key = found.struggle_key if _is_named(cells) else f"commonwire:{title}"
    return replace(found, title=title, struggle_title=cells["struggle_title"] or title, struggle_key=key)


# ---- from objects to fields


def draft_of(document: Mapping[str, Any]) -> rules.Draft:
    """The draft of a text of any kind in an object of a file or a program. Raises Invalid, with the field.

    The keys are those of a file's front matter, and `text`; what travels under another name is understood by that.
    """
    of_another_kind, document = other_kinds.taken_out(document)
    given = {_SPELT.get(key, key) if key not in OF_A_STATEMENT else key: value for key, value in document.items()}
    if isinstance(given.get("place"), dict):
        given["location"] = given.pop("place")
    report = {key: cell_of(value, key) for key, value in given.items() if key in KEYS and key not in OF_A_STATEMENT}
    if unknown := [key for key in given if key not in KEYS and key not in OF_A_STATEMENT]:
        known = ", ".join((*OF_A_STATEMENT, *sorted(KEYS - set(OF_A_STATEMENT))))
        sentence = "there is no such key; the keys are {keys}"
        raise together([Invalid(sentence, field=key[:60], keys=known) for key in unknown[:UNKNOWN_AT_MOST]])
    plain = [name for name in OF_A_STATEMENT if name not in _TYPED]
    texts: dict[str, Any] = {name: shapes.text_of(given.get(name), name) or None for name in plain}
    text = texts.pop("text")
    draft = rules.Draft(
        text=f"{text}\n" if text else "",
        tags=_tags(given.get("tags")),
        sensitive=_sensitive(given.get("sensitive")),
        form=_form(given.get("form")),
        report={key: value for key, value in report.items() if value},
        **texts,
    )
    fields: dict[str, Any] = dict(of_another_kind)
    return replace(draft, **fields)


def fields_of(document: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a report in an object, as a draft keeps them; what they say may still be wrong. Raises Invalid."""
    given = {_SPELT.get(key, key): value for key, value in document.items()}
    return {key: field for key, value in given.items() if (field := cell_of(value, key))}


_TYPED = ("tags", "sensitive", "form")


def cell_of(value: Any, path: str) -> str:
    """A value of an object as it is kept in a field: a text, or nested values as JSON. Raises Invalid."""
    several = path == asking.CONFIRM or FIELDS.get(path, "").startswith("several")
    if several and isinstance(value, list) and path not in shapes.PARTS:
        return "; ".join(shapes.text_of(one, path) for one in value)
    if not isinstance(value, list | dict):
        return shapes.text_of(value, path)
    if path not in shapes.PARTS:
        raise Invalid("write one value here, and not several", field=path)
    return json.dumps(value, ensure_ascii=False) if value else ""


def _tags(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        words = [shapes.text_of(one, "tags") for one in value]
    else:
        words = shapes.text_of(value, "tags").replace(",", " ").split()
    return tuple(dict.fromkeys(word.lstrip("#") for word in words if word))


def _sensitive(value: Any) -> bool:
    written = shapes.text_of(value, "sensitive").lower()
    if written and written not in writing.YES:
        raise Invalid("{value!r} is neither true nor false", field="sensitive", value=written[:40])
    return writing.YES.get(written, False)


def _form(value: Any) -> Form | None:
    written = shapes.text_of(value, "form").lower()
    if written not in ("", "note", "article"):
        raise Invalid("{value!r} is neither note nor article", field="form", value=written[:40])
    return Form(written.capitalize()) if written else None
