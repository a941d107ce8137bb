"""What a member can do with struggles that look like one: say that they are, take that back."""

from __future__ import annotations

import json
import secrets
from typing import Any

from sqlalchemy import Row

import schemas
from node import activities, actors, decisions, objects, signing
from node.context import Effect, Transaction
from node.decisions import Act, Described
from node.decisions import State as DecisionState
from node.errors import Conflict, Forbidden, Missing, Phrase
from node.identifiers import spell
from node.members.store import Member
from node.merges import candidates, dismissing, rules, store
from node.objects import Kept
from node.reports import store as reports
from node.statements import correcting, markup, reaching
from node.translating import N_
from schemas.context import PUBLIC
from schemas.merge import Merge

KIND = "Merge"
WITHDRAWN = "revoked"


def merge(
    tx: Transaction, one: str, other: str, *, reason: str, actor: str, member: Member, urgent: bool = False
) -> DecisionState:
    """Propose that the group `actor` say that two struggles are one; where that stands.

    Raises Invalid (with the field), Missing, Forbidden, Conflict; nothing has changed then.
    """
    rules.check(one, other, reason)
    for iri in (one, other):
        if reports.find_struggle(tx, iri) is None:
            raise Missing("{iri} is no struggle that this node knows: no report on it is held here", iri=iri)
    _check_not_said(tx, one, other, actor)
    iri = tx.node.address(f"/merges/{spell(tx.new_id())}")
    language = actors.local(tx, actor).language
    store.add(tx, iri, one=one, other=other, author=actor, reason=reason.strip(), language=language)
    return decisions.propose(tx, "merge_struggles", iri, actor=actor, member=member, urgent=urgent)


def _check_not_said(tx: Transaction, one: str, other: str, actor: str) -> None:
    """Raise Conflict if the group says so, or is deciding on it."""
    if (known := store.said(tx, one, other, author=actor)) is not None:
        if objects.find(tx, known.iri) is None:
            raise Conflict("the group is deciding on this already: {iri}", iri=known.iri)
        raise Conflict("the group says so already: {iri}", iri=known.iri)


def merged(tx: Transaction, iri: str) -> None:
    """Effect: say that two struggles are one, to everybody who follows the group."""
    row = store.proposed(tx, iri)
    if row is None or objects.find(tx, iri) is not None:
        return
    group, html = actors.local(tx, row.author), f"<p>{markup.escape(row.reason)}</p>"
    value = Merge(
        id=iri,
        attributed_to=group.iri,
        subject=row.one,
        object=row.other,
        content=html,
        content_map={row.language: html},
        published=tx.now.replace(microsecond=0),
        to=(PUBLIC,),
        cc=(actors.followers_of(group.iri),),
        url=iri,
        salt=secrets.token_urlsafe(16),
    )
    document = signing.prove(tx, schemas.serialise(value), group)
    objects.keep(tx, [_kept(tx, value, document)])
    create = activities.make(
        tx, "Create", actor=group.iri, object=document, to=list(value.to), cc=list(value.cc), published=tx.now
    )
    activities.send(tx, create, reaching.followers_and(tx, group.iri, ()))


def refused(tx: Transaction, iri: str) -> None:
    """Refusal: the group did not decide so."""
    row = store.proposed(tx, iri)
    if row is not None and objects.find(tx, iri) is None:
        store.drop(tx, iri, row.author)


def _kept(tx: Transaction, value: Merge, document: dict[str, Any]) -> Kept:
    """It is served and stands in the outbox, and in no feed: it is no text for readers."""
    return Kept(
        iri=value.id,
        sort_id=tx.new_id(),
        kind=KIND,
        author=value.attributed_to,
        local=True,
        document=objects.encode(document),
        published=tx.now,
        listed=False,
    )


def warning(tx: Transaction, actor: str) -> Phrase | None:
    """What a group is told that has merged more than other nodes keep of it."""
    return rules.warning(store.count_of(tx, actor))


def dismiss(tx: Transaction, one: str, other: str, *, actor: str, member: Member) -> None:
    """Say that two struggles are not the same. Raises Missing, Forbidden, Invalid (with the field)."""
    profiles = candidates.profiles_of(tx, [one, other])
    dismissing.dismiss(tx, one, other, profiles=profiles, actor=actor, member=member)


def separate(tx: Transaction, iri: str, *, member: Member, urgent: bool = False) -> DecisionState:
    """Propose to take back what a group of ours has said: they are two struggles again; where that stands.

    Raises Missing, Forbidden, Conflict.
    """
    row = own(tx, iri)
    subject = json.dumps([iri, WITHDRAWN])
    return decisions.propose(tx, "separate_struggles", subject, actor=row.author, member=member, urgent=urgent)


def own(tx: Transaction, iri: str) -> Row[Any]:
    """A merge of ours that stands. Raises Missing, Forbidden."""
    row = store.find(tx, iri)
    if row is None:
        raise Missing("{iri} is no merge that this node holds, or it was taken back", iri=iri)
    held = objects.find(tx, iri)
    if held is None or not held.local:
        raise Forbidden("{iri} is not ours: {author} has said it", iri=iri, author=row.author)
    return row


def separated(tx: Transaction, subject: str) -> None:
    """Effect: withdraw a merge, and tell everybody who has heard of it."""
    row = store.find(tx, json.loads(subject)[0])
    if row is not None:
        correcting.deleted(tx, subject)
        store.drop(tx, row.iri, row.author)


def _describe(tx: Transaction, iri: str) -> Described:
    row = store.proposed(tx, iri)
    if row is None:
        return Described(iri, address=iri)
    names = {one: name_of(tx, one) for one in (row.one, row.other)}
    items = "".join(f'<li><a href="{markup.escape(one)}">{markup.escape(name)}</a></li>' for one, name in names.items())
    return Described(
        " = ".join(names.values()), html=f"<ul>{items}</ul><p>{markup.escape(row.reason)}</p>", address=row.one
    )


def name_of(tx: Transaction, struggle: str) -> str:
    """What a struggle is called here; its address, where no report on it is held."""
    row = reports.find_struggle(tx, struggle)
    return struggle if row is None else str(row.name)


def _describe_separating(tx: Transaction, subject: str) -> Described:
    return _describe(tx, json.loads(subject)[0])


ACTS: dict[str, Act] = {
    "merge_struggles": Act("publish", "publish_report", N_("say that two struggles are one"), _describe),
    "separate_struggles": Act(
        "publish", "publish_report", N_("take back that two struggles are one"), _describe_separating
    ),
}
REFUSALS: dict[str, Effect] = {"merge_struggles": refused}
EFFECTS: dict[str, Effect] = {"merge_struggles": merged, "separate_struggles": separated}
