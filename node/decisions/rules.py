"""When a proposal is adopted: pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Choice(StrEnum):
    """What a ballot can say."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"
    BLOCK = "block"


class State(StrEnum):
    """Where a proposal stands."""

    OPEN = "open"
    ADOPTED = "adopted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a kind of act needs. `approvals`: how many ballots for it; `record`: tally, named or open."""

    name: str
    approvals: int
    record: str = "tally"

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the proposal."""
        return asdict(self)


ONE_MEMBER = Rule("one member may act", approvals=1)


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

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the decision."""
        return asdict(self)


def outcome(rule: Rule, tally: Tally) -> State:
    """Where a proposal stands after `tally`; a block keeps it from being adopted."""
    if tally.blocking:
        return State.REJECTED
    return State.ADOPTED if tally.in_favour >= rule.approvals else State.OPEN
