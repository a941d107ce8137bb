"""When a proposal is adopted: every rule against another way of counting, for whatever ballots there are."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.decisions import rules
from node.decisions.rules import Choice, Method, Moment, Of, Record, Rule, Shows, State, Tally
from node.errors import Invalid

NUMBERS = st.integers(0, 8)
ENDED = frozenset({State.ADOPTED, State.REJECTED, State.LAPSED})


@st.composite
def given_rules(draw: Any) -> Rule:
    method = draw(st.sampled_from(Method))
    at_least = draw(st.sampled_from([0, 60, rules.DAY]))
    return Rule(
        method=method,
        approvals=draw(st.integers(1, 8)),
        of=draw(st.sampled_from(Of)),
        quorum=0 if method is Method.ONE_MEMBER else draw(NUMBERS),
        at_least=at_least,
        at_most=draw(st.sampled_from([at_least + 60, 7 * rules.DAY])) if method in rules.VOTES else 0,
        record=draw(st.sampled_from(Record)),
        tellers=draw(st.sampled_from([0, 2])),
        shows=draw(st.sampled_from(Shows)),
        arguments=draw(st.booleans()),
        voters=draw(st.sampled_from(rules.PERMISSIONS)),
    )


@st.composite
def tallies(draw: Any, rule: Rule) -> Tally:
    blocking = draw(NUMBERS) if rule.method is Method.CONSENT else 0
    return Tally(draw(NUMBERS), draw(NUMBERS), draw(NUMBERS), blocking)


def is_adopted(rule: Rule, tally: Tally, eligible: int) -> bool:
    """Said once more, in other words: with parts of a whole."""
    ballots = ["for"] * tally.in_favour + ["against"] * tally.against
    voted = len(ballots) + tally.abstaining + tally.blocking
    if voted < rule.quorum or "for" not in ballots:
        return False
    whole = eligible if rule.of is Of.ELIGIBLE else len(ballots)
    part = Fraction(tally.in_favour, whole)
    return {
        Method.ONE_MEMBER: True,
        Method.APPROVALS: tally.in_favour >= rule.approvals,
        Method.MAJORITY: part > Fraction(1, 2),
        Method.TWO_THIRDS: part >= Fraction(2, 3),
        Method.CONSENT: not tally.blocking,
    }[rule.method]


@given(st.data())
def test_at_the_end_every_rule_is_met_exactly_when_it_says_so(data: st.DataObject) -> None:
    rule = data.draw(given_rules())
    tally, waiting = data.draw(tallies(rule)), data.draw(NUMBERS)
    state = rules.outcome(rule, tally, waiting=waiting, moment=Moment(may_end=True, is_over=True))
    assert (state is State.ADOPTED) == is_adopted(rule, tally, tally.voted + waiting)
    assert state in ENDED


@settings(max_examples=500)
@given(st.data())
def test_what_ends_early_ends_as_it_would_have_ended(data: st.DataObject) -> None:
    """Whatever those who have not voted would have said."""
    rule = replace(data.draw(given_rules()), record=data.draw(st.sampled_from([Record.NAMED, Record.OPEN])))
    tally, waiting = data.draw(tallies(rule)), data.draw(st.integers(1, 3))
    state = rules.outcome(rule, tally, waiting=waiting)
    if state is State.OPEN:
        return
    for silent in range(waiting + 1):
        for said in product(("in_favour", "against", "abstaining"), repeat=waiting - silent):
            more = replace(tally, **{name: getattr(tally, name) + said.count(name) for name in said})
            assert is_adopted(rule, more, tally.voted + waiting) == (state is State.ADOPTED)


@given(st.data())
def test_whoever_recalls_the_others_ends_no_vote_by_that(data: st.DataObject) -> None:
    rule = data.draw(given_rules())
    tally, gone = data.draw(tallies(rule)), data.draw(st.integers(1, 8))
    now = rules.outcome(rule, tally, waiting=0, gone=gone)
    if rule.method in rules.VOTES and rule.record is Record.TALLY:
        assert now is State.OPEN
    elif rule.method in rules.VOTES and now is State.ADOPTED:
        assert is_adopted(rule, replace(tally, against=tally.against + gone), tally.voted + gone)
    over = rules.outcome(rule, tally, waiting=0, gone=gone, moment=Moment(is_over=True))
    assert (over is State.ADOPTED) == is_adopted(rule, tally, tally.voted), "they count no more"


@given(st.data())
def test_a_secret_vote_does_not_end_with_the_ballot_that_decides_it(data: st.DataObject) -> None:
    rule = replace(data.draw(given_rules()), record=Record.TALLY)
    tally, waiting = data.draw(tallies(rule)), data.draw(st.integers(1, 8))
    if rule.method in rules.VOTES:
        assert rules.outcome(rule, tally, waiting=waiting) is State.OPEN


@given(st.data())
def test_nothing_is_decided_before_its_time(data: st.DataObject) -> None:
    rule = data.draw(given_rules())
    early = Moment(may_end=False, is_over=False)
    assert rules.outcome(rule, data.draw(tallies(rule)), waiting=data.draw(NUMBERS), moment=early) is State.OPEN


@given(st.data())
def test_one_more_in_favour_never_harms_and_one_more_against_never_helps(data: st.DataObject) -> None:
    rule = data.draw(given_rules())
    tally, waiting = data.draw(tallies(rule)), data.draw(st.integers(1, 8))
    eligible = tally.voted + waiting
    met = rules.is_met(rule, tally, eligible=eligible)
    if met:
        assert rules.is_met(rule, replace(tally, in_favour=tally.in_favour + 1), eligible=eligible)
    elif tally.voted >= rule.quorum:
        assert not rules.is_met(rule, replace(tally, against=tally.against + 1), eligible=eligible)


@given(st.data())
def test_fewer_than_the_quorum_decide_nothing(data: st.DataObject) -> None:
    rule = data.draw(given_rules())
    tally = data.draw(tallies(rule))
    short = replace(rule, quorum=tally.voted + 1)
    assert not rules.is_met(short, tally, eligible=tally.voted + 5)
    state = rules.outcome(short, tally, waiting=5, moment=Moment(is_over=True))
    assert state is (State.REJECTED if tally.blocking else State.LAPSED)


@given(given_rules())
def test_a_rule_can_be_met_by_as_many_as_it_needs_and_by_no_fewer(rule: Rule) -> None:
    needed = rules.needed(rule)
    assert needed >= rule.tellers, "somebody has to count"
    state = rules.outcome(rule, Tally(in_favour=needed), waiting=0)
    assert state is State.ADOPTED
    fewer = Tally(in_favour=needed - 1)
    assert rule.tellers == needed or rules.outcome(rule, fewer, waiting=0) is not State.ADOPTED


@given(given_rules(), st.none() | given_rules())
def test_a_rule_is_read_as_it_was_kept(rule: Rule, urgent: Rule | None) -> None:
    whole = rules.check(replace(rule, urgent=urgent))
    assert rules.from_json(whole.as_json()) == whole
    assert rules.read(whole.as_json()) == whole
    assert whole.name and "{" not in whole.name


def test_what_was_decided_before_there_were_rules_is_still_read() -> None:
    assert rules.from_json({"name": "one member may act", "approvals": 1, "record": "tally"}) == rules.ONE_MEMBER
    assert rules.from_json({"name": "two", "approvals": 2}) == Rule(Method.APPROVALS, approvals=2)


MAJORITY = Rule(Method.MAJORITY, at_most=rules.DAY)
OF_ALL = replace(MAJORITY, of=Of.ELIGIBLE)
CONSENT = Rule(Method.CONSENT, at_most=rules.DAY)


@pytest.mark.parametrize(
    ("rule", "tally", "waiting", "is_over", "expected"),
    [
        (rules.ONE_MEMBER, Tally(), 3, False, State.OPEN),
        (rules.ONE_MEMBER, Tally(in_favour=1), 3, False, State.ADOPTED),
        (Rule(Method.APPROVALS, approvals=2), Tally(in_favour=1, against=5), 1, False, State.OPEN),
        (Rule(Method.APPROVALS, approvals=2), Tally(in_favour=2, against=5, abstaining=5), 3, False, State.ADOPTED),
        (Rule(Method.APPROVALS, approvals=2), Tally(in_favour=1, against=1), 0, False, State.REJECTED),
        (Rule(Method.APPROVALS, approvals=2), Tally(in_favour=1), 1, True, State.LAPSED),
        (MAJORITY, Tally(in_favour=5, against=5), 0, False, State.REJECTED),
        (MAJORITY, Tally(in_favour=1, against=0, abstaining=9), 0, False, State.ADOPTED),
        (MAJORITY, Tally(in_favour=9, against=1), 1, False, State.OPEN),
        (replace(MAJORITY, record=Record.NAMED), Tally(in_favour=9, against=1), 1, False, State.ADOPTED),
        (replace(MAJORITY, record=Record.NAMED), Tally(in_favour=2), 2, False, State.OPEN),
        (replace(MAJORITY, record=Record.NAMED, quorum=5), Tally(in_favour=4), 2, False, State.OPEN),
        (replace(MAJORITY, record=Record.NAMED), Tally(in_favour=2), 1, False, State.ADOPTED),
        (replace(MAJORITY, record=Record.NAMED), Tally(in_favour=1, against=9), 1, False, State.REJECTED),
        (replace(MAJORITY, quorum=12), Tally(in_favour=11), 1, True, State.LAPSED),
        (OF_ALL, Tally(in_favour=6), 6, True, State.LAPSED),
        (OF_ALL, Tally(in_favour=7), 5, True, State.ADOPTED),
        (OF_ALL, Tally(in_favour=6, abstaining=6), 0, False, State.REJECTED),
        (replace(MAJORITY, method=Method.TWO_THIRDS), Tally(in_favour=2, against=1), 0, False, State.ADOPTED),
        (replace(MAJORITY, method=Method.TWO_THIRDS), Tally(in_favour=199, against=100), 0, False, State.REJECTED),
        (CONSENT, Tally(in_favour=1, against=7), 4, True, State.ADOPTED),
        (CONSENT, Tally(in_favour=11, blocking=1), 0, False, State.REJECTED),
        (CONSENT, Tally(in_favour=11, blocking=1), 1, False, State.OPEN),
        (replace(CONSENT, record=Record.OPEN), Tally(in_favour=1, blocking=1), 9, False, State.REJECTED),
        (CONSENT, Tally(against=3), 0, False, State.REJECTED),
        (CONSENT, Tally(), 9, True, State.LAPSED),
    ],
)
def test_when_a_proposal_is_adopted(rule: Rule, tally: Tally, waiting: int, is_over: bool, expected: State) -> None:
    assert rules.outcome(rule, tally, waiting=waiting, moment=Moment(is_over=is_over)) is expected


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Rule(Method.APPROVALS, approvals=0), "approvals"),
        (Rule(Method.APPROVALS, approvals=10**9), "approvals"),
        (replace(MAJORITY, quorum=-1), "quorum"),
        (replace(MAJORITY, at_least=2 * rules.DAY), "at_most"),
        (replace(MAJORITY, at_most=400 * rules.DAY), "at_most"),
        (Rule(Method.MAJORITY), "at_most"),
        (Rule(Method.CONSENT), "at_most"),
        (Rule(tellers=1), "tellers"),
        (Rule(quorum=2), "quorum"),
        (Rule(urgent=Rule(urgent=Rule())), "urgent"),
        (Rule(urgent=Rule(Method.MAJORITY)), "at_most"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: Rule, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check(rule)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"method": "dictatorship"}, "method"),
        ({"method": ["majority"]}, "method"),
        ({"of": "everybody"}, "of"),
        ({"quorum": "3"}, "quorum"),
        ({"quorum": True}, "quorum"),
        ({"at_most": 1.5}, "at_most"),
        ({"record": None}, "record"),
        ({"arguments": "yes"}, "arguments"),
        ({"voters": "bosses"}, "voters"),
        ({"urgent": "yes"}, "urgent"),
        ({"majority": 3}, "majority"),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused_with_its_field(said: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.read(said)
    assert refused.value.field == field


def test_only_under_consent_can_a_ballot_block_and_it_says_why() -> None:
    with pytest.raises(Invalid, match="consent"):
        rules.check_choice(MAJORITY, Choice.BLOCK, "no")
    with pytest.raises(Invalid, match="why"):
        rules.check_choice(CONSENT, Choice.BLOCK, "  ")
    with pytest.raises(Invalid, match="2000"):
        rules.check_choice(CONSENT, Choice.FOR, "x" * 2001)
    with pytest.raises(Invalid, match="character"):
        rules.check_choice(CONSENT, Choice.FOR, "x\0")
    rules.check_choice(CONSENT, Choice.BLOCK, "it would split the branch\nin two")
