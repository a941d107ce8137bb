"""Which of several groups' figures on one struggle counts: of one measure, and of whatever part of the groups. Pure.

Part 3 of rule 1 (node.statistics.rules). The order holds whichever groups are left out, so it is written down with the
figures: a database then picks the first of those that a reader asks for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

NEAREST = ("participants", "organisation", "own-estimate", "media", "imported", "addressee", "police")
_DISTANCES: Mapping[str | None, int] = {basis: place for place, basis in enumerate(NEAREST)}


def distance(basis: str | None) -> int:
    """How far from the struggle a figure comes: 0 is nearest."""
    return _DISTANCES.get(basis, len(NEAREST))


def preference(
    low: float, high: float | None, *, basis: str | None, computed: int, said: int, author: str
) -> tuple[float | str, ...]:
    """What puts figures in their order: the least of several counts. No two groups' are alike."""
    width = (math.inf if high is None else high) - low
    return distance(basis), computed, -said, width, low, author
