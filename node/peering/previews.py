"""Who is around, as far as a change of policies or doors concerns them: gathered from the tables for `effects`."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import ColumnElement, func, select

from federation.errors import Malformed
from node import jobs
from node.actors import actors, host_of
from node.context import Transaction
from node.objects import objects
from node.peering import effects, policies, rules, standing
from node.peering.effects import Change, Effects, Neighbour
from node.peering.rules import Door, Follow
from node.peering.store import follows


def preview(tx: Transaction, change: Change) -> Effects:
    """What a change would do if it were carried out now. Changes nothing."""
    modes = {door: standing.mode(tx, door) for door in Door}
    found = effects.effects(_neighbours(tx, change), change, modes=modes, now=tx.now)
    if found.all_that_is_followed and not change.modes:  # those whom it does not concern were not looked at
        heard = [one for one in _followed(tx) if standing.passes(tx, Door.DELIVERING, actor=one)]
        everybody = set(heard) <= set(found.follows_rest)
        values = {name: getattr(found, name) for name in found.__dataclass_fields__}
        return Effects(**(values | {"all_that_is_followed": everybody}))
    return found


def _neighbours(tx: Transaction, change: Change) -> list[Neighbour]:
    """Everybody that the change may concern: of a door all that are known, else those whom the policies are about."""
    apart = {subject for subject in change.subjects if "://" in subject} | _with_a_policy_of_their_own(tx)
    waiting = _waiting(tx)
    names = change.subjects
    theirs = {host_of(one) for one in apart & names}
    hosts = {host for host in _hosts(tx) | set(waiting) if change.modes or _is_concerned(host, names, theirs)}
    shares = _Shares(tx, apart)
    fitting = {host: policies.about(tx, rules.names_of(host)) for host in hosts}
    found = [
        Neighbour(
            host=host, deliveries=waiting[host]["deliver"], fetches=waiting[host]["fetch"], policies=fitting[host],
            **shares.of(host),
        )
        for host in sorted(hosts)
    ]  # fmt: skip
    for iri in sorted(one for one in apart if host_of(one) in hosts):
        own = (*policies.about_actor(tx, iri), *fitting[host_of(iri)])
        found.append(Neighbour(host=host_of(iri), actor=iri, policies=own, **shares.of(iri)))
    return found


def _is_concerned(host: str, names: frozenset[str], theirs: set[str]) -> bool:
    return host in theirs or not names.isdisjoint(rules.names_of(host))


def _with_a_policy_of_their_own(tx: Transaction) -> set[str]:
    query = select(policies.policies.c.subject).where(policies.policies.c.is_actor.is_(True)).distinct()
    return set(tx.execute(query).scalars())


def _hosts(tx: Transaction) -> set[str]:
    """The hosts of everybody who is known here."""
    return set(tx.execute(select(actors.c.host).where(actors.c.local.is_(False)).distinct()).scalars())


def _waiting(tx: Transaction) -> dict[str, Counter[str]]:
    """How many deliveries and fetches wait for each host."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for lane, number in jobs.count_by_lane(tx):
        is_fetch = lane.startswith("fetch ")
        try:
            host = host_of(lane.removeprefix("fetch ") if is_fetch else f"https://{lane}")
        except Malformed:
            continue  # a lane of another kind
        found[host]["fetch" if is_fetch else "deliver"] += number
    return found


def _followed(tx: Transaction) -> list[str]:
    local = select(actors.c.iri).where(actors.c.local.is_(True))
    query = select(follows.c.followed).where(follows.c.follower.in_(local), follows.c.state.in_(rules.LIVE))
    remote = select(actors.c.iri).where(actors.c.local.is_(False))
    return sorted(set(tx.execute(query.where(follows.c.followed.in_(remote))).scalars()))


class _Shares:
    """What of follows, followers and texts belongs to each host, and to each actor that stands apart from its host."""

    def __init__(self, tx: Transaction, apart: set[str]) -> None:
        self._follows: dict[str, list[str]] = defaultdict(list)
        for iri in _followed(tx):
            self._follows[iri if iri in apart else host_of(iri)].append(iri)
        local = select(actors.c.iri).where(actors.c.local.is_(True))
        accepted = (follows.c.state == Follow.ACCEPTED.value, follows.c.followed.in_(local), actors.c.gone.is_(None))
        self._followers = _counted(tx, follows.c.follower, apart, *accepted)
        shown = (objects.c.public.is_(True), objects.c.deleted.is_(None))
        self._texts = _counted(tx, objects.c.author, apart, *shown)

    def of(self, name: str) -> dict[str, Any]:
        """The share of a host, or of an actor."""
        own = tuple(self._follows.get(name, ()))
        return {"follows": own, "followers": self._followers[name], "texts": self._texts[name]}


def _counted(tx: Transaction, who: Any, apart: set[str], *conditions: ColumnElement[bool]) -> Counter[str]:
    """How many rows there are of each host's actors, those apart by themselves."""
    joined = select(actors.c.host, func.count().label("number")).join_from(who.table, actors, actors.c.iri == who)
    remote = joined.where(actors.c.local.is_(False), *conditions)
    found: Counter[str] = Counter(
        {row.host: row.number for row in tx.execute(remote.where(who.not_in(apart)).group_by(actors.c.host))}
    )
    each = select(who.label("iri"), func.count().label("number")).join_from(who.table, actors, actors.c.iri == who)
    own = each.where(actors.c.local.is_(False), *conditions, who.in_(apart)).group_by(who)
    found.update({row.iri: row.number for row in tx.execute(own)})
    return found
