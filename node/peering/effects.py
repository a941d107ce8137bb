"""What a change of policies or doors does, before it is done: pure.

A **change** puts policies in the place of those of the same source about the same subjects, drops some, sets doors. Its
**effects** are what is different for the neighbours of this node: whom we follow and hear no longer, whose followers
get nothing more, what waits for them and is withdrawn, whom each door shuts out, how many texts are hidden, of whom
what comes has to wait. A preview tells these to a person, and what carries a change out writes the same into the
peering log (`previews`).

Whom we follow, and who follows us, is not undone: it rests while the policy stands, and goes on when it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from node.peering import rules
from node.peering.rules import Door, Mode, Policy, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Policies that come, (subject, source) of those that go, and doors that are set otherwise."""

    sets: tuple[Policy, ...] = ()
    drops: tuple[tuple[str, str | None], ...] = ()
    modes: Mapping[Door, Mode] = field(default_factory=dict)

    @property
    def subjects(self) -> frozenset[str]:
        """Whom the policies are about that come or go."""
        return frozenset([*(one.subject for one in self.sets), *(subject for subject, _ in self.drops)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """An actor that some policy is about, or everybody else of a host.

    `follows`: whom of them groups of ours follow; `followers`: how many follow a group of ours; `deliveries` and
    `fetches`: how many jobs wait for the host; `texts`: how many public texts of theirs are held; `policies`: those
    that fit them now.
    """

    host: str
    actor: str | None = None
    follows: tuple[str, ...] = ()
    followers: int = 0
    deliveries: int = 0
    fetches: int = 0
    texts: int = 0
    policies: tuple[Policy, ...] = ()

    @property
    def name(self) -> str:
        return self.actor or self.host


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What becomes different. Of persons there are numbers alone."""

    follows_rest: tuple[str, ...] = ()
    follows_resume: tuple[str, ...] = ()
    followers_lost: int = 0
    followers_regained: int = 0
    deliveries_withdrawn: int = 0
    fetches_withdrawn: int = 0
    texts_hidden: int = 0
    texts_shown: int = 0
    held_back: tuple[str, ...] = ()
    held_no_more: tuple[str, ...] = ()
    media_hidden: tuple[str, ...] = ()
    media_shown: tuple[str, ...] = ()
    shut_out: Mapping[Door, tuple[str, ...]] = field(default_factory=dict)
    let_in: Mapping[Door, tuple[str, ...]] = field(default_factory=dict)
    all_that_is_followed: bool = False  # nobody whom we follow would be heard any more

    @property
    def is_nothing(self) -> bool:
        """Whether nobody who is known here notices."""
        return not any(value for value in self.as_json().values())

    def as_json(self) -> dict[str, Any]:
        """As programs are told."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        doors = {
            name: {door.value: list(values[name].get(door, ())) for door in Door if values[name].get(door)}
            for name in ("shut_out", "let_in")
        }
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()} | doors

    def counts(self) -> dict[str, int]:
        """The numbers alone, those that are not nothing: for the log, which names nobody."""
        told: dict[str, int] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if isinstance(value, Mapping):
                told |= {f"{name}_{door}": len(those) for door, those in value.items()}
            else:
                told[name] = len(value) if isinstance(value, tuple) else int(value)
        return {name: number for name, number in told.items() if number}


def effects(neighbours: Iterable[Neighbour], change: Change, *, modes: Mapping[Door, Mode], now: datetime) -> Effects:
    """What the change would do to these neighbours, who stand as they do now."""
    after_modes = {**modes, **change.modes}
    coming: dict[str, list[Policy]] = {}
    for policy in change.sets:
        coming.setdefault(policy.subject, []).append(policy)
    going = {(one.subject, one.source) for one in change.sets} | set(change.drops)
    sums = _Sums()
    for one in neighbours:
        before = rules.judge(one.policies, host=one.host, actor=one.actor, now=now)
        names = [*rules.names_of(one.host), *([one.actor] if one.actor else [])]
        policies = [held for held in one.policies if (held.subject, held.source) not in going]
        policies += [new for name in names for new in coming.get(name, ())]
        after = rules.judge(policies, host=one.host, actor=one.actor, now=now)
        sums.add(one, (before, modes), (after, after_modes))
    return sums.as_effects()


State = tuple[Standing, Mapping[Door, Mode]]


def may_ask_of(state: State) -> bool:
    """Whether anything of their own is fetched from somebody who stands so."""
    return rules.passes(state[0], state[1][Door.PULLING])


class _Sums:
    """Adds up what becomes different, neighbour by neighbour."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names: dict[str, list[str]] = {}
        self._doors: dict[str, dict[Door, list[str]]] = {"shut_out": {}, "let_in": {}}
        self._heard_after = 0

    def add(self, one: Neighbour, before: State, after: State) -> None:
        was, becomes = before[0], after[0]
        for door in Door:
            self._door(one, door, rules.passes(was, before[1][door]), rules.passes(becomes, after[1][door]))
        hears = rules.passes(becomes, after[1][Door.DELIVERING])
        heard = rules.passes(was, before[1][Door.DELIVERING])
        self._heard_after += len(one.follows) if hears else 0
        if heard != hears:
            self._names.setdefault("follows_rest" if heard else "follows_resume", []).extend(one.follows)
        if was.is_rejected != becomes.is_rejected:
            self._count("followers_lost" if becomes.is_rejected else "followers_regained", one.followers)
        if one.actor is None and becomes.is_rejected:
            self._count("deliveries_withdrawn", one.deliveries)
        if one.actor is None and not may_ask_of(after):
            self._count("fetches_withdrawn", one.fetches)
        if was.is_hidden != becomes.is_hidden:
            self._count("texts_hidden" if becomes.is_hidden else "texts_shown", one.texts)
        if was.is_held != becomes.is_held:
            self._names.setdefault("held_back" if becomes.is_held else "held_no_more", []).append(one.name)
        if was.sends_media != becomes.sends_media:
            self._names.setdefault("media_hidden" if was.sends_media else "media_shown", []).append(one.name)

    def _door(self, one: Neighbour, door: Door, passed: bool, passes: bool) -> None:
        if passed != passes:
            self._doors["shut_out" if passed else "let_in"].setdefault(door, []).append(one.name)

    def _count(self, name: str, number: int) -> None:
        self._numbers[name] = self._numbers.get(name, 0) + number

    def as_effects(self) -> Effects:
        names = {name: tuple(sorted(those)) for name, those in self._names.items()}
        doors = {
            name: {door: tuple(sorted(those)) for door, those in doors.items()} for name, doors in self._doors.items()
        }
        nobody = bool(names.get("follows_rest")) and not self._heard_after
        return Effects(**self._numbers, **names, **doors, all_that_is_followed=nobody)  # type: ignore[arg-type]
