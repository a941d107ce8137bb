"""The page of what a text of ours was before it was corrected, and what has changed from there to the next version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from sqlalchemy import Row

import schemas
from federation.errors import Malformed
from node import objects
from node.context import NODE, Transaction
from node.drafts import differences
from node.drafts.differences import Change
from node.errors import Missing
from node.statements import hearing, markup, versions
from node.translating import N_
from node.web.pages import entries, languages
from node.web.pages.masthead import of_author, show
from schemas.reading import loads
from schemas.statement import Statement

NUMBER_DIGITS = 6
FIELDS = {
    "title": N_("Title"),
    "summary": N_("Summary"),
    "text": N_("Text"),
    "tags": N_("Tags"),
    "pictures": N_("Pictures"),
}


async def version(request: web.Request) -> web.Response:
    """An earlier version of a text of ours; 410 if it was blanked. Raises Missing."""
    number = request.match_info["number"]
    if not (number.isascii() and number.isdecimal() and len(number) <= NUMBER_DIGITS):
        raise Missing("there is nothing at this address")
    iri = request.app[NODE].address(request.path.partition("/versions/")[0])
    return await show(request, "text_version.html", _gather, iri, int(number))


def _gather(tx: Transaction, iri: str, number: int) -> dict[str, Any]:
    row, found = objects.find(tx, iri), versions.find(tx, iri, number)
    if row is None or found is None or not row.local or not row.public or row.deleted is not None:
        raise Missing("there is nothing at this address")
    values: dict[str, Any] = {
        "masthead": of_author(tx, row.author),
        "entry": entries.of(tx, [row])[0],
        "version": found,
    }
    values |= {"noindex": True, "changes": Change, "said": None, "changed": [], "next": None}
    said = None if found.document is None else _said(found.document)
    if said is None:
        return values | {"status": 410}
    after, later = _next(tx, row, number)
    language = said.language or ""
    told = fields_of(said)
    return values | {
        "said": told,
        "lang": languages.tag(language),
        "direction": languages.direction(language),
        "next": later,
        "changed": [] if after is None else changed(told, fields_of(after)),
    }


def _next(tx: Transaction, row: Row[Any], number: int) -> tuple[Statement | None, int | None]:
    """What came after a version, and its number; None for a number is what stands there now."""
    later = versions.find(tx, row.iri, number + 1)
    if later is None:
        return _said(row.document), None
    return (None if later.document is None else _said(later.document)), later.number


def _said(document: bytes) -> Statement | None:
    try:
        value = schemas.parse(loads(document))
    except Malformed:  # a newer program may be stricter than the one that kept it
        return None
    return value if isinstance(value, Statement) else None


def fields_of(said: Statement) -> dict[str, str]:
    """What a text said, field by field, as plain text or as it was written."""
    tags = (one.name for one in said.tags if one.type == "Hashtag" and one.name)
    return {
        "title": hearing.shown(said).title or "",
        "summary": markup.plain(said.summary or ""),
        "text": said.source.content if said.source is not None else markup.plain(said.content or ""),
        "tags": " ".join(tags),
        "pictures": "\n".join(one.name or one.url for one in said.attachments),
    }


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, Any]]:
    """What has changed from one version to the next: the names of fields, and their pieces word by word."""
    found = [(name, differences.between(before[field], after[field])) for field, name in FIELDS.items()]
    return [(name, pieces) for name, pieces in found if not differences.is_none(pieces)]
