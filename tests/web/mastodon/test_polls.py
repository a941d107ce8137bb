"""The group votes in polls of others: from an app, from the desk, from the command line; once, and by its rule."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from node.decisions import actions as decisions
from node.decisions import store as decision_store
from node.decisions.rules import Choice, Method, Rule
from node.errors import Conflict, Invalid
from node.members import actions as members
from node.objects import objects
from node.statements import polls
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode, eventually
from tests.web.admin.desk_browsers import at_desk, enter, give_rule
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import App
from tests.web.mastodon.world import World, world

pytestmark = pytest.mark.one_database
TURNED = "\u202edlrow\u202c"  # an option that turns the line around


def options(*counts: int) -> list[dict[str, Any]]:
    """Monday, Tuesday and one that is spelled the wrong way round, with their counts."""
    return [
        {"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": count}}
        for name, count in zip(("Monday", "Tuesday ", TURNED), counts, strict=True)
    ]


async def asks(there: World, *, ends: str = "2090-01-01T00:00:00Z", **fields: Any) -> dict[str, Any]:
    """Let Ada ask something; the document, which her server serves too."""
    fields = fields or {"oneOf": options(1, 0, 0)}
    asked = there.peer.note(there.ada, "<p>When do we strike?</p>", type="Question", endTime=ends, **fields)
    await there.says(asked)
    there.peer.served[asked["id"].removeprefix(there.peer.origin)] = Answer(asked)
    return asked


def ballots(peer: Peer, iri: str) -> list[dict[str, Any]]:
    """What has arrived of votes in one poll."""
    notes = [one["object"] for one in peer.sent_to("Create") if isinstance(one["object"], dict)]
    return [note for note in notes if note.get("inReplyTo") == iri]


async def test_a_vote_leaves_once_for_the_author_alone_and_the_counts_come_back(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    there = await world(node, hostile_peer)
    asked = await asks(there)
    iri, app = asked["id"], await app_login(node, "steward")
    number = await there.number(iri)
    poll = await app.get(f"/api/v1/polls/{number}")
    assert (poll["voted"], poll["own_votes"]) == (False, [])
    assert [one["title"] for one in poll["options"]] == ["Monday", "Tuesday", "dlrow"], "nothing turns the line around"

    for choices in ([], ["3"], ["-1"], ["x"], ["0", "1"], [{"a": 1}]):
        said = await app.call("POST", f"/api/v1/polls/{number}/votes", json={"choices": choices})
        assert said.status == 422 and isinstance(said.body["error"], str), (choices, said.body)
    assert said.body["error"] and ballots(hostile_peer, iri) == []
    answer = await app.send("POST", f"/api/v1/polls/{number}/votes", {"choices": ["1"]})
    assert (answer["voted"], answer["own_votes"]) == (True, [1])
    again = await app.call("POST", f"/api/v1/polls/{number}/votes", data={"choices[]": "0"})
    assert (again.status, again.body["error"]) == (422, "You have already voted on this poll")
    await eventually(lambda: arrived(hostile_peer, iri, 1))
    (note,) = ballots(hostile_peer, iri)
    assert note["name"] == "Tuesday " and note["to"] == [there.ada] and "content" not in note, "as the poll spells it"
    assert note["attributedTo"] == node.group and note["type"] == "Note" and "cc" not in note
    (create,) = [one for one in hostile_peer.sent_to("Create") if one["object"] == note]
    assert create["to"] == [there.ada] and "cc" not in create
    for path in ("/outbox?page=true", "/outbox"):
        assert "Tuesday" not in json.dumps((await node.activity(node.group + path))[1]), "what is chosen is not public"
    assert (await node.activity(create["id"]))[0] == 404

    # The author's server counts; it is asked again, and nobody has edited anything.
    counted = asked | {"oneOf": options(1, 1, 0), "votersCount": 2}
    hostile_peer.served[iri.removeprefix(hostile_peer.origin)] = Answer(counted)
    node.clock.advance(timedelta(minutes=1))
    await eventually(lambda: counts(app, number, [1, 1, 0]))
    status = await app.get(f"/api/v1/statuses/{number}")
    assert status["edited_at"] is None and status["poll"]["own_votes"] == [1]
    more = counted | {"oneOf": options(1, 2, 0), "votersCount": 3}
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Update", there.ada, more)) == 202
    await eventually(lambda: counts(app, number, [1, 2, 0]))
    assert (await app.get(f"/api/v1/statuses/{number}"))["edited_at"] is None
    words = more | {"content": "<p>When do we go home?</p>", "updated": node.clock().strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Update", there.ada, words)) == 202
    await eventually(lambda: edited(app, number))

    several = await asks(there, anyOf=options(0, 0, 0))
    number = await there.number(several["id"])
    answer = await app.post(f"/api/v1/polls/{number}/votes", **{"choices[]": "2", "choices": "0"})
    assert answer["own_votes"] == [0, 2] and answer["multiple"] is True
    await eventually(lambda: arrived(hostile_peer, several["id"], 2))
    assert {one["name"] for one in ballots(hostile_peer, several["id"])} == {"Monday", TURNED}

    over = await there.number((await asks(there, ends="2020-01-01T00:00:00Z"))["id"])
    said = await app.call("POST", f"/api/v1/polls/{over}/votes", data={"choices[]": "0"})
    assert (said.status, said.body["error"]) == (422, "The poll has already ended")
    plain = await there.number(await there.note())
    own = str((await node.read(_row, await node.publish("Our own."))).sort_id)
    for wrong in (plain, own, "12345", "x"):
        said = await app.call("POST", f"/api/v1/polls/{wrong}/votes", data={"choices[]": "0"})
        assert said.status == 404 and isinstance(said.body["error"], str)


async def arrived(peer: Peer, iri: str, count: int) -> bool:
    return len(ballots(peer, iri)) >= count


async def counts(app: App, number: str, wanted: list[int]) -> bool:
    poll = (await app.get(f"/api/v1/statuses/{number}"))["poll"]
    return [one["votes_count"] for one in poll["options"]] == wanted


async def edited(app: App, number: str) -> bool:
    return (await app.get(f"/api/v1/statuses/{number}"))["edited_at"] is not None


def _row(tx: Any, iri: str) -> Any:
    return tx.execute(objects.select().where(objects.c.iri == iri)).one()


async def test_a_vote_waits_for_the_group_where_its_rule_says_so(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    there = await world(node, hostile_peer)
    first, second = await asks(there), await asks(there)
    await node.write(enter, node.group, {"emma": "editor", "rita": "reader"})
    await give_rule(node, "publish_statement", Rule(Method.APPROVALS, approvals=2))
    app, reader = await app_login(node, "emma"), await app_login(node, "rita", account="private")
    number = await there.number(first["id"])
    said = await reader.call("POST", f"/api/v1/polls/{number}/votes", data={"choices[]": "0"})
    assert said.status == 403 and "the group speaks through its members" in said.body["error"]
    held = await app.post(f"/api/v1/polls/{number}/votes", **{"choices[]": "0"})
    assert (held["voted"], held["own_votes"]) == (False, []), "the rule for statements holds for votes too"
    said = await app.call("POST", f"/api/v1/polls/{number}/votes", data={"choices[]": "1"})
    assert said.status == 422 and "the group is deciding on this already" in said.body["error"]
    (row,) = await node.read(decision_store.under_way, [node.group])
    async with at_desk(node, "steward") as desk:
        page = await desk.get(f"/desk/decisions/{row.id}")
        assert ">Monday</li>" in page and "When do we strike?" in page
    steward = await node.read(members.named, "steward")
    await node.write(decisions.cast, row.id, member=steward, choice=Choice.FOR)
    answer = await app.get(f"/api/v1/polls/{number}")
    assert (answer["voted"], answer["own_votes"]) == (True, [0])
    assert (await reader.get(f"/api/v1/polls/{number}"))["voted"] is False
    await eventually(lambda: arrived(hostile_peer, first["id"], 1))

    # Whoever asks can change what can be chosen while the group decides; nothing is sent that is not offered.
    number = await there.number(second["id"])
    await app.post(f"/api/v1/polls/{number}/votes", **{"choices[]": "0"})
    (row,) = await node.read(decision_store.under_way, [node.group])
    other = second | {"oneOf": options(0, 0, 0)[1:], "updated": node.clock().strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Update", there.ada, other)) == 202
    await eventually(lambda: edited(app, number))
    await node.write(decisions.cast, row.id, member=steward, choice=Choice.FOR)
    async with at_desk(node, "steward") as desk:
        assert "The chosen vote option does not exist" in await desk.get(f"/desk/decisions/{row.id}")
    assert (await app.get(f"/api/v1/polls/{number}"))["voted"] is False and ballots(hostile_peer, second["id"]) == []


async def test_the_desk_and_programs_vote_in_the_same_words(node: ServedNode, hostile_peer: Peer) -> None:
    there = await world(node, hostile_peer)
    one, many, over = await asks(there), await asks(there, anyOf=options(0, 0, 0)), await asks(there)
    async with at_desk(node, "steward") as desk:
        page = await desk.get(f"/desk/pass-on?on={one['id']}")
        assert "dlrow" in page and TURNED not in page
        assert len(re.findall(r'type="radio" name="choice" value="\d"', page)) == 3
        status, where, _ = await desk.send("/desk/pass-on/vote", on=one["id"], choice="0")
        assert status == 303 and "done=vote" in where
        page = await desk.get(where)
        assert "The group has voted in this poll for:" in page and 'name="choice"' not in page
        for form, status, words in (
            ({"on": one["id"], "choice": "1"}, 409, "You have already voted on this poll"),
            ({"on": many["id"]}, 422, "The chosen vote option does not exist"),
            ({"on": many["id"], "choice_9": "1"}, 422, "The chosen vote option does not exist"),
            ({"on": await there.note(), "choice": "0"}, 404, "is no poll"),
        ):
            answered, _, page = await desk.send("/desk/pass-on/vote", **form)
            assert answered == status and words in page, (form, answered)
        assert (await desk.send("/desk/pass-on/vote", on=many["id"], choice_0="1", choice_2="1"))[0] == 303
    await eventually(lambda: arrived(hostile_peer, many["id"], 2))
    assert await node.read(polls.cast, node.group, [one["id"], many["id"]]) == {one["id"]: [0], many["id"]: [0, 2]}

    assert await node.read(polls.numbers, over["id"], ["Tuesday", "3", "monday"]) == [1, 2, -1]
    steward = await node.steward()
    with pytest.raises(Invalid, match="one answer"):
        await node.write(polls.vote, over["id"], [0, 1], actor=node.group, member=steward)
    node.clock.advance(timedelta(days=365 * 80))
    with pytest.raises(Conflict, match="already ended"):
        await node.write(polls.vote, over["id"], [0], actor=node.group, member=steward)
