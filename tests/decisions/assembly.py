"""A group that decides about one kind of act, `strike`, which does nothing but say that it was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from node.context import Transaction
from node.decisions import actions, closing, showing, store
from node.decisions.acts import Act, Described
from node.decisions.rules import Choice, Rule, State, Tally
from node.members import store as members
from node.members.store import Member
from tests.nodes.served import ServedNode

UNDER = "publish_statement"


@dataclass
class Assembly:
    """The doors through which a test decides. `done` and `refused` hold subjects, once their transaction was committed."""

    node: ServedNode
    done: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    made: int = 0

    def __post_init__(self) -> None:
        tables: Any = self.node.node.rooms
        tables.acts["strike"] = Act("publish", UNDER, "strike", lambda tx, subject: Described(subject))
        tables.effects["strike"] = self._noting(self.done)
        tables.refusals["strike"] = self._noting(self.refused)

    @staticmethod
    def _noting(found: list[str]) -> Callable[[Transaction, str], None]:
        return lambda tx, subject: tx.after_commit(lambda: found.append(subject))

    async def people(self, count: int, role: str = "editor") -> list[Member]:
        """Members with a mandate; nobody here logs in, so that no password has to be made. The steward has gone."""

        def enter(tx: Transaction) -> list[Member]:
            entered = []
            for number in range(self.made, self.made + count):
                member = members.add(tx, f"member{number}", "no password")
                members.add_mandate(tx, member, self.node.group, role, None)
                entered.append(Member(member, f"member{number}"))
            return entered

        found: list[Member] = await self.node.write(enter)
        self.made += count
        return found

    async def retire_steward(self) -> None:
        """Take the mandate of the member who set up the node, so that those who vote are those of the test."""
        await self.recall(await self.node.steward())

    async def recall(self, member: Member) -> None:
        """Take a member's mandates, as a decision about roles does."""

        def end(tx: Transaction) -> None:
            tx.execute(members.mandates.delete().where(members.mandates.c.member == member.id))
            closing.look_again(tx, self.node.group)

        await self.node.write(end)

    async def rule(self, rule: Rule, under: str = UNDER) -> None:
        """Give the group a rule, without asking it."""
        await self.node.write(lambda tx: store.set_rule(tx, self.node.group, under, rule))

    async def propose(
        self, member: Member, rule: Rule | None = None, subject: str = "the depot", *, urgent: bool = False
    ) -> actions.Proposed:
        """Propose to strike; what became of it."""
        if rule is not None:
            await self.rule(rule)
        _, proposed = await self.node.write(
            actions.with_proposed,
            actions.propose,
            "strike",
            subject,
            actor=self.node.group,
            member=member,
            urgent=urgent,
        )
        assert proposed is not None
        found: actions.Proposed = proposed
        return found

    async def cast(self, number: int, member: Member, choice: Choice = Choice.FOR, words: str = "") -> actions.Counted:
        """Cast a ballot."""
        found: actions.Counted = await self.node.write(actions.cast, number, member=member, choice=choice, words=words)
        return found

    async def state(self, number: int) -> State:
        """Where a decision stands, when all that was promised is done."""
        await self.node.quiet()
        return State((await self.node.read(store.find, number)).state)

    async def tally(self, number: int) -> Tally | None:
        """What is written down of the tally."""
        found = (await self.node.read(store.find, number)).tally
        return None if found is None else Tally(**found)

    async def shown(self, number: int, member: Member) -> showing.Shown:
        """A decision as a member sees it."""
        found: showing.Shown = await self.node.read(showing.show, number, member)
        return found

    def later(self, **by: float) -> None:
        """Let time pass, or go back."""
        self.node.clock.advance(timedelta(**by))
