"""Pages name pictures of others by an address of this node that nobody else can make."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from node import app, config, media_cache
from node.context import Node
from node.media_cache import Size

PICTURE = "https://tenants.example/media/the-depot-at-dawn.jpg?size=ü&x=1"


@pytest.fixture
async def opened(make_node: Callable[..., Path]) -> Node:
    directory = await asyncio.to_thread(make_node, 0)
    node = app.build(await asyncio.to_thread(config.load, directory))
    await asyncio.to_thread(node.keyring.read_all)
    await asyncio.to_thread(node.database.close)
    return node


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("size", Size)
async def test_an_address_says_what_it_is_for_to_this_node_alone(opened: Node, size: Size) -> None:
    address = media_cache.address(opened, PICTURE, size)
    assert address is not None and address.startswith(f"{opened.config.origin}/media/remote/")
    name = address.rpartition("/")[2]
    assert media_cache.wanted(opened, name) == media_cache.Wanted(PICTURE, size)
    assert media_cache.address(opened, PICTURE, size) == address, "the same every time, so that browsers keep it"


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
async def test_no_address_can_be_made_up_or_changed(opened: Node) -> None:
    address = media_cache.address(opened, PICTURE)
    assert address is not None
    name = address.rpartition("/")[2]
    other = media_cache.Wanted("http://127.0.0.1/secret.png", Size.PICTURE)
    forged = [
        "", "x", "é" * 40, "A" * 22, "A" * 23, name[:-1], f"{name}A", f"{name}=", name.swapcase(),
        name[:22] + other.name(b"guessed")[22:], other.name(b""), other.name(b"\0" * 32), "%00" * 30,
    ]  # fmt: skip
    for one in forged:
        assert media_cache.wanted(opened, one) is None, one


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "url", ["", "x", "//a/b.png", "javascript:alert(1)", "data:image/png;base64,AAAA", "ftp://a/b", "http://[", "https://a/" + "x" * 2000]
)  # fmt: skip
async def test_what_the_node_would_not_fetch_has_no_address(opened: Node, url: str) -> None:
    assert media_cache.address(opened, url) is None


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
async def test_our_own_pictures_keep_their_address(opened: Node) -> None:
    own = f"{opened.config.origin}/media/{'0' * 64}.png"
    assert media_cache.address(opened, own) == own


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
async def test_without_a_cache_pages_can_only_link(make_node: Callable[..., Path]) -> None:
    directory = await asyncio.to_thread(make_node, 0, settings={"limits.media_cache_bytes": 0})
    node = app.build(await asyncio.to_thread(config.load, directory))
    await asyncio.to_thread(node.database.close)
    assert media_cache.address(node, PICTURE) is None
