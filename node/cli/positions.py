"""Commands about positions on texts: position take, revoke, list, admit, decline, remove."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
from node.errors import Invalid
from node.members import actions as members
from node.positions import actions, listing, moderation, rules, store
from node.positions.listing import Listed
from node.statements.rules import Draft
from node.statements.rules import State as Publication
from schemas import codes


async def take(options: argparse.Namespace) -> int:
    """Take a position on a text, or replace the one there is."""
    about, name = words(options)
    draft = _on(publishing.draft_in(Path(name)), about, options.stance)
    async with opened(options) as node:
        draft = await publishing.completed(node, draft, beside=Path(name).parent)

        def act(tx: Transaction) -> tuple[str, Publication]:
            group, member = group_of(tx, options), acting(tx, options)
            return actions.take(tx, draft, actor=group.iri, member=member, urgent=options.urgent)

        (iri, state), proposed = await node.database.write(with_proposed, act)
        delay = node.config.publication_delay
    return publishing.tell(options, iri, state, proposed, delay=delay, done="position taken")


def _on(draft: Draft, about: str, stance: str | None) -> Draft:
    """The draft in a file as a position on `about`. Raises Invalid if the file says another."""
    given = {"on": about, "stance": stance or draft.position.get("stance", "")}
    for name, value in given.items():
        if draft.position.get(name, value) != value:
            field = "position_on" if name == "on" else name
            raise Invalid("the file says “{said}”, the command “{given}”", field=field, said=draft.position[name],
                          given=value)  # fmt: skip
    return dataclasses.replace(draft, position=given)


async def revoke(options: argparse.Namespace) -> int:
    """Take back a position of the group."""
    (iri,) = words(options)

    def act(tx: Transaction) -> State:
        member = members.named(tx, options.member)
        return actions.revoke(tx, iri, member=member, reason=options.reason, urgent=options.urgent)

    async with opened(options) as node:
        _, proposed = await node.database.write(with_proposed, act)
    text = f"revoked: {iri}\nthe running node asks all who may hold a copy to delete it too; not everybody will"
    return told(options, proposed, {"id": iri, "state": "revoked"}, text)


async def listed(options: argparse.Namespace) -> int:
    """List positions: the group's own, those on a text, or those that wait."""
    words(options)

    def find(tx: Transaction) -> list[Listed]:
        if options.on:
            return listing.on(tx, options.on)
        group = group_of(tx, options).iri
        return listing.of(tx, moderation.waiting(tx, group) if options.waiting else store.by(tx, group))

    async with opened(options) as node:
        found = await node.database.read(find)
    nothing = "none waits to be admitted" if options.waiting else "there is no position"
    return show(options, [one.as_json() for one in found], "\n".join(map(_text, found)) or nothing)


def _text(one: Listed) -> str:
    tendency = f" ({one.tendency})" if one.tendency else ""
    outdated = ", on an earlier version of the text" if one.outdated else ""
    said = "".join(letter if letter.isprintable() else " " for letter in one.text[:300])
    return f"{one.stance:<12} {one.handle}{tendency}{outdated}\n    {one.id}\n    on {one.on}\n    {said}"


async def remove(options: argparse.Namespace) -> int:
    """Remove a position of another for one of four reasons."""
    (iri,) = words(options)

    def act(tx: Transaction) -> State:
        whom = {"actor": group_of(tx, options).iri, "member": acting(tx, options)}
        return moderation.remove(tx, iri, reason=options.reason, urgent=options.urgent, **whom)

    async with opened(options) as node:
        _, proposed = await node.database.write(with_proposed, act)
    text = f"removed: {iri}\nthe page of the text says so, with the reason: {options.reason}"
    return told(options, proposed, {"id": iri, "state": "removed", "reason": options.reason}, text)


def _deciding(decide: Callable[..., State], done: str, sentence: str) -> Callable[[argparse.Namespace], Any]:
    async def run(options: argparse.Namespace) -> int:
        (iri,) = words(options)

        def act(tx: Transaction) -> State:
            group, member = group_of(tx, options), acting(tx, options)
            return decide(tx, iri, actor=group.iri, member=member, urgent=options.urgent)

        async with opened(options) as node:
            _, proposed = await node.database.write(with_proposed, act)
        return told(options, proposed, {"id": iri, "state": done}, f"{sentence}: {iri}")

    return run


THEIRS = "https://tenants.example/positions/01ab23cd45ef6"

STANCES, CATEGORIES = ", ".join(codes.STANCES), ", ".join(codes.DELETION_REASONS)

COMMANDS = (
    Command(
        "position take",
        "take the group's position on a text of another group; it replaces the one there is",
        "commonwire position take ./union https://tenants.example/statements/01ab23cd45ef6 why.md --stance support",
        take,
        words=("IRI", "FILE"),
        options=(
            option("--stance", choices=tuple(codes.STANCES), metavar="STANCE", help=f"one of {STANCES}"),
            AS_MEMBER, IN_GROUP, URGENT, AS_JSON,
        ),
    ),
    Command(
        "position revoke",
        "take back a position of the group",
        "commonwire position revoke ./union https://union.example/positions/01ab23cd45ef6",
        revoke,
        words=("IRI",),
        options=(
            option(
                "--reason", default=actions.REVOKED, metavar="CATEGORY",
                help=f"one of {CATEGORIES} (default: {actions.REVOKED})",
            ),
            AS_MEMBER, URGENT, AS_JSON,
        ),
    ),
    Command(
        "position list",
        "list the group's positions, those on a text, or those that wait to be admitted",
        "commonwire position list ./union --on https://union.example/statements/01ab23cd45ef6",
        listed,
        options=(
            option("--on", metavar="IRI", help="those of all groups that are shown on this text"),
            option("--waiting", action="store_true", help="those of groups that nobody here follows"),
            IN_GROUP, AS_JSON,
        ),
    ),
    Command(
        "position admit",
        "show a position of a group that nobody here follows",
        f"commonwire position admit ./union {THEIRS}",
        _deciding(moderation.admit, "shown", "shown"),
        words=("IRI",),
        options=(AS_MEMBER, IN_GROUP, URGENT, AS_JSON),
    ),
    Command(
        "position decline",
        "turn away a position that waits; it does not come again, and nobody is told",
        f"commonwire position decline ./union {THEIRS}",
        _deciding(moderation.decline, "declined", "turned away"),
        words=("IRI",),
        options=(AS_MEMBER, IN_GROUP, URGENT, AS_JSON),
    ),
    Command(
        "position remove",
        "remove a position of another group, for one of four reasons; the page of the text then says so",
        f"commonwire position remove ./union {THEIRS} --reason personal-data",
        remove,
        words=("IRI",),
        options=(
            option("--reason", required=True, metavar="REASON", help=f"one of {', '.join(rules.REASONS)}"),
            AS_MEMBER, IN_GROUP, URGENT, AS_JSON,
        ),
    ),
)  # fmt: skip
