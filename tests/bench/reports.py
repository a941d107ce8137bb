"""How many reports a second are imported, and nodes that hold 15,000 or 150,000 of them for the other parts.

`fill` enters plausible reports into a node's database without waiting for what an import does to each (no proofs):
`python -m tests.bench.reports DIRECTORY 15000` does so to the node in DIRECTORY.
"""

from __future__ import annotations

import asyncio
import csv
import json
import resource
import sys
import tempfile
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import schemas
from node import actors, app, config, identifiers, objects
from node.context import Node, Transaction
from node.database import insert
from node.objects import Kept
from node.peering import store as follows
from node.peering.rules import Follow
from node.reports import store, transcriptions
from node.reports.facts import Facts, facts
from node.reports.rules import ImportState, Provenance
from node.statements import store as statements
from node.statements.store import Shown
from tests.bench import processes
from tests.bench.plausible import PEERS, STRANGERS, Told, told
from tests.bench.report import Report, Settings
from tests.bench.served import ROOT, environment, served

TOGETHER = 2_000


async def fill(node: Node, count: int, *, seed: int = 1) -> None:
    """Enter `count` reports by the node's group, by groups that it follows and by strangers; always the same ones."""
    group = await node.database.write(_acquaint)
    made = told(count, group=group, origin=node.config.origin, seed=seed)
    while some := await asyncio.to_thread(lambda: list(islice(made, TOGETHER))):
        await node.database.write(_enter, some, group)
    await node.database.write(_count)


def _acquaint(tx: Transaction) -> str:
    """Enter the authors, who of them is followed, and the collections in which transcribed reports stand."""
    group: str = actors.main_group(tx).iri
    rows: list[dict[str, Any]] = [
        {"iri": one, "number": identifiers.mint(tx.now), "local": False, "type": "Organization", "handle": "paper", "host": actors.host_of(one),
         "name": f"The Paper of {actors.host_of(one).partition('.')[0]}", "url": one, "inbox": f"{one}/inbox",
         "document": b"{}", "seen": tx.now}
        for one in (*PEERS, *STRANGERS)
    ]  # fmt: skip
    tx.execute(insert(tx, actors.actors).on_conflict_do_nothing(), rows)
    for peer in PEERS:
        follows.put(tx, follower=group, followed=peer, activity=f"{group}#follow-{peer}", state=Follow.ACCEPTED)
    day = (tx.now - timedelta(days=1)).date()
    for author in (group, *PEERS, *STRANGERS):
        provenance = Provenance(title="From the archive", publisher="The archive", retrieved=day)
        local = author == group
        state = ImportState.PUBLISHED if local else ImportState.COMPLETE
        transcriptions.add_import(tx, _import_of(author), actor=author, local=local, state=state, provenance=provenance)
    return group


def _import_of(author: str) -> str:
    return f"{author.partition('/groups/')[0]}/imports/archive"


def _enter(tx: Transaction, some: list[Told], group: str) -> None:
    objects.keep(tx, [_kept(one, group) for one in some])
    statements.add(tx, [_shown(one) for one in some])
    struggles = {
        one.report.struggle: {
            "iri": one.report.struggle,
            "name": one.title,
            "field": one.report.field,
            "actor": one.report.attributed_to,
            "local": one.report.attributed_to == group,
        }
        for one in reversed(some)
    }
    store.add_struggles(tx, list(struggles.values()))
    store.add_reports(tx, [facts_of(one) for one in some])


def facts_of(one: Told) -> Facts:
    """What is counted of it."""
    return facts(
        one.report,
        sort_id=one.sort_id,
        import_iri=_import_of(one.report.attributed_to) if one.imported else None,
        import_key=str(one.sort_id) if one.imported else None,
    )


def _kept(one: Told, group: str) -> Kept:
    report = one.report
    assert report.published is not None
    return Kept(
        iri=report.id,
        sort_id=one.sort_id,
        kind="StruggleReport",
        author=report.attributed_to,
        local=report.attributed_to == group,
        document=objects.encode(schemas.serialise(report)),
        published=report.published,
        listed=not one.imported,
        part_of=_import_of(report.attributed_to) if one.imported else None,
        thread=report.id,
    )


def _shown(one: Told) -> Shown:
    html = one.report.content.partition("\n")[2]
    tags = tuple(dict.fromkeys(filter(None, ("strugglereport", one.report.field))))
    return Shown(iri=one.report.id, html=html, title=one.title, language=one.language, url=one.report.id, hashtags=tags)


def _count(tx: Transaction) -> None:
    for row in transcriptions.all_imports(tx):
        transcriptions.set_import(tx, row.iri, total=transcriptions.count_in_import(tx, row.iri))


def table(path: Path, count: int, *, seed: int = 1) -> None:
    """Write a table of `count` plausible reports, in our own columns."""
    names = ("key", "struggle", "title", "field", "kind", "who", "addressee", "addressee_kind", "organisation", "country",
             "locality", "began", "ended", "workers_involved", "demands", "sector", "source_url")  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for one in told(count, group="https://a.example/groups/a", origin="https://a.example", seed=seed):
            report = one.report
            place, people = report.location, report.measures[0].value
            writer.writerow(
                (one.sort_id, report.struggle.rpartition("/")[2], one.title, report.field, report.action_kind,
                 *report.who, report.addressees[0].name, report.addressees[0].kind, report.organisations[0].name,
                 place and place.country, place and place.locality, report.began, report.ended or "", people or "",
                 "; ".join(f"{demand.text} [{demand.status}]" for demand in report.demands),
                 report.sector.code if report.sector else "", report.sources[0].url)
            )  # fmt: skip


async def measure(report: Report, settings: Settings) -> None:
    """Import a table by the command line, beside the node that is served, and import it again."""
    report.section(
        "Tables of reports", note="`commonwire import` from its start to its end, beside the node that is served"
    )
    for count in (settings.reports, settings.more_reports):
        with tempfile.TemporaryDirectory(prefix="commonwire-bench-") as scratch:
            path = Path(scratch) / "table.csv"
            await asyncio.to_thread(table, path, count)
            async with served(limits__import_rows=count) as node:
                seconds, spent, said = await _imported(node.directory, path)
                if said["reports"] != count:
                    raise RuntimeError(f"of {count} rows {said['reports']} were imported")
                note = f"{1000 * spent / count:.2f} ms of CPU each"
                report.line(f"reports imported, of {count:,}", count / seconds, note=note)
                report.line("  a report on the disk", node.disk_bytes() / count / 1024, "KiB")


async def _imported(directory: Path, path: Path) -> tuple[float, float, dict[str, Any]]:
    """Seconds, CPU seconds, and what the command said."""
    asked = (await _import(directory, path, "--dry-run"))["questions"]
    began, spent = processes.now(), _children_seconds()
    said = await _import(directory, path, *(word for one in asked for word in ("--confirm", one["confirm"])))
    return processes.now() - began, _children_seconds() - spent, said


async def _import(directory: Path, path: Path, *words: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "node", "import", str(directory), str(path), "--publisher", "The archive", "--json",
        *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env=environment(), cwd=ROOT,
    )  # fmt: skip
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"commonwire import ended with {process.returncode}")
    found: dict[str, Any] = json.loads(out)
    return found


def _children_seconds() -> float:
    """CPU time of the processes of this one that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def _main(directory: str, count: str) -> None:
    async with app.open_node(config.load(Path(directory))) as node:
        await fill(node, int(count))


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
