"""Struggles that look like one: found by whom they are directed at, and by place and time; compared one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, Select, or_, select

from node.context import Transaction
from node.merges import dismissing, matching, store
from node.merges.matching import LIKELY, Match, Profile
from node.objects import objects
from node.peering.standing import not_hidden
from node.reports import store as stored
from node.reports import struggles
from node.reports.facts import facts, key
from node.reports.imports import Draft
from node.reports.store import report_terms, reports
from schemas.statement import Statement
from schemas.struggle_report import StruggleReport

SHOWN = 5
BY_NAME = 300
BY_PLACE = 1000
REPORTS_OF_ONE = 20
NAMES = ("addressee", "family", "organisation")
FAR = timedelta(days=matching.A_YEAR)
NEAR = timedelta(days=31)


def like_report(tx: Transaction, report: StruggleReport, *, beside: Collection[str] = ()) -> list[Match]:
    """The struggles that a report which is not published may be about, the likeliest first; none of `beside`."""
    found = facts(report, sort_id=0)
    return _alike(tx, _profile([found.row], found.terms), beside=beside)


def like_draft(tx: Transaction, draft: Draft, report: Statement, *, actor: str) -> list[Match]:
    """As `like_report`, for what a group writes (`report` is what it would be sent as).

    Nothing where the writer has named a struggle by its address.
    """
    assert isinstance(report, StruggleReport), f"{report.id} was made of a report"
    if struggles.named(draft.struggle_key) is not None:
        return []
    own = stored.struggles_by_key(tx, actor, [draft.struggle_key])
    return like_report(tx, report, beside=own.values())


def like_struggle(tx: Transaction, iri: str, *, sources: Collection[str]) -> list[Match]:
    """The struggles that may be the one at `iri`, the likeliest first; none that merges of `sources` join with it,
    and none that was dismissed.
    """
    one = store.joined_with(tx, iri, sources)
    profiles = profiles_of(tx, [iri])
    dismissed = {other: row for row in dismissing.of(tx, iri) for other in (row.one, row.other) if other != iri}
    return _alike(tx, profiles[iri], beside=one, dismissed=dismissed) if iri in profiles else []


def _alike(
    tx: Transaction,
    profile: Profile,
    *,
    beside: Collection[str],
    dismissed: Mapping[str, Row[Any]] = MappingProxyType({}),
) -> list[Match]:
    iris = (_by_name(tx, profile) | _by_place(tx, profile)) - set(beside)
    scored = []
    for iri, other in profiles_of(tx, sorted(iris)).items():
        if dismissing.is_dismissed(dismissed.get(iri), profile, other):
            continue
        score, reasons = matching.score(profile, other)
        if score >= LIKELY:
            scored.append((score, iri, reasons))
    scored.sort(key=lambda one: (-one[0], one[1]))
    return [Match(iri, _name(tx, iri), score, reasons) for score, iri, reasons in scored[:SHOWN]]


def _name(tx: Transaction, iri: str) -> str:
    row = stored.find_struggle(tx, iri)
    return iri if row is None else str(row.name)


def _public(tx: Transaction, *columns: Any) -> Select[Any]:
    query = select(*columns).join(objects, objects.c.iri == reports.c.iri)
    shown = (objects.c.public.is_(True), objects.c.deleted.is_(None), *not_hidden(tx, reports.c.author))
    return query.where(*shown)


def _by_name(tx: Transaction, profile: Profile) -> set[str]:
    """Struggles that are directed at, or organised by, somebody of the same name."""
    names = {**profile.addressees, **profile.families, **profile.organisations}
    if not names:
        return set()
    query = (
        _public(tx, reports.c.struggle)
        .join(report_terms, report_terms.c.report == reports.c.iri)
        .where(report_terms.c.dimension.in_(NAMES), report_terms.c.value.in_(sorted(names)))
        .where(*_about(profile, FAR))
    )
    return set(tx.execute(query.distinct().limit(BY_NAME)).scalars())


def _by_place(tx: Transaction, profile: Profile) -> set[str]:
    """Struggles in the same place or region that began about the same time."""
    if not profile.began or not profile.countries or not (profile.localities or profile.regions):
        return set()
    near = _public(tx, reports.c.struggle, reports.c.locality, reports.c.region)
    query = near.where(reports.c.country.in_(sorted(profile.countries)), *_about(profile, NEAR)).limit(BY_PLACE)
    return {
        row.struggle
        for row in tx.execute(query)
        if key(row.locality or "") in profile.localities
        or (row.locality is None and key(row.region or "") in profile.regions)
    }


def _about(profile: Profile, far: timedelta) -> list[Any]:
    """That a report began not further than `far` from the profile: dates are compared as they are written."""
    days = matching.days_around(profile.began)
    if days is None:
        return []
    first, last = max(days[0], date.min + far) - far, min(days[1], date.max - far) + far
    months = [f"{year:04}" for year in range(first.year, last.year + 1)]  # of some only the year is known
    spelled = reports.c.began.between(f"{first:%Y-%m}".zfill(7), f"{last:%Y-%m-%d}".zfill(10))
    return [or_(spelled, reports.c.began.in_(months))]


def profiles_of(tx: Transaction, iris: Sequence[str]) -> dict[str, Profile]:
    """What the public reports on each struggle say of it; of very many reports on one the first."""
    told: dict[str, list[Row[Any]]] = {}
    terms: dict[str, list[dict[str, Any]]] = {}
    for some in _in_parts(iris, 200):
        query = _public(tx, reports).where(reports.c.struggle.in_(some)).order_by(reports.c.sort_id)
        for row in tx.execute(query.limit(200 * REPORTS_OF_ONE)):
            if len(told.setdefault(row.struggle, [])) < REPORTS_OF_ONE:
                told[row.struggle].append(row)
    struggle_of = {row.iri: iri for iri, rows in told.items() for row in rows}
    for some in _in_parts(sorted(struggle_of), 400):
        query = select(report_terms).where(report_terms.c.report.in_(some), report_terms.c.dimension.in_(NAMES))
        for row in tx.execute(query):
            terms.setdefault(struggle_of[row.report], []).append(row._asdict())
    return {iri: _profile([row._asdict() for row in rows], terms.get(iri, [])) for iri, rows in told.items()}


def _in_parts(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _profile(rows: Sequence[dict[str, Any]], terms: Iterable[dict[str, Any]]) -> Profile:
    named: dict[str, dict[str, str]] = {dimension: {} for dimension in NAMES}
    for term in terms:
        if term["dimension"] in named:
            named[term["dimension"]][term["value"]] = term["label"]
    return Profile(
        addressees=named["addressee"],
        families=named["family"],
        organisations=named["organisation"],
        countries=frozenset(row["country"] for row in rows if row["country"]),
        regions={key(row["region"]): row["region"] for row in rows if row["region"]},
        localities={key(row["locality"]): row["locality"] for row in rows if row["locality"]},
        kinds=frozenset(row["action_kind"] for row in rows),
        began=matching.written(row["began"] for row in rows),
    )
