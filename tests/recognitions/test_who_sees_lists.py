"""Who sees the lists of a group is its choice, and every door follows it."""

from __future__ import annotations

from typing import Any

import pytest

from node import actors, signing
from node.peering import choices
from node.recognitions import actions
from tests.nodes.served import ServedNode, eventually

pytestmark = pytest.mark.one_database
WHY = "They held the gate."


async def choose(node: ServedNode, **changes: str) -> None:
    await node.write(choices.choose, changes, actor=node.group, member=await node.steward())


async def test_every_door_follows_the_choice(two_nodes: Any) -> None:
    union, tenants = two_nodes  # the second follows the first
    followed = f"{tenants.group}/following"
    await union.node.directory.actor(tenants.group)

    async def of(node: ServedNode, *, signed: bool) -> Any:
        if not signed:
            return (await node.activity(followed))[1].get("orderedItems")
        signer = await signing.instance_signer(union.node)
        return (await union.node.client.document(followed, signer=signer)).get("orderedItems")

    async def in_an_app() -> list[str]:
        number = (await tenants.read(actors.find, tenants.group)).number
        async with tenants.http.get(f"{tenants.origin}/api/v1/accounts/{number}/following") as answer:
            return [one["uri"] for one in await answer.json()]

    async def blocks() -> int:
        async with tenants.http.get(f"{tenants.origin}/api/v1/instance/domain_blocks") as answer:
            return int(answer.status)

    async def hosts() -> list[str]:
        async with tenants.http.get(f"{tenants.origin}/api/v1/instance/peers") as answer:
            return list(await answer.json())

    page = f"{tenants.group}/peers"
    collection = (await tenants.activity(followed))[1]
    assert collection["totalItems"] == 1
    assert await of(tenants, signed=False) is None and await of(tenants, signed=True) is None
    assert (await in_an_app(), await blocks(), await hosts()) == ([], 401, [])
    assert (await tenants.page(page))[0] == 404

    await choose(tenants, following="recognised")
    assert await of(tenants, signed=True) is None, "nobody is recognised yet"
    await tenants.write(actions.recognise, union.group, reason=WHY, actor=tenants.group, member=await tenants.steward())
    assert await of(tenants, signed=False) is None
    found = await of(tenants, signed=True)
    assert union.group in (found if isinstance(found, list) else [found])
    assert (await in_an_app(), (await tenants.page(page))[0]) == ([], 404)

    await choose(tenants, following="public", map="public", log="public", recognitions="public")
    assert await of(tenants, signed=False) is not None
    assert await in_an_app() == [union.group]
    assert await blocks() == 200 and union.node.config.host in await hosts()
    status, html = await tenants.page(page)
    assert status == 200 and WHY in html and "recognised" in html and union.group in html

    async def is_there() -> bool:
        return (await union.page(f"{union.group}/peers"))[0] == 200

    await choose(union, recognitions="public")
    assert await eventually(is_there)
    assert WHY not in (await union.page(f"{union.group}/peers"))[1], "it was said to us alone"
