"""What somebody looks for: read from what she has typed, pure.

All words are wanted, in any order; "several words" are wanted together, -word is not wanted, word* is how one begins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from node.errors import Invalid
from node.search import words

CHARACTERS = 200
TERMS_AT_MOST = 20
BEGINNING_AT_LEAST = 2
QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
PARTS = re.compile(r'(-?)"([^"]*)"?|(-?)([^\s"]+)')


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand together in a text; `begins`: the last of them is only how a word begins."""

    words: tuple[str, ...]
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a text must have, and what it must not."""

    terms: tuple[Term, ...]
    without: tuple[Term, ...] = ()


def read(text: str) -> Wanted:
    """What is wanted. Raises Invalid where that is no question: no word in it, or too many."""
    if len(text) > CHARACTERS:
        raise Invalid("write at most {characters} characters", field="q", characters=CHARACTERS)
    terms: list[Term] = []
    without: list[Term] = []
    for minus, quoted, minus_of_word, bare in PARTS.findall(text.translate(QUOTES)):
        found = _term(quoted or bare)
        if found is not None:
            (without if minus or minus_of_word else terms).append(found)
    if not terms:
        raise Invalid("write a word that is to be found", field="q")
    if len(terms) + len(without) > TERMS_AT_MOST:
        raise Invalid("write at most {number} words", field="q", number=TERMS_AT_MOST)
    return Wanted(tuple(dict.fromkeys(terms)), tuple(dict.fromkeys(without)))


def _term(text: str) -> Term | None:
    found, begins = words.asked(text)
    if not found:
        return None
    starred = text.endswith("*") and len(found[-1]) >= BEGINNING_AT_LEAST
    return Term(tuple(found), begins or starred)
