"""A node that reads others: a group that follows Ada of a server that somebody else wrote, and what she says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from node.context import Transaction
from node.objects import objects
from node.peering import store as peering
from node.peering.rules import Follow
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually


@dataclass
class World:
    """The node, the other server, and Ada, whom the group follows."""

    node: ServedNode
    peer: Peer
    ada: str

    async def follows(self, actor: str) -> None:
        """Let the group follow somebody of the other server."""
        await self.node.node.directory.actor(actor)
        await self.node.write(_follow, self.node.group, actor)

    async def says(self, note: dict[str, Any], *, by: str | None = None) -> str:
        """Let somebody say something; its IRI, when it is here."""
        activity = self.peer.activity("Create", by or self.ada, note)
        assert await self.peer.send(f"{self.node.origin}/inbox", activity) == 202, self.peer.last
        await eventually(lambda: self.node.holds(note["id"]))
        return str(note["id"])

    async def note(self, content: str = "<p>hello</p>", *, by: str | None = None, **fields: Any) -> str:
        """Let somebody say a note."""
        return await self.says(self.peer.note(by or self.ada, content, **fields), by=by)

    async def boosts(self, iri: str, *, by: str | None = None) -> str:
        """Let somebody pass something on; the IRI of the Announce."""
        activity = self.peer.activity("Announce", by or self.ada, iri)
        assert await self.peer.send(f"{self.node.origin}/inbox", activity) == 202, self.peer.last
        await self.node.quiet()
        return str(activity["id"])

    async def number(self, iri: str) -> str:
        """The id by which apps ask for a text."""
        return str(await self.node.read(_place, iri))


async def world(node: ServedNode, peer: Peer) -> World:
    """The node and Ada, followed."""
    made = World(node, peer, peer.actor("ada", name="Ada :wave:", summary="<p>Writes.</p>", **PROFILE))
    await made.follows(made.ada)
    return made


PROFILE: dict[str, Any] = {
    "type": "Person",
    "published": "2021-03-04T00:00:00Z",
    "icon": {"type": "Image", "mediaType": "image/png", "url": "https://pictures.example/ada.png"},
    "attachment": [{"type": "PropertyValue", "name": "Union", "value": "<b>Printers</b><script>1</script>"}],
    "tag": [{"type": "Emoji", "name": ":wave:", "icon": {"type": "Image", "url": "https://pictures.example/w.png"}}],
}


def _follow(tx: Transaction, group: str, actor: str) -> None:
    peering.put(tx, follower=group, followed=actor, activity=f"{group}/follows", state=Follow.ACCEPTED)


def _place(tx: Transaction, iri: str) -> int:
    return int(tx.execute(objects.select().where(objects.c.iri == iri)).one().sort_id)
