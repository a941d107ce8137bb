"""What belongs into a time line, and in which order: pure."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from node.window import Window

REPORTS = 2_000_000_000
"""The number of the list “Struggle reports”, which every viewer has beside her own: apps know no other door to it."""
OF_ITS_OWN = ("Position",)  # answers a text of another, and is said like anything else


@dataclass(frozen=True, slots=True)
class Item:
    """Something said, or (`boost`, the id of the Announce) somebody's passing it on. `place`: its number."""

    iri: str
    boost: str | None = None
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Of what a time line is: of this node, of others, with pictures or sounds alone."""

    local: bool = False
    remote: bool = False
    only_media: bool = False


def merged(walks: Sequence[Iterable[Any]], window: Window) -> list[Item]:
    """The items of several walks in one order, as many as the window has room for, the newest first."""
    rising = window.min_id is not None
    together: Iterator[Any] = heapq.merge(*walks, key=lambda row: row.place, reverse=not rising)
    rows = list(islice(together, window.limit))
    return [Item(row.iri, row.boost, row.place) for row in window.in_order(rows)]


def joined(some: Sequence[Item], more: Sequence[Item], window: Window) -> list[Item]:
    """The items of two time lines in one, each once, as many as the window has room for, the newest first."""
    rising = window.min_id is not None
    there = {item.place: item for item in (*more, *some)}
    return window.in_order([there[place] for place in sorted(there, reverse=not rising)][: window.limit])


def is_for(row: Any, authors: Collection[str], answered: Collection[str]) -> bool:
    """Whether something is by these, or passed on by them; of their answers those to whom `answered` names."""
    if row.booster is not None:
        return row.booster in authors
    return row.author in authors and is_not_aside(row, answered)


def is_not_aside(row: Any, answered: Collection[str] = ()) -> bool:
    """Whether something is more than an answer to somebody else, so far as this node knows whom it answers."""
    if row.in_reply_to is None or row.kind in OF_ITS_OWN or row.parent_author is None:
        return True
    return row.parent_author == row.author or row.parent_author in answered
