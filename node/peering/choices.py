"""What a group has chosen about its peers: whom it lets follow it unasked, and who may see its lists.

Every choice is an act of the group. A group that has chosen nothing lets everybody follow it, as it always did, and
shows its lists to its members alone, so that a list of friends does not become a list of targets.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Column, ForeignKey, Table, Text, select, update

from federation import addressing
from node import activities, actors, decisions, profile
from node.actors import local_actors
from node.context import Transaction
from node.database import insert, metadata
from node.decisions import Described, State
from node.errors import Conflict, Invalid
from node.members.store import Member
from node.peering import log, store
from node.peering.log import Deed
from schemas.context import PUBLIC


class Admits(StrEnum):
    """Whom a group lets follow it without being asked."""

    EVERYBODY = "everybody"
    PERSONS = "persons"  # other groups ask first
    NOBODY = "nobody"  # everybody asks first


class Seen(StrEnum):
    """Who may see a list of a group."""

    PUBLIC = "public"
    RECOGNISED = "recognised"  # the peers that the group recognises, and its members
    MEMBERS = "members"


@dataclass(frozen=True, slots=True)
class Choices:
    """All of them, by the names of the columns."""

    admits: Admits = Admits.EVERYBODY
    log: Seen = Seen.MEMBERS
    map: Seen = Seen.MEMBERS
    following: Seen = Seen.MEMBERS
    recognitions: Seen = Seen.MEMBERS

    def as_json(self) -> dict[str, str]:
        """For programs, and for forms."""
        return {name: getattr(self, name).value for name in NAMES}

    @property
    def asks(self) -> bool:
        """Whether a Follow may have to wait."""
        return self.admits is not Admits.EVERYBODY


LISTS: Final = ("log", "map", "following", "recognitions")
NAMES: Final = ("admits", *LISTS)

peering_choices = Table(
    "peering_choices",
    metadata,
    Column("actor", Text, ForeignKey("local_actors.iri"), primary_key=True),
    *(Column(name, Text, nullable=False) for name in NAMES),
)


def of(tx: Transaction, group: str) -> Choices:
    """What a group of ours has chosen."""
    row = tx.execute(select(peering_choices).where(peering_choices.c.actor == group)).one_or_none()
    if row is None:
        return Choices()
    return Choices(Admits(row.admits), *(Seen(getattr(row, name)) for name in LISTS))


def read(name: str, value: str) -> Admits | Seen:
    """One choice by its name and its word. Raises Invalid, saying what there is to choose from."""
    kind = {"admits": Admits}.get(name, Seen)
    if name not in NAMES:
        raise Invalid("“{name}” is no choice; there are {names}", field="choice", name=name, names=", ".join(NAMES))
    if value not in set(kind):
        words = ", ".join(kind)
        raise Invalid("“{value}” is none of {words}", field=name, value=value, words=words)
    return kind(value)


def choose(tx: Transaction, changes: dict[str, str], *, actor: str, member: Member, urgent: bool = False) -> State:
    """Propose other choices for the group `actor`. Raises Invalid, Conflict if nothing would change, Forbidden."""
    wanted = {name: read(name, value) for name, value in changes.items()}
    now = of(tx, actor)
    if replace(now, **wanted) == now:  # type: ignore[arg-type]
        raise Conflict("that is what the group has chosen already; nothing has changed")
    subject = json.dumps({"actor": actor, "choices": wanted}, sort_keys=True)
    return decisions.propose(tx, "choose_about_peers", subject, actor=actor, member=member, urgent=urgent)


def chosen(tx: Transaction, subject: str) -> None:
    """Effect: what the group chooses from now on."""
    value = json.loads(subject)
    wanted = {name: read(name, given) for name, given in value["choices"].items()}
    before = of(tx, value["actor"])
    choices = asdict(replace(before, **wanted))  # type: ignore[arg-type]
    statement = insert(tx, peering_choices).values(actor=value["actor"], **choices)
    tx.execute(statement.on_conflict_do_update(index_elements=["actor"], set_=choices))
    number = decisions.result(tx, "choose_about_peers", subject).number
    details = {"choices": value["choices"]}
    log.note(tx, Deed.VISIBILITY_SET, None, group=value["actor"], decision=number, details=details)
    if of(tx, value["actor"]).asks != before.asks:
        _tell(tx, value["actor"])


def _tell(tx: Transaction, actor: str) -> None:
    """Tell followers that the group says otherwise now whether a Follow may wait."""
    tx.execute(update(local_actors).where(local_actors.c.iri == actor).values(changed=tx.now))
    document = profile.document(tx, actors.local(tx, actor))
    made = activities.make(
        tx, "Update", actor=actor, object=document, to=[PUBLIC], cc=[actors.followers_of(actor)],
        published=tx.now.replace(microsecond=0),
    )  # fmt: skip
    inboxes = addressing.distinct_inboxes(store.recipients(tx, actor), own_origin=tx.node.config.origin)
    activities.send(tx, made, inboxes)


def asks(tx: Transaction, group: str) -> bool:
    """Whether a Follow of a group of ours may have to wait: what its actor says as manuallyApprovesFollowers."""
    return of(tx, group).asks


def described(tx: Transaction, subject: str) -> Described:
    """The proposal in a line."""
    return Described("; ".join(f"{name}: {value}" for name, value in json.loads(subject)["choices"].items()))


def changes_of(given: Any) -> dict[str, str]:
    """What a form or a request chooses: those of its fields that are choices and are not empty."""
    return {name: str(given[name]) for name in NAMES if given.get(name)}
