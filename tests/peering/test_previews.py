"""What a preview says is what then happens, on populations that nobody has thought of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import func, insert, select

from federation.errors import Refused
from node import actors, app, config, jobs, objects
from node.context import Transaction
from node.peering import governing, policies, previews, store
from node.peering.effects import Change, Effects
from node.peering.governing import Terms
from node.peering.rules import Door, Follow, Mode, Severity
from node.peering.standing import check, not_hidden, standing
from schemas import actor as actor_documents
from tests.nodes import served

HOSTS = ("a.example", "b.a.example", "c.b.a.example", "z.example", "z.example:8443", "192.0.2.7")
PEOPLE = tuple(f"https://{host}/users/{name}" for host in HOSTS for name in ("alice", "bob"))
SUBJECTS = ("a.example", "b.a.example", "z.example", "z.example:8443", "192.0.2.7", PEOPLE[0], PEOPLE[2], PEOPLE[6])
NOW = datetime(2026, 11, 1, tzinfo=UTC)

terms = some.builds(
    Terms,
    severity=some.sampled_from(list(Severity)),
    reason=some.just("why"),
    no_media=some.booleans(),
    kinds=some.sampled_from([None, None, None, ("Report",)]),
    subdomains=some.booleans(),
)
populations = some.fixed_dictionaries(
    {
        "followed": some.sets(some.sampled_from(PEOPLE)),
        "followers": some.sets(some.sampled_from(PEOPLE)),
        "texts": some.lists(some.sampled_from(PEOPLE), max_size=6),
        "deliveries": some.lists(some.sampled_from(HOSTS), max_size=5),
        "fetches": some.lists(some.sampled_from(HOSTS), max_size=5),
        "held": some.dictionaries(some.sampled_from(SUBJECTS), terms, max_size=5),
        "modes": some.dictionaries(some.sampled_from(list(Door)), some.sampled_from(list(Mode))),
    }
)
changes = some.one_of(
    some.tuples(some.just("set"), some.sampled_from(SUBJECTS), terms),
    some.tuples(some.just("drop"), some.sampled_from(SUBJECTS), some.none()),
    some.tuples(some.just("door"), some.sampled_from(list(Door)), some.sampled_from(list(Mode))),
)


class Enough(Exception):
    """Whatever was done is undone."""


@pytest.mark.one_database
def test_a_preview_is_the_effect(make_node: Callable[..., Path]) -> None:
    directory = make_node(0)
    node = app.build(config.load(directory), keyring=served.keyring(directory))

    @settings(max_examples=100, suppress_health_check=list(HealthCheck))
    @given(populations, changes)
    def hold(population: dict[str, Any], change: tuple[str, Any, Any]) -> None:
        with pytest.raises(Enough):
            node.database._run_write(foresee_and_do, population, change)

    try:
        hold()
    finally:
        node.database.close()


def foresee_and_do(tx: Transaction, population: dict[str, Any], change: tuple[str, Any, Any]) -> None:
    populate(tx, population)
    foreseen = previews.preview(tx, as_change(change))
    before = reality(tx)
    do(tx, change)
    assert foreseen == difference(before, reality(tx), foreseen.all_that_is_followed)
    assert foreseen.all_that_is_followed == (bool(foreseen.follows_rest) and not reality(tx)["heard"])
    raise Enough


def as_change(change: tuple[str, Any, Any]) -> Change:
    kind, subject, value = change
    return Change(modes={subject: value}) if kind == "door" else governing.as_change(subject, value)


def do(tx: Transaction, change: tuple[str, Any, Any]) -> None:
    kind, subject, value = change
    if kind == "door":
        policies.set_mode(tx, subject.value, value.value, reason="", decision=None)
    elif kind == "drop":
        policies.drop(tx, subject)
    else:
        enact(tx, subject, value)
        return
    governing.settle(tx)


def enact(tx: Transaction, subject: str, one: Terms) -> None:
    kinds = None if one.kinds is None else list(one.kinds)
    more = {"no_media": one.no_media, "kinds": kinds, "subdomains": one.subdomains}
    governing.enact(tx, subject, one.severity, one.reason, **more)


def populate(tx: Transaction, population: dict[str, Any]) -> None:
    group = actors.main_group(tx).iri
    for iri in PEOPLE:
        document = {"id": iri, "type": "Person", "inbox": f"{iri}/inbox"}
        actors.keep(tx, actor_documents.parse(document), document)
    pairs = [(group, iri) for iri in population["followed"]] + [(iri, group) for iri in population["followers"]]
    for follower, followed in sorted(pairs):
        store.put(tx, follower=follower, followed=followed, activity=f"{follower}#f", state=Follow.ACCEPTED)
    for number, author in enumerate(population["texts"], start=1):
        values = {"iri": f"{author}/{number}", "sort_id": number, "kind": "Statement", "author": author}
        flags = {"local": False, "public": True, "listed": True, "document": b"{}", "published": NOW, "heard": NOW}
        tx.execute(insert(objects.objects).values(**values, **flags))
    lanes = [*population["deliveries"], *(f"fetch https://{host}" for host in population["fetches"])]
    for number, lane in enumerate(lanes):
        jobs.promise(tx, jobs.Promise("deliver", {"number": number}, lane=lane))
    for door, mode in population["modes"].items():
        policies.set_mode(tx, door.value, mode.value, reason="", decision=None)
    for subject, one in population["held"].items():
        enact(tx, subject, one)


def reality(tx: Transaction) -> dict[str, Any]:
    """How things are, as those parts of the node find it that act on it."""
    group = actors.main_group(tx).iri
    lanes = dict(jobs.count_by_lane(tx))
    shown = select(func.count()).select_from(objects.objects).where(*not_hidden(tx, objects.objects.c.author))
    apart = set(tx.execute(select(policies.policies.c.subject).where(policies.policies.c.is_actor)).scalars())
    return {
        "heard": {one.iri for one in store.following(tx, group) if may(tx, Door.DELIVERING, one.iri)},
        "followers": len(store.recipients(tx, group)),
        "deliveries": sum(number for lane, number in lanes.items() if not lane.startswith("fetch ")),
        "fetches": sum(number for lane, number in lanes.items() if lane.startswith("fetch ")),
        "texts": tx.execute(shown).scalar_one(),
        "doors": {door: {host for host in HOSTS if may_host(tx, door, host)} for door in Door},
        "media": {host for host in HOSTS if standing(tx, host=host).sends_media},
        "held": {host for host in HOSTS if standing(tx, host=host).is_held},
        "actors_held": {iri for iri in PEOPLE if standing(tx, actor=iri).is_held},
        "apart": apart,
        "actors": {iri: {door for door in Door if may(tx, door, iri)} for iri in PEOPLE},
        "actors_media": {iri for iri in PEOPLE if standing(tx, actor=iri).sends_media},
    }


def may(tx: Transaction, door: Door, iri: str) -> bool:
    try:
        check(tx, door, actor=iri)
    except Refused:
        return False
    return True


def may_host(tx: Transaction, door: Door, host: str) -> bool:
    try:
        check(tx, door, host=host)
    except Refused:
        return False
    return True


def difference(before: dict[str, Any], after: dict[str, Any], everybody: bool) -> Effects:
    apart = before["apart"] | after["apart"]

    def doors(one: dict[str, Any], other: dict[str, Any]) -> dict[Door, tuple[str, ...]]:
        found = {
            door: {*(one["doors"][door] - other["doors"][door])}
            | {iri for iri in apart if door in one["actors"][iri] - other["actors"][iri]}
            for door in Door
        }
        return {door: tuple(sorted(those)) for door, those in found.items() if those}

    def gone(name: str, one: dict[str, Any], other: dict[str, Any]) -> tuple[str, ...]:
        actors_of = f"actors_{name}"
        return tuple(sorted((one[name] - other[name]) | (apart & (one[actors_of] - other[actors_of]))))

    texts, followers = after["texts"] - before["texts"], after["followers"] - before["followers"]
    return Effects(
        follows_rest=tuple(sorted(before["heard"] - after["heard"])),
        follows_resume=tuple(sorted(after["heard"] - before["heard"])),
        followers_lost=max(-followers, 0),
        followers_regained=max(followers, 0),
        deliveries_withdrawn=before["deliveries"] - after["deliveries"],
        fetches_withdrawn=before["fetches"] - after["fetches"],
        texts_hidden=max(-texts, 0),
        texts_shown=max(texts, 0),
        held_back=gone("held", after, before),
        held_no_more=gone("held", before, after),
        media_hidden=gone("media", before, after),
        media_shown=gone("media", after, before),
        shut_out=doors(before, after),
        let_in=doors(after, before),
        all_that_is_followed=everybody,
    )
