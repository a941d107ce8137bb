"""What a member can do with a list: see what it would change, put it to the group, and write one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from node import decisions
from node.context import Effect, Transaction
from node.decisions import Act, Described
from node.decisions import store as decided
from node.errors import Conflict, Missing
from node.members import actions as members
from node.members.store import Member
from node.peering import governing, log, policies, previews, subjects
from node.peering.effects import Change, Effects
from node.peering.log import Deed
from node.peering.rules import Category, Policy, Severity
from node.policy_lists import formats, rules, store
from node.policy_lists.formats import Form
from node.policy_lists.rules import Difference, Given, Held, Line, Meant
from node.policy_lists.subscribing import check_rests_nobody
from node.translating import N_


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a list would do."""

    given: Given
    difference: Difference
    effects: Effects


@dataclass(frozen=True, slots=True)
class Export:
    """A list as text; how many policies it says, and how many of that sort it cannot say or is not to."""

    text: str
    written: int
    left_out: int


def foresee(tx: Transaction, body: bytes, meant: Meant, *, actor: str, member: Member) -> Foreseen:
    """Read a list, and say what it would change. Changes nothing. Raises Invalid, Forbidden."""
    members.require(tx, member, "peer", actor=actor)
    given = formats.read(body, meant, check=lambda domain: subjects.check_not_ours(tx, domain))
    difference = _difference(tx, given.lines, replaces=meant.replaces)
    return Foreseen(given, difference, previews.preview(tx, _as_change(difference.applied)))


def propose(
    tx: Transaction, found: Foreseen, *, actor: str, member: Member, urgent: bool = False, anyway: bool = False
) -> None:
    """Put a list to the group `actor`, in one act. Raises Forbidden, and Conflict if nothing would change, or if those
    whom the group follows would be heard no longer and it is not meant so (`anyway`)."""
    lines, meant = found.difference.applied, found.given.meant
    if not lines:
        raise Conflict("nothing in this list would change anything")
    check_rests_nobody(found.effects, anyway=anyway)
    value = {
        "list": store.keep(tx, actor, lines),
        "name": meant.name,
        "replaces": meant.replaces,
        "category": meant.category and meant.category.value,
        "severities": dict(Counter(line.severity.value for line in lines)),
        "by_role": governing.role_of(tx, member, actor),
    }
    subject = json.dumps(value, sort_keys=True, ensure_ascii=False)
    decisions.propose(tx, "set_policies", subject, actor=actor, member=member, urgent=urgent)


def _difference(tx: Transaction, lines: Iterable[Line], *, replaces: bool) -> Difference:
    held = {
        row.subject: Held(Severity(row.severity), row.no_media, _is_plain(row))
        for row in policies.listed(tx, limit=1_000_000)
        if row.source is None
    }
    return rules.compare(lines, held, replaces=replaces)


def _is_plain(row: Row[Any]) -> bool:
    return row.kinds is None and row.subdomains and row.expires is None


def _as_change(lines: Iterable[Line]) -> Change:
    return Change(
        sets=tuple(Policy(id=0, subject=line.subject, severity=line.severity, no_media=line.no_media) for line in lines)
    )


# ---- effects


def apply_list(tx: Transaction, subject: str) -> None:
    """Effect: write the policies of a list. What was decided meanwhile about the same domains stays."""
    value, row = json.loads(subject), decided.newest_about(tx, "set_policies", subject)
    lines = store.lines_of(tx, value["list"])
    if lines is None:
        raise Missing("the list that was decided on is not here any more")
    store.drop(tx, value["list"])
    applied = _difference(tx, lines, replaces=value["replaces"]).applied
    decision, group = (None, None) if row is None else (row.id, row.actor)
    made = previews.preview(tx, _as_change(applied))
    same = {"since": tx.now, "decision": decision, "by_role": value["by_role"]}
    policies.put_all(tx, [_row(line) | same for line in applied], source=None)
    details = {"list": value["name"], "policies": len(applied), "severities": value["severities"]}
    details |= {"effects": counts} if (counts := made.counts()) else {}
    log.note(
        tx, Deed.LIST_APPLIED, None, group=group, category=value["category"], reason=value["name"],
        by_role=value["by_role"], decision=decision, details=details,
    )  # fmt: skip
    governing.settle(tx)


def forget_list(tx: Transaction, subject: str) -> None:
    """Refusal: the group does not want it."""
    store.drop(tx, json.loads(subject)["list"])


def _row(line: Line) -> dict[str, Any]:
    return {
        "subject": line.subject, "is_actor": False, "severity": line.severity.value, "no_media": line.no_media,
        "category": line.category and line.category.value, "reason": line.reason, "subdomains": True, "source": None,
    }  # fmt: skip


def _describe(tx: Transaction, subject: str) -> Described:
    value = json.loads(subject)
    said = ", ".join(f"{number} {severity}" for severity, number in sorted(value["severities"].items()))
    return Described(f"{value['name']}: {said}")


# ---- export


def export(tx: Transaction, form: Form, *, severity: Severity = Severity.REJECT, disagreement: bool = False) -> Export:
    """Our own policies about domains that are in force, as a list. Of a plain one, those that say `severity`."""
    lines, left_out = [], 0
    for row in policies.listed(tx, limit=1_000_000):
        if row.source is not None:
            continue
        category = Category(row.category) if row.category else None
        line = Line(row.subject, Severity(row.severity), row.no_media, row.reason, category)
        wanted = line.severity is severity if form is Form.PLAIN else formats.fits(line, form)
        if wanted and not row.is_actor and _is_plain(row) and (disagreement or category is not Category.DISAGREEMENT):
            lines.append(line)
        elif wanted or (line.severity is Severity.HOLD and form is Form.BLOCKS):
            left_out += 1
    return Export(formats.write(lines, form), len(lines), left_out)


ACTS: dict[str, Act] = {"set_policies": Act("peer", "limit_peer", N_("apply a list of policies"), _describe)}
EFFECTS: dict[str, Effect] = {"set_policies": apply_list}
REFUSALS: dict[str, Effect] = {"set_policies": forget_list}
