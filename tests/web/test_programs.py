"""The door for members' programs: tokens, scopes, publishing."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from node.members import actions as members
from tests.nodes.served import ServedNode


async def token(node: ServedNode, *scopes: str, name: str = "steward") -> dict[str, str]:
    secret = await node.write(members.make_token, name, scopes)
    return {"Authorization": f"Bearer {secret}"}


async def post(node: ServedNode, body: Any, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    async with node.http.post(f"{node.origin}/api/statements", json=body, headers=headers) as response:
        return response.status, await response.json()


async def test_a_token_publishes_what_its_scopes_allow(node: ServedNode) -> None:
    status, answer = await post(node, {"text": "We are out.", "tags": ["strike"]}, await token(node, "publish"))
    assert status == 201
    assert (await node.activity(answer["id"]))[0] == 200
    status, answer = await post(node, {"text": "We are out."}, await token(node, "read"))
    assert status == 403
    assert "publish" in answer["error"]


async def test_without_a_known_token_nothing_happens(node: ServedNode) -> None:
    answers = {}
    for authorization in ("", "Bearer", "Bearer x", "Basic eDp5", "Bearer  "):
        status, answer = await post(node, {"text": "We are out."}, {"Authorization": authorization})
        answers[authorization] = (status, "token" in answer["error"])
    assert set(answers.values()) == {(401, True)}, answers
    assert (await node.activity("/groups/union/outbox"))[1]["totalItems"] == 0


@pytest.mark.one_database
async def test_me_says_who_and_what(node: ServedNode) -> None:
    async with node.http.get(f"{node.origin}/api/me", headers=await token(node, "read", "write")) as response:
        answer = await response.json()
        assert response.headers["Cache-Control"] == "no-store"
    assert answer["member"] == "steward"
    assert answer["scopes"] == ["read", "write"]
    assert answer["mandates"] == [{"group": node.group, "role": "steward", "until": None}]


@pytest.mark.one_database
async def test_a_reader_cannot_publish_whatever_her_token_says(node: ServedNode) -> None:
    await node.enter("rosa", "reader")
    status, answer = await post(node, {"text": "We are out."}, await token(node, "publish", name="rosa"))
    assert status == 403
    assert "mandate" in answer["error"]


UNPUBLISHABLE: list[tuple[Any, str]] = [
    ({}, "text"),
    ({"text": ""}, "text"),
    ({"text": 5}, "text"),
    ({"text": "x", "titel": "y"}, "titel"),
    ({"text": "x", "tags": "strike"}, "tags"),
    ({"text": "x", "sensitive": "no"}, "sensitive"),
    ({"text": "x", "form": "poem"}, "poem"),
    ({"text": "x", "language": "!"}, "language"),
    ({"text": "x", "group": "nobody"}, "nobody"),
    ([], "object"),
]


@pytest.mark.one_database
async def test_what_cannot_be_published_names_its_field(node: ServedNode) -> None:
    allowed, taken = await token(node, "publish"), []
    for body, word in UNPUBLISHABLE:
        status, answer = await post(node, body, allowed)
        if not 400 <= status < 500 or word not in answer["error"]:
            taken.append((body, status, answer))
    assert taken == []
    assert (await node.activity("/groups/union/outbox"))[1]["totalItems"] == 0


@pytest.mark.one_database
async def test_the_vocabulary_is_served_to_machines_too(node: ServedNode) -> None:
    status, document = await node.activity("/ns")
    assert status == 200
    assert set(document["schemas"]) >= {"Statement", "StruggleReport", "Actor"}
    assert document["namespace"].startswith("urn:uuid:")
    for name in ("StruggleReport", "Measure"):
        status, schema = await node.activity(f"/ns/{name}")
        assert (status, schema["title"]) == (200, name)
        Draft202012Validator.check_schema(schema)
    asked_for = {"Accept": "application/schema+json"}
    async with node.http.get(f"{node.origin}/ns/Measure", headers=asked_for) as response:
        assert response.content_type == "application/schema+json"
        assert (await response.json(content_type=None))["title"] == "Measure"
    report = (await node.activity("/ns?example=struggle_report"))[1]
    Draft202012Validator((await node.activity("/ns/StruggleReport"))[1]).validate(report)
    assert (await node.activity("/ns/codes"))[1]["actionKind"]["strike"]
    assert [(await node.activity(path))[0] for path in ("/ns/Nothing", "/ns?example=none")] == [404, 404]
