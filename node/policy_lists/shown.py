"""What a list would change, for programs and for people; and how they say what they mean of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from node import names
from node.errors import Invalid
from node.peering import shown, terms
from node.peering.rules import Category, Severity
from node.peering.terms import read_word
from node.policy_lists.actions import Foreseen
from node.policy_lists.rules import Held, Line, Meant

NAMED_AT_MOST = 20
NAME_CHARACTERS = 200
TAKES: dict[str, type] = {
    **dict.fromkeys(("list", "name", "severity", "category", "reason", "group"), str),
    **dict.fromkeys(("replace", "anyway", "urgent"), bool),
}
"""What a program sends: the `list` as text, its `name`, and what is meant by it."""


def meant(given: Mapping[str, Any], *, name: str = "") -> Meant:
    """What somebody says of a list. Raises Invalid."""
    severity, category = given.get("severity"), given.get("category")
    reason = str(given.get("reason") or "").strip()
    if len(reason) > terms.REASON_CHARACTERS:
        raise Invalid("a reason has at most {limit} characters", field="reason", limit=terms.REASON_CHARACTERS)
    return Meant(
        names.visible(str(given.get("name") or name), characters=NAME_CHARACTERS) or "list",
        read_word(severity, "severity", Severity) if severity else None,
        reason,
        read_word(category, "category", Category) if category else None,
        bool(given.get("replace")),
    )


def as_json(found: Foreseen) -> dict[str, Any]:
    """For programs."""
    difference = found.difference
    return {
        "name": found.given.meant.name,
        "new": [_line(one) for one in difference.new],
        "changed": [_line(one) | {"now": _held(held)} for one, held in difference.changed],
        "same": [one.subject for one in difference.same],
        "against": [_line(one) | {"now": _held(held)} for one, held in difference.against],
        "refused": [{"line": one.number, "text": one.text, "why": str(one.why)} for one in found.given.flaws],
        "effects": found.effects.as_json(),
        "is_nothing": found.effects.is_nothing,
        "instead": found.given.meant.category is Category.DISAGREEMENT,
    }


def _line(line: Line) -> dict[str, Any]:
    category = line.category and line.category.value
    more = {"no_media": line.no_media, "reason": line.reason, "category": category}
    return {"subject": line.subject, "severity": line.severity.value} | more


def _held(held: Held) -> dict[str, Any]:
    return {"severity": held.severity.value, "no_media": held.no_media}


def lines(found: Foreseen) -> list[str]:
    """For the command line."""
    difference = found.difference
    said = [f"{found.given.meant.name}: {len(found.given.lines)} domains"]
    said += _some("new", [f"{one.subject} {_said(one)}" for one in difference.new])
    for title, those in (("changed", difference.changed), ("ours stands against it and stays", difference.against)):
        said += _some(title, [f"{one.subject} {_said(one)}; now {_said(held)}" for one, held in those])
    said += [f"already so: {len(difference.same)}"]
    said += _some("refused", [f"line {one.number}: {one.why}" for one in found.given.flaws])
    said += ["what would become different:", *shown.lines(found.effects)]
    return said + ([terms.INSTEAD] if found.given.meant.category is Category.DISAGREEMENT else [])


def _said(one: Line | Held) -> str:
    return one.severity.value + (" without media" if one.no_media else "")


def _some(title: str, those: list[str]) -> list[str]:
    more = [f"  … (+{len(those) - NAMED_AT_MOST})"] if len(those) > NAMED_AT_MOST else []
    return [f"{title}: {len(those)}", *(f"  {one}" for one in those[:NAMED_AT_MOST]), *more]
