"""What others see of a position: in a preview, in a feed, and in Fedify, which is other people's software."""

from __future__ import annotations

from typing import Any

import pytest

from node.drafts import actions as drafts
from node.drafts import proposing
from node.statements.rules import Draft, State
from tests.conftest import follow_each
from tests.nodes.served import ServedNode, eventually
from tests.positions.taking import until_shown

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def test_a_draft_of_a_position_shows_what_others_will_see_before_it_is_proposed(
    two_nodes: tuple[ServedNode, ServedNode],
) -> None:
    first, second = two_nodes
    await follow_each(first, second)
    text = await first.publish("We strike on Monday.", title="Monday")
    await eventually(lambda: second.holds(text))
    member = await second.steward()
    draft = Draft(text="Von Anfang an.", language="de", position={"on": text, "stance": "support"})
    whom: dict[str, Any] = {"actor": second.group, "member": member}
    number = await second.write(drafts.begin, draft, kind="position", **whom)
    ((language, previews),) = await second.read(drafts.previews, number, member=member)
    assert language == "de" and len(previews) >= 4
    for one in previews:
        assert "Wir unterstützen diesen Text" in str(one), f"{one} does not say what the group says"
    newer = Draft(text="Von Anfang an dabei.", language="de", position={"on": text, "stance": "support"})
    await second.write(drafts.save, number, newer, based_on=1, member=member)
    iri, state = await second.write(proposing.propose, number, version=2, member=member)
    assert state is State.RELEASED
    await until_shown(first, text, "Von Anfang an dabei.")
    _, feed = await second.page(f"{second.group}.atom")
    assert iri in feed and "Von Anfang an dabei." in feed
    assert "Position: in support" in feed and f"&gt;{text}&lt;" in feed, "a feed says what it is about"
    _, page = await second.page(iri)
    assert 'content="Position: in support. Von Anfang an dabei."' in page
