"""How long a search takes on 15,000 reports and on 150,000."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from operator import le
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.peers import Peers, peers
from tests.bench.report import Report, Settings, percentile
from tests.bench.served import ROOT, environment, served

CONNECTIONS = 1  # as long as one answer takes, and not how many wait
ASKED = (
    ("a word that every text has", {"q": "the"}),
    ("a rare word", {"q": "bergheim"}),
    ("a word that no text has", {"q": "nonexistent"}),
    ("how a word begins", {"q": "st*"}),
    ("several words, one of them not", {"q": "lockout bergheim -strike"}),
    ("two words together", {"q": '"port calder"'}),
    ("a common word in a rare place", {"q": "the", "country": "TN", "kind": "hunger-strike"}),
    ("a common word in one month", {"q": "the", "since": "1994-03", "until": "1994-03"}),
)


async def measure(report: Report, settings: Settings) -> None:
    """Fill a node with plausible reports, and ask it over one connection, again and again."""
    for count in (settings.reports, settings.more_reports):
        report.section(f"Search in {count:,} reports", note="/api/search and the page, over one connection")
        async with served() as node, peers(1) as they:
            await _fill(node.directory, count)
            await node.until("SELECT count(*) FROM search_entries", reaches=partial(le, count))
            for what, asked in ASKED:
                await _ask(report, settings, they, what, f"{node.origin}/api/search?{urlencode(asked)}")
            page = f"{node.origin}/search?{urlencode(ASKED[0][1])}"
            await _ask(report, settings, they, "the page", page, accept="text/html")


async def _ask(
    report: Report, settings: Settings, they: Peers, what: str, url: str, *, accept: str = "application/json"
) -> None:
    fired = await they.call("read", url, accept=accept, seconds=settings.read_seconds, connections=CONNECTIONS)
    if fired.statuses != {200: len(fired.latencies)}:
        raise RuntimeError(f"{url} was answered with {fired.statuses}")
    report.line(what, len(fired.latencies) / fired.seconds)
    report.line("  p99", 1000 * percentile(fired.latencies, 0.99), "ms")


async def _fill(directory: Path, count: int) -> None:
    """Enter reports beside the node that is served."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.reports", str(directory), str(count), env=environment(), cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    if await process.wait():
        raise RuntimeError(f"filling {directory} ended with {process.returncode}")
