"""Names and addresses that look like those of a group already known: pure.

Two texts look alike if they have one **skeleton**: what is left of a text when compatibility forms (NFKC), case, marks,
and what separates words are taken away and each letter that is drawn like a Latin one stands as that (after the idea of
Unicode Technical Standard 39, with a table of our own of the scripts in which such names are made). Beyond that they
are alike if one slip of the hand makes one of the other; in longer names, two.

An address is compared label by label, punycode as it is read. It is alike if it has the skeleton of the known one,
differs from it by a slip in one label, has the same first label under another ending, or carries it inside itself
(`union.example.evil.test`, `union-example.test`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

COMPARED_CHARACTERS: Final = 100
SHORTEST_SLIP: Final = 5  # in a shorter word one letter makes another word
TWO_SLIPS_FROM: Final = 12
_DRAWN_LIKE: Final = str.maketrans(
    {
        **dict(zip("аеорсухіјѕһԁӏвкмнтгпьԛԝѡ", "aeopcyxljshdlbkmhtrnbqww", strict=True)),  # Cyrillic
        **dict(zip("αβγεηικμνορτυχωϲϳ", "abyenlkuvoptuxwcj", strict=True)),  # Greek
        **dict(zip("օսոհցզյաք", "ounhgqjwp", strict=True)),  # Armenian
        **dict(zip("ıłøđħŧƅɑɡɩƚɪʟᴏ", "llodhtbagllllo", strict=True)),  # Latin, drawn otherwise
        "0": "o", "1": "l", "3": "e", "5": "s", "8": "b", "|": "l", "i": "l", "ß": "ss", "æ": "ae", "œ": "oe",
    }
)  # fmt: skip
_TOGETHER: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))


class Kind(StrEnum):
    """In what two are alike."""

    NAME = "name"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Known:
    """A group that is known here: its address, what it is called, its host."""

    iri: str
    name: str
    host: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """That something looks like `known`."""

    kind: Kind
    known: Known


def found(candidate: Known, known: Iterable[Known]) -> list[Likeness]:
    """To which of `known` the name or the address of `candidate` is like; itself and its own host are none."""
    alike = []
    for one in known:
        if one.iri == candidate.iri:
            continue
        if one.host != candidate.host and hosts_alike(candidate.host, one.host):
            alike.append(Likeness(Kind.ADDRESS, one))
        if names_alike(candidate.name, one.name):
            alike.append(Likeness(Kind.NAME, one))
    return alike


def names_alike(one: str, other: str) -> bool:
    """Whether two names look alike; the same name does."""
    first, second = skeleton(one), skeleton(other)
    return bool(first) and bool(second) and (first == second or _is_a_slip(first, second))


def hosts_alike(one: str, other: str) -> bool:
    """Whether two different hosts (a port is not looked at) look alike."""
    first, second = _labels(one), _labels(other)
    if first == second or _is_number(first) or _is_number(second):
        return False
    bones, others = [skeleton(label) for label in first], [skeleton(label) for label in second]
    if "".join(bones) == "".join(others):
        return True
    if len(bones) == len(others):
        differing = [(a, b) for a, b in zip(bones, others, strict=True) if a != b]
        if len(differing) == 1 and _is_a_slip(*differing[0]):
            return True
        if bones[0] == others[0] and len(bones) == 2 and len(bones[0]) >= SHORTEST_SLIP:
            return True  # the same name under another ending
    return _carries(bones, others) or _carries(others, bones)


def skeleton(text: str) -> str:
    """`text` without what the eye passes over; two texts that are drawn alike have one skeleton."""
    plain = unicodedata.normalize("NFKC", text[:COMPARED_CHARACTERS]).casefold()
    decomposed = unicodedata.normalize("NFD", plain)
    letters = "".join(letter for letter in decomposed if unicodedata.category(letter)[0] != "M")
    drawn = "".join(letter for letter in letters.translate(_DRAWN_LIKE) if letter.isalnum())
    for pair, single in _TOGETHER:
        drawn = drawn.replace(pair, single)
    return drawn


def _is_a_slip(one: str, other: str) -> bool:
    shorter = min(len(one), len(other))
    if shorter < SHORTEST_SLIP:
        return False
    return distance(one, other) <= (2 if shorter >= TWO_SLIPS_FROM else 1)


def distance(one: str, other: str) -> int:
    """How many letters have to be put in, left out, replaced or changed with their neighbour (optimal alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _labels(host: str) -> list[str]:
    bare = host if host.startswith("[") else host.partition(":")[0]
    return [_read(label) for label in bare.lower().rstrip(".").split(".")]


def _read(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label


def _is_number(labels: list[str]) -> bool:
    return all(label.isdigit() for label in labels) or labels[0].startswith("[")


def _carries(bones: list[str], others: list[str]) -> bool:
    """Whether a longer address begins with all of another, its dots kept or made to something else."""
    if len(others) < 2:
        return False
    whole, carried = "".join(bones), "".join(others)
    return len(bones) >= 2 and whole != carried and whole.startswith(carried) and bones[-len(others) :] != others
