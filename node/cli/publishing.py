"""Commands about what the group says: publish, recall, import, show."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from node import media, objects
from node.appeals import actions as appeals
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
from node.cli.progress import Progress
from node.context import Node, Transaction
from node.decisions import Proposed, with_proposed
from node.errors import Conflict, Invalid, Missing
from node.media import Picture
from node.members import actions as members
from node.positions import actions as positions
from node.reports import actions as reports
from node.reports import documents, importing, imports
from node.reports.imports import Draft as ReportDraft
from node.reports.imports import Mapping, RefusedRow
from node.reports.rules import Provenance
from node.statements import actions as statements
from node.statements import markup, minority, passing_on, writing
from node.statements import store as statement_store
from node.statements.rules import Draft, Interest, State
from node.statements.writing import Mentioned
from schemas.reading import loads

ROWS_TOGETHER = 200


async def publish(options: argparse.Namespace) -> int:
    """Publish a statement, or a report of a struggle, from a file: Markdown, JSON or YAML."""
    (name,) = words(options)
    draft = draft_in(Path(name))
    async with opened(options) as node:
        draft, mentions = await completed(node, draft, beside=Path(name).parent)
        (iri, state), proposed = await node.database.write(with_proposed, _publish, options, draft, mentions)
        delay = node.config.publication_delay
    return tell(options, iri, state, proposed, delay=delay, done="published")


def draft_in(path: Path) -> Draft:
    """The draft in a file: Markdown with a front matter, JSON or YAML. Raises Invalid, with line and field."""
    if path.suffix.lower() in documents.ENDINGS:
        return documents.read(text_of(path), ending=path.suffix)
    return writing.read(text_of(path), report_keys=reports.REPORT_KEYS)


async def completed(node: Node, draft: Draft, *, beside: Path) -> tuple[Draft, dict[str, Mentioned]]:
    """The draft with its pictures taken, and whom it names; says which names lead nowhere."""
    whole = dataclasses.replace(draft, pictures=await _pictures(node, draft, beside))
    for named in filter(None, (draft.quote, draft.position.get("on"), draft.answer.get("to"))):
        await passing_on.bring(node, named, Interest.SOUGHT)
    mentions = await statements.find_mentioned(node, draft.text)
    for handle in writing.handles_in(draft.text):
        if handle not in mentions:
            print(f"{handle} could not be found and stays plain text", file=sys.stderr)
    return whole, mentions


def tell(
    options: argparse.Namespace, iri: str, state: State, proposed: Proposed | None, *, delay: int, done: str
) -> int:
    """Print where a publication stands, and how to stop it; 0."""
    text = f"{done}: {iri}"
    if state is State.WAITING:
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


def _publish(tx: Transaction, options: argparse.Namespace, draft: Draft, mentions: Any) -> tuple[str, State]:
    act = _act_for(draft)
    member = acting(tx, options)
    actor = group_of(tx, options).iri
    return act(tx, draft, actor=actor, member=member, mentions=mentions, urgent=options.urgent)


def _act_for(draft: Draft) -> Callable[..., tuple[str, State]]:
    if draft.position:
        return positions.take
    if draft.answer:
        return appeals.answer
    if draft.appeal:
        return appeals.publish
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


async def import_table(options: argparse.Namespace) -> int:
    """Import a table of struggle reports."""
    (name,) = words(options)
    path = Path(name)
    async with opened(options) as node:
        outline = imports.outline(path, limit_rows=node.config.import_rows)
        mapping = _mapping(options.mapping, outline.columns)
        provenance = None if options.dry_run else _provenance(options, mapping, path, today=node.clock().date())
        for note in outline.notes:
            print(note, file=sys.stderr)
        if unused := imports.unused(mapping, outline.columns):
            print(f"columns that nothing is read from: {', '.join(unused)}", file=sys.stderr)
        drafts, refused = _read(path, mapping, outline.count, limit_rows=node.config.import_rows)
        for row in refused:
            print(f"refused: {row}", file=sys.stderr)
        if provenance is None:
            return _report_dry_run(options, drafts, refused)
        if not drafts:
            raise Invalid(f"no row of {path} can be imported, nothing has changed")
        return await _import(node, options, provenance, mapping, path, drafts, refused)


async def _import(
    node: Node,
    options: argparse.Namespace,
    provenance: Provenance,
    mapping: Mapping,
    path: Path,
    drafts: list[ReportDraft],
    refused: list[RefusedRow],
) -> int:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    iri = await node.database.write(_begin, options, provenance, mapping.name, digest)
    fresh = 0
    with Progress("transcribing", len(drafts)) as bar:
        for some in _in_parts(drafts, ROWS_TOGETHER):
            fresh += await node.database.write(importing.transcribe, iri, some)
            bar.advance(len(some))
    state, proposed = await node.database.write(with_proposed, _propose, options, iri, len(refused))
    known = len(drafts) - fresh
    result = {"id": iri, "state": state.value, "reports": fresh, "known": known, "refused": len(refused)}
    if state is State.CALLED_BACK:
        return show(options, result, f"all {known:,} rows were imported before, nothing has changed")
    text = f"reports imported: {fresh:,}, known before: {known:,}, refused: {len(refused):,}\n{iri}"
    if state is State.WAITING:
        text += f"\nthe collection and its digest leave in {node.config.publication_delay} s"
    if proposed is not None and state is State.PROPOSED:
        print(text, file=sys.stderr)
    return told(options, proposed, result, text)


def _begin(tx: Transaction, options: argparse.Namespace, provenance: Provenance, mapping: str, digest: str) -> str:
    group, member = group_of(tx, options), acting(tx, options)
    return importing.begin_import(tx, provenance, actor=group.iri, member=member, mapping=mapping, file_digest=digest)


def _propose(tx: Transaction, options: argparse.Namespace, iri: str, refused: int) -> State:
    return importing.propose_import(
        tx, iri, refused=refused, member=members.named(tx, options.member), urgent=options.urgent
    )


def _read(path: Path, mapping: Mapping, count: int, *, limit_rows: int) -> tuple[list[ReportDraft], list[RefusedRow]]:
    drafts: list[ReportDraft] = []
    refused: list[RefusedRow] = []
    with Progress("reading", count) as bar:
        for number, found in enumerate(imports.read_all(imports.rows(path, limit_rows=limit_rows), mapping), start=1):
            if isinstance(found, RefusedRow):
                refused.append(found)
            else:
                drafts.append(found)
            if number % 100 == 0 or number == count:
                bar.reach(number)
    return drafts, refused


def _report_dry_run(options: argparse.Namespace, drafts: list[ReportDraft], refused: list[RefusedRow]) -> int:
    result = {"reports": len(drafts), "refused": [dataclasses.asdict(row) for row in refused]}
    text = f"rows that can be imported: {len(drafts):,}, refused: {len(refused):,}; nothing has changed"
    return show(options, result, text)


def _mapping(name: str | None, columns: Sequence[str]) -> Mapping:
    if name is None:
        found = imports.detect(columns)
        if found is None:
            raise Invalid(
                f"no mapping fits these columns: {', '.join(columns)[:300]}; give one: --mapping NAME or FILE.toml",
                field="--mapping",
            )
        return found
    mapping = imports.from_toml(Path(name)) if name.endswith(".toml") else imports.named(name)
    return imports.fitted(mapping, columns)


def _provenance(options: argparse.Namespace, mapping: Mapping, path: Path, *, today: date) -> Provenance:
    publisher = options.publisher or mapping.publisher or ""
    if not publisher.strip():
        raise Invalid(
            "say who published the table, so that readers can judge it: --publisher NAME", field="--publisher"
        )
    try:
        retrieved = date.fromisoformat(options.retrieved) if options.retrieved else today
    except ValueError:
        raise Invalid(f"{options.retrieved!r} is not a day such as {today}", field="--retrieved") from None
    return Provenance(
        title=options.title or f"{path.stem.replace('-', ' ').replace('_', ' ')}: reports from {publisher}",
        publisher=publisher,
        publisher_url=options.publisher_url or mapping.publisher_url or None,
        licence=options.licence or mapping.licence or None,
        retrieved=retrieved,
    )


def _in_parts(drafts: list[ReportDraft], size: int) -> Iterator[list[ReportDraft]]:
    for start in range(0, len(drafts), size):
        yield drafts[start : start + size]


def text_of(path: Path) -> str:
    """The text of a file. Raises Invalid if it is not UTF-8."""
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
        options=(AS_MEMBER, IN_GROUP, URGENT, AS_JSON),
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
        "import",
        "import a table of struggle reports (CSV or XLSX) into a collection of its own",
        "commonwire import ./union stoppages.csv --mapping fmcs --retrieved 2026-11-01",
        import_table,
        words=("FILE",),
        options=(
            option(
                "--mapping",
                metavar="NAME",
                help="commonwire, fmcs, bls, labor-action-tracker, or a TOML file (default: found by the columns)",
            ),
            option("--title", metavar="TEXT", help="what the collection is called"),
            option("--publisher", metavar="NAME", help="who published the table"),
            option("--publisher-url", metavar="URL", help="where the publisher did"),
            option("--licence", metavar="TEXT", help="under which licence, such as CC-BY-4.0"),
            option("--retrieved", metavar="DATE", help="the day on which the table was taken (default: today)"),
            option("--dry-run", action="store_true", help="say what would be imported and refused, and change nothing"),
            AS_MEMBER,
            IN_GROUP,
            URGENT,
            AS_JSON,
        ),
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
