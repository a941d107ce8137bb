"""What figures must not tell: of reports that nobody may see yet, and in the words of somebody who does not count."""

from __future__ import annotations

import itertools
from typing import Any

from node.decisions import store as decisions
from node.decisions.rules import HOUR, Method, Rule
from node.peering import store as follows
from node.peering.rules import Follow
from node.reports import developing, undoing
from node.reports import store as reports
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
    assert (await node.read(reports.find_import, published)).state == "published"
    await node.write(undoing.undo, published, reason="mistake", member=await node.steward())
    assert await left_out() == [0] * len(QUESTIONS), "an import that was undone is nowhere"

    await node.write(slow)
    undecided = await import_table(node)
    assert (await node.read(reports.find_import, undecided)).state == "proposed"
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
