"""The search: what is held here and has the words, newest first, with the same filters as the wire.

What somebody looks for is kept nowhere, not even for the next who looks for the same: no cache keeps the page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from markupsafe import Markup, escape

from node import actors, translating
from node.context import NODE, Transaction
from node.errors import Invalid
from node.reports import filters
from node.reports.filters import Filters
from node.search import actions as search
from node.search import hits, rules
from node.search.hits import Passage
from node.search.rules import Wanted
from node.statements import markup
from node.web.pages import entries, filtering, rendering, standing
from node.web.pages.entries import Entry
from node.web.pages.filtering import Filtering
from node.web.pages.masthead import masthead, place_in

PATH = "/search"
HITS = 20
HTML_CHARACTERS = 40_000  # of one text are looked through for the passage; a page of long ones must not take seconds


@dataclass(frozen=True, slots=True)
class Hit:
    """A text that was found. `passage`: where the words stand in it; of a sensitive one only its warning."""

    entry: Entry
    title: Passage | None
    passage: Passage

    @property
    def marked_title(self) -> Markup:
        """The title, with what was looked for marked."""
        return marked(self.title) if self.title is not None else Markup("")

    @property
    def marked_passage(self) -> Markup:
        """The passage, with what was looked for marked."""
        return marked(self.passage)


def marked(passage: Passage) -> Markup:
    """A passage as HTML, its hits in `mark`."""
    return Markup("").join(
        Markup("<mark>{}</mark>").format(text) if hit else escape(text) for text, hit in passage.parts()
    )


async def page(request: web.Request) -> web.Response:
    """The form, and what was found. Raises Invalid for a filter that cannot be met; of the words the page itself says
    what is wrong with them."""
    text, asked = request.query.get("q", "").strip(), filters.read(request.query.items(), filters.OF_TEXTS)
    wrong, wanted = None, None
    try:
        wanted = rules.read(text) if text else None
    except Invalid as error:
        wrong = error.said(translating.translated)
    language, before = translating.spoken(), place_in(request, "before")
    database = request.app[NODE].database
    # What there is to choose from is the same for everybody who has chosen nothing yet.
    choices = await (database.read if asked else database.remembered)(_choices, language, tuple(asked.items()))
    values = await database.read(_gathered, text, wanted, asked, before)
    values["filtering"] = _with_words(choices, text)
    return rendering.private(request, "search.html", status=422 if wrong else 200, wrong=wrong, **values)


def _choices(tx: Transaction, language: str, asked: tuple[tuple[str, tuple[str, ...]], ...]) -> Filtering:
    with translating.speaking(language):
        return filtering.of(tx, PATH, dict(asked))


def _gathered(tx: Transaction, text: str, wanted: Wanted | None, asked: Filters, before: int | None) -> dict[str, Any]:
    rows = search.find(tx, wanted, asked, before=before, limit=HITS + 1) if wanted is not None else []
    found = [hit(entry, wanted) for entry in entries.of(tx, rows[:HITS]) if wanted is not None]
    return {
        "masthead": masthead(tx, actors.main_group(tx)),
        "q": text,
        "hits": found,
        "standing": standing.of(tx, [one.entry for one in found], standing.sources(tx)),
        "older": address(text, asked, before=rows[HITS - 1].sort_id) if len(rows) > HITS else None,
        "first": before is None,
        "newest": address(text, asked),
        "asked": [(name, value) for name, values in asked.items() for value in values],
    }


def hit(entry: Entry, wanted: Wanted) -> Hit:
    """What is shown of a text that was found."""
    text = entry.opening if entry.sensitive else markup.plain(entry.html[:HTML_CHARACTERS])
    title = hits.whole(entry.title, wanted) if entry.title else None
    return Hit(entry, title, hits.around(text, wanted))


def address(text: str, asked: Filters, *, before: int | None = None, path: str = PATH) -> str:
    """The address of a search."""
    return f"{path}?{'&'.join(filter(None, [urlencode({'q': text}), filters.written(asked, before=before)]))}"


def _with_words(found: Filtering, text: str) -> Filtering:
    """The filters of the page, whose form and links keep what is looked for."""
    if not text:
        return found
    words = urlencode({"q": text})
    chips = [replace(one, without=f"{one.without}{'&' if '?' in one.without else '?'}{words}") for one in found.chips]
    return replace(found, chips=chips, hidden=[("q", text), *found.hidden])
