"""A rule of a group in plain sentences: what it would mean for those who are there now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from node import localised
from node.decisions.rules import VOTES, Method, Of, Record, Rule, Shows
from node.translating import N_, counted, spoken, translated

FEW = 5  # up to so many, what others say of their votes tells the last one's


@dataclass(frozen=True, slots=True)
class Present:
    """How many members there are now who may propose something, and who may vote on it."""

    propose: int
    vote: int


ADOPTED = {
    (Method.ONE_MEMBER, Of.VOTING): N_("Whoever proposes it has decided it."),
    (Method.APPROVALS, Of.VOTING): N_(
        "It is adopted as soon as {approvals} members are in favour, whoever proposes it among them. Those against do"
        " not count."
    ),
    (Method.MAJORITY, Of.VOTING): N_("It is adopted if more are in favour than against."),
    (Method.MAJORITY, Of.ELIGIBLE): N_(
        "It is adopted if more than half of all who may vote are in favour: now {needed}. Who is silent counts as not"
        " in favour."
    ),
    (Method.TWO_THIRDS, Of.VOTING): N_("It is adopted if those in favour are at least twice as many as those against."),
    (Method.TWO_THIRDS, Of.ELIGIBLE): N_(
        "It is adopted if at least two thirds of all who may vote are in favour: now {needed}. Who is silent counts as"
        " not in favour."
    ),
    (Method.CONSENT, Of.VOTING): N_(
        "It is adopted if nobody blocks it and somebody is in favour. Who is against stands aside; who blocks says why."
    ),
}
RECORDS = {
    Record.TALLY: N_("Of the ballots nothing is kept but the figures."),
    Record.NAMED: N_("Members see who voted what, also later."),
    Record.OPEN: N_("The login names of all who voted, and how, are published with the result."),
}
SHOWN = {
    Shows.FIGURES: N_("The public is told the figures."),
    Shows.WORDS: N_("The public is told in words how it was adopted (“unanimously”), without figures."),
    Shows.NOTHING: N_("The public is not told how it was decided."),
}


def meaning(rule: Rule, present: Present) -> list[str]:
    """What a rule means, in the language that is spoken."""
    said = list(_who(rule, present)) + list(_how(rule, present)) + list(_when(rule)) + list(_what_stays(rule))
    if rule.urgent is not None:
        said.append(translated("If it is proposed as urgent:") + " " + " ".join(_how(rule.urgent, present)))
        said[-1] += " " + " ".join(_when(rule.urgent))
    return said


def _who(rule: Rule, present: Present) -> Iterator[str]:
    said = counted("{count} member may propose it now.", "{count} members may propose it now.", present.propose)
    yield said.format(count=_figure(present.propose))
    if rule.method is not Method.ONE_MEMBER:
        said = counted("{count} member may vote on it now.", "{count} members may vote on it now.", present.vote)
        yield said.format(count=_figure(present.vote))


def _how(rule: Rule, present: Present) -> Iterator[str]:
    of = rule.of if (rule.method, rule.of) in ADOPTED else Of.VOTING
    yield translated(ADOPTED[rule.method, of]).format(
        approvals=_figure(rule.approvals), needed=_figure(_needed(rule.method, present.vote))
    )
    if rule.quorum > 1:
        sentence = N_("At least {quorum} have to vote, abstentions counted; else it lapses.")
        yield translated(sentence).format(quorum=_figure(rule.quorum))


def _when(rule: Rule) -> Iterator[str]:
    if rule.at_least:
        sentence = N_("It stays open for {time} at least, so that nobody is passed over.")
        yield translated(sentence).format(time=localised.duration(rule.at_least, spoken()))
    if rule.at_most:
        sentence = N_("It closes after {time} at the latest.")
        yield translated(sentence).format(time=localised.duration(rule.at_most, spoken()))
    elif rule.method is Method.APPROVALS and rule.approvals > 1:
        yield translated("It stays open until enough have approved it.")
    if rule.tellers:
        yield translated("Two members count the ballots before anybody is told the result.")


def _what_stays(rule: Rule) -> Iterator[str]:
    if rule.method is Method.ONE_MEMBER:
        return
    yield translated(RECORDS[rule.record])
    yield translated(SHOWN[rule.shows])
    if rule.arguments:
        yield translated("What members write for and against is kept with the result, without their names.")


def warnings(rule: Rule, present: Present) -> Iterator[str]:
    """What those who change a rule should know before they do."""
    if rule.method is Method.ONE_MEMBER and not rule.at_least:
        yield translated("Nobody else is asked, and whoever steals one password can act in the group's name.")
    if rule.method in VOTES and rule.record is Record.TALLY and present.vote <= FEW:
        yield translated(
            "With so few members a secret vote hides little: who knows how the others voted knows the last."
        )
    if rule.method in VOTES and rule.of is Of.VOTING and rule.quorum < 2 and rule.method is not Method.CONSENT:
        yield translated("Without a quorum a single ballot can decide.")


def _needed(method: Method, voters: int) -> int:
    return voters // 2 + 1 if method is Method.MAJORITY else -(-2 * voters // 3)


def _figure(value: int) -> str:
    return localised.number(value, spoken())
