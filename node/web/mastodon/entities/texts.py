"""HTML as apps take it: the few elements that Mastodon's own texts have, nothing of the others lost. Pure.

Apps draw texts themselves and know paragraphs, lines, links, lists, quotations, code and emphasis. Headings become
bold paragraphs, rows of tables lines; what was sanitised before it was kept is sanitised again, by the shorter list.
"""

from __future__ import annotations

import re
from functools import partial

import nh3

from node.statements import markup

TAGS = {
    *("p", "br", "span", "a", "del", "s", "pre", "blockquote", "code", "b", "strong", "u", "i", "em", "ul", "ol", "li")
}
ATTRIBUTES = {"a": {"href", "translate"}, "span": {"translate"}, "ol": {"start", "reversed"}, "li": {"value"}}
CLASSES = {
    "a": {"mention", "u-url", "hashtag"},
    "span": {"h-card", "invisible", "ellipsis", "quote-inline"},
    "p": {"quote-inline"},
}

_OTHER = re.compile(r"<(?!/?(?:p|br|span|a|del|s|pre|blockquote|code|b|strong|u|i|em|ul|ol|li)[ />])")
_OPENED = re.compile(r"<h[1-6](?: [^>]*)?>|<dt(?: [^>]*)?>|<caption(?: [^>]*)?>")
_CLOSED = re.compile(r"</(?:h[1-6]|dt|caption)>")
_ROW = re.compile(r"<(/?)(?:tr|dd)(?: [^>]*)?>")
_CELL = re.compile(r"</t[dh]>(?!\s*</tr>)")
_TABLE = re.compile(r"</?(?:table|thead|tbody|tfoot|t[dh]|dl)(?: [^>]*)?>")
_WITHOUT_CLASS = re.compile(r'<(p|span)(?: class="(?:stance|facts)?")(?: (?:dir|lang)="[^"]*")*>')
_EMPTY = re.compile(r"<p>\s*</p>")

_clean = partial(
    nh3.clean,
    tags=TAGS,
    attributes=ATTRIBUTES,
    allowed_classes=CLASSES,
    url_schemes=markup.SCHEMES,
    link_rel=markup.REL,
    set_tag_attribute_values={"a": {"target": "_blank"}},
)


def for_apps(html: str) -> str:
    """Clean HTML (`markup.clean`) as apps take it."""
    html = _WITHOUT_CLASS.sub(r"<\1>", html)
    if _OTHER.search(html):
        html = _CELL.sub(" · ", html)
        html = _ROW.sub(r"<\1p>", _CLOSED.sub("</strong></p>", _OPENED.sub("<p><strong>", html)))
        return _EMPTY.sub("", str(_clean(_TABLE.sub("", html))))  # a parser moves paragraphs out of a table
    return str(_clean(html))


def titled(title: str | None, html: str) -> str:
    """A text with its title above it, unless it opens with that."""
    if not title or markup.plain(html[:2000]).startswith(title):
        return html
    return f"<p><strong>{markup.escape(title)}</strong></p>{html}"


def link(address: str) -> str:
    """A paragraph that leads to a page; the address is one that was checked."""
    shown = markup.escape(address.partition("://")[2])
    return f'<p><a href="{markup.escape(address)}" rel="{markup.REL}" target="_blank">{shown}</a></p>'


def paragraph(*lines: str | None) -> str:
    """Plain lines as one paragraph; empty ones are left out."""
    said = [markup.escape(one) for one in lines if one]
    return f"<p>{'<br>'.join(said)}</p>" if said else ""
