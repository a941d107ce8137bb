"""Clients that others wrote, from their packages, each from registration to deletion against a node that runs.

Each logs in by the real form in which a member types her password. Which calls it made, and how they ended, is printed
and must hold no error that the client did not ask for.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from node import metrics
from tests.interop import npm
from tests.media.films import film
from tests.nodes import push_service
from tests.nodes.peer import Peer
from tests.nodes.served import PATIENCE, ServedNode, eventually
from tests.web.mastodon.logins import allow, browser, log_in

PROJECT = Path(__file__).parent / "clients"
OOB = "urn:ietf:wg:oauth:2.0:oob"
COUNT = re.compile(r'_count\{method="(\w+)",route="([^"]+)",status="(\d+)"\} (\d+)')
SECONDS = 600.0

pytestmark = pytest.mark.one_database


@pytest.fixture
async def busy(serve: Callable[..., Any], hostile_peer: Peer) -> ServedNode:
    """A node that follows somebody, has heard her, and is heard of by her."""
    node: ServedNode = await serve(0, settings={"metrics_listen": "127.0.0.1:1"})
    ana, inbox = hostile_peer.actor("ana"), f"{node.origin}/inbox"
    await node.follow(f"@ana@{hostile_peer.host}")
    note = hostile_peer.note(ana, "<p>Solidarity from #elsewhere</p>")
    own = await node.publish("We are on strike.")
    for activity in (hostile_peer.activity("Create", ana, note), hostile_peer.activity("Like", ana, own)):
        assert await hostile_peer.send(inbox, activity) == 202
    await eventually(lambda: node.holds(note["id"]))
    await node.quiet()
    return node


def calls(node: ServedNode) -> list[tuple[str, str, int]]:
    """Which addresses of the API were called, and how it ended."""
    lines = metrics.render(node.node.metrics.families())
    found = [(method, route, int(status)) for method, route, status, _ in COUNT.findall(lines)]
    return sorted(one for one in found if one[1].startswith(("/api/", "/oauth", "/nodeinfo", "/.well-known")))


def report(name: str, node: ServedNode, *, expected: frozenset[int] = frozenset({404})) -> None:
    made = calls(node)
    print(f"\n{name} made {len(made)} kinds of calls:")
    for method, route, status in made:
        print(f"  {status} {method:7} {route}")
    wrong = [one for one in made if one[2] >= 400 and one[2] not in expected]
    assert not wrong and not [one for one in made if one[2] >= 500]


async def code_for(node: ServedNode, url: str) -> str:
    """The code that a member is shown when she lets the app in."""
    async with browser(node) as session:
        page = await log_in(session, url.removeprefix(node.origin), "steward")
        status, _, shown = await allow(session, page, node.group)
    assert status == 200, shown
    found = re.search(r'<(?:code|input|samp)[^>]*?(?:value="|>)([\w-]{20,})', shown)
    assert found is not None, shown
    return found[1]


# ---- JavaScript


@asynccontextmanager
async def driven(library: str, origin: str, cache: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    packages = await asyncio.to_thread(npm.installed, PROJECT, cache)
    with tempfile.TemporaryDirectory(dir=packages) as directory:
        await asyncio.to_thread(shutil.copy, PROJECT / "drive.mjs", directory)
        process = await asyncio.create_subprocess_exec(
            npm.node_command(), "drive.mjs", library, origin, cwd=directory,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"DEVICE_KEYS": json.dumps(push_service.Device("").keys)},
        )  # fmt: skip
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def drive(library: str, node: ServedNode, cache: Path) -> dict[str, Any]:
    """What the client said of each thing that it did."""
    said: dict[str, Any] = {}
    async with asyncio.timeout(SECONDS), driven(library, node.origin, cache) as process:
        assert process.stdout is not None and process.stdin is not None and process.stderr is not None
        while line := await process.stdout.readline():
            told = json.loads(line)
            said[told["what"]] = told["value"]
            if told["what"] == "authorize":
                process.stdin.write((await code_for(node, told["value"]) + "\n").encode())
                await process.stdin.drain()
        errors = (await process.stderr.read()).decode()
    assert said.get("done") is True, (said, errors[-2000:])
    return said


async def test_masto_js(busy: ServedNode, npm_cache: Path) -> None:
    said = await drive("masto", busy, npm_cache)
    report("masto.js", busy)
    assert said["streamed"] is True, said
    assert said["me"] == "union" and said["posted"]["media"] == 1
    assert said["thread"] == [True] and said["edited"] and said["marked"] == [1, 1] and said["home"] and said["boosted"]
    assert (
        said["pages"] == [1, 1] and said["list"] and said["filter"] == "rain" and "favourite" in said["notifications"]
    )
    assert said["found"] == 1 and said["relationship"] is True and said["deleted"]
    assert said["pushes"] == [True, "followed", False, True, True, True]


async def test_megalodon(busy: ServedNode, npm_cache: Path) -> None:
    said = await drive("megalodon", busy, npm_cache)
    report("megalodon", busy)
    assert said["sns"] == "mastodon" and said["me"] == "union"
    assert said["thread"] == [True] and said["edited"] and said["marked"] == [1, 1] and said["boosted"]
    assert (
        "favourite" in said["notifications"] and said["found"] == 1 and said["lists"] == "Millers" and said["deleted"]
    )


# ---- Python


async def test_mastodon_py(busy: ServedNode, tmp_path: Path) -> None:
    from mastodon import Mastodon

    def begin() -> tuple[Mastodon, str]:
        ids = Mastodon.create_app("Mastodon.py", api_base_url=busy.origin, scopes=["read", "write", "follow"])
        client = Mastodon(*ids, api_base_url=busy.origin, request_timeout=300)
        return client, client.auth_request_url(redirect_uris=OOB, scopes=["read", "write", "follow"], allow_http=True)

    client, url = await asyncio.to_thread(begin)
    code = await code_for(busy, url)
    await asyncio.to_thread(use_mastodon_py, client, code)
    report("Mastodon.py", busy)


def use_mastodon_py(client: Any, code: str) -> None:
    from mastodon import MastodonNotFoundError, StreamListener

    class Heard(StreamListener):  # type: ignore[misc]
        updates: ClassVar[list[int]] = []

        def on_update(self, status: Any) -> None:
            self.updates.append(status["id"])

    client.log_in(code=code, redirect_uri=OOB, scopes=["read", "write", "follow"], allow_http=True)
    assert client.me()["username"] == "union"
    assert client.instance_v1()["uri"] == client.instance_v2()["domain"]
    stream = client.stream_user(Heard(), run_async=True, reconnect_async=False)
    await_that(lambda: stream.connection is not None)  # it connects in a thread of its own
    media = client.media_post(io_picture(), "image/png", description="A dot")
    sent = client.media_post(film("mp4"), "video/mp4", description="Trams stand still", synchronous=True)
    assert sent["type"] == "video" and sent["url"] and sent["meta"]["original"]["duration"] > 0.9
    said = client.status_post("Posted by Mastodon.py", media_ids=[media], idempotency_key="once")
    assert client.status_post("Posted by Mastodon.py", idempotency_key="once")["id"] == said["id"]
    answer = client.status_reply(said, "And answered")
    assert [one["id"] for one in client.status_context(said["id"])["descendants"]] == [answer["id"]]
    assert "Corrected" in client.status_update(said["id"], "Corrected by Mastodon.py")["content"]
    assert len(client.status_history(said["id"])) == 2 and client.status_source(said["id"])["text"]
    assert client.status_favourite(said["id"])["favourited"] and client.status_bookmark(said["id"])["bookmarked"]
    assert len(client.favourites()) == len(client.bookmarks()) == 1
    home = client.timeline_home(limit=1)
    older = client.fetch_next(home)
    assert older and older[0]["id"] != home[0]["id"]
    assert client.fetch_previous(older)[0]["id"] == home[0]["id"]
    other = next(one for one in client.timeline_home() if "@" in one["account"]["acct"])
    assert client.status_reblog(other["id"])["reblog"]["id"] == other["id"]
    client.status_unreblog(other["id"])
    account = client.account_lookup(other["account"]["acct"])
    assert client.account_relationships(account["id"])[0]["requested"] is True
    assert client.account_statuses(account["id"]) and client.timeline_hashtag("elsewhere") is not None
    made = client.list_create("Bakers")
    client.list_accounts_add(made["id"], [account["id"]])
    assert client.timeline_list(made["id"]) and client.lists()
    client.list_delete(made["id"])
    assert "favourite" in [one["type"] for one in client.notifications()]
    assert client.search("answered")["statuses"][0]["id"] == answer["id"]
    assert client.markers_get(["home"]) == {} and client.markers_set(["home"], [said["id"]])
    client.status_pin(said["id"])
    client.status_unpin(said["id"])
    client.account_mute(account["id"])
    client.account_unmute(account["id"])
    client.status_delete(answer["id"])
    with pytest.raises(MastodonNotFoundError):
        client.status(answer["id"])
    await_that(lambda: said["id"] in Heard.updates)
    stream.close()


def await_that(happens: Callable[[], bool]) -> None:
    """Wait in a thread, in which no loop runs."""
    end = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.05)


def io_picture() -> bytes:
    return base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )


async def test_toot(busy: ServedNode, tmp_path: Path) -> None:
    env = os.environ | {
        "XDG_CONFIG_HOME": str(tmp_path),
        "TOOT_CONFIG_DIR": str(tmp_path),
        "NO_COLOR": "1",
        "BROWSER": "true",
    }
    picture = tmp_path / "dot.png"
    await asyncio.to_thread(picture.write_bytes, io_picture())

    async def toot(*words: str, fails: bool = False) -> str:
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).parent / "toot", *words, env=env,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        async with asyncio.timeout(SECONDS):
            out, _ = await process.communicate()
        assert (process.returncode != 0) is fails, (words, out.decode())
        return out.decode()

    await log_toot_in(busy, env)
    assert "union" in await toot("whoami")
    said = json.loads(await toot("post", "Posted by toot", "--media", str(picture), "--description", "A dot", "--json"))
    assert len(said["media_attachments"]) == 1
    answer = json.loads(await toot("post", "And answered", "--reply-to", said["id"], "--json"))
    assert "And answered" in await toot("thread", said["id"])
    assert "Posted by toot" in await toot("timelines", "home", "--no-pager")
    for words in ("favourite", "unfavourite", "bookmark", "unbookmark", "pin", "unpin", "status"):
        await toot(words, said["id"])
    assert "ana" in await toot("notifications")
    await toot("search", "answered")
    await toot("lists", "create", "Bakers")
    assert "Bakers" in await toot("lists", "list")
    assert "127.0.0.1" in await toot("instance", busy.origin)
    await toot("delete", answer["id"])
    await toot("thread", answer["id"], fails=True)
    report("toot", busy)


async def log_toot_in(node: ServedNode, env: dict[str, str]) -> None:
    """`toot login` shows an address, and waits for the code."""
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).parent / "toot", "login", "--instance", node.origin, env=env,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    said = b""
    async with asyncio.timeout(SECONDS):
        process.stdin.write(b"n\n")  # no browser here
        while not (found := re.search(rb"(http\S+/oauth/authorize\S+)", said)):
            part = await process.stdout.read(1000)
            assert part, said.decode()
            said += part
        code = await code_for(node, found[1].decode())
        process.stdin.write(f"{code}\n".encode())
        out, _ = await process.communicate()
    assert process.returncode == 0, (said + out).decode()
