"""What stands beside a text of another: pictures through this node, films only when started, polls, events, emoji."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from node import objects
from node.identifiers import spell
from node.web.pages import beside
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
async def alice(node: ServedNode, hostile_peer: Peer) -> str:
    """Somebody whom the node follows."""
    iri = hostile_peer.actor("alice")
    await node.follow(iri)
    return iri


async def page_of(node: ServedNode, peer: Peer, said: dict[str, Any]) -> str:
    """Bring something in that its author says; the page that shows it."""
    activity = peer.activity("Create", said["attributedTo"], said)
    assert await peer.send(f"{node.origin}/inbox", activity) == 202, peer.last
    assert await node.fate(activity) == "done"
    row = await node.read(objects.find, said["id"])
    status, page = await node.page(f"/heard/{spell(row.sort_id)}")
    assert status == 200
    return page


def rows_of(page: str) -> list[str]:
    """The rows of the tables and lists of facts, as text."""
    found = re.findall(r"<tr>(.*?)</tr>|<div>(<dt>.*?)</div>", page, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]*>", " ", "".join(one))).split()) for one in found]


def option(name: str, votes: Any) -> dict[str, Any]:
    return {"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": votes}}


@pytest.mark.one_database
async def test_pictures_come_through_this_node_and_films_only_when_started(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    note = hostile_peer.note(
        alice,
        attachment=[
            {
                "type": "Document",
                "mediaType": "image/png",
                "url": "https://media.example/a.png",
                "name": f"gate{SCRIPT}",
            },
            {"type": "Document", "mediaType": "video/mp4", "url": "https://film.example/b.mp4", "name": None},
            {"type": "Audio", "url": "https://sound.example:8443/c.ogg"},
            {
                "type": "Document",
                "mediaType": "application/pdf",
                "url": "https://paper.example/d.pdf",
                "name": "Leaflet",
            },
        ],
    )
    page = await page_of(node, hostile_peer, note)
    assert all(
        source.startswith(f"{node.origin}/media/remote/") for source in re.findall(r'<img[^>]* src="([^"]*)"', page)
    )
    assert f'alt="gate{SCRIPT.replace("<", "&lt;").replace(">", "&gt;")}"' in page and "<script" not in page
    for kind in ("video", "audio"):
        assert f'<{kind} controls preload="none" src="{node.origin}/media/remote/' in page
    assert '<a href="https://film.example/b.mp4"' in page and "tells that server" not in page
    assert '<a href="https://paper.example/d.pdf" rel="nofollow noopener noreferrer">' in page and "Leaflet" in page
    row = await node.read(objects.find, note["id"])
    async with node.http.get(f"{node.origin}/heard/{spell(row.sort_id)}") as response:
        policy = response.headers["Content-Security-Policy"]
    assert policy.endswith("media-src 'self'")
    assert "img-src 'self'" in policy


@pytest.mark.one_database
async def test_pictures_behind_a_warning_stay_there(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    picture = {"type": "Image", "url": "https://media.example/a.png", "name": "blood"}
    page = await page_of(
        node, hostile_peer, hostile_peer.note(alice, attachment=[picture], sensitive=True, summary="injuries")
    )
    hidden = "".join(re.findall(r"<details class=\"warned\">.*?</details>", page, re.DOTALL))
    assert "<img" in hidden and "<img" not in page.replace(hidden.rpartition("<details")[2], "")


@pytest.mark.one_database
async def test_a_poll_shows_what_its_author_counts(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    poll = hostile_peer.note(alice, "<p>When?</p>") | {
        "type": "Question",
        "oneOf": [option(f"Tuesday {SCRIPT}", 3), option("Thursday :fist:", 1), option("Never", -4)],
        "endTime": "2026-11-30T12:00:00Z",
        "votersCount": 4,
        "tag": [{"type": "Emoji", "name": ":fist:", "icon": {"type": "Image", "url": "https://media.example/f.png"}}],
    }
    page = await page_of(node, hostile_peer, poll)
    assert rows_of(page)[1:4] == [f"Tuesday {SCRIPT} 3 75 %", "Thursday 1 25 %", "Never not known"]
    assert "4 people answered" in page and "30 Nov 2026, 12:00 UTC" in page and "<script" not in page
    newer = poll | {"oneOf": [option("Tuesday", 5), option("Thursday", 5)], "votersCount": 10}
    update = hostile_peer.activity("Update", alice, newer)
    assert await hostile_peer.send(f"{node.origin}/inbox", update) == 202
    assert await node.fate(update) == "done"
    row = await node.read(objects.find, poll["id"])
    page = (await node.page(f"/heard/{spell(row.sort_id)}"))[1]
    assert rows_of(page)[1:] == ["Tuesday 5 50 %", "Thursday 5 50 %"] and "counted" in page


@pytest.mark.one_database
async def test_a_huge_poll_is_cut_and_absurd_counts_are_numbers(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    options = [option(f"{number} " + "x" * 400, 2**53) for number in range(500)]
    page = await page_of(node, hostile_peer, hostile_peer.note(alice) | {"type": "Question", "anyOf": options})
    assert len(rows_of(page)) == 51 and len(page) < 80_000
    assert "9,007,199,254,740,992 2 %" in rows_of(page)[1]


@pytest.mark.one_database
async def test_an_event_says_when_by_the_clock_of_the_place(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    event = hostile_peer.note(alice, "<p>Come</p>") | {
        "type": "Event",
        "name": "Rally",
        "startTime": "2026-12-05T13:00:00Z",
        "endTime": "2026-12-05T15:00:00Z",
        "timezone": "Europe/Vienna",
        "eventStatus": "EventPostponed",
        "location": [
            {
                "type": "Place",
                "name": f"Gate {SCRIPT}",
                "address": {"type": "PostalAddress", "streetAddress": "Ring 12"},
            },
            {"type": "VirtualLocation", "name": "Live", "url": "javascript:alert(1)"},
            {"type": "VirtualLocation", "url": "https://live.example/1"},
        ],
        "joinMode": "external",
        "externalParticipationUrl": "mailto:rally@union.example",
    }
    page = await page_of(node, hostile_peer, event)
    rows = rows_of(page)
    assert "Begins 5 Dec 2026, 14:00 Europe/Vienna" in rows and "Ends 5 Dec 2026, 16:00 Europe/Vienna" in rows
    assert f"Where Gate {SCRIPT} Ring 12" in rows and "Status Put off" in rows
    assert 'href="https://live.example/1"' in page and "mailto:rally@union.example" in page
    assert "<script" not in page and "javascript:" not in page


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("begins", "zone", "shown"),
    [
        ("2026-12-05T14:00:00+01:00", None, "Begins 5 Dec 2026, 14:00 UTC+01:00"),
        ("2026-12-05T14:00:00Z", "Mars/Olympus_Mons", "Begins 5 Dec 2026, 14:00 UTC"),
        ("2026-12-05T14:00:00Z", "../../../etc/passwd", "Begins 5 Dec 2026, 14:00 UTC"),
        ("9999-12-31T23:59:59-12:00", "Pacific/Auckland", "Begins 31 Dec 9999, 23:59 Pacific/Auckland"),
        ("0001-01-01T00:00:00+14:00", "America/New_York", "Begins 1 Jan 1, 00:00 America/New_York"),
    ],
)
async def test_an_absurd_time_or_zone_is_shown_as_it_is(
    node: ServedNode, hostile_peer: Peer, alice: str, begins: str, zone: str | None, shown: str
) -> None:
    event = hostile_peer.note(alice) | {"type": "Event", "name": "Rally", "startTime": begins, "timezone": zone}
    assert shown in rows_of(await page_of(node, hostile_peer, event))


@pytest.mark.one_database
async def test_emoji_stand_in_the_text_and_nowhere_else(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    icon = {"type": "Image", "url": "https://media.example/fist.png"}
    text = '<p>:fist: <a href="https://a.example/:fist:" title="a&gt;:fist:">up</a> :unknown:</p>' + ":fist:" * 300
    tags = [{"type": "Emoji", "name": "fist", "icon": icon}, {"type": "Emoji", "name": ':"onerror=x:', "icon": icon}]
    page = await page_of(node, hostile_peer, hostile_peer.note(alice, text, tag=tags))
    assert page.count('class="emoji"') == beside.IN_A_TEXT_AT_MOST
    assert 'href="https://a.example/:fist:"' in page and ":unknown:" in page and "onerror" not in page


def test_an_emoji_inside_an_attribute_stays_text() -> None:
    html = '<a title="x>:fist: onmouseover=y">:fist:</a>'
    shown = beside.with_emoji(html, {":fist:": "https://here.example/f"})
    assert shown.startswith('<a title="x>:fist: onmouseover=y"><img class="emoji" src="https://here.example/f"')


def test_an_emoji_picture_s_address_cannot_leave_its_attribute() -> None:
    shown = beside.with_emoji(":a:", {":a:": 'https://x.example/"onload="y'})
    assert '"onload' not in shown and "&#34;onload" in shown
