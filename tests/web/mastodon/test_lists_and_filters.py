"""Lists, filters, places and hashtags of a viewer, over HTTP."""

from __future__ import annotations

from node.marks import copying
from tests.marks.test_marks import heard
from tests.node.test_unneeded import tell
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import App
from tests.web.mastodon.test_marks_of_viewers import NOBODY, account_id, home, reader, status_id, uris


async def test_lists(node: ServedNode, hostile_peer: Peer, app_login: AppLogin) -> None:
    her, other = await app_login(node, "steward"), await reader(node, app_login)
    friend = await heard(node, hostile_peer)
    text, account = await tell(node, hostile_peer, friend), await account_id(node, friend)
    reports = (await her.get("/api/v1/lists"))[-1]
    made = await her.post("/api/v1/lists", title="Depots")
    assert made == {"id": made["id"], "title": "Depots", "replies_policy": "list", "exclusive": False}
    changed = {"title": "Garages", "replies_policy": "none", "exclusive": True}
    assert await her.send("PUT", f"/api/v1/lists/{made['id']}", changed) == made | changed
    assert await her.get("/api/v1/lists") == [made | changed, reports]
    assert await her.get(f"/api/v1/lists/{made['id']}") == made | changed
    for _ in range(2):
        assert await her.post(f"/api/v1/lists/{made['id']}/accounts", **{"account_ids[]": account}) == {}
    assert uris(await her.get(f"/api/v1/lists/{made['id']}/accounts", limit=0)) == [friend]
    assert uris(await her.get(f"/api/v1/lists/{made['id']}/accounts")) == [friend]
    assert [one["id"] for one in await her.get(f"/api/v1/accounts/{account}/lists")] == [made["id"]]
    assert uris(await her.get(f"/api/v1/timelines/list/{made['id']}")) == [text]
    assert text not in await home(her), "it is exclusive"
    await her.send("PUT", f"/api/v1/lists/{made['id']}", {"exclusive": "false"})
    assert text in await home(her)
    await a_followed_hashtag_is_read_at_home(node, hostile_peer, friend, other)
    await her.send("POST", f"/api/v1/lists/{made['id']}/accounts", {"account_ids": [account, NOBODY]}, status=404)
    for path, method in (("", "GET"), ("", "PUT"), ("", "DELETE"), ("/accounts", "GET"), ("/accounts", "POST")):
        assert (await other.call(method, f"/api/v1/lists/{made['id']}{path}")).status == 404, "it is hers alone"
        for wrong in (NOBODY, "x", "99999999999"):
            assert (await her.call(method, f"/api/v1/lists/{wrong}{path}")).status == 404
    for values in (
        {},
        {"title": ""},
        {"title": "x" * 300},
        {"title": "a", "replies_policy": "all"},
        {"title": "a", "exclusive": "?"},
    ):
        await her.post("/api/v1/lists", status=422, **values)
    assert (await her.send("POST", "/api/v1/lists", {"title": ["a", {"b": 1}]}, status=422))["error"]
    assert await her.send("DELETE", f"/api/v1/lists/{made['id']}/accounts", {"account_ids": [account]}) == {}
    assert await her.get(f"/api/v1/lists/{made['id']}/accounts") == []
    assert await her.send("DELETE", f"/api/v1/lists/{made['id']}") == {}
    assert await her.get("/api/v1/lists") == [reports], "everybody has that of struggle reports"
    assert await her.get(f"/api/v1/lists/{reports['id']}") == reports
    assert await her.get(f"/api/v1/lists/{reports['id']}/accounts") == []
    for method in ("PUT", "DELETE"):
        await her.send(method, f"/api/v1/lists/{reports['id']}", {"title": "x"}, status=422)


async def a_followed_hashtag_is_read_at_home(node: ServedNode, peer: Peer, friend: str, her: App) -> None:
    """A reader does not follow whom the group follows."""
    tag = {"type": "Hashtag", "name": "#Lohn", "href": f"{peer.origin}/tags/lohn"}
    said = {await tell(node, peer, friend, tag=[tag]) for _ in range(3)}
    tagged = uris(await her.get("/api/v1/timelines/tag/lohn"))
    before = await home(her)
    assert set(tagged) == said
    assert not set(tagged) & set(before)
    await her.post("/api/v1/tags/lohn/follow")
    assert await home(her) == [*tagged, *before]
    pages: list[str] = []
    path = "/api/v1/timelines/home?limit=2"
    while path:
        found = await her.call("GET", path)
        pages += uris(found.body)
        following = [part for part in found.headers.get("Link", "").split(",") if 'rel="next"' in part]
        path = following[0].split(";")[0].strip(" <>") if following else ""
    assert pages == [*tagged, *before], "each once, whatever the size of a page"
    await her.post("/api/v1/tags/lohn/unfollow")
    assert await home(her) == before


async def test_filters_of_version_two(node: ServedNode, hostile_peer: Peer, app_login: AppLogin) -> None:
    her, other = await app_login(node, "steward"), await reader(node, app_login)
    friend = await heard(node, hostile_peer)
    text = await tell(node, hostile_peer, friend, content="<p>The <b>foot</b>ball and the <i>rain</i></p>")
    number = await status_id(node, text)
    value = {
        "title": "Weather", "context": ["home", "thread"], "filter_action": "blur", "expires_in": 3600,
        "keywords_attributes": [{"keyword": "RAIN", "whole_word": True}, {"keyword": "foot", "whole_word": "true"}],
    }  # fmt: skip
    made = await her.send("POST", "/api/v2/filters", value)
    assert (made["title"], made["context"], made["filter_action"]) == ("Weather", ["home", "thread"], "blur")
    assert made["expires_at"].endswith("Z") and made["statuses"] == []
    rain, foot = made["keywords"]
    assert (rain["keyword"], rain["whole_word"]) == ("RAIN", True)
    form = {"title": "Form", "context[]": "public", "keywords_attributes[0][keyword]": "x", "keywords_attributes[1][keyword]": "y",
            "expires_in": ""}  # fmt: skip
    second = await her.post("/api/v2/filters", **form)
    assert [one["keyword"] for one in second["keywords"]] == ["x", "y"] and second["expires_at"] is None
    assert second["filter_action"] == "warn"
    assert await her.get("/api/v2/filters") == [made, second]
    for path in (f"/api/v1/statuses/{number}", "/api/v1/timelines/home", "/api/v1/timelines/public"):
        found = await her.get(path)
        (result,) = (found if isinstance(found, dict) else next(one for one in found if one["uri"] == text))["filtered"]
        assert result["filter"]["id"] == made["id"] and result["filter"]["filter_action"] == "blur"
        assert (result["keyword_matches"], result["status_matches"]) == (["RAIN"], None)
    assert (await other.get(f"/api/v1/statuses/{number}"))["filtered"] == []
    path = f"/api/v2/filters/{made['id']}"
    added = await her.post(f"{path}/keywords", keyword="football", whole_word="false")
    assert await her.get(f"/api/v2/filters/keywords/{added['id']}") == added
    changed = await her.send("PUT", f"/api/v2/filters/keywords/{added['id']}", {"keyword": "balls"})
    assert changed == added | {"keyword": "balls"}
    assert await her.send("DELETE", f"/api/v2/filters/keywords/{added['id']}") == {}
    assert await her.get(f"{path}/keywords") == [rain, foot]
    named = await her.post(f"{path}/statuses", status_id=number)
    assert named == {"id": named["id"], "status_id": number}
    assert await her.get(f"{path}/statuses") == [named] == [await her.get(f"/api/v2/filters/statuses/{named['id']}")]
    (result,) = (await her.get(f"/api/v1/statuses/{number}"))["filtered"]
    assert result["status_matches"] == [number]
    change = {"context": ["home"], "filter_action": "hide", "expires_in": None,
              "keywords_attributes": [{"id": rain["id"], "_destroy": True}, {"id": foot["id"], "keyword": "feet"}]}  # fmt: skip
    after = await her.send("PUT", path, change)
    assert (after["title"], after["context"], after["filter_action"]) == ("Weather", ["home"], "hide")
    assert [one["keyword"] for one in after["keywords"]] == ["feet"]
    assert await her.send("DELETE", f"/api/v2/filters/statuses/{named['id']}") == {}
    assert (await her.get(f"/api/v1/statuses/{number}"))["filtered"] == []
    await refused_filters(her, other, path, foot["id"])
    assert await her.send("DELETE", path) == {}
    assert await her.get("/api/v2/filters") == [second]


async def refused_filters(her: App, other: App, path: str, keyword: str) -> None:
    for wrong in (
        {}, {"title": "x"}, {"context": ["home"]}, {"title": "x", "context": ["bath"]}, {"title": "x", "context": []},
        {"title": "x", "context": ["home"], "filter_action": "burn"}, {"title": "x", "context": ["home"], "expires_in": "y"},
        {"title": "x", "context": ["home"], "expires_in": -1}, {"title": "x", "context": {"a": {"b": "c"}}},
        {"title": "x", "context": ["home"], "keywords_attributes": ["word"]},
        {"title": "x", "context": ["home"], "keywords_attributes": [{"keyword": ""}]},
        {"title": "x", "context": ["home"], "keywords_attributes": [{"id": "99999999999999999999", "keyword": "a"}]},
    ):  # fmt: skip
        assert isinstance((await her.send("POST", "/api/v2/filters", wrong, status=422))["error"], str)
    await her.post(f"{path}/statuses", status=422)
    await her.post(f"{path}/statuses", status_id=NOBODY, status=404)
    for method, one in (
        ("GET", path), ("PUT", path), ("DELETE", path), ("GET", f"{path}/keywords"), ("POST", f"{path}/keywords"),
        ("GET", f"{path}/statuses"), ("GET", f"/api/v2/filters/keywords/{keyword}"), ("PUT", f"/api/v2/filters/keywords/{keyword}"),
        ("DELETE", f"/api/v2/filters/keywords/{keyword}"), ("GET", "/api/v2/filters/statuses/1"), ("GET", f"/api/v1/filters/{keyword}"),
        ("DELETE", f"/api/v1/filters/{keyword}"),
    ):  # fmt: skip
        answer = await other.call(method, one, json={"keyword": "x", "title": "y", "context": ["home"]})
        assert answer.status == 404, (method, one, answer.body)


async def test_filters_of_version_one_places_and_tags(node: ServedNode, app_login: AppLogin) -> None:
    her = await app_login(node, "steward")
    made = await her.post(
        "/api/v1/filters", phrase="snow", **{"context[]": "home", "irreversible": "true", "whole_word": "1"}
    )
    assert made == {"id": made["id"], "phrase": "snow", "context": ["home"], "whole_word": True, "expires_at": None,
                    "irreversible": True}  # fmt: skip
    (whole,) = await her.get("/api/v2/filters")
    assert (whole["title"], whole["filter_action"], whole["keywords"][0]["id"]) == ("snow", "hide", made["id"])
    changed = await her.send(
        "PUT", f"/api/v1/filters/{made['id']}", {"phrase": "ice", "context": ["public"], "irreversible": False}
    )
    assert (changed["phrase"], changed["context"], changed["irreversible"]) == ("ice", ["public"], False)
    assert await her.get("/api/v1/filters") == [changed] == [await her.get(f"/api/v1/filters/{made['id']}")]
    await her.post("/api/v1/filters", phrase="x", status=422)
    assert await her.send("DELETE", f"/api/v1/filters/{made['id']}") == {}
    assert await her.get("/api/v1/filters") == await her.get("/api/v2/filters") == []

    assert await her.get("/api/v1/markers") == {}
    first = await her.post("/api/v1/markers", **{"home[last_read_id]": "103"})
    assert first["home"]["last_read_id"] == "103" and first["home"]["version"] == 1
    large = 2**62 + 1
    assert (await her.send("POST", "/api/v1/markers", {"home": {"last_read_id": large}}))["home"][
        "last_read_id"
    ] == str(large)
    await node.write(copying.forget, (await node.steward()).id)
    await her.post("/api/v1/markers", **{"home[last_read_id]": "103"})
    both = {"home": {"last_read_id": "107", "version": 1}, "notifications": {"last_read_id": 5}}
    second = await her.send("POST", "/api/v1/markers", both)
    assert (second["home"]["version"], second["notifications"]["last_read_id"]) == (2, "5")
    refused = await her.send("POST", "/api/v1/markers", both, status=409)
    assert isinstance(refused["error"], str)
    assert await her.get("/api/v1/markers?timeline[]=home&timeline[]=notifications&timeline[]=kitchen") == second
    for wrong in ({"home": {"last_read_id": "x"}}, {"home": {}}, {"home": "5"}, {"home": {"last_read_id": "9" * 30}}):
        await her.send("POST", "/api/v1/markers", wrong, status=422)

    assert not (await her.get("/api/v1/tags/Lohn"))["following"]
    tag = await her.post("/api/v1/tags/Lohn/follow")
    assert (tag["name"], tag["url"], tag["following"]) == ("lohn", f"{node.origin}/tags/lohn", True)
    said = await node.publish("We want more. #Lohn")
    await node.quiet()
    assert uris(await her.get("/api/v1/timelines/tag/lohn")) == [said]
    assert [one["name"] for one in await her.get("/api/v1/followed_tags")] == ["lohn"]
    assert (await her.get("/api/v1/tags/lohn"))["following"]
    found = await her.get("/api/v2/search", q="lohn", type="hashtags")
    assert [(one["name"], one["following"]) for one in found["hashtags"]] == [("lohn", True)]
    assert not (await her.post("/api/v1/tags/LOHN/unfollow"))["following"]
    await her.post("/api/v1/tags/two words/follow", status=422)
    async with node.http.get(f"{node.origin}/api/v1/tags/lohn") as answer:
        assert answer.status == 200 and "following" not in await answer.json()
    assert await her.get("/api/v1/featured_tags") == []
    await her.post("/api/v1/featured_tags", name="lohn", status=422)
    await her.send("DELETE", "/api/v1/featured_tags/1", status=404)
