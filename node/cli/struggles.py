"""Commands about struggles: struggle list, match, merge, separate."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from node.cli import publishing
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
from node.errors import Invalid, Missing
from node.members import actions as members
from node.merges import actions, candidates, dismissing, store
from node.merges.matching import Match
from node.reports import actions as reports
from node.reports import store as stored
from node.statements.rules import Draft
from node.statistics import actions as statistics
from node.statistics.questions import Question


async def listed(options: argparse.Namespace) -> int:
    """List the struggles of the latest reports, ours and others'."""
    words(options)

    def find(tx: Transaction) -> list[dict[str, Any]]:
        author = group_of(tx, options).iri if options.ours else None
        sources = statistics.sources(tx, Question())
        return [_line(tx, row, sources) for row in stored.latest_struggles(tx, author=author, limit=options.most)]

    async with opened(options) as node:
        found = await node.database.read(find)
    lines = []
    for one in found:
        lines.append(f"{one['name']}\n    {one['id']}  reports: {one['reports']}")
        lines += [f"    the same as {other}" for other in one["same_as"]]
    return show(options, found, "\n".join(lines) or "no report is held here")


def _line(tx: Transaction, row: Row[Any], sources: tuple[str, ...]) -> dict[str, Any]:
    same = [iri for iri in store.joined_with(tx, row.iri, sources) if iri != row.iri]
    count = stored.count_reports_on(tx, row.iri)
    return {"id": row.iri, "name": row.name, "field": row.field, "reports": count, "same_as": same}


async def match(options: argparse.Namespace) -> int:
    """Which struggles look like one, or like what a file reports."""
    (which,) = words(options)
    if Path(which).is_dir():
        sentence = "say what it is to be like, by address or file: commonwire struggle match {which} ADDRESS"
        raise Invalid(sentence, which=which)
    draft = None if _is_address(which) else publishing.draft_in(Path(which))

    def find(tx: Transaction) -> list[Match]:
        if draft is None:
            if stored.find_struggle(tx, which) is None:
                raise Missing("{iri} is no struggle that this node knows: no report on it is held here", iri=which)
            return candidates.like_struggle(tx, which, sources=statistics.sources(tx, Question()))
        return _like_file(tx, draft, group_of(tx, options).iri)

    async with opened(options) as node:
        found = await node.database.read(find)
    result = [
        {"id": one.struggle, "name": one.name, "score": one.score, "reasons": [str(reason) for reason in one.reasons]}
        for one in found
    ]
    return show(options, result, "\n".join(map(_told, found)) or "no struggle that is held here looks like it")


def _is_address(word: str) -> bool:
    return word.startswith(("https://", "http://"))


def _like_file(tx: Transaction, draft: Draft, actor: str) -> list[Match]:
    report = reports.preview(tx, draft, actor=actor)
    return candidates.like_draft(tx, reports.read_report(draft), report, actor=actor)


def _told(one: Match) -> str:
    likely = "very likely the same" if one.is_very_likely else "perhaps the same"
    return f"{one.name}: {likely}\n    {one.struggle}\n    {'; '.join(map(str, one.reasons))}"


async def merge(options: argparse.Namespace) -> int:
    """Say that two struggles are one."""
    one, other = words(options)

    def act(tx: Transaction) -> State:
        group, member = group_of(tx, options), acting(tx, options)
        return actions.merge(
            tx, one, other, reason=options.reason, actor=group.iri, member=member, urgent=options.urgent
        )

    def said(tx: Transaction) -> str:
        row = store.said(tx, one, other, author=group_of(tx, options).iri)
        return "" if row is None else str(row.iri)

    async with opened(options) as node:
        _, proposed = await node.database.write(with_proposed, act)
        iri = await node.database.read(said)
        warning = await node.database.read(lambda tx: actions.warning(tx, group_of(tx, options).iri))
    text = f"the group says that they are one: {iri}\nto take it back: commonwire struggle separate {iri}"
    result = {"id": iri, "state": "merged", "struggles": [one, other], "warning": warning and str(warning)}
    return told(options, proposed, result, f"{text}\nwarning: {warning}" if warning else text)


async def dismiss(options: argparse.Namespace) -> int:
    """Say that two struggles that look alike are not the same."""
    one, other = words(options)

    def act(tx: Transaction) -> None:
        actions.dismiss(tx, one, other, actor=group_of(tx, options).iri, member=acting(tx, options))

    async with opened(options) as node:
        await node.database.write(act)
    text = f"not the same, and not proposed again: {one} and {other}"
    return show(options, {"struggles": [one, other], "dismissed": True}, text)


async def undismiss(options: argparse.Namespace) -> int:
    """Take back that two struggles are not the same."""
    one, other = words(options)

    def act(tx: Transaction) -> None:
        dismissing.undo(tx, one, other, actor=group_of(tx, options).iri, member=acting(tx, options))

    async with opened(options) as node:
        await node.database.write(act)
    return show(options, {"struggles": [one, other], "dismissed": False}, f"proposed again: {one} and {other}")


async def separate(options: argparse.Namespace) -> int:
    """Take back that two struggles are one."""
    (iri,) = words(options)

    def act(tx: Transaction) -> State:
        return actions.separate(tx, iri, member=members.named(tx, options.member), urgent=options.urgent)

    async with opened(options) as node:
        _, proposed = await node.database.write(with_proposed, act)
    text = f"taken back: {iri}\nthe running node tells all who follow the group"
    return told(options, proposed, {"id": iri, "state": "separated"}, text)


OURS, THEIRS = "https://union.example/struggles/01ab23cd45ef6", "https://tenants.example/struggles/01ab23cd45ef7"

COMMANDS = (
    Command(
        "struggle list",
        "list the struggles of the latest reports, each with the addresses of the same one elsewhere",
        "commonwire struggle list ./union --ours",
        listed,
        options=(
            option("--ours", action="store_true", help="only those that the group reports on"),
            option("--most", type=int, default=100, metavar="NUMBER", help="at most so many (default: 100)"),
            IN_GROUP, AS_JSON,
        ),
    ),
    Command(
        "struggle match",
        "which struggles look like one, or like what a file reports, and why; nothing is merged by itself",
        f"commonwire struggle match ./union {OURS}",
        match,
        words=("IRI-or-FILE",),
        options=(IN_GROUP, AS_JSON),
    ),
    Command(
        "struggle merge",
        "say, in the name of the group, that two struggles are one",
        f'commonwire struggle merge ./union {OURS} {THEIRS} --reason "The same depot, the same day."',
        merge,
        words=("IRI", "IRI"),
        options=(
            option("--reason", required=True, metavar="TEXT", help="why they are one; it is sent along"),
            AS_MEMBER, IN_GROUP, URGENT, AS_JSON,
        ),
    ),
    Command(
        "struggle dismiss",
        "say that two struggles that look alike are not the same: this node proposes it no more; published nowhere",
        f"commonwire struggle dismiss ./union {OURS} {THEIRS}",
        dismiss,
        words=("IRI", "IRI"),
        options=(AS_MEMBER, IN_GROUP, AS_JSON),
    ),
    Command(
        "struggle undismiss",
        "let two struggles be proposed again that were said not to be the same",
        f"commonwire struggle undismiss ./union {OURS} {THEIRS}",
        undismiss,
        words=("IRI", "IRI"),
        options=(AS_MEMBER, IN_GROUP, AS_JSON),
    ),
    Command(
        "struggle separate",
        "take back that two struggles are one",
        "commonwire struggle separate ./union https://union.example/merges/01ab23cd45ef6",
        separate,
        words=("MERGE",),
        options=(AS_MEMBER, URGENT, AS_JSON),
    ),
)  # fmt: skip
