"""A planned action: an Event with its fields, and in words for those who see nothing of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from node.errors import Conflict, Invalid
from node.statements import actions, asking, correcting, events, writing
from node.statements.rules import Draft
from schemas.event import Event, Venue
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.statements.test_corrections import follower

RALLY = """---
title: Rally for the old roster
language: {language}
starts: 2099-11-28 14:00
ends: 2099-11-28 18:00
timezone: Europe/Vienna
place: Depot North, main gate
address: Ring Road 12, Vienna
latitude: 48.2624
longitude: 16.4012
online: https://radio.example/live
status: {status}
---
Bring drums. #strike
"""


async def meant(node: ServedNode, text: str) -> Draft:
    """What a file announces, with what is asked about its place confirmed."""
    draft = writing.read(text)
    return asking.confirmed(draft, [one.word for one in await asked_of(node, text)])


async def asked_of(node: ServedNode, text: str) -> tuple[asking.Question, ...]:
    """What is asked about it; time zones are read from files."""
    return await asyncio.to_thread(asking.of_event, writing.read(text), now=node.clock())


async def announce(node: ServedNode, text: str) -> str:
    draft, member = await meant(node, text), await node.steward()
    iri, _ = await node.write(actions.publish, draft, actor=node.group, member=member)
    await node.quiet()
    return str(iri)


async def test_a_planned_action_leaves_as_an_event_with_day_and_place_in_words(
    node: ServedNode, hostile_peer: Peer
) -> None:
    await follower(node, hostile_peer)
    iri = await announce(node, RALLY.format(language="en", status="scheduled"))
    document = (await node.activity(iri))[1]
    assert (document["type"], document["name"]) == ("Event", "Rally for the old roster")
    assert document["startTime"] == "2099-11-28T14:00:00+01:00"
    assert document["endTime"] == "2099-11-28T18:00:00+01:00"
    assert (document["timezone"], document["eventStatus"]) == ("Europe/Vienna", "EventScheduled")
    place, net = document["location"]
    assert (place["type"], place["name"]) == ("Place", "Depot North, main gate")
    assert place["address"]["streetAddress"] == "Ring Road 12, Vienna"
    assert (place["latitude"], place["longitude"]) == (48.2624, 16.4012)
    assert net == {"type": "VirtualLocation", "url": "https://radio.example/live"}
    words = (
        "Saturday 28 November 2099, 14:00–18:00 (Europe/Vienna) · Depot North, main gate, Ring Road 12, Vienna"
        " · https://radio.example/live"
    )
    assert document["summary"] == f"Rally for the old roster. {words}"
    assert document["content"].startswith(f"<p>{words}</p>")
    assert "Bring drums." in document["content"]
    assert hostile_peer.sent_to("Create")[0]["object"] == document
    page = (await node.page(iri))[1]
    assert "Depot North, main gate" in page and "28" in page
    assert "Rally for the old roster" in (await node.page("/"))[1]


async def test_the_exact_place_of_a_coming_action_is_asked_twice(node: ServedNode) -> None:
    text, member = RALLY.format(language="en", status="scheduled"), await node.steward()
    with pytest.raises(asking.Unconfirmed) as asked:
        await node.write(actions.publish, writing.read(text), actor=node.group, member=member)
    (question,) = asked.value.questions
    assert question.about == ("Depot North, main gate", "Ring Road 12, Vienna", "48.2624, 16.4012")
    said = text.replace("status:", f"confirm: {question.word}\nstatus:")
    iri, _ = await node.write(actions.publish, writing.read(said), actor=node.group, member=member)
    document = (await node.activity(iri))[1]
    assert document["type"] == "Event" and question.word not in str(document)
    moved = said.replace("main gate", "back gate")
    with pytest.raises(asking.Unconfirmed, match="back gate"):
        await node.write(correcting.correct, iri, writing.read(moved), member=member)
    for words in ("status: cancelled", "status: moved-online"):
        assert await asked_of(node, text.replace("status: scheduled", words)) == ()
    bare = [
        line for line in text.split("\n") if line.partition(":")[0] not in ("place", "address", "latitude", "longitude")
    ]
    assert await asked_of(node, "\n".join(bare)) == (), "it takes place on the net"
    assert await asked_of(node, text.replace("2099-", "2020-")) == (), "it is over"


async def test_a_cancelled_action_says_so_where_everybody_looks(
    two_nodes: tuple[ServedNode, ServedNode],
) -> None:
    node, peer = two_nodes
    iri = await announce(node, RALLY.format(language="fr", status="scheduled"))
    await peer.quiet()
    newer = writing.read(RALLY.format(language="fr", status="cancelled"))
    await node.write(correcting.correct, iri, newer, member=await node.steward())
    await node.quiet()
    await peer.quiet()
    document = (await node.activity(iri))[1]
    assert document["eventStatus"] == "EventCancelled"
    assert "Annulé · samedi 28 novembre 2099, 14:00" in document["summary"]
    held = await peer.read(actions.store.shown, [iri])
    assert held[iri].extras["event"]["status"] == "EventCancelled"
    with pytest.raises(Invalid, match="another kind"):
        await node.write(
            correcting.correct, iri, writing.read("---\ntitle: Rally\n---\nx"), member=await node.steward()
        )


async def test_an_action_put_off_says_when_it_was_to_be_and_an_open_end_is_for_machines(node: ServedNode) -> None:
    text = RALLY.format(language="en", status="scheduled").replace("ends: 2099-11-28 18:00\n", "")
    iri = await announce(node, text)
    document = (await node.activity(iri))[1]
    assert (document["endTime"], document["displayEndTime"]) == ("2099-11-28T17:00:00+01:00", False)
    assert "14:00 (Europe/Vienna)" in document["summary"]
    assert "previousStartTime" not in document
    later = text.replace("2099-11-28 14:00", "2099-12-05 15:00").replace("scheduled", "rescheduled")
    await node.write(correcting.correct, iri, await meant(node, later), member=await node.steward())
    same_day = later.replace("Bring drums.", "Bring drums and bread.")
    await node.write(correcting.correct, iri, await meant(node, same_day), member=await node.steward())
    document = (await node.activity(iri))[1]
    assert document["startTime"] == "2099-12-05T15:00:00+01:00"
    assert document["previousStartTime"] == "2099-11-28T14:00:00+01:00"
    assert "At a new time · Saturday 5 December 2099, 15:00" in document["summary"]
    with pytest.raises(Conflict, match="exactly this"):
        await node.write(correcting.correct, iri, await meant(node, same_day), member=await node.steward())
    with pytest.raises(Invalid) as caught:
        await node.write(
            correcting.correct, iri, writing.read(later.replace("2099-12-05", "soon")), member=await node.steward()
        )
    assert caught.value.field == "starts"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "Samstag, 28. November 2099, 14:00 (Europe/Vienna)"),
        ("es", "sábado 28 de noviembre de 2099, 14:00 (Europe/Vienna)"),
        ("pt-BR", "2099-11-28, 14:00 (Europe/Vienna)"),
    ],
)
def test_the_day_is_said_in_the_language_of_the_text_or_in_figures(language: str, words: str) -> None:
    given = {"starts": "2099-11-28 14:00", "timezone": "Europe/Vienna", "place": "x"}
    event = Event(id="https://a.example/1", attributed_to="https://a.example/2", **events.fields(given))
    assert events.in_words(event, language) == f"{words} · x"


def test_an_hour_with_its_own_offset_needs_no_zone_and_two_days_are_said_whole() -> None:
    given = {"starts": "2099-11-28T14:00+05:30", "ends": "2099-11-29 02:00+05:30", "online": "https://a.example/x"}
    found = events.fields(given)
    assert found["venues"] == (Venue(type="VirtualLocation", url="https://a.example/x"),)
    event = Event(id="https://a.example/1", attributed_to="https://a.example/2", **found)
    said = events.in_words(event, "en")
    assert said == (
        "Saturday 28 November 2099, 14:00 – Sunday 29 November 2099, 02:00 (UTC+0530) · https://a.example/x"
    )


BAD: list[tuple[dict[str, str], str]] = [
    ({"starts": ""}, "starts"),
    ({"starts": "tomorrow"}, "starts"),
    ({"starts": "2099-11-28"}, "starts"),
    ({"timezone": ""}, "timezone"),
    ({"timezone": "Europe/Nowhere"}, "timezone"),
    ({"timezone": "../../etc/passwd"}, "timezone"),
    ({"ends": "2099-11-28 14:00"}, "ends"),
    ({"place": ""}, "place"),
    ({"place": "x" * 201}, "place"),
    ({"latitude": "48"}, "longitude"),
    ({"latitude": "91", "longitude": "0"}, "latitude"),
    ({"latitude": "north", "longitude": "0"}, "latitude"),
    ({"online": "javascript:alert(1)"}, "online"),
    ({"status": "maybe"}, "status"),
]


@pytest.mark.parametrize(("given", "field"), BAD)
def test_what_is_wrong_in_a_planned_action_is_said_at_its_key(given: dict[str, str], field: str) -> None:
    whole = {"starts": "2099-11-28 14:00", "timezone": "Europe/Vienna", "place": "x"} | given
    with pytest.raises(Invalid) as caught:
        events.fields({key: value for key, value in whole.items() if value})
    assert caught.value.field == field


async def test_a_planned_action_that_cannot_be_published_changes_nothing(node: ServedNode) -> None:
    before = await node.contents()
    good = RALLY.format(language="en", status="scheduled")
    bad: list[tuple[str, Any]] = [
        (good.replace("title: Rally for the old roster\n", ""), "title"),
        (good.replace("status:", "form: note\nstatus:"), "starts"),
        (good.replace("place: Depot North, main gate", "place: a\x00b"), "place"),
        (good.replace("starts: 2099-11-28 14:00", "starts: never"), "starts"),
    ]
    for text, field in bad:
        with pytest.raises(Invalid) as caught:
            await announce(node, text)
        assert caught.value.field == field
    assert await node.contents() == before
