"""Which texts stand in which time line, for whom, and what of them an app can ask for."""

from __future__ import annotations

import gzip
from typing import Any

import brotli
import pytest

from federation.media_types import ACTIVITY_JSON
from node.context import Transaction
from node.peering import governing
from node.peering.rules import Severity
from node.statements import passing_on
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode, eventually
from tests.web.admin.desk_browsers import enter
from tests.web.conftest import Report
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import App
from tests.web.mastodon.world import World, world


async def uris(app: App, path: str, **query: Any) -> list[str]:
    return [one["uri"] for one in await app.get(path, **query)]


async def test_what_stands_in_which_time_line(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin, report: Report
) -> None:
    there = await world(node, hostile_peer)
    stranger, bob = hostile_peer.actor("stranger"), hostile_peer.actor("bob")
    await there.follows(bob)
    own = await node.publish("We begin #assembly", tags=("assembly",))
    told = await report(node)
    await node.quiet()
    picture = {"type": "Document", "mediaType": "image/png", "url": "https://pictures.example/1.png"}
    tags = [
        {"type": "Hashtag", "name": f"#{name}", "href": f"https://x.example/{name}"} for name in ("Assembly", "port")
    ]
    shown = await there.note("<p>See</p>", attachment=[picture], tag=tags)
    hers = await there.note("<p>Quiet</p>", tag=tags[1:])
    answer = await there.note("<p>Yes</p>", by=bob, inReplyTo=hers)
    strange = await there.note("<p>I too</p>", by=stranger, inReplyTo=own)
    to_her = await there.note("<p>And you?</p>", by=bob, inReplyTo=strange)
    boost = await there.boosts(own)
    await node.write(enter, node.group, {"rosa": "reader"})
    app, reader = await app_login(node, "steward", scopes="read"), await app_login(node, "rosa", scopes="read write")

    home = await app.get("/api/v1/timelines/home", limit=40)
    assert {one["uri"] for one in home} == {own, told, shown, hers, answer, boost}
    (passed_on,) = [one for one in home if one["reblog"]]
    assert passed_on["reblog"]["uri"] == own and passed_on["account"]["username"] == "ada"
    assert passed_on["reblog"]["account"]["username"] == "union" and passed_on["reblog"]["reblogs_count"] == 1
    assert (await app.get(f"/api/v1/statuses/{passed_on['id']}"))["reblog"]["uri"] == own
    assert set(await uris(reader, "/api/v1/timelines/home")) == {own, told}

    public = "/api/v1/timelines/public"
    assert set(await uris(app, public)) == {own, told, shown, hers}
    assert set(await uris(app, public, local="true")) == {own, told}
    assert set(await uris(app, public, remote="1")) == {shown, hers}
    assert await uris(app, public, only_media="true") == [shown]
    tag = "/api/v1/timelines/tag"
    assert set(await uris(app, f"{tag}/ASSEMBLY")) == {own, shown}
    assert set(await uris(app, f"{tag}/assembly", **{"any[]": "port"})) == {own, shown, hers}
    assert await uris(app, f"{tag}/assembly", **{"all[]": "port"}) == [shown]
    assert await uris(app, f"{tag}/assembly", **{"none[]": "port"}) == [own]
    assert await uris(app, f"{tag}/assembly", local="true") == [own]
    assert await uris(app, "/api/v1/timelines/link", url="https://x.example") == []
    (of_reports,) = [one for one in await reader.get("/api/v1/lists") if one["title"] == "Struggle reports"]
    assert await uris(reader, f"/api/v1/timelines/list/{of_reports['id']}") == [told]

    ada, other = (
        passed_on["account"]["id"],
        (await app.get(f"/api/v1/statuses/{await there.number(to_her)}"))["account"],
    )
    said = f"/api/v1/accounts/{ada}/statuses"
    assert set(await uris(app, said)) == {shown, hers, boost}
    assert set(await uris(app, said, exclude_reblogs="true")) == {shown, hers}
    assert await uris(app, said, only_media="true") == [shown]
    assert await uris(app, said, tagged="assembly") == [shown]
    assert set(await uris(app, f"/api/v1/accounts/{other['id']}/statuses")) == {answer, to_her}
    assert await uris(app, f"/api/v1/accounts/{other['id']}/statuses", exclude_replies="true") == []
    assert await uris(app, said, pinned="true") == []
    await lists_and_what_is_hidden(there, reader, ada, shown, hers)


async def lists_and_what_is_hidden(there: World, reader: App, ada: str, shown: str, hers: str) -> None:
    """A list of a reader's own, and what her mutes take from her time lines."""
    await reader.post("/api/v1/tags/port/follow")
    found = await uris(reader, "/api/v1/timelines/home")
    assert {shown, hers} <= set(found) and len(found) == len(set(found))
    await reader.post("/api/v1/tags/port/unfollow")
    assert not {shown, hers} & set(await uris(reader, "/api/v1/timelines/home"))
    await reader.post(f"/api/v1/accounts/{ada}/follow")
    assert {shown, hers} <= set(await uris(reader, "/api/v1/timelines/home"))
    number = (await reader.post("/api/v1/lists", title="Port"))["id"]
    await reader.send("POST", f"/api/v1/lists/{number}/accounts", {"account_ids": [ada]})
    assert {shown, hers} <= set(await uris(reader, f"/api/v1/timelines/list/{number}"))
    assert (await reader.call("GET", "/api/v1/timelines/list/99999")).status == 404
    place = await there.number(shown)
    await reader.post(f"/api/v1/statuses/{place}/favourite")
    marked = await reader.get(f"/api/v1/statuses/{place}")
    assert (marked["favourited"], marked["bookmarked"], marked["favourites_count"]) == (True, False, 0)
    await reader.post(f"/api/v1/accounts/{ada}/mute")
    assert not {shown, hers} & set(await uris(reader, "/api/v1/timelines/home"))
    assert not {shown, hers} & set(await uris(reader, "/api/v1/timelines/public"))
    assert await uris(reader, f"/api/v1/accounts/{ada}/statuses", exclude_reblogs="1") != []


@pytest.mark.one_database
async def test_what_is_gone_or_shut_out_is_nowhere(node: ServedNode, hostile_peer: Peer, app_login: AppLogin) -> None:
    there = await world(node, hostile_peer)
    gone, kept = await there.note("<p>gone</p>"), await there.note("<p>kept</p>")
    app = await app_login(node, "steward", scopes="read write:favourites write:bookmarks")
    number, other = await there.number(gone), await there.number(kept)
    account = (await app.get(f"/api/v1/statuses/{number}"))["account"]["id"]
    await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Delete", there.ada, gone))
    await node.quiet()
    assert await uris(app, "/api/v1/timelines/home") == [kept]
    answer = await app.call("GET", f"/api/v1/statuses/{number}")
    assert answer.status == 404 and isinstance(answer.body["error"], str)
    for nothing in ("0", "x", "9" * 30, "-1", "1e3"):
        for path in ("statuses/{}", "statuses/{}/context", "accounts/{}", "accounts/{}/statuses", "polls/{}"):
            assert (await app.call("GET", "/api/v1/" + path.format(nothing))).status == 404, path
    for query in ({"limit": "x"}, {"max_id": "abc"}, {"local": "perhaps"}):
        assert (await app.call("GET", "/api/v1/timelines/public", params=query)).status == 422
    assert len(await app.get("/api/v1/statuses", **{"id[]": other})) == 1
    assert await app.get("/api/v1/statuses", **{"id[]": "7"}) == []

    for mark in ("favourite", "bookmark"):
        await app.post(f"/api/v1/statuses/{other}/{mark}")
        assert len(await app.get(f"/api/v1/{mark}s")) == 1
    await node.write(_suspend, hostile_peer.host)
    for mark in ("favourites", "bookmarks"):
        assert await app.get(f"/api/v1/{mark}") == []
    for path in ("timelines/home", "timelines/public"):
        assert await app.get(f"/api/v1/{path}") == []
    for path in (f"statuses/{other}", f"accounts/{account}", f"accounts/{account}/statuses"):
        assert (await app.call("GET", f"/api/v1/{path}")).status == 404
    assert (await app.get("/api/v2/search", q="kept"))["statuses"] == []


def _suspend(tx: Transaction, host: str) -> None:
    governing.enact(tx, host, Severity.REJECT, "spam")


@pytest.mark.one_database
async def test_without_a_token_what_is_public_is_read(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    there = await world(node, hostile_peer)
    said = await there.note()
    own = await node.publish()
    await node.quiet()
    nobody = App(node, "")

    async def get(path: str, **headers: str) -> Any:
        async with node.http.get(f"{node.origin}/api/v1/{path}", headers=headers) as response:
            return response.status, response.headers.copy(), await response.json() if response.status == 200 else None

    assert nobody.token == ""
    status, headers, public = await get("timelines/public")
    assert status == 200 and {one["uri"] for one in public} == {said, own}
    assert all("favourited" not in one for one in public) and headers["Cache-Control"] == "public, max-age=60"
    assert headers["Access-Control-Allow-Origin"] == "*" and "Link" in headers["Access-Control-Expose-Headers"]
    assert (await get("timelines/public", **{"If-None-Match": headers["ETag"]}))[0] == 304
    number = public[0]["id"]
    for path in (f"statuses/{number}", f"statuses/{number}/context", f"accounts/{public[0]['account']['id']}",
                 f"statuses/{number}/history", f"statuses/{number}/favourited_by", f"statuses/{number}/card"):  # fmt: skip
        assert (await get(path))[0] == 200, path
    for path in ("timelines/home", f"statuses/{number}/source", "accounts/search?q=a", "timelines/list/1"):
        assert (await get(path))[0] == 401, path
    mark_only = await app_login(node, "steward", scopes="write")
    assert (await mark_only.call("GET", "/api/v1/timelines/home")).status == 403
    async with node.http.get(
        f"{node.origin}/api/v1/timelines/public", headers={"Accept-Encoding": "gzip"}, auto_decompress=False
    ) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert b'"visibility"' in gzip.decompress(await response.read())
    for path, word in (("timelines/public", b'"visibility"'), ("instance", b'"version"')):
        headers = {"Accept-Encoding": "gzip;q=0.8, br"}
        async with node.http.get(f"{node.origin}/api/v1/{path}", headers=headers, auto_decompress=False) as response:
            assert response.headers["Content-Encoding"] == "br" and "Accept-Encoding" in response.headers["Vary"]
            assert word in brotli.decompress(await response.read())
    async with node.http.get(
        f"{node.origin}/api/v1/timelines/public", headers={"Accept-Encoding": "identity"}
    ) as response:
        assert "Content-Encoding" not in response.headers and len(await response.json()) == 2


async def test_finding_texts_accounts_and_hashtags(node: ServedNode, hostile_peer: Peer, app_login: AppLogin) -> None:
    there = await world(node, hostile_peer)
    tag = [{"type": "Hashtag", "name": "#Harbour", "href": "https://x.example/tags/harbour"}]
    said = await there.note("<p>The lighthouse is dark</p>", tag=tag, url=f"{hostile_peer.origin}/@ada/1")
    hostile_peer.actor("ada", indexable=True)
    eve = hostile_peer.actor("eve", name="Eve Black")
    far = hostile_peer.note(eve, "<p>far away</p>", url=f"{hostile_peer.origin}/@eve/1")
    hostile_peer.served[far["id"].removeprefix(hostile_peer.origin)] = Answer(far, content_type=ACTIVITY_JSON)
    own = await node.publish("The lighthouse is lit")
    await node.quiet()
    app = await app_login(node, "steward", scopes="read")

    async def found(kind: str, **query: str) -> list[Any]:
        return list((await app.get("/api/v2/search", **query))[kind])

    assert [one["uri"] for one in await found("statuses", q="lighthouse", type="statuses")] == [own]
    assert [one["username"] for one in await found("accounts", q="ad")] == ["ada"]
    assert [one["username"] for one in await found("accounts", q=f"@ada@{hostile_peer.host}")] == ["ada"]
    assert [one["name"] for one in await found("hashtags", q="#harb")] == ["harbour"]
    assert await found("accounts", q=f"@eve@{hostile_peer.host}") == []
    (her,) = await found("accounts", q=f"@eve@{hostile_peer.host}", resolve="true")
    assert her["display_name"] == "Eve Black"
    assert [one["uri"] for one in await found("statuses", q=f"{hostile_peer.origin}/@ada/1")] == [said]
    assert [one["uri"] for one in await found("statuses", q=far["id"], resolve="true")] == [far["id"]]
    assert [one["uri"] for one in await found("accounts", q=eve)] == [eve]
    assert await found("statuses", q="https://127.0.0.1:1/nothing", resolve="true") == []
    for query in ({"q": ""}, {"q": "%"}, {"q": "x" * 2000}, {"q": '"'}, {"q": "_", "type": "accounts"}):
        assert (await app.call("GET", "/api/v2/search", params=query)).status == 200
    assert (await app.call("GET", "/api/v2/search", params={"q": "a", "type": "all"})).status == 422

    assert (await app.get("/api/v1/accounts/lookup", acct="union"))["uri"] == node.group
    assert (await app.get("/api/v1/accounts/lookup", acct=f"ada@{hostile_peer.host}"))["uri"] == there.ada
    assert (await app.get("/api/v1/accounts/lookup", acct=f"@ADA@{hostile_peer.host}"))["uri"] == there.ada
    assert (await app.call("GET", "/api/v1/accounts/lookup", params={"acct": "nobody@x.example"})).status == 404
    assert [one["uri"] for one in await app.get("/api/v1/accounts/search", q="ada")] == [there.ada]
    assert [one["uri"] for one in await app.get("/api/v1/accounts", **{"id[]": her["id"]})] == [eve]
    await whom_a_group_follows(node, app_login, app, there.ada)


async def whom_a_group_follows(node: ServedNode, app_login: AppLogin, app: App, ada: str) -> None:
    """Its members see that, and nobody else."""
    group = (await app.get("/api/v1/accounts/lookup", acct="union"))["id"]
    assert [one["uri"] for one in await app.get(f"/api/v1/accounts/{group}/following")] == [ada]
    assert await app.get(f"/api/v1/accounts/{group}/followers") == []
    await node.write(enter, node.group, {"rosa": "reader"})
    reader = await app_login(node, "rosa", scopes="read")
    assert await reader.get(f"/api/v1/accounts/{group}/following") == []
    own = reader.account["id"]
    assert (await reader.get(f"/api/v1/accounts/{own}"))["acct"] == "rosa"
    for path in ("statuses", "followers", "following", "featured_tags"):
        assert await reader.get(f"/api/v1/accounts/{own}/{path}") == []
    assert (await app.call("GET", f"/api/v1/accounts/{own}")).status == 404


async def test_what_a_text_was_before_and_what_it_quotes(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    there = await world(node, hostile_peer)
    own = await node.publish("We begin **tomorrow**.", title="A date")
    await node.quiet()
    quoting = await there.note("<p>Look</p>", quote=f"{there.ada}/self")
    itself = await there.note("<p>first</p>")
    again = await there.note('<p class="quote-inline">RE: x</p><p>as I said</p>', quote=itself)
    app = await app_login(node, "steward", scopes="read")
    number = await there.number(own)
    source = await app.get(f"/api/v1/statuses/{number}/source")
    assert source == {"id": number, "text": "We begin **tomorrow**.", "spoiler_text": ""}
    assert (await app.call("GET", f"/api/v1/statuses/{await there.number(quoting)}/source")).status == 404
    (only,) = await app.get(f"/api/v1/statuses/{number}/history")
    assert "tomorrow" in only["content"] and only["account"]["acct"] == "union"

    shown = await app.get(f"/api/v1/statuses/{await there.number(again)}")
    assert shown["quote"]["state"] == "accepted" and shown["quote"]["quoted_status"]["uri"] == itself
    assert (await app.get(f"/api/v1/statuses/{await there.number(itself)}"))["quotes_count"] == 1
    await node.quiet()
    unproven = await app.get(f"/api/v1/statuses/{await there.number(quoting)}")
    assert unproven["quote"]["state"] in ("pending", "rejected") and unproven["quote"]["quoted_status"] is None
    quotes = await app.get(f"/api/v1/statuses/{await there.number(itself)}/quotes")
    assert [one["uri"] for one in quotes] == [again]

    place = await there.number(itself)
    await node.write(passing_on.boost, itself, actor=node.group, member=await node.steward())
    await node.quiet()
    assert (await app.get(f"/api/v1/statuses/{place}"))["reblogged"] is True
    assert [one["uri"] for one in await app.get(f"/api/v1/statuses/{place}/reblogged_by")] == [node.group]
    await node.write(passing_on.pin, own, member=await node.steward())

    async def pinned() -> list[str]:
        return await uris(app, f"/api/v1/accounts/{only['account']['id']}/statuses", pinned="true")

    assert await eventually(pinned) == [own]
    assert (await app.get(f"/api/v1/statuses/{number}"))["pinned"] is True
