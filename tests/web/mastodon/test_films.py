"""A member sends a film from an app: it is cleaned, described, published, played in parts, and goes as pictures go."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from PIL import Image

from node import backup, media, pruning
from node.statements import correcting
from node.uploads import rules
from schemas.kinds import DURATION
from tests.media.films import SECRET, SIDE, film, opened, said, tune
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually
from tests.statements.test_corrections import follower
from tests.statements.test_pictures import photograph
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import App

pytestmark = pytest.mark.one_database


def form(raw: bytes, **fields: str) -> aiohttp.FormData:
    sent = aiohttp.FormData(fields)
    sent.add_field("file", raw, filename="strike.mov", content_type="video/quicktime")
    return sent


async def send(app: App, raw: bytes, **fields: str) -> Any:
    """As an app does: it asks again until there is an address."""
    answer = await app.call("POST", "/api/v2/media", data=form(raw, **fields))
    assert answer.status in (200, 202), answer.body
    sent = answer.body

    async def ready() -> bool:
        nonlocal sent
        answer = await app.call("GET", f"/api/v1/media/{sent['id']}")
        assert answer.status in (200, 206), answer.body
        assert (answer.body["url"] is None) == (answer.status == 206)
        sent = answer.body
        return answer.status == 200

    await eventually(ready)
    return sent


def read_duration(spelled: str) -> float:
    return DURATION.read(spelled)


def files(node: ServedNode) -> set[str]:
    return {path.name for path in (node.directory / media.DIRECTORY).glob("*")}


async def get(node: ServedNode, url: str, **headers: str) -> tuple[int, bytes, Any]:
    async with node.http.get(url, headers=headers) as response:
        return response.status, await response.read(), response.headers


async def test_a_film_is_published_and_played(node: ServedNode, hostile_peer: Peer, app_login: AppLogin) -> None:
    await follower(node, hostile_peer)
    app = await app_login(node, "steward")
    raw = film()
    assert SECRET in said(raw)
    sent = await send(app, raw, focus="0.1,0.2")
    assert (sent["type"], sent["description"]) == ("video", None)
    assert sent["url"].endswith(".mp4") and sent["preview_url"].endswith(".jpg") and len(sent["blurhash"]) == 28
    meta = sent["meta"]
    assert (meta["original"]["width"], meta["original"]["height"]) == (SIDE, SIDE)
    assert 0.9 < meta["original"]["duration"] < 1.2 and meta["original"]["bitrate"] > 0
    assert (meta["original"]["frame_rate"], meta["fps"], meta["length"][:5]) == ("30000/1000", 30, "0:00:")
    assert meta["small"]["size"] == f"{SIDE}x{SIDE}" and meta["focus"] == {"x": 0.1, "y": 0.2}

    status = {"status": "Look.", "media_ids": [sent["id"]]}
    refused = await app.call("POST", "/api/v1/statuses", json=status)
    assert refused.status == 422 and "description" in refused.body["error"]
    await app.send("PUT", f"/api/v1/media/{sent['id']}", {"description": "Trams stand still"})
    told = await app.send("POST", "/api/v1/statuses", status)
    (shown,) = told["media_attachments"]
    assert (shown["url"], shown["meta"], shown["preview_url"]) == (sent["url"], meta, sent["preview_url"])

    code, body, headers = await get(node, shown["url"])
    assert (code, headers["Content-Type"], headers["X-Content-Type-Options"]) == (200, "video/mp4", "nosniff")
    assert (
        "default-src 'none'" in headers["Content-Security-Policy"] and "sandbox" in headers["Content-Security-Policy"]
    )
    assert SECRET.encode() not in body and SECRET not in said(body)
    code, part, headers = await get(node, shown["url"], Range="bytes=4-11")
    assert (code, part, headers["Content-Range"]) == (206, body[4:12], f"bytes 4-11/{len(body)}")
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Content-Type"] == "video/mp4"
    assert (await get(node, shown["url"], Range=f"bytes={len(body) + 1}-"))[0] == 416
    async with node.http.head(shown["url"]) as response:
        assert (response.status, int(response.headers["Content-Length"])) == (200, len(body))
    code, poster, headers = await get(node, shown["preview_url"])
    assert headers["Content-Type"] == "image/jpeg" and Image.open(io.BytesIO(poster)).size == (SIDE, SIDE)

    await node.quiet()
    (create,) = hostile_peer.sent_to("Create")
    (attached,) = create["object"]["attachment"]
    assert (attached["type"], attached["mediaType"], attached["name"]) == ("Video", "video/mp4", "Trams stand still")
    assert (attached["width"], attached["height"], attached["blurhash"]) == (SIDE, SIDE, sent["blurhash"])
    assert read_duration(attached["duration"]) == meta["duration"]
    assert attached["icon"] == {"type": "Image", "mediaType": "image/jpeg", "url": sent["preview_url"]}
    _, page = await node.page(told["uri"])
    assert f'<video controls preload="none" src="{sent["url"].removeprefix(node.origin)}"' in page
    assert "Trams stand still" in page and "tells that server" not in page and "autoplay" not in page
    async with node.http.get(told["uri"], headers={"Accept": "text/html"}) as response:
        assert "media-src 'self'" in response.headers["Content-Security-Policy"]

    names = {url.rpartition("/")[2] for url in (sent["url"], sent["preview_url"])}
    assert files(node) == names
    archive = node.directory.parent / "public.tar.gz"
    counted = await backup.public(node.node, archive)
    assert counted[media.DIRECTORY] == 2, "its poster is part of what everybody may read"
    await node.write(correcting.delete, told["uri"], reason="safety", member=await node.steward())
    await node.quiet()
    node.clock.advance(timedelta(days=2))
    await pruning.prune(node.node)
    assert files(node) == set() and (await get(node, sent["url"]))[0] == 404


async def test_sounds_thumbnails_and_what_is_refused(node: ServedNode, app_login: AppLogin) -> None:
    app = await app_login(node, "steward")
    sent = await send(app, tune("ipod", "aac"), description="A song of the depot")
    assert (sent["type"], sent["preview_url"], sent["blurhash"]) == ("audio", None, None)
    assert set(sent["meta"]["original"]) == {"duration", "bitrate"}
    assert (await get(node, sent["url"]))[2]["Content-Type"] == "audio/mp4"
    told = await app.send("POST", "/api/v1/statuses", {"status": "Sing.", "media_ids": [sent["id"]]})
    assert '<audio controls preload="none"' in (await node.page(told["uri"]))[1]

    chosen = aiohttp.FormData({"description": "Trams"})
    chosen.add_field("file", film("webm", "libvpx", "libopus"), filename="a.webm", content_type="video/webm")
    chosen.add_field("thumbnail", photograph("PNG", (90, 30)), filename="t.png", content_type="image/png")
    first = await app.send_form("/api/v1/media", chosen)
    assert first["meta"]["small"]["size"] == "90x30" and (await get(node, first["preview_url"]))[0] == 200
    with opened((await get(node, first["url"]))[1]) as source:
        assert [one.type for one in source.streams] == ["video", "audio"]

    picture = await app.send_form("/api/v2/media", form(photograph(), description="A gate"))
    both = {"status": "Both.", "media_ids": [first["id"], picture["id"]]}
    refused = await app.call("POST", "/api/v1/statuses", json=both)
    assert refused.status == 422 and "stands alone" in refused.body["error"]

    before = files(node)
    for raw, words in ((film("mp4", "libx265"), "HEVC"), (film()[:900], "damaged"), (b"#EXTM3U\nfile:///x\n", "")):
        answer = await app.call("POST", "/api/v1/media", data=form(raw))
        assert answer.status == 422 and words in answer.body["error"], answer.body
    assert files(node) == before, "nothing of it is left"
    limits = (await app.get("/api/v2/instance"))["configuration"]["media_attachments"]
    assert limits["video_size_limit"] == node.node.config.film_bytes and limits["video_matrix_limit"] == 3840 * 2160
    assert limits["video_frame_rate_limit"] == 120 and "video/quicktime" in limits["supported_mime_types"]

    statuses = []
    for _ in range(rules.FILMS_AT_MOST):
        answer = await app.call("POST", "/api/v1/media", data=form(tune("wav", "pcm_s16le")))
        statuses.append(answer.status)
    assert statuses == [*[200] * (rules.FILMS_AT_MOST - 1), 422], "one waits already"
    assert "wait for a text" in answer.body["error"]


async def test_a_node_that_takes_no_films_says_so(serve: Callable[..., Any], app_login: AppLogin) -> None:
    node = await serve(0, settings={"limits.film_bytes": 0})
    app = await app_login(node, "steward")
    answer = await app.call("POST", "/api/v2/media", data=form(film("mp4")))
    assert answer.status == 422 and "no films" in answer.body["error"]
    limits = (await app.get("/api/v2/instance"))["configuration"]["media_attachments"]
    assert limits["video_size_limit"] == 0 and "video/mp4" not in limits["supported_mime_types"]


async def test_a_film_that_is_too_long_is_refused(serve: Callable[..., Any], app_login: AppLogin) -> None:
    node = await serve(0, settings={"limits.film_bytes": 2000})
    app = await app_login(node, "steward")
    raw = film("mp4")
    assert len(raw) > 2000
    answer = await app.call("POST", "/api/v2/media", data=form(raw))
    assert answer.status == 413
    answer = await app.call("POST", "/api/v2/media", data=form(raw + bytes(2_000_000)))
    assert answer.status == 422 and "2,000" in answer.body["error"]
    assert files(node) == set()
