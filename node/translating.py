"""What people read, in their language: sentences are marked where they stand, and translated where they are shown.

`N_` marks a sentence that stands in a table; the sentence of an error is marked by being one (node.errors). Both are
found by `make messages`, which enters them into the catalogues node/locale/*.po, and are translated by whoever knows
for whom: `with speaking(language)` says so for what is done inside. Nobody has said anything: English, which is what
the sentences are written in, so that a database function speaks English unless it was told a language.

Babel and the catalogues are read when a language is first asked for, outside the loop (`load`).
"""

from __future__ import annotations

import asyncio
import gettext
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from node import localised
from node.errors import Invalid, NodeError

if TYPE_CHECKING:
    from babel.messages.catalog import Message

LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "fr": "français",
    "es": "español",
    "de": "Deutsch",
    "ar": "العربية",
}
"""Those that the node speaks, each in its own words."""

ENGLISH = "en"
CATALOGUES = Path(__file__).parent / "locale"
HEADER_CHARACTERS = 500

_spoken: ContextVar[str] = ContextVar("spoken", default=ENGLISH)


def N_(sentence: str) -> str:
    """The sentence as it is, marked to be entered into the catalogues."""
    return sentence


# ---- whose language


def spoken() -> str:
    """The language of whoever this is shown to."""
    return _spoken.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything inside in `language`, one of LANGUAGES."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


async def speak(language: str) -> None:
    """From here on the task speaks `language`, one of LANGUAGES; what that needs is read."""
    await load(language)
    _spoken.set(language)


@lru_cache(maxsize=256)
def asked_for(header: str) -> str:
    """The one of LANGUAGES that an Accept-Language header likes best; English if none. RFC 9110 §12.5.4, RFC 4647 §3.4.

    A header longer than browsers send is read as far as they would.
    """
    best, found = 0.0, ENGLISH
    for part in header[:HEADER_CHARACTERS].split(","):
        tag, *parameters = (piece.strip().lower() for piece in part.split(";"))
        language, weight = tag.partition("-")[0], _weight(parameters)
        if language in LANGUAGES and weight > best:
            best, found = weight, language
    return found


def _weight(parameters: list[str]) -> float:
    given = next((one.removeprefix("q=") for one in parameters if one.startswith("q=")), "1")
    try:
        return min(float(given), 1.0)
    except ValueError:
        return 0.0


# ---- sentences


def translated(sentence: str) -> str:
    """The sentence in the language that is spoken; in English where the catalogue has none."""
    return _catalogue(spoken()).sentences.get(sentence) or sentence


def counted(one: str, many: str, number: int) -> str:
    """The sentence of the two, or of as many forms as the language has, that belongs to `number`."""
    found = _catalogue(spoken())
    forms = found.plurals.get(one)
    if forms is None:
        return one if number == 1 else many
    return forms[min(found.form_of(abs(number)), len(forms) - 1)]


class Sayable(Protocol):
    """What says itself when it is given a way to translate: an error, a rule."""

    def said(self, translate: Callable[[str], str]) -> str:
        """In another language."""


def said(what: Sayable | str) -> str:
    """An error, a rule, or a sentence that was marked with `N_`, in the language of whoever it is shown to."""
    return translated(what) if isinstance(what, str) else what.said(translated)


def filled(sentence: str, **values: object) -> str:
    """A sentence that was marked with `N_`, with its `{places}` filled."""
    return translated(sentence).format(**values)


def said_with_place(error: NodeError) -> str:
    """An error as its `str()`, in the language of whoever it is shown to: with the field and the line it is about."""
    return error.with_place(said(error)) if isinstance(error, Invalid) else said(error)


# ---- catalogues


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """The sentences of a language by those in English; `form_of` says which plural form a number takes."""

    sentences: Mapping[str, str] = field(default_factory=dict)
    plurals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    form_of: Callable[[int], int] = lambda number: int(number != 1)


_loaded: dict[str, _Catalogue] = {}
_ready: set[str] = set()


async def load(language: str) -> None:
    """Read what `language` needs, its dates and numbers too, in a thread, unless it was read already."""
    if language not in _ready:
        await asyncio.to_thread(_prepare, language)


def _prepare(language: str) -> None:
    _catalogue(language)
    localised.warm(language)
    _ready.add(language)


def _catalogue(language: str) -> _Catalogue:
    found = _loaded.get(language)
    if found is None:
        found = _loaded[language] = _EMPTY if language == ENGLISH else _read(language)
    return found


def _read(language: str) -> _Catalogue:
    """Raises KeyError for a language that is none of ours. What is marked as fuzzy is not used."""
    from babel.messages.pofile import read_po

    assert language in LANGUAGES, language
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    sentences: dict[str, str] = {}
    plurals: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        forms = forms_of(message)
        if not message.id or message.fuzzy or not all(forms):
            continue
        if isinstance(message.id, str):
            sentences[message.id] = forms[0]
        else:
            plurals[message.id[0]] = forms
    return _Catalogue(sentences, plurals, gettext.c2py(catalogue.plural_expr))


def forms_of(message: Message) -> tuple[str, ...]:
    """The translation of an entry of a catalogue: one, or as many as the language has plural forms."""
    given = message.string
    return (given or "",) if given is None or isinstance(given, str) else tuple(given)


_EMPTY = _Catalogue()
