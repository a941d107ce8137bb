"""Commands about appeals: appeal answer, end, list. An appeal is published from a file, as any text."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from node import localised
from node.appeals import actions, listing, rules, store
from node.appeals.listing import Listed
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
    words,
)
from node.context import Transaction
from node.decisions import with_proposed
from node.errors import Invalid
from node.members import actions as members
from node.reports import amounts
from node.statements.rules import Draft
from node.statements.rules import State as Publication
from schemas import codes

LISTED = 100
THEIRS = "https://tram.example/appeals/01ab23cd45ef6"
OURS = "https://union.example/appeals/01ab23cd45ef6"


async def answer(options: argparse.Namespace) -> int:
    """Answer an appeal of another group."""
    appeal, name = words(options)
    draft = _to(publishing.draft_in(Path(name)), appeal, options)
    async with opened(options) as node:
        draft = await publishing.completed(node, draft, beside=Path(name).parent)

        def act(tx: Transaction) -> tuple[str, Publication]:
            group, member = group_of(tx, options), acting(tx, options)
            return actions.answer(tx, draft, actor=group.iri, member=member, urgent=options.urgent)

        (iri, state), proposed = await node.database.write(with_proposed, act)
        delay = node.config.publication_delay
    return publishing.tell(options, iri, state, proposed, delay=delay, done="answered")


def _to(draft: Draft, appeal: str, options: argparse.Namespace) -> Draft:
    """The draft in a file as an answer to `appeal`. Raises Invalid if the file says something else."""
    said = {"to": appeal, "kind": options.answer, "pledge": options.pledge}
    for name, value in said.items():
        before = draft.answer.get(name)
        if value is not None and before not in (None, value):
            field = {"to": "answers", "kind": "answer"}.get(name, name)
            raise Invalid("the file says “{said}”, the command “{given}”", field=field, said=before, given=value)
    given = {name: value for name, value in said.items() if value is not None}
    return dataclasses.replace(draft, answer={**draft.answer, **given})


async def end(options: argparse.Namespace) -> int:
    """Say that an appeal of the group is met or closed."""
    (iri,) = words(options)

    def act(tx: Transaction) -> tuple[str, Publication]:
        member = members.named(tx, options.member)
        return actions.end(tx, iri, status=options.status, member=member, urgent=options.urgent)

    async with opened(options) as node:
        (subject, state), proposed = await node.database.write(with_proposed, act)
        delay = node.config.publication_delay
    return publishing.tell(options, subject, state, proposed, delay=delay, done=f"the appeal is {options.status}")


async def listed(options: argparse.Namespace) -> int:
    """List the appeals that are open, or all."""
    words(options)

    def find(tx: Transaction) -> list[Listed]:
        on = (options.struggle,) if options.struggle else ()
        author = group_of(tx, options).iri if options.own else None
        rows = store.listed(tx, struggles=on, kind=options.kind, author=author, ended=options.all, limit=LISTED)
        return listing.of(tx, rows)

    async with opened(options) as node:
        found = await node.database.read(find)
    return show(options, [one.as_json() for one in found], "\n".join(map(_text, found)) or "there is no such appeal")


def _text(one: Listed) -> str:
    facts: list[Any] = [", ".join(one.kinds)]
    facts += [amounts.said(one.goal, "en")] if one.goal else []
    facts += [f"until {localised.day(one.until, 'en')}"] if one.until else []
    facts += [] if one.open else [one.status if one.status in rules.ENDED else "its time has passed"]
    facts += [f"answered by {one.groups}"] if one.groups else []
    said = "".join(letter if letter.isprintable() else " " for letter in (one.title or one.text)[:200])
    return f"{'; '.join(facts)}\n    {one.handle}: {said}\n    {one.id}"


KINDS, ANSWERS = ", ".join(codes.APPEAL_KINDS), ", ".join(codes.APPEAL_ANSWERS)

COMMANDS = (
    Command(
        "appeal answer",
        "answer an appeal of another group: what the file says, and what the group has given or will",
        f'commonwire appeal answer ./union {THEIRS} with-you.md --answer promised --pledge "400 EUR"',
        answer,
        words=("IRI", "FILE"),
        options=(
            option("--answer", choices=tuple(codes.APPEAL_ANSWERS), metavar="ANSWER", help=f"one of {ANSWERS}"),
            option("--pledge", metavar="AMOUNT", help="how much: 400 EUR, 20 beds"),
            AS_MEMBER, IN_GROUP, URGENT, AS_JSON,
        ),
    ),
    Command(
        "appeal end",
        "say that what an appeal of the group asks for is there, or that it is asked for no longer",
        f"commonwire appeal end ./union {OURS} --as-state met",
        end,
        words=("IRI",),
        options=(
            option("--as-state", dest="status", choices=rules.ENDED, default="met", metavar="STATE",
                   help=f"one of {', '.join(rules.ENDED)} (default: met)"),
            AS_MEMBER, URGENT, AS_JSON,
        ),
    ),
    Command(
        "appeal list",
        "list the open appeals of this node's groups and of those it hears",
        "commonwire appeal list ./union --kind strike-fund",
        listed,
        options=(
            option("--kind", choices=tuple(codes.APPEAL_KINDS), metavar="KIND", help=f"one of {KINDS}"),
            option("--struggle", metavar="IRI", help="those for this struggle"),
            option("--own", action="store_true", help="the group's own"),
            option("--all", action="store_true", help="those that have ended, too"),
            IN_GROUP, AS_JSON,
        ),
    ),
)  # fmt: skip
