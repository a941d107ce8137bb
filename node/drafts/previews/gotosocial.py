"""GoToSocial: everything is shown whole, and a summary, or else a title, is a content warning.

`internal/typeutils/astointernal.go` (`ASStatusToStatus`), `internal/text/sanitize.go`, `web/template/status.tmpl`;
version of October 2025, read in November 2026.
"""

from __future__ import annotations

from typing import Any

import nh3

from node.drafts.previews.seen import REPORT, TABLES, Preview, has_fields, has_table, language_of, text_of
from node.statements import markup
from node.translating import N_

SERVER = "GoToSocial"
TABLES_OF_HTML = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "col", "colgroup"}
FOLDED = N_("The summary stands as a content warning, and the text behind it: readers have to open it.")
TITLE_IS_LOST = N_("The title is not shown of its own: it has to stand in the summary.")


def preview(document: dict[str, Any]) -> Preview:
    """What GoToSocial shows of a statement."""
    warning = text_of(document, "summary") or text_of(document, "name")
    remarks = [
        sentence
        for sentence, holds in (
            (FOLDED, warning is not None and not document.get("sensitive")),
            (TITLE_IS_LOST, bool(document.get("name")) and bool(document.get("summary"))),
            (TABLES, has_table(document)),
            (REPORT, has_fields(document)),
        )
        if holds
    ]
    html = nh3.clean(
        document.get("content") or "",
        tags=markup.TAGS - TABLES_OF_HTML,
        attributes=markup.ATTRIBUTES,
        link_rel=markup.REL,
    )
    return Preview(SERVER, str(html), warning=warning, language=language_of(document), remarks=tuple(remarks))
