"""What a reader elsewhere sees of a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from node.statements import markup
from node.translating import N_

TABLE = re.compile(r"<table\b")
PICTURES_ON_MASTODON = 4

REPORT = N_("The fields of the report are not shown there; what readers need has to stand in the text.")
TABLES = N_("It has a table: its lines and columns are lost, the words stand one after the other.")


@dataclass(frozen=True, slots=True)
class Preview:
    """What one program shows: `html` is clean; behind `warning`, if there is one, the text is folded away.

    `whole` says whether all of the text is there; `remarks` are sentences for the writer (marked for translation).
    """

    server: str
    html: str
    warning: str | None = None
    title: str | None = None
    whole: bool = True
    language: str | None = None
    remarks: tuple[str, ...] = ()


def language_of(document: dict[str, Any]) -> str | None:
    """The language that the document names first."""
    return next(iter(document.get("contentMap") or document.get("nameMap") or {}), None)


def text_of(document: dict[str, Any], name: str) -> str | None:
    """A text of the document, in plain words; None if it has none."""
    return markup.plain(document[name]) or None if document.get(name) else None


def has_fields(document: dict[str, Any]) -> bool:
    """Whether it is a report of a struggle, which says more than its text."""
    return "actionKind" in document


def has_table(document: dict[str, Any]) -> bool:
    """Whether there is a table in the text."""
    return TABLE.search(document.get("content") or "") is not None
