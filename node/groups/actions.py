"""What a member can do with the profile of a group: change it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from federation.addressing import Recipient
from node import activities, actors, decisions, media, profile
from node.context import Effect, Transaction
from node.decisions import Act, Described, State
from node.decisions import store as decision_store
from node.errors import Conflict
from node.groups import rules, store
from node.members.store import Member
from node.peering import store as peering
from node.statements import composing, reaching, writing
from node.statements import store as statements
from node.translating import N_
from schemas.context import PUBLIC

MAY_BE_ABSENT = ("icon", "image", "tendency")


def edit_profile(
    tx: Transaction, changes: dict[str, Any], *, actor: str, member: Member, urgent: bool = False
) -> State:
    """Propose to change the profile of the group `actor`: the keys are columns of `local_actors`.

    `summary` is Markdown, `icon` and `image` are pictures that were taken (`Picture.as_json`); an empty value takes
    away what is there. Raises Invalid, naming the field, Forbidden, and Conflict if it says all that already.
    """
    rules.check(changes)
    values = _values(tx, changes)
    row = actors.local(tx, actor)
    if all(getattr(row, name) == value for name, value in values.items()):
        raise Conflict("the profile says that already; nothing has changed")
    subject = json.dumps({"actor": actor, "values": values})
    return decisions.propose(tx, "edit_profile", subject, actor=actor, member=member, urgent=urgent)


def _values(tx: Transaction, changes: dict[str, Any]) -> dict[str, Any]:
    values = {name: value or None if name in MAY_BE_ABSENT else value for name, value in changes.items()}
    if "name" in changes:
        values["name"] = " ".join(changes["name"].split())
    if "summary" in changes:
        html = writing.render(changes["summary"], tag_address=composing.tag_address(tx.node)).html
        values |= {"summary": html.strip(), "summary_source": changes["summary"]}
    return values


def profile_edited(tx: Transaction, subject: str) -> None:
    """Effect: change the profile, and send the actor to all who know it."""
    told = json.loads(subject)
    before = actors.local(tx, told["actor"])
    if all(getattr(before, name) == value for name, value in told["values"].items()):
        return
    store.change(tx, before.iri, **told["values"])
    _drop_unless_shown(tx, [before.icon, before.image])
    if not told["values"].keys() <= store.KEPT_HERE:
        tell(tx, before.iri)


def profile_not_edited(tx: Transaction, subject: str) -> None:
    """Refusal: a change of the profile was not adopted; the pictures that were kept for it go."""
    values = json.loads(subject)["values"]
    _drop_unless_shown(tx, [values.get("icon"), values.get("image")])


def _drop_unless_shown(tx: Transaction, pictures: Iterable[Mapping[str, Any] | None]) -> None:
    names = [one["name"] for one in pictures if one]
    gone = [name for name in names if not statements.shows(tx, name)]
    tx.after_commit(lambda: media.drop(tx.node, gone))


def keeps(tx: Transaction, picture: str) -> bool:
    """Whether a change of a profile that a group decides on shows a picture."""
    return any(picture in row.subject for row in decision_store.of_kind(tx, "edit_profile"))


def tell(tx: Transaction, iri: str) -> None:
    """Send the actor `iri`, as it is now, to its followers and to everybody whom it follows.

    An Update that still waits is taken back: this one says it too.
    """
    for sent in activities.sent_about(tx, iri, actor=iri, kinds=("Update",)):
        activities.withdraw(tx, sent.id)
    update = activities.make(
        tx,
        "Update",
        actor=iri,
        object=profile.document(tx, actors.local(tx, iri)),
        to=[PUBLIC],
        cc=[actors.followers_of(iri)],
        published=tx.now.replace(microsecond=0),
    )
    activities.send(tx, update, who_knows(tx, iri))


def who_knows(tx: Transaction, iri: str) -> list[str]:
    """The inboxes of all who follow a group and of all whom it follows."""
    return reaching.followers_and(tx, iri, _followed(tx, iri))


def _followed(tx: Transaction, actor: str) -> list[Recipient]:
    rows = peering.following(tx, actor)
    return [Recipient(row.inbox, row.shared_inbox) for row in rows if row.inbox is not None]


def _describe(tx: Transaction, subject: str) -> Described:
    values = json.loads(subject)["values"]
    summary = values.pop("summary", None)
    values.pop("summary_source", None)
    pictures = {name: "…" if values[name] else None for name in ("icon", "image") if name in values}
    said = "; ".join(f"{name}: {value}" for name, value in (values | pictures).items())
    return Described(said or "summary", html=summary)


ACTS: dict[str, Act] = {
    "edit_profile": Act("steward", "edit_profile", N_("change the group's profile"), _describe),
}
EFFECTS: dict[str, Effect] = {"edit_profile": profile_edited}
REFUSALS: dict[str, Effect] = {"edit_profile": profile_not_edited}
