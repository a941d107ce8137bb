"""Quotations as apps meet them: who may quote is said and can be changed, who quotes is listed, leave is taken back."""

from __future__ import annotations

from typing import Any

import pytest

from node.decisions import actions as decisions
from node.decisions import showing
from node.decisions.rules import Method, Rule
from node.push.rules import ASKED_BY
from tests.nodes.peer import PUBLIC, Peer
from tests.nodes.served import ServedNode, eventually
from tests.web.admin.desk_browsers import enter
from tests.web.mastodon.conftest import AppLogin

PATH = "/api/v1/statuses"


async def bring(node: ServedNode, peer: Peer, kind: str, actor: str, thing: Any, **more: Any) -> None:
    assert await peer.send(f"{node.origin}/inbox", peer.activity(kind, actor, thing, **more)) == 202, peer.last
    await node.quiet()


async def quote(node: ServedNode, peer: Peer, name: str, quoted: str) -> dict[str, Any]:
    """Somebody asks to quote a text, and quotes it with the stamp that she gets; her text."""
    who = peer.actor(name)
    note = peer.note(who, "<p>Hear them.</p>", quote=quoted)
    asked = peer.activity("QuoteRequest", who, quoted, instrument=note)
    assert await peer.send(f"{node.origin}/inbox", asked) == 202, peer.last
    await node.quiet()
    return note


async def policy_of(node: ServedNode, iri: str) -> list[str]:
    document = (await node.activity(iri))[1]
    found = document["interactionPolicy"]["canQuote"]["automaticApproval"]
    return found if isinstance(found, list) else [found]


async def test_who_may_quote_is_said_and_can_be_changed(node: ServedNode, app_login: AppLogin) -> None:
    await node.write(enter, node.group, {"reader": "reader"})
    app, reader = await app_login(node, "steward"), await app_login(node, "reader")
    said = {
        chosen: await app.send("POST", PATH, {"status": f"For {chosen}.", "quote_approval_policy": chosen})
        for chosen in ("public", "followers", "nobody")
    }
    assert {chosen: one["quote_approval"]["automatic"] for chosen, one in said.items()} == {
        "public": ["public"],
        "followers": ["followers"],
        "nobody": [],
    }
    assert all(one["quote_approval"]["current_user"] == "automatic" for one in said.values())
    followers = (await node.activity(node.group))[1]["followers"]
    assert await policy_of(node, said["followers"]["uri"]) == [followers]
    assert await policy_of(node, said["nobody"]["uri"]) == [node.group]
    for one in said.values():
        seen = await reader.get(f"{PATH}/{one['id']}")
        assert seen["quote_approval"]["current_user"] == "denied", "a reader quotes nothing"
    assert (await app.call("POST", PATH, json={"status": "x", "quote_approval_policy": "x"})).status == 422

    one = said["public"]
    address = f"{PATH}/{one['id']}/interaction_policy"
    changed = await app.send("PUT", address, {"quote_approval_policy": "nobody"})
    assert changed["quote_approval"]["automatic"] == [] and changed["edited_at"] is None, "no other words"
    assert await policy_of(node, one["uri"]) == [node.group]
    assert len(await app.get(f"{PATH}/{one['id']}/history")) == 1
    again = await app.send("PUT", address, {"quote_approval_policy": "nobody"})
    assert again["quote_approval"] == changed["quote_approval"]
    edited = await app.send("PUT", f"{PATH}/{one['id']}", {"status": "Corrected."})
    assert edited["edited_at"] and edited["quote_approval"]["automatic"] == [], "other words change nothing of it"
    both = {"status": "Corrected again.", "quote_approval_policy": "followers"}
    edited = await app.send("PUT", f"{PATH}/{one['id']}", both)
    assert "again" in edited["content"] and edited["quote_approval"]["automatic"] == ["followers"]
    assert (await app.call("PUT", address, json={"quote_approval_policy": "x"})).status == 422
    assert (await app.call("PUT", address)).status == 422
    assert (await reader.call("PUT", address, json={"quote_approval_policy": "public"})).status == 403


async def test_a_change_of_who_may_quote_waits_for_the_group(node: ServedNode, app_login: AppLogin) -> None:
    await node.write(enter, node.group, {"zoe": "steward"})
    app = await app_login(node, "steward")
    one = await app.send("POST", PATH, {"status": "We strike."})
    two, steward = Rule(Method.APPROVALS, approvals=2), await node.steward()
    await node.write(decisions.change_rule, "publish_statement", two, actor=node.group, member=steward)
    changed = await app.send("PUT", f"{PATH}/{one['id']}/interaction_policy", {"quote_approval_policy": "nobody"})
    assert changed["quote_approval"]["automatic"] == ["public"]
    assert await policy_of(node, one["uri"]) == [PUBLIC]
    (vote,) = await app.get("/api/v1/notifications")
    number = vote["status"]["url"].rpartition("/")[2]
    about = (await node.read(showing.show, int(number), steward)).about
    assert "Nobody but the group may quote this." in about.html, "who decides is told what changes"


async def test_who_quotes_is_listed_and_leave_is_taken_back(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    await node.write(enter, node.group, {"reader": "reader"})
    app, reader = await app_login(node, "steward"), await app_login(node, "reader")
    one = await app.send("POST", PATH, {"status": "We strike."})
    notes = [await quote(node, hostile_peer, name, one["uri"]) for name in ("ana", "bo", "cy")]
    address = f"{PATH}/{one['id']}/quotes"

    async def three() -> Any:
        found = await app.get(address)
        return found if len(found) == 3 else None

    found = await eventually(three)
    assert {row["uri"] for row in found} == {note["id"] for note in notes}
    assert all(row["quote"]["state"] == "accepted" for row in found)
    assert (await app.get(f"{PATH}/{one['id']}"))["quotes_count"] == 3
    first = await app.call("GET", address, params={"limit": 2})
    assert [row["id"] for row in first.body] == [row["id"] for row in found[:2]] and 'rel="next"' in first.headers[
        "Link"
    ]
    assert [row["id"] for row in await app.get(address, max_id=found[1]["id"])] == [found[2]["id"]]

    revoke = f"{address}/{found[0]['id']}/revoke"
    assert (await reader.call("POST", revoke)).status == 403
    assert (await app.call("POST", f"{address}/{one['id']}/revoke")).status == 422
    assert (await app.call("POST", f"{address}/1/revoke")).status == 404
    assert (await app.call("POST", f"{PATH}/{found[0]['id']}/quotes/{one['id']}/revoke")).status == 403
    revoked = await app.post(revoke)
    assert revoked["quote"] == {"state": "revoked", "quoted_status": None}
    assert await app.post(revoke) == revoked
    assert {row["id"] for row in await app.get(address)} == {row["id"] for row in found[1:]}
    assert (await app.get(f"{PATH}/{one['id']}"))["quotes_count"] == 2
    await eventually(lambda: deleted(hostile_peer))


async def deleted(peer: Peer) -> bool:
    return bool(peer.sent_to("Delete"))


@pytest.mark.one_database
async def test_what_is_quoted_is_asked_for_and_its_changes_are_told(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    app = await app_login(node, "steward")
    ana = hostile_peer.actor("ana")
    await node.follow(f"@ana@{hostile_peer.host}")
    followers = f"{ana}/followers"
    policies = {
        "open": {"automaticApproval": [PUBLIC]},
        "asked": {"automaticApproval": [], "manualApproval": [PUBLIC]},
        "hers": {"automaticApproval": [ana]},
        "others": {"automaticApproval": ["https://elsewhere.example/users/x"]},
        "silent": None,
    }
    seen = {}
    for name, policy in policies.items():
        more = {} if policy is None else {"interactionPolicy": {"canQuote": policy}}
        note = hostile_peer.note(ana, f"<p>{name}</p>", **more)
        await bring(node, hostile_peer, "Create", ana, note)
        found = (await app.get("/api/v2/search", q=note["id"], resolve="false"))["statuses"]
        seen[name] = (note, found[0])
    approvals = {name: one["quote_approval"] for name, (_, one) in seen.items()}
    assert {name: one["current_user"] for name, one in approvals.items()} == {
        "open": "automatic",
        "asked": "manual",
        "hers": "denied",
        "others": "denied",
        "silent": "unknown",
    }, followers
    assert approvals["asked"]["manual"] == ["public"] and approvals["others"]["automatic"] == ["unsupported_policy"]

    note, one = seen["open"]
    ours = await app.send("POST", PATH, {"status": "Hear her.", "quoted_status_id": one["id"]})
    assert ours["quote"]["state"] == "pending"
    refused = await app.call("POST", PATH, json={"status": "x", "quoted_status_id": seen["hers"][1]["id"]})
    assert refused.status == 422

    async def request() -> Any:
        return hostile_peer.sent_to("QuoteRequest")

    (asked,) = await eventually(request)
    stamp = hostile_peer.id("stamps")
    accept = {key: asked[key] for key in ("id", "type", "actor", "object")} | {"instrument": ours["uri"]}
    await bring(node, hostile_peer, "Accept", ana, accept, result=stamp)
    quoting = await app.get(f"{PATH}/{ours['id']}")
    assert quoting["quote"]["state"] == "accepted" and quoting["quote"]["quoted_status"]["id"] == one["id"]

    later = note | {"content": "<p>Something else</p>", "updated": node.clock().isoformat()}
    await bring(node, hostile_peer, "Update", ana, later)

    async def told() -> Any:
        return await app.get("/api/v1/notifications", **{"types[]": "quoted_update"})

    (notification,) = await eventually(told)
    assert notification["status"]["id"] == ours["id"] and notification["account"]["username"] == "ana"
    assert ASKED_BY["quoted_update"] == ("quoted_update",)
