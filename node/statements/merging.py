"""What becomes of a text that two people have changed at once: pure.

A text is cut into sentences and lines. What only one of them has changed is taken; where both have changed the same
sentence, both stay and nothing is chosen: a person has to. Two changes that only touch each other are no quarrel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

# After a line, after a sentence and its space, after a sentence of a script that writes no spaces.
BREAKS = re.compile(r"(?<=\n)|(?<=[.!?…؟۔।:;]\s)|(?<=[。！？])")
OURS, BETWEEN, THEIRS = "<<<<<<<", "=======", ">>>>>>>"
MARKED = re.compile(rf"^(?:{OURS} \d+|{THEIRS} \d+)$", re.MULTILINE)
WORK_AT_MOST = 4_000_000
"""How often a piece of one text may meet the same piece of another before they are no longer compared."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A stretch of text that is beyond doubt."""

    text: str


@dataclass(frozen=True, slots=True)
class Quarrel:
    """A stretch that both have changed: what stood there, and what each has made of it."""

    base: str
    one: str
    other: str


Merged = tuple[Kept | Quarrel, ...]


@dataclass(frozen=True, slots=True)
class _Change:
    """The pieces `low` to `high` of the base are `pieces` now."""

    low: int
    high: int
    pieces: tuple[str, ...]
    side: int


def merge(base: str, one: str, other: str) -> Merged:
    """The text that holds what both have changed since `base`."""
    if one == other or other == base:
        return (Kept(one),)
    if one == base:
        return (Kept(other),)
    before = BREAKS.split(base)
    changes = sorted(
        [*_changes(before, BREAKS.split(one), 0), *_changes(before, BREAKS.split(other), 1)],
        key=lambda change: (change.low, change.high),
    )
    found: list[Kept | Quarrel] = []
    done = 0
    for group in _groups(changes):
        low, high = min(one.low for one in group), max(one.high for one in group)
        found += [Kept("".join(before[done:low])), _settled(before, group, low, high)]
        done = high
    found.append(Kept("".join(before[done:])))
    return tuple(part for part in found if part != Kept(""))


def is_clean(merged: Merged) -> bool:
    """Whether nobody has to choose."""
    return all(isinstance(part, Kept) for part in merged)


def text_of(merged: Merged, *, names: tuple[object, object] = (1, 2)) -> str:
    """The whole text; where somebody has to choose both stand between lines that say whose they are."""
    return "".join(part.text if isinstance(part, Kept) else _marked(part, names) for part in merged)


def text_of_one(merged: Merged) -> str:
    """The whole text, with the words of the first where somebody would have to choose."""
    return "".join(part.text if isinstance(part, Kept) else part.one for part in merged)


def is_marked(text: str) -> bool:
    """Whether a text still holds the lines that `text_of` writes."""
    return MARKED.search(text) is not None


def merge_value(base: Any, one: Any, other: Any) -> tuple[Any, bool]:
    """A value that cannot be cut up: what it is now (of two new ones the first), and whether nobody has to choose."""
    if one == other or other == base:
        return one, True
    return (other, True) if one == base else (one, False)


def merge_words(base: Sequence[str], one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """Words in no particular order, such as tags: what either has added, without what either has taken away."""
    gone = (set(base) - set(one)) | (set(base) - set(other))
    return tuple(word for word in dict.fromkeys([*one, *other]) if word not in gone)


def merge_fields(
    base: Mapping[str, str], one: Mapping[str, str], other: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Named values, each as by `merge_value`; and the names of those that somebody has to choose."""
    merged: dict[str, str] = {}
    quarrels = []
    for name in dict.fromkeys([*one, *other, *base]):
        value, clean = merge_value(base.get(name), one.get(name), other.get(name))
        if not clean:
            quarrels.append(name)
        if value is not None:
            merged[name] = value
    return merged, tuple(quarrels)


def opcodes(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """The edits from one list of pieces to another, as difflib says them; one edit for all where it would take long."""
    low = 0
    while low < min(len(before), len(after)) and before[low] == after[low]:
        low += 1
    end = 0
    while end < min(len(before), len(after)) - low and before[-1 - end] == after[-1 - end]:
        end += 1
    middle, into = before[low : len(before) - end], after[low : len(after) - end]
    if _work(middle, into) > WORK_AT_MOST:
        edits = [("replace", 0, len(middle), 0, len(into))]
    else:
        edits = [tuple(one) for one in SequenceMatcher(None, middle, into, autojunk=False).get_opcodes()]  # type: ignore[misc]
    shifted = [(kind, a + low, b + low, c + low, d + low) for kind, a, b, c, d in edits]
    first = [("equal", 0, low, 0, low)] if low else []
    last = [("equal", len(before) - end, len(before), len(after) - end, len(after))] if end else []
    return [*first, *shifted, *last]


def _work(before: Sequence[str], after: Sequence[str]) -> int:
    counts: dict[str, int] = {}
    for piece in before:
        counts[piece] = counts.get(piece, 0) + 1
    return sum(counts.get(piece, 0) for piece in after)


def _changes(before: list[str], after: list[str], side: int) -> Iterator[_Change]:
    for kind, low, high, start, end in opcodes(before, after):
        if kind != "equal":
            yield _Change(low, high, tuple(after[start:end]), side)


def _groups(changes: Sequence[_Change]) -> Iterator[list[_Change]]:
    """Changes that overlap belong together."""
    group: list[_Change] = []
    high = -1
    for change in changes:
        both_insert = bool(group) and change.low == change.high == high and group[-1].low == group[-1].high
        if group and (change.low < high or both_insert):
            group.append(change)
        else:
            if group:
                yield group
            group = [change]
            high = change.high
        high = max(high, change.high)
    if group:
        yield group


def _settled(before: list[str], group: list[_Change], low: int, high: int) -> Kept | Quarrel:
    base = "".join(before[low:high])
    one, other = (_side(before, [change for change in group if change.side == side], low, high) for side in (0, 1))
    if one == other or other == base:
        return Kept(one)
    return Kept(other) if one == base else Quarrel(base, one, other)


def _side(before: list[str], changes: list[_Change], low: int, high: int) -> str:
    parts: list[str] = []
    for change in changes:
        parts += [*before[low : change.low], *change.pieces]
        low = change.high
    return "".join([*parts, *before[low:high]])


def _marked(part: Quarrel, names: tuple[object, object]) -> str:
    one, other = (text if text.endswith("\n") or not text else f"{text}\n" for text in (part.one, part.other))
    return f"\n{OURS} {names[0]}\n{one}{BETWEEN}\n{other}{THEIRS} {names[1]}\n"
