"""How the node introduces itself to other servers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node import VERSION, app, config
from node.errors import Unfit
from tests.nodes.peer import Peer


def settings(contact: str, directory: Path) -> config.Config:
    return config.from_table({"origin": "https://union.example", "contact": contact}, directory=directory)


@pytest.mark.parametrize(
    "contact", ["desk@union.example", "https://union.example/@desk", "https://union.example/a;b=c"]
)
def test_a_contact_stands_in_the_name_of_the_program(contact: str, tmp_path: Path) -> None:
    said = app.user_agent(settings(contact, tmp_path))
    assert said == f"Commonwire/{VERSION} (+https://union.example/about; {contact})"


def test_without_a_contact_the_page_alone_explains_it(tmp_path: Path) -> None:
    assert app.user_agent(settings("", tmp_path)) == f"Commonwire/{VERSION} (+https://union.example/about)"


@pytest.mark.parametrize(
    "contact",
    ["desk", "@", "http://union.example", "a b@c.example", "x@y.example\r\nHost: z", "https://é.example", "a@b)"],
)
def test_a_contact_that_nobody_could_use_is_named(contact: str, tmp_path: Path) -> None:
    with pytest.raises(Unfit, match=r"contact is .*write an e-mail address"):
        settings(contact, tmp_path)


@pytest.mark.parametrize("key", ["fetches_per_host", "fetches_per_minute"])
def test_a_node_that_may_fetch_nothing_is_unfit(key: str, tmp_path: Path) -> None:
    with pytest.raises(Unfit, match=f"{key} is 0"):
        config.from_table({"origin": "https://union.example", "federation": {key: 0}}, directory=tmp_path)


async def test_other_servers_are_told_who_asks_and_where_that_is_explained(
    serve: Callable[..., Any], hostile_peer: Peer
) -> None:
    node = await serve(0, settings={"contact": "desk@union.example"})
    names: list[str] = []

    hostile_peer.every_request.append(lambda request: names.append(request.headers["User-Agent"]))
    await node.node.directory.actor(hostile_peer.actor("ana"))
    assert names == [f"Commonwire/{VERSION} (+{node.origin}/about; desk@union.example)"]
    status, _ = await node.page("/about")
    assert status == 200
