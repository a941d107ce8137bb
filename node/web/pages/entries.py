"""From rows to what a page shows: who said what, when, in which language, and where it can be read in full."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from sqlalchemy import Row

from node import actors, former_groups, localised, names
from node.context import Node, Transaction
from node.identifiers import spell
from node.peering.standing import standing
from node.positions import store as positions
from node.reports import store as reports
from node.reports import transcriptions
from node.reports.rules import ImportState, Provenance
from node.statements import markup
from node.statements import store as statements
from node.translating import spoken
from node.web.pages import beside, languages, queries
from node.web.pages.beside import Happening, Medium, Poll

OPENING_CHARACTERS = 280
HEADLINE_CHARACTERS = 90
REPEATED_CHARACTERS = 60
BRIEF_CHARACTERS = 700
LOOK_AHEAD = 600
STRONG = {"L": "ltr", "R": "rtl", "AL": "rtl"}
BLOCKS = re.compile(r"<(p|ul|ol|li|h[1-6]|blockquote|table|td|th|dl|dt|dd|caption)(?=[\s>])(?![^>]*\sdir=)[^>]*>")
NO_LETTERS = re.compile(r"<[^>]*>|&#?\w+;")
SPELL_REGION = frozenset({"AU", "CA", "US"})  # whose people name a place together with the letters of its region
LAST_TAGS = re.compile(r"<p>(?:\s*<a [^>]*\bhashtag\b[^>]*>#(?:[^<]|</?span>)*</a>,?)+\s*</p>\s*")
LAST_TAGS_CHARACTERS = 4000
BEGINNING_CHARACTERS = 4000
HEADINGS = re.compile(r"<(/?)h([1-6])(?=[\s>])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who speaks. `address` is her own page, on her own server if it is another's.

    `indexable`: she agrees that her words are found by search engines (FEP-5feb); who does not say so does not.
    """

    iri: str
    name: str
    handle: str
    address: str
    local: bool
    indexable: bool = False
    tendency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcription:
    """A collection of imported reports, and how many of them are here."""

    iri: str
    address: str | None
    provenance: Provenance
    held: int
    total: int
    refused: int
    state: str

    @property
    def whole(self) -> bool:
        """Whether all of it is here."""
        return self.state in (ImportState.PUBLISHED.value, ImportState.COMPLETE.value)

    @property
    def broken(self) -> bool:
        """Whether the rest will not come."""
        return self.state == ImportState.BROKEN.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something said, as pages show it. `path` is its page here, `original` where its author publishes it."""

    iri: str
    sort_id: int
    path: str
    original: str
    local: bool
    author: Author
    published: datetime
    updated: datetime | None
    title: str | None
    html: str
    summary: str | None
    sensitive: bool
    lang: str
    direction: str
    in_reply_to: str | None
    media: Sequence[Medium] = ()
    poll: Poll | None = None
    happening: Happening | None = None
    emoji: Mapping[str, str] = field(default_factory=dict)
    quote: str | None = None
    report: Row[Any] | None = None
    stance: str | None = None
    kind: str = "Statement"
    transcription: Transcription | None = None

    @property
    def headline(self) -> str:
        """The title, or the first words of a text that has none; of a sensitive one only its warning."""
        if self.title:
            return self.title
        if self.sensitive:
            return self.summary or ""
        return markup.shorten(beginning(self.html), HEADLINE_CHARACTERS)

    @property
    def picture(self) -> Medium | None:
        """The first picture of a text of ours that is not behind a warning; its `url` is a path."""
        if not self.local or self.sensitive:
            return None
        return next((one for one in self.media if one.kind == "Image"), None)

    @property
    def opening(self) -> str:
        """The summary or the first sentences; nothing of what stands behind a warning."""
        if self.sensitive:
            return self.summary or ""
        text = self.standfirst or beginning(without_last_tags(self.html))
        return markup.shorten(text, OPENING_CHARACTERS)

    @property
    def text(self) -> Markup:
        """The whole text; it was sanitised before it was kept. Each block finds its own direction.

        A last paragraph of nothing but hashtags is left out: they stand beside the text.
        """
        return self._with_emoji(directed(lowered(without_last_tags(self.html))))

    @property
    def brief(self) -> Markup | None:
        """The whole text, where it is no longer than an opening and stands behind no warning."""
        if self.sensitive or self.standfirst or len(self.html) > BRIEF_CHARACTERS:
            return None
        return self._with_emoji(directed(HEADINGS.sub(r"<\1p", without_last_tags(self.html))))

    @property
    def standfirst(self) -> str:
        """The summary, where it says something that neither the title nor the first sentences say."""
        if self.sensitive or not self.summary or not self.title:
            return ""
        # An Article's summary opens with its title, for those who see nothing else of it.
        summary = self.summary.removeprefix(self.title.rstrip(".") + ".").strip()
        repeated = beginning(self.html).startswith(summary.rstrip("… ")[:REPEATED_CHARACTERS])
        return "" if repeated else summary

    @property
    def quiet_text(self) -> Markup:
        """The text for a place in a thread, where it must not bring headings of its own."""
        return self._with_emoji(directed(HEADINGS.sub(r"<\1p", self.html)))

    def _with_emoji(self, html: str) -> Markup:
        return Markup(beside.with_emoji(html, self.emoji))

    @property
    def place(self) -> str:
        """Where a report is from, from the small to the large."""
        row = self.report
        return place_in_words(row.locality, row.region, row.country) if row is not None else ""


def place_in_words(locality: str | None, region: str | None, country: str | None) -> str:
    """A place from the small to the large, as people would write it on an envelope."""
    if region and country and region.startswith(f"{country}-"):
        short = region.removeprefix(f"{country}-")
        region = short if country in SPELL_REGION or not locality else None
    return ", ".join(filter(None, [locality, region, localised.country(country, spoken()) if country else None]))


def without_last_tags(html: str) -> str:
    """The text without a last paragraph of nothing but hashtags."""
    start = html.rfind("<p>")
    if start < 0 or len(html) - start > LAST_TAGS_CHARACTERS or not LAST_TAGS.fullmatch(html, start):
        return html
    return html[:start].rstrip()


def beginning(html: str) -> str:
    """The first words of a text, however long it is."""
    return markup.plain(html[:BEGINNING_CHARACTERS])


def lowered(html: str) -> str:
    """The text with its headings one level down if it uses the first, which is the page's own."""
    if "<h1" not in html:
        return html
    return HEADINGS.sub(lambda found: f"<{found[1]}h{min(int(found[2]) + 1, 6)}", html)


def directed(html: str) -> str:
    """The text with its direction on every block: languages are quoted in languages.

    That of the first strong letter, as `dir="auto"` finds it; but that looks past whatever says its own direction, so
    a quotation around paragraphs would never find any.
    """

    def said(found: re.Match[str]) -> str:
        return _with_direction(found[0], found[1], html[found.end() : found.end() + LOOK_AHEAD])

    return BLOCKS.sub(said, html)


def _with_direction(start: str, name: str, rest: str) -> str:
    own = rest.partition(f"</{name}>")[0]
    for letter in NO_LETTERS.sub("", own):
        if (kind := unicodedata.bidirectional(letter)) in STRONG:
            return f'<{name} dir="{STRONG[kind]}"{start[len(name) + 1 :]}'
    return start


def of(tx: Transaction, rows: Sequence[Row[Any]]) -> list[Entry]:
    """The entries of objects that are held, in their order; what has no text any more is left out."""
    iris = [row.iri for row in rows]
    shown = statements.shown(tx, iris)
    people = authors(tx, [row.author for row in rows])
    told, taken = reports.of(tx, iris), positions.of(tx, iris)
    return [
        _entry(tx, row, shown[row.iri], people[row.author], report=told.get(row.iri), position=taken.get(row.iri))
        for row in rows
        if row.iri in shown
    ]


def for_all(tx: Transaction, rows: Sequence[Row[Any]]) -> list[Entry]:
    """The same for those who are no members: nothing of whom a policy hides."""
    return of(tx, [row for row in rows if is_for_all(tx, row)])


def is_for_all(tx: Transaction, row: Row[Any]) -> bool:
    """Whether everybody is shown an object: it is our own, or no policy hides its author or what is of its kind."""
    return row.local or not standing(tx, actor=row.author, kind=row.kind).is_hidden


def authors(tx: Transaction, iris: Sequence[str]) -> dict[str, Author]:
    """Who each of `iris` is, also where this node has never seen their page."""
    known = actors.find_all(tx, list(dict.fromkeys(iris)))
    own = {group.iri: group for group in [*actors.groups(tx), *former_groups.retired(tx)]}
    found = {}
    for iri in iris:
        row, group = known.get(iri), own.get(iri)
        profile = {} if row is None or row.document is None else actors.document(row)
        found[iri] = Author(
            iri=iri,
            name=(names.visible(row.name or row.handle) if row is not None else None) or actors.host_of(iri),
            handle=actors.handle_of(row) if row is not None else names.address(iri),
            address=(row.url if row is not None else None) or iri,
            local=group is not None,
            indexable=group.indexable if group is not None else profile.get("indexable") is True,
            tendency=group.tendency if group is not None else names.tendency(profile.get("tendency")),
        )
    return found


def transcription(tx: Transaction, row: Row[Any], *, path: str | None = None) -> Transcription:
    """One import, ours or another node's; `path` is the page of the digest that announced another's."""
    held = row.total if row.state == ImportState.PUBLISHED.value else transcriptions.count_in_import(tx, row.iri)
    return Transcription(
        iri=row.iri,
        address=path_of(tx.node, row.iri) if row.local else path,
        provenance=Provenance.from_json(row.provenance),
        held=held,
        total=max(row.total, held),
        refused=row.refused,
        state=row.state,
    )


def transcription_announced(tx: Transaction, row: Row[Any]) -> Transcription:
    """One import, with the page on which its reports can be read here."""
    if row.local:
        return transcription(tx, row)
    digests = (one for one in queries.digests_of(tx, row.actor) if _names_import(one) == row.iri)
    digest = next(digests, None)
    return transcription(tx, row, path=None if digest is None else page_of(tx.node, digest))


def page_of(node: Node, row: Row[Any]) -> str:
    """Where this node shows an object: its own at their address, others' among what was heard."""
    return path_of(node, row.iri) if row.local else f"/heard/{spell(row.sort_id)}"


def struggle_page(node: Node, iri: str) -> str:
    """Where this node shows a struggle: its own at their address, others' among what was heard."""
    ours = iri.startswith(f"{node.config.origin}/")
    return path_of(node, iri) if ours else f"/heard/struggle?of={quote(iri, safe='')}"


def path_of(node: Node, iri: str) -> str:
    """The path of one of our own addresses."""
    return iri.removeprefix(node.config.origin)


def _entry(
    tx: Transaction,
    row: Row[Any],
    shown: Row[Any],
    author: Author,
    *,
    report: Row[Any] | None,
    position: Row[Any] | None,
) -> Entry:
    return Entry(
        iri=row.iri,
        sort_id=row.sort_id,
        path=page_of(tx.node, row),
        original=shown.url or row.iri,
        local=row.local,
        author=author,
        published=row.published,
        updated=row.updated,
        title=shown.title,
        html=shown.html,
        summary=shown.summary,
        sensitive=shown.sensitive,
        lang=languages.tag(shown.language),
        direction=languages.direction(shown.language),
        in_reply_to=row.in_reply_to,
        media=beside.media(tx, row, shown),
        poll=beside.poll(shown.extras),
        happening=beside.happening(shown.extras),
        emoji=beside.emoji(tx, shown.extras),
        quote=(shown.extras or {}).get("quote"),
        report=report,
        stance=position.stance if position is not None else None,
        kind=row.kind,
        transcription=_announced(tx, row),
    )


def _announced(tx: Transaction, row: Row[Any]) -> Transcription | None:
    iri = _names_import(row)
    found = transcriptions.find_import(tx, iri) if iri is not None else None
    # Only its author's own: another's digest may name the same collection.
    if found is None or found.actor != row.author:
        return None
    return transcription(tx, found, path=page_of(tx.node, row))


def _names_import(row: Row[Any]) -> str | None:
    if row.document is None or b'"imports"' not in row.document:
        return None
    iri = json.loads(row.document).get("imports")
    return iri if isinstance(iri, str) else None
