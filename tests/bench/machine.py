"""What this machine can do alone: the limits that stand beside the figures."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from federation import keys
from tests.bench import processes
from tests.bench.peers import peers
from tests.bench.report import Report, Settings
from tests.bench.served import free_port

SECONDS = 1.0

VERIFY = "RSA verifications"
SIGN = "RSA signatures"
GETS = "bare GETs"
POSTS = "bare POSTs"
COMMITS = "commits"
SAID = {
    VERIFY: "2,048 bits, one core",
    SIGN: "2,048 bits, one core",
    GETS: "an aiohttp server that does nothing, 2 KB",
    POSTS: "an aiohttp server that does nothing, 2 KB",
    COMMITS: "SQLite, each waits for the disk",
}


def about() -> str:
    """The machine and what runs on it, in one line."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{os.cpu_count()} cores ({model}), Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}; "
        f"load of the last 1, 5 and 15 minutes before this: {load}"
    )


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


async def measure(report: Report, settings: Settings) -> None:
    """Enter the limits."""
    report.section("The machine at its best", note="one thing at a time, nothing else around it")
    key = await asyncio.to_thread(keys.make_rsa)
    signature = key.sign(b"x" * 300, padding.PKCS1v15(), hashes.SHA256())
    public = key.public_key()
    _limit(report, VERIFY, _rate(lambda: public.verify(signature, b"x" * 300, padding.PKCS1v15(), hashes.SHA256())))
    _limit(report, SIGN, _rate(lambda: key.sign(b"x" * 300, padding.PKCS1v15(), hashes.SHA256())))
    _limit(report, COMMITS, _commits())
    await _bare(report, settings)


def _limit(report: Report, name: str, per_second: float) -> None:
    report.limit(name, per_second, note=SAID[name])


def _rate(act: Callable[[], Any]) -> float:
    """How often in a second of this process's CPU time."""
    count, began = 0, time.process_time()
    while (passed := time.process_time() - began) < SECONDS:
        for _ in range(50):
            act()
        count += 50
    return count / passed


def _commits() -> float:
    with tempfile.TemporaryDirectory(prefix="commonwire-bench-") as scratch:
        connection = sqlite3.connect(Path(scratch) / "one.db", isolation_level=None)
        connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (x TEXT)")
        count, began = 0, processes.now()
        while (passed := processes.now() - began) < SECONDS:
            connection.execute("INSERT INTO t VALUES ('a row of some length')")
            count += 1
        connection.close()
        return count / passed


async def _bare(report: Report, settings: Settings) -> None:
    """An aiohttp server that does nothing, asked by the same peers."""
    port = free_port()
    server = multiprocessing.get_context("spawn").Process(target=_serve_nothing, args=(port,), daemon=True)
    server.start()
    try:
        async with peers(1) as they:
            url = f"http://127.0.0.1:{port}/"
            await _until_open(port)
            options = {"seconds": settings.read_seconds, "connections": settings.connections}
            gets = await they.call("read", url, accept="*/*", **options)
            posts = await they.call("post", url, size=2000, **options)
    finally:
        server.kill()
        await asyncio.to_thread(server.join)
    _limit(report, GETS, len(gets.latencies) / gets.seconds)
    _limit(report, POSTS, len(posts.latencies) / posts.seconds)


async def _until_open(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def _serve_nothing(port: int) -> None:
    import uvloop

    uvloop.run(_nothing(port))


async def _nothing(port: int) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.method == "POST":
            await request.read()
            return web.Response(status=202)
        return web.Response(body=b"x" * 2000)

    application = web.Application()
    application.router.add_route("*", "/", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()
