"""What apps ask before anything else, with what they fall over."""

from __future__ import annotations

import re

import pytest

from node import actors
from node.errors import Invalid
from node.groups import actions as groups
from node.peering import choices, governing
from node.peering.rules import Severity
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.web.admin.desk_browsers import at_desk, enter
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import App

pytestmark = pytest.mark.one_database

PUBLIC = (
    "/api/v1/instance", "/api/v1/instance/", "/api/v2/instance", "/api/v1/instance/rules", "/api/v1/instance/peers",
    "/api/v1/instance/activity", "/api/v1/instance/extended_description", "/api/v1/instance/privacy_policy",
    "/api/v1/instance/translation_languages", "/api/v1/custom_emojis", "/api/v1/trends", "/api/v1/trends/tags",
    "/api/v1/trends/statuses", "/api/v1/trends/links", "/api/v1/directory",
)  # fmt: skip
MISSING = ("/api/v1/annual_reports", "/api/v2/nothing/at/all", "/api/v1/instance/terms_of_service", "/oauth/nothing",
           "/api/v1/profile")  # fmt: skip


async def test_an_instance_says_what_it_is_in_both_shapes(node: ServedNode) -> None:
    nobody = App(node, "")
    host = node.node.config.host

    async def get(path: str) -> dict:  # type: ignore[type-arg]
        async with node.http.get(node.origin + path) as response:
            assert response.status == 200, path
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            return dict(await response.json())

    first, second = await get("/api/v1/instance"), await get("/api/v2/instance")
    assert first["uri"] == second["domain"] == host
    for one in (first, second):
        assert re.match(r"4\.\d+\.\d+ \(compatible; Commonwire ", one["version"])
        assert one["title"] == "Transport Workers" and one["languages"] == ["en"]
        limits = one["configuration"]
        assert limits["statuses"]["max_characters"] == node.node.config.statement_characters
        assert limits["media_attachments"]["image_size_limit"] == node.node.config.picture_bytes
    assert first["urls"]["streaming_api"] == second["configuration"]["urls"]["streaming"] == f"ws://{host}"
    assert first["registrations"] is False and second["registrations"]["enabled"] is False
    assert isinstance(second["api_versions"]["mastodon"], int) and second["contact"]["email"] == ""
    assert second["contact"]["account"]["acct"] == "union"
    assert second["thumbnail"]["url"].startswith(node.origin)
    nodeinfo = await get("/nodeinfo/2.0")
    assert nodeinfo["metadata"]["upstream"] == {"name": "mastodon"}
    assert (await nobody.call("HEAD", "/")).headers["Date"]


async def test_what_there_is_not_is_an_empty_list_or_404_as_json(node: ServedNode, app_login: AppLogin) -> None:
    for path in PUBLIC:
        async with node.http.get(node.origin + path, headers={"Accept": "text/html"}) as response:
            assert (response.status, response.content_type) == (200, "application/json"), path
            tag = response.headers["ETag"]
        async with node.http.get(node.origin + path, headers={"If-None-Match": tag}) as response:
            assert response.status == 304, path
    for path in MISSING:
        async with node.http.get(node.origin + path, headers={"Accept": "text/html"}) as response:
            body = await response.json()
            assert response.status == 404 and isinstance(body["error"], str), path
            assert response.headers.get("Access-Control-Allow-Origin") == "*" or path.startswith("/oauth/")
    steward = await app_login(node, "steward")
    for path in ("/api/v1/announcements", "/api/v1/suggestions", "/api/v2/suggestions", "/api/v1/endorsements"):
        assert await steward.get(path) == []
    assert (await steward.get("/api/v1/preferences"))["posting:default:visibility"] == "public"
    async with node.http.get(f"{node.origin}/api/v1/streaming/health") as response:
        assert await response.text() == "OK"


async def test_a_page_of_another_site_may_call(node: ServedNode) -> None:
    for path in ("/api/v1/statuses", "/oauth/token", "/api/v1/nothing", "/.well-known/nodeinfo", "/nodeinfo/2.0"):
        headers = {"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH"}
        headers["Access-Control-Request-Headers"] = "authorization, idempotency-key"
        async with node.http.options(node.origin + path, headers=headers) as response:
            assert response.status == 204, path
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert {"authorization", "content-type", "idempotency-key"} <= {
                one.strip().lower() for one in response.headers["Access-Control-Allow-Headers"].split(",")
            }
            assert "PATCH" in response.headers["Access-Control-Allow-Methods"]
    async with node.http.post(f"{node.origin}/oauth/token", data={"grant_type": "password"}) as response:
        assert (response.status, (await response.json())["error"]) == (400, "unsupported_grant_type")
        assert "Link" in response.headers["Access-Control-Expose-Headers"]
    async with node.http.get(f"{node.origin}/.well-known/oauth-authorization-server") as response:
        told = await response.json()
        assert told["code_challenge_methods_supported"] == ["S256"] and "profile" in told["scopes_supported"]
        assert told["authorization_endpoint"] == f"{node.origin}/oauth/authorize"


async def test_a_node_says_its_rules_and_tells_its_members_whom_it_knows(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    await node.node.directory.actor(hostile_peer.actor("ana"))
    await node.write(governing.enact, "spam.example", Severity.REJECT, "advertising")
    await node.write(enter, node.group, {"rita": "reader"})
    steward, reader = await app_login(node, "steward"), await app_login(node, "rita", account="private")
    async with at_desk(node, "steward") as desk:
        page = await desk.get("/desk/profile")
        assert 'name="rules"' in page and 'name="extended"' in page
    before = await node.read(actors.main_group)
    texts = {"rules": "No scabs.\n\n Speak of deeds. \n", "extended": "This is **ours**.<script>1</script>"}
    await node.write(groups.edit_profile, texts, actor=node.group, member=await node.steward())
    await node.quiet()
    assert (await node.read(actors.main_group)).changed == before.changed, "no other server is told"
    told = await steward.get("/api/v1/instance/rules")
    assert [(one["id"], one["text"]) for one in told] == [("1", "No scabs."), ("2", "Speak of deeds.")]
    for path in ("/api/v1/instance", "/api/v2/instance"):
        assert (await reader.get(path))["rules"] == told
    content = (await reader.get("/api/v1/instance/extended_description"))["content"]
    assert "<strong>ours</strong>" in content and "<script" not in content
    for wrong in ("x" * 501, "x\n" * 51):
        with pytest.raises(Invalid, match="rules"):
            await node.write(groups.edit_profile, {"rules": wrong}, actor=node.group, member=await node.steward())

    assert hostile_peer.host in await steward.get("/api/v1/instance/peers")
    assert await reader.get("/api/v1/instance/peers") == []
    (shut,) = await steward.get("/api/v1/instance/domain_blocks")
    assert (shut["domain"], shut["severity"], shut["comment"]) == ("spam.example", "suspend", "advertising")
    assert (await reader.call("GET", "/api/v1/instance/domain_blocks")).status == 403
    async with node.http.get(f"{node.origin}/api/v1/instance/domain_blocks") as response:
        assert response.status == 401 and isinstance((await response.json())["error"], str)
    seen = {"log": "public", "map": "public"}
    await node.write(choices.choose, seen, actor=node.group, member=await node.steward())
    for path in ("/api/v1/instance/domain_blocks", "/api/v1/instance/peers"):
        async with node.http.get(node.origin + path) as response:
            assert await response.json() == await steward.get(path) == await reader.get(path) != []
