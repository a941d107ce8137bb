"""Pages of a collection by the key of what stands on them, so that they stay the same when something is added.

A place is a key, not a number of pages: `?before=KEY` shows what has smaller keys, `?after=KEY` what has larger ones.
Whatever is entered above or below while somebody reads, nothing is shown twice and nothing is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from federation import paging
from federation.errors import Malformed

LARGEST = 2**63 - 1

Fetch = Callable[[int | None, int | None, int], Sequence[Any]]
"""(only keys larger than, only keys smaller than, how many) -> pairs of key and item.

With a lower bound alone those next to it, in rising order; else those next to the upper one, in falling order.
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a collection somebody reads: `after` a key, `before` one, or, with neither, at its beginning."""

    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A collection that is served in pages. `whole_up_to`: if it has no more items, they stand in the collection."""

    iri: str
    fetch: Fetch
    total: int
    size: int
    newest_first: bool
    whole_up_to: int = 0
    attributed_to: str | None = None


def place(request: web.Request) -> Place | None:
    """The place that a request asks for; None for the collection itself. Raises Malformed."""
    before, after = number(request, "before"), number(request, "after")
    if before is None and after is None and "page" not in request.query:
        return None
    return Place(before, after)


def number(request: web.Request, name: str) -> int | None:
    """A parameter that is a place in a collection. Raises Malformed."""
    text = request.query.get(name)
    if text is None:
        return None
    if not text.isdecimal() or not text.isascii() or len(text) > 19 or int(text) > LARGEST:
        raise Malformed(name, "is not a place in this collection")
    return int(text)


def document(listing: Listing, where: Place | None) -> dict[str, Any]:
    """The collection, or the page of it at `where`."""
    if where is not None:
        return _page(listing, where)
    if 0 < listing.whole_up_to >= listing.total:
        items = [item for _, item in _run(listing, Place(), listing.whole_up_to)]
        return paging.collection(
            listing.iri, total_items=listing.total, items=items, attributed_to=listing.attributed_to
        )
    last = "after=0" if listing.newest_first else f"before={LARGEST}"
    return paging.collection(
        listing.iri,
        total_items=listing.total,
        first=f"{listing.iri}?page=true",
        last=f"{listing.iri}?{last}",
        attributed_to=listing.attributed_to,
    )


def _page(listing: Listing, where: Place) -> dict[str, Any]:
    rows = _run(listing, where, listing.size)
    onward = backward = None
    if rows:
        (first, _), (last, _) = rows[0], rows[-1]
        above, below = ("after", "before") if listing.newest_first else ("before", "after")
        if _run(listing, Place(**{below: last}), 1):
            onward = f"{listing.iri}?{below}={last}"
        if _run(listing, Place(**{above: first}), 1):
            backward = f"{listing.iri}?{above}={first}"
    return paging.page(
        [item for _, item in rows],
        iri=f"{listing.iri}?{_query(where)}",
        part_of=listing.iri,
        next_iri=onward,
        prev_iri=backward,
        total_items=listing.total,
    )


def _query(where: Place) -> str:
    given = [(name, value) for name in ("before", "after") if (value := getattr(where, name)) is not None]
    return "&".join(f"{name}={value}" for name, value in given) or "page=true"


def _run(listing: Listing, where: Place, count: int) -> list[tuple[int, Any]]:
    """What stands at a place, in the order of the collection."""
    if where == Place() and not listing.newest_first:
        where = Place(after=0)
    found = listing.fetch(where.after, where.before, count)
    return sorted(found, key=lambda pair: pair[0], reverse=listing.newest_first)
