"""A peer at the desk, and by programs: looked up, asked, answered, recognised; and what the group chooses."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

from node.members import actions as members
from node.peering import choices
from tests.nodes.peer import Answer, Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode
from tests.web.admin.desk_browsers import at_desk, enter

pytestmark = pytest.mark.one_database
WHY = "We do not know you."


def words_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


async def ask_to_follow(node: ServedNode, peer: Peer, *names: str) -> list[str]:
    """Groups that ask to follow ours."""
    asking = [peer.actor(name, type="Group", name=name.title()) for name in names]
    for one in asking:
        assert await peer.send(f"{node.origin}/inbox", peer.activity("Follow", one, node.group)) == 202
    await node.quiet()
    return asking


async def test_a_delegate_answers_asks_recognises_and_chooses(node: ServedNode, hostile_peer: Peer) -> None:
    await node.write(enter, node.group, {"dora": "delegate", "edi": "editor", "reader": "reader"})
    async with at_desk(node, "dora") as dora, at_desk(node, "edi") as edi:
        status, where, _ = await dora.send("/desk/peers/choose", admits="persons", map="public")
        assert status == 303 and "done=choose" in where
        assert await node.read(choices.asks, node.group)
        paper, tenants = await ask_to_follow(node, hostile_peer, "paper", "tenants")
        assert "Requests to follow the group: 2" in words_of(await dora.get("/desk"))
        page = words_of(await dora.get("/desk/peers/requests"))
        assert "Paper" in page and "Tenants" in page and page.count("Admit") == 2
        await edi.get("/desk/peers/requests", status=403)
        assert (await edi.send("/desk/peers/admit", origin="/desk/me", who=paper))[0] == 403

        assert (await dora.send("/desk/peers/admit", who=paper))[0] == 303
        assert (await dora.send("/desk/peers/decline", who=tenants, reason=WHY))[0] == 303
        assert (await dora.send("/desk/peers/admit", who=tenants))[0] == 404
        of_tenants, of_paper = (f"/desk/peers/page?who={quote(one, safe='')}" for one in (tenants, paper))
        page = words_of(await edi.get(of_tenants))
        assert WHY in page and "declined" in page and "Key for proofs" in page

        status, _, page = await dora.send("/desk/peers/recognise", who=paper, words="fraternal", reason=" ")
        assert status == 422 and 'value="fraternal"' in page
        status, where, _ = await dora.send("/desk/peers/recognise", who=paper, words="fraternal", reason="Why?")
        assert status == 303 and "done=recognise" in where
        page = words_of(await edi.get(of_paper))
        assert "fraternal" in page and "recognised" in page and "Take it back" not in page
        assert "fraternal" in words_of(await dora.get("/desk/peers/requests"))
        assert (await dora.send("/desk/peers/revoke", who=paper))[0] == 303
        assert (await dora.send("/desk/peers/revoke", who=paper))[0] == 404
        assert (await dora.send("/desk/peers/ask", who=paper))[0] == 303
        await dora.get("/desk/peers/page?who=https://nobody.example/x", status=404)


async def test_an_address_with_several_groups_asks_which(node: ServedNode, hostile_peer: Peer) -> None:
    staff = [hostile_peer.actor(name, type="Group", name=name.title()) for name in ("north", "south")]
    schema = "http://nodeinfo.diaspora.software/ns/schema/2.1"
    links = {"links": [{"rel": schema, "href": f"{hostile_peer.origin}/ni"}]}
    said = {"software": {"name": "other"}, "metadata": {"staffAccounts": staff}}
    hostile_peer.served["/.well-known/nodeinfo"] = Answer(links, content_type="application/json")
    hostile_peer.served["/ni"] = Answer(said, content_type="application/json")
    async with at_desk(node, "steward") as desk:
        status, _, page = await desk.send("/desk/peers", handle=hostile_peer.origin)
        assert status == 200 and "North" in page and "South" in page and "Which is meant" in page


async def test_programs_do_the_same(node: ServedNode, hostile_peer: Peer) -> None:
    secret = await node.write(members.make_token, "steward", ("read", "publish", "write", "peer"))

    async def call(method: str, path: str, expected: int = 200, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {secret}"}
        more = {"json": body} if method == "POST" else {}
        async with node.http.request(method, f"{node.origin}{path}", headers=headers, **more) as answer:
            assert answer.status == expected, await answer.text()
            return await answer.json()

    await call("POST", "/api/peers/choose", admits="nobody")
    (paper,) = await ask_to_follow(node, hostile_peer, "paper")
    found = await call("GET", "/api/peers")
    assert [one["id"] for one in found["waiting"]] == [paper]
    assert found["choices"]["admits"] == "nobody" and len(found["keys"]) == 2
    (looked,) = (await call("POST", "/api/peers/look", who=paper))["groups"]
    assert looked["they_follow"]["state"] == "waiting" and looked["group"] is True
    said = await call("POST", "/api/peers/decline", who=paper, reason=WHY)
    assert said["decision"]["state"] == "adopted"
    one = await call("GET", f"/api/peers/one?who={quote(paper, safe='')}")
    assert one["they_follow"] == one["they_follow"] | {"state": "declined", "reason": WHY}
    assert [(row["act"], row["reason"]) for row in one["log"]] == [("declined", WHY)]
    assert one["exchange"]["policy"] == "accept" and one["recognised"] == {"given": None, "received": None}
    await call("POST", "/api/peers/recognise", who=paper, words="allied", reason="They came.", review_on="2999-01-01",
               expected=422)  # fmt: skip
    await call("POST", "/api/peers/recognise", who=paper, words="allied", reason="They came.")
    assert (await call("GET", "/api/peers"))["recognitions"]["given"][0]["words"] == "allied"
    await call("POST", "/api/peers/admit", who=paper, expected=404)
    await call("POST", "/api/peers/ask", who="nobody", expected=404)
    await call("POST", "/api/peers/ask", unknown="x", expected=422)


async def test_the_command_shows_a_peer_and_what_was_done_towards_it(node: ServedNode, hostile_peer: Peer) -> None:
    await node.write(choices.choose, {"admits": "nobody"}, actor=node.group, member=await node.steward())
    (paper,) = await ask_to_follow(node, hostile_peer, "paper")
    said = await commonwire("peer", "requests", node.directory, "--json")
    assert [one["id"] for one in json.loads(said.out)["waiting"]] == [paper]
    said = await commonwire("peer", "decline", node.directory, paper, "--reason", WHY)
    assert said.status == 0, said.err
    said = await commonwire("peer", "show", node.directory, paper)
    assert said.status == 0 and "declined since " in said.out and said.out.count(WHY) == 2, said.out
    said = await commonwire("peer", "add", node.directory, paper, "--look", "--json")
    assert json.loads(said.out)["they_follow"]["reason"] == WHY
