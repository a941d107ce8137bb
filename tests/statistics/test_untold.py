"""What figures must not tell: of reports that nobody may see yet, and in the words of somebody who does not count."""

from __future__ import annotations

import itertools
import json
from typing import Any
from urllib.parse import quote, urlsplit

from node.decisions import store as decisions
from node.decisions.rules import HOUR, Method, Rule
from node.peering import governing
from node.peering import store as follows
from node.peering.rules import Follow, Severity
from node.reports import developing, transcriptions, undoing
from node.statistics import store
from tests.merges.telling import report
from tests.nodes.peer import PUBLIC, Peer
from tests.nodes.served import ServedNode
from tests.nodes.test_two_nodes_talk import import_table
from tests.reports.test_flawed_reports import report as report_of_peer
from tests.statements.test_hearing import bring
from tests.statistics.asking import figures

QUESTIONS = ("", "kind=strike", "field=housing", "country=GB", "since=1900", "by=country")


async def test_what_nobody_may_see_is_not_counted_among_what_is_left_out(node: ServedNode) -> None:
    def slow(tx: Any) -> None:
        rule = Rule(Method.APPROVALS, approvals=1, at_least=HOUR)
        decisions.set_rule(tx, node.group, "publish_import", rule)

    async def left_out() -> list[int]:
        return [(await figures(node, query))["coverage"]["left_out"] for query in QUESTIONS]

    withdrawn, _ = await report(node, "Trams")
    published = await import_table(node)
    assert (await node.read(transcriptions.find_import, published)).state == "published"
    await node.write(undoing.undo, published, reason="mistake", member=await node.steward())
    assert await left_out() == [0] * len(QUESTIONS), "an import that was undone is nowhere"

    await node.write(slow)
    undecided = await import_table(node)
    assert (await node.read(transcriptions.find_import, undecided)).state == "proposed"
    assert await left_out() == [0] * len(QUESTIONS)
    assert "left-out" not in {note["remark"] for note in (await figures(node))["notes"]}

    await node.write(developing.withdraw, withdrawn, reason="We mixed up.", member=await node.steward())
    assert await left_out() == [1, 1, 0, 1, 1, 1], "what a group said and does not stand by everybody may count"


async def test_a_party_is_written_as_those_write_it_who_count(node: ServedNode, hostile_peer: Peer) -> None:
    stranger, paper = (hostile_peer.actor(name, type="Organization") for name in ("stranger", "paper"))
    await node.follow(paper)
    await node.write(follows.set_state, follower=node.group, followed=paper, state=Follow.ACCEPTED)

    number = itertools.count()

    async def says(author: str, *names: str, **more: Any) -> None:
        for name in names:
            party = {"type": "Organization", "name": name}
            struggle = f"{hostile_peer.origin}/struggles/{next(number)}"
            to_us = {"tag": [{"type": "Mention", "href": node.group}], "to": [PUBLIC], "cc": [node.group]}
            told = more | to_us | {"addressee": [party], "name": "Walkout", "struggle": struggle}
            document = report_of_peer(hostile_peer, author, **told)
            assert await bring(node, hostile_peer, "Create", author, document) == "done"

    async def written() -> dict[str, str]:
        rows = (await figures(node, "by=family"))["rows"]
        return {row["keys"]["family"]: row["labels"]["family"] for row in rows if row["keys"]["family"]}

    await report(node, "Kitchen", addressee="Acme")
    await says(stranger, "(((ACME)))", "(((ACME)))", "Mill")
    await says(paper, "((Acme))", "((Acme))", "ZINC!", "Zinc", "Zinc", "!Mill", "Mill!")
    await says(paper, "(Zinc", reportStatus="withdrawn")
    await says(paper, "Long " * 60)
    assert await written() == {
        "acme": "Acme",
        "zinc": "Zinc",
        "mill": "!Mill",
        ("long " * 60)[:200]: ("Long " * 60)[: store.LABEL_CHARACTERS],
    }
    for address in ("/figures?by=family", "/families/acme", "/wire?family=acme", "/wire?addressee=mill"):
        status, page = await node.page(address)
        assert status == 200, address
        assert "(((ACME)))" not in page, address


async def test_nothing_of_a_suspended_host_counts_or_is_listed(node: ServedNode, hostile_peer: Peer) -> None:
    paper = hostile_peer.actor("paper", type="Organization", indexable=True)
    await node.follow(paper)
    await node.write(follows.set_state, follower=node.group, followed=paper, state=Follow.ACCEPTED)
    measures = [{"measure": "participants", "value": 77}]
    tag = [{"type": "Hashtag", "href": f"{hostile_peer.origin}/tags/walkout", "name": "#walkout"}]
    document = report_of_peer(hostile_peer, paper, measures=measures, began="2026-10-02", tag=tag)
    assert await bring(node, hostile_peer, "Create", paper, document) == "done"

    def policy(which: Severity) -> Any:
        host = urlsplit(hostile_peer.origin).netloc
        return lambda tx: governing.enact(tx, host, which, "It lies.")

    async def lists() -> list[bool]:
        paths = ("/wire", "/wire?field=work", "/wire?type=report", "/wire.atom", "/wire.json",
                 "/wire.atom?field=work", "/tags/walkout", "/search?q=walked", "/api/search?q=walked", "/api/reports")  # fmt: skip
        pages = [(await node.page(path))[1] for path in paths]
        return ["They walked out" in page or "All of them" in page for page in pages]

    async def counted() -> list[int]:
        found = [await figures(node, query) for query in ("by=kind", f"source={quote(paper, safe='')}")]
        return [one["total"]["struggles"] for one in found]

    before, sums = await lists(), await counted()
    assert sums == [1, 1] and all(before), before
    await node.write(policy(Severity.REJECT))
    assert await lists() == [False] * len(before) and await counted() == [0, 0]
    found = json.loads((await node.page("/figures.json"))[1])
    assert paper not in found["sources"] and found["coverage"]["not_counted"] == 1
    await node.write(policy(Severity.ACCEPT))
    assert await lists() == before and await counted() == sums
