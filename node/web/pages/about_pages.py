"""What this node is: who runs it, what it keeps about people, and the words it speaks with other nodes."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from aiohttp import web

import schemas
from node import VERSION, actors, decisions
from node.context import Transaction
from node.errors import Missing
from node.members.rules import ROLES, SESSION_LASTS
from node.pruning import KEPT_FOR
from node.translating import N_, translated
from node.web.pages import assets_served, source, words
from node.web.pages.masthead import masthead, show
from schemas import fields
from schemas.context import NS
from schemas.fields import Term

TITLES = {
    "Activity": N_("Somebody does something"),
    "Actor": N_("A group, its node, or anybody else who acts"),
    "Statement": N_("What a group says"),
    "StruggleReport": N_("What a group says is happening in a struggle"),
    "Position": N_("What a group thinks of a text of another"),
    "Event": N_("What is planned, with its time and place"),
    "Question": N_("A poll"),
    "QuoteAuthorization": N_("Leave to quote one text in another"),
    "SignatureAuthorization": N_("The consent of a group to stand below a text that several sign"),
    "Tombstone": N_("What was deleted"),
    "Collection": N_("All of something"),
    "CollectionPage": N_("A page of it"),
    "ImportCollection": N_("Reports transcribed from one publication"),
    "Struggle": N_("All reports on one struggle"),
}


async def about(request: web.Request) -> web.Response:
    """Who runs this node, what it runs, and what is kept about people."""
    return await show(request, "about.html", _about)


def _about(tx: Transaction) -> dict[str, Any]:
    config = tx.node.config
    return {
        "groups": [masthead(tx, group) for group in actors.groups(tx)],
        "version": VERSION,
        "contact": config.contact,
        "roles": ROLES,
        "rule": decisions.in_force(tx, actors.main_group(tx).iri, "publish_statement").said(translated),
        "session_days": SESSION_LASTS.days,
        "delay": config.publication_delay,
        "days": KEPT_FOR.days,
        "source": assets_served.address(source.NAME),
        "database": "SQLite" if tx.node.database.is_sqlite else "PostgreSQL",
    }


async def vocabulary(request: web.Request) -> web.Response:
    """The types, fields and codes of what travels, and one example of each with `?example=`. Raises Missing."""
    name = request.query.get("example")
    if name is not None:
        return await show(request, "example.html", _example, name)
    return await show(request, "vocabulary.html", _vocabulary)


def _example(tx: Transaction, name: str) -> dict[str, Any]:
    if name not in examples():
        raise Missing("there is no such example")
    return {"name": name, "text": examples()[name]}


def _vocabulary(tx: Transaction) -> dict[str, Any]:
    return {
        "namespace": NS,
        "types": _types(),
        "titles": TITLES,
        "lists": words.LISTS,
        "examples": list(examples()),
    }


@cache
def _types() -> dict[str, tuple[str, list[Term]]]:
    """Each type with the types it extends and its own fields: what a report shares with a statement stands there."""
    found: dict[str, tuple[str, list[Term]]] = {}
    for cls in schemas.TYPES:
        parent = next((base for base in cls.__mro__[1:] if base in schemas.TYPES), None)
        known = {(term.key, term.doc) for term in fields.describe(parent)} if parent is not None else set()
        terms = [term for term in fields.describe(cls) if (term.key, term.doc) not in known]
        found[cls.__name__] = (parent.__name__ if parent is not None else "", terms)
    return found


@cache
def examples() -> dict[str, str]:
    """The example documents, by name, as they travel."""
    folder = resources.files("schemas").joinpath("examples")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda file: file.name)
    return {
        file.name.removesuffix(".json"): json.dumps(
            json.loads(file.read_text(encoding="utf-8")), ensure_ascii=False, indent=2
        )
        for file in files
    }
