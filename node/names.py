"""What others call themselves, as it may be shown: nothing in it hides, turns the line around, or borrows a host. Pure.

A name is free text of a stranger. Characters that cannot be seen, or that reverse what stands beside them, are left
out. A handle is shown in ASCII alone: what a stranger put before the @ is percent-encoded where RFC 7565 wants it so,
so that another script never imitates a known name and "admin@bank.example" cannot stand before the real host.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

NAME_CHARACTERS = 100
_NAME_READ = 1000  # of what was received; the rest is not looked at
_MARKS_IN_A_ROW = 4  # enough for Vietnamese, Thai and pointed Hebrew, too little for a tower over the line above
_NEEDED = frozenset("\u200c\u200d")  # Persian and Indic words and many emoji are spelled with these
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs that look like nothing at all
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})
_USERPART = "-._~!$&'()*+,;="  # RFC 7565 section 7, beside letters and digits
_SHOWN = 64  # of a handle's first half; who has a longer one is not found by it anyway
_ADDRESS_SHOWN = 200
_IRI = "-._~!$&'()*+,;=:/?#[]@%"
_HOST = re.compile(r"[a-z0-9._:\[\]-]+")
# Controls, surrogates and noncharacters; most of them no document of XML can hold (XML 1.0 section 2.2).
_NOT_TEXT = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]+"
)


def visible(text: str | None, *, characters: int = NAME_CHARACTERS) -> str | None:
    """A name in one line without what cannot be seen, at most so many `characters` long; None if nothing is left."""
    shown, marks = [], 0
    for letter in unicodedata.normalize("NFC", (text or "")[:_NAME_READ]):
        kind = unicodedata.category(letter)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if letter.isspace() or letter in _BLANK:
            shown.append(" ")
        elif letter in _NEEDED or (kind not in _UNSEEN and marks <= _MARKS_IN_A_ROW):
            shown.append(letter)
    found = " ".join("".join(shown).split())[:characters].strip()
    return found if any(unicodedata.category(letter)[0] in "LNPS" for letter in found) else None


def legible(text: str) -> str:
    """`text` as any document can hold it: a space where controls, lone surrogates or noncharacters stood."""
    return _NOT_TEXT.sub(" ", text).strip() if _NOT_TEXT.search(text) else text


def readable(text: str) -> str:
    """A few sentences of a stranger in one line, without what cannot be seen or turns the line around."""
    letters = (" " if one.isspace() else one for one in unicodedata.normalize("NFC", text))
    return " ".join(
        "".join(one for one in letters if one in _NEEDED or unicodedata.category(one) not in _UNSEEN).split()
    )


def tendency(said: object) -> str | None:
    """The tendency that a group names as its own, as `visible`; None if it names none."""
    return visible(said) if isinstance(said, str) else None


def handle(name: str, host: str) -> str:
    """@name@host, in ASCII; `host` is one from an origin."""
    return f"@{_cut(quote(name, safe=_USERPART), _SHOWN)}@{host if _HOST.fullmatch(host) else quote(host)}"


def address(iri: str) -> str:
    """An IRI in ASCII, for an actor that gave no name."""
    return _cut(quote(iri, safe=_IRI), _ADDRESS_SHOWN)


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[: characters - 3]}..."
