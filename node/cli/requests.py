"""Commands about asking to follow and being asked: peer add, show, requests, admit, decline, choices."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from node import actors
from node.cli.commands import (
    AS_JSON,
    AS_MEMBER,
    IN_GROUP,
    URGENT,
    Command,
    acting,
    group_of,
    opened,
    option,
    show,
    told,
    words,
)
from node.context import Transaction
from node.decisions import State, with_proposed
from node.errors import Missing
from node.peering import actions, admission, choices, exchange, finding, log, sheets, shown
from node.peering.exchange import Exchange
from node.peering.fingerprints import Fingerprint
from node.peering.sheets import Follows, Sheet
from node.receipts import Day

LOGGED = 100
DAYS = 14  # in lines; all of them in JSON


async def add(options: argparse.Namespace) -> int:
    """Find a group, show what it is, and propose to ask it."""
    (text,) = words(options)
    async with opened(options) as node:
        found = await finding.groups(node, text)
        shown = [await node.database.read(_sheet, options, iri) for iri in found]
        if len(shown) > 1:
            lines = [f"{one.handle}  {one.name or ''}" for one in shown]
            text = "\n".join([f"{text} has {len(shown)} groups; say which:", *lines])
            return show(options, {"groups": [one.as_json() for one in shown]}, text)
        (sheet,) = shown
        if options.look or (sheet.like and not options.anyway):
            return show(options, sheet.as_json(), "\n".join([*describe(sheet), *_warning(sheet)]))
        _, proposed = await node.database.write(with_proposed, _follow, options, sheet.iri)
    result = sheet.as_json() | {"state": "asked"}
    text = "\n".join([*describe(sheet), f"asked to follow {sheet.handle}; see: commonwire peer show {sheet.handle}"])
    return told(options, proposed, result, text)


def _follow(tx: Transaction, options: argparse.Namespace, target: str) -> State:
    group, member = group_of(tx, options), acting(tx, options)
    return actions.follow(tx, target, actor=group.iri, member=member, urgent=options.urgent)


def _sheet(tx: Transaction, options: argparse.Namespace, iri: str) -> Sheet:
    return sheets.of(tx, iri, group=group_of(tx, options).iri)


def describe(sheet: Sheet) -> list[str]:
    """What a group is, line by line."""
    kind = "group" if sheet.is_group else f"no group, a {sheet.type}"
    lines = [f"{sheet.handle}  {sheet.name or ''}", f"  address: {sheet.iri} ({kind})"]
    for title, value in (("tendency", sheet.tendency), ("language", sheet.language), ("software", sheet.software)):
        lines.append(f"  {title}: {value or 'not said'}")
    lines.append(f"  speaks our vocabulary: {'yes' if sheet.speaks_our_vocabulary else 'no'}")
    lines += _keys(sheet.keys)
    lines += [f"  we follow it: {_state(sheet.we)}", f"  it follows us: {_state(sheet.they)}"]
    return lines + [f"  LOOKS LIKE {one.known.name} ({one.known.iri}), in its {one.kind.value}" for one in sheet.like]


def _keys(keys: tuple[Fingerprint, ...]) -> list[str]:
    return [f"  key for {one.purpose}: {one.words}" for one in keys]


def _state(one: Follows) -> str:
    since = f" since {one.since:%Y-%m-%d}" if one.since is not None else ""
    return f"{one.state}{since}" + (f": {one.reason}" if one.reason else "")


def _warning(sheet: Sheet) -> list[str]:
    if not sheet.like:
        return []
    return ["It looks like a group that is known. Compare the words of its keys with those you mean, then:",
            f"  commonwire peer add {sheet.handle} --anyway"]  # fmt: skip


async def page(options: argparse.Namespace) -> int:
    """Show what a peer is, and how we stand to each other."""
    (text,) = words(options)

    def find(tx: Transaction) -> tuple[Sheet, Exchange, list[dict[str, Any]]]:
        who = named(tx, text)
        done = [shown.entry(row) for row in log.entries(tx, subject=who, limit=LOGGED)]
        return _sheet(tx, options, who), exchange.of(tx, who, group=group_of(tx, options).iri), done

    async with opened(options) as node:
        sheet, what, done = await node.database.read(find)
    result = sheet.as_json() | {"exchange": what.as_json(), "log": done}
    lines = [*describe(sheet), *_exchanged(what), *(f"  {shown.entry_line(one)}" for one in done)]
    return show(options, result, "\n".join(lines))


def _exchanged(what: Exchange) -> list[str]:
    lines = [
        f"  held of it: {what.statements_heard} statements, {what.reports_heard} reports",
        f"  we have published: {what.statements_ours} statements, {what.reports_ours} reports",
        f"  last heard: {what.last_heard:%Y-%m-%d %H:%M}" if what.last_heard else "  never heard",
        f"  last delivered: {what.last_delivered:%Y-%m-%d %H:%M}" if what.last_delivered else "  never delivered to",
        f"  deliveries that wait for its server: {what.waiting}",
        f"  policy: {what.policy}" + (", no media" if what.no_media else ""),
    ]
    if what.error is not None:
        state = "unreachable" if what.unreachable_since else "fails"
        lines.append(f"  {state} since {what.unreachable_since or what.failing_since:%Y-%m-%d}: {what.error}")
    return lines + [_day_line(one) for one in what.days[:DAYS]]


def _day_line(one: Day) -> str:
    how = f", within {one.median} ms" if one.median is not None else ""
    return f"  {one.day}: {one.received} delivered{how}, {one.refused} refused, {one.failed} failed"


async def own_keys(options: argparse.Namespace) -> int:
    """Show the words of the group's own keys."""
    words(options)

    def find(tx: Transaction) -> tuple[Fingerprint, ...]:
        return sheets.own_keys(group_of(tx, options))

    async with opened(options) as node:
        found = await node.database.read(find)
    return show(options, [one.as_json() for one in found], "\n".join(line.strip() for line in _keys(found)))


def named(tx: Transaction, text: str) -> str:
    """The known actor that a handle or an address means. Raises Missing."""
    row = actors.find(tx, text) or sheets.by_handle(tx, text)
    if row is None:
        raise Missing("{who} is not known here", who=text)
    return str(row.iri)


async def requests(options: argparse.Namespace) -> int:
    """List who asks to follow the group, and whom the group has asked."""
    words(options)

    def find(tx: Transaction) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        group = group_of(tx, options).iri
        waiting = [sheets.in_line(row) for row in admission.requests(tx, group)]
        asked = [sheets.asked(tx, group, row) for row in admission.asked(tx, group)]
        return waiting, asked

    async with opened(options) as node:
        waiting, asked = await node.database.read(find)
    lines = [f"{one['handle']}  {one['name'] or ''}  waits since {one['since'][:10]}" for one in waiting]
    lines = lines or ["nobody waits"]
    lines += [f"{one['handle']}  {one['state']} {one['since'][:10]} {one['reason']}".rstrip() for one in asked]
    return show(options, {"waiting": waiting, "asked": asked}, "\n".join(lines))


async def admit(options: argparse.Namespace) -> int:
    """Let somebody follow the group."""
    return await _answer(options, admission.admit, "may follow now", "admitted")


async def decline(options: argparse.Namespace) -> int:
    """Let somebody not follow the group, or no longer."""

    def act(tx: Transaction, who: str, **by: Any) -> State:
        return admission.decline(tx, who, options.reason or "", **by)

    return await _answer(options, act, "may not follow", "declined")


async def _answer(options: argparse.Namespace, act: Callable[..., State], done: str, state: str) -> int:
    (text,) = words(options)

    def change(tx: Transaction) -> str:
        group, member, who = group_of(tx, options), acting(tx, options), named(tx, text)
        act(tx, who, actor=group.iri, member=member, urgent=options.urgent)
        return who

    async with opened(options) as node:
        who, proposed = await node.database.write(with_proposed, change)
    return told(options, proposed, {"id": who, "state": state}, f"{text} {done}")


async def choose(options: argparse.Namespace) -> int:
    """Show what the group has chosen about its peers, or propose other choices."""
    words(options)
    changes = choices.changes_of(vars(options))

    def act(tx: Transaction) -> dict[str, str]:
        group = group_of(tx, options).iri
        if changes:
            choices.choose(tx, changes, actor=group, member=acting(tx, options), urgent=options.urgent)
        return choices.of(tx, group).as_json()

    async with opened(options) as node:
        now, proposed = await node.database.write(with_proposed, act)
    return told(options, proposed, now, "\n".join(f"{name}: {value}" for name, value in now.items()))


_REASON = option("--reason", metavar="TEXT", help="why; the other side is told, and sees it")
_ACT = (AS_MEMBER, IN_GROUP, URGENT, AS_JSON)
COMMANDS = (
    Command(
        "peer add", "find a group, show what it is, and propose to ask it to let us follow",
        "commonwire peer add ./union https://tenants.example", add, words=("ADDRESS-OR-HANDLE",),
        options=(
            option("--look", action="store_true", help="show what it is, and ask nothing"),
            option("--anyway", action="store_true", help="ask although it looks like a group known already"),
            *_ACT,
        ),
    ),
    Command(
        "peer show", "show what a peer is, the words of its keys, and how we stand to each other",
        "commonwire peer show ./union @tenants@tenants.example", page, words=("HANDLE",), options=(IN_GROUP, AS_JSON),
    ),
    Command(
        "peer keys", "show the words of the group's own keys, to be compared over the telephone",
        "commonwire peer keys ./union", own_keys, options=(IN_GROUP, AS_JSON),
    ),
    Command(
        "peer requests", "list who asks to follow the group, and how those whom it asked have answered",
        "commonwire peer requests ./union", requests, options=(IN_GROUP, AS_JSON),
    ),
    Command(
        "peer admit", "let somebody who asks follow the group",
        "commonwire peer admit ./union @tenants@tenants.example",
        admit, words=("HANDLE",), options=_ACT,
    ),
    Command(
        "peer decline", "let somebody not follow the group, or no longer, and say why",
        'commonwire peer decline ./union @spam.example --reason "we do not know you"', decline, words=("HANDLE",),
        options=(_REASON, *_ACT),
    ),
    Command(
        "peer choices", "show or change whom the group lets follow unasked, and who sees its lists",
        "commonwire peer choices ./union --admits persons --map public", choose,
        options=(
            option("--admits", metavar="WHO", help="whom it lets follow unasked: everybody, persons, nobody"),
            *(
                option(f"--{name}", metavar="WHO", help=f"who sees this list ({name}): public, recognised, members")
                for name in choices.LISTS
            ),
            *_ACT,
        ),
    ),
)  # fmt: skip
