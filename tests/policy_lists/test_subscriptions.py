"""Lists of others: looked at before they count or adopted by themselves, kept up to date, and left without a trace."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from node import jobs
from node.context import Transaction
from node.errors import Conflict, Invalid, Missing
from node.members import actions as members
from node.peering import choices, governing, log, policies
from node.peering.rules import Severity
from node.policy_lists import subscribing
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode, eventually
from tests.web.admin.desk_browsers import at_desk, enter

pytestmark = pytest.mark.one_database
HEADER = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n"


def say(peer: Peer, *lines: str, etag: str = "", status: int = 200, path: str = "/blocks.csv") -> str:
    headers = {"ETag": etag} if etag else {}
    peer.served[path] = Answer((HEADER + "".join(f"{line}\n" for line in lines)).encode(), status, "text/csv", headers)
    return f"{peer.origin}{path}"


async def do(node: ServedNode, verb: str, **given: Any) -> None:
    member = await node.steward()

    def propose(tx: Transaction) -> None:
        subscribing.do(tx, verb, given, actor=node.group, member=member)

    await node.write(propose)
    await node.quiet()


async def held(node: ServedNode, url: str) -> dict[str, str]:
    return {row.subject: row.severity for row in await node.read(policies.of_source, url)}


async def shown(node: ServedNode) -> dict[str, Any]:
    (one,) = await node.read(subscribing.overview)
    return dict(one)


async def next_day(node: ServedNode) -> None:
    """Move the clock, and wait until the list was asked for."""
    before = (await shown(node))["checked"]
    node.clock.advance(timedelta(days=1, minutes=1))
    node.node.bell.ring(jobs.TOPIC)

    async def checked() -> bool:
        return bool((await shown(node))["checked"] != before)

    await eventually(checked)


async def test_a_list_that_adopts_by_itself_follows_its_source(node: ServedNode, hostile_peer: Peer) -> None:
    url = say(
        hostile_peer, "a.example,suspend,,,spam,", "b.example,silence,,,,", "ours.example,suspend,,,,", etag='"1"'
    )
    await node.write(governing.enact, "ours.example", Severity.ACCEPT, "friends")
    await do(node, "subscribe", url=url, adopts=True, priority=5, category="spam")
    assert await held(node, url) == {"a.example": "reject", "b.example": "limit", "ours.example": "reject"}
    assert (await node.read(policies.own, "ours.example")).severity == "accept"
    row, *_ = await node.read(policies.of_source, url)
    assert (row.priority, row.reason, row.category, row.source) == (5, "spam", "spam", url)
    say(hostile_peer, "b.example,suspend,,,,", "ours.example,suspend,,,,", etag='"2"')
    await next_day(node)
    assert await held(node, url) == {"b.example": "reject", "ours.example": "reject"}
    entry, *_ = await node.read(log.entries)
    assert (entry.act, entry.details["policies"], entry.details["dropped"]) == ("list_applied", 1, 1)
    for status, body in ((500, b""), (404, b""), (200, b""), (200, b"<html>\nno\n"), (200, b"\xff\xfe")):
        hostile_peer.served["/blocks.csv"] = Answer(body, status, "text/csv")
        await next_day(node)
        assert (await shown(node))["error"] and len(await held(node, url)) == 2
    hostile_peer.served["/blocks.csv"] = Answer(b"", 304, "text/csv")
    await next_day(node)
    assert (await shown(node))["error"] is None and len(await held(node, url)) == 2
    say(hostile_peer)  # it takes everything back
    await next_day(node)
    assert (await shown(node))["error"] is None and await held(node, url) == {}
    assert (await node.read(policies.own, "ours.example")).severity == "accept"


async def test_a_list_waits_for_a_look_has_exceptions_and_leaves_nothing_behind(
    node: ServedNode, hostile_peer: Peer
) -> None:
    url = say(hostile_peer, "a.example,suspend,,,,", "friends.example,suspend,,,,")
    await do(node, "subscribe", url=url)
    waiting = (await shown(node))["waiting"]
    assert [one["subject"] for one in waiting["sets"]] == ["a.example", "friends.example"]
    assert await held(node, url) == {}
    await do(node, "except", url=url, whom="friends.example")
    await do(node, "adopt", url=url)
    assert await held(node, url) == {"a.example": "reject"}
    with pytest.raises(Conflict, match="nothing in this list"):
        await do(node, "adopt", url=url)
    old = {"do": "adopt", "url": url, "by_role": None, "fetched": "2026-01-01T00:00:00+00:00"}
    with pytest.raises(Conflict, match="something else now"):
        await node.write(subscribing.apply, json.dumps(old))
    await do(node, "include", url=url, whom="friends.example")
    assert [one["subject"] for one in (await shown(node))["waiting"]["sets"]] == ["friends.example"]
    await do(node, "unsubscribe", url=url)
    assert await held(node, url) == {} and await node.read(subscribing.overview) == []
    assert (await node.read(log.entries))[0].act == "unsubscribed"
    with pytest.raises(Missing, match="no subscription"):
        await do(node, "adopt", url=url)
    for wrong in ("peer.example", "ftp://peer.example/x", "javascript:alert(1)"):
        with pytest.raises(Invalid, match="is no address"):
            await do(node, "subscribe", url=wrong)


async def test_nobody_whom_the_group_follows_is_lost_by_itself(node: ServedNode, hostile_peer: Peer) -> None:
    await node.follow(hostile_peer.actor("alice"))
    url = say(hostile_peer, f"{hostile_peer.host},suspend,,,,", "more.example,suspend,,,,")
    await do(node, "subscribe", url=url, adopts=True)
    assert await held(node, url) == {} and len((await shown(node))["waiting"]["sets"]) == 2
    with pytest.raises(Conflict, match="would be heard"):
        await do(node, "adopt", url=url)
    await do(node, "adopt", url=url, anyway=True)
    assert len(await held(node, url)) == 2


async def test_our_own_list_is_published_to_those_who_may_see_the_log(node: ServedNode) -> None:
    await node.write(governing.enact, "bad.example", Severity.REJECT, "spam", category="spam")
    address = f"{node.group}/lists/blocks.csv"
    async with node.http.get(address) as answer:
        assert answer.status == 404
    member = await node.steward()
    await node.write(lambda tx: choices.choose(tx, {"log": "public"}, actor=node.group, member=member))
    async with node.http.get(address) as answer:
        assert (answer.status, answer.content_type) == (200, "text/csv")
        assert (await answer.text()).splitlines()[1] == "bad.example,suspend,false,false,spam,false"
        etag = answer.headers["ETag"]
    async with node.http.get(address, headers={"If-None-Match": etag}) as answer:
        assert answer.status == 304


async def test_the_desk_and_programs_subscribe_too(node: ServedNode, hostile_peer: Peer) -> None:
    await node.write(enter, node.group, {"dora": "delegate"})
    url, page = say(hostile_peer, "a.example,suspend,,,,"), "/desk/policies/lists"
    async with at_desk(node, "dora") as dora:
        assert (await dora.send(f"{page}/subscribe", origin=page, url="nothing"))[0] == 422
        assert (await dora.send(f"{page}/subscribe", origin=page, url=url))[0] == 303
        await node.quiet()
        assert "a.example" in await dora.get(page)
        assert (await dora.send(f"{page}/adopt", origin=page, url=url))[0] == 303
        assert await held(node, url) == {"a.example": "reject"}
        assert (await dora.send(f"{page}/except", origin=page, url=url, whom="a.example"))[0] == 303
        assert await held(node, url) == {} and "a.example" in await dora.get(page)
        names = f"{hostile_peer.origin}/names.txt"
        hostile_peer.served["/names.txt"] = Answer(b"b.example\n", content_type="text/plain")
        assert 'id="others-severity"' in await dora.get(page)
        meant = {"severity": "reject", "category": "spam", "adopts": "yes"}
        assert (await dora.send(f"{page}/subscribe", origin=page, url=names, **meant))[0] == 303
        await node.quiet()
        assert await held(node, names) == {"b.example": "reject"}
        assert (await dora.send(f"{page}/unsubscribe", origin=page, url=names))[0] == 303
    token = await node.write(members.make_token, "dora", ("peer",))
    headers = {"Authorization": f"Bearer {token}"}
    api = f"{node.origin}/api/policies/subscriptions"
    async with node.http.get(api, headers=headers) as answer:
        (one,) = (await answer.json())["subscriptions"]
        assert (one["url"], one["exceptions"], one["adopts"]) == (url, ["a.example"], False)
    async with node.http.post(f"{api}/unsubscribe", json={"url": url}, headers=headers) as answer:
        assert answer.status == 200 and (await answer.json())["decision"]["state"] == "adopted"
    assert await node.read(subscribing.overview) == []
