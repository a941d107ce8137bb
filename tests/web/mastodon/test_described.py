"""The description of the client API is true: what it says of every address holds for whatever is sent there.

Schemathesis makes the questions, the same ones every time; a member, a reader and nobody ask them. `make soak` asks many.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as of_openapi

from node.web.mastodon import described, routes
from node.web.mastodon.entities import shapes
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.web.admin.desk_browsers import enter
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import App
from tests.web.mastodon.world import world

pytestmark = pytest.mark.one_database
PROMISES = [
    checks.not_a_server_error,
    of_openapi.status_code_conformance,
    of_openapi.content_type_conformance,
    of_openapi.response_schema_conformance,
]
LEFT_ALONE = {("POST", "/oauth/revoke"), ("POST", "/api/v1/statuses/{id}/pin")}
"""What would take away what the others ask with; up to five texts can be pinned."""
SECONDS = 60


def test_every_shape_is_one_and_every_address_that_is_described_is_there() -> None:
    document = described.describe((*routes.MASTODON, *routes.WITHOUT_A_TOKEN), "https://union.example")
    for name, schema in document["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert all(schema["properties"]), name
    named = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described.ANSWERS.keys() <= named and described.TAKES.keys() <= named
    scopes = document["components"]["securitySchemes"]["app"]["flows"]["authorizationCode"]["scopes"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            for one in operation.get("security", []):
                assert set(one.get("app", [])) <= scopes.keys(), (method, path)
    assert shapes.of_kind("[Status?]") == {
        "type": "array", "items": {"anyOf": [{"$ref": "#/components/schemas/Status"}, {"type": "null"}]},
    }  # fmt: skip


async def numbers(node: ServedNode, peer: Peer, app: App) -> dict[str, list[str]]:
    """What there is to be asked for, by what stands before its number in an address."""
    there = await world(node, peer)
    option = {"type": "Note", "name": "Now", "replies": {"type": "Collection", "totalItems": 1}}
    question = peer.note(there.ada, "<p>When?</p>", type="Question", endTime="2090-01-01T00:00:00Z", anyOf=[option])
    poll = await there.number(await there.says(question))
    other = await there.number(await there.note("<p>Bread #roses</p>"))
    own = (await app.send("POST", "/api/v1/statuses", {"status": "We are here. #roses"}))["id"]
    made = await app.send("POST", "/api/v1/lists", {"title": "Bakers"})
    words = {"title": "Sport", "context": ["home"], "keywords_attributes": [{"keyword": "football"}]}
    sport = await app.send("POST", "/api/v2/filters", words)
    later = (node.clock() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    waits = await app.send("POST", "/api/v1/statuses", {"status": "Later.", "scheduled_at": later})
    ada = (await app.get(f"/api/v1/statuses/{other}"))["account"]["id"]
    return {
        "statuses": [other, own, poll], "accounts": [ada, app.account["id"]], "polls": [poll], "lists": [made["id"]],
        "filters": [sport["id"]], "keywords": [sport["keywords"][0]["id"]], "scheduled_statuses": [waits["id"]],
        "list": [made["id"]],
    }  # fmt: skip


async def ask(node: ServedNode, apps: list[App | None], known: dict[str, list[str]], *, times: int) -> Counter[str]:
    """Let each of `apps` ask every address so many times; which statuses there were."""
    async with node.http.get(node.origin + described.PATH) as response:
        assert response.status == 200
        document = json.loads(await response.text())
    schema = schemathesis.openapi.from_dict(document)
    seen: Counter[str] = Counter()
    with requests.Session() as session:
        for found in schema.get_all_operations():
            operation = found.ok()
            if (operation.method.upper(), operation.path) in LEFT_ALONE:
                continue
            for app in apps:
                once = asked_of(operation, session, node.origin, app, known, seen, times=times if app is apps[0] else 2)
                await asyncio.to_thread(once)
            node.clock.advance(timedelta(minutes=6))  # nobody has done too much
    return seen


def asked_of(
    operation: Any,
    session: requests.Session,
    origin: str,
    app: App | None,
    known: dict[str, list[str]],
    seen: Counter[str],
    *,
    times: int,
) -> Callable[[], None]:
    """A function that asks one address so many times, always the same, and checks what comes back."""
    before_id = operation.path.partition("/{id}")[0].rpartition("/")[2]
    real = itertools.cycle([*known.get(before_id, []), None])  # and once one that is made up
    headers = {"Authorization": f"Bearer {app.token}"} if app is not None else {}

    @settings(
        max_examples=times, derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck), verbosity=Verbosity.quiet,
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def once(case: Any) -> None:
        if "id" in (case.path_parameters or {}) and (number := next(real)) is not None:
            case.path_parameters["id"] = number
        response = case.call(base_url=origin, session=session, headers=headers, timeout=SECONDS)
        case.validate_response(response, checks=PROMISES, headers=headers)
        seen[f"{response.status_code}"] += 1

    return once


async def everybody(node: ServedNode, peer: Peer, app_login: AppLogin) -> tuple[list[App | None], dict[str, list[str]]]:
    await node.write(enter, node.group, {"rita": "reader"})
    steward, reader = await app_login(node, "steward"), await app_login(node, "rita", account="private")
    return [steward, reader, None], await numbers(node, peer, steward)


async def test_whatever_is_asked_is_answered_as_described(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    seen = await ask(node, *await everybody(node, hostile_peer, app_login), times=3)
    assert seen["200"] > 100 and {"401", "403", "404", "422"} <= seen.keys(), seen


@pytest.mark.soak
async def test_much_is_asked_and_answered_as_described(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    times = int(os.environ.get("COMMONWIRE_QUESTIONS", "60"))
    seen = await ask(node, *await everybody(node, hostile_peer, app_login), times=times)
    assert seen["200"] > 1000, seen
