"""Between the form of a report and the draft: every field she sees, and nothing lost of those she does not see.

A value in a row is called `measures.0.value`. Empty rows are left out, so that rows close up; what is wrong in a nested
value (`measures[0].value`) stands at the field of that name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from node import localised, translating
from node.errors import Invalid
from node.reports import asking, shapes, writing
from node.reports.imports import Draft as Report
from node.reports.imports import countries, sentences
from node.statements.rules import Draft
from node.web.admin import draft_forms
from node.web.admin.report_fields import SECTIONS, Section
from schemas.party import ChainLink

TEXTS = ("title", "text", "language", "summary", "tags", "sensitive")
ROWS_AT_MOST = 60
_INDEX = re.compile(r"\[(\d+)\]")
_OF_FIELDS = tuple(one for section in SECTIONS if not section.part for one in section.names)


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the form, and what is wrong with it: field -> reason."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, Any] = field(default_factory=dict)

    def rows(self, section: Section) -> int:
        """How many rows of a section to show: those that are filled, and the empty ones she has asked for."""
        asked = self.values.get(f"{section.part}.rows", "")
        empty = int(asked) if asked.isdecimal() and len(asked) < 3 else 0
        return min(max(section.rows, _filled(self.values, section), empty), ROWS_AT_MOST)

    def is_open(self, section: Section) -> bool:
        """Whether a section that is folded away has to be open: something stands in it, or is wrong."""
        names = [*self.values, *self.errors]
        inside = {f"{section.part}.{name}" for name in section.names} if section.part else set(section.names)
        if section.rows:
            return any(name.startswith(f"{section.part}.") and self._says(name) for name in names)
        return any(name in inside and self._says(name) for name in names) or section.part in self.errors

    def says_rarely(self, section: Section, number: int) -> bool:
        """Whether something stands, or is wrong, in what is folded away in a row."""
        return any(self._says(f"{section.part}.{number}.{one.name}") for one in section.rare)

    def _says(self, name: str) -> bool:
        return bool(self.values.get(name)) or name in self.errors


def _filled(values: Mapping[str, str], section: Section) -> int:
    """How many rows of a section hold something, once they are closed up."""
    return sum(bool(_row(values, section, number)) for number in range(ROWS_AT_MOST))


def _row(values: Mapping[str, str], section: Section, number: int) -> dict[str, str]:
    given = {name: values.get(f"{section.part}.{number}.{name}", "").strip() for name in section.names}
    return {name: value for name, value in given.items() if value}


def closed_up(values: Mapping[str, str]) -> dict[str, str]:
    """The form with its filled rows one after the other."""
    found = dict(values)
    for section in SECTIONS:
        if not section.rows:
            continue
        rows = [row for number in range(ROWS_AT_MOST) if (row := _row(values, section, number))]
        found = {name: value for name, value in found.items() if not name.startswith(f"{section.part}.")}
        for number, row in enumerate(rows):
            found |= {f"{section.part}.{number}.{name}": value for name, value in row.items()}
        if asked := values.get(f"{section.part}.rows"):
            found[f"{section.part}.rows"] = asked
    return found


def draft_of(values: Mapping[str, str], base: Draft | None = None) -> Draft:
    """The draft in a form; what the form does not ask stays as in `base`. Raises Invalid for what is no text at all."""
    base = base or Draft(text="")
    written = draft_forms.draft_of({**draft_forms.values_of(base), **_texts(values), "facts": ""}, base)
    report = _not_asked(base) | {name: values.get(name, "").strip() for name in (*_OF_FIELDS, asking.CONFIRM)}
    for part, value in _parts(values).items():
        report[part] = json.dumps(value, ensure_ascii=False) if value else ""
    return replace(written, report={name: value for name, value in report.items() if value})


def _not_asked(base: Draft) -> dict[str, str]:
    """The cells of a draft that stand in no field of the form: where it could be read, its rows say the same."""
    if writing.faults(base):
        asked = {*_OF_FIELDS, *(section.part for section in SECTIONS)}
        return {name: value for name, value in base.report.items() if name not in asked}
    return {name: value for name, value in base.report.items() if name == "key"}


def _texts(values: Mapping[str, str]) -> dict[str, str]:
    return {name: values.get(name, "") for name in TEXTS}


def _parts(values: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for section in SECTIONS:
        if section.rows:
            found[section.part] = [row for number in range(ROWS_AT_MOST) if (row := _row(values, section, number))]
        elif section.part:
            given = {name: values.get(f"{section.part}.{name}", "").strip() for name in section.names}
            found[section.part] = found.get(section.part, {}) | {name: one for name, one in given.items() if one}
    if country := found["location"].get("country"):
        found["location"]["country"] = country_code(country)
    return found


def country_code(written: str) -> str:
    """The two letters of a country that is written by name, in any language of the pages; else what was written."""
    wanted = written.casefold()
    for language in translating.LANGUAGES:
        for code in countries.NAMES:
            if wanted == localised.country(code, language).casefold():
                return code
    return next((code for code, name in countries.NAMES.items() if name.casefold() == wanted), written)


# ---- from a draft to the form


def values_of(draft: Draft) -> dict[str, str]:
    """A draft as it stands in the form, however it was written: as far as it can be read in the form's own fields."""
    texts = {name: value for name, value in draft_forms.values_of(draft).items() if name in TEXTS}
    fields = {name: draft.report[name] for name in (*_OF_FIELDS, asking.CONFIRM) if draft.report.get(name)}
    try:
        return texts | fields | _of_report(writing.report_in(draft))
    except Invalid:
        return texts | fields | dict(_as_written(draft))


def _of_report(report: Report) -> dict[str, str]:
    found: dict[str, str] = {}
    for section in SECTIONS:
        value = getattr(report, shapes.OF_DRAFTS.get(section.part, section.part), None) if section.part else None
        if section.rows:
            for number, one in enumerate(value or ()):
                found |= _named(f"{section.part}.{number}", section, one)
        elif value is not None:
            found |= _named(section.part, section, value)
    return found | {"who": "; ".join(report.who), "disputes": "; ".join(report.disputes), "basis": report.basis}


def _named(prefix: str, section: Section, value: Any) -> dict[str, str]:
    given = {name: _shown(getattr(value, name, None)) for name in section.names}
    if section.part == "measures":
        given["value"] = _figure(value)
    if section.part == "location" and "name" in given:
        made = sentences.place_name(value.locality, value.region, value.country)
        given["name"] = "" if value.name == made else given["name"]  # it is made of the fields beside it
    if given.get("office") or given.get("consent"):
        given["person"] = "yes"
    return {f"{prefix}.{name}": one for name, one in given.items() if one}


def _figure(one: Any) -> str:
    if one.absent is not None:
        return str(one.absent)
    if one.value is not None:
        return _shown(one.value)
    if one.high is None:
        return f"{_shown(one.low)}+"
    return f"{_shown(one.low)}-{_shown(one.high)}" if one.low is not None else f"<= {_shown(one.high)}"


def _shown(value: Any) -> str:
    if value is None or value is False:
        return ""
    if isinstance(value, bool):
        return "yes"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, Mapping):
        return "; ".join(f"{tag}: {words}" for tag, words in value.items())
    if isinstance(value, tuple):
        links = [one for one in value if isinstance(one, ChainLink)]
        return "; ".join(" ".join((f"{one.role}: {one.name}", *one.same_as)) for one in links) or " ".join(value)
    return str(value)


def _as_written(draft: Draft) -> Iterator[tuple[str, str]]:
    """The nested values of a draft that cannot be read as a report yet: each text where it was typed."""
    for section in SECTIONS:
        try:
            value = json.loads(draft.report.get(section.part, "") or "null") if section.part else None
        except ValueError:
            value = draft.report[section.part]
        rows = value if isinstance(value, list) else [value] if value else []
        for number, row in enumerate(rows[:ROWS_AT_MOST]):
            prefix = f"{section.part}.{number}" if section.rows else section.part
            yield from _row_as_written(prefix, section, row)


def _row_as_written(prefix: str, section: Section, row: Any) -> Iterator[tuple[str, str]]:
    try:
        read = shapes.PARTS[section.part]([row] if section.rows else row, section.part)
        yield from _named(prefix, section, read[0] if section.rows else read).items()
        return
    except (Invalid, IndexError):
        given = dict(row) if isinstance(row, dict) else {section.names[0]: row}
    if section.part == "measures" and not given.get("value"):
        bounds = [str(given.get(name, "")) for name in ("low", "high")]
        given["value"] = given.get("absent") or "-".join(filter(None, bounds))
    for name in section.names:
        one = given.get(name)
        if one not in (None, ""):
            yield f"{prefix}.{name}", one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)


# ---- what is wrong


def at_fields(errors: Sequence[Invalid]) -> dict[str, Any]:
    """What is wrong, at the field of the form that it is about."""
    found: dict[str, Any] = {}
    for error in errors:
        name = _INDEX.sub(r".\1", error.field or "form")
        found.setdefault(name if _is_asked(name) else _nearest(name), error)
    return found


def _is_asked(name: str) -> bool:
    first, _, rest = name.partition(".")
    if not rest:
        return name in _OF_FIELDS or name in TEXTS
    sections = [one for one in SECTIONS if one.part == first]
    return any(rest.rpartition(".")[2] in one.names for one in sections)


def _nearest(name: str) -> str:
    """The field itself, or the first of its row or part; `form` for what no field of the form is about."""
    parts = name.split(".")
    section = next((one for one in SECTIONS if one.part and one.part == parts[0]), None)
    if section is None:
        return parts[0] if _is_asked(parts[0]) else "form"
    row = f".{parts[1]}" if len(parts) > 1 and parts[1].isdecimal() else ".0"
    if section.part == "measures" and parts[-1] in ("low", "high", "absent"):
        parts = [*parts[:-1], "value"]
    deep = next((part for part in parts[1:] if part in section.names), section.names[0])
    return f"{section.part}{row if section.rows else ''}.{deep}"


__all__ = ["Written", "at_fields", "closed_up", "country_code", "draft_of", "values_of"]
