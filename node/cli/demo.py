"""`commonwire demo`: three groups of different tendencies on three real nodes of this machine.

Nothing here is special: the nodes are made, run, introduced to each other and spoken through with the commands that
everybody has, over HTTP on loopback.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node import actors, cli, objects
from node.cli.commands import Command, option
from node.cli.progress import Progress
from node.cli.staging import Cast, Stage, free_ports, opened, playing, say, script, wait_for
from node.context import Transaction
from node.errors import Unfit
from node.identifiers import spell
from node.peering import store as follows
from node.peering.rules import Follow
from node.positions import store as positions
from node.reports import imports, transcriptions
from node.reports.rules import ImportState
from node.signatories import store as signatories
from node.signatories.rules import State as Signature
from node.statements import store as statements
from node.statistics import actions as statistics
from node.statistics.questions import Question
from node.statistics.tables import Table

STALLED_SECONDS = 90
CAST = (
    Cast("branch12", "Port Calder Transport Workers, Branch 12", "syndicalist"),
    Cast("lindencourt", "Linden Court Tenants’ Collective", "anarchist"),
    Cast("correspondence", "The Correspondence Bureau", "socialist"),
)
DELEGATES = ("rosa", "emre", "ines", "tomek", "salma", "odile")
BALLOTS = (
    ("emre", "for", "It says what we got wrong too, and other branches can use that."),
    ("ines", "against", "It reads as if the eleventh night had been the end. For two of us it was not."),
    ("tomek", "against", ""),
    ("salma", "for", "Told by those who made it, or by the company."),
    ("odile", "abstain", ""),
    ("steward", "for", ""),
)
RULE = ("--method", "majority", "--of", "voting", "--quorum", "5", "--at-most", "3d", "--arguments", "yes")
IMPORTS = 2
COUNTED_BY = ("year", "sector", "field")
SECOND_GROUP = "strikefund"


@dataclass(frozen=True, slots=True)
class Texts:
    """The addresses of what was said, and the number of the decision that is still open."""

    statement: str
    minority: str
    joint: str
    others: tuple[str, ...]
    fund: str
    waiting: int

    @property
    def federated(self) -> tuple[str, ...]:
        return self.statement, self.minority, self.joint, *self.others


async def demo(options: argparse.Namespace) -> int:
    """Play the whole, then leave the nodes running until Ctrl-C."""
    table = Path(options.reports) if options.reports else None
    if table is not None:
        imports.outline(table)  # a file that cannot be used ends it here, before anything is made
    _stop_when_told()
    keep = options.directory is not None
    home = Path(options.directory) if keep else Path(tempfile.mkdtemp(prefix="commonwire-demo-"))
    try:
        home.mkdir(parents=True, exist_ok=True)
        parser, ports = cli.build_parser(cli.commands()), free_ports(len(CAST))
        stages = [Stage(cast, home / cast.handle, port, parser) for cast, port in zip(CAST, ports, strict=True)]
        async with playing(stages) as passwords:
            await _introduce(stages)
            texts = await _speak(stages)
            await _import(stages[2], table)
            await _import_evictions(stages[2])
            await _answer(stages, texts)
            await _receive_all(stages, texts)
            for stage in stages:
                await _show(stage, texts, passwords[stage.cast.handle])
            await _compare(stages)
            if not options.once:
                await _until_stopped()
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        if not keep:
            shutil.rmtree(home, ignore_errors=True)
    return 0


def _stop_when_told() -> None:
    """Stop the nodes too when the window is closed or somebody ends this process: they do not end with it."""
    play = asyncio.current_task()
    assert play is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, play.cancel)


async def _introduce(stages: list[Stage]) -> None:
    for stage in stages:
        for other in stages:
            if other is not stage:
                await stage.type("follow", other.handle)
    for stage in stages:
        await wait_for(stage, lambda tx: _accepted(tx) == len(stages) - 1, "the others to accept that it follows them")
    say("everybody follows everybody, and every Follow is accepted\n")


def _accepted(tx: Transaction) -> int:
    rows = follows.following(tx, actors.main_group(tx).iri)
    return sum(row.state == Follow.ACCEPTED.value for row in rows)


# ---- what they say


async def _speak(stages: list[Stage]) -> Texts:
    first, second, third = stages
    for name in DELEGATES:
        await first.type("member add", name, "--role", "editor")
    await first.type("rule set", "publish_statement", *RULE)
    statement, minority = await _decide(first)
    waiting = await _leave_open(first)
    fund = await _publish_beside(first)
    short = await _publish(second, "short-statement.md")
    joint = await _publish(second, "joint-statement.md")
    for other in (first, third):
        await second.type("sign invite", joint, other.handle)
    return Texts(statement, minority, joint, (short,), fund, waiting)


async def _decide(stage: Stage) -> tuple[str, str]:
    """Put the long statement to the vote, attach what the minority says, and vote."""
    with script("long-statement.md") as path:
        proposed = await stage.type("publish", path, "--as", "rosa")
    iri, number = proposed["id"], str(proposed["decision"]["number"])
    say(f"{stage.cast.name} proposes {Path(path).name}; a majority of its {len(DELEGATES) + 1} delegates decides")
    minority = await _publish(stage, "minority-report.md", "--as", "ines", statement=iri)
    for name, choice, because in BALLOTS:
        said = ("--because", because) if because else ()
        counted = await stage.type("decision vote", number, choice, "--as", name, *said)
    say(f"everybody has voted: decision {number} is {counted['state']}, {iri}")
    return iri, minority


async def _leave_open(stage: Stage) -> int:
    with script("open-proposal.md") as path:
        proposed = await stage.type("publish", path, "--as", "salma")
    number = int(proposed["decision"]["number"])
    for name in ("emre", "odile"):
        await stage.type("decision vote", str(number), "for", "--as", name)
    return number


async def _publish_beside(stage: Stage) -> str:
    """Give the node a second group, which has rules of its own: here one member may act."""
    await stage.type("group add", SECOND_GROUP, "--name", "Branch 12 Strike Fund", "--steward", "odile")
    return await _publish(stage, "strike-fund.md", "--group", SECOND_GROUP, "--as", "odile")


async def _publish(stage: Stage, name: str, *more: str, **values: str) -> str:
    with script(name, values) as path:
        said = await stage.type("publish", path, *more)
    say(f"{stage.cast.name} publishes {name}: {said['id']}")
    return str(said["id"])


async def _answer(stages: list[Stage], texts: Texts) -> None:
    """Take positions on the long statement, and sign the joint one."""
    first, second, third = stages
    for stage, name in ((second, "position-linden.md"), (third, "position-bureau.md")):
        await wait_for(stage, lambda tx: objects.find(tx, texts.statement) is not None, "the text it answers")
        await _publish(stage, name, statement=texts.statement)
    for stage in (first, third):
        await wait_for(stage, lambda tx: _stands(tx, texts.joint, Signature.ASKED) == 1, "the invitation to sign")
        signed = await stage.type("sign text", texts.joint)
        if signed["decision"]["state"] != "adopted":  # it speaks for the group, by the rule for statements
            for name in DELEGATES:
                await stage.type("decision vote", str(signed["decision"]["number"]), "for", "--as", name)
        say(f"{stage.cast.name} signs {texts.joint}")


def _stands(tx: Transaction, text: str, *states: Signature) -> int:
    return len(signatories.of(tx, text, *states))


async def _import(stage: Stage, table: Path | None) -> None:
    say(f"\n{stage.cast.name} imports {table.name if table else 'struggles.csv'}")
    if table is None:
        with script("struggles.csv") as path:
            await stage.type_and_show(
                "import", path, "--publisher", "Wikipedia contributors", "--licence", "CC-BY-SA-4.0",
                "--publisher-url", "https://en.wikipedia.org/", "--title", "Struggles of two centuries",
            )  # fmt: skip
        return
    mapping = imports.detect(imports.outline(table).columns)
    named = mapping is not None and mapping.publisher
    words = [str(table), *([] if named else ["--publisher", table.name])]
    asked = (await stage.type("import", *words, "--dry-run"))["questions"]  # whoever plays means it
    await stage.type_and_show("import", *words, *(word for one in asked for word in ("--confirm", one["confirm"])))


async def _import_evictions(stage: Stage) -> None:
    """A table of another field, in columns of its own: a mapping says what they mean."""
    say(f"\n{stage.cast.name} imports evictions.csv by evictions.toml")
    with script("evictions.csv") as path, script("evictions.toml") as mapping:
        await stage.type_and_show("import", path, "--mapping", mapping, "--title", "Evictions, and who resisted them")


# ---- what they receive


async def _receive_all(stages: list[Stage], texts: Texts) -> None:
    for stage in stages:
        await wait_for(stage, lambda tx: _has_all(tx, texts), "what the others say")
        await _receive_imports(stage)


def _has_all(tx: Transaction, texts: Texts) -> bool:
    """Whether a node holds every text, both positions and both signatures, and the digests of the imports."""
    return (
        len(objects.find_all(tx, texts.federated)) == len(texts.federated)
        and len(positions.on(tx, texts.statement, limit=3)) == 2
        and _stands(tx, texts.joint, Signature.SIGNED) == 2
        and len(transcriptions.all_imports(tx)) == IMPORTS
    )


async def _receive_imports(stage: Stage) -> None:
    async with opened(stage) as node:
        loop, before, since = asyncio.get_running_loop(), -1, 0.0
        for row in await node.database.read(transcriptions.all_imports):
            if row.local:
                continue
            with Progress(f"{stage.cast.name} receives", row.total) as bar:
                while True:
                    row = await node.database.read(_import_row, row.iri)
                    held = await node.database.read(transcriptions.count_in_import, row.iri)
                    bar.reach(held)
                    if row.state != ImportState.FETCHING.value:
                        break
                    if held != before:
                        before, since = held, loop.time()
                    elif loop.time() - since > STALLED_SECONDS:
                        raise Unfit(f"{stage.cast.name} has received nothing for {STALLED_SECONDS} seconds")
                    await asyncio.sleep(0.2)


def _import_row(tx: Transaction, iri: str) -> Any:
    return transcriptions.find_import(tx, iri)


# ---- what is to be seen


async def _show(stage: Stage, texts: Texts, password: str) -> None:
    async with opened(stage) as node:
        found = await node.database.read(_received, texts)
        decided = await node.database.read(_decided, texts)
    say(f"\n{stage.cast.name} ({stage.cast.tendency}), {stage.handle}")
    say(f"  its page           {stage.origin}/")
    say(f"  what it hears      {stage.origin}/wire")
    say(f"  log in             {stage.origin}/login as steward, password {password}")
    for line in [*found, *decided]:
        say(f"  {line}")
    if texts.statement.startswith(stage.origin):
        say(f"  waits at the desk  {stage.origin}/desk/decisions/{texts.waiting}")
        say(f"  a second group     {stage.origin}/groups/{SECOND_GROUP}")


def _received(tx: Transaction, texts: Texts) -> list[str]:
    lines = []
    rows = objects.listed(tx, local=False)
    shown = statements.shown(tx, [row.iri for row in rows])
    known = actors.find_all(tx, [row.author for row in rows])
    for row in rows:
        title = shown[row.iri].title if row.iri in shown else None
        if title is None or row.iri == texts.minority:
            continue
        author = known[row.author].name if row.author in known else row.author
        lines += [f"received           “{title}” from {author}", f"{'':19}{_page(tx, row)}"]
    for one in transcriptions.all_imports(tx):
        held = transcriptions.count_in_import(tx, one.iri)
        whose = "imported" if one.local else "received"
        lines.append(f"{whose}           {held:,} of {one.total:,} reports: {one.iri}")
    return lines


def _decided(tx: Transaction, texts: Texts) -> list[str]:
    """How the long statement was decided and answered, and who signs the joint one, as this node knows it."""
    shown = statements.shown(tx, [texts.statement, texts.minority, texts.joint])
    decision = (shown[texts.statement].extras or {})["decision"]
    figures = f"{decision['in_favour']} for, {decision['against']} against, {decision['abstaining']} abstaining"
    lines = [f"adopted            “{shown[texts.statement].title}”: {figures}, quorum {decision['quorum']}"]
    lines.append(f"{'':19}{_page(tx, objects.find(tx, texts.statement))}")
    lines.append(f"with               “{shown[texts.minority].title}”")
    rows = positions.on(tx, texts.statement, limit=10)
    stances = positions.of(tx, [row.iri for row in rows])
    names = _names(tx, [row.author for row in rows])
    for number, row in enumerate(rows):
        label = "positions" if number == 0 else ""
        lines.append(f"{label:<19}{names[row.author]}: {stances[row.iri].stance}")
    signed = [row.signatory for row in signatories.of(tx, texts.joint, Signature.SIGNED)]
    author = objects.find_all(tx, [texts.joint])[texts.joint].author
    known = _names(tx, [author, *signed])
    lines.append(
        f"signed together    “{shown[texts.joint].title}”: {'; '.join(known[one] for one in [author, *signed])}"
    )
    lines.append(f"{'':19}{_page(tx, objects.find(tx, texts.joint))}")
    return lines


def _names(tx: Transaction, iris: list[str]) -> dict[str, str]:
    return {iri: row.name for iri, row in actors.find_all(tx, iris).items()}


def _page(tx: Transaction, row: Any) -> str:
    return str(row.iri) if row.local else tx.node.address(f"/heard/{spell(row.sort_id)}")


async def _compare(stages: list[Stage]) -> None:
    """Show what each node counts of the reports that the third has imported. Raises Unfit if it is not the same."""
    say(f"\nWhat each node counts by itself of the reports from {stages[2].cast.name}:")
    counted = []
    for stage in stages:
        async with opened(stage) as node:
            tables = [await node.database.read(_table, stages[2], by) for by in COUNTED_BY]
        total = dict(zip((column.key for column in tables[0].columns), tables[0].total.cells, strict=True))
        figures = f"{total['struggles'].low:,} struggles, {total['reports'].low:,} reports"
        digests = "  ".join(f"by {by} {one.digest[:12]}" for by, one in zip(COUNTED_BY, tables, strict=True))
        say(f"  {stage.cast.name:<42}{figures}  {digests}")
        counted.append([one.digest for one in tables])
    if any(one != counted[0] for one in counted):
        raise Unfit("the nodes hold the same reports and do not count the same")
    say("The digests are the same: so are the figures.")


def _table(tx: Transaction, importer: Stage, by: str) -> Table:
    source = f"{importer.origin}/groups/{importer.cast.handle}"
    return statistics.table(tx, Question(group_by=(by,), sources=(source,)))


async def _until_stopped() -> None:
    say("\nThe three nodes run until you press Ctrl-C.")
    await asyncio.Event().wait()


COMMANDS = (
    Command(
        "demo",
        "run three groups on three nodes of this machine, which decide, answer each other and sign together",
        "commonwire demo --reports stoppages.csv",
        demo,
        has_directory=False,
        options=(
            option("--reports", metavar="FILE", help="a table to import instead of the one that comes along"),
            option("--directory", metavar="PATH", help="keep the nodes there (default: a temporary directory)"),
            option("--once", action="store_true", help="stop when everything has arrived"),
        ),
    ),
)
