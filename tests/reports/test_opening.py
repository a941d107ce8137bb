"""On other servers a report is a post that can be read: it opens with as of when, what, where, how many."""

from __future__ import annotations

from datetime import date
from typing import Any

from node import objects, wording
from node.reports import actions, opening
from node.statements import markup, writing
from node.statements import store as statements
from node.web.pages import messages
from schemas import codes
from schemas.measure import Measure
from schemas.partial_date import PartialDate
from schemas.place import Place
from schemas.struggle_report import StruggleReport
from tests.nodes.served import ServedNode, eventually

FRONT = """---
title: Night crews stop work
kind: strike
field: work
began: 2026-10-12
as_of: 2026-10-20
locality: Port Calder
country: IE
workers_involved: 100-240
measure_basis: organisation
basis: own-witness
status: ongoing
{more}---
Nobody was left stranded.
"""
LINE = (
    '<p class="facts"><strong>As of 20 Oct 2026</strong>'
    "<br>strike · Port Calder, Ireland · began 12 Oct 2026 · ongoing · own witness"
    "<br>workers involved: 100–240 (organisation)</p>\n"
)


async def publish(node: ServedNode, more: str = "") -> str:
    draft = writing.read(FRONT.format(more=more), report_keys=actions.REPORT_KEYS)
    iri, _ = await node.write(actions.publish, draft, actor=node.group, member=await node.steward())
    return str(iri)


async def test_a_report_opens_with_as_of_everywhere_but_beside_its_fields(
    two_nodes: tuple[ServedNode, ServedNode],
) -> None:
    first, second = two_nodes
    iri = await publish(first)
    _, document = await first.activity(iri)
    assert document["type"] == "Note"
    assert document["content"].startswith(LINE + "<p><strong>Night crews stop work</strong></p>")
    assert document["contentMap"]["en"] == document["content"]
    names = {tag["name"] for tag in document["tag"] if tag["type"] == "Hashtag"}
    assert names == {"#strugglereport", "#strike", "#work"}
    for name in names:
        assert f'/tags/{name[1:]}" class="mention hashtag"' in document["content"], "Mastodon links what it finds there"

    async def held() -> Any:
        return await second.read(objects.find, iri)

    await eventually(held)
    shown = (await second.read(statements.shown, [iri]))[iri]
    assert shown.title == "Night crews stop work"
    assert "As of" not in shown.html
    assert "Nobody was left stranded." in shown.html


async def test_it_is_told_in_the_language_of_the_text_or_marked_as_english(node: ServedNode) -> None:
    _, document = await node.activity(await publish(node, more="language: tr\n"))
    assert document["content"].startswith('<p class="facts"><strong lang="en">As of 20 Oct 2026</strong>')
    _, document = await node.activity(await publish(node, more="language: fr\n"))
    assert "Irlande" in document["content"].partition("</p>")[0]


def test_what_is_not_known_is_left_out_and_a_withdrawal_comes_first() -> None:
    report = StruggleReport(
        id="https://a.example/reports/1", attributed_to="https://a.example/groups/a", content="<p>x</p>",
        struggle="https://a.example/struggles/1", action_kind="rent-strike", report_status="withdrawn",
        location=Place(name="The <yard>"), began=PartialDate(2026, 3),
        measures=(Measure(measure="arrests", absent="unknown"), Measure(measure="households", low=12)),
    )  # fmt: skip
    assert opening.in_words(report, "en", said=date(2026, 4, 1)) == (
        '<p class="facts"><strong>As of 1 Apr 2026</strong>'
        "<br>The group does not stand by the report any more. It is shown, and counted nowhere."
        "<br>rent strike · The &lt;yard&gt; · began March 2026"
        "<br>households: 12+</p>\n"
    )
    assert markup.without_facts(opening.in_words(report, "en", said=date(2026, 4, 1)) + "<p>x</p>") == "<p>x</p>"


def test_every_code_above_a_text_is_a_sentence_of_the_catalogues() -> None:
    """What leaves is signed: an English word in a Spanish post could not be mended by translating it later."""
    known = {one.text for one in messages.sentences()}
    lists = (codes.ACTION_KINDS, codes.STATUSES, codes.OUTCOMES, codes.BASES, codes.MEASURES, codes.MEASURE_BASES,
             codes.CONDITION_TOPICS, codes.GATHERINGS, codes.APPEAL_KINDS, codes.APPEAL_ANSWERS)  # fmt: skip
    assert [code for found in lists for code in found if wording.code(code) not in known] == []
