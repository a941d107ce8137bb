"""The description of what programs can ask this node for: OpenAPI 3.1, made from the addresses that are served.

No address that answers with JSON can be left out: they are taken from the list of routes, and what each does from the
first line of its docstring. What a request may hold is said here, from the same lists by which it is read. The API of
apps (/api/v1 ...) is Mastodon's and described there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from node import VERSION
from node.conditions import store as conditions
from node.context import NODE
from node.peering import dealing
from node.policy_lists import shown as policy_lists
from node.policy_lists import subscribing
from node.reports import filters, shapes, writing
from node.reports.imports.fields import FIELDS, MEASURES
from node.statements import writing as statements
from node.statistics.questions import FILTERS
from node.web import (
    api,
    draft_api,
    merge_api,
    moderation_api,
    peer_api,
    positions,
    proposing_api,
    receipt_api,
    report_api,
    search_api,
)
from schemas import codes
from schemas.fields import describe

PREFIX = "/api/"
PATH = "/api/openapi.json"
OPEN = frozenset({PATH, "/api/oembed", "/api/search", "/api/suggest/{what}"})
"""What asks for no token."""
FIGURES: Mapping[str, tuple[str, ...]] = {
    "/figures.json": ("by", *FILTERS, "source"),
    "/figures.csv": ("by", *FILTERS, "source"),
    "/figures/inputs.json": ("by", *FILTERS, "source", "part"),
    "/conditions.json": (*conditions.FILTERS, "source"),
    "/conditions.csv": (*conditions.FILTERS, "source"),
}
"""What everybody may ask for outside of it: address -> what stands behind its question mark."""
MADE = frozenset({"/api/merges", "/api/appeals", "/api/appeals/answer", "/api/conditions", "/api/reports/{act}",
                  "/api/statements", "/api/reports", "/api/drafts", "/api/positions", "/api/drafts/{number}/comments",
                  "/api/drafts/{number}/propose", "/api/moderation/{act}", "/api/complaints/close",
                  "/api/complaints/send", "/api/decisions/{number}/ballot", "/api/rules"})  # fmt: skip
"""What is answered with 201 when it is posted to."""
TEXT: dict[str, Any] = {"type": "string"}
FLAG: dict[str, Any] = {"type": "boolean"}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}
FIELDS_OF_A_KIND: dict[str, Any] = {"type": "object", "additionalProperties": TEXT}
_LISTS: Mapping[str, Mapping[str, str]] = {
    "field": codes.FIELDS, "kind": codes.ACTION_KINDS, "started_by": codes.STARTED_BY, "status": codes.STATUSES,
    "outcome": codes.OUTCOMES, "began_precision": codes.DATE_PRECISIONS, "ended_precision": codes.DATE_PRECISIONS,
    "place_precision": codes.PLACE_PRECISIONS, "basis": codes.BASES, "measure_basis": codes.MEASURE_BASES,
    "measure_precision": codes.PRECISIONS, "confidence": codes.CONFIDENCES, "sector_scheme": codes.SECTOR_SCHEMES,
    "report_status": codes.REPORT_STATUSES,
}  # fmt: skip
_SHAPES: Mapping[str, shapes.Shape] = {
    "Party": shapes.PARTY, "ChainLink": shapes.CHAIN, "Place": shapes.PLACE, "Measure": shapes.MEASURE,
    "Demand": shapes.DEMAND, "Response": shapes.RESPONSE, "Claim": shapes.CLAIM, "Sector": shapes.SECTOR,
    "Occupation": shapes.OCCUPATION, "Source": shapes.SOURCE, "Withheld": shapes.WITHHELD,
}  # fmt: skip
_PARTS = {
    "addressee": "Party", "organisation": "Party", "location": "Place", "measures": "Measure", "demands": "Demand",
    "responses": "Response", "claims": "Claim", "sector": "Sector", "occupations": "Occupation", "sources": "Source",
    "withheld": "Withheld",
}  # fmt: skip
_SINGLE = ("location", "sector")


async def document(request: web.Request) -> web.Response:
    """This description."""
    return api.answer(describe_all(request.app.router.routes(), request.app[NODE].config.origin))


def describe_all(routes: Iterable[web.AbstractRoute], origin: str) -> dict[str, Any]:
    """The OpenAPI document of a node at `origin` that serves `routes`."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = route.resource.canonical if route.resource is not None else ""
        if (is_json(route) or path in FIGURES) and route.method != "HEAD":
            paths.setdefault(path, {})[route.method.lower()] = _operation(route, path)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Commonwire", "version": VERSION, "description": _ABOUT},
        "servers": [{"url": origin}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {"wrong": _answer("What is wrong, and where. Nothing has changed.", "Error")},
        },
    }


OF_APPS = re.compile(r"/api/v\d/")
NOT_FOR_PROGRAMS = ("/desk/", "/.well-known/", "/nodeinfo/", "/oauth/")


def is_json(route: web.AbstractRoute) -> bool:
    """Whether a program gets JSON at a route: one under /api/ that is not Mastodon's, or a table or feed as JSON."""
    path = route.resource.canonical if route.resource is not None else ""
    if path.startswith(PREFIX):
        return OF_APPS.match(path) is None
    return not path.startswith(NOT_FOR_PROGRAMS) and "json" in str(route.resource and route.resource.get_info())


_ABOUT = (
    "What programs of members can do: everything that changes the group goes through its decision. A token is made "
    "with `commonwire token`. What is published is read as ActivityPub; its vocabulary stands at /ns."
)


def _operation(route: web.AbstractRoute, path: str) -> dict[str, Any]:
    method = route.method.lower()
    said = " ".join((route.handler.__doc__ or "").split())
    done = "201" if method == "post" and path in MADE else "200"
    found: dict[str, Any] = {
        "operationId": re.sub(r"[^a-z]+", "_", f"{method} {path.removeprefix(PREFIX)}").strip("_"),
        "summary": said.partition(". ")[0].rstrip(".") + ".",
        "description": said,
        "parameters": [*_in_path(path), *_in_query(path, method)],
        "responses": {done: _answer("Done, or proposed.", _ANSWERS.get((method, path)))}
        | {status: {"$ref": "#/components/responses/wrong"} for status in ("401", "403", "404", "409", "422")},
    }
    if path.startswith(PREFIX) and path not in OPEN and (method, path) != ("get", report_api.PATH):
        found["security"] = [{"token": []}]
    if body := _body(method, path):
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return found


_ANSWERS = {("get", report_api.PATH): "Reports", ("post", report_api.PATH): "Publication",
            ("post", "/api/statements"): "Publication"}  # fmt: skip


def _answer(said: str, schema: str | None) -> dict[str, Any]:
    content = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}
    return {"description": said, "content": {"application/json": {"schema": content}}}


def _in_path(path: str) -> list[dict[str, Any]]:
    found = []
    for name in re.findall(r"{(\w+)}", path):
        schema = COUNT if name in ("number", "version", "comment") else TEXT
        found.append({"name": name, "in": "path", "required": True, "schema": schema})
    return found


def _in_query(path: str, method: str) -> list[dict[str, Any]]:
    names = _QUERIES.get(path, ()) if method == "get" else ()
    repeated = TEXTS if path in FIGURES and path.startswith("/figures") else TEXT
    return [
        {"name": name, "in": "query", "required": False, "schema": TEXTS if name == "source" else repeated}
        for name in names
    ]


_QUERIES: Mapping[str, tuple[str, ...]] = {
    **FIGURES,
    report_api.PATH: (*filters.NAMES, "before", "limit"),
    search_api.PATH: search_api.NAMES,
    "/api/suggest/{what}": ("q",),
    "/api/oembed": ("url", "format", "maxwidth", "maxheight"),
    "/api/drafts": ("group",),
    "/api/drafts/{number}/difference": ("from", "to"),
    "/api/decisions": ("state", "before", "group"),
    "/api/positions": ("on", "waiting", "group"),
    "/api/rules": ("group",),
    "/api/peers": ("group",),
    "/api/policies": ("group",),
    "/api/policies/list": ("form", "severity", "disagreement", "group"),
    "/api/policies/log": ("about", "before", "group"),
    "/api/policies/subscriptions": ("group",),
    "/api/peers/one": ("who", "group"),
    "/api/receipts": ("text", "group"),
    "/api/corrections": ("group",),
    "/api/moderation": ("group",),
    "/api/moderation/held": ("group",),
    "/api/complaints": ("group", "state"),
    "/api/merges": ("of", "group"),
    "/api/merges/likely": ("of", "group"),
    "/wire.{form}": filters.NAMES,
}


def _body(method: str, path: str) -> dict[str, Any] | None:
    if (method, path) == ("post", report_api.PATH):
        more = {"group": TEXT, "urgent": FLAG}
        return {"allOf": [{"$ref": "#/components/schemas/Report"}, {"type": "object", "properties": more}]}
    if (method, path) == ("post", "/api/reports/{act}"):
        more = _of_types(proposing_api.MORE)
        return {"allOf": [{"$ref": "#/components/schemas/AnyReport"}, {"type": "object", "properties": more}]}
    properties = _BODIES.get((method, path))
    return None if properties is None else {"type": "object", "properties": properties}


def _of_types(known: Mapping[str, type]) -> dict[str, Any]:
    names: Mapping[type, dict[str, Any]] = {str: TEXT, bool: FLAG, int: COUNT, dict: {"type": "object"}, list: TEXTS}
    return {name: names[one] for name, one in known.items()}


_TYPED = {"tags": TEXTS, "sensitive": FLAG, "urgent": FLAG} | dict.fromkeys(("based_on", "settles", "version"), COUNT)
_DRAFT = {name: _TYPED.get(name, TEXT) for name in draft_api.OF_THE_DRAFT} | dict.fromkeys(
    draft_api.MAPS, FIELDS_OF_A_KIND
)
_DRAFT["translations"] = {
    "type": "array", "items": {"type": "object", "properties": dict.fromkeys(draft_api.OF_A_TRANSLATION, TEXT)},
}  # fmt: skip
_OF_A_TEXT = {name: _TYPED.get(name, TEXT) for name in (*writing.OF_A_STATEMENT, "group", "urgent")}
_BODIES: Mapping[tuple[str, str], dict[str, Any]] = {
    ("post", "/api/moderation/{act}"): _of_types(moderation_api.ACTING),
    ("post", "/api/complaints/send"): _of_types(moderation_api.SENDING),
    ("post", "/api/complaints/close"): _of_types(moderation_api.CLOSING),
    ("post", "/api/statements"): {name: _TYPED.get(name, TEXT) for name in api.KEYS},
    ("post", "/api/drafts"): _DRAFT | {"kind": TEXT, "group": TEXT},
    ("put", "/api/drafts/{number}"): _DRAFT | {"based_on": COUNT, "settles": COUNT},
    ("post", "/api/drafts/{number}/comments"): {"comment": TEXT, "version": COUNT},
    ("post", "/api/drafts/{number}/propose"): {"version": COUNT, "urgent": FLAG, "confirm": TEXT},
    ("post", "/api/positions"): _of_types(positions.TAKING),
    ("post", "/api/positions/{act}"): _of_types(positions.DECIDING),
    ("post", "/api/decisions/{number}/ballot"): {"choice": {"enum": list(codes.CHOICES)}, "words": TEXT},
    ("post", "/api/decisions/{number}/confirm"): dict.fromkeys(
        ("in_favour", "against", "abstaining", "blocking"), COUNT
    ),
    ("post", "/api/policies/{act}"): _of_types(dealing.TAKES),
    ("post", "/api/policies/list/{act}"): _of_types(policy_lists.TAKES),
    ("post", "/api/receipts/retry"): _of_types(receipt_api.SENDING),
    ("post", "/api/policies/subscriptions/{act}"): _of_types(subscribing.TAKES),
    ("post", "/api/peers/look"): _of_types(peer_api.LOOKING),
    ("post", "/api/peers/{act}"): _of_types(peer_api.ACTING),
    ("post", "/api/merges"): _of_types(merge_api.MERGING),
    ("post", "/api/merges/withdraw"): _of_types(merge_api.WITHDRAWING),
    ("post", "/api/merges/{act}"): _of_types(merge_api.DISMISSING),
    ("post", "/api/corrections/{act}"): _of_types(proposing_api.SETTLING),
    ("post", "/api/appeals/end"): _of_types(proposing_api.ENDING),
    ("post", "/api/appeals"): _OF_A_TEXT | dict.fromkeys(statements.APPEAL, TEXT),
    ("post", "/api/appeals/answer"): _OF_A_TEXT | dict.fromkeys(statements.APPEAL_ANSWER, TEXT),
    ("post", "/api/conditions"): _OF_A_TEXT | {"condition_1": TEXT, "condition_2": TEXT},
    ("post", "/api/rules"): {"under": TEXT, "rule": {"type": "object"}, "urgent": FLAG, "group": TEXT},
}


# ---- schemas

_ALSO_IN_A_LINE = ("value", "same_as", "chain", "name_map")
"""What may be one line of text too: 100-500, addresses with spaces between them, “parent: Nordic Holding”."""


def _schemas() -> dict[str, Any]:
    return {name: _shape(shape) for name, shape in _SHAPES.items()} | {
        "Report": _report(),
        "AnyReport": {name: value for name, value in _report().items() if name != "required"},
        "Reports": {
            "type": "object",
            "properties": {
                "reports": {"type": "array", "items": {"type": "object"}},
                "next": {"type": ["string", "null"], "description": "Where the older ones are."},
            },
        },
        "Publication": {
            "type": "object",
            "properties": {
                "id": TEXT, "state": {"enum": ["proposed", "waiting", "released"]}, "delay_seconds": COUNT,
                "decision": {"type": ["object", "null"]},
                "warnings": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"kind": TEXT, "field": TEXT, "words": TEXT}},
                },
            },
        },
        "Error": {
            "type": "object",
            "required": ["error"],
            "properties": {
                "error": TEXT,
                "faults": {"type": "array", "items": {"type": "object", "properties": {"field": TEXT, "error": TEXT}}},
                "questions": {
                    "type": "array",
                    "items": {
                        "type": "object", "properties": {"asked": TEXT, "about": TEXTS, "confirm": TEXT},
                    },
                },
            },
        },
    }  # fmt: skip


def _shape(shape: shapes.Shape) -> dict[str, Any]:
    terms = {term.name: term for term in describe(shape.make)}
    properties: dict[str, Any] = {}
    for name in shape.keys:
        if name not in terms:
            properties[name] = FLAG
            continue
        schema: dict[str, Any] = dict(terms[name].schema)
        if name == "chain":
            schema = {"type": "array", "items": {"anyOf": [_ref("ChainLink"), TEXT]}}
        if name in _ALSO_IN_A_LINE:
            schema = {"anyOf": [schema, TEXT]}
        properties[name] = {**schema, "description": terms[name].doc}
    needed = [name for name, term in terms.items() if term.required and name in properties and name != "scheme"]
    return {"type": "object", "properties": properties} | ({"required": needed} if needed else {})


def _report() -> dict[str, Any]:
    one = {"type": ["string", "number"]}
    properties: dict[str, Any] = {name: {**one, "description": meaning} for name, meaning in FIELDS.items()}
    for name, known in _LISTS.items():
        properties[name] = {"enum": list(known), "description": FIELDS[name]}
    for name in MEASURES:
        properties[name] = {**one, "description": FIELDS[name]}
    for name, ref in _PARTS.items():
        properties[name] = {"anyOf": [_ref(ref), TEXT]}
        if name not in _SINGLE:
            properties[name]["anyOf"].append({"type": "array", "items": {"anyOf": [_ref(ref), TEXT]}})
    several = {"anyOf": [TEXT, TEXTS]}
    properties |= {"who": several, "disputes": several, "confirm": several, "tags": several}
    properties |= {name: TEXT for name in ("text", "title", "language", "summary", "reply_to", "quote")}
    properties |= {"sensitive": FLAG, "form": {"enum": ["note", "article"]}}
    assert set(properties) == {*writing.KEYS, *writing.OF_A_STATEMENT}
    return {"type": "object", "properties": properties, "required": ["text", "kind", "field", "began"]}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
