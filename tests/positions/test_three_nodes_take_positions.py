"""Groups take positions on each other's words, replace and revoke them, and every node that holds the text shows them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from node import objects
from node.groups import actions as groups
from node.statements import actions as statements
from node.statements import correcting, versions
from node.statements.rules import Draft
from schemas.context import PUBLIC
from tests.conftest import follow_each
from tests.nodes.served import ServedNode, eventually
from tests.nodes.test_two_nodes_talk import arrival
from tests.positions.taking import revoke, shown_on, take, until_shown

Three = tuple[ServedNode, ServedNode, ServedNode]


async def name_tendency(node: ServedNode, tendency: str) -> None:
    member = await node.steward()
    await node.write(groups.edit_profile, {"tendency": tendency}, actor=node.group, member=member)


async def test_positions_stand_side_by_side_on_every_node_until_they_are_revoked(three_nodes: Three) -> None:
    first, second, third = three_nodes
    await name_tendency(second, "council communist")
    await name_tendency(third, "anarchist")
    for node in three_nodes:
        await node.quiet()
    text = await first.publish("We strike on Monday.", title="Monday")
    await arrival(second, text)
    await arrival(third, text)
    supporting = await take(second, text, "support", "We come **along**.", title="With you")
    opposing = await take(third, text, "oppose", "Too early.")
    for node in three_nodes:
        said = await until_shown(node, text, "in support", "opposed", "We come along", "Too early")
        assert said.index("anarchist") < said.index("opposed") < said.index("council communist") < said.index("in supp")
        for number in ("1 position", "2 positions", "1 for", "1 against"):
            assert number not in said
    status, page = await first.page(text)
    assert status == 200 and "No answers yet" in page, "positions are no answers to be counted"
    below = await first.publish("Who is we?", reply_to=opposing)
    assert "1 answer<" in (await first.page(text))[1] and "Who is we?" in (await first.page(text))[1]
    await arrival(third, below)
    _, page = await second.page(supporting)
    assert "We support this" not in page and "in support" in page and "With you" in page

    # Replaced: the same address, what it was stays readable.
    again = await take(third, text, "reservations", "Monday it is, but bring more.")
    assert again.startswith(f"{opposing}#")
    for node in three_nodes:
        said = await until_shown(node, text, "in support, with reservations", "Monday it is")
        assert said.index("What the group said before") < said.index("Too early")
        assert await node.holds(opposing)
    assert (await third.activity(opposing))[1]["stance"] == "reservations"

    # Revoked: gone everywhere, with what it was before.
    await revoke(third, opposing)
    for node in three_nodes:
        await until_shown(node, text, "We come along", without=("Monday it is", "Too early", "anarchist"))
        assert not await node.holds(opposing)
        before = await node.read(versions.of, opposing)
        assert [row.document for row in before] == [None], "the bytes of what was said before are gone too"
    status, tombstone = await third.activity(opposing)
    assert (status, tombstone["deletionReason"]) == (410, "revoked")
    fresh = await take(third, text, "none", "We have not finished talking.")
    assert "#" not in fresh
    for node in three_nodes:
        await until_shown(node, text, "no position", "not finished talking")


async def test_a_position_is_a_note_that_says_its_stance_in_words(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    """As Mastodon reads it: an answer whose content says on top what it is, in the language of the text."""
    first, second = two_nodes
    await follow_each(first, second)
    text = await first.publish("Streik am Montag.", title="Montag & <wir>", language="de")
    held = await arrival(second, text)
    iri = await take(second, text, "oppose", "Zu früh.", language="de-AT")
    _, document = await second.activity(iri)
    assert document["type"] == "Note" and document["inReplyTo"] == document["positionOn"] == text
    assert document["content"] == document["contentMap"]["de-AT"]
    line, rest = document["content"].split("\n", 1)
    assert line == (
        f'<p class="stance"><strong>Wir lehnen diesen Text ab:</strong> <a href="{text}">'
        "<bdi>Montag &amp; &lt;wir&gt;</bdi></a> (<bdi>Transport Workers</bdi>)</p>"
    )
    assert rest == "<p>Zu früh.</p>\n"
    assert document["proof"]["cryptosuite"] == "eddsa-jcs-2022"
    assert document["to"] == [PUBLIC] and first.group in document["cc"]
    assert document["positionOnVersion"] == held.published.isoformat().replace("+00:00", "Z")
    row = await arrival(first, iri)
    assert (row.kind, row.in_reply_to) == ("Position", text)
    _, replies = await first.activity(f"{text}/replies")
    assert replies["orderedItems"] == [iri]
    text = await first.publish("Testo.")
    await arrival(second, text)
    other = await take(second, text, "amend", "Fino a lunedì.", language="it")
    assert '<strong lang="en">We propose to amend this:</strong>' in (await second.activity(other))[1]["content"]


async def test_a_text_that_was_changed_says_so_beside_older_positions(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    await follow_each(first, second)
    text = await first.publish("We demand ten.")
    await arrival(second, text)
    await take(second, text, "support", "Ten it is.")
    await until_shown(first, text, "Ten it is", without=("was changed after",))
    await first.write(correcting.correct, text, Draft(text="We demand two."), member=await first.steward())
    for node in two_nodes:
        await until_shown(node, text, "Ten it is", "The text was changed after the group took this position")
    await take(second, text, "oppose", "Two is nothing.")
    for node in two_nodes:
        await until_shown(node, text, "Two is nothing", without=("was changed after",))


async def test_nothing_of_a_position_leaves_before_its_delay_is_over(serve: Any) -> None:
    first, second = await serve(0), await serve(1, settings={"publication_delay": 120})
    await follow_each(first, second)
    await follow_each(second, first)
    text = await first.publish("Who comes along?")
    await arrival(second, text)
    iri = await take(second, text, "support")
    await second.quiet()
    assert await shown_on(second, text) == "" and (await second.activity(iri))[0] == 404
    await second.write(statements.call_back, iri, member=await second.steward())
    iri = await take(second, text, "oppose")
    second.clock.advance(timedelta(seconds=121))
    await eventually(lambda: first.holds(iri))
    await until_shown(first, text, "opposed", without=("in support",))
    assert await first.read(objects.count_replies, text) == 1
