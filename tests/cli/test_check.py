"""`commonwire check`: each line says what was found and how to mend it, on a new machine as behind a bad proxy."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.nodes import served as nodes
from tests.nodes.peer import Answer, Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode, free_port

pytestmark = pytest.mark.one_database

Change = Callable[["Forwarded"], None]


@dataclass
class Forwarded:
    """A request on its way through the proxy."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Proxy:
    """A web server in front of a node, which may spoil what passes."""

    target: str
    http: aiohttp.ClientSession
    change: Change = lambda _: None
    instead: Callable[[Forwarded], web.Response | None] = lambda _: None
    strip: set[str] = field(default_factory=set)
    kept: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    keeps: bool = False

    async def pass_on(self, request: web.Request) -> web.Response:
        one = Forwarded(request.method, request.path_qs, dict(request.headers), await request.read())
        self.change(one)
        if (answer := self.instead(one)) is not None:
            return answer
        if not (self.keeps and one.method == "GET" and one.path in self.kept):
            self.kept[one.path] = await self._fetch(one)
        status, headers, body = self.kept[one.path]
        passed = {name: value for name, value in headers.items() if name.lower() not in self.strip}
        return web.Response(status=status, body=body, headers=passed)

    async def _fetch(self, one: Forwarded) -> tuple[int, dict[str, str], bytes]:
        async with self.http.request(
            one.method, self.target + one.path, data=one.body, headers=one.headers, allow_redirects=False,
            skip_auto_headers=["Accept", "Content-Type", "User-Agent"],
        ) as response:  # fmt: skip
            drop = {"content-encoding", "content-length", "transfer-encoding", "connection", "server", "date"}
            headers = {name: value for name, value in response.headers.items() if name.lower() not in drop}
            return response.status, headers, await response.read()


@asynccontextmanager
async def in_front(port: int, target: str) -> AsyncIterator[Proxy]:
    async with aiohttp.ClientSession() as http:
        proxy = Proxy(target, http)
        application = web.Application(client_max_size=4_000_000)
        application.router.add_route("*", "/{path:.*}", proxy.pass_on)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield proxy
        await runner.cleanup()


@dataclass
class Behind:
    """A node behind a proxy."""

    node: ServedNode
    proxy: Proxy


@pytest.fixture
async def behind(make_node: Callable[..., Path]) -> AsyncIterator[Behind]:
    port = free_port()
    directory = await asyncio.to_thread(make_node, 0, settings={"listen": f"127.0.0.1:{port}"})
    await asyncio.to_thread(lock_up, directory)
    async with nodes.served(directory) as node:
        own = int(node.origin.rpartition(":")[2])
        async with in_front(own, f"http://127.0.0.1:{port}") as proxy:
            yield Behind(node, proxy)


def lock_up(directory: Path) -> None:
    """What `init` makes is readable by its owner alone; tests copy the database."""
    for path in [directory, *directory.rglob("*")]:
        path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o700)


async def looked_over(directory: Path, *words: str) -> tuple[int, dict[str, dict[str, str]]]:
    """The status, and the findings that are not ok by their subject."""
    said = await commonwire("check", directory, "--json", *words)
    assert said.err == "", said.err
    findings = json.loads(said.out)
    for one in findings:
        assert bool(one["mend"]) == (one["level"] in ("warning", "bad")), one
    return said.status, {one["subject"]: one for one in findings if one["level"] != "ok"}


async def test_a_node_that_is_well_behind_a_good_proxy(behind: Behind, hostile_peer: Peer) -> None:
    hostile_peer.served["/.well-known/nodeinfo"] = Answer({}, content_type="application/json")
    said = await commonwire("check", behind.node.directory, "--peer", hostile_peer.host)
    assert said.status == 0, said.out
    lines = said.out.splitlines()
    warnings = [line for line in lines if line.startswith(("warning", "bad"))]
    assert warnings == ["warning  settings: origin is an address of this machine alone"], said.out
    assert [line for line in lines if line.startswith("skipped")] == ["skipped  certificate: the origin has no TLS"]
    for subject in ("WebFinger", "actor", "inbox, draft-cavage", "inbox, RFC 9421", "inbox, size", "NodeInfo", "clock",
                    "migrations", "database", "keys", "queue", "disk", "memory", "server", "permissions"):  # fmt: skip
        assert any(line.startswith(f"ok       {subject}") for line in lines), f"{subject}\n{said.out}"


def changed_header(name: str, value: str | None) -> Change:
    def change(one: Forwarded) -> None:
        for given in [given for given in one.headers if given.lower() == name.lower()]:
            del one.headers[given]
        if value is not None:
            one.headers[name] = value

    return change


def cut(one: Forwarded) -> None:
    one.body = one.body[:500]
    changed_header("Content-Length", None)(one)


@pytest.mark.parametrize(
    ("change", "subject", "words"),
    [
        (changed_header("Host", "127.0.0.1:8080"), "inbox, draft-cavage", "changes Host"),
        (changed_header("Accept", None), "actor", "takes the Accept header away"),
        (changed_header("Signature", None), "inbox, draft-cavage", "takes the Signature header away"),
        (changed_header("Digest", None), "inbox, draft-cavage", "takes the Digest header away"),
        (changed_header("Date", None), "inbox, draft-cavage", "takes the Date header away"),
        (changed_header("Content-Type", "text/plain"), "inbox, draft-cavage", "Content-Type"),
        (changed_header("Content-Digest", None), "inbox, RFC 9421", "Content-Digest"),
        (changed_header("Signature-Input", None), "inbox, RFC 9421", "see the log"),
        (cut, "inbox, draft-cavage", "changes the body"),
    ],
)
async def test_a_proxy_that_spoils_requests_is_found_out(
    behind: Behind, change: Change, subject: str, words: str
) -> None:
    behind.proxy.change = change
    status, findings = await looked_over(behind.node.directory)
    found = next((one for name, one in findings.items() if name.startswith(subject)), None)
    assert found is not None and found["level"] == "bad", findings
    assert words in found["mend"], found
    assert status == 1


async def test_a_cache_that_mixes_pages_and_documents_is_found_out(behind: Behind) -> None:
    behind.proxy.keeps = True
    async with behind.node.http.get(behind.node.group, headers={"Accept": "text/html"}) as response:
        assert response.content_type == "text/html"
    status, findings = await looked_over(behind.node.directory)
    assert status == 1
    assert "keeps the page" in findings[f"actor {behind.node.group}"]["mend"]


def answered_with(
    status: int, path: str, body: str = "<html>", **headers: str
) -> Callable[[Forwarded], web.Response | None]:
    def instead(one: Forwarded) -> web.Response | None:
        if not one.path.startswith(path):
            return None
        return web.Response(status=status, text=body, content_type="text/html", headers=headers)

    return instead


@pytest.mark.parametrize(
    ("instead", "subject", "words"),
    [
        (answered_with(404, "/.well-known/"), "WebFinger", "pass all paths on"),
        (answered_with(200, "/.well-known/"), "WebFinger", "something else answers"),
        (answered_with(302, "/groups/", Location="https://www.example/"), "actor", "redirects"),
        (answered_with(502, "/groups/"), "actor", "compare its target with `listen`"),
        (answered_with(403, "/actor"), "actor", "asks for a password or blocks"),
        (answered_with(405, "/inbox"), "inbox", "let GET and POST pass"),
        (answered_with(200, "/inbox"), "inbox", "see the log"),
        (answered_with(404, "/nodeinfo/"), "NodeInfo", "pass all paths on"),
        (lambda one: web.Response(status=413) if len(one.body) > 100_000 else None, "inbox, size", "client_max_body_size"),
    ],
)  # fmt: skip
async def test_a_proxy_that_answers_itself_is_found_out(
    behind: Behind, instead: Callable[[Forwarded], web.Response | None], subject: str, words: str
) -> None:
    behind.proxy.instead = instead
    _, findings = await looked_over(behind.node.directory)
    assert any(name.startswith(subject) and words in one["mend"] for name, one in findings.items()), findings


async def test_an_answer_without_vary_is_a_warning(behind: Behind) -> None:
    behind.proxy.strip = {"vary"}
    status, findings = await looked_over(behind.node.directory)
    assert status == 0
    assert findings[f"actor {behind.node.group}"]["level"] == "warning"


async def test_another_node_at_our_address_is_found_out(behind: Behind, serve: Callable[..., Awaitable[Any]]) -> None:
    other = await serve(1)
    behind.proxy.target = other.origin
    status, findings = await looked_over(behind.node.directory)
    assert status == 1
    assert any(name.startswith("WebFinger") for name in findings)
    assert any(name.startswith("actor") for name in findings)


async def test_a_node_that_shows_itself_to_those_alone_who_sign(make_node: Callable[..., Path]) -> None:
    directory = await asyncio.to_thread(make_node, 0, settings={"federation.authorized_fetch": True})
    await asyncio.to_thread(lock_up, directory)
    async with nodes.served(directory):
        status, findings = await looked_over(directory)
    assert status == 0, findings


async def test_a_new_node_before_its_name_is_in_the_dns(tmp_path: Path, new_database: Any) -> None:
    directory = tmp_path / "new"
    made = await commonwire("init", directory, "--origin", "https://union.invalid", "--handle", "union", "--name", "U",
                            "--listen", f"127.0.0.1:{free_port()}")  # fmt: skip
    assert made.status == 0, made.err
    status, findings = await looked_over(directory)
    assert status == 1
    assert "union.invalid" in findings["name"]["found"] and "DNS" in findings["name"]["mend"]
    assert "commonwire serve" in findings["server"]["mend"]
    assert "delete both files" in findings["recovery key"]["mend"]
    for subject in ("certificate", "WebFinger", "actor", "inbox", "NodeInfo"):
        assert findings[subject]["found"] == "the name leads nowhere yet"
    assert set(findings) - {"name", "server", "recovery key", "clock", "certificate", "WebFinger", "actor", "inbox",
                            "NodeInfo", "memory", "disk"} == set()  # fmt: skip


async def test_a_node_that_does_not_run_is_looked_over_all_the_same(make_node: Callable[..., Path]) -> None:
    directory = await asyncio.to_thread(make_node, 0)
    await asyncio.to_thread(lock_up, directory)
    status, findings = await looked_over(directory)
    assert status == 1
    assert findings["server"]["level"] == "bad"
    assert findings["inbox"]["found"] == "the node does not run here, or is not well"
    assert "permissions" not in findings and "database" not in findings and "keys" not in findings


async def stopped(make_node: Callable[..., Path], spoil: Callable[[Path], object]) -> dict[str, dict[str, str]]:
    directory = await asyncio.to_thread(make_node, 0)
    await asyncio.to_thread(lock_up, directory)
    await asyncio.to_thread(spoil, directory)
    status, findings = await looked_over(directory)
    assert status == 1
    return findings


async def test_what_others_can_read_is_named(make_node: Callable[..., Path]) -> None:
    findings = await stopped(make_node, lambda directory: (directory / "keys" / "instance.rsa.pem").chmod(0o644))
    assert "keys/instance.rsa.pem" in findings["permissions"]["found"]
    assert "chmod -R go=" in findings["permissions"]["mend"]


async def test_a_lost_or_a_strange_key_is_named(make_node: Callable[..., Path]) -> None:
    def swap(directory: Path) -> None:
        keys = directory / "keys"
        (keys / "group-union.rsa.pem").write_bytes((keys / "instance.rsa.pem").read_bytes())

    findings = await stopped(make_node, swap)
    assert "is not the one that others were told" in findings["keys"]["found"]


async def test_an_old_database_is_named(make_node: Callable[..., Path]) -> None:
    def age(directory: Path) -> None:
        with sqlite3.connect(directory / "node.db") as connection:
            connection.execute("UPDATE alembic_version SET version_num = '0001'")

    findings = await stopped(make_node, age)
    assert "commonwire migrate" in findings["migrations"]["mend"]


async def test_a_torn_database_is_named(make_node: Callable[..., Path]) -> None:
    def tear(directory: Path) -> None:
        with sqlite3.connect(directory / "node.db") as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'objects'").fetchone()[0]
            page = connection.execute("PRAGMA page_size").fetchone()[0]
        raw = bytearray((directory / "node.db").read_bytes())
        raw[(root - 1) * page : root * page] = b"\xff" * page
        (directory / "node.db").write_bytes(raw)

    findings = await stopped(make_node, tear)
    assert "restore a backup" in findings["database"]["mend"]


async def test_a_setting_that_does_not_exist_is_named(make_node: Callable[..., Path]) -> None:
    def misspell(directory: Path) -> None:
        (directory / "node.toml").write_text('orign = "https://union.example"\n')

    findings = await stopped(make_node, misspell)
    assert "'orign'" in findings["settings"]["found"]


@pytest.mark.parametrize(("seconds", "level"), [(5, None), (60, "warning"), (4000, "bad"), (-4000, "bad")])
async def test_a_wrong_clock_is_told_in_seconds(
    behind: Behind, hostile_peer: Peer, seconds: int, level: str | None
) -> None:
    def with_a_date() -> Answer:
        moment = datetime.now(UTC) - timedelta(seconds=seconds)
        return Answer({}, content_type="application/json", headers={"Date": format_datetime(moment, usegmt=True)})

    hostile_peer.served["/.well-known/nodeinfo"] = with_a_date
    _, findings = await looked_over(behind.node.directory, "--peer", hostile_peer.host)
    if level is None:
        assert "clock" not in findings
        return
    assert findings["clock"]["level"] == level
    told = int(findings["clock"]["found"].split()[0])
    assert abs(told - abs(seconds)) < 25
    assert ("ahead" if seconds > 0 else "behind") in findings["clock"]["found"]


async def test_what_waits_too_long_is_a_warning(make_node: Callable[..., Path]) -> None:
    from node import jobs
    from tests.nodes.test_killed_nodes import in_database

    directory = await asyncio.to_thread(make_node, 0)
    await asyncio.to_thread(lock_up, directory)
    await in_database(directory, lambda tx: jobs.promise(tx, jobs.Promise("x", {}), due=tx.now - timedelta(hours=2)))
    _, findings = await looked_over(directory)
    assert findings["queue"]["found"] == "something has been due for 2 hours"


async def test_hosts_that_have_not_answered_for_a_week_are_named(make_node: Callable[..., Path]) -> None:
    from node.hosts import hosts
    from tests.nodes.test_killed_nodes import in_database

    def fail(tx: Any) -> None:
        row = {"failures": 9, "failing_since": tx.now - timedelta(days=8), "error": "silence"}
        tx.execute(hosts.insert().values(host="gone.example", unreachable_since=tx.now, **row))
        tx.execute(hosts.insert().values(host="slow.example", **row))

    directory = await asyncio.to_thread(make_node, 0)
    await asyncio.to_thread(lock_up, directory)
    await in_database(directory, fail)
    _, findings = await looked_over(directory)
    assert findings["peers"]["found"] == "no answer for a week from gone.example"
