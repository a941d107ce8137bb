"""What other servers will show of a text, by what their sources say they do with it."""

from __future__ import annotations

from typing import Any

import pytest

from node.drafts import actions, previews
from node.drafts.previews import Preview
from node.errors import Invalid
from node.statements.rules import Draft, Form
from tests.nodes.served import ServedNode

pytestmark = pytest.mark.one_database

TEXT = """# What we want

We **stop** at _ten_.

- rest
- pay

> so they said

| hour | who |
|---|---|
| ten | all |

See [the timetable](https://union.example/t?a=1&b=2) and #depot.
"""


async def seen(node: ServedNode, **fields: Any) -> dict[str, Preview]:
    member = await node.steward()
    number = await node.write(actions.begin, Draft(**({"text": TEXT} | fields)), actor=node.group, member=member)
    ((_, found),) = await node.read(actions.previews, number, member=member)
    return {one.server: one for one in found}


async def test_a_note_is_shown_whole_by_everybody_and_loses_what_each_does_not_know(node: ServedNode) -> None:
    found = await seen(node, title="Out tonight", language="en")
    assert list(found) == ["Mastodon", "GoToSocial", "Misskey", "Commonwire"]
    assert all(one.whole and one.warning is None and one.language == "en" for one in found.values())
    mastodon, gotosocial, misskey, peer = found.values()
    assert "<p><strong>Out tonight</strong></p>" in mastodon.html
    assert "<p><strong>What we want</strong></p>" in mastodon.html and "<h1>" not in mastodon.html
    assert "<table" not in mastodon.html and "ten" in mastodon.html and "<li>rest</li>" in mastodon.html
    assert previews.seen.TABLES in mastodon.remarks
    assert "<h1>What we want</h1>" in gotosocial.html and "<table" not in gotosocial.html
    assert misskey.html.startswith("<b>Out tonight</b>")
    assert "【What we want】" in misskey.html and "<i>ten</i>" in misskey.html and "<li>" not in misskey.html
    assert "<blockquote>so they said</blockquote>" in misskey.html
    assert 'href="https://union.example/t?a=1&amp;b=2"' in misskey.html and "#depot" in misskey.html
    assert previews.misskey.LISTS in misskey.remarks
    assert peer.title == "Out tonight" and "<table>" in peer.html and peer.remarks == ()


async def test_of_an_article_mastodon_shows_a_link_and_others_fold_it(node: ServedNode) -> None:
    found = await seen(node, title="Out tonight", summary="Why & when.", form=Form.ARTICLE)
    mastodon, gotosocial, misskey, peer = found.values()
    assert not mastodon.whole and "timetable" not in mastodon.html
    assert "<strong>Out tonight</strong>" in mastodon.html and "Why &amp; when." in mastodon.html
    assert f'<a href="{node.origin}/statements/' in mastodon.html
    assert gotosocial.warning == "Out tonight. Why & when." and "timetable" in gotosocial.html
    assert misskey.warning is not None and misskey.warning.startswith("Out tonight. Why")
    assert "<p>" not in misskey.warning
    assert peer.warning is None and peer.title == "Out tonight"


async def test_a_warning_hides_the_text_everywhere(node: ServedNode) -> None:
    for one in (await seen(node, sensitive=True, summary="Violence")).values():
        assert one.warning == "Violence"
    bare = await seen(node, sensitive=True)
    assert bare["Mastodon"].warning is None
    assert previews.mastodon.BY_SENSITIVE in bare["Mastodon"].remarks
    assert bare["Commonwire"].warning == ""


async def test_misskey_cuts_what_is_too_long_and_says_how_much_is_left(node: ServedNode) -> None:
    found = (await seen(node, text="word <&> " * 1100, form=Form.NOTE))["Misskey"]
    assert not found.whole and previews.misskey.CUT in found.remarks
    assert found.html.count("word") == 910


async def test_a_report_shows_its_fields_to_peers_alone(node: ServedNode) -> None:
    fields = {
        "kind": "strike",
        "field": "work",
        "who": "workers",
        "addressee": "Nordbahn",
        "began": "2026-11-03",
        "locality": "Bremen",
        "country": "DE",
    }
    found = await seen(node, title="Strike at the depot", report=fields)
    assert previews.seen.REPORT in found["Mastodon"].remarks
    assert previews.seen.REPORT not in found["Commonwire"].remarks


async def test_each_language_has_its_own_and_what_cannot_leave_says_why(node: ServedNode) -> None:
    member = await node.steward()
    draft = Draft(text="Out!", language="en", translations=(Draft(text="اخرجوا!", language="ar", title="إضراب"),))
    number = await node.write(actions.begin, draft, actor=node.group, member=member)
    found = await node.read(actions.previews, number, member=member)
    assert [language for language, _ in found] == ["en", "ar"]
    mastodon, *_, peer = found[1][1]
    assert "<strong>إضراب</strong>" in mastodon.html and ">English</a>" in mastodon.html
    assert ">English</a>" not in peer.html, "a peer shows the links, and not the line"
    before = await node.contents()
    empty = await node.write(actions.begin, Draft(text=""), actor=node.group, member=member)
    with pytest.raises(Invalid, match="there is no text"):
        await node.read(actions.previews, empty, member=member)
    assert {name: rows for name, rows in (await node.contents()).items() if "draft" not in name} == {
        name: rows for name, rows in before.items() if "draft" not in name
    }
