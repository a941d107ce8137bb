"""Commands about tables of reports: import one, undo an import."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

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
    option,
    show,
    told,
    words,
)
from node.cli.progress import Progress
from node.context import Node, Transaction
from node.decisions import State as DecisionState
from node.decisions import with_proposed
from node.errors import Invalid
from node.members import actions as members
from node.reports import asking, importing, imports, undoing
from node.reports.imports import Draft as ReportDraft
from node.reports.imports import Mapping, RefusedRow
from node.reports.rules import Provenance
from node.statements.rules import State
from schemas import codes

ROWS_TOGETHER = 200
DRAFTS_SHOWN = 3


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
        sifted = await node.database.read(_sift, options, drafts, mapping)
        drafts, refused = sifted.drafts, sorted([*refused, *sifted.refused], key=lambda row: row.line)
        for row in refused:
            print(f"refused: {row}", file=sys.stderr)
        noted = asking.rows(drafts if sifted.fresh else (), mapping, today=node.clock().date())
        for line in _notes(noted, mapping):
            print(line, file=sys.stderr)
        if provenance is None:
            return _tell_dry_run(options, drafts, refused, noted, known=sifted.known)
        if not drafts:
            raise Invalid(f"no row of {path} can be imported, nothing has changed")
        asking.check_table(noted, " ".join(options.confirm or ()))
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


def _notes(noted: Sequence[asking.Row], mapping: Mapping) -> Iterator[str]:
    """What there is to say about rows: what is asked, and what in their words may lead to a person."""
    for row in noted:
        yield from (f"line {row.line}: {one.sentence}" for one in row.questions)
        for one in row.findings:
            where = mapping.heading(one.field)
            yield f"line {row.line}, {where}: may lead to a person: {one.kind.value} “{one.words}”"


def _sift(
    tx: Transaction, options: argparse.Namespace, drafts: list[ReportDraft], mapping: Mapping
) -> importing.Sifted:
    return importing.sift(tx, drafts, actor=group_of(tx, options).iri, mapping=mapping)


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


def _tell_dry_run(
    options: argparse.Namespace,
    drafts: list[ReportDraft],
    refused: list[RefusedRow],
    noted: Sequence[asking.Row],
    *,
    known: int,
) -> int:
    """Say what an import would do: how many reports of what, the first of them in words, and what is refused."""
    questions = asking.of_table(noted)
    counted = Counter(one.measure for draft in drafts for one in draft.measures if one.absent is None)
    first = [{"line": one.line, "title": one.title, "summary": one.summary} for one in drafts[:DRAFTS_SHOWN]]
    result = {
        "reports": len(drafts) - known,
        "known": known,
        "struggles": len({draft.struggle_key for draft in drafts}),
        "counted": dict(counted.most_common()),
        "first": first,
        "refused": [dataclasses.asdict(row) for row in refused],
        "questions": [{"asked": str(one.sentence), "confirm": one.word} for one in questions],
        "warnings": [
            {"line": row.line, "kind": one.kind.value, "field": one.field, "words": one.words}
            for row in noted
            for one in row.findings
        ],
    }
    lines = [f"reports: {len(drafts) - known:,}, known before: {known:,}, refused: {len(refused):,}"]
    lines.append(f"struggles: {result['struggles']:,}")
    lines += [f"reports that say {measure}: {count:,}" for measure, count in counted.most_common()]
    if questions:
        lines.append(f"to import it like that: --confirm {' --confirm '.join(one.word for one in questions)}")
    lines += [f"line {one['line']}: {one['title']}\n    {one['summary']}" for one in first]
    return show(options, result, "\n".join([*lines, "nothing has changed"]))


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


async def undo(options: argparse.Namespace) -> int:
    """Undo an import."""
    (iri,) = words(options)
    async with opened(options) as node:
        _, proposed = await node.database.write(with_proposed, _undo, options, iri)
    text = (
        f"undone: {iri}\nits reports stand no more, and its file can be imported again; the running node drops them "
        "and asks the nodes that have fetched them to do so too"
    )
    return told(options, proposed, {"id": iri, "state": "undone", "reason": options.reason}, text)


def _undo(tx: Transaction, options: argparse.Namespace, iri: str) -> DecisionState:
    member = members.named(tx, options.member)
    return undoing.undo(tx, iri, reason=options.reason, member=member, urgent=options.urgent)


COMMANDS = (
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
            option(
                "--dry-run",
                action="store_true",
                help="say what would be imported and refused, show the first reports, and change nothing",
            ),
            CONFIRM,
            AS_MEMBER,
            IN_GROUP,
            URGENT,
            AS_JSON,
        ),
    ),
    Command(
        "import undo",
        "undo an import: all its reports, here and on the nodes that have fetched them",
        "commonwire import undo ./union https://union.example/imports/01ab23cd45ef6 --reason mistake",
        undo,
        words=("IRI",),
        options=(
            option(
                "--reason", choices=tuple(codes.DELETION_REASONS), default="mistake", help="the category of the reason"
            ),
            AS_MEMBER,
            URGENT,
            AS_JSON,
        ),
    ),
)
