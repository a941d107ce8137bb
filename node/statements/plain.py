"""Plain text of apps as the Markdown that texts are kept in, and back.

What an app sends has no markup: an asterisk is an asterisk, and a line ends where it ends. Only what Markdown would
take for its own is escaped, so that names, hashtags and addresses read as they were written.
"""

from __future__ import annotations

import re

from node.statements.writing import WORDS

BREAK = "  \n"
_SPECIAL = re.compile(r"[\\`*\[\]<>]|(?<![^\W_])_|_(?![^\W_])|~(?=~)|&(?=#?\w+;)|!(?=\[)")
_AT_THE_START = re.compile(r"(?m)^([ \t]*)([-+#]|\d{1,9}[.)]|=+|-{2,}|~{3,})(?=\s|$)")
_INDENTED = re.compile(r"(?m)^[ \t]+")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>~&!#+=.)-])")
_END_OF_LINE = re.compile(r"[ \t]*\n")


def to_markdown(text: str) -> str:
    """Markdown that reads as `text` does."""
    lines = text.replace("\r\n", "\n").strip("\n")
    without = _INDENTED.sub("", lines)  # four spaces would make it code
    marked = _escape_outside_words(without)
    marked = _AT_THE_START.sub(_escape_start, marked)
    return re.sub(r"[ \t]*\n(?!\n|$)(?<!\n\n)", BREAK, marked) if "\n" in marked else marked


def _escape_outside_words(text: str) -> str:
    parts, last = [], 0
    for found in WORDS.finditer(text):
        parts += [_SPECIAL.sub(r"\\\g<0>", text[last : found.start()]), found[0]]
        last = found.end()
    return "".join([*parts, _SPECIAL.sub(r"\\\g<0>", text[last:])])


def _escape_start(found: re.Match[str]) -> str:
    before, mark = found[1], found[2]
    return f"{before}{mark[:-1]}\\{mark[-1]}" if mark[0].isdigit() else f"{before}\\{mark}"


def from_markdown(markdown: str) -> str:
    """The plain text that `to_markdown` made it of; other Markdown as it was written."""
    return _ESCAPED.sub(r"\1", _END_OF_LINE.sub("\n", markdown))
