"""What other software sends (tests/schemas/foreign), brought to a real inbox as from its own server: what it comes to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from federation import keys
from node import activities, objects
from node.complaints import store as complaints
from node.context import Transaction
from node.identifiers import spell
from node.peering import actions as peering_actions
from node.peering import blocks
from node.peering import store as peering
from node.statements import store as statements
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode

pytestmark = pytest.mark.one_database  # what is read in documents of others; test_inbox_bodies stores the strange

FOREIGN = Path(__file__).parents[1] / "schemas" / "foreign"
ADDRESS = re.compile(r"https://[a-z.]+\.example")
TRAM = "https://tram.example"


@dataclass
class Stage:
    """One node of ours, and a server that is played with the documents of some other software."""

    node: ServedNode
    peer: Peer
    ours: str
    fates: dict[str, str | None] = field(default_factory=dict)

    def read(self, name: str) -> dict[str, Any]:
        """A captured document; its server is the peer, and the statement and the group that it names are ours."""
        text = (FOREIGN / f"{name}.json").read_text(encoding="utf-8")
        text = text.replace(f"{TRAM}/statements/5r2k", self.ours).replace(f"{TRAM}/groups/depot-north", self.node.group)
        host = self._host(name)
        document: dict[str, Any] = json.loads(text.replace(host, self.peer.origin))
        return document

    def _host(self, name: str) -> str:
        document = json.loads((FOREIGN / f"{name}.json").read_text(encoding="utf-8"))
        found = ADDRESS.match(document.get("id") or document["actor"])
        assert found is not None, name
        return found[0]

    def actor(self, name: str) -> str:
        """Serve a captured actor, with keys that the peer has; its IRI."""
        document = self.read(name)
        document["publicKey"]["publicKeyPem"] = keys.public_pem(self.peer.rsa.public_key())
        self._serve(document["id"], document)
        return str(document["id"])

    def serve(self, name: str) -> str:
        """Serve a captured object at its id."""
        document = self.read(name)
        self._serve(document["id"], document)
        return str(document["id"])

    def _serve(self, iri: str, document: dict[str, Any]) -> None:
        self.peer.served[iri.removeprefix(self.peer.origin)] = Answer(document)

    async def bring(self, name: str) -> str | None:
        """POST a captured activity, signed by its actor; what became of it."""
        activity = self.read(name)
        key = self.peer.served[activity["actor"].removeprefix(self.peer.origin)]
        assert isinstance(key, Answer) and isinstance(key.body, dict)
        status = await self.peer.send(f"{self.node.origin}/inbox", activity, key_id=key.body["publicKey"]["id"])
        assert status == 202, (name, self.peer.last)
        if "id" in activity:
            return await self.node.fate(activity)
        await self.node.quiet()
        return await self.node.read(_last_fate, activity["actor"], activity["type"])

    async def follow(self, iri: str) -> None:
        """Let the group follow an actor."""
        actor = await self.node.node.directory.actor(iri)
        await self.node.write(
            peering_actions.follow, actor.iri, actor=self.node.group, member=await self.node.steward()
        )

    async def page(self, path: str) -> str:
        """The page that shows an object of the peer's, as text with its pictures."""
        row = await self.node.read(objects.find, self.peer.origin + path)
        assert row is not None, f"{path} is not held"
        status, page = await self.node.page(f"/heard/{spell(row.sort_id)}")
        assert status == 200 and "<script" not in page
        return page


def _last_fate(tx: Transaction, actor: str, kind: str) -> str:
    log = activities.activities
    query = log.select().where(log.c.actor == actor, log.c.type == kind).order_by(log.c.id.desc()).limit(1)
    return str(tx.execute(query).one().state)


def words(page: str) -> str:
    """A page as its reader reads it."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


@pytest.fixture
async def stage(node: ServedNode, hostile_peer: Peer) -> Stage:
    """The node has said something, and the curtain is down."""
    return Stage(node, hostile_peer, await node.publish("Three night turns in a row."))


# software, who is there, whom the group follows, what is served, what is brought and comes to what, what a page shows
Play = tuple[Sequence[str], Sequence[str], Sequence[str], Sequence[tuple[str, str]], str, Sequence[str]]
PLAYS: dict[str, Play] = {
    "Mastodon: a poll and its count": (
        ["mastodon_actor"], ["/users/ana"], [],
        [("mastodon_create_question", "done"), ("mastodon_update_question", "done")],
        "/users/ana/statuses/120", ["Which night for the assembly?", "Tuesday 5 20 %", "Thursday 20 80 %", "25 people"],
    ),
    "Mastodon: an answer": (
        ["mastodon_actor"], [], [], [("mastodon_create_note", "done")],
        "/users/ana/statuses/114", ["Solidarity!", "In answer to", "not shown"],
    ),
    "Mastodon: something pinned": (
        ["mastodon_actor"], ["/users/ana"], ["mastodon_note_pinned"], [("mastodon_add_pinned", "done")],
        "/users/ana/statuses/122", ["Who we are", "pinned by its author"],
    ),
    "Mastodon: a quotation": (
        ["mastodon_actor"], ["/users/ana"], ["mastodon_note_quoting"],
        [("mastodon_create_quote", "done"), ("mastodon_quote_request", "done")],
        "/users/ana/statuses/123", ["Read this", "Three night turns in a row."],
    ),
    "GoToSocial: a note with audiences that are texts": (
        ["gotosocial_actor"], ["/users/kit"], [], [("gotosocial_create_note", "done")],
        "/users/kit/statuses/01JB", ["At the gate since five"],
    ),
    "Misskey: a poll with a quotation of the older form and an emoji": (
        ["misskey_actor"], ["/users/7xyz"], [], [("misskey_create_question", "done")],
        "/notes/ab1", ["Who comes?", "Poll, several answers possible", "With banner 4 100 %", "It refers to"],
    ),
    "Akkoma: a note in two languages": (
        ["akkoma_actor"], ["/users/ko"], [], [("akkoma_create_note", "done")],
        "/objects/9f0e", ["Wir bleiben", "It refers to", "Deutsch"],
    ),
    "Pleroma: a note with a picture that quotes us and is corrected": (
        ["pleroma_actor"], ["/users/lou"], [],
        [("pleroma_create_note", "done"), ("pleroma_update_note", "done"), ("pleroma_listen", "ignored")],
        "/objects/7c1f", ["Lou", "With you, all of line 4", "changed 3 Nov 2026, 12:10", "It refers to"],
    ),
    "Pleroma: a poll that says who has voted": (
        ["pleroma_actor"], ["/users/lou"], [], [("pleroma_create_question", "done")],
        "/objects/8a01",
        ["What first, and what then ?", "Poll, several answers possible", "Shorter turns 3 75 %", "A second driver 1 25 %"],
    ),
    "Lemmy: a page that the community passes on": (
        ["lemmy_actor_group", "lemmy_actor_person"], ["/c/unions"], ["lemmy_page"],
        [("lemmy_announce_create_page", "done"), ("lemmy_announce_page", "done"), ("lemmy_announce_dislike", "ignored")],
        "/post/55", ["Night trams work to rule", "From the depot", "1 boost"],
    ),
    "PeerTube: a film": (
        ["peertube_actor_person", "peertube_actor_channel"], ["/accounts/kim"], ["peertube_video"],
        [("peertube_create_video", "done"), ("peertube_announce_video", "done")],
        "/videos/watch/7fd", ["How the depot organised", "A film by the branch."],
    ),
    "PeerTube: a film by its channel": (
        ["peertube_actor_person", "peertube_actor_channel"], ["/video-channels/depot"], ["peertube_video"],
        [("peertube_announce_video", "done")],
        "/videos/watch/7fd", ["How the depot organised", "A film by the branch."],
    ),
    "Mobilizon: an event of a group": (
        ["mobilizon_actor_group", "mobilizon_actor_person"], ["/@tenants"], ["mobilizon_event"],
        [("mobilizon_announce_event", "done")],
        "/events/7d1c",
        ["Assembly of the block", "Begins 4 Dec 2026, 19:00 Europe/Berlin", "Ends 4 Dec 2026, 21:30",
         "Where House of the block Long Street 4 10115 Berlin Germany", "Places 80"],
    ),
    "WordPress: an article": (
        ["wordpress_actor"], ["/?author=1"], [], [("wordpress_create_article", "done")],
        "/?p=42", ["How we won the canteen", "The first of three parts."],
    ),
    "WordPress: an event": (
        ["wordpress_actor"], ["/?author=1"], [], [("wordpress_create_event", "done")],
        "/?post_type=event&p=51",
        ["Open kitchen", "Not certain yet", "Begins 5 Dec 2026, 18:00 Europe/Vienna", "Works Lane 1", "Sign up"],
    ),
    "NodeBB: a topic": (
        ["nodebb_actor"], ["/uid/1"], [], [("nodebb_create_note", "done")],
        "/post/77", ["Minutes of the assembly", "Present: forty.", "#minutes"],
    ),
    "Friendica: an event": (
        ["friendica_actor"], ["/profile/fay"], [], [("friendica_create_event", "done")],
        "/objects/fe-1", ["Walk for the river", "Begins 6 Dec 2026, 09:00 UTC", "Where Weir bridge 48.2, 16.37"],
    ),
    "Hubzilla: a note with a title": (
        ["hubzilla_actor"], ["/channel/hal"], [], [("hubzilla_create_note", "done")],
        "/item/b69c", ["First Monday", "We walked out at noon. All of us."],
    ),
    "Gancio: an event at two places": (
        ["gancio_actor"], ["/federation/u/relay"], [], [("gancio_create_event", "done")],
        "/federation/m/135",
        ["Film night", "Begins 7 Dec 2026, 20:00 UTC+01:00", "On the net https://meet.example/film", "Cellar Mill Lane 3"],
    ),
    "Bonfire: a note": (
        ["bonfire_actor"], ["/pub/actors/bo"], [], [("bonfire_create_note", "done")],
        "/pub/objects/01JC", ["From the garden: we stay ."],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAYS)
async def test_what_others_send_is_shown_for_what_it_means(stage: Stage, name: str) -> None:
    actors, followed, served, brought, path, shown = PLAYS[name]
    for actor in actors:
        stage.actor(actor)
    for thing in served:
        stage.serve(thing)
    for iri in followed:
        await stage.follow(stage.peer.origin + iri)
    for activity, fate in brought:
        assert await stage.bring(activity) == fate, activity
        assert await stage.bring(activity) == fate, "a second time"
    page = await stage.page(path)
    missing = [one for one in shown if one not in words(page)]
    assert not missing, (missing, words(page))
    assert all(source.startswith(stage.node.origin) for source in re.findall(r'<img[^>]* src="([^"]*)"', page))


async def test_of_a_film_the_thumbnail_and_the_page_are_shown(stage: Stage) -> None:
    for name in ("peertube_actor_person", "peertube_actor_channel"):
        stage.actor(name)
    await stage.follow(f"{stage.peer.origin}/accounts/kim")
    await stage.bring("peertube_create_video")
    page = await stage.page("/videos/watch/7fd")
    assert page.count('<figure class="picture"><img') == 1
    assert f'href="{stage.peer.origin}/videos/watch/7fd"' in page


async def test_of_pleroma_the_picture_has_its_words_and_the_poll_names_none_of_its_voters(stage: Stage) -> None:
    await stage.follow(stage.actor("pleroma_actor"))
    for name in ("pleroma_create_note", "pleroma_update_note", "pleroma_create_question"):
        assert await stage.bring(name) == "done"
    picture = await stage.page("/objects/7c1f")
    assert 'alt="The board in the depot"' in picture
    poll = await stage.page("/objects/8a01")
    assert not [voter for voter in stage.read("pleroma_create_question")["object"]["voters"] if voter in poll]


REACTIONS: dict[str, tuple[str, str, Callable[[dict[str, int]], bool]]] = {
    "a boost by Mastodon": ("mastodon_actor", "mastodon_announce", lambda counts: counts["Announce"] == 1),
    "a like by Misskey": ("misskey_actor", "misskey_like", lambda counts: counts["Like"] == 1),
    "an emoji by Pleroma": ("pleroma_actor", "pleroma_emoji_react", lambda counts: counts["Like"] == 1),
    "an emoji by Akkoma": ("akkoma_actor", "akkoma_emoji_react", lambda counts: counts["Like"] == 1),
}


@pytest.mark.parametrize("name", REACTIONS)
async def test_what_others_do_with_our_words_is_counted(stage: Stage, name: str) -> None:
    actor, activity, counted = REACTIONS[name]
    stage.actor(actor)
    assert await stage.bring(activity) == "done"
    assert counted(await stage.node.read(statements.reaction_counts, stage.ours))


async def test_a_mastodon_account_that_moves_is_followed_there(stage: Stage) -> None:
    ana = stage.actor("mastodon_actor")
    await stage.follow(ana)
    new = stage.peer.actor("ana2", alsoKnownAs=[ana])
    path = ana.removeprefix(stage.peer.origin)
    served = stage.peer.served[path]
    assert isinstance(served, Answer) and isinstance(served.body, dict)
    served.body["movedTo"] = new
    assert await stage.bring("mastodon_move") == "done"
    held = await stage.node.read(peering.find, follower=stage.node.group, followed=new)
    assert held is not None and held.state == "pending"


async def test_what_mastodon_pins_and_takes_down_without_an_id_is_pinned_again(stage: Stage) -> None:
    await stage.follow(stage.actor("mastodon_actor"))
    stage.serve("mastodon_note_pinned")
    for kind, pinned in (("Add", True), ("Remove", False), ("Add", True)):
        activity = stage.read("mastodon_add_pinned") | {"type": kind}
        key = f"{activity['actor']}#main-key"
        for _ in range(2):
            assert await stage.peer.send(f"{stage.node.origin}/inbox", activity, key_id=key) == 202
        await stage.node.quiet()
        assert ("pinned by its author" in await stage.page("/users/ana/statuses/122")) is pinned
        stage.node.clock.advance(timedelta(minutes=11))
    nameless = stage.read("mastodon_add_pinned") | {"type": "Like"}
    assert await stage.peer.send(f"{stage.node.origin}/inbox", nameless, key_id=key) == 400


async def test_a_mastodon_account_that_blocks_is_left_alone(stage: Stage) -> None:
    ana = stage.actor("mastodon_actor")
    await stage.follow(ana)
    assert await stage.bring("mastodon_block") == "done"
    assert await stage.node.read(blocks.inboxes, stage.node.group) == {f"{ana}/inbox"}


async def test_a_mastodon_server_that_complains_is_heard(stage: Stage) -> None:
    stage.actor("mastodon_actor")
    flag = stage.read("mastodon_flag")
    stage.peer.actor("instance")
    flag["actor"] = f"{stage.peer.origin}/users/instance"
    assert await stage.peer.send(f"{stage.node.origin}/inbox", flag) == 202
    assert await stage.node.fate(flag) == "done"
    (row,) = await stage.node.read(complaints.of_group, stage.node.group)
    assert row.about and row.words == flag["content"]


async def test_a_gotosocial_account_whose_key_stands_beside_it_can_follow(stage: Stage) -> None:
    """At the address of the key GoToSocial shows a stub: there is nowhere to send the Accept to."""
    kit = stage.actor("gotosocial_actor")
    whole = stage.peer.served["/users/kit"]
    assert isinstance(whole, Answer) and isinstance(whole.body, dict)
    stub = stage.read("gotosocial_actor_stub") | {"id": kit, "publicKey": whole.body["publicKey"]}
    stage.peer.served["/users/kit/main-key"] = Answer(stub)
    follow = stage.peer.activity("Follow", kit, stage.node.group)
    assert await stage.peer.send(f"{stage.node.group}/inbox", follow, key_id=f"{kit}/main-key") == 202
    assert await stage.node.fate(follow) == "done"
    assert [accept["object"]["id"] for accept in stage.peer.sent_to("Accept")] == [follow["id"]]
