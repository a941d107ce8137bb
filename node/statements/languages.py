"""One text in several languages: each an object of its own, decided and published together, and linked with the others.

A Link with `rel: alternate` and `hreflang`, as HTML has it, leads from each to the others. Other servers show none of
that, so a line at the end of the text names the languages; pages of ours leave it out and show the links.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from node.context import Transaction
from node.identifiers import spell
from node.statements import markup, store
from schemas.attached import Tag
from schemas.statement import Statement

CLASS = "languages"
LINE = re.compile(rf'\s*<p class="{CLASS}"[^>]*>(?:(?!</?p[ >]).){{0,4000}}</p>', re.DOTALL)
AT_MOST = 30
RELATION = "alternate"
SHARED = ("sensitive", "reply_to", "quote", "pictures", "form")  # what every language has from the first


def enter(tx: Transaction, iri: str, kept: dict[str, Any], *, actor: str, language: str) -> dict[str, Any]:
    """Enter a publication for each further language of what is kept as `iri`; what is kept of the first one then.

    `language` is that of the first text where it does not say.
    """
    first = kept.get("draft", {})  # what announces a table has none
    if not first.get("translations"):
        return kept
    numbers = [tx.new_id() for _ in first["translations"]]
    iris = [tx.node.address(f"/statements/{spell(number)}") for number in numbers]
    tags = [first["language"] or language, *(one["language"] for one in first["translations"])]
    together = {"languages": [list(pair) for pair in zip(tags, [iri, *iris], strict=True)]}
    for one, number, address in zip(first["translations"], numbers, iris, strict=True):
        draft = one | {name: first[name] for name in SHARED} | {"tags": one["tags"] or first["tags"]}
        other = {"draft": draft, "sort_id": number, "mentions": kept["mentions"], "actor": actor, "together": iri}
        store.add_publication(tx, address, actor=actor, kind="statement", draft=other | together)
    return kept | together


def others(iri: str, kept: Mapping[str, Any]) -> list[str]:
    """The publications that go with `iri`, whichever of them it is; the first one first."""
    return [address for _, address in kept.get("languages", ()) if address != iri]


def with_links(statement: Statement, kept: Mapping[str, Any]) -> Statement:
    """The statement with the links to its other languages, and the line at the end of its text."""
    found = [(tag, address) for tag, address in kept.get("languages", ()) if address != statement.id]
    if not found or statement.content is None:
        return statement
    links = tuple(
        Tag(type="Link", href=address, hreflang=tag, rel=RELATION, media_type="text/html", name=name_of(tag))
        for tag, address in found
    )
    ending = _line(found)
    maps = {one: text + ending for one, text in statement.content_map.items()}
    return replace(statement, tags=(*statement.tags, *links), content=statement.content + ending, content_map=maps)


def without_line(html: str, statement: Statement) -> str:
    """A text of another without the line, where its document carries the links themselves."""
    return LINE.sub("", html) if links_of(statement) else html


def links_of(statement: Statement) -> list[tuple[str, str]]:
    """The other languages of a statement: tag and address, bounded."""
    found = [
        (tag.hreflang, tag.href)
        for tag in statement.tags
        if tag.type == "Link" and tag.rel == RELATION and tag.hreflang and tag.href
        if tag.href.split("/")[:3] == statement.id.split("/")[:3]  # its own, not a name for somebody else's page
    ]
    return found[:AT_MOST]


def extras_of(statement: Statement) -> dict[str, Any]:
    """What is kept for the pages."""
    found = [{"language": markup.shorten(tag, 40), "iri": address} for tag, address in links_of(statement)]
    return {"languages": found} if found else {}


def name_of(tag: str) -> str:
    """A language as those who speak it call it, else its tag."""
    from babel import Locale, UnknownLocaleError  # read for those who write in several languages alone

    try:
        return Locale.parse(tag, sep="-").get_language_name() or tag
    except (UnknownLocaleError, ValueError):
        return tag


def _line(found: Sequence[tuple[str, str]]) -> str:
    links = (
        f'<a href="{markup.escape(address)}" lang="{markup.escape(tag)}">{markup.escape(name_of(tag))}</a>'
        for tag, address in found
    )
    return f'\n<p class="{CLASS}">{" · ".join(links)}</p>'
