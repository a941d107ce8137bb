"""A text as the words by which it is found, the same in both databases and for what is asked: pure.

A word is a run of letters, digits and the marks of its script, without case, accents and vowel points, so that whoever
writes without them finds those who write with them. Arabic letters that are written in several ways are one, and its
article goes. Scripts that put no space between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese; Korean, whose
particles hang on the word) are cut into overlapping pairs of letters: 罢工工人 is 罢工, 工工, 工人 and, so that every
letter begins something, 人. A word of them is then a phrase of pairs. Trigrams would not find words of two letters,
which most Chinese words are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

WORD_CHARACTERS = 60
PLAIN = re.compile(r"[a-z0-9]+")
# Latin, Greek, Cyrillic, Hebrew and Arabic are read without these; the marks of other scripts are letters like others.
MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f"
    "\u0670\u06d6-\u06ed\u08d3-\u08ff\u1ab0-\u1aff\u1dc0-\u1dff\u200c-\u200f\u202a-\u202e\u2066-\u2069\u00ad\u20d0-\u20ff"
    "\u3099\u309a\ufe00-\ufe0f\ufe20-\ufe2f]"
)
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
WITH_MARKS = (
    (0x0900, 0x0DFF),
    (0x0E00, 0x0FFF),
    (0x1000, 0x109F),
    (0x1700, 0x18AF),
    (0x1900, 0x1CFF),
    (0xA800, 0xABFF),
)
ONE_LETTER = str.maketrans({
    **dict(zip("øłđðħıŧþæœŋ", ("o", "l", "d", "d", "h", "i", "t", "th", "ae", "oe", "n"), strict=True)),
    **dict.fromkeys("أإآٱ", "ا"), **dict.fromkeys("ىیےئ", "ي"), **dict.fromkeys("ةۀہ", "ه"), "ؤ": "و", "ک": "ك",
    **{chr(zero + digit): str(digit) for zero in (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50) for digit in range(10)},
})  # fmt: skip
ARTICLE = re.compile(r"(?:[وفبك]?ال|لل)(?=\w{3})")


@dataclass(frozen=True, slots=True)
class Found:
    """One word where it stands in a text: from `start` to before `end`."""

    word: str
    start: int
    end: int


def folded(text: str) -> str:
    """A text without case, accents and what else a reader does not tell apart; its letters may be others, and fewer."""
    if text.isascii():
        return text.lower()
    bare = MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return unicodedata.normalize("NFC", bare).casefold().translate(ONE_LETTER)


def of(text: str) -> list[str]:
    """The words of a text, in its order."""
    low = folded(text)
    if low.isascii():
        return [word[:WORD_CHARACTERS] for word in PLAIN.findall(low)]
    return [word for run in _runs().findall(low) for word in _of_run(run)]


def asked(text: str) -> tuple[list[str], bool]:
    """The words to look for where somebody asks for `text`, and whether the last of them is only how one begins."""
    low = folded(text)
    runs = _runs().findall(low)
    found = [word for run in runs for word in _of_run(run)]
    if not runs or not is_unspaced(runs[-1]):
        return found, False
    # The last letter alone would only be found where the text ends.
    return (found[:-1], False) if len(runs[-1]) > 1 else (found, True)


def is_unspaced(word: str) -> bool:
    """Whether a word is of a script that puts no space between words."""
    return bool(_unspaced().fullmatch(word))


def places(text: str) -> Iterator[Found]:
    """The words of a text and where they stand in it, as it is written."""
    for match in re.finditer(r"\S+", text):
        low = folded(match[0])
        if low.isascii() and len(low) == len(match[0]):
            for one in PLAIN.finditer(low):
                yield Found(one[0][:WORD_CHARACTERS], match.start() + one.start(), match.start() + one.end())
        else:
            yield from _places_in(match[0], match.start(), low)


def _places_in(piece: str, start: int, low: str) -> Iterator[Found]:
    at = list(range(start, start + len(piece)))
    if len(low) != len(piece):  # folding makes of one letter none, or two
        low, at = "", []
        for number, letter in enumerate(piece):
            one = folded(letter)
            low += one
            at += [start + number] * len(one)
    ends = [*at[1:], start + len(piece)]
    for run in _runs().finditer(low):
        if is_unspaced(run[0]):
            for here in range(run.start(), run.end()):
                last = min(here + 1, run.end() - 1)
                yield Found(low[here : last + 1], at[here], max(ends[last], at[here] + 1))
        else:
            word = _of_run(run[0])[0]
            yield Found(word, at[run.start()], max(ends[run.end() - 1], at[run.start()] + 1))


def _of_run(run: str) -> list[str]:
    if _unspaced().match(run):
        return [run[at : at + 2] for at in range(len(run))]
    if "\u0600" <= run[0] <= "\u06ff":
        run = ARTICLE.sub("", run, count=1) if ARTICLE.match(run) else run
    return [run[:WORD_CHARACTERS]]


@cache
def _runs() -> re.Pattern[str]:
    """Runs of what one word is made of: of a script without spaces, or of any other."""
    marks = "".join(
        re.escape(chr(code))
        for first, last in WITH_MARKS
        for code in range(first, last + 1)
        if unicodedata.category(chr(code)).startswith("M")
    )
    unspaced = rf"(?:(?=[\w{marks}])[{UNSPACED}])+"
    return re.compile(rf"{unspaced}|(?:(?![{UNSPACED}])[^\W_{UNSPACED}]|(?![{UNSPACED}])[{marks}])+")


@cache
def _unspaced() -> re.Pattern[str]:
    return re.compile(f"[{UNSPACED}]+")
