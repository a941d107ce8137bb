"""What goes out: one statement to everybody who follows, to each at her own inbox and to shared ones."""

from __future__ import annotations

import aiohttp

from tests.bench import machine, processes
from tests.bench.peers import Peers, peers
from tests.bench.report import Report, Settings, Stopwatch
from tests.bench.served import Served, served

STATEMENTS = 5
FOLLOWERS = "SELECT count(*) FROM follows WHERE state = 'accepted'"
WAITING = "SELECT count(*) FROM jobs"


async def measure(report: Report, settings: Settings) -> None:
    """Measure a fan-out to personal inboxes, and one to shared ones."""
    report.section(
        "What goes out",
        note=f"one statement to {settings.followers} followers on {settings.hosts} hosts, {STATEMENTS} times; from the "
        "request that publishes it to the last arrival",
    )
    for shared, where in ((False, "each at an inbox of her own"), (True, "by shared inboxes")):
        async with served() as node, peers(settings.hosts) as they:
            inboxes = await _follow(settings, node, they, shared=shared)
            await _statements(report, node, they, inboxes, where)
            if not shared:
                await _five_at_once(report, node, they, inboxes)


async def _follow(settings: Settings, node: Served, they: Peers, *, shared: bool) -> int:
    """Let everybody follow; how many inboxes that makes."""
    per_host = max(1, settings.followers // settings.hosts)
    count = await they.call("settle", name="follower", per_host=per_host, shared_inbox=shared)
    inbox = f"{node.group}/inbox"
    await they.call("prepare", "Follow", name="follower", count=count, inbox=inbox, subject="", group=node.group)
    await they.call("send", port=node.port, connections=settings.connections)
    await node.until(FOLLOWERS, reaches=lambda number: number == count)
    await they.call("await_arrivals", total=count, seconds=120)
    await node.until(WAITING, reaches=lambda number: number == 0)
    return settings.hosts if shared else count


async def _statements(report: Report, node: Served, they: Peers, inboxes: int, where: str) -> None:
    seconds, watch = 0.0, Stopwatch(node, they)
    token = str((await node.commonwire("token", "steward", "--scopes", "publish"))["token"])
    for number in range(STATEMENTS):
        seconds += await _publish(node, they, token, total=inboxes, statements=1, text=f"Statement {number}.")
    await node.until(WAITING, reaches=lambda number: number == 0)
    spent, each = watch.stop(seconds=seconds), inboxes * STATEMENTS
    report.line(f"deliveries, {where}", each / seconds, spent=spent, each=each, beside=machine.SIGN)
    report.line(f"  to {inboxes} inboxes in", seconds / STATEMENTS, "seconds")


async def _five_at_once(report: Report, node: Served, they: Peers, inboxes: int) -> None:
    token = str((await node.commonwire("token", "steward", "--scopes", "publish"))["token"])
    watch = Stopwatch(node, they)
    seconds = await _publish(node, they, token, total=inboxes * STATEMENTS, statements=STATEMENTS, text="At once.")
    await node.until(WAITING, reaches=lambda number: number == 0)
    spent, each = watch.stop(seconds=seconds), inboxes * STATEMENTS
    report.line(f"  {STATEMENTS} statements at once", each / seconds, spent=spent, each=each, beside=machine.SIGN)


async def _publish(node: Served, they: Peers, token: str, *, total: int, statements: int, text: str) -> float:
    """Publish; how many seconds it took until the last inbox had all of it."""
    await they.call("forget")
    headers = {"Authorization": f"Bearer {token}"}
    began = processes.now()
    async with aiohttp.ClientSession(headers=headers) as http:
        for _ in range(statements):
            async with http.post(f"{node.origin}/api/statements", json={"text": text}) as answer:
                if answer.status != 201:
                    raise RuntimeError(f"publishing was answered with {answer.status}")
    arrived = await they.call("await_arrivals", total=total, seconds=120)
    if arrived.total != total:
        raise RuntimeError(f"{arrived.total} of {total} deliveries arrived")
    return float(arrived.last) - began
