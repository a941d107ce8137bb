"""What 1,000 open streams cost, and how long it takes from a delivery at the inbox to the event in every one of them.

`python -m tests.bench.streams DIRECTORY NUMBER AUTHOR` enters members and readers into the node in DIRECTORY, lets the
group and every reader follow AUTHOR, and prints a token for each. Every second viewer is a reader; six streams in ten
are home time lines, the others public ones, a hashtag and notifications (which are told nothing here).
"""

from __future__ import annotations

import asyncio
import json
import resource
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from node import actors, app, config
from node.apps import actions as apps
from node.apps import store as apps_store
from node.context import Transaction
from node.marks import followings
from node.members import store as members
from node.members import viewers
from node.peering import store as follows
from node.peering.rules import Follow
from tests.bench import messages, processes
from tests.bench.listening import Listening
from tests.bench.peers import Peers, peers
from tests.bench.report import Report, Settings, Stopwatch, percentile
from tests.bench.served import ROOT, Served, environment, served

HOME, PUBLIC, REMOTE, TAGGED = "user", "public", "public:remote", f"hashtag?tag={messages.TAG}"
MIX = (HOME, PUBLIC, HOME, HOME, TAGGED, HOME, REMOTE, HOME, "user:notification", HOME)
ONE_BY_ONE, TOGETHER, CONNECTIONS = 20, 50, 8
OPENED_TOGETHER = 20
FILES_BESIDE = 100


async def measure(report: Report, settings: Settings) -> None:
    """The same over WebSockets and as server-sent events, each on a node of its own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # each stream is a file here, and one in the node
    number = min(settings.streams, hard - FILES_BESIDE)
    for way, is_socket in (("WebSockets", True), ("server-sent events", False)):
        report.section(
            f"Streams over {way}",
            note=f"{number:,} streams of as many viewers, half of them readers; a process may open {soft:,} files and, "
            f"if it asks, {hard:,}",
        )
        async with served() as node, peers(1) as they:
            await _measure(report, node, they, number, is_socket=is_socket)


async def _measure(report: Report, node: Served, they: Peers, number: int, *, is_socket: bool) -> None:
    author = await _acquaint(node, they)
    tokens = await _enter(node.directory, number, author)
    await they.call("read", node.origin + "/healthz", accept="*/*", seconds=1.0, connections=8)
    before, before_own = node.memory()[0], processes.unshared_mebibytes(node.pid)
    watch = Stopwatch(node, they)
    async with _open(node, tokens, is_socket=is_socket) as listening:
        opened = watch.stop()
        report.line("opened", number / opened.seconds, spent=opened, each=number)
        after, own = node.memory()[0] - before, processes.unshared_mebibytes(node.pid) - before_own
        report.line("  resident memory of all of them", after, "MiB", note=f"{1024 * after / number:.1f} KiB each")
        report.line("  of it the process's own (USS)", own, "MiB", note=f"{1024 * own / number:.1f} KiB each")
        await _send(node, they, 1)
        each = await listening.settled()
        if not each:
            raise RuntimeError("nobody was told anything")
        await _one_by_one(report, node, they, listening, each)
        await _burst(report, node, they, listening, each)
        if listening.ended:
            raise RuntimeError(f"{listening.ended} streams ended")
        after = node.memory()[0] - before
        report.line("  resident memory afterwards", after, "MiB", note=f"{1024 * after / number:.1f} KiB each")


async def _acquaint(node: Served, they: Peers) -> str:
    """Let the node know the author, by an answer to a statement of its own; her address."""
    statement = await node.published()
    await they.call("settle", name="writer", per_host=1, shared_inbox=True)
    await they.call("prepare", "Create", name="writer", count=1, inbox=f"{node.origin}/inbox", subject=statement,
                    group=node.group)  # fmt: skip
    await they.call("send", port=node.port, connections=1)
    await node.quiet()
    return str(await they.call("address", name="writer"))


async def _send(node: Served, they: Peers, count: int, *, connections: int = 1) -> tuple[float, float]:
    """Say something new so often; when the first request left and when the last was answered."""
    await they.call("prepare", "Say", name="writer", count=count, inbox=f"{node.origin}/inbox", subject="", group="")
    fired = await they.call("send", port=node.port, connections=connections)
    if fired.statuses != {202: count}:
        raise RuntimeError(f"{count} were sent, and answered with {fired.statuses}")
    return fired.began, fired.ended


async def _one_by_one(report: Report, node: Served, they: Peers, listening: Listening, each: int) -> None:
    seen: dict[str, list[float]] = {"first": [], "median": [], "p99": [], "last": []}
    answered = []
    watch = Stopwatch(node, they)
    for _ in range(ONE_BY_ONE):
        listening.forget()
        began, ended = await _send(node, they, 1)
        times = await listening.until(each)
        answered.append(ended - began)
        for name, share in (("first", 0.0), ("median", 0.5), ("p99", 0.99), ("last", 1.0)):
            seen[name].append(percentile(times, share) - began)
    spent = watch.stop()
    report.line("one by one, from request to 202", 1000 * percentile(answered, 0.5), "ms", note=f"of {ONE_BY_ONE}")
    for name, found in seen.items():
        note = f"median; the slowest {1000 * max(found):,.0f}"
        report.line(f"  to the event in the {name} stream", 1000 * percentile(found, 0.5), "ms", note=note)
    events = ONE_BY_ONE * each
    report.line("  events", events / spent.seconds, spent=spent, each=events, note=f"{each} each")


async def _burst(report: Report, node: Served, they: Peers, listening: Listening, each: int) -> None:
    events = TOGETHER * each
    listening.forget()
    watch = Stopwatch(node, they)
    began, ended = await _send(node, they, TOGETHER, connections=CONNECTIONS)
    times = await listening.until(events)
    spent = watch.stop()
    report.line(f"{TOGETHER} at once, until the last 202", 1000 * (ended - began), "ms")
    report.line("  until the last event", 1000 * (max(times) - began), "ms")
    report.line("  events", events / (max(times) - began), spent=spent, each=events)


@asynccontextmanager
async def _open(node: Served, tokens: list[str], *, is_socket: bool) -> AsyncIterator[Listening]:
    listening = Listening(node.port)
    try:
        for start in range(0, len(tokens), OPENED_TOGETHER):
            some = enumerate(tokens[start : start + OPENED_TOGETHER], start)
            await asyncio.gather(
                *(listening.open(MIX[one % len(MIX)], token, is_socket=is_socket) for one, token in some)
            )
        yield listening
    finally:
        listening.close()


async def _enter(directory: Path, number: int, author: str) -> list[str]:
    """Enter viewers beside the node that is served; their tokens."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.streams", str(directory), str(number), author, env=environment(), cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"entering viewers in {directory} ended with {process.returncode}")
    return list(json.loads(out))


def _viewers(tx: Transaction, number: int, author: str) -> list[str]:
    group = actors.main_group(tx).iri
    follows.put(tx, follower=group, followed=author, activity=f"{group}#follow", state=Follow.ACCEPTED)
    made = apps.register(tx, "A benchmark", ["urn:ietf:wg:oauth:2.0:oob"], "read", None)
    found = []
    for one in range(number):
        member = members.add(tx, f"member{one}", secrets.token_hex(8))
        is_reader = one % 2 == 1
        members.add_mandate(tx, member, group, "reader" if is_reader else "editor", None)
        viewer = apps_store.viewer(tx, viewers.enter(tx, member, None if is_reader else group))
        if viewer is None:
            raise AssertionError("a viewer who was entered is there")
        if is_reader:
            followings.put(tx, viewer.id, author, wanted=True)
        found.append(apps.give(tx, made.row.id, viewer, ("read",)).secret)
    return found


async def _main(directory: str, number: str, author: str) -> None:
    async with app.open_node(config.load(Path(directory))) as node:
        print(json.dumps(await node.database.write(_viewers, int(number), author)))


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
