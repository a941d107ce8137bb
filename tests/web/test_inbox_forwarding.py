"""What others pass on is a hint: we look where it is from, and believe what we find there. Nobody makes us look at will."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from federation.signatures import linked_data
from node import objects
from node.context import Transaction
from node.peering import actions as peering
from node.peering.rules import Severity
from node.statements import forwarding
from node.statements import store as statements
from node.statements.forwarding import AT_A_STRANGER, OF_A_STRANGER, OF_ONE_OBJECT
from schemas import activity as activity_documents
from tests.nodes.peer import PUBLIC, Answer, Peer, peer
from tests.nodes.served import ServedNode


class Scene:
    """Bob, at the origin, answers our statement; carol's server is another and passes on what she got of him."""

    def __init__(self, node: ServedNode, origin: Peer, forwarder: Peer, ours: str) -> None:
        self.node, self.origin, self.forwarder, self.ours = node, origin, forwarder, ours
        self.bob, self.carol = origin.actor("bob"), forwarder.actor("carol")

    def note(self, content: str = "<p>we will come</p>", **fields: Any) -> dict[str, Any]:
        return self.origin.note(self.bob, content, inReplyTo=self.ours) | fields

    def serve(self, note: dict[str, Any], **answer: Any) -> None:
        self.origin.served[self.path(note)] = Answer(note, **answer)

    def path(self, note: dict[str, Any]) -> str:
        return str(note["id"]).removeprefix(self.origin.origin)

    async def forward(self, activity: dict[str, Any], *, signed: bool = True) -> int:
        """Carol's server passes it on in its own name, as Mastodon does."""
        if signed:
            now = self.node.clock()
            activity = linked_data.sign(activity, key_id=f"{self.bob}#main-key", key=self.origin.rsa, created=now)
        inbox, now = f"{self.node.origin}/inbox", self.node.clock()
        status = await self.forwarder.send(inbox, activity, key_id=f"{self.carol}#main-key", now=now)
        await self.node.quiet()
        return status

    def asked(self, note: dict[str, Any]) -> int:
        return self.origin.asked[self.path(note)]


@pytest.fixture
async def scene(node: ServedNode, hostile_peer: Peer, key_sets: Any) -> Any:
    async with peer(key_sets[3]) as forwarder:
        yield Scene(node, hostile_peer, forwarder, await node.publish("Who comes?"))


async def html(node: ServedNode, iri: str) -> str:
    return str((await node.read(statements.shown, [iri]))[iri].html)


@pytest.mark.parametrize("signed", [True, False])
async def test_an_answer_that_was_passed_on_is_fetched_from_where_it_is_from(scene: Scene, signed: bool) -> None:
    true = scene.note("<p>what bob said</p>")
    scene.serve(true)
    told = true | {"content": "<p>what carol says he said</p>"}
    assert await scene.forward(scene.origin.activity("Create", scene.bob, told), signed=signed) == 202
    assert await html(scene.node, true["id"]) == "<p>what bob said</p>"
    assert scene.asked(true) == 1


async def test_what_its_origin_does_not_have_is_not_kept(scene: Scene) -> None:
    note = scene.note()
    assert await scene.forward(scene.origin.activity("Create", scene.bob, note)) == 202
    assert await scene.node.read(objects.find, note["id"]) is None
    assert scene.asked(note) == 1


async def test_a_deletion_that_was_passed_on_counts_if_the_origin_says_so(scene: Scene) -> None:
    note, tombstone, missing = scene.note(), scene.note(), scene.note()
    for one in (note, tombstone, missing):
        scene.serve(one)
        assert await scene.forward(scene.origin.activity("Create", scene.bob, one)) == 202
        assert await scene.forward(scene.origin.activity("Delete", scene.bob, one["id"])) == 202
        assert await scene.node.holds(one["id"]), "it is still there"
    scene.serve(note, status=410)
    scene.serve(tombstone | {"type": "Tombstone"})
    del scene.origin.served[scene.path(missing)]
    for one in (note, tombstone, missing):
        again = {"id": one["id"], "type": "Tombstone"}
        assert await scene.forward(scene.origin.activity("Delete", scene.bob, again)) == 202
    assert not await scene.node.holds(note["id"])
    assert not await scene.node.holds(tombstone["id"])
    assert await scene.node.holds(missing["id"]), "404 may be a server that is being mended"
    scene.node.clock.advance(timedelta(minutes=61))
    await scene.node.quiet()
    assert not await scene.node.holds(missing["id"])
    scene.serve(note)
    assert await scene.forward(scene.origin.activity("Create", scene.bob, note)) == 202
    assert not await scene.node.holds(note["id"]), "nothing brings it back"


async def test_a_404_that_passes_deletes_nothing(scene: Scene) -> None:
    note = scene.note()
    scene.serve(note)
    await scene.forward(scene.origin.activity("Create", scene.bob, note))
    scene.serve(note, status=404)
    await scene.forward(scene.origin.activity("Delete", scene.bob, note["id"]))
    scene.serve(note)
    scene.node.clock.advance(timedelta(minutes=61))
    await scene.node.quiet()
    assert await scene.node.holds(note["id"])


async def test_a_change_that_was_passed_on_is_read_at_its_origin(scene: Scene) -> None:
    note = scene.note("<p>at six</p>")
    scene.serve(note)
    await scene.forward(scene.origin.activity("Create", scene.bob, note))
    await scene.forward(scene.origin.activity("Update", scene.bob, note | {"content": "<p>never</p>"}))
    assert await html(scene.node, note["id"]) == "<p>at six</p>"
    scene.serve(note | {"content": "<p>at seven</p>", "updated": "2030-01-01T00:00:00Z"})
    await scene.forward(scene.origin.activity("Update", scene.bob, note | {"content": "<p>never</p>"}))
    assert await html(scene.node, note["id"]) == "<p>at seven</p>"
    mallory = scene.origin.actor("mallory")
    scene.serve(note | {"content": "<p>mine</p>", "attributedTo": mallory, "updated": "2031-01-01T00:00:00Z"})
    await scene.forward(scene.origin.activity("Update", scene.bob, note))
    assert await html(scene.node, note["id"]) == "<p>at seven</p>", "its author never changes"


async def test_what_is_nothing_to_us_is_not_looked_for_and_nobody_can_tell(scene: Scene) -> None:
    idle = scene.note(inReplyTo=None)
    other = scene.note(inReplyTo="https://elsewhere.example/notes/1")
    for one in (idle, other):
        scene.serve(one)
        assert await scene.forward(scene.origin.activity("Create", scene.bob, one)) == 202
        assert await scene.forward(scene.origin.activity("Delete", scene.bob, one["id"])) == 202
        assert scene.asked(one) == 0
    await scene.node.follow(scene.bob)
    assert await scene.forward(scene.origin.activity("Create", scene.bob, idle)) == 202
    assert scene.asked(idle) == 1 and await scene.node.holds(idle["id"]), "whom we follow we hear, also by others"


async def test_an_object_is_looked_for_a_few_times_a_day(scene: Scene) -> None:
    note = scene.note()
    for _ in range(OF_ONE_OBJECT.requests + 3):
        assert await scene.forward(scene.origin.activity("Create", scene.bob, note)) == 202
    assert scene.asked(note) == OF_ONE_OBJECT.requests
    scene.node.clock.advance(timedelta(days=1, minutes=1))
    scene.serve(note)
    await scene.forward(scene.origin.activity("Create", scene.bob, note))
    assert await scene.node.holds(note["id"])


async def test_a_stranger_makes_us_look_a_number_of_times_a_day(scene: Scene) -> None:
    """The fetches wait in the lane of the host they go to; what counts is how many are promised."""
    headers: list[int] = []
    for number in range(OF_A_STRANGER.requests + 10):
        note = scene.note() | {"id": f"{scene.origin.origin}/missing/{number}"}
        activity = scene.origin.activity("Create", scene.bob, note)
        headers.append(
            await scene.forwarder.send(f"{scene.node.origin}/inbox", activity, key_id=f"{scene.carol}#main-key")
        )
    assert set(headers) == {202}
    kept = await scene.node.contents()
    subjects = {row[0]: row[2] for row in kept["errands"] if str(row[0]).startswith("forwarded by ")}
    assert subjects == {f"forwarded by {scene.forwarder.host}": OF_A_STRANGER.requests}


async def test_many_strangers_make_us_ask_one_host_a_number_of_times_a_day(scene: Scene) -> None:
    def all_forward(tx: Transaction) -> None:
        for number in range(AT_A_STRANGER.requests + 10):
            note = scene.note() | {"id": f"{scene.origin.origin}/missing/{number}"}
            activity = activity_documents.parse(scene.origin.activity("Create", scene.bob, note))
            forwarding.take_hint(tx, activity, forwarder=f"https://carol{number}.example/users/carol")

    await scene.node.write(all_forward)
    promised = [row for row in (await scene.node.contents())["jobs"] if row[1] == "hear"]
    assert len(promised) == AT_A_STRANGER.requests


NOT_PASSED_ON = [
    {"id": "https://elsewhere.example/activities/1"},
    {"object": "https://elsewhere.example/notes/1"},
    {"actor": "https://elsewhere.example/users/bob"},
    {"type": "Follow"},
    {"type": "Like"},
    {"type": "Undo"},
    {"type": "Move"},
    {"type": "Announce"},
    {"type": "Accept"},
]


async def test_what_cannot_have_been_passed_on_is_refused(scene: Scene) -> None:
    before = await scene.node.contents(without=("actors", "actor_keys"))
    answers = {}
    for change in NOT_PASSED_ON:
        activity = scene.origin.activity("Create", scene.bob, scene.note()) | change
        answers[str(change)] = await scene.forward(activity, signed=False)
    assert set(answers.values()) == {403}, answers
    assert await scene.node.contents(without=("actors", "actor_keys")) == before


async def test_nobody_makes_us_look_at_ourselves_or_at_whom_we_do_not_hear(scene: Scene) -> None:
    group = scene.node.group
    forged = scene.note() | {"id": f"{scene.node.origin}/statements/none", "attributedTo": group}
    activity = scene.origin.activity("Create", group, forged) | {"id": f"{scene.node.origin}/activities/none"}
    assert await scene.forward(activity, signed=False) == 403
    deleted = activity | {"type": "Delete", "object": scene.ours, "to": [PUBLIC]}
    assert await scene.forward(deleted, signed=False) == 403
    assert await scene.node.holds(scene.ours)
    member = await scene.node.steward()
    reason = {"actor": group, "member": member}
    await scene.node.write(peering.set_policy, scene.origin.host, Severity.REJECT, "spam", **reason)
    note = scene.note()
    scene.serve(note)
    assert await scene.forward(scene.origin.activity("Create", scene.bob, note)) == 202
    assert scene.asked(note) == 0
    await scene.node.write(peering.set_policy, scene.forwarder.host, Severity.REJECT, "spam", **reason)
    assert await scene.forward(scene.origin.activity("Create", scene.bob, note)) == 403


async def test_a_bogus_linked_data_signature_lends_nobody_a_voice(scene: Scene) -> None:
    """Neither over somebody else's words, nor as the only signature there is."""
    note = scene.note("<p>lies</p>")
    create = scene.origin.activity("Create", scene.bob, note)
    signature = {"type": "RsaSignature2017", "creator": f"{scene.bob}#main-key", "created": "2026-01-01T00:00:00Z"}
    for value in ("", "AAAA", None, 5, [], {"a": 1}):
        forged = create | {"id": scene.origin.id("activities"), "signature": signature | {"signatureValue": value}}
        assert await scene.forward(forged, signed=False) == 202
    for strange in ("x", [], None, [[[]]], {"@graph": []}):
        status = await scene.forward(create | {"signature": strange, "id": scene.origin.id("a")}, signed=False)
        assert status in (202, 400)
    assert await scene.node.read(objects.find, note["id"]) is None
    now = scene.node.clock()
    true = linked_data.sign(create, key_id=f"{scene.bob}#main-key", key=scene.origin.rsa, created=now)
    body = json.dumps(true).encode()
    status = await scene.forwarder.post(
        f"{scene.node.origin}/inbox", body, {"Content-Type": "application/activity+json"}
    )
    assert status == 401
