"""A node like ours: the whole text with its title, the fields of a report or an event beside it, and a proof."""

from __future__ import annotations

from typing import Any

from node.drafts.previews.seen import Preview, language_of, text_of
from node.statements import markup
from node.statements.languages import LINE as LANGUAGES

SERVER = "Commonwire"


def preview(document: dict[str, Any]) -> Preview:
    """What another node of this kind shows of a statement; ours shows the same."""
    html = markup.without_facts(str(markup.clean(LANGUAGES.sub("", document.get("content") or ""))))
    title = text_of(document, "name")
    if document["type"] == "Note":
        title, html = markup.lift_title(html)
    warning = text_of(document, "summary") or "" if document.get("sensitive") else None
    return Preview(SERVER, html, warning=warning, title=title, language=language_of(document))
