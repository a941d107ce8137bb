"""How many home time lines a second an app gets, from a node that holds 100,000 texts and whose group follows 200.

`python -m tests.bench.apps DIRECTORY TEXTS FOLLOWS` enters them into the node in DIRECTORY and prints a token. The mark
to beat is GoToSocial 0.20 on two cores: 2,800 a second, p50 10.6 ms, p99 40 ms, 0.64 ms of CPU each.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from federation.media_types import ACTIVITY_JSON
from node import actors, app, config, objects
from node.apps import actions as apps
from node.apps import store as apps_store
from node.context import Transaction
from node.members import store as members
from node.members import viewers
from node.peering import store as follows
from node.peering.rules import Follow
from node.statements import hearing, store
from schemas import actor as actor_documents
from schemas import statement as statement_documents
from tests.bench import machine, messages
from tests.bench.peers import Peers, peers
from tests.bench.report import Report, Settings, Spent, Stopwatch, percentile
from tests.bench.served import ROOT, Served, environment, served

FOLLOWS = 200
TOGETHER = 2_000
EVERY = timedelta(minutes=2)
SHARE_OF_ANSWERS, SHARE_OF_BOOSTS, SHARE_WITH_PICTURES = 0.2, 0.1, 0.2
COMPRESSED = {"Accept-Encoding": "gzip"}


async def measure(report: Report, settings: Settings) -> None:
    """Ask for the home time line again and again: the same page, pages that turn, and while the node hears others."""
    texts = settings.texts
    note = (
        f"{texts:,} texts, {FOLLOWS} follows, 20 a page; {settings.connections} connections; gzip, as apps ask for it"
    )
    report.section("Home time lines", note=note)
    async with served() as node, peers(1) as they:
        token = await _fill(node.directory, texts)
        trivial = await _ask(report, settings, node, they, "the node's own trivial GET", "/healthz", None)
        home = "/api/v1/timelines/home?limit=20"
        for what, more in (("the newest page, again and again", COMPRESSED), ("  the same, not compressed", {})):
            await _ask(report, settings, node, they, what, home, token, more=more, beside=trivial)
        places = _places(node, texts)
        pages = [f"{home}&max_id={place}" for place in places]
        await _ask(report, settings, node, they, "pages from anywhere, each asked for once", pages, token,
                   more=COMPRESSED, beside=trivial)  # fmt: skip
        async with _hearing(node):
            await _ask(report, settings, node, they, "the newest page, with a commit each 100 ms", home, token,
                       more=COMPRESSED, beside=trivial)  # fmt: skip


async def _ask(
    report: Report, settings: Settings, node: Served, they: Peers, what: str, path: str | list[str], token: str | None,
    *, more: dict[str, str] | None = None, beside: float = 0.0,
) -> float:  # fmt: skip
    headers = (more or {}) | ({"Authorization": f"Bearer {token}"} if token else {})
    watch = Stopwatch(node, they)
    fired = await they.call(
        "read", [node.origin + one for one in path] if isinstance(path, list) else node.origin + path,
        accept="application/json" if token else ACTIVITY_JSON, seconds=settings.read_seconds,
        connections=settings.connections, headers=headers,
    )  # fmt: skip
    spent: Spent = watch.stop()
    count = len(fired.latencies)
    if fired.statuses != {200: count}:
        raise RuntimeError(f"{path} was answered with {fired.statuses}")
    rate = count / fired.seconds
    note = f"{rate / beside:.1%} of the trivial GET" if beside else ""
    report.line(what, rate, spent=spent, each=count, beside=None if beside else machine.GETS, note=note)
    for share in (0.5, 0.99):
        report.line(f"  p{100 * share:.0f}", 1000 * percentile(fired.latencies, share), "ms")
    report.line("  size", fired.read_bytes / count / 1024, "KiB")
    return rate


class _hearing:
    """Something is written every tenth of a second, so that no answer stays true."""

    def __init__(self, node: Served) -> None:
        self._node = node

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._write())

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def _write(self) -> None:
        path = str(self._node.directory / "node.db")
        while True:
            await asyncio.to_thread(_touch, path)
            await asyncio.sleep(0.1)


def _touch(path: str) -> None:
    with sqlite3.connect(path, timeout=30) as connection:
        connection.execute("UPDATE objects SET heard = heard + 1 WHERE sort_id = (SELECT max(sort_id) FROM objects)")
    connection.close()


def _places(node: Served, texts: int) -> list[int]:
    """Places all over the time line, in no order."""
    chance = random.Random(7)
    with sqlite3.connect(f"file:{node.directory}/node.db?mode=ro", uri=True) as connection:
        found = [row[0] for row in connection.execute("SELECT sort_id FROM objects ORDER BY sort_id")]
    connection.close()
    some = found[len(found) // 10 :]
    chance.shuffle(some)
    return some[: min(texts, 50_000)]


async def _fill(directory: Path, texts: int) -> str:
    """Enter texts beside the node that is served; a token."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.apps", str(directory), str(texts), str(FOLLOWS), env=environment(), cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"filling {directory} ended with {process.returncode}")
    return str(json.loads(out)["token"])


def _people(tx: Transaction, number: int) -> list[str]:
    """Enter so many people, all of whom the group follows."""
    group, found = actors.main_group(tx).iri, []
    for one in range(number):
        iri = f"https://peer{one % 40}.example/users/person{one}"
        document = messages.actor(iri, f"person{one}", "", shared_inbox=True)
        document.pop("publicKey")
        document["icon"] = {"type": "Image", "mediaType": "image/png", "url": f"{iri}/portrait.png"}
        actors.keep(tx, actor_documents.parse(document), document)
        follows.put(tx, follower=group, followed=iri, activity=f"{group}#follow{one}", state=Follow.ACCEPTED)
        found.append(iri)
    return found


def _say(tx: Transaction, people: list[str], numbers: range, total: int, said: list[str]) -> None:
    """Enter what they say, as it is kept when it is heard; some of it answers, some is passed on."""
    chance, rows, shown = random.Random(numbers.start), [], []
    for number in numbers:
        author, moment = chance.choice(people), datetime.now(UTC) - (total - number) * EVERY
        answers = chance.choice(said[-500:]) if said and chance.random() < SHARE_OF_ANSWERS else None
        document = _note(author, number, moment, answers, chance)
        statement = statement_documents.parse(document)
        rows.append(hearing.kept(tx, statement, document, kind="Statement", listed=True))
        shown.append(hearing.shown(statement))
        said.append(statement.id)
    objects.keep(tx, rows)
    store.add(tx, shown)
    for row in rows:
        if chance.random() < SHARE_OF_BOOSTS:
            store.react(tx, f"{row.iri}/boost", kind="Announce", actor=chance.choice(people), object=row.iri)
    tx.touched.clear()  # what they say is not looked for here


def _note(author: str, number: int, moment: datetime, answers: str | None, chance: random.Random) -> dict[str, Any]:
    document = messages.create(author, str(number), answers=answers or "", mentions=author, now=moment)["object"]
    document["inReplyTo"] = answers
    if chance.random() < SHARE_WITH_PICTURES:
        document["attachment"] = [
            {"type": "Document", "mediaType": "image/jpeg", "url": f"{author}/pictures/{number}.jpg",
             "name": "The gate, closed, with a banner across it", "width": 1200, "height": 800}
        ]  # fmt: skip
    return dict(document)


def _log_in(tx: Transaction) -> str:
    """A token of an app for the group's account."""
    member = members.everybody(tx)[0].id
    made = apps.register(tx, "A benchmark", ["urn:ietf:wg:oauth:2.0:oob"], "read", None)
    viewer = apps_store.viewer(tx, viewers.enter(tx, member, actors.main_group(tx).iri))
    if viewer is None:
        raise AssertionError("a viewer who was entered is there")
    return apps.give(tx, made.row.id, viewer, ("read",)).secret


async def _main(directory: str, texts: str, follows_: str) -> None:
    said: list[str] = []
    async with app.open_node(config.load(Path(directory))) as node:
        people = await node.database.write(_people, int(follows_))
        for start in range(0, int(texts), TOGETHER):
            numbers = range(start, min(start + TOGETHER, int(texts)))
            await node.database.write(_say, people, numbers, int(texts), said)
        token = await node.database.write(_log_in)
    print(json.dumps({"token": token}))


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
