"""Pages name pictures of others by an address of this node that nobody else can make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from node import actors, media_cache
from node.media_cache import Size
from tests.nodes.served import ServedNode

PICTURE = "https://tenants.example/media/the-depot-at-dawn.jpg?size=ü&x=1"


sqlite = pytest.mark.one_database


async def address(node: ServedNode, url: str, size: Size = Size.PICTURE) -> str | None:
    found: str | None = await node.read(media_cache.address, url, size)
    return found


@sqlite
async def test_an_address_says_what_it_is_for_to_this_node_alone(node: ServedNode) -> None:
    for size in Size:
        made = await address(node, PICTURE, size)
        assert made is not None and made.startswith(f"{node.origin}/media/remote/")
        name = made.rpartition("/")[2]
        assert await media_cache.wanted(node.node, name) == media_cache.Wanted(PICTURE, size)
        assert await address(node, PICTURE, size) == made, "the same every time, so that browsers keep it"


@sqlite
async def test_no_address_can_be_made_up_or_changed(node: ServedNode) -> None:
    made = await address(node, PICTURE)
    assert made is not None
    name = made.rpartition("/")[2]
    other = media_cache.Wanted("http://127.0.0.1/secret.png", Size.PICTURE)
    forged = [
        "", "x", "é" * 40, "A" * 22, "A" * 23, name[:-1], f"{name}A", f"{name}=", name.swapcase(),
        name[:22] + other.name(b"guessed")[22:], other.name(b""), other.name(b"\0" * 32), "%00" * 30,
    ]  # fmt: skip
    for one in forged:
        assert await media_cache.wanted(node.node, one) is None, one


@sqlite
async def test_what_the_node_would_not_fetch_has_no_address_and_our_own_keep_theirs(node: ServedNode) -> None:
    odd = ["", "x", "//a/b.png", "javascript:alert(1)", "data:image/png;base64,AAAA", "ftp://a/b", "http://["]
    for url in (*odd, "https://a/" + "x" * 2000):
        assert await address(node, url) is None, url
    own = f"{node.origin}/media/{'0' * 64}.png"
    assert await address(node, own) == own


@sqlite
async def test_without_a_cache_pages_can_only_link(serve: Callable[..., Any]) -> None:
    node = await serve(0, settings={"limits.media_cache_bytes": 0})
    assert await address(node, PICTURE) is None


@sqlite
async def test_without_its_keys_on_this_machine_pages_can_only_link(node: ServedNode) -> None:
    """Whoever has rotated them on another machine has to bring them here; until then no page is an error."""
    made = await address(node, PICTURE)
    await node.write(lambda tx: tx.execute(update(actors.local_actors).values(key_number=7)))
    assert made is not None and await address(node, PICTURE) is None
    for name in (made.rpartition("/")[2], media_cache.Wanted(PICTURE, Size.PICTURE).name(b"")):
        assert await media_cache.wanted(node.node, name) is None
