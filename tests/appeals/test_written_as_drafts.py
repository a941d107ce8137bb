"""Appeals, answers and conditions are drafts first: kept, shown beforehand, corrected as lines, put to the group."""

from __future__ import annotations

import pytest

from node import objects
from node.drafts import actions as drafts
from node.drafts import proposing
from node.statements.rules import Draft
from node.web.admin import draft_forms
from tests.appeals.test_three_nodes_show_solidarity import ASKED, ask
from tests.nodes.served import ServedNode
from tests.nodes.test_two_nodes_talk import arrival

FOUND = {"condition_1": "wages 11-13 EUR per hour: new people", "gathered": "survey", "respondents": "58"}


@pytest.mark.one_database
async def test_each_kind_leaves_as_it_was_shown_beforehand(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    theirs = await ask(first, title="Help us")
    await arrival(second, theirs)
    member = await second.steward()
    for draft, kind, fact in (
        (Draft(text="We ask.\n", appeal=ASKED), "Appeal", "5,000 EUR"),
        (Draft(text="We give.\n", answer={"to": theirs, "kind": "given", "pledge": "20 beds"}), "AppealAnswer", "20 beds"),
        (Draft(text="We asked.\n", conditions=FOUND), "ConditionsReport", "11–13 EUR an hour"),
    ):  # fmt: skip
        assert draft_forms.draft_of(draft_forms.values_of(draft)) == draft, "the lines of the form say all of it"
        number = await second.write(drafts.begin, draft, actor=second.group, member=member)
        shown = await second.read(drafts.previews, number, member=member)
        assert any(fact in server.html for _, servers in shown for server in servers)
        iri, _ = await second.write(proposing.propose, number, version=1, member=member)
        row = await second.read(objects.find, iri)
        assert row.kind == kind and fact.encode() in row.document
