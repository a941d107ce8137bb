"""The rules of a group: which is in force, how one is changed (by its own rule), and what would lock everybody out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from node import actors
from node.context import Effect, Transaction
from node.decisions import closing, rules, store
from node.decisions.acts import AS_STATEMENTS, UNDER, Act, Described, check_under
from node.decisions.rules import Rule
from node.errors import Conflict, Invalid, Phrase
from node.members import offices
from node.members import store as mandates
from node.translating import N_, translated

STATEMENTS = "publish_statement"


def in_force(tx: Transaction, actor: str, under: str, *, urgent: bool = False) -> Rule:
    """The rule for what a group does under `under`. Raises Invalid if it has no urgent path and one is asked for."""
    kept = store.rule_in_force(tx, actor, under)
    if kept is None and under in AS_STATEMENTS:
        kept = store.rule_in_force(tx, actor, STATEMENTS)
    rule = rules.ONE_MEMBER if kept is None else rules.from_json(kept)
    if not urgent or rule.is_immediate:
        return rule
    if rule.urgent is None:
        raise Invalid("the group's rule for this knows no urgent path", field="urgent")
    return rule.urgent


def all_in_force(tx: Transaction, actor: str) -> dict[str, Rule]:
    """The rule of a group for every kind."""
    kept = {row.under: rules.from_json(row.rule) for row in store.rules_in_force(tx, actor)}
    followed = dict.fromkeys(AS_STATEMENTS, kept.get(STATEMENTS, rules.ONE_MEMBER))
    return {under: kept.get(under) or followed.get(under, rules.ONE_MEMBER) for under in UNDER}


def without_own(tx: Transaction, actor: str) -> set[str]:
    """The kinds that follow a group's rule for statements, because they have none of their own."""
    given = {row.under for row in store.rules_in_force(tx, actor)}
    return set(AS_STATEMENTS) - given if STATEMENTS in given else set()


def check_can_be_met(rule: Rule, holders: int) -> None:
    """Raise Conflict unless so many members are enough for `rule`."""
    if holders < rules.needed(rule):
        raise Conflict(
            "this cannot be decided: “{rule}” takes at least {needed} members with a mandate for it, and there are"
            " {holders}",
            rule=rule.phrase,
            needed=rules.needed(rule),
            holders=holders,
        )


# ---- what would lock everybody out


def check_locks_nobody_out(tx: Transaction, actor: str, under: str, rule: Rule) -> None:
    """Raise Conflict if a rule could never be met by those who hold mandates at this moment."""
    why = next(_why_not(tx, actor, under, rule), None)
    if why is not None:
        raise Conflict(LOCKED_OUT, under=Phrase(UNDER[under]), rule=rule.phrase, **why)


LOCKED_OUT = N_(
    "“{rule}” could never be met for “{under}”: it takes {needed} members whose mandate permits “{permission}”, and"
    " {holders} hold one"
)
LOCKED_OUT_BY_LEAVING = N_(
    "without her mandate the group could not decide any more: “{rule}” could never be met for “{under}”: it takes"
    " {needed} members whose mandate permits “{permission}”, and {holders} hold one"
)


def _why_not(
    tx: Transaction, actor: str, under: str, rule: Rule, at: datetime | None = None
) -> Iterator[dict[str, Any]]:
    """For each permission that too few hold for a rule: how many it takes, and how many there are."""
    needs = sorted({act.needs for act in tx.node.rooms.acts.values() if act.under == under})
    for path in (rule, rule.urgent):
        if path is None:
            continue
        to_vote = {path.voters} if path.voters else set(needs)
        for permission, needed in [*((one, 1) for one in needs), *((one, rules.needed(path)) for one in to_vote)]:
            holders = len(mandates.who_may(tx, permission, actor, at=at or tx.now))
            if holders < needed:
                yield {"permission": permission, "needed": needed, "holders": holders}


def locked(tx: Transaction, actor: str, *, at: datetime | None = None) -> list[tuple[str, Rule, dict[str, Any]]]:
    """The rules of a group that those who hold mandates now (or at another moment) cannot meet: the kind, the rule, and
    what is missing."""
    found = ((under, rule, next(_why_not(tx, actor, under, rule, at), None)) for under, rule in _given(tx, actor))
    return [(under, rule, why) for under, rule, why in found if why is not None]


def reset(tx: Transaction, actor: str, under: str) -> Rule:
    """For the holder of the server, without a decision: set a rule that those who hold mandates cannot meet back to
    one that they can, and tell the members; the rule it was.

    Raises Invalid, and Conflict while the rule can be met, and when nobody holds a mandate to meet any.
    """
    rule = in_force(tx, actor, check_under(under))
    if can_be_met(tx, actor, under, rule):
        raise Conflict(
            "nothing has changed: those who hold mandates can meet the rule for “{under}”, and the group changes it"
            " itself",
            under=Phrase(UNDER[under]),
        )
    check_locks_nobody_out(tx, actor, under, rules.ONE_MEMBER)
    store.set_rule(tx, actor, under, rules.ONE_MEMBER)
    offices.note(tx, actor, "reset_rule", office=offices.SERVER, about=under)
    return rule


def can_be_met(tx: Transaction, actor: str, under: str, rule: Rule) -> bool:
    """Whether those who hold mandates can meet a rule, be it without its urgent path."""
    return next(_why_not(tx, actor, under, replace(rule, urgent=None)), None) is None


def _given(tx: Transaction, actor: str) -> list[tuple[str, Rule]]:
    return [(row.under, rules.from_json(row.rule)) for row in store.rules_in_force(tx, actor)]


def check_departure(tx: Transaction, actor: str | None = None) -> None:
    """Called when mandates were taken away in this transaction: of one group, or of any.

    Raises Conflict if a rule can no longer be met, so that the whole change is undone; votes that waited for nobody
    else are looked at again.
    """
    for group in [actor] if actor is not None else [row.iri for row in actors.groups(tx)]:
        for under, rule, why in locked(tx, group):
            raise Conflict(LOCKED_OUT_BY_LEAVING, under=Phrase(UNDER[under]), rule=rule.phrase, **why)
        closing.look_again(tx, group)


def changed(tx: Transaction, subject: str) -> None:
    """Effect: write the new rule. Raises Conflict if those who hold mandates by now could never meet it."""
    told = json.loads(subject)
    rule = rules.from_json(told["rule"])
    check_locks_nobody_out(tx, told["actor"], told["under"], rule)
    store.set_rule(tx, told["actor"], told["under"], rule)


def describe(tx: Transaction, subject: str) -> Described:
    """What a change of rules is about, in the language that is spoken."""
    told = json.loads(subject)
    return Described(f"{translated(UNDER[told['under']])}: {rules.from_json(told['rule']).said(translated)}")


EFFECTS: dict[str, Effect] = {"change_rules": changed}
ACTS: dict[str, Act] = {
    "change_rules": Act("steward", "change_rules", N_("change a rule of the group"), describe),
}
