"""When a proposal is adopted, and which rules a group can give itself: pure.

How the methods count:

* `one_member`: whoever proposes has decided. `approvals`: so many ballots in favour; those against do not count.
* `majority`, `two_thirds` of those `voting` (in favour and against; abstentions count for the quorum alone) or of those
  `eligible` (whoever is silent counts as not in favour). A majority is more than half, two thirds are at least that.
* `consent`: nobody blocks, and somebody is in favour. To be against is to stand aside. Only here can a ballot block,
  and it says why.

A vote in which ballots are secret (`record` is `tally`) ends when everybody has voted or its time is over, and never
with the ballot that decides it: whoever cast that one would have shown what it said. Approvals are given to be counted,
and end it with the last that is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

from node.errors import Invalid, Phrase
from node.translating import N_

HOUR = 3600
DAY = 24 * HOUR
AT_MOST = 366 * DAY
NUMBER_AT_MOST = 10_000
WORDS_CHARACTERS = 2000


class Choice(StrEnum):
    """What a ballot can say."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"
    BLOCK = "block"


class State(StrEnum):
    """Where a proposal stands."""

    OPEN = "open"
    COUNTING = "counting"  # no more ballots; two tellers have yet to confirm the tally
    ADOPTED = "adopted"
    REJECTED = "rejected"
    LAPSED = "lapsed"  # its time is over, and too few have voted, or too few in favour
    WITHDRAWN = "withdrawn"


UNDER_WAY = frozenset({State.OPEN, State.COUNTING})


class Method(StrEnum):
    """What makes a proposal adopted."""

    ONE_MEMBER = "one_member"
    APPROVALS = "approvals"
    MAJORITY = "majority"
    TWO_THIRDS = "two_thirds"
    CONSENT = "consent"


VOTES = frozenset({Method.MAJORITY, Method.TWO_THIRDS, Method.CONSENT})


class Of(StrEnum):
    """What a majority or two thirds are a part of."""

    ELIGIBLE = "eligible"
    VOTING = "voting"


class Record(StrEnum):
    """What is kept of who voted what."""

    TALLY = "tally"  # nothing
    NAMED = "named"  # members see it
    OPEN = "open"  # it is published with the result


class Shows(StrEnum):
    """What the public learns of a result."""

    FIGURES = "figures"
    WORDS = "words"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a kind of act needs. Durations are seconds, 0 is none.

    `quorum` is a number of ballots, abstentions counted. `voters`: who votes, as what a mandate must permit; empty: who
    may propose it. `tellers`: how many members confirm the tally before it is known. `arguments`: whether what members
    wrote for and against is kept, unnamed, with the result. `urgent`: the rule for what is proposed as urgent.
    """

    method: Method = Method.ONE_MEMBER
    approvals: int = 1
    of: Of = Of.VOTING
    quorum: int = 0
    at_least: int = 0
    at_most: int = 0
    record: Record = Record.TALLY
    tellers: int = 0
    shows: Shows = Shows.FIGURES
    arguments: bool = False
    voters: str = ""
    urgent: Rule | None = None

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the proposal."""
        return asdict(self)

    @property
    def name(self) -> str:
        """The rule's name in English."""
        return str(self.phrase)

    @property
    def phrase(self) -> Phrase:
        """The rule's name, as a value of an error."""
        return Phrase(NAMES[self.method, self.of], approvals=self.approvals)

    def said(self, translate: Callable[[str], str]) -> str:
        """The rule's name in another language."""
        return self.phrase.said(translate)

    @property
    def is_immediate(self) -> bool:
        """Whether a proposal is decided by being made, with nothing to keep of it but the tally."""
        alone = self.method is Method.ONE_MEMBER or (self.method is Method.APPROVALS and self.approvals == 1)
        return alone and self.quorum < 2 and not (self.at_least or self.tellers) and self.record is Record.TALLY


NAMES = {
    (Method.ONE_MEMBER, Of.VOTING): N_("one member may act"),
    (Method.ONE_MEMBER, Of.ELIGIBLE): N_("one member may act"),
    (Method.APPROVALS, Of.VOTING): N_("approval by {approvals} members"),
    (Method.APPROVALS, Of.ELIGIBLE): N_("approval by {approvals} members"),
    (Method.MAJORITY, Of.VOTING): N_("a majority of those voting"),
    (Method.MAJORITY, Of.ELIGIBLE): N_("a majority of all who may vote"),
    (Method.TWO_THIRDS, Of.VOTING): N_("two thirds of those voting"),
    (Method.TWO_THIRDS, Of.ELIGIBLE): N_("two thirds of all who may vote"),
    (Method.CONSENT, Of.VOTING): N_("consent: nobody blocks"),
    (Method.CONSENT, Of.ELIGIBLE): N_("consent: nobody blocks"),
}

ONE_MEMBER = Rule()


def from_json(value: Mapping[str, Any]) -> Rule:
    """The rule that was kept. What was decided before there was more than one kind said only how many had to agree."""
    if "method" not in value:
        approvals = int(value.get("approvals", 1))
        return Rule(Method.APPROVALS if approvals > 1 else Method.ONE_MEMBER, approvals=approvals)
    return read({name: given for name, given in value.items() if name in KEYS})


@dataclass(frozen=True, slots=True)
class Tally:
    """How many ballots said what."""

    in_favour: int = 0
    against: int = 0
    abstaining: int = 0
    blocking: int = 0

    @classmethod
    def of(cls, choices: list[str]) -> Tally:
        """Count ballots."""
        return cls(*(choices.count(choice.value) for choice in Choice))

    @property
    def voted(self) -> int:
        """How many ballots there are."""
        return self.in_favour + self.against + self.abstaining + self.blocking

    def as_json(self) -> dict[str, int]:
        """As it is kept with the decision."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the time of a vote stands: whether it may end yet, and whether it has to."""

    may_end: bool = True
    is_over: bool = False


def outcome(rule: Rule, tally: Tally, *, waiting: int, gone: int = 0, moment: Moment = Moment()) -> State:
    """Where a proposal stands after `tally` when `waiting` more members may vote on it.

    `gone` are those who were on the roll and were recalled before they voted. They count no more, but a vote keeps its
    time: whoever recalls the others could else end it with her own ballot, before anybody has noticed.
    """
    all_voted = waiting == 0 and (gone == 0 or not rule.at_most)
    if moment.is_over or (all_voted and moment.may_end):
        return at_the_end(rule, tally, eligible=tally.voted + waiting, everybody=waiting == 0)
    if not moment.may_end:
        return State.OPEN
    if rule.method not in VOTES:
        return State.ADOPTED if is_met(rule, tally, eligible=tally.voted + waiting) else State.OPEN
    return State.OPEN if rule.record is Record.TALLY else _settled(rule, tally, waiting=waiting + gone)


def _settled(rule: Rule, tally: Tally, *, waiting: int) -> State:
    """What no ballot still to come can change."""
    eligible = tally.voted + waiting
    if rule.method is Method.CONSENT:
        return State.REJECTED if tally.blocking else State.OPEN
    worst = replace(tally, against=tally.against + waiting)
    best = replace(tally, in_favour=tally.in_favour + waiting)
    if tally.voted >= rule.quorum and is_met(rule, worst, eligible=eligible):
        return State.ADOPTED
    return State.OPEN if is_met(rule, best, eligible=eligible) else State.REJECTED


def at_the_end(rule: Rule, tally: Tally, *, eligible: int, everybody: bool) -> State:
    """What a vote that takes no more ballots has decided. `everybody`: nobody is left who could have voted.

    Rejected is what those who voted did not want; lapsed, what too few cared for.
    """
    if tally.blocking and rule.method is Method.CONSENT:
        return State.REJECTED
    if is_met(rule, tally, eligible=eligible):
        return State.ADOPTED
    if tally.voted < max(rule.quorum, 1):
        return State.LAPSED
    wanted = is_met(replace(rule, of=Of.VOTING), tally, eligible=eligible)
    if rule.method in VOTES:
        return State.LAPSED if wanted and not everybody else State.REJECTED
    return State.REJECTED if everybody else State.LAPSED


def is_met(rule: Rule, tally: Tally, *, eligible: int) -> bool:
    """Whether `tally` is enough under `rule`, the quorum included; time and tellers are others' matter."""
    if tally.voted < rule.quorum or tally.in_favour < 1:
        return False
    whole = eligible if rule.of is Of.ELIGIBLE else tally.in_favour + tally.against
    match rule.method:
        case Method.ONE_MEMBER:
            return True
        case Method.APPROVALS:
            return tally.in_favour >= rule.approvals
        case Method.MAJORITY:
            return 2 * tally.in_favour > whole
        case Method.TWO_THIRDS:
            return 3 * tally.in_favour >= 2 * whole
        case Method.CONSENT:
            return tally.blocking == 0


def check_choice(rule: Rule, choice: Choice, words: str) -> None:
    """Raise Invalid unless a ballot can say this."""
    if choice is Choice.BLOCK and rule.method is not Method.CONSENT:
        raise Invalid("only where the rule is consent can a ballot block; vote against", field="choice")
    if choice is Choice.BLOCK and not words.strip():
        raise Invalid("say why you block: the others have to know what would have to change", field="words")
    if len(words) > WORDS_CHARACTERS:
        raise Invalid(
            "it has {given} characters; {limit} are the limit",
            field="words",
            given=len(words),
            limit=WORDS_CHARACTERS,
        )
    if any(character < " " and character not in "\n\r\t" for character in words):
        raise Invalid("there is a character in it that cannot be shown", field="words")


# ---- rules that a group gives itself

KEYS = tuple(field.name for field in fields(Rule))
_CHOICES: dict[str, type[StrEnum]] = {"method": Method, "of": Of, "record": Record, "shows": Shows}
_NUMBERS = {"approvals": NUMBER_AT_MOST, "quorum": NUMBER_AT_MOST, "at_least": AT_MOST, "at_most": AT_MOST}
PERMISSIONS = ("", "read", "write", "publish", "peer", "steward")


def read(value: Mapping[str, Any]) -> Rule:
    """A rule from what a form, a program or the table says. Raises Invalid, naming the field."""
    given: dict[str, Any] = {}
    for key, said in value.items():
        if key not in KEYS:
            raise Invalid("there is no such key; the keys are {keys}", field=key, keys=", ".join(KEYS))
        given[key] = _read(key, said)
    return Rule(**given)


def _read(key: str, said: Any) -> Any:
    if key == "urgent":
        if said is not None and not isinstance(said, Mapping):
            raise Invalid("write a rule, or nothing", field=key)
        return None if said is None else read(said)
    if key in _CHOICES:
        return _one_of(key, said)
    if key == "arguments":
        if not isinstance(said, bool):
            raise Invalid("write true or false", field=key)
        return said
    if key == "voters":
        if said not in PERMISSIONS:
            raise Invalid("“{value}” is none of {known}", field=key, value=said, known=", ".join(PERMISSIONS[1:]))
        return said
    if isinstance(said, bool) or not isinstance(said, int):
        raise Invalid("“{value}” is not a whole number", field=key, value=said)
    return said


def _one_of(key: str, said: Any) -> StrEnum:
    known = _CHOICES[key]
    if said not in [one.value for one in known]:
        raise Invalid("“{value}” is none of {known}", field=key, value=said, known=", ".join(known))
    return known(said)


def check(rule: Rule) -> Rule:
    """`rule`, if a group can give it to itself; who is there to meet it is another question. Raises Invalid."""
    for name, limit in _NUMBERS.items():
        value = getattr(rule, name)
        if not 0 <= value <= limit:
            raise Invalid("{value} is not between 0 and {limit}", field=name, value=value, limit=limit)
    if rule.method is Method.APPROVALS and rule.approvals < 1:
        raise Invalid("somebody has to approve: say how many", field="approvals")
    if rule.tellers not in (0, 2):
        raise Invalid("there are no tellers, or two", field="tellers")
    if rule.at_most and rule.at_most < rule.at_least:
        raise Invalid("it would have to end before it may", field="at_most")
    if rule.method in VOTES and not rule.at_most:
        raise Invalid("say how long a vote lasts at most: one member who is silent could keep it open", field="at_most")
    if rule.method is Method.ONE_MEMBER and rule.quorum > 1:
        raise Invalid("where one member may act, no others have to vote", field="quorum")
    if rule.urgent is not None:
        if rule.urgent.urgent is not None:
            raise Invalid("what is urgent has no urgent rule of its own", field="urgent")
        check(rule.urgent)
    return rule


def needed(rule: Rule) -> int:
    """How many members at least have to be there for `rule` to be met; its urgent path is a rule of its own."""
    approvals = rule.approvals if rule.method is Method.APPROVALS else 1
    return max(approvals, rule.quorum, rule.tellers)
