"""Struggles at the desk: what looks like one, saying that two are one by the group's rule, taking it back."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest

from node.decisions.rules import HOUR, Method, Rule
from node.drafts import actions as drafts
from node.merges import store
from node.statements.rules import Draft
from tests.merges.telling import knows, report, stands_for
from tests.nodes.served import ServedNode
from tests.web.admin.desk_browsers import at_desk, enter, give_rule

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
PAGE = "/desk/struggles"


async def test_a_likely_match_is_shown_with_its_reasons_and_merged_by_the_group(
    two_nodes: tuple[ServedNode, ServedNode],
) -> None:
    first, second = two_nodes
    where = {"locality": "Leeds", "addressee": "North Tramways", "addressee_kind": "employer"}
    _, one = await report(first, "Night shift <walks> out", **where)
    await knows(second, one)
    _, other = await report(second, "Depot closed", **where)
    of = f"{PAGE}?of={quote(other, safe='')}"
    async with at_desk(second, "steward") as desk:
        page = await desk.get(PAGE)
        assert "Night shift &lt;walks&gt; out" in page and "Depot closed" in page and quote(other, safe="") in page
        page = await desk.get(of)
        assert "very likely the same" in page and "directed at the same: North Tramways" in page
        assert "in the same place: Leeds" in page and "begun on the same day" in page
        pair = {"of": other, "one": other, "other": one}
        status, where_to, _ = await desk.send(f"{PAGE}/dismiss", group="tenants", **pair)
        page = await desk.get(where_to)
        assert status == 303 and "It is not proposed again" in page and "very likely" not in page
        assert "Night shift &lt;walks&gt; out" in page.partition('id="dismissed"')[2]
        status, where_to, _ = await desk.send(f"{PAGE}/undo", group="tenants", **pair)
        assert status == 303 and "very likely the same" in await desk.get(where_to)
        assert (await desk.send(f"{PAGE}/undo", group="tenants", **pair))[0] == 404
        status, _, page = await desk.send(f"{PAGE}/merge", group="tenants", **pair, reason=" ")
        assert status == 422 and "say why they are one" in page
        status, _, page = await desk.send(f"{PAGE}/merge", group="tenants", **pair | {"other": "x"}, reason="Both.")
        assert status == 404 and "no struggle that this node knows" in page and "Both." in page, "nothing typed is lost"
        status, where_to, _ = await desk.send(f"{PAGE}/merge", group="tenants", **pair, reason="One dispute.")
        assert status == 303 and "It is decided." in await desk.get(where_to)
        assert await stands_for(second, one, second) == await stands_for(second, other, second)
        page = await desk.get(of)
        assert "very likely the same" not in page and "One dispute." in page
        row = await second.read(store.said, one, other, author=second.group)
        await give_rule(second, "publish_report", Rule(Method.APPROVALS, approvals=1, at_least=HOUR))
        status, _, page = await desk.send(f"{PAGE}/separate", group="tenants", iri=row.iri)
        assert status == 200 and "It is proposed to the group" in page
        assert await stands_for(second, one, second) == min(one, other)
        second.clock.advance(timedelta(seconds=HOUR))
        await second.quiet()
        assert await stands_for(second, other, second) == other
        await desk.get(f"{PAGE}?of={quote(second.origin, safe='')}", status=404)


async def test_who_may_not_publish_reads_and_merges_nothing(node: ServedNode) -> None:
    _, one = await report(node, "Night shift walks out", addressee="Tramways")
    _, other = await report(node, "Morning shift walks out", addressee="Tramways")
    await node.write(enter, node.group, {"reader": "reader"})
    async with at_desk(node, "reader") as desk:
        page = await desk.get(f"{PAGE}?of={quote(one, safe='')}")
        assert "Morning shift" in page and "/desk/struggles/merge" not in page
        status, _, _ = await desk.send(f"{PAGE}/merge", one=one, other=other, reason="x")
        assert status == 403 and await node.read(store.pairs, [node.group]) == []
        assert (await desk.send(f"{PAGE}/dismiss", one=one, other=other))[0] == 403


async def test_whoever_writes_a_report_is_shown_what_may_be_the_same_struggle(node: ServedNode) -> None:
    where = {"addressee": "North Tramways", "addressee_kind": "employer"}
    _, one = await report(node, "Night shift walks out", **where)
    front = {"title": "Still out", "kind": "strike", "field": "work", "began": "2026-10-02", "country": "GB"} | where
    steward = await node.steward()

    async def begin(**more: str) -> int:
        draft = Draft(text="Words.\n", title="Still out", report=front | more)
        number: int = await node.write(drafts.begin, draft, actor=node.group, member=steward, kind="report")
        return number

    async with at_desk(node, "steward") as desk:
        page = await desk.get(f"/desk/drafts/{await begin()}")
        assert "Perhaps this struggle is reported already" in page and f"struggle: {one}" in page
        for more in ({"struggle": one}, {"began": "soon"}, {"addressee": "Somebody else"}):
            assert "Perhaps this struggle" not in await desk.get(f"/desk/drafts/{await begin(**more)}"), more
