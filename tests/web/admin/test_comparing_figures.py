"""Two nodes compare their figures, and one fetches what the other has and it lacks."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from node import objects
from node.peering import governing
from node.peering import store as peering
from node.peering.rules import Follow, Severity
from node.reports import actions as reports
from node.statements import correcting, writing
from tests.conftest import follow_each
from tests.nodes.peer import Answer, Peer, peer
from tests.nodes.served import ServedNode, eventually
from tests.reports.test_flawed_reports import report as peer_report
from tests.web.admin.desk_browsers import at_desk

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
COMPARE = "/figures/compare"
EQUAL = "Both have counted the same by the same rule"


@pytest.fixture
async def late(serve: Any, report: Any, import_table: Any) -> tuple[ServedNode, ServedNode, list[str]]:
    """A node with a report and an import, another that has begun to follow it later, and those reports."""
    first, second = await serve(0), await serve(1, settings={"federation.backfill_objects": 0})
    told = await report(first, title="Before", workers_involved="195")
    table = await import_table(first)
    await follow_each(second, first)
    both = await report(first, title="After")
    await eventually(lambda: second.holds(both))
    parts = [row.iri for row in await first.read(objects.parts, table, limit=100)]
    return first, second, [told, *parts]


async def compared(here: ServedNode, other: ServedNode) -> str:
    """What a reader sees who compares now."""
    here.clock.advance(timedelta(minutes=2))
    status, page = await here.page(f"{here.origin}{COMPARE}?by=year&with={other.origin}")
    assert status == 200
    return page


async def test_a_delegate_fetches_what_is_missing(late: tuple[ServedNode, ServedNode, list[str]], report: Any) -> None:
    first, second, missing = late
    page = await compared(second, first)
    assert "They differ." in page and f"Counted there and not here ({len(missing)})" in page
    assert all(iri in page for iri in missing) and "Counted here and not there" not in page
    assert "Groups that count here and not there (1)" in page, "the first follows nobody"
    async with at_desk(second, "steward") as desk:
        shown = await desk.get(f"/desk/figures?by=year&with={first.origin}")
        assert f"Fetch {len(missing)} reports" in shown
        form = {"question": "by=year", "with": first.origin}
        status, where, _ = await desk.send("/desk/figures", group="tenants", **form)
        assert status == 303 and "is being fetched" in await desk.get(where)
    for iri in missing:
        await eventually(lambda iri=iri: second.holds(iri))
    assert EQUAL in await compared(second, first)
    tables = [(await node.page(f"{node.origin}/figures?by=year&source={first.group}"))[1] for node in (first, second)]
    digests = [page.partition('<code dir="ltr">')[2].partition("</code>")[0] for page in tables]
    assert len(digests[0]) == 64 and digests[0] == digests[1]
    listed = {row.iri for row in await second.read(objects.listed, local=False, limit=100)}
    assert listed & set(missing) == {missing[0]}, "what was transcribed stands in no time line"
    own = await report(second, title="Ours")
    page = await compared(second, first)
    assert (
        "Counted here and not there (1)" in page and own in page and "/desk/figures" not in page.partition("<main")[2]
    )


async def test_a_newer_version_is_fetched_too(two_nodes: tuple[ServedNode, ServedNode], report: Any) -> None:
    first, second = two_nodes
    iri = await report(first, title="Out", workers_involved="195")
    await eventually(lambda: second.holds(iri))
    assert EQUAL in await compared(second, first)
    await second.write(governing.enact, first.node.config.host, Severity.REJECT, "a test")
    newer = writing.read(
        "---\ntitle: Out\nkind: strike\nfield: work\nbegan: 2025-10-12\nworkers_involved: 300\n---\nMore.\n",
        report_keys=reports.REPORT_KEYS,
    )
    await first.write(correcting.correct, iri, newer, member=await first.steward())
    await first.quiet()
    status, page = await second.page(f"{second.origin}{COMPARE}?with={first.origin}")
    assert status == 403 and "does not hear" in page, "whom one does not hear one does not ask"
    await second.write(governing.enact, first.node.config.host, Severity.ACCEPT, "")
    page = await compared(second, first)
    assert "Known there in another version (1)" in page and iri in page
    async with at_desk(second, "steward") as desk:
        await desk.send("/desk/figures", group="tenants", question="by=year", **{"with": first.origin})

    async def agrees() -> bool:
        return EQUAL in await compared(second, first)

    await eventually(agrees)
    assert "300" in (await second.page(f"{second.origin}/figures?by=year&source={first.group}"))[1]


async def test_nobody_makes_this_node_ask_whom_it_does_not_know(node: ServedNode, hostile_peer: Peer) -> None:
    status, page = await node.page(COMPARE)
    assert status == 200 and "No group here follows anybody on another node yet." in page
    for address, expected in ((hostile_peer.origin, 403), ("nobody", 422), ("http://user@host", 422), ("  ", 200)):
        assert (await node.page(f"{node.origin}{COMPARE}?with={address}"))[0] == expected, address
    assert hostile_peer.fetches == 0
    async with at_desk(node, "steward") as desk:
        assert "No group here follows anybody" in await desk.get("/desk/figures")
        status, _, _ = await desk.send("/desk/figures", question="by=year", **{"with": hostile_peer.origin})
        assert status == 403 and hostile_peer.fetches == 0


IRI = "https://a.example/1"
GOOD: dict[str, Any] = {"sources": [], "rule": "1", "merges": [], "digest": "d", "reports": 0, "parts": []}
NO_INPUTS: list[Any] = [
    [], 7, None, {}, GOOD | {"sources": "x"}, GOOD | {"sources": ["javascript:alert(1)"]}, GOOD | {"rule": "x" * 300},
    GOOD | {"merges": [[IRI]]}, GOOD | {"merges": [[IRI, 1]]}, GOOD | {"reports": -1}, GOOD | {"reports": True},
    GOOD | {"parts": [{"part": 256, "reports": 1, "digest": "d"}]}, GOOD | {"parts": [1]},
    GOOD | {"parts": [{"part": 1.5, "reports": 1, "digest": "d"}]},
]  # fmt: skip
NO_PART: list[Any] = [[], {}, {"struggles": []}, {"struggles": {IRI: []}}, {"struggles": {IRI: {"x": "d"}}}, {"struggles": {IRI: {IRI: 1}}}]  # fmt: skip


async def test_whatever_a_peer_answers_is_told_in_words(node: ServedNode, hostile_peer: Peer) -> None:
    followed, path = hostile_peer.actor(), "/figures/inputs.json"
    await node.node.directory.actor(followed)
    follow = {"follower": node.group, "followed": followed, "activity": f"{node.group}#1", "state": Follow.ACCEPTED}
    await node.write(peering.put, **follow)
    asked = f"{node.origin}{COMPARE}?with={hostile_peer.origin}"

    async def told(answer: Answer) -> None:
        hostile_peer.served[path] = answer
        status, page = await node.page(asked)
        assert status == 502 and "could not be asked" in page, answer.body
        assert "javascript:" not in page.replace("javascript:alert(1)", "") or 'href="javascript' not in page

    for document in NO_INPUTS:
        await told(Answer(document, content_type="application/json"))
    for body in (b"", b"{", b"\xff", b"[" * 5000, b'{"a":1,"a":2}'):
        await told(Answer(body, content_type="application/json"))
    await told(Answer({}, status=404))
    await told(Answer({}, status=500))
    await told(Answer(b"", status=302, headers={"Location": "https://elsewhere.example/"}))
    differing = GOOD | {"sources": sorted([followed, node.group]), "parts": [{"part": 3, "reports": 1, "digest": "d"}]}
    for document in NO_PART:
        hostile_peer.served[f"{path}?by=year&part=3"] = Answer(document, content_type="application/json")
        await told(Answer(differing, content_type="application/json"))
    hostile_peer.served[f"{path}?by=year&part=3"] = Answer({"struggles": {IRI: {IRI: "<b>"}}})
    before = hostile_peer.asked[path]
    pages = await asyncio.gather(*(node.page(asked) for _ in range(5)))
    assert {status for status, _ in pages} == {200} and "Counted there and not here (1)" in pages[0][1]
    assert hostile_peer.asked[path] - before == 2, "five readers wait for one answer"


async def test_a_peer_does_not_choose_whom_this_node_asks(
    node: ServedNode, hostile_peer: Peer, key_sets: list[Path], report: Any
) -> None:
    followed, stranger, path = hostile_peer.actor("paper"), hostile_peer.actor("stranger"), "/figures/inputs.json"
    await node.node.directory.actor(followed)
    follow = {"follower": node.group, "followed": followed, "activity": f"{node.group}#1", "state": Follow.ACCEPTED}
    await node.write(peering.put, **follow)
    own = await report(node, title="Ours")
    async with peer(key_sets[0]) as bystander:
        foreign = peer_report(bystander, bystander.actor())
        by_another = peer_report(hostile_peer, bystander.actor())
        good, bad = (hostile_peer.proved(peer_report(hostile_peer, author), author) for author in (followed, stranger))
        for document in (good, bad, by_another):
            hostile_peer.served[document["id"].removeprefix(hostile_peer.origin)] = Answer(document)
        named = [good["id"], bad["id"], by_another["id"], foreign["id"], own, "https://nobody.invalid/1"]
        inputs = GOOD | {
            "sources": sorted([followed, node.group]),
            "parts": [{"part": 3, "reports": 6, "digest": "d"}],
            "struggles": {},
        }
        hostile_peer.served[path] = Answer(inputs, content_type="application/json")
        told = {"struggles": {IRI: dict.fromkeys(named, "x")}}
        hostile_peer.served[f"{path}?by=year&part=3"] = Answer(told, content_type="application/json")
        async with at_desk(node, "steward") as desk:
            shown = await desk.get(f"/desk/figures?by=year&with={hostile_peer.origin}")
            assert "Fetch 3 reports" in shown, "those that somebody who counts here could have said"
            form = {"question": "by=year", "with": hostile_peer.origin}
            status, _, _ = await desk.send("/desk/figures", **form)
            assert status == 303
        await eventually(lambda: node.holds(good["id"]))
        await node.quiet()
        assert [await node.holds(one["id"]) for one in (bad, by_another, foreign)] == [False] * 3
        assert bystander.fetches == 0 and hostile_peer.asked["/users/stranger"] == 0
