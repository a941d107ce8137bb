"""What a merge needs, and what merges make of many struggles: pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from node.errors import Invalid, Phrase
from node.translating import N_

REASON_CHARACTERS: Final = 1000
OF_ONE_AT_MOST: Final = 1_000
"""Merges of one actor that are kept: more says something else than that struggles are one."""
TOO_MANY: Final = N_(
    "the group says of {count} pairs that they are one; other nodes keep {most} of one group, and no more: take "
    "some back"
)


def check(one: str, other: str, reason: str) -> None:
    """Raise Invalid, naming the field, unless two struggles can be merged for `reason`."""
    check_pair(one, other)
    if not reason.strip():
        raise Invalid("say why they are one: others decide by it whether they believe it", field="reason")
    if len(reason) > REASON_CHARACTERS:
        sentence = "the reason has {count} characters; at most {most} are sent"
        raise Invalid(sentence, field="reason", count=len(reason), most=REASON_CHARACTERS)


def check_pair(one: str, other: str) -> None:
    """Raise Invalid, naming the field, unless these are two."""
    if one == other:
        raise Invalid("{iri} is one struggle already: name two", field="other", iri=one)


def pair(one: str, other: str) -> tuple[str, str]:
    """Two struggles in the order in which they are kept: a merge has no direction."""
    return (one, other) if one < other else (other, one)


def warning(count: int) -> Phrase | None:
    """What a group is told that says so of more pairs than other nodes keep; None if it does not."""
    return Phrase(TOO_MANY, count=count, most=OF_ONE_AT_MOST) if count > OF_ONE_AT_MOST else None


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each struggle that any of `pairs` names, and the one that represents all that are joined with it.

    That is the first of their addresses: every node that knows the same merges finds the same, in whatever order they
    came.
    """
    above: dict[str, str] = {}

    def top(iri: str) -> str:
        root = iri
        while above.setdefault(root, root) != root:
            root = above[root]
        while above[iri] != root:  # the way is shorter the next time
            above[iri], iri = root, above[iri]
        return root

    for one, other in pairs:
        first, second = pair(top(one), top(other))
        above[second] = first
    return {iri: top(iri) for iri in list(above)}
