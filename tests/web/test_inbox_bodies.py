"""What may be brought: of everything that is no activity of the sender's, a short 4xx or a 202 without effect, never 5xx."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any

import pytest

from federation.media_types import ACTIVITY_JSON, ACTIVITY_LD_JSON
from schemas import activity as activity_documents
from tests.nodes.peer import AS, PUBLIC, Peer
from tests.nodes.served import ServedNode


async def still_answers(node: ServedNode, peer: Peer) -> None:
    """An honest Follow and its Undo work as ever."""
    actor = peer.actor("honest")
    follow = peer.activity("Follow", actor, node.group)
    assert await peer.send(f"{node.origin}/inbox", follow) == 202, peer.last
    assert await node.fate(follow) == "done"
    undo = peer.activity("Undo", actor, follow)
    assert await peer.send(f"{node.origin}/inbox", undo) == 202, peer.last
    assert await node.fate(undo) == "done"


async def no_bug_was_met(node: ServedNode) -> None:
    await node.quiet()
    contents = await node.contents()
    assert [row for row in contents["activities"] if "parked" in row] == []
    assert [row for row in contents["jobs"] if any("Error" in str(value) for value in row)] == []


REFUSED_TYPES = [
    None, "", "text/plain", "text/html", "application/json", "application/ld+json", "application/xml",
    'application/ld+json; profile="https://example.org/"', "multipart/form-data; boundary=x", "image/png", ";", "/",
    "application/activity+jsonx", "application/x-www-form-urlencoded",
]  # fmt: skip


@pytest.mark.one_database
async def test_only_activitystreams_is_taken(node: ServedNode, hostile_peer: Peer) -> None:
    actor = hostile_peer.actor()
    inbox = f"{node.origin}/inbox"
    body = json.dumps(hostile_peer.activity("Follow", actor, node.group)).encode()
    for content_type in REFUSED_TYPES:
        headers = hostile_peer.signed(inbox, body, key_id=f"{actor}#main-key")
        del headers["Content-Type"]
        if content_type is not None:
            headers["Content-Type"] = content_type
        assert await hostile_peer.post(inbox, body, headers) == 415, content_type
    taken = [ACTIVITY_JSON, ACTIVITY_LD_JSON, "application/activity+json; charset=utf-8", "Application/Activity+JSON"]
    for content_type in taken:
        body = json.dumps(hostile_peer.activity("Follow", actor, node.group)).encode()
        headers = hostile_peer.signed(inbox, body, key_id=f"{actor}#main-key") | {"Content-Type": content_type}
        assert await hostile_peer.post(inbox, body, headers) == 202, content_type


@pytest.mark.one_database
async def test_a_compressed_body_is_refused(node: ServedNode, hostile_peer: Peer) -> None:
    actor, inbox = hostile_peer.actor(), f"{node.group}/inbox"
    packed = gzip.compress(json.dumps(hostile_peer.activity("Follow", actor, node.group)).encode())
    for encoding in ("gzip", "deflate", "br", "zstd", "gzip, identity"):
        headers = hostile_peer.signed(inbox, packed, key_id=f"{actor}#main-key") | {"Content-Encoding": encoding}
        assert await hostile_peer.post(inbox, packed, headers) == 415, encoding
    await still_answers(node, hostile_peer)


@pytest.mark.one_database
async def test_too_large_a_body_is_refused(node: ServedNode, hostile_peer: Peer) -> None:
    actor, inbox = hostile_peer.actor(), f"{node.origin}/inbox"
    note = hostile_peer.note(actor, "x" * 1_100_000)
    assert await hostile_peer.send(inbox, hostile_peer.activity("Create", actor, note)) == 413, hostile_peer.last

    async def endless() -> Any:
        for _ in range(64):
            yield b" " * 1_048_576

    headers = hostile_peer.signed(inbox, b"", key_id=f"{actor}#main-key")
    try:
        async with hostile_peer.http.post(inbox, data=endless(), headers=headers) as response:
            assert response.status == 413
    except (ConnectionError, OSError):
        pass  # the node has hung up, which is an answer too
    await still_answers(node, hostile_peer)


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


BAD_JSON: dict[str, bytes] = {
    "empty": b"",
    "blank": b"   ",
    "truncated": b'{"id": "http://example.org/1", "type": "Fol',
    "not UTF-8": b'{"id": "\xff\xfe"}',
    "UTF-16": '{"id": "x"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"id": "x"}',
    "two documents": b'{"id": "x"}{"id": "y"}',
    "a list": b"[]",
    "a text": b'"Follow"',
    "a number": b"42",
    "null": b"null",
    "deep objects": nested(100_000),
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep enough": b'{"a":' + b"[" * 500 + b"]" * 500 + b"}",
    "a huge integer": b'{"a": ' + b"9" * 200_000 + b"}",
    "a large integer": b'{"a": 9007199254740993}',
    "a huge exponent": b'{"a": 1e999999}',
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "NUL": b'{"a": "\\u0000"}',
    "a raw NUL": b'{"a": "\x00"}',
    "a lone surrogate": b'{"a": "\\ud800"}',
    "a key twice": b'{"id": "http://example.org/1", "id": "http://example.org/2"}',
    "comments": b'{"a": 1 /* b */}',
    "single quotes": b"{'a': 1}",
    "a trailing comma": b'{"a": 1,}',
    "a million entries": b'{"to": [' + b"1," * 300_000 + b"1]}",
    "XML": b"<?xml version='1.0'?><x/>",
}


@pytest.mark.one_database
async def test_what_is_not_json_is_malformed(node: ServedNode, hostile_peer: Peer) -> None:
    actor = hostile_peer.actor()
    for name, body in BAD_JSON.items():
        for inbox in (f"{node.origin}/inbox", f"{node.group}/inbox"):
            assert await hostile_peer.send(inbox, body, key_id=f"{actor}#main-key") == 400, (name, hostile_peer.last)
            assert len(hostile_peer.last) < 600
            assert "Traceback" not in hostile_peer.last
    assert (await node.contents())["activities"] == []
    await still_answers(node, hostile_peer)


WRONG: list[Any] = [
    None, "", "x", 0, -1, 1.5, True, [], [[]], {}, [{}], {"id": 7}, "x" * 3000, ["a", "b"], "urn:x:y",
    "https://example.org/ space", "http://10.0.0.1/", {"type": "Note"}, [None],
]  # fmt: skip

ACTIVITY_TYPES = [
    *activity_documents.TYPES, "Frobnicate", "Note", "Person", "OrderedCollection", "https://www.w3.org/ns/activitystreams#Follow",
]  # fmt: skip


async def send_all(node: ServedNode, peer: Peer, documents: list[dict[str, Any]], *, signer: str) -> None:
    """Bring every one of `documents` in: none may meet with 5xx."""

    async def one(document: dict[str, Any]) -> tuple[int, str]:
        body = json.dumps(document).encode()
        inbox = f"{node.origin}/inbox"
        headers = peer.signed(inbox, body, key_id=f"{signer}#main-key")
        async with peer.http.post(inbox, data=body, headers=headers) as response:
            return response.status, await response.text()

    for start in range(0, len(documents), 40):
        batch = documents[start : start + 40]
        answers = await asyncio.gather(*(one(document) for document in batch))
        for document, (status, text) in zip(batch, answers, strict=True):
            assert status == 202 or 400 <= status < 500, (status, text, document)


async def test_every_type_of_activity_with_every_shape_of_object(node: ServedNode, hostile_peer: Peer) -> None:
    actor = hostile_peer.actor()
    await node.follow(actor)
    ours = await node.publish()
    objects: list[Any] = [
        *WRONG, ours, actor, node.group, hostile_peer.note(actor), {"type": "Note"}, {"id": ours, "type": "Note"},
        {"id": actor, "type": "Person"}, {"id": ours, "type": "Tombstone"}, [ours, actor], {"@graph": []},
        {"id": hostile_peer.id("x"), "type": ["Note", "Article"]}, {"id": hostile_peer.id("x"), "type": "Collection"},
        {"id": hostile_peer.id("x"), "type": "Follow", "actor": node.group, "object": actor},
        {"id": hostile_peer.id("x"), "type": "Create", "actor": actor, "object": hostile_peer.note(actor)},
    ]  # fmt: skip
    documents = [hostile_peer.activity(kind, actor, item) for kind in ACTIVITY_TYPES for item in objects]
    await send_all(node, hostile_peer, documents, signer=actor)
    await no_bug_was_met(node)
    status, _ = await node.activity(ours)
    assert status == 200
    await still_answers(node, hostile_peer)


async def test_every_malformed_shape_of_an_activity(node: ServedNode, hostile_peer: Peer) -> None:
    actor = hostile_peer.actor()
    documents = []
    for key in ("@context", "id", "type", "actor", "object", "to", "cc", "target", "published", "proof", "signature"):
        for value in WRONG:
            documents.append(hostile_peer.activity("Follow", actor, node.group) | {key: value})
        without = hostile_peer.activity("Follow", actor, node.group)
        without.pop(key, None)
        documents.append(without)
    await send_all(node, hostile_peer, documents, signer=actor)
    await no_bug_was_met(node)
    await still_answers(node, hostile_peer)


NOTE_KEYS = (
    "@context", "id", "type", "attributedTo", "content", "contentMap", "name", "nameMap", "summary", "summaryMap",
    "sensitive", "published", "updated", "inReplyTo", "context", "conversation", "to", "cc", "tag", "attachment", "url",
    "quote", "interactionPolicy", "replies", "likes", "shares", "source", "icon", "proof", "imports", "salt",
    "adoptedAt", "struggle", "actionKind", "field", "who", "startedBy", "addressee", "organisation", "location",
    "began", "ended", "asOf", "measures", "demands", "sector", "sources", "basis",
)  # fmt: skip


@pytest.mark.parametrize(
    ("verb", "report", "new_database"),
    [("Create", False, "sqlite"), ("Update", True, "postgresql")],
    indirect=["new_database"],
)
async def test_every_malformed_shape_of_a_note(verb: str, report: bool, node: ServedNode, hostile_peer: Peer) -> None:
    actor = hostile_peer.actor()
    await node.follow(actor)
    more = {"struggle": hostile_peer.id("struggles"), "actionKind": "strike"} if report else {}
    documents = []
    for key in NOTE_KEYS:
        shapes = [
            *WRONG,
            [{"type": "Mention", "href": node.group}] * 50,
            {"en": "x"},
            {"en": 1},
            "9999-12-31T23:59:59Z",
        ]
        for value in shapes:
            note = hostile_peer.note(actor) | more | {key: value}
            documents.append(hostile_peer.activity(verb, actor, note))
    await send_all(node, hostile_peer, documents, signer=actor)
    await no_bug_was_met(node)
    status, page = await node.page("/wire")
    assert status == 200, page[:500]
    await still_answers(node, hostile_peer)


async def test_absurd_but_well_formed_notes_are_kept_or_refused_and_shown(node: ServedNode, hostile_peer: Peer) -> None:
    actor = hostile_peer.actor()
    await node.follow(actor)
    long = "x" * 20_000
    absurd: list[dict[str, Any]] = [
        {"published": "0001-01-01T00:00:00Z"},
        {"published": "9999-12-31T23:59:59+23:59", "updated": "0001-01-01T00:00:00-23:59"},
        {"tag": [{"type": "Hashtag", "name": f"#{long}", "href": "https://example.org/"}]},
        {"tag": [{"type": "Hashtag", "name": "#" + chr(0x1D54F) * 3000}]},
        {"tag": [{"type": "Mention", "name": "@x", "href": f"https://example.org/{number}"} for number in range(2000)]},
        {"name": long, "summary": long, "contentMap": {"en": long, "ar": long}},
        {"content": "<p>" * 5000},
        {"content": "<script>alert(1)</script><b onclick=alert(1)>b</b>", "name": "<img src=x onerror=alert(1)>"},
        {"content": "\u202e\u2066gnihtemos\u2069", "name": "\u202eegap"},
        {"inReplyTo": "https://example.org/" + "x" * 2000},
        {"context": "https://example.org/" + "\u0416" * 2000, "conversation": "tag:" + long},
        {"inReplyTo": "https://example.org/" + "".join(chr(0x4E00 + n * 7 % 20000) for n in range(1900))},
        {"attachment": [{"type": "Image", "url": "http://10.0.0.1/x.png", "mediaType": "image/svg+xml"}] * 100},
        {"url": "https://example.org/<script>"},
        {
            "replies": {
                "id": hostile_peer.id("r"),
                "type": "Collection",
                "totalItems": 10**15,
                "first": {"items": ["x"]},
            }
        },
        {"to": [PUBLIC, *(f"https://example.org/u/{number}" for number in range(5000))]},
        {"location": {"type": "Place", "latitude": 9e15, "longitude": -9e15}},
        {"struggle": hostile_peer.id("s"), "actionKind": long, "began": "0001", "ended": "9999-12-31"},
        {"struggle": hostile_peer.id("s"), "actionKind": "x", "measures": [{"measure": "m", "value": 2**53}] * 50},
        {"struggle": f"{node.origin}/struggles/0000000000000", "actionKind": "strike"},
        {"@context": [AS, {"x": "y" * 1000, "@vocab": "urn:x:"}] * 20},
    ]
    documents = [
        hostile_peer.activity("Create", actor, hostile_peer.note(actor, **{"content": "y"} | more)) for more in absurd
    ]
    await send_all(node, hostile_peer, documents, signer=actor)
    await no_bug_was_met(node)
    status, page = await node.page("/wire")
    assert status == 200, page[:500]
    assert "<script>alert" not in page
    assert "onerror" not in page.replace("&lt;img src=x onerror=alert(1)&gt;", "")
    await still_answers(node, hostile_peer)


async def test_an_id_too_long_for_the_database_is_refused_and_harms_nobody(
    node: ServedNode, hostile_peer: Peer
) -> None:
    """PostgreSQL cannot index values beyond 2,704 bytes: what cannot be kept is refused, on every database alike."""
    import random
    import string

    chance = random.Random(7)
    actor = hostile_peer.actor()
    await node.follow(actor)
    alphabet = string.ascii_letters + string.digits
    ascii_tail = "".join(chance.choices(alphabet, k=1900))
    wide_tail = "".join(chr(chance.randrange(0x4E00, 0x9000)) for _ in range(1900))
    for tail in (ascii_tail, wide_tail):
        long = f"{hostile_peer.origin}/{tail}"
        for activity in (
            hostile_peer.activity("Follow", actor, node.group, id=long),
            hostile_peer.activity("Like", actor, long),
            hostile_peer.activity("Create", actor, hostile_peer.note(actor, id=long)),
            hostile_peer.activity("Create", actor, hostile_peer.note(actor, inReplyTo=long)),
            hostile_peer.activity("Create", actor, hostile_peer.note(actor, struggle=long, actionKind="strike")),
            hostile_peer.activity("Announce", actor, long),
            hostile_peer.activity("Delete", actor, long),
        ):
            honest = hostile_peer.activity("Like", actor, node.group)
            answers = await asyncio.gather(
                *(hostile_peer.send(f"{node.origin}/inbox", one) for one in (activity, honest))
            )
            assert answers[0] == 202 or 400 <= answers[0] < 500, (activity["type"], hostile_peer.last)
            assert answers[1] == 202
    name = "".join(chance.choices(alphabet, k=1900))
    stranger = hostile_peer.actor(name)
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Follow", stranger, node.group)) in (
        202,
        400,
        401,
    )
    await no_bug_was_met(node)
    await still_answers(node, hostile_peer)
