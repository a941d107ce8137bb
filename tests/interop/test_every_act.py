"""All that a group does and all that is done to it, with a server that knows one kind of request signature and no other.

One test for each direction: each act is understood by the other side, its request and its proofs verified there.
"""

from __future__ import annotations

from typing import Any

import pytest

from node import activities, intake, media, objects
from node.groups import actions as groups
from node.peering import actions as peering
from node.statements import actions, correcting, passing_on, quotings
from node.statements import store as statements
from node.statements.rules import Draft, Interest
from schemas.reading import loads
from tests.interop.fedify_peer import Fedify, Person, be_followed, hear
from tests.nodes.served import ServedNode, eventually
from tests.statements.test_events import RALLY, meant
from tests.statements.test_pictures import photograph

pytestmark = pytest.mark.one_database

SCHEMES = {"rfc9421 alone": "rfc9421", "draft-cavage alone": "draft-cavage-http-signatures-12"}


async def understood(node: ServedNode, fedify: Fedify, kind: str, scheme: str) -> dict[str, Any]:
    """What Fedify understood of the last activity of one type that we sent; all its signatures hold."""
    entry = await fedify.receives(kind, actor=node.group)
    assert entry["scheme"] == scheme
    assert entry["linkedData"] is not False and entry["proof"] is True
    read: dict[str, Any] = entry["understood"]
    assert (read["type"], read["actor"]) == (kind, node.group)
    return read


async def act(node: ServedNode, what: Any, *args: Any, **more: Any) -> None:
    await node.write(what, *args, **more, member=await node.steward())


async def test_all_that_we_do_is_understood_in_either_way_of_signing(
    node: ServedNode, narrow_fedify: Fedify, request: pytest.FixtureRequest, older_fedify: Fedify
) -> None:
    scheme = SCHEMES[request.node.callspec.params["narrow_fedify"]]
    alice = await narrow_fedify.actor()
    await be_followed(node, alice)
    await hear(node, alice)
    assert (await understood(node, narrow_fedify, "Follow", scheme))["objectId"] == alice.iri

    iri = await node.publish("We meet at nine.", title="Meeting")
    assert (await understood(node, narrow_fedify, "Create", scheme))["object"]["id"] == iri
    await act(node, correcting.correct, iri, Draft(text="We meet at ten.", title="Meeting"))
    read = (await understood(node, narrow_fedify, "Update", scheme))["object"]
    assert "ten" in read["content"] and read["updated"] > read["published"]

    bob = await older_fedify.actor("bob")
    said = await bob.does("note", content="<p>From far away.</p>")
    await passing_on.bring(node.node, said["note"], Interest.PASSED_ON)
    await act(node, passing_on.boost, said["note"], actor=node.group)
    assert (await understood(node, narrow_fedify, "Announce", scheme))["objectId"] == said["note"]
    assert (await understood(node, older_fedify, "Announce", SCHEMES["draft-cavage alone"]))["object"]["content"]
    await act(node, passing_on.unboost, said["note"], actor=node.group)
    assert (await understood(node, narrow_fedify, "Undo", scheme))["object"]["type"] == "Announce"

    await act(node, passing_on.pin, iri)
    added = await understood(node, narrow_fedify, "Add", scheme)
    assert (added["objectId"], added["targetId"]) == (iri, f"{node.group}/featured")
    assert await narrow_fedify.does("walk", text=f"{node.group}/featured") == [iri]
    await act(node, passing_on.unpin, iri, actor=node.group)
    assert (await understood(node, narrow_fedify, "Remove", scheme))["objectId"] == iri

    await act(node, correcting.delete, iri, reason="superseded")
    gone = (await understood(node, narrow_fedify, "Delete", scheme))["object"]
    assert (gone["type"], gone["id"]) == ("Tombstone", iri) and gone["deleted"]


async def test_fedify_reads_an_event_with_its_time_and_place(node: ServedNode, follower: Person) -> None:
    draft = await meant(node, RALLY.format(language="en", status="scheduled"))
    await act(node, actions.publish, draft, actor=node.group)
    entry = await follower.fedify.receives("Create", actor=node.group)
    read = entry["understood"]["object"]
    assert (read["type"], read["name"]) == ("Event", "Rally for the old roster")
    assert (read["starts"], read["ends"]) == ("2099-11-28T13:00:00Z", "2099-11-28T17:00:00Z")
    assert read["places"][0] == "Depot North, main gate"
    assert "Saturday 28 November 2099, 14:00" in read["summary"]
    assert entry["objectProof"] is True


async def test_fedify_reads_a_changed_profile(node: ServedNode, follower: Person) -> None:
    sign = await media.take(node.node, photograph(), "Our sign")
    changes = {"name": "The Renamed", "summary": "Who we **are**.", "icon": sign.as_json()}
    await act(node, groups.edit_profile, changes, actor=node.group)
    read = (await follower.fedify.receives("Update", actor=node.group))["understood"]["object"]
    assert (read["type"], read["id"], read["name"]) == ("Organization", node.group, "The Renamed")
    assert "<strong>are</strong>" in read["summary"]


@pytest.mark.parametrize("allow", [True, False])
async def test_we_ask_a_fedify_author_for_leave_to_quote_her(
    allow: bool, node: ServedNode, narrow_fedify: Fedify
) -> None:
    alice = await narrow_fedify.actor()
    said = await alice.does("note", to=node.group, content="<p>Hear me.</p>", quotable=True)
    await passing_on.bring(node.node, said["note"], Interest.SOUGHT)
    iri = await node.publish("Hear her.", quote=said["note"])
    create = (await narrow_fedify.receives("Create", actor=node.group))["understood"]["object"]
    assert (create["quote"], create["quoteUrl"]) == (said["note"], said["note"])
    asked = (await narrow_fedify.receives("QuoteRequest", actor=node.group))["understood"]
    assert (asked["objectId"], asked["instrumentId"]) == (said["note"], iri)
    request = (await narrow_fedify.received("QuoteRequest", actor=node.group))[-1]["document"]["id"]
    answer = await alice.does(
        "answerQuote", to=node.group, request=request, note=said["note"], quoting=iri, allow=allow
    )
    assert await alice.fate(node, answer) == "done"
    changed = (await narrow_fedify.receives("Update", actor=node.group))["understood"]["object"]
    if allow:
        assert (changed["quote"], changed["stamp"]) == (said["note"], answer["stamp"])
    else:
        assert (changed.get("quote"), changed.get("stamp")) == (None, None)
    state = (await node.read(quotings.find, iri)).state
    assert state == ("given" if allow else "refused")


async def test_all_that_is_done_to_us_is_understood_in_either_way_of_signing(
    node: ServedNode, narrow_fedify: Fedify
) -> None:
    alice = await narrow_fedify.actor()
    ours = await node.publish("Bread and roses.")
    await hear(node, alice)
    follow = await alice.does("follow", to=node.group)
    await narrow_fedify.receives("Accept", actor=node.group)

    async def done(what: str, **fields: Any) -> dict[str, Any]:
        sent: dict[str, Any] = await alice.does(what, to=node.group, **fields)
        assert await alice.fate(node, sent) == "done", what
        row = await node.read(activities.find, sent["id"], actor=alice.iri)
        if loads(row.document):  # what was taken back is kept without its words
            assert await node.read(intake.check_proof, loads(row.document), author=alice.iri) is True, what
        return sent

    said = await done("note", content="<p>At nine.</p>")
    await done("update", note=said["note"], content="<p>At ten.</p>")
    assert "ten" in (await node.read(statements.shown, [said["note"]]))[said["note"]].html
    reply = await done("note", content="<p>All of us.</p>", replyTo=ours)
    assert (await node.read(objects.find, reply["note"])).in_reply_to == ours
    quoting = await done("note", content="<p>Listen.</p>", quote=ours)
    assert loads((await node.read(objects.find, quoting["note"])).document)["quote"] == ours
    await done("askToQuote", object=ours, note=quoting["note"])
    allowed = (await narrow_fedify.receives("Accept", actor=node.group))["understood"]
    assert allowed["object"]["type"] == "QuoteRequest"
    stamp = (await node.activity(allowed["resultId"]))[1]
    assert (stamp["interactingObject"], stamp["interactionTarget"]) == (quoting["note"], ours)
    assert (await narrow_fedify.does("check", document=stamp))["proof"] is True
    for what, kind in (("like", "Like"), ("announce", "Announce")):
        reaction = await done(what, object=ours)
        assert (await node.read(statements.reaction_counts, ours))[kind] == 1
        await done("undo", activity=reaction["id"])
        assert (await node.read(statements.reaction_counts, ours))[kind] == 0
    await done("remove", note=said["note"])
    assert not await node.holds(said["note"])
    await done("rename", shown="Alice of the night shift")
    await done("undo", activity=follow["id"])

    async def left() -> bool:
        return (await node.activity(f"{node.group}/followers"))[1]["totalItems"] == 0

    await eventually(left)
    await act(node, peering.unfollow, alice.iri, actor=node.group)
    assert (await narrow_fedify.receives("Undo", actor=node.group))["understood"]["object"]["type"] == "Follow"
