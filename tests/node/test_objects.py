"""What is held has a place of its own, whatever date others give it."""

from __future__ import annotations

from datetime import UTC, datetime

from node import objects
from node.context import Transaction
from node.identifiers import mint
from node.objects import Kept
from tests.nodes.served import ServedNode

LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)


def said(number: int, *, sort_id: int) -> Kept:
    iri = f"https://peer.example/{number}"
    return Kept(iri=iri, sort_id=sort_id, kind="Statement", author=iri, local=False, document=b"{}", published=LONG_AGO)


async def test_what_others_date_to_one_moment_finds_room_though_its_place_is_taken(node: ServedNode) -> None:
    place = mint(LONG_AGO)

    def keep(tx: Transaction, *numbers: int) -> None:
        objects.keep(tx, [said(number, sort_id=place) for number in numbers])

    await node.write(keep, 1)
    await node.write(keep, 2, 1, 3)
    held = await node.read(objects.find_all, [f"https://peer.example/{number}" for number in (1, 2, 3)])
    places = {iri: row.sort_id for iri, row in held.items()}
    assert len(places) == len(set(places.values())) == 3
    assert places["https://peer.example/1"] == place, "what is held stays where it is"
    assert all(0 <= other - place < 2**24 for other in places.values()), "no further than some milliseconds"
