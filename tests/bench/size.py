"""What a node needs when nobody asks anything: seconds to start, memory, disk."""

from __future__ import annotations

import asyncio

from tests.bench.report import Report, Settings
from tests.bench.served import running, served

IDLE_SECONDS = 3


async def measure(report: Report, _settings: Settings) -> None:
    """Start a node, let it stand, start it again."""
    report.section("At rest")
    async with served() as node:
        await asyncio.sleep(IDLE_SECONDS)
        now, peak = node.memory()
        report.line("resident memory, idle", now, "MiB")
        report.line("  and at its peak since the start", peak, "MiB")
        report.line("an empty node on the disk", node.disk_bytes() / 1024, "KiB")
        node.process.terminate()
        await node.process.wait()
        starts = []
        for _ in range(3):
            async with running(node.directory, node.port) as again:
                starts.append(again.seconds_to_first_answer)
        report.line("from start to the first answer, best of three", min(starts), "seconds")
