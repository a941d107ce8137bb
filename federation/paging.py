"""Collections in pages: serve one, and walk a remote one to its end without being led astray.

ActivityStreams 2.0 §5.2; ActivityPub §5. A walk stays at the collection's origin, never reads a page twice and
never spends more than its budget; it can be taken up again at the page where it stopped.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any, NamedTuple

from federation.client import Budget, Client, Signer
from federation.errors import Refused
from federation.origin import check_embedded, same_origin
from schemas import collection as collections
from schemas.collection import Collection, CollectionPage

Item = str | dict[str, Any]


class Page(NamedTuple):
    """A page of a remote collection. Nobody vouches for the items yet. `next_iri` is where to take up the walk.

    `total_items` is how many the collection, or the page, says there are in all.
    """

    page_iri: str
    items: Sequence[Item]
    next_iri: str | None
    total_items: int | None = None


def collection(
    iri: str,
    *,
    total_items: int | None,
    first: str | None = None,
    last: str | None = None,
    items: Sequence[Item] | None = None,
    attributed_to: str | None = None,
) -> dict[str, Any]:
    """The document of a collection that is served in pages, whole (`items`), or shows only how many there are."""
    listed = tuple(items) if items is not None else None
    return collections.serialise(
        Collection(id=iri, total_items=total_items, first=first, last=last, items=listed, attributed_to=attributed_to)
    )


def page(
    items: Sequence[Item],
    *,
    iri: str,
    part_of: str,
    next_iri: str | None = None,
    prev_iri: str | None = None,
    total_items: int | None = None,
) -> dict[str, Any]:
    """The document of one page. A page without `next_iri` is the last."""
    return collections.serialise(
        CollectionPage(
            id=iri, part_of=part_of, next=next_iri, prev=prev_iri, total_items=total_items, items=tuple(items)
        )
    )


async def walk(
    client: Client, iri: str, *, budget: Budget, signer: Signer | None = None, start: str | None = None
) -> AsyncGenerator[Page, None]:
    """The pages of the collection `iri`, in its order; from the page `start`, if it is given.

    Raises Refused if a page lies at another origin, comes twice or is no page, or if the budget is spent; and what
    `Client.document` raises. What was yielded before stays good.
    """
    seen: set[str] = set()
    total: int | None = None
    here = start
    if start is None:
        front = _front(iri, await client.document(iri, signer=signer, budget=budget))
        seen.add(front.page_iri)
        here, total = front.next_iri, front.total_items
        if front.items or here is None:
            yield front
    while here is not None:
        _check_place(iri, here, seen)
        seen.add(here)
        found = _page(here, await client.document(here, signer=signer, budget=budget))
        if found.page_iri != here:
            _check_place(iri, found.page_iri, seen)
            seen.add(found.page_iri)
        yield found._replace(total_items=total if found.total_items is None else found.total_items)
        here = found.next_iri


def _front(iri: str, document: dict[str, Any]) -> Page:
    """What the collection's own document shows: all items, an embedded first page (Mastodon's replies), or neither."""
    found = collections.parse(document)
    if isinstance(found, CollectionPage):
        return _page(iri, document)
    if not isinstance(found.first, dict):
        return Page(iri, found.items or (), found.first, found.total_items)
    first = collections.parse(found.first)
    if not isinstance(first, CollectionPage):
        raise Refused(f"{iri} has something as its first page that is none")
    if first.id is not None:
        check_embedded(iri, first.id, iri)
    return Page(first.id or iri, (*(found.items or ()), *(first.items or ())), first.next, found.total_items)


def _page(iri: str, document: dict[str, Any]) -> Page:
    found = collections.parse(document)
    if isinstance(found, CollectionPage):
        return Page(found.id or iri, found.items or (), found.next, found.total_items)
    if found.first is not None:
        raise Refused(f"{iri} is no page of a collection")
    # WordPress calls a page with nothing on it a collection, and some small servers every page.
    return Page(iri, found.items or (), None, found.total_items)


def _check_place(iri: str, here: str, seen: set[str]) -> None:
    if not same_origin(iri, here):
        raise Refused(f"{iri} leads to a page at another origin")
    if here in seen:
        raise Refused(f"{iri} leads round in a circle")
