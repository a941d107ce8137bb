"""How a group came to say something: the rule, the tally, the arguments. It stands inside the statement it is about.

A group shows as much of it as it has chosen: figures, or only whether everybody agreed, or nothing at all.
"""

from __future__ import annotations

from schemas import codes
from schemas.fields import wire, wire_value
from schemas.kinds import BOOLEAN, COUNT, TEXT, code, many, nested


@wire_value()
class Voter:
    """A name or a pseudonym, where the group votes in the open."""

    name: str = wire(TEXT, "name", doc="As the group calls her.")
    choice: str = wire(code(codes.CHOICES), "choice", doc="What her ballot said.")


@wire_value()
class Decision:
    """A decision of a group, as it shows it. Counts are ballots."""

    method: str = wire(code(codes.DECISION_METHODS), "method", doc="What the rule asked for.")
    majority_of: str | None = wire(
        code(codes.MAJORITIES), "majorityOf", default=None, lenient=True, doc="Of whom the majority was asked."
    )
    unanimous: bool | None = wire(
        BOOLEAN, "unanimous", default=None, lenient=True, doc="Whether every ballot was for it and nobody abstained."
    )
    in_favour: int | None = wire(COUNT, "inFavour", default=None, lenient=True, doc="Ballots for it.")
    against: int | None = wire(COUNT, "against", default=None, lenient=True, doc="Ballots against it.")
    abstaining: int | None = wire(COUNT, "abstaining", default=None, lenient=True, doc="Ballots that abstain.")
    eligible: int | None = wire(COUNT, "eligible", default=None, lenient=True, doc="How many could vote.")
    quorum: int | None = wire(COUNT, "quorum", default=None, lenient=True, doc="How many ballots the rule asked for.")
    arguments_for: tuple[str, ...] = wire(
        many(TEXT, skip_unreadable=True), "argumentsFor", default=(), lenient=True, doc="Plain text, unnamed."
    )
    arguments_against: tuple[str, ...] = wire(
        many(TEXT, skip_unreadable=True), "argumentsAgainst", default=(), lenient=True, doc="Plain text, unnamed."
    )
    voters: tuple[Voter, ...] = wire(
        many(nested(Voter), skip_unreadable=True), "voters", default=(), lenient=True,
        doc="Who voted what, where the group votes in the open.",
    )  # fmt: skip
