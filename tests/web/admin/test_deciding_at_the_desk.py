"""A group decides in its members' browsers: proposing, voting, counting, and changing its own rules."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from node.decisions import ruling, store
from node.decisions.rules import DAY, HOUR, Method, Of, Record, Rule, Shows
from node.statements import actions as statements
from node.statements.rules import Draft
from tests.nodes.served import ServedNode, stands_in
from tests.web.admin.desk_browsers import AtDesk, at_desk, enter, give_rule

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)

MAJORITY = Rule(Method.MAJORITY, quorum=2, at_most=2 * DAY, arguments=True)
RECEIPT = re.compile(r'<code dir="ltr">(\w{20})</code>')


@pytest.fixture
async def desks(node: ServedNode) -> AsyncIterator[dict[str, AtDesk]]:
    """Three editors, a reader and the steward, logged in."""
    await node.write(enter, node.group, {"rosa": "editor", "emma": "editor", "lucy": "editor", "nina": "reader"})
    async with AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(at_desk(node, name))
            for name in ("steward", "rosa", "emma", "lucy", "nina")
        }


async def propose(
    node: ServedNode, text: str = "We **stop** work.", title: str = "Out tonight", name: str = "rosa"
) -> int:
    """Put a statement to the vote; the number of the decision."""
    from node.members import actions as members

    member = await node.read(members.named, name)
    await node.write(statements.publish, Draft(text=text, title=title), actor=node.group, member=member)
    (row,) = await node.read(store.under_way, [node.group])
    return int(row.id)


async def test_a_vote_from_the_proposal_to_the_result(node: ServedNode, desks: dict[str, AtDesk]) -> None:
    await give_rule(node, "publish_statement", MAJORITY)
    number = await propose(node)
    address = f"/desk/decisions/{number}"
    listed = await desks["emma"].get("/desk/decisions")
    assert listed.index("Waits for you") < listed.index("Out tonight") < listed.index(">Decided<")
    assert "1 of 4 have voted" in listed and "With fewer than 2 ballots it lapses" in listed
    page = await desks["emma"].get(address)
    assert "We <strong>stop</strong> work." in page and "a majority of those voting, quorum 2" in page
    assert "one from before your ballot and one from after" in page, "what a secret vote cannot hide"
    assert 'value="block"' not in page, "only consent can be blocked"
    status, _, page = await desks["emma"].send(f"{address}/vote", choice="against", words="Not <now>.")
    assert status == 200
    receipt = RECEIPT.search(page)
    assert receipt is not None and "Not &lt;now&gt;" not in page, "how it stands is told to nobody"
    assert "2 of 4 have voted" in page and "Result" not in page
    status, _, page = await desks["emma"].send(f"{address}/vote", choice="for")
    assert status == 409 and "you have voted on this already" in page
    status, _, page = await desks["lucy"].send(f"{address}/vote", words="For the night crews.")
    assert status == 422 and "choose how you vote" in page and "For the night crews.</textarea>" in page
    assert 'aria-describedby="wrong-choice" aria-invalid="true"' in page
    status, _, _ = await desks["lucy"].send(f"{address}/vote", choice="for", words="For the night crews.")
    assert status == 200
    assert (await desks["nina"].get(address)).count("<form") == 1, "a reader sees it and has no ballot"
    status, _, page = await desks["nina"].send(f"{address}/vote", choice="for")
    assert status == 403
    assert (await node.page("/"))[1].count("Out tonight") == 0
    await desks["steward"].send(f"{address}/vote", choice="for")
    page = await desks["emma"].get(address)
    assert "<strong>adopted</strong>" in page and "3 for, 1 against, 0 abstaining" in page
    assert receipt[1] in page and page.count("<li><code>") == 4
    assert "Not &lt;now&gt;." in page and "For the night crews." in page and not stands_in("rosa", page)
    await node.quiet()
    assert "Out tonight" in (await node.page("/"))[1]
    listed = await desks["emma"].get("/desk/decisions")
    assert listed.index(">Decided<") < listed.index("Out tonight")


async def test_consent_is_blocked_with_a_reason(node: ServedNode, desks: dict[str, AtDesk]) -> None:
    await give_rule(node, "publish_statement", Rule(Method.CONSENT, at_most=DAY, record=Record.NAMED))
    address = f"/desk/decisions/{await propose(node)}"
    page = await desks["emma"].get(address)
    assert "the group must not do this; say why below" in page and "Members see how you voted" in page
    status, _, page = await desks["emma"].send(f"{address}/vote", choice="block")
    assert status == 422 and 'id="wrong-words"' in page and "say why you block" in page
    assert 'value="block" required checked' in page
    status, _, page = await desks["emma"].send(f"{address}/vote", choice="block", words="It names a child.")
    assert status == 200 and "<strong>rejected</strong>" in page and "It names a child." in page
    assert "<bdi>emma</bdi>: Block" in page, "members see who voted what"


async def test_two_tellers_count_before_anybody_is_told(node: ServedNode, desks: dict[str, AtDesk]) -> None:
    await give_rule(node, "publish_statement", replace(MAJORITY, tellers=2))
    address = f"/desk/decisions/{await propose(node)}"
    for name in ("emma", "lucy", "steward"):
        status, _, page = await desks[name].send(f"{address}/vote", choice="for" if name == "emma" else "abstain")
        assert status == 200
    assert "being counted" in page and "<ol" in page and "2 abstaining" not in page
    assert "Waits for you" in await desks["rosa"].get("/desk/decisions")
    status, _, page = await desks["rosa"].send(f"{address}/confirm", in_favour="3", against="", abstaining="1")
    assert status == 409 and "count again" in page and 'value="3"' in page
    status, _, page = await desks["rosa"].send(f"{address}/confirm", in_favour="two")
    assert status == 422 and "“two” is not a whole number" in page
    right = {"in_favour": "2", "against": "0", "abstaining": "2"}
    status, location, _ = await desks["rosa"].send(f"{address}/confirm", **right)
    assert (status, location) == (303, f"{address}?group=union&done=confirmed")
    page = await desks["rosa"].get(location)
    assert "You have confirmed the tally." in page and "<ol" not in page
    assert (await desks["rosa"].send(f"{address}/confirm", **right))[0] == 409
    assert (await desks["lucy"].send(f"{address}/confirm", **right))[0] == 303
    assert "2 for, 0 against, 2 abstaining" in await desks["lucy"].get(address)


async def test_who_proposed_can_withdraw_and_a_vote_lapses(node: ServedNode, desks: dict[str, AtDesk]) -> None:
    await give_rule(node, "publish_statement", MAJORITY)
    number = await propose(node)
    address = f"/desk/decisions/{number}"
    assert "Withdraw the proposal" not in await desks["emma"].get(address)
    assert (await desks["emma"].send(f"{address}/withdraw"))[0] == 403
    status, location, _ = await desks["rosa"].send(f"{address}/withdraw")
    assert status == 303 and "How it stood is forgotten." in await desks["rosa"].get(location)
    assert (await desks["rosa"].send(f"{address}/withdraw"))[0] == 409
    later = f"/desk/decisions/{await propose(node, title='Later')}"
    node.clock.advance(timedelta(days=2, seconds=1))
    status, _, page = await desks["emma"].send(f"{later}/vote", choice="for")
    assert status == 409 and "is closed" in page
    await node.quiet()
    assert "lapsed" in await desks["emma"].get(later)


async def test_numbers_of_nothing_and_of_other_groups_are_not_found(node: ServedNode, desks: dict[str, AtDesk]) -> None:
    for number in ("7", "0", "-1", "x", "1e9", "9" * 40, "١"):
        assert "there is no decision" in await desks["emma"].get(f"/desk/decisions/{number}", status=404)
    assert "there is no decision" in await desks["emma"].get("/desk/decisions?before=x", status=404)


async def test_one_member_may_act_is_tightened_in_three_steps(node: ServedNode, desks: dict[str, AtDesk]) -> None:
    steward = desks["steward"]
    page = await steward.get("/desk/rules")
    assert "One member alone can act" in page and "publish_statement?group=union&amp;like=two" in page
    for under in ("reply", "take_position", "correct"):
        assert f'/desk/rules/{under}?group=union&amp;like=two"' in page, f"{under}: with it one could say anything, too"
    page = await steward.get("/desk/rules/publish_statement?group=union&like=two")
    assert "approval by 2 members" in page and "4 members may vote on it now." in page
    form = {
        "method": "approvals",
        "approvals": "2",
        "of": "voting",
        "record": "tally",
        "shows": "figures",
        "voters": "",
    }
    status, _, page = await steward.send("/desk/rules/publish_statement", do="preview", **form)
    assert status == 200 and "It is adopted as soon as 2 members are in favour" in page
    assert "whoever steals one password" not in page
    status, location, _ = await steward.send("/desk/rules/publish_statement", do="propose", **form)
    assert status == 303 and "decision=" in location
    page = await steward.get(location)
    assert "It is decided." in page and "approval by 2 members" in page
    number = await propose(node)
    assert "1 of 4 have voted" in await desks["lucy"].get(f"/desk/decisions/{number}")
    status, _, page = await steward.send("/desk/rules/publish_statement", do="propose", **form)
    assert status == 409 and "that is the rule already" in page


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"method": "dice"}, "method", "“dice” is none of"),
    ({"method": "approvals", "approvals": "many"}, "approvals", "“many” is not a whole number"),
    ({"method": "approvals", "approvals": "0"}, "approvals", "somebody has to approve"),
    ({"method": "majority"}, "at_most", "say how long a vote lasts at most"),
    ({"method": "majority", "at_most": "1", "at_least": "2"}, "at_most", "it would have to end before it may"),
    ({"method": "one_member", "quorum": "3"}, "quorum", "no others have to vote"),
    ({"method": "approvals", "approvals": "2", "urgent_method": "dice"}, "urgent_method", "“dice” is none of"),
    ({"method": "majority", "at_most": "1", "urgent_method": "majority"}, "at_most", "say how long"),
    ({"method": "majority", "at_most": "999"}, "at_most", "is not between 0 and"),
]


async def test_a_rule_that_cannot_be_is_told_at_its_field_and_nothing_is_lost(
    node: ServedNode, desks: dict[str, AtDesk]
) -> None:
    kept = {"of": "eligible", "record": "named", "shows": "words", "voters": "", "arguments": "yes", "do": "propose"}
    for given, field, why in WRONG:
        status, _, page = await desks["steward"].send("/desk/rules/publish_statement", **(kept | given))
        assert status == 422 and f'id="wrong-{field}"' in page and why in page, given
        assert '<option value="named" selected>' in page and '<option value="words" selected>' in page
        assert re.search(r'name="arguments"[^>]* checked', page)
    for under, given in (
        ("publish_statement", {"method": "approvals", "approvals": "5"}),
        ("change_rules", {"method": "approvals", "approvals": "2"}),
    ):
        for do, expected in (("preview", 200), ("propose", 409)):
            status, _, page = await desks["steward"].send(f"/desk/rules/{under}", **(kept | given | {"do": do}))
            assert status == expected and "could never be met" in page
    status, _, page = await desks["emma"].send(
        "/desk/rules/publish_statement", method="approvals", approvals="2", do="propose"
    )
    assert status == 403
    assert "A steward can propose another rule." in await desks["emma"].get("/desk/rules/follow")
    await desks["emma"].get("/desk/rules/dance", status=404)


async def test_a_rule_comes_out_of_its_form_as_it_went_in(node: ServedNode) -> None:
    from node.web.admin import rules

    urgent = Rule(Method.APPROVALS, approvals=2, at_most=90 * 60, record=Record.NAMED, arguments=True)
    for rule in (
        Rule(),
        MAJORITY,
        Rule(
            Method.TWO_THIRDS, of=Of.ELIGIBLE, quorum=3, at_least=12 * HOUR, at_most=3 * DAY, tellers=2, voters="read"
        ),
        Rule(Method.CONSENT, at_most=DAY, record=Record.NAMED, arguments=True, urgent=urgent),
        *(rule for _, rule in rules.EXAMPLES.values()),
    ):
        assert rules.read(rules.written(rule)) == rule
    by_a_program = replace(
        urgent, quorum=3, tellers=2, at_least=HOUR, of=Of.ELIGIBLE, voters="steward", shows=Shows.WORDS
    )
    before = Rule(Method.CONSENT, at_most=DAY, record=Record.NAMED, arguments=True, urgent=by_a_program)
    form = rules.written(before)
    assert rules.read(form, before=before) == before
    after = rules.read(form | {"urgent_at_most": "3", "record": "tally"}, before=before)
    wanted = replace(by_a_program, at_most=3 * 60, record=Record.TALLY)
    assert after == replace(before, record=Record.TALLY, urgent=wanted), "what is as in the rule follows the rule"
    assert rules.read(form | {"urgent_method": ""}, before=before).urgent is None
    alone = rules.read(form | {"urgent_method": "one_member"}, before=before).urgent
    assert alone == replace(by_a_program, method=Method.ONE_MEMBER, approvals=1, quorum=0)


async def test_the_form_keeps_what_a_program_has_set_of_the_urgent_path(
    node: ServedNode, desks: dict[str, AtDesk]
) -> None:
    from node.web.admin import rules

    path = Rule(Method.APPROVALS, approvals=1, quorum=1, at_most=DAY, at_least=HOUR)
    before = Rule(Method.MAJORITY, at_most=2 * DAY, urgent=path)
    await node.write(store.set_rule, node.group, "boost", before)
    form = rules.written(before) | {"quorum": "2", "do": "propose"}
    status, _, _ = await desks["steward"].send("/desk/rules/boost", **form)
    assert status == 303
    assert await node.read(ruling.in_force, node.group, "boost") == replace(before, quorum=2)
