"""Many who listen are told together what each would be told alone, and the queries for it do not grow with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row

from node.apps import actions
from node.apps import store as apps_store
from node.context import Transaction
from node.marks import accounts, filters, followings, lists, store
from node.marks.rules import Kind
from node.members import store as members
from node.members import viewers
from node.members.store import Member, digest, mandates
from node.members.viewers import Viewer
from node.streams.store import events
from node.web.mastodon.streaming.hub import Message, Stream
from node.web.mastodon.streaming.told import told
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually
from tests.web.admin.desk_browsers import enter

pytestmark = pytest.mark.one_database

STREAMS = frozenset(
    [
        Stream("user"),
        Stream("public"),
        Stream("public:remote"),
        Stream("hashtag", "strike"),
        Stream("user:notification"),
    ]
)
ALONE, MANY = 3, 60
Wants = Sequence[tuple[Viewer, frozenset[Stream]]]
Heard = list[tuple[Stream, str, str]]


def viewer(tx: Transaction, member: Member, actor: str | None) -> Viewer:
    return Viewer(viewers.enter(tx, member.id, actor), member, actor, frozenset({"read"}))


def heard(messages: Sequence[Message], who: Viewer) -> Heard:
    """What one viewer is told, in its order; that of her streams among each other does not matter."""
    mine = [(one.stream, one.event, one.payload) for one in messages if who.id in one.viewers]
    return sorted(mine, key=lambda one: (one[0].name, one[0].argument))


class World:
    """A node that has heard a text with a hashtag, an answer to it, a boost of it, and a like of its own statement."""

    def __init__(self, node: ServedNode, peer: Peer) -> None:
        self.node, self.peer = node, peer
        self.ana, self.bo = peer.actor("ana"), peer.actor("bo")

    async def fill(self) -> None:
        for name in ("ana", "bo"):
            await self.node.follow(f"@{name}@{self.peer.host}")
        tag = {"type": "Hashtag", "name": "#Strike", "href": f"{self.peer.origin}/tags/strike"}
        self.text = await self._say(self.ana, content="<p>On #Strike</p>", tag=[tag])
        self.answer = await self._say(self.bo, content="<p>Yes</p>", inReplyTo=self.text)
        boost = self.peer.activity("Announce", self.bo, self.text)
        assert await self.peer.send(f"{self.node.origin}/inbox", boost) == 202
        await eventually(lambda: self._has("boosted"))
        said = await self.node.publish("We too.")
        like = self.peer.activity("Like", self.ana, said)
        assert await self.peer.send(f"{self.node.origin}/inbox", like) == 202
        await eventually(lambda: self._has("notified"))

    async def _say(self, who: str, **fields: Any) -> str:
        note = self.peer.note(who, **fields)
        assert await self.peer.send(f"{self.node.origin}/inbox", self.peer.activity("Create", who, note)) == 202
        await eventually(lambda: self.node.holds(note["id"]))
        return str(note["id"])

    async def _has(self, what: str) -> bool:
        return any(row.what == what for row in await self.events())

    async def events(self) -> list[Row[Any]]:
        return await self.node.read(lambda tx: list(tx.execute(events.select().order_by(events.c.id))))

    async def members(self, number: int, *, readers: bool = False) -> list[Viewer]:
        """New members, or readers who follow Ana."""
        role, name = ("reader", "reads") if readers else ("editor", "edits")

        def add(tx: Transaction) -> list[Viewer]:
            names = {f"{name}{number}x{one}": role for one in range(number)}
            made = enter(tx, self.node.group, names).values()
            found = [viewer(tx, one, None if readers else self.node.group) for one in made]
            if readers:
                for one in found:
                    followings.put(tx, one.id, self.ana, wanted=True)
            return found

        return await self.node.write(add)


async def world(node: ServedNode, peer: Peer) -> World:
    made = World(node, peer)
    await made.fill()
    return made


def marks_of(here: World) -> list[Callable[[Transaction, int], object]]:
    """Everything that a viewer can note that changes what she is told, and some that does not."""

    def leaves(tx: Transaction, viewer: int, who: str, *, exclusive: bool) -> None:
        lists.enter(tx, lists.add(tx, viewer, "Hers", replies_policy="list", exclusive=exclusive), who)

    def follows_the_tag_alone(tx: Transaction, viewer: int) -> None:
        followings.put(tx, viewer, here.ana, wanted=False)
        followings.follow_tag(tx, viewer, "strike")

    def filters_out(tx: Transaction, viewer: int) -> None:
        number = filters.add(tx, viewer, title="No strikes", contexts=["home"], action="warn", ends=None)
        filters.add_keyword(tx, number, "strike", whole_word=False)

    def mutes(who: str, *, over: bool = False) -> Callable[[Transaction, int], object]:
        return lambda tx, one: accounts.mute(
            tx, one, who, notifications=True, ends=tx.now - timedelta(days=1) if over else None
        )

    return [
        mutes(here.ana),
        mutes(here.bo),
        mutes(here.ana, over=True),
        lambda tx, one: accounts.hide(tx, one, here.bo),
        lambda tx, one: accounts.hide_host(tx, one, here.peer.host),
        lambda tx, one: accounts.hide_host(tx, one, "elsewhere.example"),
        lambda tx, one: store.put(tx, one, Kind.FAVOURITE, here.text),
        lambda tx, one: store.put(tx, one, Kind.BOOKMARK, here.answer),
        lambda tx, one: store.put(tx, one, Kind.QUIET, here.text),
        lambda tx, one: followings.put(tx, one, here.bo, wanted=True, boosts=False),
        lambda tx, one: followings.put(tx, one, here.bo, wanted=True),
        lambda tx, one: followings.put(tx, one, here.node.group, wanted=False),
        lambda tx, one: followings.put(tx, one, here.ana, wanted=False),
        follows_the_tag_alone,
        lambda tx, one: leaves(tx, one, here.ana, exclusive=True),
        lambda tx, one: leaves(tx, one, here.bo, exclusive=False),
        filters_out,
    ]


async def test_each_is_told_what_she_would_be_told_alone(node: ServedNode, hostile_peer: Peer) -> None:
    here = await world(node, hostile_peer)
    marks = marks_of(here)
    members = await here.members(len(marks) + 2)
    readers = await here.members(len(marks) + 2, readers=True)

    def note(tx: Transaction) -> None:
        for some in (members, readers):
            for mark, one in zip(marks, some, strict=False):  # two of each have noted nothing
                mark(tx, one.id)

    await node.write(note)
    everybody = [*members, *readers]
    rows = await here.events()

    def compared(tx: Transaction) -> list[tuple[Heard, Heard]]:
        together = told(tx, rows, [(one, STREAMS) for one in everybody])
        return [(heard(together, one), heard(told(tx, rows, [(one, STREAMS)]), one)) for one in everybody]

    found = await node.read(compared)
    for one, (together, alone) in zip(everybody, found, strict=True):
        assert together == alone, one
    of_plain, of_muting = found[len(marks)][0], found[0][0]
    assert {one[1] for one in of_plain} == {"update", "notification"} and of_muting != of_plain
    assert len({str(together) for together, _ in found}) > len(marks) / 2, "the marks make a difference"


async def test_many_who_listen_cost_no_more_queries_than_few(node: ServedNode, hostile_peer: Peer) -> None:
    here = await world(node, hostile_peer)
    members, readers = await here.members(MANY), await here.members(MANY, readers=True)
    rows = [row for row in await here.events() if row.what != "notified"]  # those are each member's own

    def asked(tx: Transaction, some: Wants) -> tuple[list[Message], int]:
        statements: list[str] = []
        connection: Any = tx.connection.connection.driver_connection
        connection.set_trace_callback(statements.append)
        try:
            return told(tx, rows, some), len(statements)
        finally:
            connection.set_trace_callback(None)

    def wants(number: int) -> Wants:
        return [(one, STREAMS) for one in (*members[:number], *readers[:number])]

    await node.read(asked, wants(ALONE))  # whatever is remembered from now on
    few, of_few = await node.read(asked, wants(ALONE))
    many, of_many = await node.read(asked, wants(MANY))
    assert of_many == of_few > 0
    assert len(many) == len(few), "one message for all who are told it"
    for one in (*members, *readers):
        assert heard(many, one), "everybody is told something"


async def test_the_tokens_of_all_who_listen_are_asked_for_at_once(node: ServedNode, hostile_peer: Peer) -> None:
    here = await world(node, hostile_peer)
    some = [*await here.members(ALONE), *await here.members(ALONE, readers=True)]

    def let_in(tx: Transaction) -> list[str]:
        app = actions.register(tx, "An app", ["urn:ietf:wg:oauth:2.0:oob"], "read", None)
        rows = [apps_store.viewer(tx, one.id) for one in some]
        return [digest(actions.give(tx, app.row.id, row, ("read",)).secret) for row in rows if row is not None]

    tokens = await node.write(let_in)
    found = await node.read(actions.still_let_in, [*tokens, "of nobody"])
    assert found.digests == set(tokens) and found.until is None
    soon = await node.read(lambda tx: tx.now + timedelta(days=1))

    def end(tx: Transaction) -> None:
        members.end_tokens(tx, some[0].member.id)
        hers = mandates.update().where(mandates.c.member == some[1].member.id)
        tx.execute(hers.values(ends=tx.now - timedelta(seconds=1)))
        theirs = mandates.update().where(mandates.c.member == some[-1].member.id)
        tx.execute(theirs.values(ends=soon))

    await node.write(end)
    found = await node.read(actions.still_let_in, tokens)
    assert found.digests == set(tokens[2:]) and found.until == soon
    for token in tokens:
        alone = await node.read(actions.viewer, token)
        assert (alone is not None) == (token in found.digests)
