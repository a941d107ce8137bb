"""Reports for programs: published with a token, read without one, described for both."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from aiohttp import web
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from node.members import actions as members
from node.web import openapi, routes
from tests.nodes.served import ServedNode
from tests.web.conftest import Report

REPORT: dict[str, Any] = {
    "title": "Rent strike in Sun Street", "text": "Forty households withhold the rent.", "language": "en",
    "kind": "rent-strike", "field": "housing", "began": "2026-09", "who": ["tenants"],
    "location": {"country": "NO", "locality": "Oslo"}, "addressee": [{"name": "Sun Homes", "kind": "landlord"}],
    "measures": [{"measure": "households", "low": 40, "high": 60, "basis": "participants"}],
    "demands": ["lower rents", {"text": "repairs", "status": "won"}],
}  # fmt: skip


async def post(node: ServedNode, body: Any, *scopes: str, name: str = "steward") -> tuple[int, dict[str, Any]]:
    secret = await node.write(members.make_token, name, scopes or ("publish",))
    headers = {"Authorization": f"Bearer {secret}"}
    async with node.http.post(f"{node.origin}/api/reports", json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def get(node: ServedNode, path: str) -> dict[str, Any]:
    async with node.http.get(f"{node.origin}{path}") as answer:
        assert answer.status == 200, await answer.text()
        found = await answer.json()
        assert isinstance(found, dict)
        return found


async def test_a_report_is_published_and_read(node: ServedNode, report: Report) -> None:
    status, made = await post(node, REPORT | {"group": "union"})
    assert status == 201, made
    assert made["state"] == "released" and made["decision"]["state"] == "adopted"
    await report(node, title="Out", country="SE", began="2025-10-12")
    found = (await get(node, "/api/reports"))["reports"]
    assert [one["report"]["began"] for one in found] == ["2025-10-12", "2026-09"]
    (mine,) = (await get(node, "/api/reports?country=NO&field=housing&since=2026"))["reports"]
    assert (mine["id"], mine["author"], mine["withdrawn"], mine["left_out"]) == (made["id"], node.group, False, None)
    assert mine["report"]["measures"] == [
        {"measure": "households", "minValue": 40, "maxValue": 60, "basis": "participants"}
    ]
    assert (await get(node, "/api/reports?country=IE"))["reports"] == []
    first = await get(node, "/api/reports?limit=1")
    assert len(first["reports"]) == 1
    older = await get(node, first["next"].removeprefix(node.origin))
    assert [one["id"] for one in older["reports"]] == [made["id"]] and older["next"] is None


async def test_all_that_is_wrong_is_said_at_once_and_nothing_is_published(node: ServedNode) -> None:
    wrong = REPORT | {"began": "someday", "kind": "riot", "measures": [{"measure": "arrests", "value": -1}]}
    status, answer = await post(node, wrong)
    assert status == 422
    assert {one["field"] for one in answer["faults"]} == {"began", "kind", "measures[0].value"}
    for body, field in (
        ({}, "kind"),
        (REPORT | {"colour": "red"}, "colour"),
        (REPORT | {"text": ""}, "text"),
        (REPORT | {"urgent": "yes"}, "urgent"),
        (REPORT | {"group": 5}, "group"),
        (REPORT | {"struggle": f"{node.origin}/struggles/none"}, "struggle"),
        (REPORT | {"location": [1]}, "location"),
        (REPORT | {"measures": {"a": {"b": []}}}, "measures[0].a"),
    ):
        status, answer = await post(node, body)
        assert status == 422 and (answer["error"].startswith(field) or field in str(answer["faults"])), (field, answer)
    assert (await get(node, "/api/reports"))["reports"] == []


async def test_what_may_put_somebody_in_danger_is_asked_and_answered(node: ServedNode) -> None:
    danger = REPORT | {"status": "announced", "location": {"name": "Gate 4"}, "text": "Ring Mr Smith."}
    status, answer = await post(node, danger)
    assert status == 422
    assert [one["about"] for one in answer["questions"]] == [["Gate 4"]]
    status, answer = await post(node, danger | {"confirm": [one["confirm"] for one in answer["questions"]]})
    assert status == 201, answer
    assert answer["warnings"] == [{"kind": "name", "field": "text", "words": "Mr Smith"}]


@pytest.mark.one_database
async def test_who_may_not_publish_cannot(node: ServedNode) -> None:
    assert (await post(node, REPORT, "read"))[0] == 403
    await node.enter("rosa", "reader")
    assert (await post(node, REPORT, name="rosa"))[0] == 403
    async with node.http.post(f"{node.origin}/api/reports", json=REPORT) as answer:
        assert answer.status == 401


@pytest.mark.one_database
async def test_what_is_asked_for_wrongly_is_named(node: ServedNode) -> None:
    for query in ("colour=red", "limit=0", "limit=1000", "limit=x", "country=Norway", "before=x"):
        async with node.http.get(f"{node.origin}/api/reports?{query}") as answer:
            assert answer.status in (400, 422), query


async def test_a_draft_of_a_program_may_hold_nested_values(node: ServedNode) -> None:
    secret = await node.write(members.make_token, "steward", ("read", "write"))
    headers = {"Authorization": f"Bearer {secret}"}
    report = {"kind": "strike", "field": "work", "began": 2026, "measures": [{"measure": "arrests", "value": 7}]}
    body = {"text": "On.", "title": "Out", "kind": "report", "report": report}
    async with node.http.post(f"{node.origin}/api/drafts", json=body, headers=headers) as answer:
        assert answer.status == 201, await answer.text()
    async with node.http.get(f"{node.origin}/api/drafts/1", headers=headers) as answer:
        kept = (await answer.json())["draft"]["report"]
    assert kept["began"] == "2026" and json.loads(kept["measures"]) == report["measures"]
    for wrong in ({"kind": ["a", {"b": 1}]}, [], "strike"):
        async with node.http.post(
            f"{node.origin}/api/drafts", json=body | {"report": wrong}, headers=headers
        ) as answer:
            assert answer.status == (201 if wrong == [] else 422), wrong


# ---- the description


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    app = web.Application()
    routes.add(app)
    return openapi.describe_all(app.router.routes(), "https://union.example")


def gives_json(route: web.AbstractRoute) -> bool:
    """By its address: what is under /api/ and is not Mastodon's, and whatever says `json`, but not at the desk."""
    assert route.resource is not None
    said = str(route.resource.get_info())
    if route.resource.canonical.startswith("/api/"):
        return not route.resource.canonical.startswith(("/api/v1/", "/api/v2/"))
    elsewhere = ("/desk/", "/.well-known/", "/nodeinfo/", "/oauth/")  # each described by a standard, or for people
    return "json" in said and not route.resource.canonical.startswith(elsewhere)


def test_every_address_for_programs_is_described(described: dict[str, Any]) -> None:
    app = web.Application()
    routes.add(app)
    served = {
        (route.resource.canonical, route.method.lower())
        for route in app.router.routes()
        if route.resource is not None
        if route.method != "HEAD" and (gives_json(route) or route.resource.canonical in openapi.FIGURES)
    }
    assert served == {(path, method) for path, one in described["paths"].items() for method in one}
    assert {"/figures.json", "/figures/inputs.json", "/conditions.json", "/wire.{form}"} <= set(described["paths"])
    assert {"/api/merges", "/api/merges/likely", "/api/appeals", "/api/conditions"} <= set(described["paths"])
    assert not [path for path in described["paths"] if path.startswith(("/api/v1/", "/api/v2/", "/desk/"))]
    assert {"/api/reports", "/api/search", "/api/suggest/{what}", "/api/openapi.json"} <= set(described["paths"])
    operations = [one for path in described["paths"].values() for one in path.values()]
    assert len({one["operationId"] for one in operations}) == len(operations)
    for one in operations:
        assert len(one["summary"]) > 5 and set(one["responses"]) & {"200", "201"}


def test_the_description_is_openapi(described: dict[str, Any]) -> None:
    assert re.fullmatch(r"3\.1\.\d+", described["openapi"])
    for path, methods in described["paths"].items():
        for one in methods.values():
            placed = [parameter["name"] for parameter in one["parameters"] if parameter["in"] == "path"]
            assert placed == re.findall(r"{(\w+)}", path)
            assert all(parameter["required"] for parameter in one["parameters"] if parameter["in"] == "path")
            names = [(parameter["in"], parameter["name"]) for parameter in one["parameters"]]
            assert len(set(names)) == len(names)
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for ref in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(described)):
        place: Any = described
        for part in ref.split("/"):
            place = place[part]
        assert place


def test_what_the_description_allows_can_be_published_and_what_it_forbids_cannot(described: dict[str, Any]) -> None:
    validator = Draft202012Validator({"$ref": "#/components/schemas/Report", "components": described["components"]})
    assert list(validator.iter_errors(REPORT)) == []
    for wrong in (
        {"kind": "riot"},
        {"measures": [{"measure": "people"}]},
        {"location": {"latitude": 200}},
        {"text": 5},
    ):
        assert list(validator.iter_errors(REPORT | wrong)), wrong


@pytest.mark.one_database
async def test_the_node_serves_the_description_to_everybody(node: ServedNode) -> None:
    found = await get(node, "/api/openapi.json")
    assert found["servers"] == [{"url": node.origin}]
