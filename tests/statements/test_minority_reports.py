"""How a group has decided, and what its minority says: on the wire, on the pages of both nodes, and when it is revoked."""

from __future__ import annotations

from typing import Any

import pytest

from node import objects
from node.context import Transaction
from node.decisions import actions as decisions
from node.decisions import store as decided
from node.decisions.rules import HOUR, ONE_MEMBER, Choice, Method, Of, Rule, Shows
from node.drafts import actions as drafts
from node.drafts import proposing
from node.errors import Conflict, Forbidden, Missing
from node.identifiers import spell
from node.members import store as members
from node.members.store import Member
from node.statements import actions, adoption, correcting, minority, publishing, store, writing
from node.statements.rules import Draft, State
from schemas.reading import loads
from tests.nodes.served import ServedNode, eventually

Two = tuple[ServedNode, ServedNode]
MAJORITY = Rule(Method.MAJORITY, of=Of.VOTING, quorum=3, at_most=24 * HOUR, arguments=True)


async def editors(node: ServedNode, count: int) -> list[Member]:
    def enter(tx: Transaction) -> list[Member]:
        entered = []
        for number in range(count):
            member = members.add(tx, f"editor{number}", "no password")
            members.add_mandate(tx, member, node.group, "editor", None)
            entered.append(Member(member, f"editor{number}"))
        return entered

    people: list[Member] = await node.write(enter)
    return people


async def propose(node: ServedNode, text: str, member: Member, **fields: Any) -> tuple[str, int]:
    def act(tx: Transaction) -> tuple[str, int]:
        iri, state = actions.publish(tx, Draft(text=text, **fields), actor=node.group, member=member)
        assert state is State.PROPOSED
        found = decided.newest_about(tx, "publish_statement", iri)
        assert found is not None
        return iri, int(found.id)

    proposed: tuple[str, int] = await node.write(act)
    return proposed


async def attach(node: ServedNode, main: str, member: Member, text: str = "We wanted to ask the others.") -> str:
    draft = Draft(text=text, title="First ask the other depots", minority_of=main)
    iri, _ = await node.write(minority.attach, draft, actor=node.group, member=member)
    return str(iri)


async def under(node: ServedNode, rule: Rule, kind: str = "publish_statement") -> None:
    await node.write(decided.set_rule, node.group, kind, rule)


async def vote(node: ServedNode, decision: int, choices: dict[Member, tuple[Choice, str]]) -> None:
    for member, (choice, words) in choices.items():
        await node.write(decisions.cast, decision, member=member, choice=choice, words=words)
    await node.quiet()


async def state(node: ServedNode, iri: str) -> str:
    return str((await node.read(store.publication, iri)).state)


async def arrival(node: ServedNode, iri: str) -> Any:
    async def find() -> Any:
        return await node.read(objects.find, iri)

    return await eventually(find)


async def decide(node: ServedNode, *, with_report: bool = True) -> tuple[str, str | None]:
    """A statement that two of four wanted, its proposer among them, and perhaps what one of the others says of it."""
    people = await editors(node, 3)
    await under(node, MAJORITY)
    iri, number = await propose(node, "We work to rule.", people[0], title="The night trams")
    report = await attach(node, iri, people[2]) if with_report else None
    if report is not None:
        assert await state(node, report) == "waiting"
        assert (await node.activity(report))[0] == 404
        assert (await node.page(report))[0] == 404
    ballots = {
        await node.steward(): (Choice.FOR, "The roster breaks the agreement."),
        people[1]: (Choice.ABSTAIN, ""),
        people[2]: (Choice.AGAINST, "Two depots have not been asked."),
    }
    await vote(node, number, ballots)
    return iri, report


async def test_a_peer_shows_the_tally_the_arguments_and_the_minority_report(two_nodes: Two) -> None:
    first, second = two_nodes
    iri, report = await decide(first)
    assert report is not None
    document = loads((await arrival(second, iri)).document)
    assert document["decision"] == {
        "method": "majority",
        "majorityOf": "voting",
        "unanimous": False,
        "inFavour": 2,
        "against": 1,
        "abstaining": 1,
        "eligible": 4,
        "quorum": 3,
        "argumentsFor": ["The roster breaks the agreement."],
        "argumentsAgainst": ["Two depots have not been asked."],
    }
    assert document["minorityReports"] == [report]
    assert document["content"].rstrip().endswith("2 for, 1 against, 1 abstaining, quorum 3.</em></p>")
    said = loads((await arrival(second, report)).document)
    assert (said["type"], said["inReplyTo"], said["minorityReportOf"]) == ("Note", iri, iri)
    assert said["content"].startswith("<p><strong>Minority report: First ask the other depots</strong></p>")
    assert said["proof"]["cryptosuite"] == document["proof"]["cryptosuite"] == "eddsa-jcs-2022"
    for node in two_nodes:
        for one, other in ((iri, "We wanted to ask the others."), (report, "The night trams")):
            row = await arrival(node, one)
            status, page = await node.page(one if node is first else f"/heard/{spell(row.sort_id)}")
            assert status == 200
            assert other in page
            assert "Minority report" in page
        row = await arrival(node, iri)
        _, page = await node.page(iri if node is first else f"/heard/{spell(row.sort_id)}")
        assert "The roster breaks the agreement." in page
        assert page.count("We wanted to ask the others.") == 1, "it does not stand among the answers too"
        assert "1 abstaining, quorum" not in page, "the line at the end is for those who read the text alone"


async def test_a_report_that_comes_later_is_named_by_an_update(two_nodes: Two) -> None:
    first, second = two_nodes
    iri, _ = await decide(first, with_report=False)
    before = loads((await arrival(second, iri)).document)
    assert "minorityReports" not in before
    report = await attach(first, iri, await first.steward())
    await first.quiet()

    async def named() -> bool:
        return bool(loads((await second.read(objects.find, iri)).document).get("minorityReports") == [report])

    assert await eventually(named)
    after = loads((await second.read(objects.find, iri)).document)
    assert {**after, "minorityReports": None, "proof": None, "signature": None} == {
        **before, "minorityReports": None, "proof": None, "signature": None,
    }, "nothing else has changed"  # fmt: skip
    await first.write(correcting.delete, report, reason="mistake", member=await first.steward())
    await first.quiet()

    async def gone() -> bool:
        return not await second.holds(report)

    assert await eventually(gone)
    row = await second.read(objects.find, iri)
    _, page = await second.page(f"/heard/{spell(row.sort_id)}")
    assert "We wanted to ask the others." not in page


async def test_a_correction_keeps_the_minority_report_and_says_how_it_was_decided_itself(two_nodes: Two) -> None:
    first, second = two_nodes
    iri, report = await decide(first)
    await under(first, ONE_MEMBER, "correct")
    draft = Draft(text="We work to rule, from Monday on.", title="The night trams")
    await first.write(correcting.correct, iri, draft, member=await first.steward())
    await first.quiet()

    async def corrected() -> bool:
        return b"from Monday on" in (await second.read(objects.find, iri)).document

    await arrival(second, iri)
    assert await eventually(corrected)
    document = loads((await second.read(objects.find, iri)).document)
    assert document["minorityReports"] == [report]
    assert "decision" not in document, "one member has corrected it, under the rule for that"


async def test_what_is_refused_takes_its_minority_report_along(node: ServedNode) -> None:
    people = await editors(node, 3)
    await under(node, MAJORITY)
    iri, number = await propose(node, "We work to rule.", people[0])
    report = await attach(node, iri, people[1])
    await vote(node, number, {one: (Choice.AGAINST, "") for one in (*people[1:], await node.steward())})
    assert (await state(node, iri), await state(node, report)) == ("refused", "refused")
    for one in (iri, report):
        assert (await node.activity(one))[0] == 404
    with pytest.raises(Conflict, match="takes no minority report"):
        await attach(node, iri, people[1])


async def test_one_that_is_called_back_takes_its_minority_report_along(serve: Any) -> None:
    node: ServedNode = await serve(0, settings={"publication_delay": 120})
    iri, report = await decide(node)
    assert report is not None
    assert (await state(node, iri), await state(node, report)) == ("waiting", "waiting")
    await node.write(publishing.call_back, iri, member=await node.steward())
    assert (await state(node, iri), await state(node, report)) == ("called back", "called back")
    assert (await node.activity(report))[0] == 404


async def test_a_report_is_about_a_text_of_the_same_group(node: ServedNode) -> None:
    people = await editors(node, 1)
    with pytest.raises(Missing, match="no statement or report"):
        await attach(node, "https://elsewhere.example/1", people[0])
    stranger = await node.write(members.add, "stranger", "no password")
    iri = await node.publish("We meet at nine.")
    with pytest.raises(Forbidden):
        await attach(node, iri, Member(stranger, "stranger"))
    assert await node.read(store.about, iri, *State) == []


@pytest.mark.parametrize(
    ("shows", "said"),
    [
        (Shows.NOTHING, None),
        (Shows.WORDS, {"method": "consent", "unanimous": True}),
        (
            Shows.FIGURES,
            {"method": "consent", "unanimous": True, "inFavour": 2, "against": 0, "abstaining": 0, "eligible": 2},
        ),
    ],
)
async def test_a_group_shows_as_much_as_it_has_chosen(
    node: ServedNode, shows: Shows, said: dict[str, Any] | None
) -> None:
    people = await editors(node, 1)
    await under(node, Rule(Method.CONSENT, at_most=24 * HOUR, shows=shows))
    iri, number = await propose(node, "We work to rule.", people[0], language="ar")
    await vote(node, number, {await node.steward(): (Choice.FOR, "")})
    _, document = await node.activity(iri)
    assert document.get("decision") == said
    assert (adoption.CLASS in document["content"]) == (said is not None)
    assert ("اعتُمد بالإجماع" in document["content"]) == (said is not None)


async def test_a_file_or_a_draft_says_what_it_is_a_minority_report_of(node: ServedNode) -> None:
    iri = await node.publish("We work to rule.")
    steward = await node.steward()
    draft = writing.read(f"---\ntitle: First ask\nminority_of: {iri}\n---\nWe wanted to ask the others.\n")
    assert draft.minority_of == iri
    number = await node.write(
        drafts.begin, Draft(text="I too.", reply_to=iri), actor=node.group, member=steward, kind="minority_report"
    )
    previewed = await node.read(minority.preview, draft, actor=node.group)
    assert (previewed.in_reply_to, previewed.minority_report_of) == (iri, iri)
    report, _ = await node.write(minority.attach, draft, actor=node.group, member=steward)
    other, _ = await node.write(proposing.propose, number, version=1, member=steward)
    _, document = await node.activity(iri)
    assert sorted(document["minorityReports"]) == sorted([report, other])
