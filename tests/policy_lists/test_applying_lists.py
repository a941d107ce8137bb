"""A list is shown, put to the group as one act, and written again: on a node, from the command line, at the desk."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from node.context import Transaction
from node.errors import Conflict
from node.members import actions as members
from node.members.store import Member
from node.peering import governing, log, policies, standing
from node.peering.rules import Category, Severity
from node.policy_lists import actions, store
from node.policy_lists.formats import Form
from node.policy_lists.rules import Meant
from tests.nodes.peer import Peer
from tests.nodes.processes import Said, commonwire
from tests.nodes.served import ServedNode
from tests.web.admin.desk_browsers import CSRF, AtDesk, at_desk, enter

pytestmark = pytest.mark.one_database
PAGE = "/desk/policies/lists"
HEADER = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate"
LIST = f"""{HEADER}
bad.example,suspend,false,false,spam,false
ours.example,suspend,false,false,,false
same.example,silence,false,false,,false
pictures.example,noop,true,false,films,false
"""


async def foresee(node: ServedNode, member: Member, text: str, meant: Meant) -> actions.Foreseen:
    found: actions.Foreseen = await node.read(
        lambda tx: actions.foresee(tx, text.encode(), meant, actor=node.group, member=member)
    )
    return found


async def apply(node: ServedNode, text: str, meant: Meant, *, anyway: bool = False) -> actions.Foreseen:
    member = await node.steward()
    found = await foresee(node, member, text, meant)

    def propose(tx: Transaction) -> None:
        actions.propose(tx, found, actor=node.group, member=member, anyway=anyway)

    await node.write(propose)
    return found


async def test_a_list_is_one_act_ours_stays_and_what_is_written_says_the_same(node: ServedNode) -> None:
    await node.write(governing.enact, "ours.example", Severity.ACCEPT, "friends")
    await node.write(governing.enact, "same.example", Severity.LIMIT, "noise")
    found = await apply(node, LIST, Meant("their list", None, "", Category.SPAM))
    assert [one.subject for one in found.difference.new] == ["bad.example", "pictures.example"]
    assert [one.subject for one, _ in found.difference.against] == ["ours.example"]
    entry, *_ = await node.read(log.entries)
    assert (entry.act, entry.subject, entry.category, entry.reason) == ("list_applied", None, "spam", "their list")
    assert entry.details["policies"] == 2 and entry.decision is not None
    row = await node.read(policies.own, "bad.example")
    assert (row.severity, row.reason, row.category, row.decision) == ("reject", "spam", "spam", entry.decision)
    assert (await node.read(policies.own, "ours.example")).severity == "accept"
    stands = await node.read(lambda tx: standing.standing(tx, host="a.pictures.example"))
    assert (stands.severity, stands.no_media) == (Severity.ACCEPT, True)
    with pytest.raises(Conflict, match="nothing in this list"):
        await apply(node, LIST, Meant("their list"))
    await apply(node, LIST, Meant("their list", replaces=True))
    assert (await node.read(policies.own, "ours.example")).severity == "reject"
    assert await node.read(lambda tx: tx.execute(store.proposed_lists.select()).all()) == []
    exported = await node.read(actions.export, Form.BLOCKS)
    again = await foresee(node, await node.steward(), exported.text, Meant("x"))
    assert (exported.written, exported.left_out, len(again.difference.same)) == (4, 0, 4)
    assert not again.difference.applied and not again.difference.against


async def test_a_list_that_rests_whom_the_group_follows_has_to_be_meant(node: ServedNode, hostile_peer: Peer) -> None:
    await node.follow(hostile_peer.actor("alice"))
    blocks, meant = f"{hostile_peer.host}\nmore.example\n", Meant("all", Severity.REJECT)
    with pytest.raises(Conflict, match="would be heard"):
        await apply(node, blocks, meant)
    await node.follow(hostile_peer.actor("bob"))
    await node.write(governing.enact, hostile_peer.actor("bob"), Severity.ACCEPT)
    with pytest.raises(Conflict, match=r"it would hear no longer: .*alice"):
        await apply(node, blocks, meant)
    assert await node.read(policies.own, "more.example") is None
    await apply(node, blocks, meant, anyway=True)
    assert (await node.read(policies.own, "more.example")).reason == "all"


async def test_political_disagreement_is_exported_only_if_it_is_asked_for(node: ServedNode) -> None:
    await node.write(governing.enact, "differs.example", Severity.REJECT, "they differ", category="disagreement")
    await node.write(governing.enact, "partly.example", Severity.REJECT, "why", kinds=["Report"])
    await node.write(governing.enact, "good.example", Severity.ACCEPT)
    found = await node.read(actions.export, Form.BLOCKS)
    assert (found.text.splitlines(), found.written, found.left_out) == ([HEADER], 0, 2)
    found = await node.read(lambda tx: actions.export(tx, Form.PLAIN, disagreement=True))
    assert found.text == "differs.example\n"
    assert (await node.read(actions.export, Form.ALLOWS)).text == "#domain\ngood.example\n"


def test_the_command_line_shows_first_and_then_applies(make_node: Callable[..., Path], tmp_path: Path) -> None:
    home, file = make_node(0), tmp_path / "may.csv"
    file.write_text(LIST + "b*d.example,suspend,false,false,,true\n")

    def run(*words: str | Path) -> Said:
        return asyncio.run(commonwire(*words))

    seen = run("peer", "list", "import", home, file, "--preview")
    assert seen.status == 0 and "line 6: " in seen.out and "new: 4" in seen.out, seen
    made = json.loads(run("peer", "list", "import", home, file, "--category", "spam", "--json").out)
    assert made["decision"]["state"] == "adopted" and len(made["new"]) == 4, made
    assert "bad.example" in run("peer", "list", home).out
    out = tmp_path / "out.csv"
    assert run("peer", "list", "export", home, "--out", out).status == 0
    assert out.read_text().splitlines()[0] == HEADER and len(out.read_text().splitlines()) == 5
    wrong = run("peer", "list", "import", home, tmp_path / "none.csv")
    assert wrong.status == 1 and "none.csv" in wrong.err, wrong


async def send(browser: AtDesk, *, file: str | None = None, **form: str) -> tuple[int, str]:
    found = CSRF.search(await browser.get(PAGE))
    assert found is not None
    data = FormData({"csrf": found[1], "group": "union"} | form, default_to_multipart=True)
    if file is not None:
        data.add_field("file", file.encode(), filename="may.csv", content_type="text/csv")
    async with browser.http.post(PAGE, data=data, allow_redirects=False) as answer:
        return answer.status, unescape(await answer.text())


async def test_a_delegate_brings_a_list_to_the_desk(node: ServedNode) -> None:
    await node.write(enter, node.group, {"dora": "delegate", "edi": "editor"})
    async with at_desk(node, "dora") as dora, at_desk(node, "edi") as edi:
        await edi.get(PAGE, status=403)
        status, text = await send(dora, file=LIST, verb="preview")
        assert status == 200 and "bad.example" in text and 'value="may.csv"' in text, text
        assert await node.read(policies.own, "bad.example") is None
        written = {"list": "*.noise.example\nhttps://x.example/\n", "severity": "limit", "reason": "n", "name": "ours"}
        status, text = await send(dora, **written, verb="preview")
        assert status == 200 and "without a path" in text and "noise.example" in text
        assert (await send(dora, **written, verb="apply"))[0] == 303
        assert (await node.read(policies.own, "noise.example")).reason == "n"
        assert (await send(dora, **written, verb="apply"))[0] == 409
        assert (await send(dora, list="garbage here", verb="preview"))[0] == 422
        assert "noise.example,silence" in await dora.get(f"{PAGE}/blocks")


async def test_a_program_does_the_same(node: ServedNode) -> None:
    await node.write(enter, node.group, {"dora": "delegate"})
    token = await node.write(members.make_token, "dora", ("peer",))
    headers = {"Authorization": f"Bearer {token}"}

    async def post(act: str, **given: Any) -> tuple[int, Any]:
        async with node.http.post(f"{node.origin}/api/policies/list/{act}", json=given, headers=headers) as answer:
            return answer.status, await answer.json()

    status, seen = await post("preview", list=LIST, name="may")
    assert status == 200 and len(seen["new"]) == 4 and seen["refused"] == []
    status, made = await post("apply", list=LIST, name="may", category="spam")
    assert status == 200 and made["decision"]["state"] == "adopted", made
    assert (await post("apply", list=LIST, name="may"))[0] == 409
    assert (await post("apply", list="x", severity="reject"))[0] == 422
    async with node.http.get(f"{node.origin}/api/policies/list?form=plain", headers=headers) as answer:
        assert (answer.status, answer.content_type) == (200, "text/plain")
        assert (await answer.text()).splitlines() == ["bad.example", "ours.example"]
