"""Commands about how the group decides: decision list, show, vote, count, confirm, withdraw; rule list, set, reset."""

from __future__ import annotations

import argparse
import dataclasses
import re
from typing import Any

from node import decisions
from node.cli.commands import (
    AS_JSON,
    AS_MEMBER,
    IN_GROUP,
    URGENT,
    Argument,
    Command,
    Usage,
    acting,
    group_of,
    opened,
    option,
    show,
    told,
    words,
)
from node.context import Transaction
from node.decisions import Method, Of, Record, Rule, Shown, Shows, Tally
from node.errors import Invalid
from node.members import actions as members
from node.members.rules import SCOPES
from node.statements import markup

SPAN = re.compile(r"(\d{1,6})([smhdw])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


# ---- decisions


async def listed(options: argparse.Namespace) -> int:
    """List what the group decides at this moment, or what it has decided."""
    words(options)

    def find(tx: Transaction) -> list[Shown]:
        group, member = group_of(tx, options).iri, acting(tx, options)
        if options.closed:
            return decisions.closed(tx, member, actor=group)
        return decisions.under_way(tx, member, actor=group)

    async with opened(options) as node:
        found = await node.database.read(find)
    text = "\n".join(_line(one) for one in found) or "nothing" + (" was decided yet" if options.closed else " is open")
    return show(options, [one.as_json() for one in found], text)


def _line(one: Shown) -> str:
    if one.closed is not None:
        ends = f"{one.state} {one.closed:%Y-%m-%d}"
    elif one.until is not None:
        ends = f"{one.state} until {one.until:%Y-%m-%d %H:%M} UTC"
    else:
        ends = str(one.state)
    waits = "  <- waits for you" if one.mine.waits else ""
    return f"{one.number}  {ends}  {one.title}: {_printable(one.about.title)}{waits}"


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


async def shown(options: argparse.Namespace) -> int:
    """Show one decision."""
    number = _number(*words(options))
    async with opened(options) as node:
        one = await node.database.read(lambda tx: decisions.show(tx, number, members.named(tx, options.member)))
    return show(options, one.as_json(), "\n".join(_lines(one)))


def _lines(one: Shown) -> list[str]:
    lines = [
        _line(one),
        f"rule: {one.rule.name}{' (urgent)' if one.urgent else ''}; {one.voted} of {one.eligible} voted",
    ]
    if one.about.address:
        lines.append(one.about.address)
    if one.about.html:
        lines += ["", _printable(markup.plain(one.about.html)), ""]
    if one.unless_done:
        until = f"{one.until:%Y-%m-%d %H:%M} UTC" if one.until else ""
        lines.append(one.unless_done.format(until=until, quorum=one.rule.quorum))
    if one.tally is not None:
        lines.append(_figures(one.tally))
    lines += [f"{name}: {choice}" for name, choice in one.names]
    lines += [f"{said.choice}: {_printable(said.text)}" for said in one.words]
    if one.receipts:
        lines.append(f"receipts of the ballots that were counted: {' '.join(one.receipts)}")
    if one.failed is not None:
        lines.append(f"it could not be carried out: {one.failed.why}")
    return lines


def _figures(tally: Tally) -> str:
    blocking = f", {tally.blocking} blocking" if tally.blocking else ""
    return f"{tally.in_favour} for, {tally.against} against, {tally.abstaining} abstaining{blocking}"


async def vote(options: argparse.Namespace) -> int:
    """Cast a ballot."""
    text, said = words(options)
    number, choice = _number(text), decisions.read_choice(said)

    def act(tx: Transaction) -> decisions.Counted:
        member = members.named(tx, options.member)
        return decisions.cast(tx, number, member=member, choice=choice, words=options.because or "")

    async with opened(options) as node:
        counted = await node.database.write(act)
    result = {"number": number, "state": counted.state.value, "receipt": counted.receipt}
    lines = [f"your ballot is in; decision {number} is {counted.state}", f"receipt, shown this once: {counted.receipt}"]
    return show(options, result, "\n".join(lines))


async def count(options: argparse.Namespace) -> int:
    """Count the ballots of a vote, as a teller."""
    number = _number(*words(options))
    async with opened(options) as node:
        found = await node.database.read(
            lambda tx: decisions.count(tx, number, member=members.named(tx, options.member))
        )
    lines = [f"{choice}{f': {_printable(said)}' if said else ''}" for choice, said in found.ballots]
    lines += [f"receipts: {' '.join(found.receipts)}", _figures(found.tally)]
    tally = found.tally
    lines.append(
        f"if that is what you count: commonwire decision confirm {number} --for {tally.in_favour} --against"
        f" {tally.against} --abstaining {tally.abstaining} --blocking {tally.blocking}"
    )
    return show(options, found.as_json(), "\n".join(lines))


async def confirm(options: argparse.Namespace) -> int:
    """Confirm the tally of a vote, as a teller."""
    number = _number(*words(options))
    tally = Tally(options.in_favour, options.against, options.abstaining, options.blocking)
    async with opened(options) as node:
        state = await node.database.write(
            lambda tx: decisions.confirm(tx, number, member=members.named(tx, options.member), tally=tally)
        )
    waits = "; another teller has to confirm it too" if state is decisions.State.COUNTING else ""
    return show(options, {"number": number, "state": state.value}, f"decision {number} is {state}{waits}")


async def withdraw(options: argparse.Namespace) -> int:
    """Take back what one has proposed."""
    number = _number(*words(options))
    async with opened(options) as node:
        await node.database.write(lambda tx: decisions.withdraw(tx, number, member=members.named(tx, options.member)))
    return show(options, {"number": number, "state": "withdrawn"}, f"decision {number} is withdrawn")


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise Usage(f"{text!r} is not the number of a decision; see: commonwire decision list")
    return int(text)


# ---- rules


async def rules(options: argparse.Namespace) -> int:
    """List the rules of the group."""
    words(options)

    def find(tx: Transaction) -> tuple[dict[str, Rule], set[str], set[str]]:
        group = group_of(tx, options).iri
        locked = {under for under, _, _ in decisions.locked(tx, group)}
        return decisions.all_in_force(tx, group), decisions.without_own(tx, group), locked

    async with opened(options) as node:
        found, follow, locked = await node.database.read(find)
    notes = dict.fromkeys(follow, "  (as for statements)")
    notes |= dict.fromkeys(locked, "  <- those who hold mandates now cannot meet this")
    lines = [f"{under}: {_terms(rule)}{notes.get(under, '')}" for under, rule in found.items()]
    return show(options, {under: rule.as_json() for under, rule in found.items()}, "\n".join(lines))


def _terms(rule: Rule) -> str:
    said = [rule.name]
    if rule.voters:
        said.append(f"voting: whoever may {rule.voters}")
    if rule.quorum:
        said.append(f"quorum {rule.quorum}")
    said += [f"{name} {_span(seconds)}" for name, seconds in _times(rule) if seconds]
    if rule.record is not Record.TALLY:
        said.append(f"record {rule.record}")
    if rule.tellers:
        said.append("two tellers")
    if rule.urgent is not None:
        said.append(f"urgent: {_terms(rule.urgent)}")
    return ", ".join(said)


def _times(rule: Rule) -> tuple[tuple[str, int], ...]:
    return ("at least", rule.at_least), ("at most", rule.at_most)


def _span(seconds: int) -> str:
    unit, size = next((unit, size) for unit, size in reversed(SECONDS.items()) if seconds % size == 0)
    return f"{seconds // size}{unit}"


async def set_rule(options: argparse.Namespace) -> int:
    """Propose another rule for a kind of act, or for all."""
    (kind,) = words(options)
    changes = _changes(options)
    if not changes:
        raise Usage("say what to change: --method, --quorum and the others")

    def change(tx: Transaction) -> tuple[list[tuple[str, Rule]], list[decisions.Proposed]]:
        group, member = group_of(tx, options).iri, acting(tx, options)
        asked = []
        for under in _unders(kind):
            rule = _changed(decisions.in_force(tx, group, under), changes, of_urgent=options.for_urgent)
            if rule != decisions.in_force(tx, group, under):
                decisions.change_rule(tx, under, rule, actor=group, member=member, urgent=options.urgent)
                asked.append((under, rule))
        return asked, list(tx.proposed)

    async with opened(options) as node:
        asked, proposed = await node.database.write(change)
    if not asked:
        raise Invalid("that is the rule already; nothing has changed")
    result = {"rules": {under: rule.as_json() for under, rule in asked}}
    lines = [f"{under}: {_terms(rule)}" for under, rule in asked]
    if len(proposed) > 1:
        lines = [f"decision {one.number}, {one.state}: {line}" for one, line in zip(proposed, lines, strict=True)]
        return show(options, {**result, "decisions": [one.number for one in proposed]}, "\n".join(lines))
    return told(options, proposed[0], result, "\n".join(lines))


async def reset(options: argparse.Namespace) -> int:
    """Set a rule that nobody could meet any more back to one that somebody can."""
    (kind,) = words(options)

    async with opened(options) as node:
        before = await node.database.write(lambda tx: decisions.reset(tx, group_of(tx, options).iri, kind))
    text = f"{kind}: {_terms(Rule())}; it was: {_terms(before)}\nall members see at their desk that this was done"
    return show(options, {"kind": kind, "before": before.as_json(), "rule": Rule().as_json()}, text)


def _unders(kind: str) -> list[str]:
    """The kinds that are meant: for `all`, how rules are changed comes last, else it would decide about the others."""
    if kind != "all":
        return [kind]
    return [under for under in decisions.UNDER if under != "change_rules"] + ["change_rules"]


def _changed(rule: Rule, changes: dict[str, Any], *, of_urgent: bool) -> Rule:
    """The rule with what was said; approvals alone make it one of approvals."""
    if of_urgent:
        return dataclasses.replace(rule, urgent=dataclasses.replace(rule.urgent or Rule(), **changes))
    return dataclasses.replace(rule, **changes)


def _changes(options: argparse.Namespace) -> dict[str, Any]:
    said: dict[str, Any] = {
        "method": options.method and Method(options.method),
        "approvals": options.approvals,
        "of": options.of and Of(options.of),
        "quorum": options.quorum,
        "at_least": _seconds(options.at_least, "--at-least"),
        "at_most": _seconds(options.at_most, "--at-most"),
        "record": options.record and Record(options.record),
        "tellers": options.tellers,
        "shows": options.shows and Shows(options.shows),
        "arguments": None if options.arguments is None else options.arguments == "yes",
        "voters": None if options.voters is None else "" if options.voters == "proposers" else options.voters,
    }
    changes = {name: value for name, value in said.items() if value is not None}
    if "approvals" in changes and "method" not in changes:
        changes["method"] = Method.APPROVALS
    return changes


def _seconds(text: str | None, flag: str) -> int | None:
    if text is None or text == "0":
        return None if text is None else 0
    match = SPAN.fullmatch(text)
    if match is None:
        raise Invalid("“{text}” is not a time such as 30m, 24h, 3d or 2w", field=flag, text=text)
    return int(match[1]) * SECONDS[match[2]]


def _how_many(name: str, flag: str) -> Argument:
    return option(flag, dest=name, type=int, default=0, metavar="N", help=f"how many ballots you count: {flag[2:]}")


COMMANDS = (
    Command(
        "decision list",
        "list what the group decides at this moment, and what waits for you",
        "commonwire decision list ./union --as rosa",
        listed,
        options=(option("--closed", action="store_true", help="what was decided"), AS_MEMBER, IN_GROUP, AS_JSON),
    ),
    Command(
        "decision show",
        "show what a decision is about and how it stands, as far as its record allows",
        "commonwire decision show ./union 12",
        shown,
        words=("NUMBER",),
        options=(AS_MEMBER, AS_JSON),
    ),
    Command(
        "decision vote",
        "cast a ballot: for, against, abstain or, where the rule is consent, block; prints a receipt",
        'commonwire decision vote ./union 12 block --as rosa --because "the night shift was not asked"',
        vote,
        words=("NUMBER", "CHOICE"),
        options=(option("--because", metavar="TEXT", help="why; a block needs it"), AS_MEMBER, AS_JSON),
    ),
    Command(
        "decision count",
        "see the ballots of a vote that waits for its tellers",
        "commonwire decision count ./union 12 --as rosa",
        count,
        words=("NUMBER",),
        options=(AS_MEMBER, AS_JSON),
    ),
    Command(
        "decision confirm",
        "confirm what you have counted, as a teller",
        "commonwire decision confirm ./union 12 --as rosa --for 14 --against 2 --abstaining 1",
        confirm,
        words=("NUMBER",),
        options=(
            _how_many("in_favour", "--for"),
            _how_many("against", "--against"),
            _how_many("abstaining", "--abstaining"),
            _how_many("blocking", "--blocking"),
            AS_MEMBER,
            AS_JSON,
        ),
    ),
    Command(
        "decision withdraw",
        "take back what you have proposed",
        "commonwire decision withdraw ./union 12 --as rosa",
        withdraw,
        words=("NUMBER",),
        options=(AS_MEMBER, AS_JSON),
    ),
    Command(
        "rule list",
        "list by which rule the group decides about what",
        "commonwire rule list ./union",
        rules,
        options=(IN_GROUP, AS_JSON),
    ),
    Command(
        "rule set",
        "propose another rule for a kind of act, or for all; what is not said stays as it is",
        "commonwire rule set ./union publish_statement --method majority --of voting --quorum 12 --at-most 3d",
        set_rule,
        words=("KIND",),
        options=(
            option("--method", choices=tuple(Method), metavar="METHOD", help=f"one of {', '.join(Method)}"),
            option("--approvals", type=int, metavar="N", help="how many approvals"),
            option("--of", choices=tuple(Of), metavar="WHOM", help="of those eligible or of those voting"),
            option("--quorum", type=int, metavar="N", help="how many ballots there have to be, abstentions counted"),
            option("--at-least", metavar="TIME", help="how long it stays open at least: 30m, 24h, 3d; 0 for no time"),
            option("--at-most", metavar="TIME", help="how long it stays open at most"),
            option("--record", choices=tuple(Record), metavar="LEVEL", help=f"one of {', '.join(Record)}"),
            option("--tellers", type=int, choices=(0, 2), metavar="N", help="0, or 2 who confirm the tally"),
            option("--shows", choices=tuple(Shows), metavar="WHAT", help=f"of the result: {', '.join(Shows)}"),
            option("--arguments", choices=("yes", "no"), help="whether arguments are kept, unnamed"),
            option(
                "--voters", choices=("proposers", *SCOPES), metavar="WHO", help="who votes: proposers, or who may ..."
            ),
            option("--for-urgent", action="store_true", help="change the urgent path of the rule instead"),
            URGENT,
            AS_MEMBER,
            IN_GROUP,
            AS_JSON,
        ),
    ),
    Command(
        "rule reset",
        "set a rule that nobody can meet any more, because mandates have ended, back to “one member may act”;"
        " refused while it can be met, and shown to all members",
        "commonwire rule reset ./union publish_statement",
        reset,
        words=("KIND",),
        options=(IN_GROUP, AS_JSON),
    ),
)
