"""What a proposal is about, told to members who decide on it: a text that has not left, or something that is public."""

from __future__ import annotations

import json
from typing import Any

from node import actors, objects
from node.context import Transaction
from node.decisions import Described
from node.statements import composing, linting, markup, store, writing
from node.statements.rules import Draft
from node.translating import N_, translated

LINE_CHARACTERS = 120
QUOTABLE_SAID = {
    "public": N_("Everybody may quote this."),
    "followers": N_("Only followers of the group may quote this."),
    "nobody": N_("Nobody but the group may quote this."),
}


def publication(tx: Transaction, iri: str) -> Described:
    """A text that is proposed: its title or first words, and how it reads. Once it was deleted there is only its
    address."""
    row = store.publication(tx, iri)
    kept: dict[str, Any] = {} if row is None else row.draft
    if "draft" not in kept:
        return Described(iri, address=iri)
    draft = composing.revive(kept["draft"])
    html = "".join(_html(tx, one) for one in (draft, *draft.translations))
    html += _leave(draft)
    title = draft.title or draft.report.get("title") or _line(html)
    address = kept.get("corrects") or (iri if _is_public(tx, iri) else None)
    return Described(title, html=html, address=address, warning=linting.warning(linting.findings(draft)))


def _html(tx: Transaction, one: Draft) -> str:
    """A text in its language; of several each has its title."""
    html = writing.render(one.text, tag_address=composing.tag_address(tx.node), tags=one.tags).html
    if one.title and one.language:
        html = f"<h3>{markup.escape(one.title)}</h3>\n{html}"
    return f'<div lang="{markup.escape(one.language)}" dir="auto">{html}</div>\n' if one.language else html


def _leave(draft: Draft) -> str:
    """Who may quote it, where the draft says so."""
    said = QUOTABLE_SAID.get(draft.quotable or "")
    return f"<p>{markup.escape(translated(said))}</p>\n" if said else ""


def _is_public(tx: Transaction, iri: str) -> bool:
    row = objects.find(tx, iri)
    return row is not None and row.public


def of_object(tx: Transaction, iri: str) -> Described:
    """Something that is held here: its title or first words, and its author if it is not ours."""
    held, shown = objects.find(tx, iri), store.shown(tx, [iri]).get(iri)
    if held is None or shown is None:
        return Described(iri, address=iri)
    title = shown.title or _line(shown.html)
    if not held.local:
        author = actors.find(tx, held.author)
        title = f"{actors.handle_of(author)}: {title}" if author is not None else title
    return Described(title, html=shown.html, address=iri)


def second_of_pair(tx: Transaction, subject: str) -> Described:
    """What a pair of a group and an object is about."""
    return of_object(tx, json.loads(subject)[1])


def first_of_pair(tx: Transaction, subject: str) -> Described:
    """What a pair of an object and a word is about."""
    return of_object(tx, json.loads(subject)[0])


def _line(html: str) -> str:
    return markup.shorten(markup.plain(html), LINE_CHARACTERS)
