"""The command that looks a node over: check."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import AsyncIterator

from sqlalchemy.exc import DBAPIError

from federation.errors import Malformed
from node import actors, app, config, log
from node.cli.checks import Finding, Level, bad, here, outside, skipped
from node.cli.commands import AS_JSON, Command, Usage, directory, option, words
from node.context import Node
from node.errors import NodeError, Unfit
from node.peering import store as peering

GROUPS_AT_MOST = 10
PEERS_AT_MOST = 3
WIDTH = max(len(level) for level in Level)
FROM_OUTSIDE = ("WebFinger", "actor", "inbox", "NodeInfo")


async def check(options: argparse.Namespace) -> int:
    """Look the node over; 1 if something does not work."""
    words(options)
    log.configure("error")
    findings = []
    async for finding in _look(options):
        findings.append(finding)
        if not options.json:
            print(_lines(finding), flush=True)
    worst = Level.BAD in {finding.level for finding in findings}
    if options.json:
        print(json.dumps([finding.as_json() for finding in findings], ensure_ascii=False, indent=2))
    else:
        print(_summary(findings))
    return 1 if worst else 0


async def _look(options: argparse.Namespace) -> AsyncIterator[Finding]:
    try:
        found = config.load(directory(options))
    except Unfit as error:
        yield bad("settings", str(error), "every setting is explained in deploy/docs/settings.md")
        return
    for finding in (*here.settings(found), *here.files(found), here.disk(found), here.memory()):
        yield finding
    server = await here.server(found)
    yield server
    try:
        node = app.build(found)
    except Unfit as error:
        yield bad("database", str(error), "see database_url in deploy/docs/settings.md")
        return
    try:
        async for finding in _opened(node, options, runs=server.level is Level.OK):
            yield finding
    finally:
        await asyncio.to_thread(node.database.close)


async def _opened(node: Node, options: argparse.Namespace, *, runs: bool) -> AsyncIterator[Finding]:
    found = await asyncio.to_thread(lambda: list(here.database(node)))
    sound = all(finding.level is Level.OK for finding in found)
    for finding in found:
        yield finding
    if sound:
        try:
            inside = await node.database.read(
                lambda tx: [here.own_keys(node, tx), *here.queue(tx), here.peers(tx), *here.rules(tx)]
            )
        except (NodeError, DBAPIError) as error:
            inside = [bad("database", str(error).partition("\n")[0], "was the node made with: commonwire init?")]
        for finding in inside:
            yield finding
        sound = Level.BAD not in {finding.level for finding in inside}
    async with node.client:
        yield await outside.clock(node, await _places(node, options, known=sound))
        name = await outside.name(node)
        yield name
        if name.level is Level.BAD:
            yield skipped("certificate", "the name leads nowhere yet")
        else:
            yield await outside.certificate(node)
        why = _why_not(sound=sound, runs=runs, named=name.level is not Level.BAD)
        if why:
            for subject in FROM_OUTSIDE:
                yield skipped(subject, why)
            return
        async for finding in _from_outside(node):
            yield finding


def _why_not(*, sound: bool, runs: bool, named: bool) -> str:
    """Why nothing can be seen from outside now, if it cannot."""
    if not named:
        return "the name leads nowhere yet"
    if not runs:
        return "the node does not run here, or is not well"
    return "" if sound else "the database is not as it should be"


async def _from_outside(node: Node) -> AsyncIterator[Finding]:
    groups = (await node.database.read(actors.groups))[:GROUPS_AT_MOST]
    instance = await node.database.read(actors.instance)
    for group in groups:
        yield await outside.webfinger(node, group)
    for local in (*groups, instance):
        yield await outside.actor(node, local)
    async for finding in outside.inbox(node):
        yield finding
    yield await outside.nodeinfo(node)


async def _places(node: Node, options: argparse.Namespace, *, known: bool) -> list[str]:
    """With whom to compare the clock: those who are named, else some of those the node follows."""
    if options.peer:
        try:
            return [outside.peer_origin(options.peer, secure=not node.config.allow_http)]
        except Malformed:
            raise Usage(f"{options.peer!r} is no server; say a name such as mastodon.example") from None
    if not known:
        return []
    groups = await node.database.read(actors.groups)
    rows = [row for group in groups for row in await node.database.read(peering.following, group.iri, limit=50)]
    return list(outside.origins_of(rows, at_most=PEERS_AT_MOST))


def _lines(finding: Finding) -> str:
    line = f"{finding.level:<{WIDTH}}  {finding.subject}: {finding.found}"
    return f"{line}\n{'':<{WIDTH}}    -> {finding.mend}" if finding.mend else line


def _summary(findings: list[Finding]) -> str:
    counts = {level: sum(finding.level is level for finding in findings) for level in Level}
    if not counts[Level.BAD] and not counts[Level.WARNING]:
        return "all is well" + (f"; {counts[Level.SKIPPED]} not looked at" if counts[Level.SKIPPED] else "")
    parts = [f"{count} {level}" for level, count in counts.items() if count and level is not Level.OK]
    return ", ".join(parts)


COMMANDS = (
    Command(
        "check",
        "look the node over: settings, files, database, clock, certificate, and what others see of it",
        "commonwire check ./union",
        check,
        options=(
            option(
                "--peer", metavar="HOST", help="compare the clock with this server's (default: those that are followed)"
            ),
            AS_JSON,
        ),
    ),
)
