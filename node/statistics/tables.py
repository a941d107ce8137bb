"""A table of figures as everything that shows it needs it: pages, CSV, JSON and charts render the same `Table`.

Values only, in codes and numbers; whoever shows them puts them into the reader's words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What the figures of a column are: counted one by one, added up, or averaged over those that are known."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of figures. `key` is `struggles`, `reports`, `people`, `duration` or a code of `codes.MEASURES`.

    `unit` is a code of `codes.MEASURE_UNITS`, `struggle`, `report`, `day`, or of money its ISO 4217 code; the column's
    key then is the measure, a colon and that code (`rent-withheld:EUR`), because currencies are never added.
    """

    key: str
    unit: str
    kind: Kind = Kind.SUM

    @property
    def measure(self) -> str:
        """The measure alone, without the currency it is in."""
        return self.key.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure: it lies from `low` to `high`, in the unit of its column.

    Both are None if nothing is known (`known` is 0); `high` alone is None where it is open: "at least `low`".
    `known` struggles say a figure, `absent` struggles of the same row say none. So much of `low` as `computed` says was
    computed (from workers and working days) and not reported. In `banded` struggles the figure was under five at a
    named site and counts as 1 to 4. `outlier` is the report whose single figure stands out, if there is one.
    """

    low: float | None = None
    high: float | None = None
    known: int = 0
    absent: int = 0
    computed: float = 0
    banded: int = 0
    outlier: str | None = None

    @property
    def exact(self) -> bool:
        """Whether it is one number."""
        return self.low is not None and self.low == self.high

    @property
    def open(self) -> bool:
        """Whether nobody knows how many at most."""
        return self.low is not None and self.high is None


Cell = Interval


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what its struggles have in common, and its figures in the order of the columns.

    `keys` has one code (or year, IRI, name as it is compared) for each part of `Table.group_by`, None where the reports
    do not say; `labels` what people call it, where a key does not say that by itself, else the key again.
    """

    keys: tuple[str | None, ...]
    labels: tuple[str | None, ...]
    cells: tuple[Interval, ...]


class Remark(StrEnum):
    """What a reader must know of a table; `Note.values` fills in."""

    PICKED = "picked"  # of several reports on one struggle one group's figure counts; values: rule
    COMPUTED = "computed"  # days not worked that nobody reported: workers times working days, Monday to Friday
    BANDED = "banded"  # figures under five at a named site count as 1 to 4; values: struggles
    OUTLIER = "outlier"  # one figure stands out; values: column, value, report
    OVERLAPPING = "overlapping"  # a struggle stands in every row that it belongs to: the rows do not add up
    CUT = "cut"  # there are more rows; values: rows, shown
    FEW = "few"  # few reports may mean few rights rather than few struggles
    NOT_COUNTED = "not-counted"  # reports of strangers that fit, shown and not counted; values: reports
    RECOUNTING = "recounting"  # an update of the node has everything counted anew; values: done, reports
    LEFT_OUT = "left-out"  # reports that break a rule of the vocabulary, or were withdrawn; values: reports


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on the table, to be said in the reader's words."""

    remark: Remark
    values: tuple[tuple[str, str | int | float], ...] = ()

    def value(self, name: str) -> str | int | float | None:
        """One of the values that fill in the words."""
        return dict(self.values).get(name)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who reported: so many groups out of `sources`, from so many countries (of the struggles), between these days."""

    sources: int
    groups: int
    reports: int
    struggles: int
    countries: int
    earliest: str | None = None
    latest: str | None = None
    not_counted: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """The answer to a question: the rows, all of them together, and what they stand on.

    `question` is the canonical query (`Question.to_query()`), `sources` the actors whose reports and merges count,
    `rule` the version of the rule that picks one figure out of several (node.statistics.rules), `inputs` the digest of
    the reports that were counted, and `digest` that of all of these: two nodes with the same digest show the same.
    """

    question: str
    group_by: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row
    coverage: Coverage
    sources: tuple[str, ...]
    rule: str
    inputs: str
    merges: str
    digest: str
    notes: tuple[Note, ...] = field(default=())

    def column(self, key: str) -> int | None:
        """The place of a column, None if the table has no such figure."""
        return next((place for place, one in enumerate(self.columns) if one.key == key), None)

    def figures(self, key: str) -> Iterator[tuple[Row, Interval]]:
        """Each row with its figure of one column."""
        place = self.column(key)
        if place is not None:
            yield from ((row, row.cells[place]) for row in self.rows)
