"""Misskey: everything is shown whole, as plain lines with a little markup, and a summary is a content warning.

`packages/backend/src/core/MfmService.ts` (`fromHtml`), `core/activitypub/models/ApNoteService.ts`, `const.ts`
(`DB_MAX_NOTE_TEXT_LENGTH`); version 2025, read in November 2026. Nothing of theirs is used here: this says the same
in our words, from HTML to HTML.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import nh3

from node.drafts.previews.seen import REPORT, TABLES, Preview, has_fields, has_table, language_of
from node.statements import markup
from node.translating import N_

SERVER = "Misskey"
CHARACTERS_AT_MOST = 8192
WARNING_CHARACTERS = 512
PAIRS = {"b": "b", "strong": "b", "i": "i", "em": "i", "s": "s", "del": "s", "small": "small", "code": "code"}
BLOCKS = {
    **dict.fromkeys(("p", "h2", "h3", "h4", "h5", "h6"), "\n\n"),
    **dict.fromkeys(("div", "li", "dt", "dd"), "\n"),
}
TAGS = {"b", "i", "s", "small", "code", "pre", "blockquote", "a", "br", "ruby", "rt", "rp"}

FOLDED = N_("The summary stands as a content warning, and the text behind it: readers have to open it.")
TITLE_IS_LOST = N_("The title is not shown of its own: it has to stand in the summary.")
LISTS = N_("It has a list: its dots and numbers are lost, each entry is a line.")
CUT = N_("It is too long: what comes after 8,192 characters is cut off.")


def preview(document: dict[str, Any]) -> Preview:
    """What Misskey shows of a statement."""
    content = document.get("content") or ""
    warning = document.get("summary") or None  # as it stands: Misskey takes it for plain text
    found = _Lines()
    found.feed(content)
    found.close()
    html, length = found.result()
    remarks = [
        sentence
        for sentence, holds in (
            (CUT, length > CHARACTERS_AT_MOST),
            (FOLDED, warning is not None and not document.get("sensitive")),
            (TITLE_IS_LOST, bool(document.get("name"))),
            (LISTS, "<li" in content),
            (TABLES, has_table(document)),
            (REPORT, has_fields(document)),
        )
        if holds
    ]
    return Preview(
        SERVER,
        html,
        warning=markup.shorten(warning, WARNING_CHARACTERS) if warning else None,
        whole=length <= CHARACTERS_AT_MOST,
        language=language_of(document),
        remarks=tuple(remarks),
    )


class _Lines(HTMLParser):
    """HTML as Misskey reads it. What is quoted loses its markup; what is no text ends at `CHARACTERS_AT_MOST`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._length = 0
        self._quoted: list[str] | None = None
        self._link: tuple[str, list[str]] | None = None
        self._in_pre = False

    def result(self) -> tuple[str, int]:
        """The text as clean HTML, and how many characters it has."""
        html = "".join(self._parts).strip("\n").replace("\n", "<br>")
        return str(nh3.clean(html, tags=TAGS, attributes={"a": {"href"}}, link_rel=markup.REL)), self._length

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._quoted is not None:
            if tag in ("br", "p", "li"):
                self._quoted.append("\n")
        elif tag == "blockquote":
            self._quoted = []
        elif tag == "a":
            self._link = (dict(attrs).get("href") or "", [])
        elif tag == "pre":
            self._in_pre = True
            self._parts.append("<pre>")
        elif tag == "h1":
            self._say("【")
        elif tag == "br":
            self._say("\n")
        elif tag in BLOCKS:
            self._say(BLOCKS[tag])
        elif tag in PAIRS and not self._in_pre:
            self._parts.append(f"<{PAIRS[tag]}>")

    def handle_endtag(self, tag: str) -> None:
        if self._quoted is not None:
            if tag == "blockquote":
                words, self._quoted = "".join(self._quoted).strip(), None
                self._parts.append("<blockquote>")
                self._say(words)
                self._parts.append("</blockquote>")
        elif tag == "a" and self._link is not None:
            (address, inside), self._link = self._link, None
            self._close_link(address, "".join(inside))
        elif tag == "pre":
            self._in_pre = False
            self._parts.append("</pre>")
        elif tag == "h1":
            self._say("】\n")
        elif tag in PAIRS and not self._in_pre:
            self._parts.append(f"</{PAIRS[tag]}>")

    def handle_data(self, data: str) -> None:
        if self._quoted is not None:
            self._quoted.append(data)
        elif self._link is not None:
            self._link[1].append(data)
        else:
            self._say(data)

    def _close_link(self, address: str, words: str) -> None:
        if words.startswith("#"):
            self._say(words)
        elif words.startswith("@"):
            self._say(words if words.count("@") > 1 else f"{words}@{urlsplit(address).hostname or ''}")
        else:
            self._parts.append(f'<a href="{markup.escape(address)}">')
            self._say(words or address)
            self._parts.append("</a>")

    def _say(self, words: str) -> None:
        words = words if self._length else words.lstrip()
        room = max(0, CHARACTERS_AT_MOST - self._length)
        self._length += len(words)
        self._parts.append(markup.escape(words[:room]))
