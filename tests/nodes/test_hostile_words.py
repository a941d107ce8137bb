"""What a stranger puts into any field that is shown does nothing on any page, and costs no more than it should."""

from __future__ import annotations

import itertools
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from node import objects
from node.context import Transaction
from node.identifiers import spell
from node.jobs import jobs
from schemas import Event, Question, Statement, fields
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode

PAYLOADS = (
    '"><script>alert(1)</script>',
    "'\"><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "\"' onmouseover=alert(1) x='",
    "</title></style></textarea><svg onload=alert(1)>",
    "{{ 7*7 }}{% debug %}",
    "\u202egnp.exe\u2066<iframe src=//evil.example>",
)
ACTIVE = {"script", "iframe", "object", "embed", "svg", "math", "style", "base", "textarea"}
OF_THE_NOTE = ("id", "type", "attributedTo", "to", "cc", "inReplyTo", "published", "updated", "adoptedAt", "imports")
LISTS = ("tag", "attachment", "oneOf", "anyOf", "location")


class Page(HTMLParser):
    """Finds what could act, and what would be loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.active: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ACTIVE:
            self.active.append(tag)
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name.startswith("on") or name in ("style", "srcdoc", "formaction"):
                self.active.append(f"{tag} {name}")
            if name in ("href", "src", "cite", "action") and address.startswith(("javascript:", "data:", "vbscript:")):
                self.active.append(f"{tag} {name}={address}")
            if name == "src" and value:
                self.loaded.append(value)


def looked_at(html: str) -> Page:
    page = Page()
    page.feed(html)
    return page


def poisoned(cls: type, payload: str, address: str) -> dict[str, Any]:
    """A document with the payload in every field that takes text, and `address` wherever there is an address."""
    document: dict[str, Any] = {}
    for term in fields.describe(cls):
        if term.key not in (*OF_THE_NOTE, *LISTS):
            document[term.key] = {"en": payload} if term.kind == "texts by language" else payload
    picture = {"type": "Image", "url": address, "name": payload, "mediaType": payload}
    return document | {
        "content": f"<p>{payload} :x:</p><h1 title='{payload}'>{payload}</h1>",
        "url": [{"type": "Link", "href": address, "mediaType": "text/html"}, payload],
        "tag": [
            {"type": "Hashtag", "name": f"#{payload}", "href": address},
            {"type": "Mention", "name": payload, "href": payload},
            {"type": "Emoji", "name": ":x:", "icon": picture},
            {"type": "Emoji", "name": f":{payload}:", "icon": picture},
            {"type": "Link", "name": payload, "href": address, "rel": "https://misskey-hub.net/ns#_misskey_quote"},
        ],
        "attachment": [
            *({"type": kind, "url": address, "name": payload, "mediaType": f"{kind.lower()}/x"} for kind in MEDIA),
            {"type": payload, "url": address, "name": payload},
            {"type": "Document", "url": f"{address}2", "name": payload, "mediaType": payload},
        ],
        "image": picture,
        "startTime": "2026-12-01T10:00:00Z",
        "timezone": payload,
        "eventStatus": payload,
        "joinMode": "external",
        "externalParticipationUrl": address,
        "organizers": [payload, address, {"type": "Link", "href": address}],
        "location": [
            {"type": payload, "name": payload, "url": address, "address": payload},
            {"type": "VirtualLocation", "name": payload, "url": address},
            {"type": "Place", "address": {"type": "PostalAddress", "streetAddress": payload, "addressCountry": payload}},
        ],
        "oneOf": [{"type": "Note", "name": f"{payload} :x:", "replies": {"type": "Collection", "totalItems": 1}}],
        "endTime": payload,
        "quote": None,
        "_misskey_quote": address,
    }  # fmt: skip


MEDIA = ("Image", "Video", "Audio")


@pytest.mark.one_database  # how texts are shown; nothing in them is strange to a database
@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("cls", [Statement, Event, Question])
async def test_nothing_in_any_field_acts_on_any_page(
    node: ServedNode, hostile_peer: Peer, cls: type, payload: str
) -> None:
    name = {
        "name": payload,
        "summary": f"<p>{payload}</p>",
        "tendency": payload,
        "url": f"https://evil.example/{payload}",
    }
    mallory = hostile_peer.actor("mallory", **name)
    await node.follow(mallory)
    ours = await node.publish()
    kind = {Statement: "Note", Event: "Event", Question: "Question"}[cls]
    poison = [
        poisoned(cls, payload, address) for address in ("https://evil.example/x", f"https://evil.example/{payload}")
    ]
    answers: list[dict[str, Any]] = [{}, {"inReplyTo": ours}, {"sensitive": True, "inReplyTo": ours}]
    for said, more in itertools.product(poison, answers):
        note = hostile_peer.note(mallory) | said | more | {"type": kind}
        activity = hostile_peer.activity("Create", mallory, note)
        assert await hostile_peer.send(f"{node.origin}/inbox", activity) == 202, hostile_peer.last
        assert await node.fate(activity) == "done"
        row = await node.read(objects.find, note["id"])
        for path in (f"/heard/{spell(row.sort_id)}", "/wire", ours):
            status, html = await node.page(path)
            page = looked_at(html)
            assert status == 200 and page.active == [], (path, page.active)
            assert len(html) < 120_000
            elsewhere = [one for one in page.loaded if not one.startswith((node.origin, "/"))]
            assert all(one.startswith("https://evil.example/") for one in elsewhere), elsewhere


async def test_two_thousand_mentions_make_nobody_ask(node: ServedNode, hostile_peer: Peer) -> None:
    mallory, ours = hostile_peer.actor("mallory"), await node.publish()
    people = [f"{hostile_peer.origin}/users/u{number}" for number in range(2000)]
    tags = [{"type": "Mention", "href": one, "name": f"@u@{hostile_peer.host}"} for one in people]
    note = hostile_peer.note(mallory, inReplyTo=ours, tag=tags, cc=people)
    before = hostile_peer.fetches
    activity = hostile_peer.activity("Create", mallory, note)
    assert await hostile_peer.send(f"{node.origin}/inbox", activity) == 202
    assert await node.fate(activity) == "done"
    assert hostile_peer.fetches - before <= 3
    row = await node.read(objects.find, note["id"])
    status, html = await node.page(f"/heard/{spell(row.sort_id)}")
    assert status == 200 and len(html) < 60_000


@pytest.mark.parametrize("published", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "1601-01-01T00:00:00+14:00"])
async def test_absurd_dates_stand_nowhere_special(node: ServedNode, hostile_peer: Peer, published: str) -> None:
    alice = hostile_peer.actor("alice")
    await node.follow(alice)
    note = hostile_peer.note(alice, "<p>absurd</p>", published=published, updated=published)
    activity = hostile_peer.activity("Create", alice, note, published=published)
    assert await hostile_peer.send(f"{node.origin}/inbox", activity) == 202
    assert await node.fate(activity) == "done"
    node.clock.advance(timedelta(minutes=5))
    later = hostile_peer.note(alice, "<p>sober</p>", published=node.clock().strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", alice, later)) == 202
    await node.quiet()
    status, wire = await node.page("/wire")
    assert status == 200 and wire.index("sober") < wire.index("absurd")


@pytest.mark.parametrize("kind", ["Accept", "Reject"])
async def test_nobody_answers_a_quote_request_that_nobody_sent(node: ServedNode, hostile_peer: Peer, kind: str) -> None:
    mallory, ours = hostile_peer.actor("mallory"), await node.publish()
    request = {"type": "QuoteRequest", "id": f"{node.origin}/activities/none", "actor": node.group, "object": ours}
    for inner in (request, request | {"id": hostile_peer.id("activities")}, f"{node.origin}/activities/none"):
        answer = hostile_peer.activity(kind, mallory, inner, result=f"{mallory}/stamps/1")
        assert await hostile_peer.send(f"{node.origin}/inbox", answer) == 202
        assert await node.fate(answer) in ("refused", "ignored")
    assert b"stamps" not in (await node.read(objects.find, ours)).document


async def test_a_week_of_polite_nonsense_leaves_nothing_behind(node: ServedNode, hostile_peer: Peer) -> None:
    mallory, ours = hostile_peer.actor("mallory"), await node.publish()
    await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("View", mallory, ours))
    await node.quiet()
    quiet = ("activities", "actors", "actor_keys")
    await node.settled()
    before = await node.contents(without=quiet)
    shapes: list[Any] = [ours, mallory, {"type": "Note"}, {"id": ours, "type": "Question"}, {"type": ["Note", "Event"]}]
    for kind in ("Add", "Remove", "Move", "Flag", "QuoteRequest", "EmojiReact", "Announce", "Update", "Undo", "Accept"):
        for shape in shapes:
            activity = hostile_peer.activity(kind, mallory, shape, target=f"{ours}/nowhere", instrument=shape)
            if kind in ("Flag", "EmojiReact", "Announce"):
                activity["object"] = f"{node.origin}/statements/none"
            assert await hostile_peer.send(f"{node.origin}/inbox", activity) in (202, 400), (kind, shape)
    await node.quiet()
    assert await node.contents(without=quiet) == before
    assert await node.read(_parked) == 0 and (await node.page(ours))[0] == 200


def _parked(tx: Transaction) -> int:
    return len(list(tx.execute(jobs.select().where(jobs.c.parked.is_(True)))))


async def test_what_is_served_under_another_id_is_not_kept(node: ServedNode, hostile_peer: Peer) -> None:
    """An Add, a quotation, a relayed page: each leads to a fetch, and none to something that its origin does not say."""
    alice = hostile_peer.actor("alice", featured=f"{hostile_peer.origin}/users/alice/featured")
    await node.follow(alice)
    forged = hostile_peer.note("https://victim.example/users/v", id="https://victim.example/notes/1")
    hostile_peer.served["/notes/x"] = Answer(forged)
    add = hostile_peer.activity("Add", alice, f"{hostile_peer.origin}/notes/x", target=f"{alice}/featured")
    relayed = hostile_peer.activity(
        "Announce", alice, hostile_peer.activity("Create", alice, f"{hostile_peer.origin}/notes/x")
    )
    for activity in (add, relayed):
        assert await hostile_peer.send(f"{node.origin}/inbox", activity) == 202
        await node.fate(activity)
    assert not await node.holds("https://victim.example/notes/1")
    assert not await node.holds(f"{hostile_peer.origin}/notes/x")
