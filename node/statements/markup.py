"""HTML in and out: what may stand in a text that this node shows, its own or others'.

Only elements that carry meaning survive, no style, no script, no form, no frame; links open nothing by themselves and
carry `rel` so that a page is not vouched for by being named. Sanitising is nh3's (ammonia); this is its list.
"""

from __future__ import annotations

import html
import re
from functools import partial

import nh3

TAGS = {
    *("p", "br", "hr", "a", "em", "strong", "b", "i", "u", "s", "del", "ins", "sub", "sup", "small", "mark", "span"),
    *("blockquote", "q", "cite", "code", "pre", "kbd", "abbr", "bdi", "bdo", "ruby", "rt", "rp", "rb", "rtc", "time"),
    *("ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
ATTRIBUTES = {
    "*": {"dir", "lang"},
    "a": {"href", "title"},
    "abbr": {"title"},
    "ol": {"start", "reversed"},
    "li": {"value"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
CLASSES = {
    "a": {"mention", "u-url", "hashtag"},
    "span": {"h-card", "invisible", "ellipsis", "quote-inline"},
    "p": {"quote-inline", "stance", "facts"},
}
SCHEMES = {"http", "https", "mailto", "xmpp", "magnet", "gemini"}
REL = "nofollow noopener noreferrer"
# A line of plain text stands in the title of a window or in a preview, where nothing closes what these open.
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
LEADING_TITLE = re.compile(r"\s*<p>\s*<strong>((?:(?!</?(?:p|strong)[ >]).){1,300})</strong>\s*</p>\s*", re.DOTALL)
STANCE = re.compile(r'\s*<p class="stance">(?:(?!</?p[ >]).){0,2000}</p>\s*', re.DOTALL)
FACTS = re.compile(r'\s*<p class="facts">(?:(?!</?p[ >]).){0,20000}</p>\s*', re.DOTALL)

clean = partial(
    nh3.clean,
    tags=TAGS,
    attributes=ATTRIBUTES,
    allowed_classes=CLASSES,
    url_schemes=SCHEMES,
    link_rel=REL,
    strip_comments=True,
    clean_content_tags={"script", "style", "template", "noscript", "iframe", "svg", "math", "textarea", "select"},
)
"""`clean(html)`: the same text with nothing in it that acts."""


def html_of(content: str, media_type: str | None) -> str:
    """A text of another as clean HTML; PeerTube sends Markdown, and says so."""
    kind = (media_type or "text/html").partition(";")[0].strip().lower()
    if kind == "text/markdown":
        from markdown_it import MarkdownIt  # two megabytes, for those few who send Markdown

        return str(clean(MarkdownIt("commonmark", {"html": False}).render(content)))
    if kind == "text/plain":
        return "".join(f"<p>{escape(part)}</p>" for part in content.split("\n\n") if part.strip())
    return str(clean(content))


def escape(text: str | None) -> str:
    """Plain text as it stands in HTML, between tags or in a quoted attribute."""
    return html.escape(text or "")


def plain(markup: str) -> str:
    """The words of a piece of HTML, blocks separated by a space, in one line that turns nothing around beside it."""
    spaced = re.sub(r"<(/p|br ?/?|/li|/h[1-6]|/blockquote|/div|/td)>", r"<\1> ", markup)
    return " ".join(TURNS.sub("", html.unescape(nh3.clean(spaced, tags=set()))).split())


def lift_title(markup: str) -> tuple[str | None, str]:
    """The title that stands as the first bold paragraph of a Note, and the text without it."""
    match = LEADING_TITLE.match(markup)
    if match is None or match.end() == len(markup):
        return None, markup
    return plain(match.group(1)) or None, markup[match.end() :]


def without_stance(markup: str) -> str:
    """The text of a position without the line that says its stance in words: pages say it themselves."""
    match = STANCE.match(markup)
    return markup if match is None or match.end() == len(markup) else markup[match.end() :]


def without_facts(markup: str) -> str:
    """The text of an appeal, or of conditions, without the lines that say its facts: pages say them themselves."""
    match = FACTS.match(markup)
    return markup if match is None or match.end() == len(markup) else markup[match.end() :]


def shorten(text: str, characters: int) -> str:
    """`text` cut at the end of a word, with an ellipsis if anything was left out."""
    if len(text) <= characters:
        return text
    cut = text[: characters - 1]
    return cut[: cut.rfind(" ") if " " in cut[characters // 2 :] else len(cut)].rstrip(" ,;:") + "…"
