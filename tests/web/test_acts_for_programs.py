"""What programs put to a group beside statements and reports: merges, appeals, conditions, and newer versions."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from node.members import actions as members
from node.merges import store as merges
from node.reports import store as reports
from node.statements import overtaken
from tests.conftest import follow_each
from tests.merges.telling import knows, report
from tests.nodes.served import ServedNode, eventually
from tests.statements.test_corrections import correct
from tests.statements.test_overtaken_corrections import DELAY, TEXT, published, side_by_side

pytestmark = pytest.mark.one_database


class Program:
    """A program with a token of the steward's."""

    def __init__(self, node: ServedNode) -> None:
        self.node = node

    async def ask(
        self, method: str, path: str, body: Any = None, *, scopes: tuple[str, ...] = ("read", "publish", "write")
    ) -> tuple[int, Any]:
        secret = await self.node.write(members.make_token, "steward", scopes)
        headers = {"Authorization": f"Bearer {secret}"}
        async with self.node.http.request(method, f"{self.node.origin}{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str) -> Any:
        status, said = await self.ask("GET", path)
        assert status == 200, said
        return said

    async def post(self, path: str, body: Any, expected: int = 201) -> Any:
        status, said = await self.ask("POST", path, body)
        assert status == expected, (status, said)
        return said


WHERE = {"locality": "Leeds", "addressee": "North Tramways", "addressee_kind": "employer"}


async def test_struggles_are_matched_dismissed_merged_and_separated(node: ServedNode) -> None:
    program = Program(node)
    _, one = await report(node, "Night shift walks out", **WHERE)
    _, other = await report(node, "Morning shift walks out", **WHERE)
    likely = f"/api/merges/likely?of={quote(one, safe='')}"
    (match,) = (await program.get(likely))["matches"]
    assert match["struggle"] == other and "in the same place: Leeds" in match["reasons"]
    assert (await program.post("/api/merges/dismiss", {"one": one, "other": other}, 200))["dismissed"] is True
    found = await program.get(likely)
    assert found["matches"] == [] and len(found["dismissed"]) == 1
    await program.post("/api/merges/undo", {"one": one, "other": other}, 200)
    await program.post("/api/merges/undo", {"one": one, "other": other}, 404)
    assert len((await program.get(likely))["matches"]) == 1
    await program.post("/api/merges", {"one": one, "other": other, "reason": " "}, 422)
    made = await program.post("/api/merges", {"one": one, "other": other, "reason": "One dispute."})
    assert made["decision"]["state"] == "adopted" and made["warning"] is None
    for path in ("/api/merges", f"/api/merges?of={quote(other, safe='')}"):
        (said,) = (await program.get(path))["merges"]
        assert (said["id"], said["struggles"], said["counted"]) == (made["id"], sorted([one, other]), True)
    await program.post("/api/merges/withdraw", {"id": made["id"]}, 200)
    assert await node.read(merges.by, node.group) == [] == (await program.get("/api/merges"))["merges"]
    assert (await program.ask("POST", "/api/merges", {"one": one}, scopes=("read",)))[0] in (403, 422)
    async with node.http.get(f"{node.origin}/api/merges") as answer:
        assert answer.status == 401


async def test_appeals_answers_and_conditions_are_published(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    asking, answering = Program(first), Program(second)
    asked = {
        "appeal": "letters",
        "how": "Write to them.",
        "title": "Write!",
        "text": "They read letters.",
        "language": "en",
    }
    made = await asking.post("/api/appeals", asked)
    assert made["state"] == "released" and "/appeals/" in made["id"]
    await asking.post("/api/appeals", asked | {"appeal": "cakes"}, 422)
    await asking.post("/api/appeals", {"text": "No appeal."}, 422)
    await eventually(lambda: second.holds(made["id"]))
    said = await answering.post("/api/appeals/answer", {"answers": made["id"], "answer": "given", "text": "Forty."})
    assert (await second.activity(said["id"]))[1]["answerKind"] == "given"
    await answering.post("/api/appeals/answer", {"answers": made["id"], "answer": "perhaps", "text": "x"}, 422)
    await asking.post("/api/appeals/end", {"id": made["id"], "status": "met"}, 200)
    await asking.post("/api/appeals/end", {"id": made["id"], "status": "met"}, 409)
    assert (await first.activity(made["id"]))[1]["appealStatus"] == "met"
    of = {"title": "Wages", "text": "What we are paid.", "condition_1": "wages: 13.50 EUR per hour", "country": "IE"}
    status, answer = await asking.ask("POST", "/api/conditions", of | {"field": "work"})
    assert status == 201, answer
    assert (await first.activity(answer["id"]))[1]["conditions"]


async def test_a_report_is_corrected_developed_disputed_and_withdrawn(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    await follow_each(first, second)
    program = Program(first)
    iri, struggle = await report(first, "Night shift walks out", participants="400")
    whole = {"title": "Night shift walks out", "kind": "strike", "field": "work", "began": "2026-10-02", "country": "GB",
             "text": "What we know."}  # fmt: skip
    await program.post("/api/reports/correct", whole | {"id": iri, "participants": 240})
    await program.post("/api/reports/develop", whole | {"id": iri, "changed": " "}, 422)
    await program.post("/api/reports/develop", whole | {"id": iri, "participants": 300, "changed": "More of us."})
    assert "300" in str((await first.activity(iri))[1]["measures"])
    await knows(second, struggle)
    await eventually(lambda: second.holds(iri))
    other = Program(second)
    await other.post("/api/reports/correct", whole | {"id": iri}, 403)
    disputing = {name: value for name, value in whole.items() if name != "title"} | {"title": "It was forty"}
    made = await other.post("/api/reports/dispute", disputing | {"id": iri, "participants": 40})
    document = (await second.activity(made["id"]))[1]
    assert (document["struggle"], document["disputes"]) in ((struggle, iri), (struggle, [iri]))
    await other.post("/api/reports/dispute", disputing | {"id": f"{iri}x"}, 404)
    await program.post("/api/reports/withdraw", {"id": iri, "reason": "Two depots."})
    assert (await first.read(reports.of, [iri]))[iri].withdrawn
    await program.post("/api/reports/withdraw", {"id": iri, "reason": "Again."}, 409)
    await program.post("/api/reports/correct", {"id": 5, "text": "x"}, 422)


async def test_what_is_held_back_is_confirmed_and_let_go(serve: Any) -> None:
    node: ServedNode = await serve(0, settings={"publication_delay": int(DELAY.total_seconds())})
    program, iri = Program(node), await published(node)
    texts = [TEXT.replace("nine", hour) for hour in ("ten", "eleven", "noon")]
    await side_by_side(node, *((lambda text=text: correct(node, iri, text)) for text in texts))
    found = (await program.get("/api/corrections"))["corrections"]
    assert [(one["corrects"], one["fields"]) for one in found] == [(iri, ["text"])] * 2
    made = await program.post("/api/corrections/confirm", {"id": found[0]["id"]}, 200)
    assert made["state"] == "waiting"
    await program.post("/api/corrections/drop", {"id": found[1]["id"]}, 200)
    await program.post("/api/corrections/drop", {"id": found[1]["id"]}, 404)
    assert await node.read(overtaken.held_of, iri) == []
    node.clock.advance(2 * DELAY)

    async def left() -> bool:
        return "eleven" in (await node.activity(iri))[1]["content"]

    assert await eventually(left)
