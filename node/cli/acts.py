"""Commands about what was said: correct, delete, boost, unboost, vote in polls, pin, unpin; and the profile."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from node import media
from node.cli import publishing
from node.cli.commands import (
    AS_JSON,
    AS_MEMBER,
    CONFIRM,
    IN_GROUP,
    URGENT,
    Argument,
    Command,
    acting,
    group_of,
    opened,
    option,
    told,
    words,
)
from node.context import Node, Transaction
from node.decisions import with_proposed
from node.errors import Invalid
from node.groups import actions as groups
from node.media import Picture
from node.members import actions as members
from node.statements import asking, blanks, correcting, passing_on, polls, redacting
from node.statements.blanks import Part
from node.statements.rules import Draft, Interest, State
from schemas import codes


async def correct(options: argparse.Namespace) -> int:
    """Put a newer version of a statement in place of the one there is."""
    iri, name = words(options)
    draft = asking.confirmed(publishing.draft_in(Path(name)), options.confirm or ())
    async with opened(options) as node:
        draft = await publishing.completed(node, draft, beside=Path(name).parent)
        write = node.database.write
        (subject, state), proposed = await write(with_proposed, _correct, options, iri, draft)
        delay = node.config.publication_delay
    shown = subject if state is State.WAITING else iri
    return publishing.tell(options, shown, state, proposed, delay=delay, done="corrected")


def _correct(tx: Transaction, options: argparse.Namespace, iri: str, draft: Draft) -> tuple[str, State]:
    member = members.named(tx, options.member)
    return correcting.correct(tx, iri, draft, member=member, urgent=options.urgent)


async def delete(options: argparse.Namespace) -> int:
    """Delete a statement or a report."""
    (iri,) = words(options)
    async with opened(options) as node:
        _, proposed = await node.database.write(with_proposed, _delete, options, iri)
    text = f"deleted: {iri}\nthe running node asks all who may hold a copy to delete it too; not everybody will"
    return told(options, proposed, {"id": iri, "state": State.DELETED.value, "reason": options.reason}, text)


def _delete(tx: Transaction, options: argparse.Namespace, iri: str) -> None:
    member = members.named(tx, options.member)
    correcting.delete(tx, iri, reason=options.reason, member=member, urgent=options.urgent)


async def redact(options: argparse.Namespace) -> int:
    """Blank a part of a text, by the group's decision or because a law demands it of the host."""
    (iri,) = words(options)
    if options.by_host and options.reason != "illegal":
        raise Invalid("the host blanks what a law demands, and nothing else: say --reason illegal", field="--reason")
    part = blanks.read(options.part)
    async with opened(options) as node:
        _, proposed = await node.database.write(with_proposed, _redact, options, iri, part)
        if node.database.is_sqlite:
            await node.database.empty_log()
    text = f"blanked: {part.spelled} of {iri}\nthe running node tells all who may hold a copy; some may not follow"
    result = {"id": iri, "part": part.spelled, "state": "blanked", "reason": options.reason}
    return told(options, proposed, result, text)


def _redact(tx: Transaction, options: argparse.Namespace, iri: str, part: Part) -> None:
    if options.by_host:
        redacting.blank(tx, iri, part, reason=options.reason, by=redacting.HOST)
        return
    member = members.named(tx, options.member)
    redacting.redact(tx, iri, part, reason=options.reason, member=member, urgent=options.urgent)


async def boost(options: argparse.Namespace) -> int:
    """Boost something that somebody has said."""
    (iri,) = words(options)
    async with opened(options) as node:
        await passing_on.bring(node, iri, Interest.PASSED_ON)
        _, proposed = await node.database.write(with_proposed, _in_group, options, passing_on.boost, iri)
    return told(options, proposed, {"id": iri, "state": "boosted"}, f"boosted: {iri}")


async def unboost(options: argparse.Namespace) -> int:
    """Take back a boost."""
    (iri,) = words(options)
    async with opened(options) as node:
        _, proposed = await node.database.write(with_proposed, _in_group, options, passing_on.unboost, iri)
    return told(options, proposed, {"id": iri, "state": "not boosted"}, f"no longer boosted: {iri}")


async def vote_in_poll(options: argparse.Namespace) -> int:
    """Vote in a poll of somebody else."""
    iri, *_ = words(options)

    def act(tx: Transaction) -> None:
        member, group = acting(tx, options), group_of(tx, options).iri
        polls.vote(tx, iri, polls.numbers(tx, iri, options.choice), actor=group, member=member, urgent=options.urgent)

    async with opened(options) as node:
        await passing_on.bring(node, iri, Interest.PASSED_ON)
        _, proposed = await node.database.write(with_proposed, act)
    return told(options, proposed, {"id": iri, "state": "voted"}, f"voted: {iri}")


async def pin(options: argparse.Namespace) -> int:
    """Pin a statement of the group to its page."""
    (iri,) = words(options)

    def act(tx: Transaction) -> None:
        passing_on.pin(tx, iri, member=members.named(tx, options.member), urgent=options.urgent)

    async with opened(options) as node:
        _, proposed = await node.database.write(with_proposed, act)
    return told(options, proposed, {"id": iri, "state": "pinned"}, f"pinned: {iri}")


async def unpin(options: argparse.Namespace) -> int:
    """Take a statement down from the group's page."""
    (iri,) = words(options)
    async with opened(options) as node:
        _, proposed = await node.database.write(with_proposed, _in_group, options, passing_on.unpin, iri)
    return told(options, proposed, {"id": iri, "state": "not pinned"}, f"no longer pinned: {iri}")


def _in_group(tx: Transaction, options: argparse.Namespace, act: Callable[..., Any], iri: str) -> None:
    member = acting(tx, options)
    act(tx, iri, actor=group_of(tx, options).iri, member=member, urgent=options.urgent)


async def profile(options: argparse.Namespace) -> int:
    """Show the group's profile, or change it."""
    words(options)
    async with opened(options) as node:
        changes, proposed = await _changes(node, options), None
        if changes:
            _, proposed = await node.database.write(with_proposed, _edit_profile, options, changes)
        result = await node.database.read(_profile, options)
    lines = [f"{name}: {value if value is not None else '-'}" for name, value in result.items()]
    return told(options, proposed, result, "\n".join(lines))


async def _changes(node: Node, options: argparse.Namespace) -> dict[str, Any]:
    changes = {name: getattr(options, name) for name in ("name", "tendency") if getattr(options, name) is not None}
    for name in ("summary", "rules", "extended"):
        if (path := getattr(options, name)) is not None:
            changes[name] = publishing.text_of(Path(path)) if path else ""
    for name in ("icon", "image"):
        if (file := getattr(options, name)) is not None:
            changes[name] = (await _picture(node, Path(file), name)).as_json() if file else ""
    for name in ("indexable", "discoverable"):
        if getattr(options, name) is not None:
            changes[name] = getattr(options, name) == "yes"
    return changes


async def _picture(node: Node, path: Path, name: str) -> Picture:
    try:
        what = "The sign of the group" if name == "icon" else "A picture"
        return await media.take(node, path.read_bytes(), what, preview=0)
    except Invalid as error:
        raise Invalid(f"{path}: {error.why}", field=f"--{name}") from None


def _edit_profile(tx: Transaction, options: argparse.Namespace, changes: dict[str, Any]) -> None:
    group, member = group_of(tx, options), acting(tx, options)
    groups.edit_profile(tx, changes, actor=group.iri, member=member, urgent=options.urgent)


def _profile(tx: Transaction, options: argparse.Namespace) -> dict[str, Any]:
    row = group_of(tx, options)
    pictures = {
        name: tx.node.address(f"/media/{kept['name']}") if kept else None
        for name, kept in (("icon", row.icon), ("image", row.image))
    }
    shown = {
        name: getattr(row, name)
        for name in ("name", "summary", "summary_source", "tendency", "indexable", "discoverable", "rules", "extended")
    }
    return {"id": row.iri, **shown, **pictures}


def _command(name: str, help: str, run: Any, address: str, *more: Argument) -> Command:
    example = f"commonwire {name} ./union {address}"
    return Command(name, help, example, run, words=("IRI",), options=(AS_MEMBER, *more, URGENT, AS_JSON))


OURS = "https://union.example/statements/01ab23cd45ef6"
THEIRS = "https://tenants.example/statements/01ab23cd45ef6"

COMMANDS = (
    Command(
        "correct",
        "put a newer version of a statement or report in place of the one there is",
        "commonwire correct ./union https://union.example/statements/01ab23cd45ef6 statement.md",
        correct,
        words=("IRI", "FILE"),
        options=(CONFIRM, AS_MEMBER, URGENT, AS_JSON),
    ),
    Command(
        "delete",
        "delete a statement or report; a tombstone with the category of the reason stays",
        "commonwire delete ./union https://union.example/statements/01ab23cd45ef6 --reason mistake",
        delete,
        words=("IRI",),
        options=(
            option("--reason", required=True, metavar="CATEGORY", help=f"one of {', '.join(codes.DELETION_REASONS)}"),
            AS_MEMBER,
            URGENT,
            AS_JSON,
        ),
    ),
    Command(
        "redact",
        "blank a part of a statement, report or position, here and at peers; the category of the reason stays",
        "commonwire redact ./union https://union.example/statements/01ab23cd45ef6 --part attachment:2 --reason safety",
        redact,
        words=("IRI",),
        options=(
            option(
                "--part",
                required=True,
                metavar="PART",
                help="text, title, summary, tags, arguments, voters, a key of a report or an event, attachment:1 (the "
                "first picture), or revision:1 (the first version there was)",
            ),
            option("--reason", required=True, metavar="CATEGORY", help=f"one of {', '.join(codes.DELETION_REASONS)}"),
            option(
                "--by-host",
                action="store_true",
                help="without a decision, because a law demands it; the page says that it was not the group",
            ),
            AS_MEMBER,
            URGENT,
            AS_JSON,
        ),
    ),
    _command("boost", "pass on to the followers what somebody has said", boost, THEIRS, IN_GROUP),
    _command("unboost", "take back a boost", unboost, THEIRS, IN_GROUP),
    Command(
        "poll vote",
        "vote as the group in a poll of somebody else; nothing takes a vote back",
        f"commonwire poll vote ./union {THEIRS} --choice Monday",
        vote_in_poll,
        words=("IRI",),
        options=(
            option(
                "--choice",
                action="append",
                required=True,
                metavar="ANSWER",
                help="an answer as it stands there, or its number counted from 1; again for another",
            ),
            AS_MEMBER,
            IN_GROUP,
            URGENT,
            AS_JSON,
        ),
    ),
    _command("pin", "pin a statement of the group to the top of its page", pin, OURS),
    _command("unpin", "take a pinned statement down", unpin, OURS, IN_GROUP),
    Command(
        "profile",
        "show how the group presents itself, or change it; an empty value takes away what is there",
        "commonwire profile ./union --summary about-us.md --icon sign.png --indexable no",
        profile,
        options=(
            option("--name", metavar="TEXT", help="what the group is called; its handle stays"),
            option("--summary", metavar="FILE", help="who you are, in Markdown"),
            option("--extended", metavar="FILE", help="what the node is for, at length, in Markdown; apps show it"),
            option("--rules", metavar="FILE", help="the rules of the node for its readers, one to a line"),
            option("--icon", metavar="FILE", help="the group's sign: JPEG, PNG, WebP or GIF"),
            option("--image", metavar="FILE", help="the wide picture above the profile elsewhere"),
            option("--tendency", metavar="TEXT", help="the political tendency that the group names as its own"),
            option("--indexable", choices=("yes", "no"), help="whether others may search your texts"),
            option("--discoverable", choices=("yes", "no"), help="whether other servers may recommend the group"),
            AS_MEMBER,
            IN_GROUP,
            URGENT,
            AS_JSON,
        ),
    ),
)
