"""The card below a text that is more than its words: it names the page on which the whole of it stands.

Reports of struggles and of conditions, appeals, positions, resolutions, planned actions and whatever has its own page
and a title get one. Nobody is asked for it: what a text links to besides is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from node.context import Transaction
from node.statements import adoption, markup
from node.web.mastodon.entities import moments
from schemas.appeal import Appeal
from schemas.appeal_answer import AppealAnswer
from schemas.conditions_report import ConditionsReport
from schemas.event import Event
from schemas.position import Position
from schemas.statement import Statement
from schemas.struggle_report import StruggleReport

DESCRIPTION_CHARACTERS = 280
TITLE_CHARACTERS = 200
OF_KINDS = (StruggleReport, ConditionsReport, Appeal, AppealAnswer, Position, Event)
WHOLE_AS_THEY_ARE = ("Note", "Question")


def is_wanted(said: Statement) -> bool:
    """Whether there is more on the page of a text than an app shows."""
    is_more = isinstance(said, OF_KINDS) or said.decision is not None or said.minority_report_of is not None
    return is_more or said.type not in WHOLE_AS_THEY_ARE


def card(
    tx: Transaction,
    row: Row[Any],
    shown: Row[Any],
    said: Statement,
    *,
    author: Row[Any] | None,
    page: str,
    media: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The PreviewCard of a text; of what stands behind a warning it says the warning alone."""
    hidden = bool(shown.sensitive or (shown.summary and said.type == "Note"))
    picture = None if hidden else next((one for one in media if one["type"] == "image"), None)
    size = (picture or {}).get("meta", {}).get("original", {})
    name = (author.name or author.handle or author.host) if author is not None else ""
    # Without a title the first paragraph, which of a position or an answer says what it is.
    opening = (said.content or shown.html).partition("</p>")[0]
    title = shown.title or markup.shorten(markup.plain(opening[:2000]), TITLE_CHARACTERS)
    return {
        "url": page,
        "title": markup.shorten(shown.summary or name, TITLE_CHARACTERS) if hidden else title,
        "description": "" if hidden else _description(shown, said),
        "language": shown.language,
        "type": "link",
        "author_name": name,
        "author_url": (author.url or author.iri) if author is not None else "",
        "authors": [{"name": name, "url": (author.url or author.iri) if author is not None else "", "account": None}],
        "provider_name": name,
        "provider_url": "" if author is None else (author.url or author.iri),
        "html": "",
        "width": size.get("width", 0),
        "height": size.get("height", 0),
        "image": picture["preview_url"] if picture is not None else None,
        "image_description": (picture["description"] or "") if picture is not None else "",
        "embed_url": "",
        "blurhash": picture["blurhash"] if picture is not None else None,
        "published_at": moments.moment(row.published),
    }


def _description(shown: Row[Any], said: Statement) -> str:
    """How it was decided, where that is told, and the summary or the first words."""
    adopted = adoption.LINE.search(said.content or "")
    opening = shown.summary or markup.plain(shown.html[:4000])
    if shown.title:
        opening = opening.removeprefix(shown.title.rstrip(".") + ".").strip()
    parts = [markup.plain(adopted[0]) if adopted is not None else "", opening]
    return markup.shorten(" — ".join(part for part in parts if part), DESCRIPTION_CHARACTERS)
