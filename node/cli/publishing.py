"""Commands about what the group says: publish, recall, show."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from node import media, objects
from node.appeals import actions as appeals
from node.cli.commands import (
    AS_JSON,
    AS_MEMBER,
    CONFIRM,
    IN_GROUP,
    URGENT,
    Command,
    acting,
    group_of,
    opened,
    show,
    told,
    words,
)
from node.conditions import actions as conditions
from node.context import Node, Transaction
from node.decisions import Proposed, with_proposed
from node.errors import Conflict, Invalid, Missing
from node.media import Picture
from node.members import actions as members
from node.merges import candidates
from node.merges.matching import Match
from node.positions import actions as positions
from node.reports import actions as reports
from node.reports import documents
from node.statements import actions as statements
from node.statements import asking, linting, markup, mentioning, minority, passing_on, writing
from node.statements import store as statement_store
from node.statements.rules import Draft, Interest, State
from schemas.reading import loads

ASKED_LATER = "{name} is looked up once it is decided, and stays plain text if it cannot be found"


async def publish(options: argparse.Namespace) -> int:
    """Publish a statement, or a report of a struggle, from a file: Markdown, JSON or YAML."""
    (name,) = words(options)
    draft = asking.confirmed(draft_in(Path(name)), options.confirm or ())
    async with opened(options) as node:
        draft = await completed(node, draft, beside=Path(name).parent)
        alike = await node.database.read(_alike, options, draft) if draft.report else []
        (iri, state), proposed = await node.database.write(with_proposed, _publish, options, draft)
        delay = node.config.publication_delay
    for one in alike:
        print(f"perhaps the same struggle: {one.name} ({one.struggle}): {'; '.join(map(str, one.reasons))}\n"
              "if it is: commonwire struggle list, commonwire struggle merge", file=sys.stderr)  # fmt: skip
    return tell(options, iri, state, proposed, delay=delay, done="published")


def _alike(tx: Transaction, options: argparse.Namespace, draft: Draft) -> list[Match]:
    """The struggles that a report may be about; none where it cannot be read, which publishing says."""
    actor = group_of(tx, options).iri
    try:
        report = reports.preview(tx, draft, actor=actor)
        return candidates.like_draft(tx, reports.read_report(draft), report, actor=actor)
    except (Invalid, Missing, Conflict):
        return []


def draft_in(path: Path) -> Draft:
    """The draft in a file: Markdown with a front matter, JSON or YAML. Raises Invalid, with line and field."""
    if path.suffix.lower() in documents.ENDINGS:
        return documents.read(text_of(path), ending=path.suffix)
    return writing.read(text_of(path), report_keys=reports.REPORT_KEYS)


async def completed(node: Node, draft: Draft, *, beside: Path) -> Draft:
    """The draft with its pictures taken; says which names are looked up once it is decided."""
    whole = dataclasses.replace(draft, pictures=await _pictures(node, draft, beside))
    for named in filter(None, (draft.quote, draft.position.get("on"), draft.answer.get("to"))):
        await passing_on.bring(node, named, Interest.SOUGHT)
    for name in await node.database.read(mentioning.unknown, draft):
        print(ASKED_LATER.format(name=name), file=sys.stderr)
    warn(whole)
    return whole


def warn(draft: Draft) -> None:
    """Say what in the words of a draft may lead to a person."""
    for one in linting.findings(draft):
        print(f"may lead to a person: {one.kind.value} in {one.field}: “{one.words}”", file=sys.stderr)


def tell(
    options: argparse.Namespace, iri: str, state: State, proposed: Proposed | None, *, delay: int, done: str
) -> int:
    """Print where a publication stands, and how to stop it; 0."""
    text = f"{done}: {iri}"
    if state is State.WAITING and not delay:
        text = f"leaves when those it names have been looked up: {iri}"
    elif state is State.WAITING:
        text = f"leaves in {delay} s: {iri}\nuntil then it can be called back: commonwire recall {iri}"
    return told(options, proposed, {"id": iri, "state": state.value, "delay_seconds": delay}, text)


async def _pictures(node: Node, draft: Draft, beside: Path) -> tuple[Picture, ...]:
    """The pictures that a text shows, taken from the files beside it."""
    taken = []
    for named in writing.pictures_in(draft.text):
        if "://" in named.source:
            raise Invalid(f"{named.source} is not a file beside the statement", field="picture")
        try:
            taken.append(await media.take(node, (beside / unquote(named.source)).read_bytes(), named.description))
        except Invalid as error:
            raise Invalid(f"{named.source}: {error.why}", field="picture") from None
    return tuple(taken)


def _publish(tx: Transaction, options: argparse.Namespace, draft: Draft) -> tuple[str, State]:
    act = _act_for(draft)
    member = acting(tx, options)
    actor = group_of(tx, options).iri
    return act(tx, draft, actor=actor, member=member, urgent=options.urgent)


def _act_for(draft: Draft) -> Callable[..., tuple[str, State]]:
    if draft.position:
        return positions.take
    if draft.answer:
        return appeals.answer
    if draft.appeal:
        return appeals.publish
    if draft.conditions:
        return conditions.publish
    if draft.minority_of is not None:
        return minority.attach
    return reports.publish if draft.report else statements.publish


async def recall(options: argparse.Namespace) -> int:
    """Call back a publication that has not left."""
    (iri,) = words(options)
    async with opened(options) as node:
        await node.database.write(_recall, options, iri)
    return show(options, {"id": iri, "state": State.CALLED_BACK.value}, f"called back: {iri}")


def _recall(tx: Transaction, options: argparse.Namespace, iri: str) -> None:
    statements.call_back(tx, iri, member=members.named(tx, options.member))


def text_of(path: Path) -> str:
    """The text of a file. Raises Invalid if it is not UTF-8, or no file."""
    if path.is_dir():
        raise Invalid("{path} is a directory; name a file", path=path)
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise Invalid(f"{path} is not UTF-8 there; save it as UTF-8", line=line) from None


async def show_object(options: argparse.Namespace) -> int:
    """Show an object that the node holds."""
    (iri,) = words(options)
    async with opened(options) as node:
        row, text = await node.database.read(_held, iri)
    return show(options, loads(row.document), text)


def _held(tx: Transaction, iri: str) -> tuple[Any, str]:
    row = objects.find(tx, iri)
    if row is None:
        raise Missing(f"this node does not hold {iri}")
    if row.deleted is not None:
        raise Conflict(f"{iri} was deleted on {row.deleted:%Y-%m-%d} ({row.deletion_reason})")
    shown = statement_store.shown(tx, [iri]).get(iri)
    lines = [
        f"{row.kind} by {row.author}",
        f"published {row.published:%Y-%m-%d %H:%M} UTC, "
        + ("ours" if row.local else f"heard {row.heard:%Y-%m-%d %H:%M} UTC"),
    ]
    if shown is not None:
        lines += ["", *([shown.title, ""] if shown.title else []), markup.plain(shown.html)]
    return row, "\n".join(lines)


COMMANDS = (
    Command(
        "publish",
        "publish a statement, or a report of a struggle: a Markdown file with a front matter, or JSON or YAML",
        "commonwire publish ./union statement.md",
        publish,
        words=("FILE",),
        options=(CONFIRM, AS_MEMBER, IN_GROUP, URGENT, AS_JSON),
    ),
    Command(
        "recall",
        "call back a publication that has not left yet",
        "commonwire recall ./union https://union.example/statements/01ab23cd45ef6",
        recall,
        words=("IRI",),
        options=(AS_MEMBER, AS_JSON),
    ),
    Command(
        "show",
        "show an object that the node holds, ours or another's",
        "commonwire show ./union https://tenants.example/statements/01ab23cd45ef6",
        show_object,
        words=("IRI",),
        options=(AS_JSON,),
    ),
)
