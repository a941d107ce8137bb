"""What waits for a member at the desk: what it is, where she does it, until when, and what happens if nobody does.

A part of the desk enters what waits in it into WAITS: a function of the transaction and her standing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import quote

from node import actors, decisions, objects
from node.complaints import store as complaints
from node.complaints.rules import ANSWERED_WITHIN
from node.context import Transaction
from node.corrections import store as corrections
from node.decisions import Shown
from node.decisions.rules import State
from node.identifiers import spell
from node.members import mandates
from node.moderation import store as moderation_store
from node.notifications import waves
from node.peering import admission, policies
from node.positions import moderation
from node.recognitions import store as recognitions
from node.statements import store as publications
from node.translating import N_
from node.web.admin.standing import Standing, in_group


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing. `what` and `unless` are sentences with places for `values`, translated when shown; `about` is in the
    words of whoever wrote it. `handle` is that of the group in whose name it is done."""

    what: str
    address: str
    handle: str
    about: str = ""
    until: datetime | None = None
    unless: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


Waits = Callable[[Transaction, Standing], Iterator[Wait]]


def of(tx: Transaction, here: Standing) -> list[Wait]:
    """All that waits for her in the group in whose name she acts, then in her others; what ends first stands first."""
    found: list[Wait] = []
    for group in here.groups:
        there = in_group(tx, here, group.iri)
        found += [one for waits in WAITS for one in waits(tx, there)]
    own = None if here.group is None else here.group.handle
    return sorted(found, key=lambda one: (one.handle != own, one.until is None, one.until or tx.now))


def of_decisions(tx: Transaction, here: Standing) -> Iterator[Wait]:
    """Votes, and ballots that want to be counted."""
    if here.group is None or not here.may("read"):
        return
    for one in decisions.waiting(tx, here.member, actor=here.actor):
        yield replace(of_decision(one), handle=here.group.handle)


def of_decision(one: Shown) -> Wait:
    """One decision that waits for her."""
    counting = one.state is State.COUNTING
    return Wait(
        what=N_("Count the ballots of decision {number}") if counting else N_("Vote on decision {number}"),
        address=f"/desk/decisions/{one.number}",
        handle="",
        about=one.about.title,
        until=one.until if one.state is State.OPEN else None,
        unless=one.unless_done,
        values={"number": one.number, "quorum": one.rule.quorum},
    )


def of_complaints(tx: Transaction, here: Standing) -> Iterator[Wait]:
    """Complaints that nobody has closed."""
    if here.group is None or not here.may("peer"):
        return
    count = complaints.count_open(tx, group=here.actor)
    if late := complaints.count_unanswered(tx, [here.actor], since=tx.now - ANSWERED_WITHIN):
        yield Wait(
            what=N_("Complaints that have waited for more than 48 hours: {count}"),
            address="/desk/complaints",
            handle=here.group.handle,
            unless=N_("Each is deleted 90 days after it came."),
            values={"count": late},
        )
    if count > late:
        yield Wait(
            what=N_("Complaints that nobody has looked at: {count}"),
            address="/desk/complaints",
            handle=here.group.handle,
            unless=N_("Each is deleted 90 days after it came."),
            values={"count": count - late},
        )


def of_held(tx: Transaction, here: Standing) -> Iterator[Wait]:
    """What others have said that waits to be admitted or refused."""
    if here.group is None or not here.may("peer"):
        return
    if waiting := moderation_store.count_waiting(tx, here.actor):
        yield Wait(
            what=N_("Messages of others that were held back, to admit or to refuse: {count}"),
            address="/desk/moderation",
            handle=here.group.handle,
            unless=N_("Each goes 30 days after it came, and nobody will have seen it."),
            values={"count": waiting},
        )


def of_waves(tx: Transaction, here: Standing) -> Iterator[Wait]:
    """Mentions by strangers that were too many to be told one by one."""
    if here.group is None or not here.may("peer"):
        return
    if count := waves.count_lately(tx, here.actor):
        yield Wait(
            what=N_("A wave of mentions by strangers; told together since yesterday: {count}"),
            address="/desk/moderation",
            handle=here.group.handle,
            unless=N_("It ends by itself. Apps show them among the requests."),
            values={"count": count},
        )


def of_corrections(tx: Transaction, here: Standing) -> Iterator[Wait]:
    """Requests for correction that nobody has answered or closed."""
    if here.group is None or not here.may("publish"):
        return
    if count := corrections.count_open(tx, group=here.actor):
        yield Wait(
            what=N_("Requests for a correction: {count}"),
            address="/desk/corrections",
            handle=here.group.handle,
            unless=N_("Each is deleted 90 days after it came."),
            values={"count": count},
        )


def of_held_corrections(tx: Transaction, here: Standing) -> Iterator[Wait]:
    """Corrections that the group has adopted, and that another one stands in the way of."""
    if here.group is None or not here.may("publish"):
        return
    for row in publications.held_back(tx, here.actor):
        held = objects.find(tx, row.draft["corrects"])
        if held is not None:
            yield Wait(
                what=N_("A correction is held back: confirm it, write it anew, or let it go"),
                address=f"/desk/published/{spell(held.sort_id)}",
                handle=here.group.handle,
                about=row.draft["draft"]["title"] or "",
                unless=N_("It does not leave."),
            )


def of_positions(tx: Transaction, here: Standing) -> Iterator[Wait]:
    """Positions of strangers that nobody has admitted or turned away."""
    if here.group is None or not here.may("peer"):
        return
    if waiting := moderation.waiting(tx, here.actor):
        yield Wait(
            what=N_("Positions of groups that nobody here follows, to admit or to turn away: {count}"),
            address="/desk/positions",
            handle=here.group.handle,
            unless=N_("Each goes 90 days after it came, and nobody will have seen it."),
            values={"count": len(waiting)},
        )


def of_members(tx: Transaction, here: Standing) -> Iterator[Wait]:
    """A second steward, as long as there is only one; roles that nobody will hold in a month, and mandates that end."""
    if here.group is None or not here.may("steward"):
        return
    if len(mandates.stewards(tx, here.actor)) < 2:
        yield Wait(
            what=N_("Find a second steward"),
            address="/desk/members",
            handle=here.group.handle,
            unless=N_("The group has only you. If you cannot act, nobody can; and nobody can stop you."),
        )
    for role in mandates.gaps(tx, here.actor):
        yield Wait(
            what=N_("Find somebody for the role “{role}”"),
            address="/desk/members",
            handle=here.group.handle,
            unless=N_("Within a month nobody holds it any more."),
            values={"role": role},
        )
    for row in mandates.ending(tx, here.actor):
        yield Wait(
            what=N_("Renew the mandate of {name} as “{role}”, or let it end"),
            address="/desk/members",
            handle=here.group.handle,
            until=row.ends,
            unless=N_("It ends by itself."),
            values={"name": row.name, "role": row.role},
        )


def of_requests(tx: Transaction, here: Standing) -> Iterator[Wait]:
    """Who asks to follow the group."""
    if here.group is None or not here.may("peer"):
        return
    if count := admission.count_requests(tx, here.actor):
        yield Wait(
            what=N_("Requests to follow the group: {count}"),
            address="/desk/peers/requests",
            handle=here.group.handle,
            unless=N_("They wait."),
            values={"count": count},
        )


def of_reviews(tx: Transaction, here: Standing) -> Iterator[Wait]:
    """Recognitions that the group wanted to look at again by now."""
    if here.group is None or not here.may("peer"):
        return
    for row in recognitions.due(tx, here.actor, today=tx.now.date()):
        known = actors.find(tx, row.about)
        yield Wait(
            what=N_("Look again at a recognition"),
            address="/desk/peers/requests",
            handle=here.group.handle,
            about=row.about if known is None else actors.handle_of(known),
            unless=N_("It stands."),
        )


def of_policies(tx: Transaction, here: Standing) -> Iterator[Wait]:
    """Policies about others that were to be looked at again by now."""
    if here.group is None or not here.may("peer"):
        return
    for row in policies.due(tx):
        yield Wait(
            what=N_("Look at a policy again: {subject}"),
            address=f"/desk/policies?whom={quote(row.subject, safe='')}",
            handle=here.group.handle,
            about=row.reason,
            unless=N_("It stays in force until then."),
            values={"subject": row.subject},
        )


WAITS: tuple[Waits, ...] = (
    of_decisions,
    of_members,
    of_complaints,
    of_held,
    of_waves,
    of_corrections,
    of_held_corrections,
    of_positions,
    of_requests,
    of_reviews,
    of_policies,
)
