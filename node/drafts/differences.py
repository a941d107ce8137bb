"""What has changed between two versions of a text, word by word: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from node.statements import merging

WORDS = re.compile(r"\s+|[^\W_]+(?:['’][^\W_]+)*|.", re.DOTALL)
LINES = re.compile(r"(?<=\n)")


class Change(StrEnum):
    """What became of a stretch of text."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, and what became of it."""

    change: Change
    text: str


def between(before: str, after: str) -> tuple[Piece, ...]:
    """The two texts in one, in their order: what stayed, what went and what came.

    Lines first, then words in the lines that have changed. The words of one change stand together: a space that stayed
    between two changed words is part of the change.
    """
    return tuple(_joined(_calmed(list(_joined(_pieces(before, after))))))


def is_none(pieces: Iterable[Piece]) -> bool:
    """Whether nothing has changed."""
    return all(piece.change is Change.SAME for piece in pieces)


def in_one_line(pieces: Iterable[Piece]) -> str:
    """The difference as plain text, for a terminal or a program: `[-gone-]` and `{+new+}`, as `git` writes it."""
    signs = {Change.SAME: "{}", Change.ADDED: "{{+{}+}}", Change.REMOVED: "[-{}-]"}
    return "".join(signs[piece.change].format(piece.text) for piece in pieces)


def _pieces(before: str, after: str) -> Iterator[Piece]:
    old, new = LINES.split(before), LINES.split(after)
    for kind, low, high, start, end in merging.opcodes(old, new):
        gone, come = "".join(old[low:high]), "".join(new[start:end])
        if kind == "equal":
            yield Piece(Change.SAME, gone)
        else:
            yield from _words(gone, come)


def _words(before: str, after: str) -> Iterator[Piece]:
    old, new = WORDS.findall(before), WORDS.findall(after)
    for kind, low, high, start, end in merging.opcodes(old, new):
        if kind == "equal":
            yield Piece(Change.SAME, "".join(old[low:high]))
            continue
        yield Piece(Change.REMOVED, "".join(old[low:high]))
        yield Piece(Change.ADDED, "".join(new[start:end]))


def _calmed(pieces: list[Piece]) -> Iterator[Piece]:
    """Changes with nothing but a space between them are one change; in it what went stands before what came."""
    gone = come = ""
    for number, piece in enumerate(pieces):
        follows = number + 1 < len(pieces) and pieces[number + 1].change is not Change.SAME
        quiet = piece.change is Change.SAME and piece.text.strip(" ") == "" and (gone or come) and follows
        if piece.change is Change.SAME and not quiet:
            yield from (Piece(Change.REMOVED, gone), Piece(Change.ADDED, come), piece)
            gone = come = ""
            continue
        gone += piece.text if piece.change is not Change.ADDED else ""
        come += piece.text if piece.change is not Change.REMOVED else ""
    yield from (Piece(Change.REMOVED, gone), Piece(Change.ADDED, come))


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind as one; nothing empty."""
    last: Piece | None = None
    for piece in pieces:
        if not piece.text:
            continue
        if last is not None and last.change is piece.change:
            last = Piece(last.change, last.text + piece.text)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
