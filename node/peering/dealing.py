"""What is done about policies and doors by name, with values as text: for the desk and for programs alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from node.context import Transaction
from node.errors import Invalid
from node.members import actions as members
from node.members.store import Member
from node.peering import governing, log, policies, previews, shown, standing, terms
from node.peering.effects import Change, Effects
from node.peering.rules import Door, Mode
from node.window import LARGEST

VERBS = ("preview", "set", "drop", "switch", "redact")
TAKES: dict[str, type] = {
    **dict.fromkeys(("whom", "severity", "category", "reason", "kinds", "expires", "review_on", "door", "mode"), str),
    **dict.fromkeys(("no_media", "only", "ends", "anyway", "urgent"), bool),
    **dict.fromkeys(("entry", "group"), str),
}
"""What is taken: `whom` a policy is about and its terms (`only`: not for sub-domains); `door` and `mode`; the number of
an `entry` of the log. `ends`: preview the end of a policy. `anyway`: even if nobody who is followed would be heard."""


def do(
    tx: Transaction, verb: str, given: Mapping[str, Any], *, actor: str, member: Member, urgent: bool = False
) -> dict[str, Any]:
    """Preview, or propose, or redact; what would become different, and about whom. Raises Invalid, Conflict, Missing,
    Forbidden."""
    members.require(tx, member, "peer", actor=actor)
    by: dict[str, Any] = {"actor": actor, "member": member, "urgent": urgent}
    if verb == "redact":
        number = str(given.get("entry") or "")
        if not (number.isascii() and number.isdecimal()) or len(number) > 19 or int(number) > LARGEST:
            raise Invalid("“{value}” is not the number of an entry", field="entry", value=number[:100])
        log.redact(tx, int(number), group=actor)
        return {"entry": number}
    if verb == "switch" or (verb == "preview" and given.get("door")):
        return _switch(tx, verb, given, by)
    said = None if verb == "drop" or (verb == "preview" and given.get("ends")) else _terms(given)
    name, effects = governing.foreseen(tx, str(given.get("whom") or ""), said)
    if verb == "set" and said is not None:
        governing.check_deliberate(effects, anyway=bool(given.get("anyway")))
        more = {key: getattr(said, key) for key in governing.MORE}
        governing.set_policy(tx, name, said.severity, said.reason, **more, **by)
    elif verb == "drop":
        governing.drop_policy(tx, name, str(given.get("reason") or ""), **by)
    instead = said is not None and said.is_disagreement
    return {"whom": name, "severity": said.severity.value if said else None, **told(effects), "instead": instead}


def _switch(tx: Transaction, verb: str, given: Mapping[str, Any], by: dict[str, Any]) -> dict[str, Any]:
    door = terms.read_word(given.get("door") or "", "door", Door)
    mode = terms.read_word(given.get("mode") or "", "mode", Mode)
    effects = previews.preview(tx, Change(modes={door: mode}))
    if verb == "switch":
        governing.check_deliberate(effects, anyway=bool(given.get("anyway")))
        governing.set_switch(tx, door, mode, str(given.get("reason") or ""), **by)
    return {"door": door.value, "mode": mode.value, **told(effects)}


def _terms(given: Mapping[str, Any]) -> terms.Terms:
    return terms.read({**given, "subdomains": False if given.get("only") else None})


def told(effects: Effects) -> dict[str, Any]:
    """Effects as programs are told."""
    return {"effects": effects.as_json(), "is_nothing": effects.is_nothing}


def overview(tx: Transaction) -> dict[str, Any]:
    """The policies in force, and how the doors are set."""
    return {
        "policies": [shown.policy(row) for row in policies.listed(tx)],
        "doors": {door.value: standing.mode(tx, door).value for door in Door},
    }
