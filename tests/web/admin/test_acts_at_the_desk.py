"""Boosting, pinning, following and the urgent path, from the forms of the desk to the servers of others."""

from __future__ import annotations

import re

import pytest

from node import objects
from node.decisions.rules import DAY, Method, Rule
from node.identifiers import spell
from node.statements import pins
from node.statements import store as statements
from tests.conftest import follow_each
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode, eventually
from tests.statements.test_corrections import follower
from tests.web.admin.desk_browsers import AtDesk, at_desk, enter, give_rule

pytestmark = pytest.mark.one_database
IN_HASTE = Rule(Method.APPROVALS, approvals=2, urgent=Rule(Method.APPROVALS, approvals=1, at_most=DAY))
URGENT = re.compile(r'name="urgent"')


async def boosted(node: ServedNode, iri: str) -> bool:
    return await node.read(statements.reaction, kind="Announce", actor=node.group, object=iri) is not None


async def test_a_member_passes_on_what_she_reads(node: ServedNode, hostile_peer: Peer) -> None:
    peer = hostile_peer
    await follower(node, peer)
    note = peer.note(peer.actor("bob"), "<p>We need a strike fund.</p>")
    path = note["id"].removeprefix(peer.origin)
    peer.served[path] = Answer(note)
    async with at_desk(node, "steward") as desk:
        page = await desk.get(f"/desk/pass-on?on={note['id']}")
        assert "It is not held here" in page and not peer.asked[path]
        status, where, _ = await desk.send("/desk/pass-on", on=note["id"])
        assert status == 303
        page = await desk.get(where)
        assert "We need a strike fund." in page and "Boost it, by the group" in page and not URGENT.search(page)
        assert re.search(r'href="/desk\?group=union&amp;reply_to=[^"]+#write"', page)
        status, where, _ = await desk.send("/desk/pass-on/boost", on=note["id"])
        assert status == 303 and "done=boost" in where
        await node.quiet()
        assert {one["object"] for one in peer.sent_to("Announce")} == {note["id"]}
        assert {path for path, one in peer.taken if one["type"] == "Announce"} == {
            "/users/alice/inbox", "/users/bob/inbox",
        }  # fmt: skip
        assert "Boost it no longer" in await desk.get(where)
        assert (await desk.send("/desk/pass-on/boost", on=note["id"]))[0] == 409
        await desk.send("/desk/pass-on/unboost", on=note["id"])
        await node.quiet()
        assert len(peer.sent_to("Undo")) == 2 and not await boosted(node, note["id"])

        # What is wrong is said at its field, and what she wrote stands there.
        for wrong in ("", "nothing", f"{peer.origin}/notes/none"):
            status, _, page = await desk.send("/desk/pass-on", on=wrong)
            assert status == 422 and f'value="{wrong}" aria-describedby="wrong-on hint-on"' in page
        assert (await desk.send("/desk/pass-on/boost", on=f"{peer.origin}/notes/none"))[0] == 404


async def test_the_page_of_a_text_leads_members_to_it(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    iri = await first.publish("We strike on Monday.", title="Monday")
    await eventually(lambda: second.holds(iri))
    row = await second.read(objects.find, iri)
    _, page = await second.page(f"/heard/{spell(row.sort_id)}")
    found = re.search(r'href="(/desk/pass-on[^"]+)"', page)
    assert found is not None
    async with at_desk(second, "steward") as desk:
        shown = await desk.get(found[1].replace("&amp;", "&"))
        assert "Monday" in shown and "Take a position on it" in shown
        await desk.send("/desk/pass-on/boost", on=iri, group="tenants")

    async def counted() -> bool:
        return bool((await first.read(statements.reaction_counts, iri))["Announce"] == 1)

    await eventually(counted)


async def test_a_text_is_pinned_and_taken_down_beside_what_was_published(node: ServedNode, hostile_peer: Peer) -> None:
    await follower(node, hostile_peer)
    iri = await node.publish("What we want.", title="Demands")
    number = spell((await node.read(objects.find, iri)).sort_id)
    async with at_desk(node, "steward") as desk:
        assert "Pin it" in await desk.get(f"/desk/published/{number}")
        status, where, _ = await desk.send(f"/desk/published/{number}/pin")
        assert status == 303 and "done=pin" in where
        page = await desk.get(where)
        assert "It stands at the top" in page and "Take it down" in page
        assert "pinned by its author" in await desk.get("/desk/published")
        await node.quiet()
        assert [one["object"] for one in hostile_peer.sent_to("Add")] == [iri]
        assert [row.iri for row in await node.read(pins.of, node.group)] == [iri]
        assert (await desk.send(f"/desk/published/{number}/pin"))[0] == 409
        await desk.send(f"/desk/published/{number}/unpin")
        await node.quiet()
        assert [one["object"] for one in hostile_peer.sent_to("Remove")] == [iri]


async def test_somebody_is_looked_up_then_followed_then_left(node: ServedNode, hostile_peer: Peer) -> None:
    rosa = hostile_peer.actor("rosa", name="Rosa of the depot")
    await node.enter("reader", "reader")
    async with at_desk(node, "reader") as reader:
        page = await reader.get("/desk/peers")
        assert "Whom to follow" not in page and "Who follows the group" not in page
        assert (await reader.send("/desk/peers", origin="/desk/me", handle=f"@rosa@{hostile_peer.host}"))[0] == 403
        assert not hostile_peer.asked, "whoever may not follow has nobody looked up"
    async with at_desk(node, "steward") as desk:
        for wrong in ("", "rosa", f"@ghost@{hostile_peer.host}"):
            status, _, page = await desk.send("/desk/peers", handle=wrong)
            assert status == 422 and f'value="{wrong}" aria-describedby="wrong-handle hint-handle"' in page
        status, where, _ = await desk.send("/desk/peers", handle=f"@rosa@{hostile_peer.host}")
        assert status == 303 and "Rosa of the depot" in await desk.get(where)
        assert not hostile_peer.received, "nothing is asked of her yet"
        status, where, _ = await desk.send("/desk/peers/follow", who=rosa)
        assert status == 303 and "done=follow" in where
        await node.quiet()
        assert [one["object"] for one in hostile_peer.sent_to("Follow")] == [rosa]
        page = await desk.get("/desk/peers")
        assert "Rosa of the depot" in page and "asked, not answered yet" in page
        assert (await desk.send("/desk/peers/follow", who=rosa))[0] == 409
        await desk.send("/desk/peers/unfollow", who=rosa)
        await node.quiet()
        assert len(hostile_peer.sent_to("Undo")) == 1
        assert (await desk.send("/desk/peers/unfollow", who=rosa))[0] == 404


UNDER = (
    "publish_statement", "publish_report", "boost", "follow", "pin", "take_position", "correct", "redact", "delete",
    "sign", "change_roles", "reply", "limit_peer", "edit_profile",
)  # fmt: skip


async def everywhere_once(desk: AtDesk, forms: dict[str, int]) -> None:
    """Each page offers the urgent path so often at least, and no id stands twice."""
    for path, least in forms.items():
        page = await desk.get(f"{path}{'&' if '?' in path else '?'}group=tenants")
        ids = re.findall(r' id="([^"]+)"', page)
        assert len(URGENT.findall(page)) >= least, path
        assert len(ids) == len(set(ids)), f"{path}: {[one for one in ids if ids.count(one) > 1]}"


async def test_every_form_offers_the_urgent_path_where_the_rule_has_one(
    two_nodes: tuple[ServedNode, ServedNode],
) -> None:
    other, node = two_nodes
    await follow_each(other, node)
    slow = await other.publish("We think about it.")
    theirs = await other.publish("We strike on Monday.", title="Monday")
    ours = await node.publish("We strike on Tuesday.", title="Tuesday")
    await eventually(lambda: node.holds(theirs))
    at = f"/desk/published/{spell((await node.read(objects.find, ours)).sort_id)}"
    await node.write(enter, node.group, {"rosa": "steward", "emma": "editor"})
    for under in UNDER:
        await give_rule(node, under, IN_HASTE)
    async with at_desk(node, "steward") as desk:
        pages = ("/desk/peers", "/desk/positions", "/desk/reports/new", "/desk/conditions", "/desk/appeals")
        pages = (*pages, f"/desk/pass-on?on={theirs}", "/desk/signatures", "/desk/struggles")
        await everywhere_once(desk, dict.fromkeys(pages, 1) | {at: 4, "/desk/groups": 1, "/desk/members": 5})
        await desk.send("/desk/pass-on/boost", group="tenants", on=slow)
        assert not await boosted(node, slow), "two have to agree"
        correction = {"text": "On Wednesday.", "title": "Tuesday", "language": "en"}
        position = {"position_on": theirs, "stance": "support", "text": "Yes.", "act": "propose"}
        for path, form in (
            ("/desk/pass-on/boost", {"on": theirs}),
            (f"{at}/pin", {}),
            (f"{at}/correct", correction),
            ("/desk/positions/take", position),
        ):
            status, _, page = await desk.send(path, group="tenants", **form, urgent="yes")
            assert status in (200, 303), page
        assert await boosted(node, theirs), "one is enough where it is urgent"
        assert "On Wednesday." in (await node.activity(ours))[1]["content"]
        assert [row.iri for row in await node.read(pins.of, node.group)] == [ours]
        await give_rule(node, "pin", Rule(Method.APPROVALS, approvals=2))
        status, _, page = await desk.send(f"{at}/unpin", group="tenants", urgent="yes")
        assert status == 422 and "knows no urgent path" in page
