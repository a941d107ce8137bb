"""How long a table of figures takes, when nobody has asked for it before, and how that grows with the reports."""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
from collections.abc import Iterable
from urllib.parse import urlencode

import aiohttp

from tests.bench import processes
from tests.bench.report import Report, Settings, percentile
from tests.bench.served import ROOT, Served, environment, served

GROUPINGS = (
    "year",
    "quarter",
    "sector",
    "country",
    "kind",
    "outcome",
    "demand",
    "family",
    "year,sector",
    "country,kind",
)
COUNTRIES = ("US", "IN", "FR", "GB", "ES", "ZA", "KR", "MX")
OTHERS = ({"field": "work"}, {"field": "housing"}, {"since": "2010"}, {"demand": "pay"}, {"status": "ongoing"})
QUESTIONS = 200


async def measure(report: Report, settings: Settings) -> None:
    """Ask for tables that differ, one after the other, of nodes that hold few and many reports."""
    report.section("Figures", note="one question after the other, each of them new to the node; ms until the last byte")
    for count in (settings.reports, settings.more_reports):
        async with served() as node:
            await _fill(node, count)
            narrow, wide = _questions(), [f"by={by}" for by in GROUPINGS]
            for what, path, questions in (
                ("a filtered table", "/figures.json", narrow[:QUESTIONS]),
                ("  as a page", "/figures", narrow[QUESTIONS:]),
                ("a table of everything", "/figures.json", wide),
            ):
                taken = await _ask(node, path, questions)
                worst = f"p99 {1000 * percentile(taken, 0.99):.0f} ms"
                report.line(f"{what}, of {count:,}", 1000 * percentile(taken, 0.5), "ms", note=worst)


def _questions() -> list[str]:
    """Filtered tables, none of them twice, in an order that is always the same."""
    combined = itertools.product(GROUPINGS, COUNTRIES, OTHERS)
    found = [urlencode({"by": by, "country": country, **other}) for by, country, other in combined]
    random.Random(1).shuffle(found)
    return found


async def _fill(node: Served, count: int) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.reports", str(node.directory), str(count), env=environment(), cwd=ROOT
    )
    if await process.wait():
        raise RuntimeError(f"{count} reports could not be entered")


async def _ask(node: Served, path: str, questions: Iterable[str]) -> list[float]:
    taken = []
    async with aiohttp.ClientSession() as session:
        for question in questions:
            began = processes.now()
            async with session.get(f"{node.origin}{path}?{question}") as response:
                body = await response.read()
            if response.status != 200 or not body:
                raise RuntimeError(f"{path}?{question} was answered {response.status}")
            taken.append(processes.now() - began)
    return taken
