"""The delivery report: received, refused with words, unreachable, gone, withheld; tried again, and what days say."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from node import receipts
from node.errors import Missing
from node.members import actions as members
from node.peering import actions, arrivals
from node.peering.arrivals import State
from node.peering.rules import Severity
from tests.conftest import NODES_AT_MOST
from tests.node.following import followed_by
from tests.nodes import peer as peers
from tests.nodes.peer import Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode, eventually, free_port
from tests.web.admin.desk_browsers import at_desk, enter

pytestmark = pytest.mark.one_database
WORDS = "We do not\x1b[31m take\n  anything from you."


@pytest.fixture
async def four(key_sets: list[Path]) -> AsyncIterator[list[Peer]]:
    """One that takes, one that refuses, one that says it is gone, one that our policy rejects."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(peers.peer(key_sets[NODES_AT_MOST - 1])) for _ in range(4)]


def nobody(like: Peer) -> Peer:
    """A server where nothing listens."""
    return Peer(f"http://127.0.0.1:{free_port()}", like.rsa, like.ed25519, like.http)


async def servers(node: ServedNode, iri: str) -> dict[str, Any]:
    (sent,) = await node.read(lambda tx: arrivals.report(tx, iri, group=node.group))
    return {one.host: one for one in sent.arrivals}


async def ends_as(node: ServedNode, iri: str, host: str, state: State) -> Any:
    async def so() -> bool:
        return (await servers(node, iri))[host].state is state

    await eventually(so)
    return (await servers(node, iri))[host]


async def retry(node: ServedNode, iri: str, host: str | None = None) -> list[str]:
    return list(await node.write(lambda tx: arrivals.retry(tx, iri, group=node.group, host=host)))


async def test_what_became_of_a_statement_at_each_server(node: ServedNode, four: list[Peer]) -> None:
    takes, refuses, gone, rejected = four
    closed = nobody(takes)
    refuses.inbox_status, refuses.inbox_body = 403, json.dumps({"error": WORDS})
    gone.inbox_status = 410
    for one in (*four, closed):
        await followed_by(node, one, 2, endpoints={"sharedInbox": f"{one.origin}/inbox"})
    by = {"actor": node.group, "member": await node.steward()}
    await node.write(actions.set_policy, rejected.host, Severity.REJECT, "advertising", **by)

    iri = await node.publish("To everybody.")
    for one, state in ((takes, State.RECEIVED), (refuses, State.REFUSED), (closed, State.UNREACHABLE)):
        await ends_as(node, iri, one.host, state)

    async def all_gone() -> bool:
        return (await servers(node, iri))[gone.host].refused >= 3  # the shared inbox, then each behind it

    await eventually(all_gone)
    await ends_as(node, iri, gone.host, State.REFUSED)
    found = await servers(node, iri)
    assert set(found) == {one.host for one in (*four, closed)}
    assert found[takes.host].received == 1 and found[takes.host].words is None
    assert (found[refuses.host].status, found[refuses.host].words) == (403, "We do not [31m take anything from you.")
    assert (found[gone.host].status, found[gone.host].received) == (410, 0)
    assert (found[rejected.host].state, found[rejected.host].words) == (State.WITHHELD, "advertising")
    assert rejected.received == []
    unreachable = found[closed.host]
    assert unreachable.status is None and "cannot be reached" in str(unreachable.words)
    assert unreachable.at is not None and unreachable.until - unreachable.at == timedelta(days=7)

    said = (await commonwire("queue", "report", node.directory, iri)).out
    assert f"{takes.host}  received since" in said and "    403: We do not [31m take anything from you." in said
    assert f"{rejected.host}  withheld" in said and "tried until" in said
    told = json.loads((await commonwire("queue", "report", node.directory, iri, "--json")).out)
    assert {one["host"]: one["state"] for one in told[0]["servers"]} == {name: one.state for name, one in found.items()}
    assert (await commonwire("queue", "report", node.directory, "https://else.example/x")).status != 0

    refuses.inbox_status = 202
    for host in (takes.host, rejected.host):
        with pytest.raises(Missing):
            await retry(node, iri, host)
    await node.write(enter, node.group, {"reader": "reader"})
    async with at_desk(node, "steward") as steward, at_desk(node, "reader") as reader:
        (page,) = set(re.findall(r'href="(/desk/published/[^"?]+)', await steward.get("/desk/published")))
        assert "Who has received it" in await steward.get(page)
        shown = await steward.get(f"{page}/receipts")
        assert "We do not [31m take anything from you." in shown and "not sent, by our own policy" in shown
        assert all(one.host in shown for one in (*four, closed)) and shown.count('name="host"') == 4
        assert 'name="host"' not in (await reader.get(f"{page}/receipts"))
        assert (await reader.send(f"{page}/receipts", origin="/desk/me", host=refuses.host))[0] == 403
        assert (await steward.send(f"{page}/receipts", host=takes.host))[0] == 404
        status, where, _ = await steward.send(f"{page}/receipts", host=refuses.host)
        assert status == 303 and "done=retry" in where
    await ends_as(node, iri, refuses.host, State.RECEIVED)
    gone.inbox_status = 202
    again = await commonwire("queue", "retry", node.directory, "--text", iri, "--json")
    assert set(json.loads(again.out)["peers"]) == {gone.host, closed.host}
    await ends_as(node, iri, gone.host, State.RECEIVED)
    await programs_see_the_same(node, iri, refuses)
    days = await node.read(receipts.days_of, refuses.host)
    assert sum(day.received for day in days) >= 1 and sum(day.refused for day in days) >= 1
    assert days[0].median is not None and days[0].last_received is not None
    with pytest.raises(Missing):
        await node.read(lambda tx: arrivals.report(tx, "https://else.example/x", group=node.group))


async def programs_see_the_same(node: ServedNode, iri: str, peer: Peer) -> None:
    for scope, allowed in (("read", False), ("publish", True)):
        secret = await node.write(members.make_token, "steward", ("read", scope))
        headers = {"Authorization": f"Bearer {secret}"}
        address = f"{node.origin}/api/receipts"
        async with node.http.get(address, params={"text": iri}, headers=headers) as answer:
            (sent,) = (await answer.json())["sent"]
            states = {one["host"]: one["state"] for one in sent["servers"]}
            assert (sent["type"], states[peer.host]) == ("Create", "received")
        async with node.http.post(f"{address}/retry", json={"text": iri, "host": peer.host}, headers=headers) as answer:
            assert answer.status == (404 if allowed else 403), await answer.text()


async def test_after_its_revival_a_server_has_received_it(node: ServedNode, hostile_peer: Peer) -> None:
    follower, *_ = await followed_by(node, hostile_peer, 6)
    hostile_peer.inbox_status = 503
    iri = await node.publish("Before.")

    async def asked_or_over(before: int) -> bool:
        over = (await servers(node, iri))[hostile_peer.host].waiting == 0
        return over or len(hostile_peer.received) > before

    await ends_as(node, iri, hostile_peer.host, State.UNREACHABLE)
    for _ in range(20):
        one = (await servers(node, iri))[hostile_peer.host]
        assert one.state is State.UNREACHABLE
        if one.waiting == 0:
            break
        node.clock.advance(timedelta(days=4))
        await eventually(partial(asked_or_over, len(hostile_peer.received)))
    assert one.waiting == 0 and one.until <= node.clock()
    later = await node.publish("Meanwhile.")
    assert (await servers(node, later))[hostile_peer.host].state is State.UNREACHABLE
    hostile_peer.inbox_status = 202
    like = hostile_peer.activity("Like", follower, iri)
    assert await hostile_peer.send(f"{node.origin}/inbox", like, now=node.clock()) == 202
    for text in (iri, later):
        await ends_as(node, text, hostile_peer.host, State.RECEIVED)
    days = await node.read(receipts.days_of, hostile_peer.host)
    assert len(days) > 1 and days[0].received > 0 and days[-1].failed > 0
    assert all(day.refused == 0 for day in days), "an answer of 503 is no refusal"
    await node.quiet()
    until = node.clock()
    node.clock.advance(receipts.KEPT_FOR + timedelta(days=1))
    while await node.write(receipts.prune):
        pass
    assert not {one.day for one in days} & {one.day for one in await node.read(receipts.days_of, hostile_peer.host)}
    (sent,) = await node.read(lambda tx: arrivals.report(tx, iri, group=node.group))
    assert all(row.since > until for row in await node.read(receipts.of, sent.activity))


@pytest.mark.parametrize(
    ("counts", "median"),
    [((0,) * 8, None), ((1,) + (0,) * 7, 50), ((1, 1, 1, 0, 0, 0, 0, 0), 100), ((0,) * 7 + (3,), 10_000)],
)
def test_the_middle_one_of_the_answers(counts: tuple[int, ...], median: int | None) -> None:
    assert receipts.median(counts) == median
