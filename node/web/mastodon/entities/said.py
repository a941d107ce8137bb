"""What of a text is the same for everybody who reads it, as bytes: all but its figures, whom it answers, and marks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import Row, select

import schemas
from federation.errors import Malformed
from node import actors, names
from node.context import Transaction
from node.prepared import Prepared, any_of, several
from node.statements import composing, markup
from node.statements.store import Shown
from node.web.mastodon.entities import approvals, cards, moments, pictures, texts
from node.web.mastodon.entities.accounts import LIGHT, acct_of, name_of
from node.web.mastodon.entities.approvals import Approval
from schemas import reading
from schemas.context import PUBLIC
from schemas.statement import Statement

WHOLE_CHARACTERS = 20_000  # of HTML; a longer text of a kind that has a page of its own is told by its beginning

_KNOWN = Prepared(select(*LIGHT).where(any_of(actors.actors.c.iri)))


@dataclass(frozen=True, slots=True)
class Said:
    """The members of a Status that do not change (JSON without its braces), and what the others are made of."""

    body: bytes
    poll: Mapping[str, Any] | None
    quoted: str | None
    emojis: tuple[dict[str, Any], ...]
    approval: Approval


def of(tx: Transaction, rows: Sequence[Row[Any]], shown: Mapping[str, Row[Any]]) -> dict[str, Said]:
    """What is said of each of these rows of `objects` that has a text, by IRI."""
    read = {row.iri: statement for row in rows if row.iri in shown and (statement := _read(row)) is not None}
    named = {tag.href for one in read.values() for tag in one.tags if tag.type == "Mention" and tag.href}
    known = {row.iri: row for row in several(tx, _KNOWN, [*named, *(row.author for row in rows)])}
    return {row.iri: _said(tx, row, shown[row.iri], read[row.iri], known) for row in rows if row.iri in read}


def _read(row: Row[Any]) -> Statement | None:
    if row.document is None:
        return None
    try:
        found = schemas.parse(reading.loads(row.document))
    except Malformed:  # a newer program may be stricter than the one that kept it
        return None
    return found if isinstance(found, Statement) else None


def _said(tx: Transaction, row: Row[Any], shown: Row[Any], said: Statement, known: Mapping[str, Row[Any]]) -> Said:
    media = pictures.attachments(tx, row.sort_id, shown.attachments or (), local=row.local)
    emojis = pictures.emojis(tx, (shown.extras or {}).get("emoji", ()))
    page = row.iri if row.local else shown.url or row.iri
    warning = (shown.summary or "") if said.type in cards.WHOLE_AS_THEY_ARE else ""
    card = None
    if cards.is_wanted(said):
        card = cards.card(tx, row, shown, said, author=known.get(row.author), page=page, media=media)
    body = {
        "id": str(row.sort_id),
        "created_at": moments.moment(row.published),
        "edited_at": moments.optional(row.updated),
        "sensitive": bool(shown.sensitive),
        "spoiler_text": warning,
        "visibility": "public" if PUBLIC in said.to else "unlisted",
        "language": shown.language,
        "uri": row.iri,
        "url": page,
        "content": content(shown, said, page=page),
        "application": None,
        "media_attachments": media,
        "mentions": _mentions(said, known),
        "tags": _tags(tx, said),
        "emojis": emojis,
        "card": card,
    }
    ready = json.dumps(body, ensure_ascii=False, separators=(",", ":"))[1:-1].encode()
    found = shown.extras or {}
    return Said(ready, found.get("poll"), found.get("quote"), tuple(emojis), approvals.asked(row, said))


def content(shown: Row[Any] | Shown, said: Statement, *, page: str) -> str:
    """The text as apps take it, with its title; the facts of a report and how it was decided stand in it as text."""
    html = markup.html_of(said.content or "", said.media_type)
    if said.type in cards.WHOLE_AS_THEY_ARE:
        return texts.for_apps(texts.titled(shown.title if said.name else None, html))
    if len(html) > WHOLE_CHARACTERS or not html:
        html = texts.paragraph(shown.summary or markup.shorten(markup.plain(html[:WHOLE_CHARACTERS]), 500))
    opening = texts.paragraph(*_when_and_where(shown.extras))
    return texts.for_apps(texts.titled(shown.title, opening + html)) + texts.link(page)


def _when_and_where(found: Mapping[str, Any] | None) -> list[str]:
    """The time and the places of an event, as numbers and names: they are the same in every language."""
    event = (found or {}).get("event")
    if event is None:
        return []
    begins, ends = (event[name][:16].replace("T", " ") if event[name] else "" for name in ("begins", "ends"))
    if ends[:10] == begins[:10]:
        ends = ends[11:]
    when = " – ".join(part for part in (begins, ends) if part)
    zone = f" ({event['zone']})" if event["zone"] and when else ""
    places = [", ".join(filter(None, [one["name"], *one["lines"]])) for one in event["venues"]]
    return [when + zone, *places]


def _mentions(said: Statement, known: Mapping[str, Row[Any]]) -> list[dict[str, Any]]:
    """Whom a text names, as far as they are known here: who has no number cannot be asked for."""
    named = dict.fromkeys(tag.href for tag in said.tags if tag.type == "Mention" and tag.href)
    return [
        {"id": str(row.number), "username": name_of(row), "acct": acct_of(row), "url": row.url or row.iri}
        for row in (known[href] for href in named if href in known)
    ]


def _tags(tx: Transaction, said: Statement) -> list[dict[str, str]]:
    found: dict[str, str] = {}
    for tag in said.tags[:100]:
        if tag.type == "Hashtag" and tag.name and (name := names.visible(tag.name.lstrip("#"))):
            found.setdefault(name.casefold(), name)
    return [{"name": name, "url": tag_address(tx, name)} for name in found.values()]


def tag_address(tx: Transaction, name: str) -> str:
    """The page of a hashtag here."""
    return composing.tag_address(tx.node) + quote(name.casefold(), safe="")
