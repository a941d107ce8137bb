"""An appeal, an answer to one, or a report of conditions, in an object of a file or a program: as fields. Pure.

A field is a text, as above the text of a Markdown file; what is nested stands there as JSON (`node.reports.writing`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from node.errors import Invalid
from node.reports import shapes
from node.statements import writing

SPELT = {"appealKind": "appeal", "appealStatus": "appeal_status", "answerKind": "answer"}
"""What travels under another name than it is written."""


def taken_out(document: Mapping[str, Any]) -> tuple[dict[str, dict[str, str]], dict[str, Any]]:
    """What makes a draft one of these kinds, by the name of its field, and what is left of the object.

    Raises Invalid, with the field.
    """
    given = {SPELT.get(key, key): value for key, value in document.items()}
    if given.get("appeal"):
        return _named("appeal", writing.APPEAL, given)
    if given.get("answers"):
        return _named("answer", writing.APPEAL_ANSWER, given)
    if not any(writing.CONDITION.fullmatch(key) for key in given):
        return {}, dict(document)
    mine = {key for key in given if writing.CONDITION.fullmatch(key) or key in writing.OF_CONDITIONS}
    fields = {key: _field(given[key], key) for key in given if key in mine}
    return {"conditions": _without_empty(fields)}, {key: one for key, one in given.items() if key not in mine}


def _named(
    holder: str, names: Mapping[str, str], given: Mapping[str, Any]
) -> tuple[dict[str, dict[str, str]], dict[str, Any]]:
    fields = {names[key]: _line(value, key) for key, value in given.items() if key in names}
    return {holder: _without_empty(fields)}, {key: value for key, value in given.items() if key not in names}


def _without_empty(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}


def _line(value: Any, key: str) -> str:
    """A value in one line: of several texts all, of an amount how much and of what."""
    if isinstance(value, list):
        return ", ".join(shapes.text_of(one, key) for one in value)
    if not isinstance(value, dict):
        return shapes.text_of(value, key)
    if set(value) - {"value", "currency", "unit"}:
        raise Invalid("an amount has a value, and a currency or a unit", field=key)
    parts = (shapes.text_of(value.get(name), f"{key}.{name}") for name in ("value", "currency", "unit"))
    return " ".join(filter(None, parts))


def _field(value: Any, key: str) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else shapes.text_of(value, key)
