"""Every address of the API stands behind the door: without a token, with one of something else, with the right one."""

from __future__ import annotations

import re

import pytest

from node.apps import rules
from node.web.mastodon.routes import MASTODON, WITHOUT_A_TOKEN
from tests.nodes.served import ServedNode
from tests.web.mastodon.conftest import AppLogin

pytestmark = pytest.mark.one_database


def filled(path: str) -> str:
    """The address of a route, with something in every place."""
    chosen = re.sub(r"\{\w+:([a-z_]+)[^}]*\}", r"\1", path)
    return re.sub(r"\{[^}]+\}", "1", chosen)


def test_every_route_says_what_it_takes() -> None:
    for route in MASTODON:
        assert route.open or route.apps or route.scopes, route.path
        for scope in route.scopes:
            assert scope in rules.SCOPES, f"{route.method} {route.path}: there is no scope {scope}"
    named = [(route.method, route.path) for route in (*MASTODON, *WITHOUT_A_TOKEN)]
    assert len(named) == len(set(named))


async def test_the_door_is_at_every_address(node: ServedNode, app_login: AppLogin) -> None:
    push = await app_login(node, "steward", scopes="push")
    for route in MASTODON:
        path = node.origin + filled(route.path)
        async with node.http.request(route.method, path, headers={"Authorization": "Bearer guessed"}) as response:
            body = await response.json()
            assert response.status == 401, (route.method, path, response.status, body)
            assert isinstance(body["error"], str) and isinstance(body["error_description"], str)
        if not route.open:
            async with node.http.request(route.method, path) as response:
                assert response.status == 401, (route.method, path)
        if route.scopes and not any(rules.covers(["push"], one) for one in route.scopes):
            answer = await push.call(route.method, filled(route.path))
            assert answer.status == 403, (route.method, path, answer.status, answer.body)


@pytest.mark.parametrize(
    ("granted", "asked", "covered"),
    [
        ("read", "read:statuses", True),
        ("read:statuses", "read:statuses", True),
        ("read:statuses", "read", False),
        ("read:statuses", "read:accounts", False),
        ("write", "read:statuses", False),
        ("follow", "write:follows", True),
        ("follow", "write:statuses", False),
        ("push", "push", True),
        ("profile", "read:accounts", False),
    ],
)
def test_a_broad_scope_holds_the_fine_ones(granted: str, asked: str, covered: bool) -> None:
    assert rules.covers([granted], asked) is covered
