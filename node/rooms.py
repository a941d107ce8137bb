"""The rooms of the node, in their order, and the tables they fill: handlers, jobs, acts, effects, issues.

A room may import the rooms before it in this list, never one after it. Two rooms that claim the same entry are an error
when the node is built; nothing is discovered at import.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from federation.handling import DuplicateEntry, HandlerTable, merged
from node import (
    appeals,
    apps,
    backfill,
    complaints,
    conditions,
    corrections,
    decisions,
    delivery,
    drafts,
    groups,
    jobs,
    lost_inboxes,
    marks,
    members,
    merges,
    moderation,
    notices,
    notifications,
    peering,
    policy_lists,
    positions,
    push,
    receipts,
    recognitions,
    reports,
    search,
    signatories,
    statements,
    statistics,
    streams,
    timelines,
    uploads,
)
from node.context import Effect, Node, Transaction
from node.decisions.acts import Act
from node.intake import Handler
from node.jobs import Job
from node.peering import choices, synchronisation
from node.statements.composing import Making
from node.statements.hearing import Hearing
from node.statements.publishing import Issue, Previewing, Proposing
from schemas.statement import Statement

ROOMS = (
    members, apps, decisions, notices, peering, policy_lists, statements, complaints, moderation, reports, conditions,
    search, merges, statistics, groups, positions, recognitions, signatories, appeals, corrections, drafts,
    backfill, marks, timelines, notifications, streams, push, uploads,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the rooms can do: (activity type, object kind) -> handler; kind -> job; decision kind -> act.

    `acts` says of each kind of decision what it takes to propose it and by which rule it is decided, `effects` what
    happens when it is adopted, `refusals` what happens when it ends otherwise. `departures` are called when mandates
    were taken away (in one group, or with None in any), in that transaction, and raise what forbids it.
    `issues` says, for each kind of publication, how it is made and sent when its delay is over; `makings`, for each
    that can be corrected, how its text becomes a newer version; `proposing`, for each kind of draft, how it is put to
    the vote, and `previewing`, what it would be sent as; `adoptions` are told of each publication, by its IRI, that
    the group has adopted it; `completions` fill in what a room knows of a statement of ours that leaves; `heard` are
    told of each statement of another that was kept or changed, `deletions` what its author deletes by its IRI,
    whatever it is (IRI, author); `lockings` of each member whose password and tokens were
    taken away, in that transaction; `keepers` say whether something that is not public yet shows a picture of ours, by
    its file; `newcomers` are told of the host of each actor of others that is new here; `hearings`, for each class of
    values, how it is kept when it was fetched from its origin; `prunings` let
    go of what is no longer needed, a thousand rows at a time; `loops` run as long as the node works.
    `screens` are asked before anything of others is kept whether it has to wait for a person.
    `settlings` are called at the end of a transaction that has entered, changed or deleted objects (`tx.touched`).
    `followers_headers` go with what a group sends to its followers, by origin, and change when `followers_state` does.
    `asks_followers` says whether a group lets a Follow wait.
    """

    handlers: HandlerTable[Handler]
    jobs: Mapping[str, Job]
    effects: Mapping[str, Effect]
    refusals: Mapping[str, Effect]
    acts: Mapping[str, Act]
    issues: Mapping[str, Issue]
    makings: Mapping[str, Making]
    proposing: Mapping[str, Proposing]
    previewing: Mapping[str, Previewing]
    adoptions: tuple[Callable[[Transaction, str], None], ...]
    completions: tuple[Callable[[Transaction, Statement], Statement], ...]
    heard: tuple[Callable[[Transaction, Statement], None], ...]
    deletions: tuple[Callable[[Transaction, str, str], None], ...]
    hearings: Mapping[str, Hearing]
    prunings: tuple[Callable[[Transaction], int], ...]
    loops: tuple[Callable[[Node], Coroutine[Any, Any, None]], ...]
    departures: tuple[Callable[[Transaction, str | None], None], ...]
    lockings: tuple[Callable[[Transaction, int], object], ...]
    keepers: tuple[Callable[[Transaction, str], bool], ...]
    newcomers: tuple[Callable[[Transaction, str], None], ...]
    settlings: tuple[Callable[[Transaction], None], ...]
    screens: tuple[Callable[..., bool], ...]
    followers_headers: Callable[[Transaction, str], Mapping[str, Mapping[str, str]]] = synchronisation.headers
    followers_state: Callable[[Transaction, str], Any] = synchronisation.state
    asks_followers: Callable[[Transaction, str], bool] = choices.asks

    def hold_back(
        self, tx: Transaction, said: Statement, document: dict[str, Any], *, kind: str, heard: bool, parent: Any = None
    ) -> bool:
        """Whether a room has let this wait for a person (what is shown of it already, it has taken down).

        Raises Ignored where one refuses it.
        """
        return any(look(tx, said, document, kind=kind, heard=heard, parent=parent) for look in self.screens)


class MissingEntry(Exception):
    """A kind of decision has an effect and no act, or an act and no effect."""


def assemble(rooms: tuple[Any, ...] = ROOMS) -> Rooms:
    """Merge what the rooms export as HANDLERS, JOBS, EFFECTS, ACTS ... Raises DuplicateEntry, MissingEntry."""
    handlers = merged([room.HANDLERS for room in rooms if hasattr(room, "HANDLERS")])
    promised = _merged([delivery.JOBS, *(room.JOBS for room in rooms if hasattr(room, "JOBS"))])
    effects = _merged([room.EFFECTS for room in rooms if hasattr(room, "EFFECTS")])
    issues = _merged([room.ISSUES for room in rooms if hasattr(room, "ISSUES")])
    makings = _merged([room.MAKINGS for room in rooms if hasattr(room, "MAKINGS")])
    proposing = _merged([room.PROPOSING for room in rooms if hasattr(room, "PROPOSING")])
    previewing = _merged([room.PREVIEWING for room in rooms if hasattr(room, "PREVIEWING")])
    adoptions = tuple(settle for room in rooms for settle in getattr(room, "ADOPTIONS", ()))
    completions = tuple(fill for room in rooms for fill in getattr(room, "COMPLETIONS", ()))
    heard = tuple(note for room in rooms for note in getattr(room, "HEARD", ()))
    deletions = tuple(note for room in rooms for note in getattr(room, "DELETIONS", ()))
    hearings = _merged([room.HEARINGS for room in rooms if hasattr(room, "HEARINGS")])
    refusals = _merged([room.REFUSALS for room in rooms if hasattr(room, "REFUSALS")])
    acts = _merged([room.ACTS for room in rooms if hasattr(room, "ACTS")])
    for kind in (effects.keys() | refusals.keys()) ^ acts.keys():
        raise MissingEntry(kind)
    departures = tuple(check for room in rooms for check in getattr(room, "DEPARTURES", ()))
    loops = tuple(loop for room in rooms for loop in getattr(room, "LOOPS", ()))
    prunings = (
        jobs.prune_parked,
        lost_inboxes.prune,
        receipts.prune,
        *(step for room in rooms for step in getattr(room, "PRUNINGS", ())),
    )
    return Rooms(
        handlers=handlers,
        jobs=promised,
        effects=effects,
        refusals=refusals,
        acts=acts,
        issues=issues,
        makings=makings,
        proposing=proposing,
        previewing=previewing,
        adoptions=adoptions,
        completions=completions,
        heard=heard,
        deletions=deletions,
        hearings=hearings,
        prunings=prunings,
        loops=loops,
        departures=departures,
        lockings=tuple(lock for room in rooms for lock in getattr(room, "LOCKINGS", ())),
        settlings=tuple(settle for room in rooms for settle in getattr(room, "SETTLINGS", ())),
        newcomers=tuple(note for room in rooms for note in getattr(room, "NEWCOMERS", ())),
        screens=tuple(look for room in rooms for look in getattr(room, "SCREENS", ())),
        keepers=tuple(keeps for room in rooms for keeps in getattr(room, "KEEPERS", ())),
    )


def _merged(tables: list[Mapping[str, Any]]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for table in tables:
        for name, entry in table.items():
            if name in whole:
                raise DuplicateEntry((name, "a room"), whole[name], entry)
            whole[name] = entry
    return whole
