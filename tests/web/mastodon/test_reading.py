"""What apps read: texts of this node and of others, and whoever said them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.web.conftest import Report
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import App
from tests.web.mastodon.world import world

NEVER_NULL = (
    "id", "uri", "created_at", "account", "content", "spoiler_text", "visibility", "sensitive", "emojis", "mentions",
    "tags", "media_attachments", "replies_count", "reblogs_count", "favourites_count", "quotes_count",
)  # fmt: skip
NEVER_NULL_OF_ACCOUNTS = (
    "id", "username", "acct", "url", "display_name", "note", "avatar", "avatar_static", "header", "header_static",
    "locked", "fields", "emojis", "bot", "group", "created_at", "followers_count", "following_count", "statuses_count",
)  # fmt: skip


def is_whole(status: dict[str, Any]) -> bool:
    lacking = [name for name in NEVER_NULL if status.get(name) is None]
    lacking += [name for name in NEVER_NULL_OF_ACCOUNTS if status["account"].get(name) is None]
    assert not lacking, lacking
    return status["reblog"] is None or is_whole(status["reblog"])


async def test_what_was_said_is_read_as_mastodon_shapes_it(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin, report: Report
) -> None:
    there = await world(node, hostile_peer)
    picture = {"type": "Document", "mediaType": "image/png", "url": "https://pictures.example/1.png", "name": "A gate",
               "width": 640, "height": 480, "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj"}  # fmt: skip
    tags = [
        {"type": "Hashtag", "name": "#Strike", "href": "https://x.example/tags/strike"},
        {"type": "Mention", "href": node.group, "name": node.handle},
        {"type": "Emoji", "name": ":fist:", "icon": {"type": "Image", "url": "https://pictures.example/fist.png"}},
    ]
    plain = await there.note(
        '<p onclick="x">The <b>gate</b> is shut :fist: <a href="https://x.example/tags/strike" class="mention hashtag"'
        ' rel="tag">#<span>Strike</span></a></p><h2>Tables</h2><table><tr><td>a</td><td>b</td></tr></table>'
        "<script>alert(1)</script>",
        tag=tags, attachment=[picture], contentMap={"en": "x"}, summary="fire", sensitive=True,
    )  # fmt: skip
    answer = await there.note("<p>and more</p>", inReplyTo=plain)
    question = await there.says(
        hostile_peer.note(there.ada, "<p>When?</p>", type="Question", endTime="2050-01-01T00:00:00Z", votersCount=3,
                          oneOf=[{"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": 1}}
                                 for name in ("Now", "Later")])
    )  # fmt: skip
    article = await there.says(
        hostile_peer.note(there.ada, "<h1>Wages</h1><p>They fell.</p>", type="Article", name="On wages",
                          url=f"{hostile_peer.origin}/on-wages", summary="<p>Wages fell.</p>")
    )  # fmt: skip
    told = await report(node, "The gate is shut.", title="Night crews stop work")
    own = await node.publish("# A heading\n\nWe are **on strike**.", title="To all")
    await node.quiet()
    app = await app_login(node, "steward", scopes="read")
    home = {one["uri"]: one for one in await app.get("/api/v1/timelines/home", limit=40)}
    assert set(home) == {plain, answer, question, article, told, own} and all(map(is_whole, home.values()))

    shown = home[plain]
    assert shown["content"] == (
        '<p>The <b>gate</b> is shut :fist: <a href="https://x.example/tags/strike" class="mention hashtag" '
        'target="_blank" rel="nofollow noopener noreferrer">#<span>Strike</span></a></p>'
        "<p><strong>Tables</strong></p><p>a · b</p>"
    )
    assert (shown["spoiler_text"], shown["sensitive"], shown["visibility"]) == ("fire", True, "public")
    assert shown["tags"] == [{"name": "Strike", "url": f"{node.origin}/tags/strike"}]
    assert [(one["acct"], one["url"]) for one in shown["mentions"]] == [("union", node.group)]
    assert [one["shortcode"] for one in shown["emojis"]] == ["fist"]
    assert shown["emojis"][0]["url"].startswith(f"{node.origin}/media/remote/")
    (medium,) = shown["media_attachments"]
    assert (medium["type"], medium["description"], medium["blurhash"]) == ("image", "A gate", picture["blurhash"])
    assert medium["url"].startswith(f"{node.origin}/media/remote/") and medium["meta"]["original"]["width"] == 640
    assert shown["created_at"].endswith("Z") and len(shown["created_at"]) == len("2026-01-01T00:00:00.000Z")
    assert shown["replies_count"] == 1 and shown["card"] is None and shown["favourited"] is False

    assert home[answer]["in_reply_to_id"] == shown["id"]
    assert home[answer]["in_reply_to_account_id"] == shown["account"]["id"]
    poll = home[question]["poll"]
    assert poll["id"] == home[question]["id"] and (poll["expired"], poll["voters_count"]) == (False, 3)
    assert [(one["title"], one["votes_count"]) for one in poll["options"]] == [("Now", 1), ("Later", 1)]
    assert (poll["own_votes"], poll["voted"], poll["emojis"]) == ([], False, [])
    assert await app.get(f"/api/v1/polls/{poll['id']}") == poll
    assert home[article]["content"].startswith("<p><strong>On wages</strong></p>")
    assert f"{hostile_peer.origin}/on-wages" in home[article]["content"] and home[article]["spoiler_text"] == ""
    assert home[article]["card"]["url"] == f"{hostile_peer.origin}/on-wages"
    assert home[told]["card"]["title"] == "Night crews stop work" and home[told]["card"]["url"] == told
    assert "<strong>Night crews stop work</strong>" in home[told]["content"]
    assert home[own]["content"].startswith("<p><strong>To all</strong></p>") and "<h1" not in home[own]["content"]
    assert home[own]["pinned"] is False and home[own]["account"]["acct"] == "union"

    await accounts_are_whole(node, hostile_peer, shown["account"], home[own]["account"])
    await one_by_one(app, shown, home[answer])


async def accounts_are_whole(node: ServedNode, hostile_peer: Peer, ada: dict[str, Any], group: dict[str, Any]) -> None:
    assert (ada["display_name"], ada["note"], ada["bot"]) == ("Ada :wave:", "<p>Writes.</p>", False)
    assert ada["acct"] == f"ada@{hostile_peer.host}" and ada["created_at"] == "2021-03-04T00:00:00.000Z"
    assert ada["fields"] == [{"name": "Union", "value": "<b>Printers</b>", "verified_at": None}]
    assert [one["shortcode"] for one in ada["emojis"]] == ["wave"] and ada["statuses_count"] == 4
    assert (group["bot"], group["group"], group["followers_count"]) == (False, False, 0)
    assert [one["value"] for one in group["fields"]][:2] == ["syndicalist", "English"]
    async with node.http.get(group["avatar"]) as picture_of_ours:
        assert picture_of_ours.status == 200 and picture_of_ours.content_type == "image/png"


async def one_by_one(app: App, shown: dict[str, Any], answer: dict[str, Any]) -> None:
    """Single texts, several, and the threads around them."""
    for path, asked in (
        (f"/api/v1/statuses/{shown['id']}", {}),
        ("/api/v1/statuses", {"id[]": shown["id"]}),
    ):
        got = await app.get(path, **asked)
        assert (got[0] if isinstance(got, list) else got) == shown
    around = await app.get(f"/api/v1/statuses/{shown['id']}/context")
    assert [one["uri"] for one in around["descendants"]] == [answer["uri"]] and around["ancestors"] == []
    around = await app.get(f"/api/v1/statuses/{answer['id']}/context")
    assert [one["uri"] for one in around["ancestors"]] == [shown["uri"]] and around["descendants"] == []


@pytest.mark.one_database
async def test_what_is_corrected_or_taken_back_is_not_read_as_it_was(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    there = await world(node, hostile_peer)
    document = hostile_peer.note(
        there.ada, "<p>before</p>", updated="2026-11-01T00:00:00Z", published="2026-11-01T00:00:00Z"
    )
    number = await there.number(await there.says(document))
    app = await app_login(node, "steward", scopes="read")
    assert (await app.get(f"/api/v1/statuses/{number}"))["content"] == "<p>before</p>"
    for content in (
        "<p>after that, at the same moment</p>",
        "<p>and once more, longer, in the same second as before</p>",
    ):
        update = hostile_peer.activity("Update", there.ada, document | {"content": content})
        assert await hostile_peer.send(f"{node.origin}/inbox", update) == 202
        await node.quiet()
        shown = await app.get(f"/api/v1/statuses/{number}")
        assert shown["content"] == content and shown["edited_at"] is not None
    like = hostile_peer.activity("Like", there.ada, document["id"])
    await hostile_peer.send(f"{node.origin}/inbox", like)
    await node.quiet()
    assert (await app.get(f"/api/v1/statuses/{number}"))["favourites_count"] == 1
