"""What somebody has pinned: the collection that is called `featured`, read to its end in one go, because it is short.

What it lists is kept like everything of the past, and marked as pinned by its author; what it does not list any more is
unmarked if it was read to its end, so that what we missed while we were down is made good.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from federation import paging
from federation.client import Budget
from federation.errors import Malformed, Refused, Unwelcome
from federation.paging import Page
from node import objects, signing
from node.backfill import entries
from node.backfill.rules import Outcome
from node.context import Node, Transaction
from node.statements import featured

PAGES = 5
REQUESTS = 2 * (PAGES + 1)  # the collection and its pages, some with another kind of signature
ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class Pinned:
    """What a collection of pins showed at `read_at`; `whole` if that was all of it."""

    pages: tuple[Page, ...]
    whole: bool
    read_at: datetime

    def entries(self) -> Iterator[tuple[Page, Any]]:
        """Each entry with the page it stands on, as many as anybody may pin."""
        listed = ((page, item) for page in self.pages for item in page.items)
        for one, _ in zip(listed, range(ENTRIES), strict=False):
            yield one


async def read(node: Node, actor: str) -> Pinned | None:
    """What `actor` has pinned, as its own server says; None if its document names no such collection.

    Raises Refused, Malformed or Unreachable if nothing of it can be read, and Unwelcome even behind the first page.
    """
    address = await node.database.read(entries.address_of, actor, "featured")
    if address is None:
        return None
    read_at, pages = node.clock(), list[Page]()
    signer = await signing.instance_signer(node)
    budget = Budget(requests=REQUESTS, bytes=2 * node.config.document_bytes)
    async with aclosing(paging.walk(node.client, address, budget=budget, signer=signer)) as walked:
        try:
            async for page in walked:
                pages.append(page)
                if len(pages) == PAGES:
                    break
        except (Refused, Malformed) as error:
            if not pages or isinstance(error, Unwelcome):
                raise
    found = Pinned(tuple(pages), whole=bool(pages) and pages[-1].next_iri is None, read_at=read_at)
    for method in entries.methods((item for _, item in found.entries()), actor=actor):
        await node.directory.ensure_proof_key(method, author=actor)
    return found


def take(tx: Transaction, actor: str, found: Pinned, *, oldest: datetime | None) -> Counter[Outcome]:
    """Keep what is pinned and is not older than `oldest`, and mark what is here or is on its way; what became of it."""
    outcomes, pins = Counter[Outcome](), dict[str, None]()
    for page, item in found.entries():
        outcome = entries.take(tx, item, actor=actor, holder=page.page_iri, oldest=oldest)
        outcomes[outcome] += 1
        iri = entries.said_by(item)
        if iri is not None and _is_pinnable(tx, iri, actor, is_coming=outcome is Outcome.ASKED):
            pins[iri] = None
    featured.replace(tx, actor, list(pins), read_at=found.read_at, whole=found.whole)
    return outcomes


def _is_pinnable(tx: Transaction, iri: str, actor: str, *, is_coming: bool) -> bool:
    held = objects.find(tx, iri)
    if held is None:
        return is_coming
    return held.author == actor and held.deleted is None and bool(held.public)
