"""What comes in: Creates of strangers and of those who are known, and Follows that are answered."""

from __future__ import annotations

from typing import Any

from tests.bench import machine, processes
from tests.bench.peers import Peers, peers
from tests.bench.report import Report, Settings, Stopwatch, percentile
from tests.bench.served import Served, served

VISIBLE = "SELECT count(*) FROM objects WHERE in_reply_to = ? AND public"


async def measure(report: Report, settings: Settings) -> None:
    """Measure a node that knows nobody, then the same when it knows everybody."""
    async with served() as node, peers(settings.hosts) as they:
        statement = await node.published()
        report.section(
            "What comes in",
            note=f"signed Creates of {settings.hosts} actors on as many hosts, answers to a statement of ours; "
            f"{settings.connections * 2} connections",
        )
        await they.call("settle", name="writer", per_host=1, shared_inbox=True)
        await _creates(report, settings, node, they, statement, settings.hosts, "from strangers, fetched first")
        before = node.disk_bytes()
        await _creates(report, settings, node, they, statement, settings.activities, "from those who are known")
        grown = node.disk_bytes() - before
        report.line("on the disk for 1,000 of them", grown / settings.activities * 1000 / 1024, "KiB")
        await _follows(report, settings, node, they)
        now, peak = node.memory()
        report.line("resident memory afterwards", now, "MiB")
        report.line("  and at its peak", peak, "MiB")


async def _creates(
    report: Report, settings: Settings, node: Served, they: Peers, statement: str, count: int, who: str
) -> None:
    inbox, already = f"{node.origin}/inbox", node.count(VISIBLE, statement)
    await they.call("prepare", "Create", name="writer", count=count, inbox=inbox, subject=statement, group=node.group)
    watch = Stopwatch(node, they)
    fired = await they.call("send", port=node.port, connections=settings.connections * 2)
    visible_at = await node.until(VISIBLE, statement, reaches=lambda number: number >= already + count)
    await node.quiet()
    spent = watch.stop(seconds=visible_at - fired.began)
    _all_accepted(fired, count)
    report.line(f"accepted, {who}", count / fired.seconds, beside=machine.POSTS)
    report.line("  until all are visible", count / spent.seconds, spent=spent, each=count, beside=machine.VERIFY)
    report.line("  p99 of the answers", 1000 * percentile(fired.latencies, 0.99), "ms")


async def _follows(report: Report, settings: Settings, node: Served, they: Peers) -> None:
    count = settings.follows
    per_host = max(1, count // settings.hosts)
    count = await they.call("settle", name="follower", per_host=per_host, shared_inbox=True)
    inbox = f"{node.group}/inbox"
    await they.call("prepare", "Follow", name="follower", count=count, inbox=inbox, subject="", group=node.group)
    await they.call("forget")
    watch = Stopwatch(node, they)
    fired = await they.call("send", port=node.port, connections=settings.connections * 2)
    arrived = await they.call("await_arrivals", total=count, seconds=120)
    await node.quiet()
    spent = watch.stop(seconds=arrived.last - fired.began)
    _all_accepted(fired, count)
    if arrived.total != count or len(arrived.inboxes) != count:
        raise RuntimeError(f"{count} followed, {arrived.total} Accepts reached {len(arrived.inboxes)} inboxes")
    report.line(f"{count} Follows of strangers taken in", fired.seconds, "seconds")
    report.line("  until the last Accept was there", spent.seconds, "seconds", spent=spent, each=count)


def _all_accepted(fired: Any, count: int) -> None:
    if fired.statuses != {202: count}:
        raise RuntimeError(f"{count} were sent, and answered with {fired.statuses} at {processes.now():.1f}")
