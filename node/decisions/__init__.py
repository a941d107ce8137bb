"""Decisions: how a group comes to act. Nothing is published, followed or limited but by one.

Words: a **proposal** is a kind of act, a subject (an opaque text) and the **rule** in force when it was opened; a
**ballot** is for, against, abstain or block; a proposal that meets its rule is **adopted**, and the **effect** of its
kind runs once, in the same transaction.

Invariants: this room knows nothing of what is decided, it finds the effect by kind; at the record level `tally` (the
default) a ballot has no voter and no time, the electorate says only who has voted, and both are deleted when the
decision closes: the tally stays.

The first rule there is: one member who holds the mandate may act (`rules.ONE_MEMBER`). Quorums, majorities and consent
are further rules of the same shape.
"""

from node.decisions.actions import propose
from node.decisions.rules import Choice, Rule, Tally

__all__ = ["Choice", "Rule", "Tally", "propose"]
