"""What a reader can ask: a table of figures, and what it was made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from node.context import Transaction
from node.merges import store as merges
from node.merges.rules import joined
from node.reports import recounting
from node.reports.selecting import OF_TERMS
from node.statistics import adding, rules, store
from node.statistics.adding import Inputs, Keys, Line
from node.statistics.questions import PERIODS, Question
from node.statistics.rules import Sum
from node.statistics.store import Scope
from node.statistics.tables import Column, Coverage, Interval, Kind, Note, Remark, Row, Table
from schemas import codes

ROWS_AT_MOST = 1000
PARTS = 256
OUTSTANDING = 20
"""A figure stands out if it is so many times what 99 of 100 stay below."""
NAMED = ("family", "organisation")
FIRST = (
    Column("struggles", "struggle", Kind.COUNT),
    Column("reports", "report", Kind.COUNT),
    Column("people", "person"),
    Column("days-not-worked", "person-day"),
    Column("duration", "day", Kind.MEAN),
)


def sources(tx: Transaction, question: Question) -> tuple[str, ...]:
    """The actors whose reports and merges count: those the reader chose, or ourselves and those we follow.

    Nobody on a host that is suspended here is among them.
    """
    if question.sources is not None:
        return tuple(store.chosen(tx, question.sources))
    return tuple(sorted({*store.own_groups(tx), *store.followed(tx)}))


def scope(tx: Transaction, question: Question) -> Scope:
    """What of all that is held a question is about."""
    chosen = sources(tx, question)
    merged = joined(merges.pairs(tx, chosen))
    return Scope(chosen, question.filters, merged, _meant(tx, question.filters.get("struggle", ()), merged))


def _meant(tx: Transaction, asked: Sequence[str], merged: Mapping[str, str]) -> tuple[str, ...]:
    """The struggles that are asked for, and those known here that merges join with them."""
    roots = {merged[one] for one in asked if one in merged}
    others = [one for one, root in merged.items() if root in roots] if roots else []
    return tuple(sorted({*asked, *merges.known_of(tx, others)}))


def table(tx: Transaction, question: Question) -> Table:
    """The answer to a question, from the reports that are held. It writes nothing."""
    whole = scope(tx, question)
    inputs = Inputs()
    lines, total = _lines(tx, whole, question.group_by, inputs)
    columns = _columns(total)
    ordered = _ordered(lines, question.group_by)
    flagged, outliers = _outliers(tx, whole, question.group_by, total)
    shown = ordered[:ROWS_AT_MOST]
    named = _labels(tx, whole, question.group_by, shown)
    rows = tuple(_row(question.group_by, key, lines[key], columns, named, flagged) for key in shown)
    coverage = _coverage(tx, whole, total)
    notes = (*_recounting(tx), *_notes(total, coverage, question), *outliers, *_cut(len(ordered), len(rows)))
    joins = adding.digest(sorted(whole.merged.items()))
    asked = Question(question.group_by, question.filters).to_query()
    return Table(
        question=question.to_query(),
        group_by=question.group_by,
        columns=columns,
        rows=rows,
        total=_row(question.group_by, (None,) * len(question.group_by), total, columns, {}, {}),
        coverage=coverage,
        sources=whole.sources,
        rule=rules.RULE,
        inputs=inputs.digest(),
        merges=joins,
        digest=adding.digest([asked, whole.sources, rules.RULE, joins, inputs.digest()]),
        notes=notes,
    )


def _lines(tx: Transaction, whole: Scope, group_by: tuple[str, ...], inputs: Inputs) -> tuple[dict[Keys, Line], Line]:
    """The lines of the table, and that of all together: a struggle of several reports can stand in several rows, and
    so can a report that says several things, so that rows do not add up to it.
    """
    keys, lists = len(group_by), [place for place, name in enumerate(group_by) if name in OF_TERMS]
    alone = adding.of_sums(store.add_up(tx, whole, group_by), inputs, keys=keys)
    adding.of_other_sums(store.add_up_others(tx, whole, group_by), alone, keys=keys)
    total = adding.together(alone)
    lines = adding.apart(alone, lists) if lists else alone
    ranked = _ranked(tx, whole, group_by, Inputs())
    total.plus(adding.together(_ranked(tx, whole, (), inputs)))
    told, others = store.tellings(tx, whole, group_by), store.other_tellings(tx, whole, group_by)
    picked = adding.of_tellings(told, others, whole.merged, keys=keys, total=total, inputs=inputs)
    for key, line in (*ranked.items(), *picked.items()):
        lines.setdefault(key, Line()).plus(line)
    return lines, total


def _ranked(tx: Transaction, whole: Scope, group_by: tuple[str, ...], inputs: Inputs) -> dict[Keys, Line]:
    lines = adding.of_sums(store.add_up_ranked(tx, whole, group_by), inputs, keys=len(group_by))
    adding.of_other_sums(store.add_up_other_ranked(tx, whole, group_by), lines, keys=len(group_by))
    return lines


# ---- columns and rows


def _columns(total: Line) -> tuple[Column, ...]:
    first = {column.key for column in FIRST}
    order = list(codes.MEASURES)
    more = sorted(set(total.sums) - first, key=lambda name: (_place(order, name.partition(":")[0]), name))
    return (*FIRST, *(Column(name, _unit(name)) for name in more if total.sums[name].known))


def _place(order: Sequence[str], measure: str) -> int:
    return order.index(measure) if measure in order else len(order)


def _unit(key: str) -> str:
    measure, _, currency = key.partition(":")
    return currency or codes.MEASURE_UNITS.get(measure, "")


def _ordered(lines: Mapping[Keys, Line], group_by: Sequence[str]) -> list[Keys]:
    """Periods in their order, everything else by the number of struggles; what is not told comes last."""

    def place(keys: Keys) -> tuple[Any, ...]:
        found: list[Any] = []
        for name, key in zip(group_by, keys, strict=True):
            found += [key is None, key or 0] if name in PERIODS else []
        unknown = [key is None for key in keys]
        return (*found, unknown, -lines[keys].struggles, [str(key) for key in keys])

    return sorted(lines, key=place)


def _row(
    group_by: Sequence[str],
    keys: Keys,
    line: Line,
    columns: Sequence[Column],
    named: Mapping[str, Mapping[str, str]],
    flagged: Mapping[tuple[Keys, str], str],
) -> Row:
    written = tuple(_written(name, key) for name, key in zip(group_by, keys, strict=True))
    shown = tuple(named.get(name, {}).get(key or "", key) for name, key in zip(group_by, written, strict=True))
    cells = tuple(_cell(column, line, flagged.get((keys, column.key))) for column in columns)
    return Row(written, shown, cells)


def _cell(column: Column, line: Line, outlier: str | None) -> Interval:
    if column.kind is Kind.COUNT:
        count = line.struggles if column.key == "struggles" else line.reports
        return Interval(count, count, known=line.struggles)
    found = line.sums.get(column.key, Sum())
    return found.interval(struggles=line.struggles, mean=column.kind is Kind.MEAN, outlier=outlier)


def _written(name: str, key: Any) -> str | None:
    if key is None:
        return None
    if name == "quarter":
        return f"{key // 10:04}-Q{key % 10}"
    if name == "month":
        return f"{key // 100:04}-{key % 100:02}"
    return f"{key:04}" if name == "year" else str(key)


def _labels(tx: Transaction, whole: Scope, group_by: Sequence[str], keys: Sequence[Keys]) -> dict[str, dict[str, str]]:
    return {
        name: store.labels(tx, name, sorted({str(key[place]) for key in keys if key[place] is not None}), whole.sources)
        for place, name in enumerate(group_by)
        if name in NAMED
    }


# ---- what a reader must know of it


def _outliers(
    tx: Transaction, whole: Scope, group_by: Sequence[str], total: Line
) -> tuple[dict[tuple[Keys, str], str], list[Note]]:
    flagged: dict[tuple[Keys, str], str] = {}
    notes: dict[tuple[str, str], Note] = {}
    for part in ("people", "days"):
        measure = adding.PARTS[part]
        usual = store.usual(tx, whole, part, known=total.sum(measure).known)
        if not usual:
            continue
        for row in store.above(tx, whole, part, usual * OUTSTANDING, group_by):
            flagged.setdefault((tuple(row[:-2]), measure), row.report)
            values = (("column", measure), ("value", row.figure), ("report", row.report))
            notes.setdefault((measure, row.report), Note(Remark.OUTLIER, values))
    return flagged, list(notes.values())


def _coverage(tx: Transaction, whole: Scope, total: Line) -> Coverage:
    wanted = frozenset(whole.sources)
    rows = store.reported(tx, whole)
    inside = [row for row in rows if row.counts and row.author in wanted]
    days = [day for row in inside for day in (row.first, row.last) if day is not None]
    return Coverage(
        sources=len(whole.sources),
        groups=len({row.author for row in inside}),
        reports=total.reports,
        struggles=total.struggles,
        countries=len({row.country for row in inside if row.country}),
        earliest=_day(min(days)) if days else None,
        latest=_day(max(days)) if days else None,
        not_counted=sum(row.reports for row in rows if row.counts and row.author not in wanted),
        left_out=store.left_out(tx, whole) if any(not row.counts and row.author in wanted for row in rows) else 0,
    )


def _day(number: int) -> str:
    return f"{number // 10000:04}-{number // 100 % 100:02}-{number % 100:02}"


def _recounting(tx: Transaction) -> Iterable[Note]:
    found = recounting.progress(tx)
    return [Note(Remark.RECOUNTING, (("done", found.done), ("reports", found.reports)))] if found is not None else []


def _notes(total: Line, coverage: Coverage, question: Question) -> Iterable[Note]:
    yield Note(Remark.PICKED, (("rule", rules.RULE),))
    if total.sum("days-not-worked").computed:
        yield Note(Remark.COMPUTED)
    if banded := max((one.banded for one in total.sums.values()), default=0):
        yield Note(Remark.BANDED, (("struggles", banded),))
    if any(name in OF_TERMS for name in question.group_by) or coverage.reports > coverage.struggles:
        yield Note(Remark.OVERLAPPING)
    if coverage.not_counted:
        yield Note(Remark.NOT_COUNTED, (("reports", coverage.not_counted),))
    if coverage.left_out:
        yield Note(Remark.LEFT_OUT, (("reports", coverage.left_out),))
    yield Note(Remark.FEW)


def _cut(rows: int, shown: int) -> Iterable[Note]:
    return [Note(Remark.CUT, (("rows", rows), ("shown", shown)))] if rows > shown else []


# ---- what it was made of


@dataclass(frozen=True, slots=True)
class Part:
    """One of the 256 parts of the inputs: the reports on the struggles whose address falls into it."""

    part: int
    reports: int
    digest: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What a table was made of: where two nodes differ in `digest`, they differ in `merges` or in some of the parts."""

    sources: tuple[str, ...]
    rule: str
    merges: tuple[tuple[str, str], ...]
    digest: str
    reports: int
    parts: tuple[Part, ...]


def parts(tx: Transaction, question: Question) -> Parts:
    """The digest of the inputs of a table, and of each part of them."""
    whole = scope(tx, question)
    all_of_it, found = Inputs(), []
    for row in store.buckets(tx, whole):
        one = Inputs()
        one.add(row.reports, row[2:])
        all_of_it.add(row.reports, row[2:])
        found.append(Part(row.bucket, row.reports, one.digest()))
    pairs = tuple(merges.pairs(tx, whole.sources))
    return Parts(whole.sources, rules.RULE, pairs, all_of_it.digest(), all_of_it.reports, tuple(found))


def reports_in_part(tx: Transaction, question: Question, part: int) -> dict[str, dict[str, str]]:
    """The reports in one part of the inputs: struggle -> report -> digest of what is counted of it."""
    found: dict[str, dict[str, str]] = {}
    for row in store.in_bucket(tx, scope(tx, question), part):
        found.setdefault(row.struggle, {})[row.report] = row.digest
    return found
