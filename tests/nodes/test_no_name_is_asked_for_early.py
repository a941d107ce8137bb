"""Whom a text names is asked for when the group has decided, and not before: over every door a text can be written at."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from node import actors, objects
from node.identifiers import spell
from node.members.store import Member
from node.statements import actions as statements
from node.statements import store as publications
from node.statements.rules import Draft, State
from tests.conftest import follow_each
from tests.decisions.test_nothing_leaves import decide, strict
from tests.nodes.peer import Answer, Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode, eventually
from tests.web.admin.desk_browsers import AtDesk, at_desk
from tests.web.admin.test_reporting_at_the_desk import WHOLE
from tests.web.mastodon import logins
from tests.web.mastodon.logins import App
from tests.web.test_deciding import token

REPORT = {
    "title": "Rent strike", "kind": "rent-strike", "field": "housing", "began": "2026-09", "who": ["tenants"],
    "location": {"country": "NO", "locality": "Oslo"}, "basis": "own-witness",
}  # fmt: skip


def asked(peer: Peer) -> list[str]:
    """What a server that notes everything was asked for and sent."""
    return sorted(peer.asked.elements())


def told(peer: Peer, actor: str) -> list[dict[str, Any]]:
    """What has come that names an actor: the documents."""
    found = [one["object"] for one in peer.received if one["type"] in ("Create", "Update")]
    return [one for one in found if actor in one.get("cc", ())]


async def until_told(node: ServedNode, peer: Peer, actor: str) -> dict[str, Any]:
    async def there() -> list[dict[str, Any]]:
        return told(peer, actor)

    await node.quiet()
    document = (await eventually(there))[0]
    (tag,) = [one for one in document["tag"] if one["type"] == "Mention"]
    assert tag["href"] == actor and f'href="{actor}"' in document["content"]
    return document


async def at_every_door(
    node: ServedNode, people: list[Member], peer: Peer, doors: dict[str, Callable[[str], Awaitable[Any]]]
) -> None:
    """Write at each door a text that names somebody: her server hears of it with the decision."""
    for number, (door, write) in enumerate(doors.items()):
        actor = peer.actor(f"rosa{number}")
        peer.asked.clear()
        peer.received.clear()
        await write(f"We met @rosa{number}@{peer.host} at the gate.")
        await node.quiet()
        assert asked(peer) == [], f"{door}: the other server knows of it before it is decided"
        await decide(node, people)
        await until_told(node, peer, actor)
        assert f"/users/rosa{number}" in asked(peer), door


@dataclass
class Doors:
    """The doors at which a text of a group can be written: each takes the text, and proposes it."""

    node: ServedNode
    desk: AtDesk
    headers: dict[str, str]
    app: App
    file: Path

    async def form(self, path: str, **fields: str) -> str:
        """A form of the desk; where it leads."""
        status, where, page = await self.desk.send(path, group="tenants", **fields)
        assert status in (200, 303), page
        return where

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A request of a program."""
        url = f"{self.node.origin}/api/{path}"
        async with self.node.http.post(url, json=body, headers=self.headers) as response:
            found: dict[str, Any] = await response.json()
            assert response.status == 201, found
            return found

    async def shell(self, *words: str | Path, text: str) -> None:
        """A command that reads the text in a file."""
        await asyncio.to_thread(self.file.write_text, text)
        said = await commonwire(*words, "--json")
        assert said.status == 0, said.err

    async def draft_at_the_desk(self, text: str) -> None:
        where = await self.form("/desk/drafts/new", title="Ours", text=text, language="en")
        path = where.partition("?")[0]
        shown = await self.desk.get(f"{path}/preview?group=tenants")
        assert "once the group has decided" in shown and f"<bdi>{text.split()[2]}</bdi>" in shown
        await self.form(f"{path}/propose", version="1")

    async def draft_of_a_program(self, text: str) -> None:
        number = (await self.post("drafts", {"text": text, "language": "en"}))["number"]
        url = f"{self.node.origin}/api/drafts/{number}/previews"
        async with self.node.http.get(url, headers=self.headers) as response:
            assert (await response.json())["looked_up_later"] == [text.split()[2]]
        await self.post(f"drafts/{number}/propose", {"version": 1})

    async def in_two_languages(self, text: str) -> None:
        french = [{"language": "fr", "text": text}]
        first = {"text": "Nothing here.", "language": "en", "translations": french}
        number = (await self.post("drafts", first))["number"]
        await self.post(f"drafts/{number}/propose", {"version": 1})

    async def draft_on_the_command_line(self, text: str) -> None:
        await self.shell("draft", "new", self.node.directory, self.file, text=text)
        made = await commonwire("draft", "list", self.node.directory, "--json")
        number = str(json.loads(made.out)[0]["number"])
        previewed = await commonwire("draft", "preview", self.node.directory, number)
        assert "is looked up once it is decided" in previewed.err
        await self.shell("draft", "propose", self.node.directory, number, text=text)

    def all(self, *, ours: str, number: str, theirs: str) -> dict[str, Callable[[str], Awaitable[Any]]]:
        """Each by its name. `ours` is a text of the group with its `number` at the desk, `theirs` one of another."""
        form, post, shell, at = self.form, self.post, self.shell, self.node.directory
        begun, taken = "/desk/drafts/new", "/desk/positions/take"
        position = {"position_on": theirs, "stance": "oppose"}
        return {
            "the desk": lambda text: form("/desk/publish", text=text, language="en"),
            "a draft at the desk": self.draft_at_the_desk,
            "a draft that is proposed at once": lambda text: form(begun, text=text, language="en", act="propose"),
            "an app": lambda text: self.app.send("POST", "/api/v1/statuses", {"status": text}),
            "a program": lambda text: post("statements", {"text": text}),
            "a draft of a program": self.draft_of_a_program,
            "in two languages": self.in_two_languages,
            "the command line": lambda text: shell("publish", at, self.file, text=text),
            "a draft on the command line": self.draft_on_the_command_line,
            "a report": lambda text: post("reports", REPORT | {"text": text}),
            "a report at the desk": lambda text: form("/desk/reports/new", **WHOLE | {"act": "propose", "text": text}),
            "a correction": lambda text: form(f"/desk/published/{number}/correct", text=text, language="en"),
            "a correction on the command line": lambda text: shell("correct", at, ours, self.file, text=text),
            "a position": lambda text: form(taken, **position, text=text, act="propose"),
            "a position of a program": lambda text: post(
                "positions", {"on": theirs, "stance": "support", "text": text}
            ),
        }


@pytest.mark.one_database
async def test_nobody_learns_that_a_text_names_her_before_it_is_decided(
    two_nodes: tuple[ServedNode, ServedNode], hostile_peer: Peer, tmp_path: Path
) -> None:
    other, node = two_nodes
    await follow_each(other, node)
    theirs = await other.publish("We strike on Monday.", title="Monday")
    await eventually(lambda: node.holds(theirs))
    people = await strict(node)
    ours, _ = await node.write(statements.publish, Draft(text="Ours."), actor=node.group, member=people[0])
    await decide(node, people)
    number = spell((await node.read(objects.find, ours)).sort_id)
    headers = await token(node, "steward", "publish", "read", "write")
    async with at_desk(node, "steward") as desk:
        app = await logins.let_in(node, "steward", account=node.group)
        doors = Doors(node, desk, headers, app, tmp_path / "text.md").all(ours=ours, number=number, theirs=theirs)
        await at_every_door(node, people, hostile_peer, doors)


async def test_a_name_that_leads_nowhere_keeps_nothing_back_and_one_that_is_known_is_not_asked_for(
    node: ServedNode, hostile_peer: Peer
) -> None:
    peer, member = hostile_peer, await node.steward()
    rosa, mute, nobody = (peer.actor(name) for name in ("rosa", "mute", "nobody"))
    peer.served[f"/.well-known/webfinger?resource=acct:nobody@{peer.host}"] = Answer(b"", status=404)
    peer.served["/users/mute"] = Answer(b"[", status=200)
    text = f"@rosa@{peer.host}, @mute@{peer.host}, @nobody@{peer.host} and @ghost@127.0.0.1:9 were there, says {node.handle}."
    iri, state = await node.write(statements.publish, Draft(text=text), actor=node.group, member=member)
    assert state is State.WAITING, "it was decided at once, and leaves when those it names were asked for"
    await eventually(lambda: node.holds(iri))
    document = (await node.activity(iri))[1]
    assert [one["href"] for one in document["tag"] if one["type"] == "Mention"] == [rosa, node.group]
    assert not {mute, nobody} & set(document["cc"]) and f"@nobody@{peer.host}" in document["content"]
    await node.quiet()
    assert [one["object"]["id"] for one in peer.sent_to("Create")] == [iri]

    # Her words are held now, and both sides have said what she is called: she is known, and nobody is asked again.
    assert await peer.send(f"{node.origin}/inbox", peer.activity("Create", rosa, peer.note(rosa, inReplyTo=iri))) == 202
    await node.quiet()
    handle = "/.well-known/webfinger"
    before = await eventually(lambda: _agreed(node, rosa)) and peer.asked[handle]
    again, state = await node.write(
        statements.publish, Draft(text=f"@rosa@{peer.host} again."), actor=node.group, member=member
    )
    assert state is State.RELEASED and peer.asked[handle] == before
    assert rosa in (await node.activity(again))[1]["cc"]


async def _agreed(node: ServedNode, actor: str) -> bool:
    row = await node.read(actors.find, actor)
    return row is not None and row.agreed_handle is not None


@pytest.mark.one_database
async def test_what_is_called_back_in_the_delay_was_never_asked_for(serve: Any, hostile_peer: Peer) -> None:
    node: ServedNode = await serve(0, settings={"publication_delay": 7200})
    member, actor = await node.steward(), hostile_peer.actor("rosa")
    text = f"We met @rosa@{hostile_peer.host}."
    iri, state = await node.write(statements.publish, Draft(text=text), actor=node.group, member=member)
    assert state is State.WAITING
    await node.quiet()
    await node.write(statements.call_back, iri, member=member)
    later, _ = await node.write(statements.publish, Draft(text=f"{text} Twice."), actor=node.group, member=member)
    node.clock.advance(timedelta(hours=1))
    await node.quiet()
    assert asked(hostile_peer) == []
    node.clock.advance(timedelta(hours=2))
    await eventually(lambda: node.holds(later))
    await until_told(node, hostile_peer, actor)
    row = await node.read(publications.publication, iri)
    assert row.state == State.CALLED_BACK.value and not await node.holds(iri)
