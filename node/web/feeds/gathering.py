"""What stands in a feed: reads of the database. Its own words are in the language of the group whose feed it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row

from node import actors
from node.context import Node, Transaction
from node.reports import filters, listing
from node.statements import markup
from node.statements import store as statements
from node.translating import asked_for, speaking
from node.web.feeds.feed import Enclosed, Feed, Item
from node.web.pages import assets_served, entries, filtering, queries, rendering
from node.web.pages.entries import Entry
from node.web.pages.masthead import Masthead, masthead

ITEMS = 20
TITLE_CHARACTERS = 300


def of_group(tx: Transaction, handle: str, before: int | None) -> Feed:
    """What a group says of its own accord. Raises Missing."""
    group = actors.group(tx, handle)
    rows = queries.said_by(tx, group.iri, before=before, limit=ITEMS + 1)
    subtitle = markup.plain(group.summary)
    with speaking(asked_for(group.language)):
        return _feed(tx, rows, masthead(tx, group), path=f"/groups/{handle}", subtitle=subtitle, before=before)


def of_wire(tx: Transaction, given: tuple[tuple[str, tuple[str, ...]], ...], before: int | None) -> Feed:
    """What this node hears; with filters what is held here and meets them, ours too."""
    asked = dict(given)
    if asked:
        rows = listing.matching(tx, filtering.widened(tx, asked), before=before, limit=ITEMS + 1, in_feeds=True)
    else:
        rows = listing.heard(tx, before=before, limit=ITEMS + 1)
    main = masthead(tx, actors.main_group(tx))
    with speaking(asked_for(main.lang)):
        title, subtitle = rendering.say("wire_title", name=main.name), rendering.say("wire_subtitle", name=main.name)
        query = filters.written(asked)
        return _feed(tx, rows, main, path="/wire", title=title, subtitle=subtitle, before=before, query=query)


def of_tag(tx: Transaction, tag: str, before: int | None) -> Feed:
    """What carries a hashtag, by whomever."""
    rows = statements.tagged(tx, tag, before=before, limit=ITEMS + 1)
    main = masthead(tx, actors.main_group(tx))
    path = f"/tags/{rendering.segment(tag)}"
    with speaking(asked_for(main.lang)):
        title, subtitle = f"#{tag} · {main.name}", rendering.say("tag_subtitle", tag=tag)
        return _feed(tx, rows, main, path=path, title=title, subtitle=subtitle, before=before)


def _feed(
    tx: Transaction,
    rows: Sequence[Row[Any]],
    speaker: Masthead,
    *,
    path: str,
    subtitle: str,
    before: int | None,
    title: str | None = None,
    query: str = "",
) -> Feed:
    """`title` is that of a feed which is not the group's own: it speaks no language of its own and is never listed."""
    found = [one for one in entries.of(tx, rows[:ITEMS]) if one.local or one.author.indexable]
    tags = queries.tags_of(tx, [one.iri for one in found])
    items = tuple(_item(tx.node, one, tags.get(one.iri, ())) for one in found)
    return Feed(
        address=tx.node.address(path),
        home=tx.node.address(path) + (f"?{query}" if query else ""),
        title=title or speaker.name,
        subtitle=subtitle,
        lang=speaker.lang if title is None else "",
        author=speaker.name,
        author_address=speaker.iri,
        icon=tx.node.address(speaker.icon or assets_served.address("mark.svg")),
        about=tx.node.address("/about"),
        updated=max((one.updated for one in items), default=speaker.since),
        items=items,
        before=before,
        older=rows[ITEMS - 1].sort_id if len(rows) > ITEMS else None,
        noindex=title is not None or not speaker.indexable,
        query=query,
    )


def _item(node: Node, entry: Entry, tags: Sequence[str]) -> Item:
    warned = rendering.say("warned", warning=entry.summary or "") if entry.sensitive else ""
    whole = entry.local and not entry.sensitive
    facts = _facts(entry)
    enclosed = tuple(
        Enclosed(address=node.address(one.url), picture=one) for one in entry.media if whole and one.kind == "Image"
    )
    original = entry.original if rendering.is_web(entry.original) else node.address(entry.path)
    return Item(
        iri=entry.iri,
        address=entry.iri if entry.local else original,
        title=markup.shorten(entry.headline, TITLE_CHARACTERS) or rendering.say("untitled"),
        lang=entry.lang,
        author=entry.author.name,
        author_address=entry.author.address,
        published=entry.published,
        updated=max(entry.published, entry.updated or entry.published),
        html=str(facts + entry.text + _shown(enclosed)) if whole else None,
        summary=warned or (entry.standfirst if whole else ". ".join(filter(None, [facts.striptags(), entry.opening]))),
        tags=tuple(tags),
        enclosed=enclosed,
    )


def _facts(entry: Entry) -> Markup:
    """What a report says in one line: the kind of struggle, where and when; of a position the stance, and on what."""
    if entry.stance is not None and not entry.sensitive:
        line, about = rendering.say("position", stance=entry.stance), entry.in_reply_to or entry.iri
        return Markup('<p><strong>{}</strong> · <a href="{}">{}</a></p>\n').format(line, about, about)
    if entry.report is None or entry.sensitive:
        return Markup("")
    row = entry.report
    line = rendering.say("report", kind=row.action_kind, place=entry.place, began=row.began, ended=row.ended)
    return Markup("<p>{}</p>\n").format(line)


def _shown(enclosed: Sequence[Enclosed]) -> Markup:
    """The pictures as they stand below the text."""
    return Markup("").join(
        Markup('<p><img src="{}" alt="{}" width="{}" height="{}"></p>').format(
            one.address, one.picture.description or "", one.picture.width, one.picture.height
        )
        for one in enclosed
    )
