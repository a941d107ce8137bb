"""What is read: the actor document, a statement as JSON and as a page."""

from __future__ import annotations

from federation.media_types import ACTIVITY_JSON
from tests.bench import machine
from tests.bench.peers import peers
from tests.bench.report import Report, Settings, Stopwatch, percentile
from tests.bench.served import served


async def measure(report: Report, settings: Settings) -> None:
    """Ask a node of few statements, over some connections at once, each asking again when it is answered."""
    async with served() as node, peers(1) as they:
        statement = await node.published("**We are on strike.**\n\n" + "The gate is open to all. " * 40)
        report.section("What is read", note=f"{settings.connections} connections, nothing compressed, no If-None-Match")
        for what, url, accept in (
            ("actor document", node.group, ACTIVITY_JSON),
            ("statement as JSON", statement, ACTIVITY_JSON),
            ("statement as HTML", statement, "text/html"),
        ):
            watch = Stopwatch(node, they)
            fired = await they.call(
                "read", url, accept=accept, seconds=settings.read_seconds, connections=settings.connections
            )
            spent, count = watch.stop(), len(fired.latencies)
            if fired.statuses != {200: count}:
                raise RuntimeError(f"{url} was answered with {fired.statuses}")
            report.line(what, count / fired.seconds, spent=spent, each=count, beside=machine.GETS)
            report.line("  p99", 1000 * percentile(fired.latencies, 0.99), "ms")
            report.line("  size", fired.read_bytes / count / 1024, "KiB")
