"""What a filter finds in a text: pure.

As Mastodon does it: the words of a text are its warning, its content without markup, the options of its poll and the
descriptions of its media; a keyword is found whatever its case, and as a whole word only where it begins and ends with
a letter or digit. Which filter applies where is left to the app, which knows where it shows a text: it is told of all
that match.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from node.marks.filters import Whole

WORDS_READ = 100_000  # of a text; nobody writes so much to get by a filter
_BREAKS = re.compile(r"<(?:br|/p|/li|/h[1-6]|/div|/blockquote)\b[^>]*>", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Result:
    """A filter that matches a text: by which words, and whether it names the text itself."""

    filter: Whole
    keywords: tuple[str, ...]
    named: bool


def words_of(
    content: str,
    *,
    warning: str | None = None,
    title: str | None = None,
    options: Iterable[str] = (),
    descriptions: Iterable[str | None] = (),
) -> str:
    """All words of a text by which filters find it; `content` is HTML, the rest is plain."""
    plain = html.unescape(_TAGS.sub("", _BREAKS.sub("\n", content[:WORDS_READ])))
    return "\n".join(one for one in (warning, title, plain, *options, *descriptions) if one)


def results(filters: Sequence[Whole], texts: Mapping[str, str]) -> dict[str, list[Result]]:
    """The filters that match each of `texts` (words by IRI); those that none matches are left out."""
    found: dict[str, list[Result]] = {}
    folded = {iri: words.casefold() for iri, words in texts.items()}
    for one in filters:
        named = {row.object for row in one.statuses}
        keywords = [(row, row.keyword.casefold()) for row in one.keywords]
        for iri, words in texts.items():
            # Most keywords stand in no text at all, and to see that is cheap.
            likely = [row for row, keyword in keywords if keyword in folded[iri]]
            matching = tuple(row.keyword for row in likely if _pattern(row.keyword, row.whole_word).search(words))
            if matching or iri in named:
                found.setdefault(iri, []).append(Result(one, matching, iri in named))
    return found


@lru_cache(maxsize=2000)
def _pattern(keyword: str, whole_word: bool) -> re.Pattern[str]:
    before = r"\b" if whole_word and _is_word(keyword[0]) else ""
    after = r"\b" if whole_word and _is_word(keyword[-1]) else ""
    return re.compile(f"{before}{re.escape(keyword)}{after}", re.IGNORECASE)


def _is_word(letter: str) -> bool:
    return re.match(r"\w", letter) is not None


def words_of_row(row: Any) -> str:
    """The words of a row of `statements`."""
    poll = (row.extras or {}).get("poll") or {}
    return words_of(
        row.html,
        warning=row.summary,
        title=row.title,
        options=[one["name"] for one in poll.get("options", ())],
        descriptions=[one.get("name") for one in row.attachments],
    )
