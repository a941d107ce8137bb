"""Mastodon: a Note is shown whole, anything else as its title, its summary and a link.

`app/lib/activitypub/activity/create.rb` (`converted_text`), `app/lib/activitypub/parser/status_parser.rb`,
`lib/sanitize_ext/sanitize_config.rb` (`MASTODON_STRICT`), as read in November 2026. Which elements are kept differs
between versions, and this says no more than what stands there now.
"""

from __future__ import annotations

import re
from typing import Any

import nh3

from node.drafts.previews.seen import REPORT, TABLES, Preview, has_fields, has_table, language_of, text_of
from node.statements import markup
from node.translating import N_

SERVER = "Mastodon"
# Whatever else there is, is taken away around its words.
TAGS = {
    *("p", "br", "span", "a", "del", "s", "pre", "blockquote", "code", "b", "strong", "u", "i", "em", "ul", "ol", "li"),
    *("ruby", "rt", "rp"),
}
ATTRIBUTES = {"*": {"lang"}, "a": {"href"}, "ol": {"start", "reversed"}, "li": {"value"}}
HEADING = re.compile(r"<(/?)h[1-6]\b[^>]*>")
FOLDED_FROM_CHARACTERS = 1500  # the page folds at 706 pixels, some 22 lines

FOLDED = N_("It is long: in time lines it is folded after some twenty lines, and “Read more” opens it.")
ONLY_A_LINK = N_("The text itself is not shown: readers see the title, the summary and a link to this node.")
BY_SENSITIVE = N_("The text is shown at once, because there is no summary; only pictures are hidden.")


def preview(document: dict[str, Any]) -> Preview:
    """What Mastodon shows of a statement."""
    language = language_of(document)
    if document["type"] != "Note":
        return Preview(SERVER, _converted(document), language=language, whole=False, remarks=(ONLY_A_LINK,))
    warning = text_of(document, "summary")
    remarks = [
        sentence
        for sentence, holds in (
            (TABLES, has_table(document)),
            (REPORT, has_fields(document)),
            (FOLDED, len(text_of(document, "content") or "") > FOLDED_FROM_CHARACTERS and warning is None),
            (BY_SENSITIVE, bool(document.get("sensitive")) and warning is None),
        )
        if holds
    ]
    html = strict(document.get("content") or "")
    return Preview(SERVER, html, warning=warning, language=language, remarks=tuple(remarks))


def strict(html: str) -> str:
    """What is left of a text: headings are bold paragraphs."""
    bold = HEADING.sub(lambda tag: "</strong></p>" if tag[1] else "<p><strong>", html)
    return str(nh3.clean(bold, tags=TAGS, attributes=ATTRIBUTES, link_rel=markup.REL))


def _converted(document: dict[str, Any]) -> str:
    title, summary = text_of(document, "name"), document.get("summary") or ""
    address = markup.escape(document.get("url") or document["id"])
    heading = f"<p><strong>{markup.escape(title)}</strong></p>\n" if title else ""
    return strict(f'{heading}{summary}\n<p><a href="{address}">{address}</a></p>')
