"""A member speaks as her group from an app: at once where one may act, as what waits where the group decides."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import aiohttp
import pytest
from PIL import Image

from node import pruning
from node.decisions import actions as decisions
from node.decisions.rules import Choice, Method, Rule
from node.members import actions as members
from node.statements import plain, writing
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually
from tests.statements.test_corrections import follower
from tests.web.admin.desk_browsers import enter
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import App

TWO = Rule(Method.APPROVALS, approvals=2)


def picture(size: tuple[int, int] = (64, 48)) -> bytes:
    raw = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "CAMERA-OF-ZOE"
    Image.new("RGB", size, (200, 30, 30)).save(raw, "JPEG", exif=exif)
    return raw.getvalue()


async def upload(app: App, **fields: str) -> Any:
    form = aiohttp.FormData(fields)
    form.add_field("file", picture(), filename="picket.jpg", content_type="image/jpeg")
    return await app.send_form("/api/v2/media", form)


async def test_a_text_is_posted_answered_corrected_and_deleted(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    ana = hostile_peer.actor("ana")
    await node.follow(f"@ana@{hostile_peer.host}")
    note = hostile_peer.note(ana, "<p>What do you ask for?</p>")
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", ana, note)) == 202
    await eventually(lambda: node.holds(note["id"]))
    app = await app_login(node, "steward")
    (asked,) = [one for one in await app.get("/api/v1/timelines/home") if one["uri"] == note["id"]]

    text = "We *strike*.\n- bread\n- roses #May1"
    said = await app.send(
        "POST", "/api/v1/statuses", {"status": text, "in_reply_to_id": asked["id"], "spoiler_text": "Work"}
    )
    assert said["in_reply_to_id"] == asked["id"] and said["account"]["username"] == "union"
    assert (said["spoiler_text"], said["sensitive"], said["visibility"]) == ("Work", True, "public")
    assert "We *strike*.<br" in said["content"] and "<ul>" not in said["content"]
    assert [tag["name"] for tag in said["tags"]] == ["may1"] or said["tags"][0]["name"] == "May1"
    assert (await app.get(f"/api/v1/statuses/{said['id']}/source"))["text"] == text
    assert (await app.get(f"/api/v1/statuses/{asked['id']}/context"))["descendants"][0]["id"] == said["id"]

    async def reached() -> bool:
        return any(one["object"]["id"] == said["uri"] for one in hostile_peer.sent_to("Create"))

    await eventually(reached)

    newer = await app.send("PUT", f"/api/v1/statuses/{said['id']}", {"status": text + "\n- peace"})
    assert "peace" in newer["content"] and newer["edited_at"] is not None
    gone = await app.send("DELETE", f"/api/v1/statuses/{said['id']}")
    assert gone["text"] == text + "\n- peace"
    assert (await app.call("GET", f"/api/v1/statuses/{said['id']}")).status == 404

    for form, status in (
        ({"status": "x", "visibility": "direct"}, 422),
        ({"status": "x", "visibility": "private"}, 422),
        ({"status": ""}, 422),
        ({"status": "x", "in_reply_to_id": "1"}, 404),
        ({"status": "x", "scheduled_at": "yesterday"}, 422),
        ({"status": "x" * (node.node.config.statement_characters + 1)}, 422),
        ({"status": "x", "media_ids[]": "7"}, 422),
    ):
        answer = await app.call("POST", "/api/v1/statuses", data=form)
        assert answer.status == status and isinstance(answer.body["error"], str), (form, answer.body)


async def test_a_key_given_twice_says_it_once(node: ServedNode, app_login: AppLogin) -> None:
    app = await app_login(node, "steward")
    key = {"Idempotency-Key": "7f2"}
    answers = [await app.call("POST", "/api/v1/statuses", headers=key, json={"status": "Only once."}) for _ in range(3)]
    assert len({answer.body["id"] for answer in answers}) == 1
    me = app.account["id"]
    assert len(await app.get(f"/api/v1/accounts/{me}/statuses")) == 1


async def test_pictures_come_first_and_need_a_description(node: ServedNode, app_login: AppLogin) -> None:
    app = await app_login(node, "steward")
    sent = await upload(app, focus="0.5,-0.5")
    assert sent["type"] == "image" and sent["description"] is None and len(sent["blurhash"]) == 28
    assert sent["meta"]["focus"] == {"x": 0.5, "y": -0.5}
    refused = await app.call("POST", "/api/v1/statuses", json={"status": "Look.", "media_ids": [sent["id"]]})
    assert refused.status == 422 and "description" in refused.body["error"]
    described = await app.send("PUT", f"/api/v1/media/{sent['id']}", {"description": "A red square"})
    assert described["description"] == "A red square"
    said = await app.send("POST", "/api/v1/statuses", {"status": "Look.", "media_ids": [sent["id"]]})
    (shown,) = said["media_attachments"]
    assert shown["description"] == "A red square" and shown["type"] == "image"
    async with node.http.get(shown["url"]) as response:
        body = await response.read()
        assert response.status == 200 and b"CAMERA-OF-ZOE" not in body

    more = await upload(app, description="A second square")
    path = f"/api/v1/statuses/{said['id']}"
    form = {"status": "Look twice.", "media_ids": [more["id"], shown["id"]]}
    words = [{"id": shown["id"], "description": "A very red square"}]
    newer = await app.send("PUT", path, form | {"media_attributes": words})
    told = [one["description"] for one in newer["media_attachments"]]
    assert told == ["A second square", "A very red square"], "as the app orders them, by the ids that it knows"
    kept = newer["media_attachments"][1]["id"]
    fewer = await app.send("PUT", path, {"status": "Look once.", "media_ids": [kept]})
    assert [one["description"] for one in fewer["media_attachments"]] == ["A very red square"]
    refused = await app.call("PUT", path, json={"status": "No.", "media_ids": ["1"]})
    assert refused.status == 422

    unused = await upload(app, description="Another")
    await app.send("DELETE", f"/api/v1/media/{unused['id']}")
    assert (await app.call("GET", f"/api/v1/media/{unused['id']}")).status == 404
    async with node.http.get(said["media_attachments"][0]["url"]) as response:
        assert response.status == 200, "the same bytes are shown by a text"


async def test_a_picture_keeps_its_preview_its_blur_and_what_stays_in_sight(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    await follower(node, hostile_peer)
    app = await app_login(node, "steward")
    form = aiohttp.FormData({"description": "A wide street", "focus": "-0.25,0.5"})
    form.add_field("file", picture((1300, 700)), filename="street.jpg", content_type="image/jpeg")
    sent = await app.send_form("/api/v2/media", form)
    said = await app.send("POST", "/api/v1/statuses", {"status": "Look.", "media_ids": [sent["id"]]})
    (shown,) = said["media_attachments"]
    assert shown["meta"]["original"]["size"] == "1300x700"
    assert shown["meta"]["small"] == {"width": 640, "height": 345, "size": "640x345", "aspect": 1.855072}
    assert (shown["meta"]["focus"], shown["blurhash"]) == ({"x": -0.25, "y": 0.5}, sent["blurhash"])
    assert shown["preview_url"] != shown["url"]
    async with node.http.get(shown["url"]) as whole, node.http.get(shown["preview_url"]) as small:
        assert (whole.status, small.status, small.content_type) == (200, 200, "image/jpeg")
        drawn = Image.open(io.BytesIO(raw := await small.read()))
        assert drawn.size == (640, 345) and len(raw) < len(await whole.read()) and b"CAMERA" not in raw

    await node.quiet()
    (create,) = hostile_peer.sent_to("Create")
    (attached,) = create["object"]["attachment"]
    assert (attached["blurhash"], attached["focalPoint"]) == (sent["blurhash"], [-0.25, 0.5])
    assert (attached["width"], attached["height"]) == (1300, 700)

    path, moved = f"/api/v1/statuses/{said['id']}", [{"id": shown["id"], "focus": "0.0,1.0"}]
    form = {"status": "Look.", "media_ids": [shown["id"]], "media_attributes": moved}
    newer = await app.send("PUT", path, form)
    (again,) = newer["media_attachments"]
    assert again["meta"]["focus"] == {"x": 0.0, "y": 1.0} and again["preview_url"] == shown["preview_url"]
    await app.send("DELETE", path)
    await node.quiet()
    node.clock.advance(timedelta(days=2))
    await pruning.prune(node.node)
    for address in (shown["url"], shown["preview_url"]):
        async with node.http.get(address) as response:
            assert response.status == 404, "what is deleted takes its preview along"


async def test_what_the_group_decides_on_waits_where_members_see_it(node: ServedNode, app_login: AppLogin) -> None:
    steward = await node.steward()
    zoe = await node.write(members.add, "zoe", "correct horse battery", actor=node.group, role="steward")
    await node.write(decisions.change_rule, "publish_statement", TWO, actor=node.group, member=steward)
    app = await app_login(node, "steward")
    waits = await app.send("POST", "/api/v1/statuses", {"status": "Shall we?"})
    assert waits["scheduled_at"] and waits["params"]["text"] == "Shall we?", "as a ScheduledStatus"
    assert "waits for the group" in waits["content"] and waits["account"]["id"], "and as a Status"
    assert [one["id"] for one in await app.get("/api/v1/scheduled_statuses")] == [waits["id"]]
    assert (await app.get(f"/api/v1/statuses/{waits['id']}"))["id"] == waits["id"]
    await nobody_else_sees(node, waits, "Shall we?")

    (vote,) = await app.get("/api/v1/notifications")
    assert vote["type"] == "status" and "/desk/decisions/" in vote["status"]["content"]
    await node.write(decisions.cast, 2, member=zoe, choice=Choice.FOR)
    said = await app.get(f"/api/v1/statuses/{waits['id']}")
    assert "scheduled_at" not in said and "Shall we?" in said["content"]
    assert await app.get("/api/v1/scheduled_statuses") == [] == await app.get("/api/v1/notifications")

    other = await app.send("POST", "/api/v1/statuses", {"status": "Or not?"})
    assert (await app.send("DELETE", f"/api/v1/scheduled_statuses/{other['id']}")) == {}
    assert (await app.call("GET", f"/api/v1/statuses/{other['id']}")).status == 404


async def nobody_else_sees(node: ServedNode, waits: dict[str, Any], words: str) -> None:
    for path in (
        f"/api/v1/statuses/{waits['id']}",
        f"/api/v1/statuses/{waits['id']}/context",
        f"/api/v1/statuses/{waits['id']}/source",
        f"/api/v1/statuses?id[]={waits['id']}",
        "/api/v1/timelines/public",
        f"/api/v1/accounts/{waits['account']['id']}/statuses",
        waits["uri"],
    ):
        url = path if "://" in path else node.origin + path
        async with node.http.get(url) as response:
            assert words not in await response.text(), path


async def test_what_is_put_off_leaves_when_its_time_comes(node: ServedNode, app_login: AppLogin) -> None:
    app = await app_login(node, "steward")
    when = node.clock() + timedelta(hours=1)
    form = {"status": "At noon.", "scheduled_at": when.strftime("%Y-%m-%dT%H:%M:%S.000Z")}
    waits = await app.send("POST", "/api/v1/statuses", form)
    assert waits["scheduled_at"] == form["scheduled_at"]
    later = (when + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    moved = await app.send("PUT", f"/api/v1/scheduled_statuses/{waits['id']}", {"scheduled_at": later})
    assert moved["scheduled_at"] == later
    await nobody_else_sees(node, waits, "At noon.")
    node.clock.advance(timedelta(hours=2, minutes=1))

    async def said() -> bool:
        found = await app.get(f"/api/v1/statuses/{waits['id']}")
        return "scheduled_at" not in found and "At noon." in found["content"]

    await eventually(said)


async def test_a_text_can_be_called_back_from_the_app(serve: Any, app_login: AppLogin) -> None:
    node: ServedNode = await serve(0, settings={"publication_delay": 120})
    app = await app_login(node, "steward")
    said = await app.send("POST", "/api/v1/statuses", {"status": "Too early."})
    assert "scheduled_at" not in said and "Too early." in said["content"]
    await nobody_else_sees(node, said, "Too early.")
    assert (await app.send("DELETE", f"/api/v1/statuses/{said['id']}"))["text"] == "Too early."
    assert (await app.call("GET", f"/api/v1/statuses/{said['id']}")).status == 404


async def test_boosts_and_pins_are_the_group_s_and_readers_are_told_so(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    ana = hostile_peer.actor("ana")
    await node.follow(f"@ana@{hostile_peer.host}")
    note = hostile_peer.note(ana, "<p>Pass it on.</p>")
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", ana, note)) == 202
    await eventually(lambda: node.holds(note["id"]))
    app = await app_login(node, "steward")
    (theirs,) = await app.get("/api/v1/timelines/home")
    boost = await app.post(f"/api/v1/statuses/{theirs['id']}/reblog")
    assert boost["reblog"]["id"] == theirs["id"] != boost["id"] and boost["reblog"]["reblogged"] is True
    again = await app.post(f"/api/v1/statuses/{theirs['id']}/reblog")
    assert again["id"] == boost["id"]
    undone = await app.post(f"/api/v1/statuses/{boost['id']}/unreblog")
    assert undone["id"] == theirs["id"] and undone["reblogged"] is False

    own = await app.send("POST", "/api/v1/statuses", {"status": "We are here."})
    assert (await app.post(f"/api/v1/statuses/{own['id']}/pin"))["pinned"] is True
    assert (await app.post(f"/api/v1/statuses/{own['id']}/pin"))["pinned"] is True
    assert (await app.post(f"/api/v1/statuses/{own['id']}/unpin"))["pinned"] is False

    await node.write(enter, node.group, {"reader": "reader"})
    reader = await app_login(node, "reader")
    for method, path in (
        ("POST", "/api/v1/statuses"),
        ("POST", f"/api/v1/statuses/{theirs['id']}/reblog"),
        ("POST", f"/api/v1/statuses/{own['id']}/pin"),
        ("PUT", f"/api/v1/statuses/{own['id']}"),
        ("DELETE", f"/api/v1/statuses/{own['id']}"),
    ):
        refused = await reader.call(method, path, json={"status": "I"})
        assert refused.status == 403 and "speaks through its members" in refused.body["error"], path
    assert await reader.get("/api/v1/scheduled_statuses") == [] == await reader.get("/api/v1/notifications")


@pytest.mark.parametrize(
    "text",
    [
        "Hello\nworld\n\nand all",
        "# no head\n1. no list\n- nor here\n> nor a quotation",
        "#tag @ana_b@host.example https://a.example/b_c*d(e)",
        "*not* _em_ __x__ a_b_c `c` [l](u) <b> &amp; ~~no~~ ![x](y) end\\",
        "===\n---\n***\n~~~\n+1",
        "קו ראשון\nسطر ثان",
    ],
)
def test_plain_text_reads_as_it_was_written(text: str) -> None:
    marked = plain.to_markdown(text)
    assert plain.from_markdown(marked) == text
    html = writing.render(marked, tag_address="https://here.example/tags/").html
    shown = re.sub(r"<br\s*/?>\n?", "\n", html.replace("</p>\n<p>", "\n\n"))
    assert unescape(re.sub(r"<[^>]+>", "", shown)).strip() == text
