"""Where what was looked for stands in a text: the passage around the first of it, and what of it to mark. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from node.search import words
from node.search.rules import Term, Wanted
from node.search.words import Found

CHARACTERS_LOOKED_AT = 10_000
PASSAGE_CHARACTERS = 280
BEFORE_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a text, and the spans (from, to before) of it that were looked for."""

    text: str
    hits: tuple[tuple[int, int], ...] = ()

    def parts(self) -> Iterator[tuple[str, bool]]:
        """The passage from its beginning to its end, piece by piece: what stands there, and whether it is a hit."""
        at = 0
        for start, end in self.hits:
            if start > at:
                yield self.text[at:start], False
            yield self.text[start:end], True
            at = end
        if at < len(self.text):
            yield self.text[at:], False


def whole(text: str, wanted: Wanted) -> Passage:
    """All of a text, with its hits."""
    return Passage(text, tuple(_spans(text[:CHARACTERS_LOOKED_AT], wanted)))


def around(text: str, wanted: Wanted) -> Passage:
    """The passage of a text around its first hit, or its beginning; with an ellipsis where something is left out."""
    spans = _spans(text[:CHARACTERS_LOOKED_AT], wanted)
    start = _word_begins(text, spans[0][0] - BEFORE_CHARACTERS) if spans else 0
    end = _word_ends(text, start + PASSAGE_CHARACTERS)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    shift = len(before) - start
    inside = ((first + shift, last + shift) for first, last in spans if last <= end)
    return Passage(before + text[start:end].rstrip() + after, tuple(inside))


def _spans(text: str, wanted: Wanted) -> list[tuple[int, int]]:
    found = list(words.places(text))
    spans = sorted(span for term in wanted.terms for span in _of_term(found, term))
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _of_term(found: Sequence[Found], term: Term) -> Iterator[tuple[int, int]]:
    length, last = len(term.words), term.words[-1]
    for at in range(len(found) - length + 1):
        if any(found[at + number].word != word for number, word in enumerate(term.words[:-1])):
            continue
        end = found[at + length - 1]
        if term.begins and words.is_unspaced(last) and end.word.startswith(last):
            yield found[at].start, end.start + len(last)
        elif end.word == last or (term.begins and end.word.startswith(last)):
            yield found[at].start, end.end


def _word_begins(text: str, at: int) -> int:
    """Where the next word begins; where words are not set apart, there."""
    if at <= 0:
        return 0
    space = text.find(" ", at, at + BEFORE_CHARACTERS // 2)
    return at if space < 0 else space + 1


def _word_ends(text: str, at: int) -> int:
    if at >= len(text):
        return len(text)
    space = text.rfind(" ", at - BEFORE_CHARACTERS // 2, at)
    return at if space < 0 else space
