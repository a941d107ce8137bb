"""What an actor of a peer has said before, as other software serves it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.nodes.peer import AS, Answer, Peer

OLD = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)


class Outbox:
    """What an actor of the peer has said, in pages, in the shape of Mastodon unless told otherwise."""

    def __init__(self, peer: Peer, name: str = "alice") -> None:
        self.peer, self.pages = peer, []
        self.iri = f"{peer.origin}/users/{name}/outbox"
        self.actor = peer.actor(name, outbox=self.iri, featured=f"{peer.origin}/users/{name}/featured")
        self.path = self.iri.removeprefix(peer.origin)
        self.numbers = itertools.count()

    def note(self, content: str = "<p>then</p>", **fields: Any) -> dict[str, Any]:
        """A note of long ago, each older than the one before."""
        published = (OLD - timedelta(hours=next(self.numbers))).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self.peer.note(self.actor, content, **({"published": published} | fields))

    def create(self, note: dict[str, Any], **fields: Any) -> dict[str, Any]:
        return {"id": f"{note['id']}/activity", "type": "Create", "actor": self.actor, "object": note} | fields

    def serve(self, *pages: list[Any], total: int | None = None, front: dict[str, Any] | None = None) -> None:
        """Serve these pages, the newest first."""
        count = sum(len(items) for items in pages) if total is None else total
        first = {"first": self.address(0), "last": self.address(len(pages) - 1)}
        whole = {"@context": AS, "id": self.iri, "type": "OrderedCollection", "totalItems": count}
        self.peer.served[self.path] = Answer(whole | (first if front is None else front))
        for number, items in enumerate(pages):
            following = {"next": self.address(number + 1)} if number + 1 < len(pages) else {}
            self.page(number, items, **following)

    def address(self, number: int) -> str:
        return f"{self.iri}?page=true" if number == 0 else f"{self.iri}?max_id={1000 - number}&page=true"

    def page(self, number: int, items: list[Any], **more: Any) -> None:
        iri = self.address(number)
        page = {"@context": AS, "id": iri, "type": "OrderedCollectionPage", "partOf": self.iri, "orderedItems": items}
        self.peer.served[iri.removeprefix(self.peer.origin)] = Answer(page | more)


def gotosocial(outbox: Outbox, notes: list[dict[str, Any]]) -> None:
    """GoToSocial 0.17: no totalItems, Creates that only name their object, and an empty page behind the last."""
    creates = [outbox.create(note, object=note["id"]) for note in notes]
    outbox.serve(creates[:2], creates[2:], [])
    for note in notes:
        outbox.peer.served[note["id"].removeprefix(outbox.peer.origin)] = Answer(note)
    outbox.peer.served[outbox.path] = Answer(
        {"@context": AS, "id": outbox.iri, "type": "OrderedCollection", "first": outbox.address(0)}
    )
    outbox.page(2, [])


def pleroma(outbox: Outbox, notes: list[dict[str, Any]]) -> None:
    """Pleroma: the first page stands in the collection, and the objects carry no context of their own."""
    bare = [{key: value for key, value in note.items() if key != "@context"} for note in notes]
    outbox.serve(list(map(outbox.create, bare[:2])), list(map(outbox.create, bare[2:])))
    first = outbox.peer.served[outbox.address(0).removeprefix(outbox.peer.origin)]
    assert isinstance(first, Answer) and isinstance(first.body, dict)
    outbox.serve(
        list(map(outbox.create, bare[:2])), list(map(outbox.create, bare[2:])),
        front={"first": {key: value for key, value in first.body.items() if key != "@context"}},
    )  # fmt: skip


def wordpress(outbox: Outbox, notes: list[dict[str, Any]]) -> None:
    """WordPress, ActivityPub 4: pages by number, ids with a query, Articles, totalItems on each page."""
    front = {"first": f"{outbox.iri}?page=1", "last": f"{outbox.iri}?page=2"}
    articles = [note | {"type": "Article", "name": "A post"} for note in notes]
    outbox.serve([], front=front, total=len(notes))
    for number, items in enumerate((articles[:2], articles[2:]), start=1):
        iri = f"{outbox.iri}?page={number}"
        page = {"@context": AS, "id": iri, "type": "OrderedCollectionPage", "partOf": outbox.iri, "totalItems": 3,
                "orderedItems": list(map(outbox.create, items))}  # fmt: skip
        following = {"next": f"{outbox.iri}?page=2"} if number == 1 else {}
        outbox.peer.served[iri.removeprefix(outbox.peer.origin)] = Answer(page | following)


def in_one_piece(outbox: Outbox, notes: list[dict[str, Any]]) -> None:
    """Small servers list all in the collection; some only by the addresses of activities."""
    activities = [outbox.create(note) | {"@context": AS} for note in notes]
    for activity in activities[1:]:
        outbox.peer.served[activity["id"].removeprefix(outbox.peer.origin)] = Answer(activity)
    items = [activities[0], *(activity["id"] for activity in activities[1:])]
    outbox.serve(front={"orderedItems": items}, total=len(items))
