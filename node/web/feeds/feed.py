"""A feed as it is, whatever form it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from node.web.pages.beside import Medium


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """A picture of ours, at its whole address."""

    address: str
    picture: Medium


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something said. `html` is its whole text, None where the feed only leads to it; `summary` is plain text."""

    iri: str
    address: str
    title: str
    lang: str
    author: str
    author_address: str
    published: datetime
    updated: datetime
    html: str | None
    summary: str
    tags: Sequence[str]
    enclosed: Sequence[Enclosed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One page of a feed. `address` is that of the feed without its ending, `home` the page for people.

    `before` is the place this page goes on from (None for the first page), `older` the place of the next one.
    """

    address: str
    home: str
    title: str
    subtitle: str
    lang: str
    author: str
    author_address: str
    icon: str
    about: str
    updated: datetime
    items: Sequence[Item]
    before: int | None
    older: int | None
    noindex: bool
    query: str = ""

    def page(self, ending: str, before: int | None) -> str:
        """The address of a page of this feed in one of its forms; `query` is what it is filtered by."""
        place = f"before={before}" if before is not None else ""
        query = "&".join(filter(None, [self.query, place]))
        return f"{self.address}.{ending}" + (f"?{query}" if query else "")
