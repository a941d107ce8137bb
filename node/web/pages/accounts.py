"""What several groups tell of one struggle, put beside each other: pure.

A group's account is what its reports say together: of each thing the latest word, by the day up to which it is true.
Nothing is decided between groups. Reports that were withdrawn are in no account.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from node.reports.facts import key
from node.translating import N_
from node.web.pages.entries import Author, Entry
from schemas.measure import Measure
from schemas.partial_date import PartialDate
from schemas.struggle_report import Claim, Demand, Response, StruggleReport

BEGAN = N_("began")
ENDED = N_("ended")
RAISED = N_("demand raised")


@dataclass(frozen=True, slots=True)
class Told:
    """A report with the words around it."""

    entry: Entry
    report: StruggleReport


@dataclass(slots=True)
class Account:
    """What one group says. `latest` is its last report; the other fields may be from earlier ones."""

    author: Author
    latest: Told
    reports: list[Entry] = field(default_factory=list)
    as_of: PartialDate | None = None
    kinds: list[str] = field(default_factory=list)
    status: str | None = None
    outcome: str | None = None
    basis: str | None = None
    confidence: str | None = None
    began: PartialDate | None = None
    ended: PartialDate | None = None
    measures: dict[str, Measure] = field(default_factory=dict)
    demands: dict[str, Demand] = field(default_factory=dict)
    responses: list[Response] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    disputes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Moment:
    """A line of the time line. `words` is a code or a sentence; `text` is somebody's own words; `by` who tells it."""

    when: PartialDate
    words: str
    text: str
    by: list[Author]


def of(told: Sequence[Told]) -> list[Account]:
    """One account for each group, whose account is older first."""
    found: dict[str, Account] = {}
    for one in sorted(told, key=_said):
        account = found.setdefault(one.entry.author.iri, Account(one.entry.author, one))
        account.reports.append(one.entry)
        if one.entry.report is None or not one.entry.report.withdrawn:
            _add(account, one)
    return list(found.values())


def _said(one: Told) -> tuple[date, datetime, int]:
    """When a report was true, and where it says no day, when it was published."""
    entry, as_of = one.entry, one.report.as_of
    return as_of.latest if as_of is not None else entry.published.date(), entry.published, entry.sort_id


def _add(account: Account, one: Told) -> None:
    report = one.report
    account.latest = one
    account.kinds = list(dict.fromkeys([*account.kinds, report.action_kind]))
    for name in ("as_of", "status", "outcome", "basis", "confidence", "began", "ended"):
        said = getattr(report, name)
        if said is not None:
            setattr(account, name, said)
    account.measures |= {measure.measure: measure for measure in report.measures}
    account.demands |= {key(demand.text): demand for demand in report.demands}
    account.responses += [said for said in report.responses if said not in account.responses]
    account.claims += [said for said in report.claims if said not in account.claims]
    account.disputes = list(dict.fromkeys([*account.disputes, *report.disputes]))


def time_line(told: Sequence[Told]) -> list[Moment]:
    """What happened when, the earliest first; what several groups tell alike is one line."""
    found: dict[tuple[str, str, str], Moment] = {}
    for one in told:
        if one.entry.report is not None and one.entry.report.withdrawn:
            continue
        for when, words, text in _dated(one.report):
            line = found.setdefault((str(when), words, key(text)), Moment(when, words, text, []))
            if all(author.iri != one.entry.author.iri for author in line.by):
                line.by.append(one.entry.author)
    return sorted(found.values(), key=lambda line: (line.when.earliest, line.when.latest))


def _dated(report: StruggleReport) -> Iterable[tuple[PartialDate, str, str]]:
    if report.began is not None:
        yield report.began, BEGAN, ""
    for demand in report.demands:
        if demand.raised is not None:
            yield demand.raised, RAISED, demand.text
        if demand.decided is not None:
            yield demand.decided, demand.status, demand.text
    for response in report.responses:
        if response.on is not None and response.kind != "none":
            yield response.on, response.kind, response.text or ""
    if report.ended is not None:
        yield report.ended, ENDED, ""


def by_measure(accounts: Sequence[Account]) -> list[tuple[str, list[tuple[Account, Measure]]]]:
    """Each measure that anybody counts, with every group's figure."""
    names = dict.fromkeys(name for account in accounts for name in account.measures)
    return [(name, [(one, one.measures[name]) for one in accounts if name in one.measures]) for name in names]
