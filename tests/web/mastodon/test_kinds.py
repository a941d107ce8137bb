"""Every kind of text that groups write reads well in an app: its facts as text, a card, a link to the whole of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.test_reading import is_whole
from tests.web.mastodon.world import World, world

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"
SAID = (
    "note", "article", "event", "question", "position", "appeal", "appeal_answer", "conditions_report",
    "struggle_report", "struggle_report_of_tenants", "minority_report",
)  # fmt: skip
TAGS = re.compile(r"</?([a-z0-9]+)")
ALLOWED = {
    "p",
    "br",
    "span",
    "a",
    "del",
    "s",
    "pre",
    "blockquote",
    "code",
    "b",
    "strong",
    "u",
    "i",
    "em",
    "ul",
    "ol",
    "li",
}


def as_said_by(there: World, name: str) -> dict[str, Any]:
    """An example of ours as Ada would say it."""
    text = (EXAMPLES / f"{name}.json").read_text()
    author = json.loads(text)["attributedTo"]
    origin = "/".join(author.split("/")[:3])
    moved = text.replace(author, there.ada).replace(origin, there.peer.origin)
    document: dict[str, Any] = json.loads(moved)
    for name in ("proof", "signature"):
        document.pop(name, None)
    return document


@pytest.mark.one_database
async def test_every_kind_of_text_reads_well(node: ServedNode, hostile_peer: Peer, app_login: AppLogin) -> None:
    there = await world(node, hostile_peer)
    said = {name: await there.says(as_said_by(there, name)) for name in SAID}
    await node.quiet()
    app = await app_login(node, "steward", scopes="read")
    shown = {name: await app.get(f"/api/v1/statuses/{await there.number(iri)}") for name, iri in said.items()}
    for name, status in shown.items():
        assert is_whole(status)
        assert set(TAGS.findall(status["content"])) <= ALLOWED, name
        assert status["content"].startswith("<p>") and status["language"], name
        if name in ("note", "question"):
            continue
        card = status["card"]
        assert card is not None and card["url"] == status["url"] and card["title"] and card["type"] == "link", name
    assert shown["position"]["card"]["title"].startswith("We support this, with reservations: “The night trams")
    assert "workers involved: 240 (organisation)" in shown["struggle_report"]["content"]
    assert "Needed: 5,000 EUR" in shown["appeal"]["content"] and "58 of 240" in shown["conditions_report"]["content"]
    assert "2026-11-14 14:00 (Europe/Vienna)<br>Depot North" in shown["event"]["content"]
    assert shown["article"]["content"].endswith(f">{said['article'].partition('://')[2]}</a></p>")
    assert [one["title"] for one in shown["question"]["poll"]["options"]] and shown["question"]["card"] is None


@pytest.mark.one_database
async def test_a_resolution_shows_its_tally(node: ServedNode, hostile_peer: Peer, app_login: AppLogin) -> None:
    there = await world(node, hostile_peer)
    line = '<p class="adoption" lang="en">Adopted on 3 November 2026: 12 for, 3 against, 1 abstaining</p>'
    decision = {"type": "Decision", "method": "majority", "inFavour": 12, "against": 3, "abstaining": 1, "eligible": 20}
    more: dict[str, Any] = {"decision": decision, "adoptedAt": "2026-11-03", "summary": None}
    iri = await there.note(f"<p><strong>We strike</strong></p><p>From Monday.</p>{line}", **more)
    app = await app_login(node, "steward", scopes="read")
    shown = await app.get(f"/api/v1/statuses/{await there.number(iri)}")
    assert "12 for, 3 against, 1 abstaining</p>" in shown["content"]
    assert shown["card"]["title"] == "We strike"
    assert shown["card"]["description"].startswith("Adopted on 3 November 2026: 12 for, 3 against, 1 abstaining — From")
