"""What is refused before anything has changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from node.errors import Conflict, Invalid, Missing, NodeError
from node.positions import actions as positions
from node.positions import rules
from node.statements import actions as statements
from node.statements import correcting
from node.statements.rules import Draft, Form
from tests.conftest import follow_each
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually
from tests.positions.taking import revoke, take

TEXT = "https://union.example/statements/1"


@pytest.mark.parametrize(
    ("position", "more", "field"),
    [
        ({"on": TEXT}, {}, "stance"),
        ({"on": TEXT, "stance": "maybe"}, {}, "stance"),
        ({"stance": "support"}, {}, "position_on"),
        ({"on": TEXT, "stance": "none"}, {"form": Form.ARTICLE}, "form"),
        ({"on": TEXT, "stance": "none"}, {"reply_to": f"{TEXT}2"}, "reply_to"),
        ({"on": TEXT, "stance": "none"}, {"event": {"starts": "2026-12-01 18:00"}}, "stance"),
    ],
)
def test_a_draft_says_a_stance_on_a_text_and_nothing_else(position: Any, more: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check(Draft(text="We.", position=position, **more))
    assert refused.value.field == field


def test_only_four_reasons_remove_a_position() -> None:
    for reason in ("spam", "harassment", "illegal", "personal-data"):
        rules.check_reason(reason)
    with pytest.raises(Invalid, match="disagreement"):
        rules.check_reason("disagreement")


@pytest.mark.one_database
async def test_what_a_group_cannot_take_a_position_on(node: ServedNode, hostile_peer: Peer) -> None:
    async def refusal(about: str, stance: str = "oppose") -> NodeError:
        await node.settled()
        before = await node.contents()
        with pytest.raises(NodeError) as refused:
            await take(node, about, stance)
        assert await node.contents() == before
        return refused.value

    own = await node.publish("We are out.")
    assert isinstance(await refusal(own), Invalid)
    assert isinstance(await refusal("https://nowhere.example/1"), Missing)
    ana = hostile_peer.actor("ana")
    note = hostile_peer.note(ana, inReplyTo=own)
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", ana, note)) == 202
    await node.quiet()
    refused = await refusal(note["id"])
    assert "one person" in refused.why and isinstance(refused, Invalid) and refused.field == "position_on"


@pytest.mark.one_database
async def test_a_group_has_one_position_on_a_text_and_one_on_its_way(serve: Any) -> None:
    first, second = await serve(0), await serve(1, settings={"publication_delay": 120})
    await follow_each(second, first)
    text = await first.publish("Who comes along?")
    await eventually(lambda: second.holds(text))
    iri = await take(second, text, "support")
    with pytest.raises(Conflict, match="already"):
        await take(second, text, "oppose")
    with pytest.raises(Conflict, match="recall"):
        await revoke(second, iri)
    member = await second.steward()
    await second.write(statements.call_back, iri, member=member)
    with pytest.raises(Missing):
        await second.write(positions.revoke, f"{text}x", member=member)
    iri = await take(second, text, "oppose")
    second.clock.advance(timedelta(seconds=121))
    await eventually(lambda: second.holds(iri))
    with pytest.raises(Conflict, match="exactly this"):
        await take(second, text, "oppose")
    with pytest.raises(Invalid, match="commonwire position"):
        await second.write(correcting.delete, iri, reason="mistake", member=member)
