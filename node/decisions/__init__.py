"""Decisions: how a group comes to act. Nothing is published, followed or limited but by one.

Words: a **proposal** is a kind of act, a subject (an opaque text) and the **rule** in force when it was opened; a
**ballot** is for, against, abstain or, where the rule is consent, block; the **roll** (`electorate`) says who may vote
and who has. A proposal that meets its rule is **adopted**, and the **effect** of its kind runs once, in the transaction
of the ballot that completes it, of the second **teller** who confirms the tally, or of the job that closes it when its
time is over; however else it ends, the **refusal** of its kind runs once. A **receipt** says that a ballot was counted.

Files: `rules` (what a rule is and when it is met: pure), `acts` (what can be decided), `ruling` (the rules of a group,
and what would lock everybody out), `actions` (propose, vote, count, withdraw), `closing` (how a vote ends), `results`
(how it went, for publications), `showing` (how it stands, for members).

Invariants: this room knows nothing of what is decided, it finds act, effect and refusal by kind. The rule of the moment
of opening counts to the end, and who was on the roll then. At the record level `tally` (the default) a ballot has no
voter and no time, the roll says only who has voted, nobody is told how a vote stands before it closes, and when it
closes all is deleted but the tally, the receipts, and the words the group keeps. Whoever is recalled before she has
voted votes no more and counts no more, but the vote keeps its time. A ballot that was cast is not lost:
a decision stays decided though its effect cannot be carried out, and says why. A group's rules change by their own
rule, and to none that those who hold mandates could never meet. Where mandates have ended by themselves and a rule can
be met no more, the holder of the server can set it back (`reset`), which members are told.
"""

from node.decisions import closing, ruling
from node.decisions.actions import (
    Count,
    Counted,
    Proposed,
    cast,
    change_rule,
    confirm,
    count,
    forget_words,
    propose,
    read_choice,
    with_proposed,
    withdraw,
)
from node.decisions.acts import UNDER, Act, Described
from node.decisions.copying import begin_anew
from node.decisions.results import Argument, Result, result
from node.decisions.rules import ONE_MEMBER, Choice, Method, Of, Record, Rule, Shows, State, Tally
from node.decisions.ruling import all_in_force, can_be_met, in_force, locked, reset, without_own
from node.decisions.showing import Mine, Shown, closed, show, under_way, waiting
from node.decisions.store import of_kind

ACTS = ruling.ACTS
EFFECTS = ruling.EFFECTS
JOBS = closing.JOBS
DEPARTURES = (ruling.check_departure,)

__all__ = [
    "ACTS",
    "DEPARTURES",
    "EFFECTS",
    "JOBS",
    "ONE_MEMBER",
    "UNDER",
    "Act",
    "Argument",
    "Choice",
    "Count",
    "Counted",
    "Described",
    "Method",
    "Mine",
    "Of",
    "Proposed",
    "Record",
    "Result",
    "Rule",
    "Shown",
    "Shows",
    "State",
    "Tally",
    "all_in_force",
    "begin_anew",
    "can_be_met",
    "cast",
    "change_rule",
    "closed",
    "confirm",
    "count",
    "forget_words",
    "in_force",
    "locked",
    "of_kind",
    "propose",
    "read_choice",
    "reset",
    "result",
    "show",
    "under_way",
    "waiting",
    "with_proposed",
    "withdraw",
    "without_own",
]
