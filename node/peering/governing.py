"""What a group decides about others: a policy about a domain or an actor, and how the three doors are set.

Each is a decision by the rule `limit_peer`, done in one transaction: the policy is written, what queries ask is made
anew (`policies.settle`), what was still to be sent or fetched is withdrawn, and the peering log says it.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from node import actors, decisions, jobs
from node.context import Effect, Transaction
from node.decisions import Act, Described, State
from node.decisions import store as decided
from node.errors import Conflict, Missing
from node.members import rules as roles
from node.members import store as members
from node.members.store import Member
from node.peering import doorkeeping, log, policies, previews, standing, subjects
from node.peering.effects import Change, Effects
from node.peering.log import Deed
from node.peering.rules import Door, Mode, Policy, Severity
from node.peering.terms import Terms, check
from node.translating import N_

_ROLES_FROM_LEAST = ("delegate", "steward")


MORE = ("category", "no_media", "kinds", "expires", "review_on", "subdomains")
"""The `Terms` beside the severity and the reason."""


def set_policy(
    tx: Transaction,
    subject: str,
    severity: Severity,
    reason: str,
    *,
    actor: str,
    member: Member,
    urgent: bool = False,
    **more: Any,
) -> State:
    """Propose what this node does with a domain or an actor; `more` are further `Terms`. Raises Invalid, Forbidden."""
    terms = Terms(severity=severity, reason=reason.strip(), **more)
    about = subjects.read(tx, subject)
    check(terms, now=tx.now)
    value = _as_json(about, terms) | {"by_role": role_of(tx, member, actor)}
    return decisions.propose(tx, "set_policy", _text(value), actor=actor, member=member, urgent=urgent)


def drop_policy(
    tx: Transaction, subject: str, reason: str = "", *, actor: str, member: Member, urgent: bool = False
) -> State:
    """Propose that this node have no policy of its own about a domain or an actor. Raises Missing, Forbidden."""
    about = subjects.read(tx, subject)
    if policies.own(tx, about.name) is None:
        raise Missing("there is no policy of our own about {subject}", subject=about.name)
    value = {"subject": about.name, "drop": True, "reason": reason.strip(), "by_role": role_of(tx, member, actor)}
    return decisions.propose(tx, "set_policy", _text(value), actor=actor, member=member, urgent=urgent)


def set_switch(
    tx: Transaction, door: Door, mode: Mode, reason: str = "", *, actor: str, member: Member, urgent: bool = False
) -> State:
    """Propose how one of the three doors is set. Raises Conflict if it is so already, Forbidden."""
    if standing.mode(tx, door) is mode:
        raise Conflict("{door} is {mode} already", door=door.value, mode=mode.value)
    value = {"door": door.value, "mode": mode.value, "reason": reason.strip(), "by_role": role_of(tx, member, actor)}
    return decisions.propose(tx, "set_switch", _text(value), actor=actor, member=member, urgent=urgent)


def as_change(subject: str, terms: Terms | None) -> Change:
    """What it means that a policy of our own says this, or (None) that there is none any more."""
    if terms is None:
        return Change(drops=((subject, None),))
    kinds = None if terms.kinds is None else frozenset(terms.kinds)
    new = Policy(
        id=0, subject=subject, is_actor="://" in subject, severity=terms.severity, no_media=terms.no_media, kinds=kinds,
        expires=terms.expires, subdomains=terms.subdomains,
    )  # fmt: skip
    return Change(sets=(new,))


def foreseen(tx: Transaction, subject: str, terms: Terms | None) -> tuple[str, Effects]:
    """What a policy would do, or the end of the one there is (None), and about whom it would be, in one spelling.

    Raises what `set_policy` and `drop_policy` raise for the same.
    """
    about = subjects.read(tx, subject)
    if terms is not None:
        check(terms, now=tx.now, says_why=False)
    elif policies.own(tx, about.name) is None:
        raise Missing("there is no policy of our own about {subject}", subject=about.name)
    return about.name, previews.preview(tx, as_change(about.name, terms))


def check_deliberate(effects: Effects, *, anyway: bool) -> None:
    """Raise Conflict for a change after which nobody whom the groups follow is heard, unless it is meant so."""
    if effects.all_that_is_followed and not anyway:
        raise Conflict("nobody whom the group follows would be heard any more; nothing has changed")


def role_of(tx: Transaction, member: Member, actor: str) -> str | None:
    """Under which mandate a member proposes what is about peers: the least that permits it. Never who she is."""
    held = members.roles(tx, member.id, actor)
    return next((role for role in _ROLES_FROM_LEAST if role in held and roles.role_permits(role, "peer")), None)


# ---- effects


def apply_policy(tx: Transaction, subject: str) -> None:
    """Effect: write or drop a policy."""
    value, number, group = _read_policy(subject), *_decision(tx, "set_policy", subject)
    name = value["subject"]
    same: dict[str, Any] = {
        "group": group,
        "decision": number,
        "by_role": value.get("by_role"),
        "reason": value["reason"],
    }
    if value.get("drop"):
        before = policies.own(tx, name)
        if before is not None:
            made = previews.preview(tx, as_change(name, None))
            policies.drop(tx, name)
            log.note(tx, Deed.POLICY_DROPPED, name, details={"severity": before.severity} | _made(made), **same)
            settle(tx)
        return
    moments: dict[str, Any] = {key: _moment(value.get(key)) for key in ("expires", "review_on")}
    flags: dict[str, Any] = {"no_media": value.get("no_media", False), "subdomains": value.get("subdomains", True)}
    more: dict[str, Any] = {"category": value.get("category"), "kinds": value.get("kinds")}
    enact(tx, name, Severity(value["severity"]), **same, **more, **moments, **flags)


def enact(
    tx: Transaction,
    subject: str,
    severity: Severity,
    reason: str = "",
    *,
    group: str | None = None,
    decision: int | None = None,
    by_role: str | None = None,
    **terms: Any,
) -> None:
    """Write a policy of our own that was decided, in place of an earlier one, with all that follows from it."""
    known = {key: terms[key] for key in ("no_media", "kinds", "expires", "subdomains") if key in terms}
    made = previews.preview(tx, as_change(subject, Terms(severity=severity, **known)))
    fixed = {"subject": subject, "is_actor": "://" in subject, "severity": severity.value, "reason": reason}
    usual = {"no_media": False, "subdomains": True, "source": None}
    policies.put(tx, usual | fixed | terms | {"since": tx.now, "decision": decision, "by_role": by_role})
    said = {"severity": severity.value} | {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key in ("no_media", "kinds", "expires", "review_on")
        if (value := terms.get(key))
    }
    same: dict[str, Any] = {"group": group, "decision": decision, "by_role": by_role, "reason": reason}
    log.note(tx, Deed.POLICY_SET, subject, category=terms.get("category"), details=said | _made(made), **same)
    settle(tx)


def settle(tx: Transaction) -> None:
    """Bring up to date what follows from the policies and the doors: after any of them was changed, however."""
    policies.settle(tx)
    lanes = [lane for lane in jobs.lanes(tx) if not doorkeeping.lane_is_open(tx, lane)]
    jobs.withdraw_lanes(tx, lanes)


def apply_switch(tx: Transaction, subject: str) -> None:
    """Effect: set a door."""
    value, number, group = json.loads(subject), *_decision(tx, "set_switch", subject)
    door, mode = Door(value["door"]), Mode(value["mode"])
    was = standing.mode(tx, door)
    made = previews.preview(tx, Change(modes={door: mode}))
    policies.set_mode(tx, value["door"], value["mode"], reason=value["reason"], decision=number)
    said = {"door": door.value, "mode": mode.value, "was": was.value} | _made(made)
    same: dict[str, Any] = {
        "group": group,
        "decision": number,
        "by_role": value.get("by_role"),
        "reason": value["reason"],
    }
    log.note(tx, Deed.SWITCH_SET, None, details=said, **same)
    settle(tx)


def _made(made: Effects) -> dict[str, Any]:
    """What a change has done, in numbers, for the log."""
    return {"effects": counts} if (counts := made.counts()) else {}


def _decision(tx: Transaction, kind: str, subject: str) -> tuple[int | None, str | None]:
    row = decided.newest_about(tx, kind, subject)
    return (None, None) if row is None else (row.id, row.actor)


def _as_json(about: subjects.Subject, terms: Terms) -> dict[str, Any]:
    value: dict[str, Any] = {"subject": about.name, "severity": terms.severity.value, "reason": terms.reason}
    value |= {"category": terms.category.value} if terms.category else {}
    value |= {"no_media": True} if terms.no_media else {}
    value |= {"subdomains": False} if not terms.subdomains else {}
    value |= {"kinds": sorted(terms.kinds)} if terms.kinds is not None else {}
    return value | {
        field: moment.isoformat() for field in ("expires", "review_on") if (moment := getattr(terms, field)) is not None
    }


def _read_policy(subject: str) -> dict[str, Any]:
    """What was decided; decisions of version 0.5 and before named a host and whether it is suspended."""
    value: dict[str, Any] = json.loads(subject)
    if "host" not in value:
        return value
    old = {"subject": value["host"], "reason": value["reason"]}
    return old | ({"severity": Severity.REJECT.value} if value["policy"] == "suspended" else {"drop": True})


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _describe_policy(tx: Transaction, subject: str) -> Described:
    value = _read_policy(subject)
    name = value["subject"]
    row = actors.find(tx, name) if "://" in name else None
    shown = name if row is None else actors.handle_of(row)
    reason = f" ({value['reason']})" if value["reason"] else ""
    return Described(f"{shown}: {'no policy' if value.get('drop') else value['severity']}{reason}")


def _describe_switch(tx: Transaction, subject: str) -> Described:
    value = json.loads(subject)
    reason = f" ({value['reason']})" if value["reason"] else ""
    return Described(f"{value['door']}: {value['mode']}{reason}")


ACTS: dict[str, Act] = {
    "set_policy": Act("peer", "limit_peer", N_("change what the node does with a host"), _describe_policy),
    "set_switch": Act("peer", "limit_peer", N_("change who may read, deliver or be fetched from"), _describe_switch),
}
EFFECTS: dict[str, Effect] = {"set_policy": apply_policy, "set_switch": apply_switch}
