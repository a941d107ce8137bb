"""The form that needs no account: what it takes, what is kept of its sender, and how she sees what became of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import aiohttp
import pytest

from node.complaints import acknowledging, reminding, rules, store
from node.complaints.rules import Outcome, Source
from node.pruning import prune
from tests.nodes.peer import Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode
from tests.web.admin.desk_browsers import at_desk

ADDRESS = re.compile(r"/complain/(\d+)/([0-9a-z]{16})")


class Anybody:
    """Somebody with a browser and no account."""

    def __init__(self, node: ServedNode, http: aiohttp.ClientSession) -> None:
        self.node, self.http = node, http

    async def get(self, path: str, *, status: int = 200) -> str:
        async with self.http.get(path) as answer:
            assert answer.status == status, await answer.text()
            assert "no-store" in answer.headers["Cache-Control"] and "Set-Cookie" not in answer.headers
            return unescape(await answer.text())

    async def complain(self, about: str, **fields: str) -> tuple[int, str, str]:
        """Fetch the form and send it after a while: status, where to, and the page."""
        page = await self.get(f"/complain?about={quote(about, safe='')}")
        ticket = re.search(r'name="ticket" value="([^"]+)"', page)
        assert ticket is not None
        asked = re.search(r"How much is (\d+) and (\d+)", page)
        answer = str(int(asked[1]) + int(asked[2])) if asked else ""
        self.node.clock.advance(timedelta(seconds=10))
        form = {"about": about, "ticket": ticket[1], "category": "rules", "words": "wrong", "answer": answer} | fields
        async with self.http.post("/complain", data=form, allow_redirects=False) as answered:
            return answered.status, answered.headers.get("Location", ""), unescape(await answered.text())


@pytest.fixture
async def anybody(node: ServedNode) -> AsyncIterator[Anybody]:
    async with aiohttp.ClientSession(node.origin, headers={"Accept": "text/html"}) as http:
        yield Anybody(node, http)


async def test_anybody_complains_and_sees_what_became_of_it(node: ServedNode, anybody: Anybody) -> None:
    ours = await node.publish()
    for page in (ours, node.group, "/"):
        about = quote(node.group if page == "/" else page, safe="")
        assert f'href="/complain?about={about}"' in (await node.page(page))[1], page
    status, onward, _ = await anybody.complain(ours, words="They name a neighbour of mine.", category="harassment")
    found = ADDRESS.match(onward)
    assert status == 303 and found is not None, onward
    number, word = int(found[1]), found[2]
    page = await anybody.get(onward)
    assert word in page and f"Complaint {number}" in page and "They name a neighbour" not in page
    (row,) = await node.read(store.of_group, node.group)
    assert (row.words, row.category, row.source, row.about) == (
        "They name a neighbour of mine.", "harassment", "form", [ours],
    )  # fmt: skip
    assert (row.actor, row.host) == ("", "") and (row.at.minute, row.at.second) == (0, 0)
    contents = await node.contents()
    assert word not in repr(contents), "the word itself is kept nowhere"
    async with at_desk(node, "steward") as desk:
        assert "They name a neighbour of mine." in await desk.get("/desk/complaints?group=union")
        form = {"number": str(number), "done": "corrected", "ground": "law", "words": "The name is gone."}
        assert (await desk.send("/desk/complaints/close", **form))[0] == 303
        assert (await desk.send("/desk/complaints/close", **form | {"done": "guess"}))[0] == 422
    page = await anybody.get(f"/complain/{number}/{word}")
    assert "What was said has been corrected." in page and "On the ground of the law." in page
    assert "The name is gone." in page
    async with anybody.http.get(
        "/complain/seen", params={"number": str(number), "word": f" {word.upper()} "}
    ) as answer:
        assert str(answer.url.path) == f"/complain/{number}/{word}"


async def test_a_closed_complaint_is_objected_to_once(node: ServedNode, anybody: Anybody) -> None:
    _, onward, _ = await anybody.complain(node.group, words="Who pays for this?")
    address = onward.partition("?")[0]
    async with anybody.http.post(address, data={"words": "no"}) as answer:
        assert answer.status == 409 and "nothing to object to" in await answer.text()
    number = int(address.split("/")[2])
    assert (await commonwire("complaint", "close", node.directory, str(number))).status == 0
    async with anybody.http.post(address, data={"words": " "}) as answer:
        assert answer.status == 422
    async with anybody.http.post(address, data={"words": "You have not read it."}) as answer:
        assert answer.status == 200 and "open again" in await answer.text()
    async with at_desk(node, "steward") as desk:
        assert "You have not read it." in await desk.get("/desk/complaints?group=union")
    await node.write(store.close, number, {"done": "nothing", "ground": "neither", "words": "We have."})
    page = await anybody.get(address)
    assert "closed for good" in page and "<textarea" not in page
    async with anybody.http.post(address, data={"words": "again"}) as answer:
        assert answer.status == 409
    shown = (await commonwire("complaint", "show", node.directory, str(number))).out
    assert "You have not read it." in shown and "We have." in shown


@pytest.mark.one_database
async def test_what_the_form_does_not_take_stands_in_it_again(node: ServedNode, anybody: Anybody) -> None:
    ours = await node.publish()
    for fields, reason in (
        ({"category": "treason"}, "of which kind"),
        ({"category": "other", "words": " "}, "write what is wrong"),
        ({"words": "x" * 2001}, "at most 2000"),
        ({"ticket": ""}, "send it once more"),
        ({"ticket": "1.0.0.00"}, "send it once more"),
        ({"ticket": "a.b.c.d"}, "send it once more"),
    ):
        status, _, page = await anybody.complain(ours, **fields)
        assert status == 422 and reason in page.lower(), (fields, page)
        assert fields.get("words", "wrong").strip() in page
    for about in ("", "https://else.example/1", f"{node.origin}/statements/none", "x" * 3000, "a\x00b"):
        async with anybody.http.post("/complain", data={"about": about, "category": "spam"}) as answer:
            assert answer.status == 404, about
    async with anybody.http.post("/complain", data={}, headers={"Sec-Fetch-Site": "cross-site"}) as answer:
        assert answer.status == 403
    assert await node.read(store.count_open) == 0
    for path in ("/complain/1/aaaa", "/complain/99/" + "0" * 16, "/complain/seen?number=x&word=y", "/complain"):
        assert (await node.page(path))[0] == 404


@pytest.mark.one_database
async def test_a_form_is_sent_neither_at_once_nor_a_day_later(node: ServedNode) -> None:
    secret, now = b"secret", node.clock()
    made = rules.ticket(secret, now=now, chance=9, asked=True)
    assert made.question == (3, 3)
    rules.check_ticket(made.text, " 6 ", secret=secret, now=now + timedelta(minutes=5), asked=True)
    unasked = rules.ticket(secret, now=now, chance=9, asked=False)
    assert unasked.question is None
    for ticket, answer, later, key in (
        (made.text, "6", timedelta(seconds=0), secret),
        (made.text, "6", timedelta(hours=13), secret),
        (made.text, "6", timedelta(minutes=1), b"guess"),
        (made.text, "7", timedelta(minutes=1), secret),
        (unasked.text, "6", timedelta(minutes=1), secret),
    ):
        with pytest.raises(rules.Invalid):
            rules.check_ticket(ticket, answer, secret=key, now=now + later, asked=True)


async def test_the_same_words_are_one_complaint_and_each_sender_has_her_own_word(
    node: ServedNode, anybody: Anybody
) -> None:
    ours = await node.publish()
    onward = [(await anybody.complain(ours, words=f"spam{end}"))[1] for end in ("", " ", "\r\n")]
    assert len(set(onward)) == 3 and len({one.split("/")[2] for one in onward}) == 1
    (row,) = await node.read(store.of_group, node.group)
    assert row.times == 3
    for one in onward:
        await anybody.get(one)
    node.clock.advance(rules.KEPT_FOR + timedelta(hours=2))
    await prune(node.node)
    assert (await node.page(onward[0]))[0] == 404
    assert (await node.contents())["complaint_words"] == []


@pytest.mark.one_database
async def test_a_flood_by_the_form_ends_and_leaves_room_for_others(node: ServedNode, anybody: Anybody) -> None:
    ours, other = await node.publish(), await node.publish("Another text.")
    made = [await anybody.complain(ours, words=f"lie {number}") for number in range(rules.A_DAY_OF_THING + 2)]
    assert [one[0] for one in made] == [303] * rules.A_DAY_OF_THING + [429] * 2, [one[0] for one in made]
    assert "try again tomorrow" in made[-1][2] and "lie" in made[-1][2]
    page = await anybody.get(f"/complain?about={quote(other, safe='')}")
    assert "How much is" in page, "many have complained, so a question is asked"
    assert (await anybody.complain(other, answer="1"))[0] == 422
    assert (await anybody.complain(other))[0] == 303
    node.clock.advance(timedelta(days=1, hours=2))
    assert (await anybody.complain(ours, words="a true one"))[0] == 303


async def test_an_answer_of_a_stranger_is_complained_of_to_the_group_below_whose_words_it_stands(
    node: ServedNode, anybody: Anybody, hostile_peer: Peer
) -> None:
    ours, mallory = await node.publish(), hostile_peer.actor()
    reply = hostile_peer.note(mallory, "<p>an insult</p>", inReplyTo=ours)
    created = hostile_peer.activity("Create", mallory, reply)
    assert await hostile_peer.send(f"{node.origin}/inbox", created) == 202
    assert await node.fate(created) == "done"
    status, onward, _ = await anybody.complain(reply["id"], category="harassment", words="")
    assert status == 303
    (row,) = await node.read(store.of_group, node.group)
    assert row.about == [reply["id"]]
    page = await anybody.get(onward)
    assert hostile_peer.host in await anybody.get(f"/complain?about={quote(reply['id'], safe='')}")
    assert "Complaint" in page


@pytest.mark.one_database
async def test_delegates_are_told_once_of_what_has_waited_for_48_hours(node: ServedNode, anybody: Anybody) -> None:
    _, onward, _ = await anybody.complain(node.group)
    assert await node.write(reminding.look) == 0
    async with at_desk(node, "steward") as desk:
        assert "more than 48 hours" not in await desk.get("/desk/complaints?group=union")
    node.clock.advance(rules.ANSWERED_WITHIN + timedelta(minutes=1))
    async with at_desk(node, "steward") as desk:
        assert "more than 48 hours" in await desk.get("/desk/complaints?group=union")
        assert "48 hours" in await desk.get("/desk?group=union")
    await node.write(reminding.look)
    (row,) = await node.read(store.of_group, node.group)
    assert row.alerted is not None, "by the loop of the node, or by us"
    assert await node.write(reminding.look) == 0
    await node.write(store.close, row.id, None)
    number, word = onward.partition("?")[0].split("/")[2:4]
    await node.write(acknowledging.object_to, int(number), word, "look again")
    assert await node.write(reminding.look) == 0
    node.clock.advance(rules.ANSWERED_WITHIN + timedelta(minutes=1))
    await node.write(reminding.look)
    (row,) = await node.read(store.of_group, node.group)
    assert row.alerted is not None


def test_an_outcome_says_what_and_on_what_ground() -> None:
    assert rules.read_outcome({}) == Outcome()
    assert rules.read_outcome({"done": "removed", "ground": "law", "words": " a\r\nb "}).words == "a\nb"
    for wrong in ({"done": "burnt"}, {"ground": "whim"}, {"words": "x" * 1001}):
        with pytest.raises(rules.Invalid):
            rules.read_outcome(wrong)
    assert Source("form") is Source.FORM
