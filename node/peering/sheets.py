"""What a group is, on one sheet, for whoever decides about it: as it says itself, its keys, whom it looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, or_, select

from federation.errors import Malformed
from node import actors, names
from node.actors import actor_keys, local_actors
from node.context import Transaction
from node.errors import Missing
from node.peering import admission, fingerprints, likeness, rules, software, store
from node.peering.fingerprints import Fingerprint
from node.peering.likeness import Known, Likeness
from node.peering.rules import Follow
from node.peering.store import follows
from schemas import actor as actor_documents
from schemas.context import NS

KNOWN_AT_MOST: Final = 5000
CAPABILITIES_AT_MOST: Final = 30
STATES: Final[Mapping[str, str]] = {
    "pending": "waiting",
    "accepted": "admitted",
    "rejected": "declined",
    "ended": "ended",
}
"""How a follow stands, in the words of both ends."""


@dataclass(frozen=True, slots=True)
class Follows:
    """How one of a pair stands to the other: `state` is one of STATES, or none; with the reason of a decline."""

    state: str = "none"
    since: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One group, or another actor. `we` is our Follow of it, `they` its Follow of ours."""

    iri: str
    handle: str
    name: str | None
    type: str
    is_group: bool
    page: str
    tendency: str | None
    language: str | None
    speaks_our_vocabulary: bool
    capabilities: tuple[str, ...]
    software: str | None
    software_asked: datetime | None
    seen: datetime
    keys: tuple[Fingerprint, ...]
    like: tuple[Likeness, ...]
    we: Follows
    they: Follows

    def as_json(self) -> dict[str, Any]:
        """For programs, with the fields that deploy/docs/peering.md names."""
        return {
            "id": self.iri, "handle": self.handle, "name": self.name, "type": self.type, "group": self.is_group,
            "page": self.page, "tendency": self.tendency, "language": self.language,
            "vocabulary": self.speaks_our_vocabulary, "capabilities": list(self.capabilities),
            "software": self.software, "software_asked": _moment(self.software_asked), "seen": _moment(self.seen),
            "keys": [one.as_json() for one in self.keys],
            "like": [{"in": one.kind.value, "id": one.known.iri, "name": one.known.name} for one in self.like],
            "we_follow": _told(self.we), "they_follow": _told(self.they),
        }  # fmt: skip


def of(tx: Transaction, iri: str, *, group: str) -> Sheet:
    """The sheet of an actor that is known here, as our `group` stands to it. Raises Missing."""
    row = actors.find(tx, iri)
    if row is None or row.gone is not None or row.document is None:
        raise Missing("{iri} is not known here; look it up first: commonwire peer add {iri}", iri=iri)
    said = _said(row)
    can = said.capabilities if said is not None else frozenset()
    runs = software.of(tx, row.host)
    return Sheet(
        iri=row.iri,
        handle=actors.handle_of(row),
        name=names.visible(row.name),
        type=row.type,
        is_group=admission.is_group(row),
        page=row.url or row.iri,
        tendency=row.tendency,
        language=said.language if said is not None else None,
        speaks_our_vocabulary=NS in can,
        capabilities=tuple(sorted(names.address(one) for one in can))[:CAPABILITIES_AT_MOST],
        software=f"{runs.name} {runs.version}".strip() if runs is not None else None,
        software_asked=runs.asked if runs is not None else None,
        seen=row.seen,
        keys=keys_of(tx, row.iri),
        like=tuple(like(tx, row)),
        we=stands(tx, follower=group, followed=row.iri),
        they=stands(tx, follower=row.iri, followed=group),
    )


def by_handle(tx: Transaction, text: str) -> Row[Any] | None:
    """The actor of another node that goes by a handle here, @name@host: as both agree, or where its id lies."""
    name, _, host = text.removeprefix("@").partition("@")
    table = actors.actors
    meant = or_(table.c.agreed_handle == f"{name}@{host}", (table.c.handle == name) & (table.c.host == host))
    query = select(table).where(meant, table.c.local.is_(False), table.c.gone.is_(None))
    row: Row[Any] | None = tx.execute(query.order_by(table.c.agreed_handle.is_(None), table.c.iri).limit(1)).first()
    return row


def _said(row: Row[Any]) -> actor_documents.Actor | None:
    try:
        return actor_documents.parse(actors.document(row))
    except Malformed:
        return None


def keys_of(tx: Transaction, iri: str) -> tuple[Fingerprint, ...]:
    """The keys of a remote actor, in words."""
    rows = tx.execute(select(actor_keys).where(actor_keys.c.actor == iri).order_by(actor_keys.c.key_id).limit(20))
    return tuple(found for row in rows if (found := fingerprints.of_key(row.key_id, row.public)) is not None)


def own_keys(row: Row[Any]) -> tuple[Fingerprint, ...]:
    """The keys of a group of ours (its row), in words: what the other end sees of us."""
    public = {
        actors.rsa_key_id(row.iri, row.key_number): row.rsa_public,
        actors.ed25519_key_id(row.iri, row.key_number): row.ed25519_public,
    }
    found = (fingerprints.of_key(key_id, one) for key_id, one in sorted(public.items()))
    return tuple(one for one in found if one is not None)


def like(tx: Transaction, row: Row[Any]) -> list[Likeness]:
    """To which of the groups that are known here an actor's name or address is like: ours, and our peers."""
    candidate = Known(row.iri, names.visible(row.name) or "", row.host)
    own = {one.iri: Known(one.iri, one.name, tx.node.config.host) for one in actors.groups(tx)}
    table, live = actors.actors, follows.c.state.in_(sorted(rules.LIVE))
    ours = select(local_actors.c.iri)
    joined = or_(
        (follows.c.followed == table.c.iri) & follows.c.follower.in_(ours),
        (follows.c.follower == table.c.iri) & follows.c.followed.in_(ours),
    )
    query = (
        select(table.c.iri, table.c.name, table.c.host)
        .select_from(table.join(follows, joined))
        .where(live, table.c.local.is_(False), table.c.gone.is_(None), table.c.type != "Person")
        .distinct()
        .order_by(table.c.iri)
        .limit(KNOWN_AT_MOST)
    )
    peers = [Known(one.iri, names.visible(one.name) or "", one.host) for one in tx.execute(query)]
    return likeness.found(candidate, [*own.values(), *peers])


def stands(tx: Transaction, *, follower: str, followed: str) -> Follows:
    """How the Follow of one pair stands, and why it was declined."""
    held = store.find(tx, follower=follower, followed=followed)
    if held is None:
        return Follows()
    reason = ""
    if held.state == Follow.REJECTED.value:
        answer = admission.answer_to(tx, follower=follower, followed=followed)
        reason = answer.reason if answer is not None else ""
    return Follows(STATES[held.state], held.since, reason)


def _told(one: Follows) -> dict[str, Any]:
    return {"state": one.state, "since": _moment(one.since), "reason": one.reason}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def in_line(row: Row[Any]) -> dict[str, Any]:
    """Somebody who asks, or was asked, for programs: the row of an actor with `since`."""
    return {
        "id": row.iri,
        "handle": actors.handle_of(row),
        "name": names.visible(row.name),
        "since": _moment(row.since),
    }


def asked(tx: Transaction, group: str, row: Row[Any]) -> dict[str, Any]:
    """The same of one whom our `group` has asked, with what was answered."""
    one = stands(tx, follower=group, followed=row.iri)
    return in_line(row) | {"state": "asked" if one.state == "waiting" else one.state, "reason": one.reason}
