"""/metrics: what Prometheus reads, at an address of its own, with nothing about anybody in it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from node import config
from node.errors import Unfit
from node.gauges import COUNTED_EVERY_SECONDS
from node.metrics import Counter, Family, Histogram, gauge, render
from tests.nodes.peer import Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode, free_port
from tests.nodes.test_killed_nodes import config_origin
from tests.nodes.test_service_manager import started

# Text format 0.0.4, as Prometheus documents it.
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?[0-9.e+-]+|\+Inf|NaN)")
COMMENT = re.compile(rf"# (HELP|TYPE) ({NAME}) (.+)")


def read(text: str) -> dict[str, float]:
    """Every sample by its name and labels; fails for what Prometheus would not take."""
    assert text.endswith("\n")
    samples: dict[str, float] = {}
    types: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            comment = COMMENT.fullmatch(line)
            assert comment is not None, line
            if comment[1] == "TYPE":
                assert comment[2] not in types, f"{comment[2]} stands there twice"
                types[comment[2]] = comment[3]
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample is not None, line
        family = re.sub(r"_(bucket|sum|count)$", "", sample[1])
        assert family in types or sample[1] in types, line
        key = line.rpartition(" ")[0]
        assert key not in samples, line
        samples[key] = float(sample[3])
    return samples


def test_the_text_format() -> None:
    counter = Counter("a_total", 'Of "these"\nand \\ those.', "x")
    counter.add('"\\\n')
    counter.add("plain", by=2.5)
    text = render([counter.family(), gauge("b", "B.", 1e20), Family("c", "gauge", "C.", (), [("", (), 3.0)])])
    assert text == (
        '# HELP a_total Of "these"\\nand \\\\ those.\n# TYPE a_total counter\n'
        'a_total{x="\\"\\\\\\n"} 1\na_total{x="plain"} 2.5\n'
        "# HELP b B.\n# TYPE b gauge\nb 1e+20\n# HELP c C.\n# TYPE c gauge\nc 3\n"
    )
    read(text)


def test_a_histogram_counts_each_duration_once_and_adds_up() -> None:
    histogram = Histogram("d_seconds", "D.", "x", bounds=(0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 7.0):
        histogram.observe(seconds, "y")
    samples = read(render([histogram.family()]))
    assert samples == {
        'd_seconds_bucket{x="y",le="0.1"}': 2,
        'd_seconds_bucket{x="y",le="1"}': 3,
        'd_seconds_bucket{x="y",le="+Inf"}': 4,
        'd_seconds_sum{x="y"}': 7.65,
        'd_seconds_count{x="y"}': 4,
    }


async def scrape(port: int) -> str:
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/metrics") as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return await response.text()


async def test_what_the_node_does_is_counted_without_saying_who(
    serve: Callable[..., object], hostile_peer: Peer
) -> None:
    from node import app

    port = free_port()
    node: ServedNode = await serve(0, settings={"metrics_listen": f"127.0.0.1:{port}"})  # type: ignore[misc]
    actor = hostile_peer.actor("ana-4711")
    inbox = f"{node.origin}/inbox"
    async with app.serving_metrics(node.node):
        began = time.monotonic()
        before = read(await scrape(port))
        for kind in ("Like", "Follow", "Dislike4712"):
            activity = hostile_peer.activity(kind, actor, node.group)
            assert await hostile_peer.send(inbox, activity) == 202
        await node.publish("Something said. #4713")
        await node.quiet()
        for path in ("/statements/4714", "/tags/4715", "/4716", "/heard/%00"):
            await node.page(path)
        await node.http.request("PROPFIND", node.origin + "/4717")
        text = await scrape(port)
    after = read(text)
    assert after['commonwire_activities_total{type="Follow",state="done"}'] == 1
    assert after['commonwire_activities_total{type="other",state="ignored"}'] == 1
    assert after["commonwire_activity_seconds_count"] == 3
    assert after['commonwire_jobs_total{kind="deliver",outcome="done"}'] >= 1
    assert after["commonwire_activities_pending"] == 0
    assert before["commonwire_remote_actors"] == 0
    again = time.monotonic() - began >= COUNTED_EVERY_SECONDS
    assert after["commonwire_remote_actors"] == 0 or again, "counted once a minute"
    assert after['commonwire_http_request_seconds_count{method="POST",route="/inbox",status="202"}'] == 3
    assert after['commonwire_http_request_seconds_count{method="GET",route="/statements/{id}",status="404"}'] == 1
    assert after['commonwire_http_request_seconds_count{method="GET",route="other",status="404"}'] >= 1
    assert after['commonwire_http_request_seconds_count{method="other",route="other",status="404"}'] == 1
    assert after["process_resident_memory_bytes"] > 10_000_000
    assert after["commonwire_database_bytes"] > 10_000
    assert any(key.startswith("commonwire_build_info{") for key in after)
    for trace in ("ana", "471", "127.0.0.1", "union", hostile_peer.host, str(node.directory)):
        assert trace not in re.sub(r" [0-9.e+-]+\n", "\n", text), trace


async def test_strangers_cannot_make_the_number_of_labels_grow(
    serve: Callable[..., object], hostile_peer: Peer
) -> None:
    from node import app

    port = free_port()
    node: ServedNode = await serve(0, settings={"metrics_listen": f"127.0.0.1:{port}"})  # type: ignore[misc]
    actor = hostile_peer.actor()
    async with app.serving_metrics(node.node):
        sizes = []
        for number in range(3):
            for name in (f"x{number}", f"y{number}", f"z{number}"):
                await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity(name, actor, f"{actor}/{name}"))
                await node.page(f"/{name}")
                await node.http.request(f"M{name}", node.origin + "/")
            await node.quiet()
            sizes.append(len(read(await scrape(port))))
    assert len(set(sizes)) == 1, "what came first is all there is"


@pytest.mark.one_database
async def test_the_public_does_not_see_them(node: ServedNode) -> None:
    assert (await node.page("/metrics"))[0] == 404


@pytest.mark.one_database
async def test_a_served_node_listens_for_them_where_it_is_told(make_node: Callable[..., Path]) -> None:
    port, other = free_port(), free_port()
    directory = await asyncio.to_thread(make_node, 0, settings={"metrics_listen": f"127.0.0.1:{port}"})
    async with started(directory) as process:
        assert process.stdout is not None
        assert f"metrics on 127.0.0.1:{port}".encode() in await process.stdout.readline()
        origin = await asyncio.to_thread(config_origin, directory)
        async with aiohttp.ClientSession() as http, http.get(f"{origin}/healthz") as response:
            assert response.status == 200
        samples = read(await scrape(port))
        assert samples['commonwire_http_request_seconds_count{method="GET",route="/healthz",status="200"}'] == 1
        said = await commonwire("serve", directory, "--listen", f"127.0.0.1:{other}")
        assert (said.status, "cannot listen on" in said.err, str(port) in said.err) == (1, True, True)


@pytest.mark.parametrize("value", ["9464", ":9464", "127.0.0.1:", "127.0.0.1:99999", "x:y"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(Unfit, match="metrics_listen"):
        config.from_table({"origin": "https://union.example", "metrics_listen": value}, directory=tmp_path)
