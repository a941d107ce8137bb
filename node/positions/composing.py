"""From what was kept of a position to what leaves, with its stance in words above everything else. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from node import actors, names, objects
from node.context import Transaction
from node.statements import composing, markup, store
from node.statements.composing import Composed
from node.statements.rules import Draft, Form
from schemas.position import Position

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "support": "We support this",
        "oppose": "We oppose this",
        "reservations": "We support this, with reservations",
        "amend": "We propose to amend this",
        "none": "We take no position on this",
    },
    "fr": {
        "support": "Nous soutenons ce texte",
        "oppose": "Nous nous opposons à ce texte",
        "reservations": "Nous soutenons ce texte, avec des réserves",
        "amend": "Nous proposons d’amender ce texte",
        "none": "Nous ne prenons pas position sur ce texte",
    },
    "es": {
        "support": "Apoyamos este texto",
        "oppose": "Nos oponemos a este texto",
        "reservations": "Apoyamos este texto, con reservas",
        "amend": "Proponemos enmendar este texto",
        "none": "No tomamos posición sobre este texto",
    },
    "de": {
        "support": "Wir unterstützen diesen Text",
        "oppose": "Wir lehnen diesen Text ab",
        "reservations": "Wir unterstützen diesen Text, mit Vorbehalten",
        "amend": "Wir schlagen vor, diesen Text zu ändern",
        "none": "Wir nehmen zu diesem Text nicht Stellung",
    },
    "ar": {
        "support": "نؤيد هذا النص",
        "oppose": "نعارض هذا النص",
        "reservations": "نؤيد هذا النص مع تحفظات",
        "amend": "نقترح تعديل هذا النص",
        "none": "لا نتخذ موقفًا من هذا النص",
    },
}
"""The stances as other servers show them, in the language of the position; English where we have no words for it."""
FALLBACK: Final = "en"


def compose(tx: Transaction, iri: str, kept: dict[str, Any]) -> Composed:
    """The position as it leaves, from what was kept of it; nothing is written."""
    draft = as_answer(composing.revive(kept["draft"]))
    about, stance = draft.position["on"], draft.position["stance"]
    language = draft.language or actors.local(tx, kept["actor"]).language
    return composing.compose_as(
        tx,
        iri,
        kept,
        Position,
        draft,
        opening=stance_line(tx, about, stance, language=language),
        about=about,
        stance=stance,
        of_version=datetime.fromisoformat(kept["of_version"]) if kept["of_version"] else None,
    )


def as_answer(draft: Draft) -> Draft:
    """The draft of a position as the draft of the answer that it is for everybody else."""
    return replace(draft, reply_to=draft.position["on"], form=Form.NOTE)


def stance_line(tx: Transaction, about: str, stance: str, *, language: str) -> str:
    """The stance in words, what it is about and whose that is: HTML, because most readers see the content alone."""
    tongue = language.partition("-")[0].lower()
    spoken = f' lang="{FALLBACK}"' if tongue not in WORDS else ""
    words = WORDS.get(tongue, WORDS[FALLBACK])[stance]
    shown = store.shown(tx, [about]).get(about)
    page = (shown.url if shown is not None else None) or about
    title = (shown.title if shown is not None else None) or page
    whose = _author_of(tx, objects.find(tx, about))
    link = f'<a href="{markup.escape(page)}"><bdi>{markup.escape(title)}</bdi></a>'
    return f'<p class="stance"><strong{spoken}>{words}:</strong> {link}{whose}</p>\n'


def _author_of(tx: Transaction, row: Row[Any] | None) -> str:
    author = actors.find(tx, row.author) if row is not None else None
    name = names.visible(author.name or author.handle) if author is not None else None
    return f" (<bdi>{markup.escape(name)}</bdi>)" if name else ""


def version_of(row: Row[Any]) -> datetime:
    """Which version of a text is held, by the moment since which it stands."""
    found: datetime = row.updated or row.published
    return found.replace(microsecond=0)
