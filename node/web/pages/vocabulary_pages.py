"""The words this node speaks with others, for whoever writes another server: each type, each code, worked examples."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from aiohttp import web

import schemas
from node.context import Transaction
from node.errors import Missing
from node.translating import N_
from node.web.pages import words
from node.web.pages.masthead import show
from schemas import fields
from schemas.context import NS
from schemas.fields import Term

TITLES = {
    "Activity": N_("Somebody does something"),
    "Actor": N_("A group, its node, or anybody else who acts"),
    "Statement": N_("What a group says"),
    "StruggleReport": N_("What a group says is happening in a struggle"),
    "Position": N_("What a group thinks of a text of another"),
    "Appeal": N_("What a group asks of others"),
    "AppealAnswer": N_("What a group says to an appeal"),
    "ConditionsReport": N_("How people work, live or are held somewhere"),
    "Event": N_("What is planned, with its time and place"),
    "Question": N_("A poll"),
    "QuoteAuthorization": N_("Leave to quote one text in another"),
    "SignatureAuthorization": N_("The consent of a group to stand below a text that several sign"),
    "Merge": N_("That two struggles are one"),
    "Recognition": N_("What a group says another group is to it"),
    "Tombstone": N_("What was deleted"),
    "Collection": N_("All of something"),
    "CollectionPage": N_("A page of it"),
    "ImportCollection": N_("Reports transcribed from one publication"),
    "Struggle": N_("All reports on one struggle"),
}


@dataclass(frozen=True, slots=True)
class Described:
    """A type, or a value that stands inside one.

    `terms` are its own: what a report shares with a statement stands there, and `parent` names it.
    """

    name: str
    parent: str | None
    terms: list[Term]
    inside: list[str]
    used_by: list[str]
    examples: list[str]
    doc: str

    @property
    def alone(self) -> bool:
        """Whether it stands alone on the wire."""
        return self.name in TITLES


async def vocabulary(request: web.Request) -> web.Response:
    """What there is, each with its own page; one example with `?example=`. Raises Missing."""
    name = request.query.get("example")
    if name is not None:
        return await show(request, "example.html", _example, name)
    return await show(request, "vocabulary.html", _vocabulary)


async def described_type(request: web.Request) -> web.Response:
    """One type, or one value that stands inside others: its fields, its examples. Raises Missing."""
    return await show(request, "vocabulary_type.html", _described, request.match_info["name"])


async def code_lists(request: web.Request) -> web.Response:
    """All code lists: each code with its meaning."""
    return await show(request, "vocabulary_codes.html", _codes)


def _example(tx: Transaction, name: str) -> dict[str, Any]:
    if name not in examples():
        raise Missing("there is no such example")
    return {"name": name, "text": examples()[name]}


def _vocabulary(tx: Transaction) -> dict[str, Any]:
    return {
        "namespace": NS,
        "described": list(described().values()),
        "titles": TITLES,
        "lists": list(words.LISTS),
        "examples": list(examples()),
    }


def _described(tx: Transaction, name: str) -> dict[str, Any]:
    if name not in described():
        raise Missing("there is no such type")
    list_names = {id(codes): list_name for list_name, codes in words.LISTS.items()}
    return {
        "namespace": NS,
        "titles": TITLES,
        "one": described()[name],
        "list_of": lambda term: list_names.get(id(term.codes)),
    }


def _codes(tx: Transaction) -> dict[str, Any]:
    return {"lists": words.LISTS}


@cache
def described() -> dict[str, Described]:
    """Every type and every value inside them, by name; those that stand alone first."""
    inside = dict.fromkeys(one for cls in schemas.TYPES for one in fields.within(cls))
    return {cls.__name__: _one(cls, list(inside)) for cls in dict.fromkeys([*schemas.TYPES, *inside])}


def _one(cls: type, inside: list[type]) -> Described:
    parent = next((base for base in cls.__mro__[1:] if base in schemas.TYPES), None)
    known = {(term.key, term.doc) for term in fields.describe(parent)} if parent is not None else set()
    uses = [one for one in (*schemas.TYPES, *inside) if any(term.value is cls for term in fields.describe(one))]
    return Described(
        name=cls.__name__,
        parent=parent.__name__ if parent is not None else None,
        terms=[term for term in fields.describe(cls) if (term.key, term.doc) not in known],
        inside=[one.__name__ for one in fields.within(cls)],
        used_by=[one.__name__ for one in uses],
        examples=[name for name, text in examples().items() if type(schemas.parse(json.loads(text))) is cls],
        doc=inspect.cleandoc(cls.__doc__ or "").replace("`", ""),
    )


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
