"""One row and a mapping -> one `Draft`, or the row refused with the reason. Pure, and never both."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Pairs
from dataclasses import dataclass
from typing import TypeVar

from node.reports.imports import cells, sectors, sentences
from node.reports.imports.mappings import Mapping
from node.reports.imports.particulars import particulars
from node.reports.imports.quantities import measures
from node.reports.imports.tables import Row
from schemas import classifications, codes
from schemas.measure import Measure
from schemas.partial_date import PartialDate
from schemas.party import Party
from schemas.place import Place
from schemas.struggle_report import Claim, Demand, Occupation, Response, Sector, Source, Withheld

T = TypeVar("T")

_DEMAND = re.compile(r"(?P<text>.*?)\s*\[(?P<marks>[^\[\]]*)\]\Z", re.DOTALL)
_DEMAND_MARKS = {**codes.DEMAND_STATUSES, **codes.DEMAND_KINDS}


NEEDED = {"kind": "other", "field": "other", "began": "2000", "currency": "EUR", "struggle": "-"}
"""What no report can do without, with a value that stands for it while the rest is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A report as the row tells it: everything but ids, author and moment of publication.

    `import_key` names this row's report and `struggle_key` its struggle, for ever and across files: importing the
    same table again must find the same keys. `summary` is plain text in `language`. A number that the row does not
    give has no measure; a zero that it gives is a measure of zero.
    """

    line: int
    import_key: str
    struggle_key: str
    struggle_title: str
    title: str
    language: str
    summary: str
    field: str
    action_kind: str
    who: tuple[str, ...]
    started_by: str | None
    addressees: tuple[Party, ...]
    organisations: tuple[Party, ...]
    location: Place | None
    began: PartialDate
    ended: PartialDate | None
    as_of: PartialDate | None
    measures: tuple[Measure, ...]
    demands: tuple[Demand, ...]
    sector: Sector | None
    sources: tuple[Source, ...]
    basis: str
    status: str | None = None
    outcome: str | None = None
    began_precision: str | None = None
    ended_precision: str | None = None
    responses: tuple[Response, ...] = ()
    claims: tuple[Claim, ...] = ()
    occupations: tuple[Occupation, ...] = ()
    confidence: str | None = None
    withheld: tuple[Withheld, ...] = ()
    alleged_by: str | None = None
    report_status: str | None = None
    report_status_reason: str | None = None
    disputes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not imported: its line, the column at fault as its table calls it, its value, and why.

    `why` is a sentence (or two) that says what to write instead; `others` is what else is wrong with the row. `str()`
    is the whole in one line.
    """

    line: int
    field: str
    value: str
    why: str
    others: tuple[RefusedRow, ...] = ()

    def __str__(self) -> str:
        return f"line {self.line}, " + "; ".join(one.fault for one in (self, *self.others))

    @property
    def fault(self) -> str:
        """What is wrong in this column."""
        shown = self.value if len(self.value) <= 80 else self.value[:79] + "…"
        return f"{self.field}, “{shown}”: {self.why}"


class _Refusal(Exception):
    """Carries field, value and reason from where they are found to `read`."""

    def __init__(self, field: str, value: str, why: str) -> None:
        super().__init__(field, value, why)
        self.field, self.value, self.why = field, value, why


def read_all(rows: Iterable[Row], mapping: Mapping) -> Iterator[Draft | RefusedRow]:
    """`read` for a whole table, in its order; a row that repeats an earlier one's key is refused too.

    What stands below the row at which its mapping says that it ends are notes to the table.
    """
    lines: dict[str, int] = {}
    for row in rows:
        if mapping.ends_at and next(iter(row.cells.values())).startswith(mapping.ends_at):
            return
        found = read(row, mapping)
        if isinstance(found, Draft):
            earlier = lines.setdefault(found.import_key, found.line)
            if earlier != found.line:
                key = "key" if "key" in mapping.columns else "struggle"
                why = f"The row in line {earlier} has the same key: delete one, or tell them apart in this column"
                found = RefusedRow(found.line, mapping.heading(key), Given(row, mapping).written(key), why)
        yield found


def read(row: Row, mapping: Mapping) -> Draft | RefusedRow:
    """The report that `row` tells under a mapping fitted to its table. Raises nothing: a bad row is a value."""
    if row.surplus:
        why = "There are more cells than columns here, so they may have slipped: quote texts that hold commas"
        return RefusedRow(row.line, f"after the last column ({len(row.cells)})", row.surplus[0], why)
    refusals: dict[str, _Refusal] = {}
    while True:
        try:
            found = _draft(Given(row, mapping, {field: NEEDED.get(field, "") for field in refusals}))
            break
        except _Refusal as refusal:
            if refusal.field in refusals:
                break
            refusals[refusal.field] = refusal
    if not refusals:
        return found
    first, *others = (RefusedRow(row.line, mapping.heading(one.field), one.value, one.why) for one in refusals.values())
    return dataclasses.replace(first, others=tuple(others))


class Given:
    """The cells of one row, asked for by field."""

    def __init__(self, row: Row, mapping: Mapping, instead: Pairs[str, str] | None = None) -> None:
        """`instead`: what stands for fields that are at fault, while the rest is looked at."""
        self.line = row.line
        self.mapping = mapping
        self._cells = row.cells
        self._instead = instead or {}

    def written(self, field: str) -> str:
        """What the table itself says."""
        columns = self.mapping.columns.get(field)
        if columns is None:
            return ""
        if len(columns) == 1:
            return self._cells[columns[0]]
        return (":" if field == "key" else ", ").join(filter(None, (self._cells[column] for column in columns)))

    def cell(self, field: str) -> str:
        """What the field is to be read from: the cell, in our words where the mapping has them, else the constant."""
        if field in self._instead:
            return self._instead[field]
        written = self.written(field)
        if written and field in self.mapping.only_if_one:
            different = dict.fromkeys(self.meant(field, part) for part in self._split(field, written))
            meant = next(iter(different), "") if len(different) == 1 else ""
        else:
            meant = self.meant(field, written) if written else ""
        return meant or self.mapping.constants.get(field, "")

    def meant(self, field: str, written: str) -> str:
        """What the mapping says that `written` means in this field; without a word on it, itself."""
        values = self.mapping.values.get(field)
        if values is None:
            return written
        unlisted = "" if field in self.mapping.unlisted_is_empty else written
        return values.get(" ".join(written.casefold().split()), unlisted)

    def read(self, field: str, reader: Callable[[str], T]) -> T | None:
        """The field as `reader` reads it; None if it is empty."""
        cell = self.cell(field)
        return self._read(field, cell, reader) if cell else None

    def needed(self, field: str, reader: Callable[[str], T]) -> T:
        """As `read`; an empty field refuses the row."""
        found = self.read(field, reader)
        if found is None:
            raise _Refusal(field, self.written(field), "It is empty, and no report can do without it")
        return found

    def several(self, field: str, reader: Callable[[str], T]) -> list[T]:
        """The values of a cell that may hold more than one; each part is read, and put in our words, by itself."""
        if field in self._instead:
            return []
        parts = [meant for part in self._split(field, self.written(field)) if (meant := self.meant(field, part))]
        if not parts:
            parts = self._split(field, self.mapping.constants.get(field, ""))
        return [self._read(field, part, reader) for part in parts]

    def _split(self, field: str, cell: str) -> list[str]:
        if not cell:
            return []
        separator = self.mapping.separators.get(field, self.mapping.separator)
        parts = cell.split(separator) if separator else [cell]
        return [part.strip() for part in parts if part and not part.isspace()]

    def _read(self, field: str, cell: str, reader: Callable[[str], T]) -> T:
        return self.check(field, lambda: reader(cell), cell)

    def check(self, field: str, read: Callable[[], T], cell: str = "") -> T:
        """What `read` gives; what it cannot read is the fault of `field`, which says `cell` by a constant."""
        try:
            return read()
        except cells.Unreadable as error:
            raise _Refusal(field, self.written(field) or cell, str(error)) from None


def _draft(given: Given) -> Draft:
    began, ended = _period(given)
    kind = given.needed("kind", _code(codes.ACTION_KINDS))
    who = tuple(given.several("who", _code(codes.WHO)))
    addressees, organisations = _addressees(given), _organisations(given)
    place, counted, demands = _place(given), measures(given), tuple(given.several("demands", demand))
    title = given.read("title", cells.text) or sentences.title(kind, who, addressees, place)
    struggle = _struggle(given)
    language = given.read("language", cells.language) or "en"
    summary = given.read("summary", cells.prose)
    if not summary and language.partition("-")[0].lower() == "en":
        summary = sentences.summary(
            kind=kind,
            who=who,
            addressees=addressees,
            organisations=organisations,
            place=place,
            began=began,
            ended=ended,
            measures=counted,
            demands=demands,
        )
    return Draft(
        line=given.line,
        import_key=_import_key(given, struggle, kind, began),
        struggle_key=f"{given.mapping.name}:{struggle}",
        struggle_title=given.read("struggle_title", cells.text) or title,
        title=title,
        language=language,
        summary=summary or title,
        field=given.needed("field", _code(codes.FIELDS)),
        action_kind=kind,
        who=who,
        started_by=given.read("started_by", _code(codes.STARTED_BY)),
        addressees=addressees,
        organisations=organisations,
        location=place,
        began=began,
        ended=ended,
        as_of=given.read("as_of", _date(given)),
        measures=counted,
        demands=demands,
        sector=_sector(given),
        sources=_sources(given),
        basis=given.read("basis", _code(codes.BASES)) or "imported",
        **particulars(given),
    )


def _code(known: Pairs[str, str]) -> Callable[[str], str]:
    return lambda cell: cells.code(cell, known)


def _date(given: Given) -> Callable[[str], PartialDate]:
    return lambda cell: cells.partial_date(cell, given.mapping.dates)


def _period(given: Given) -> tuple[PartialDate, PartialDate | None]:
    began = given.needed("began", _date(given))
    ended = given.read("ended", _date(given))
    if ended is not None and ended.latest < began.earliest:
        start = f"{given.mapping.heading('began')} says {began}"
        raise _Refusal("ended", given.written("ended"), f"It ends before it begins ({start}): check both dates")
    return began, ended


def _struggle(given: Given) -> str:
    """The name of the struggle inside this family of tables."""
    found = given.read("struggle", cells.text) or given.read("title", cells.text)
    if not found:
        why = "It is empty: name the struggle, so that several reports on it can be told to belong together"
        raise _Refusal("struggle", "", why)
    return found


def _import_key(given: Given, struggle: str, kind: str, began: PartialDate) -> str:
    own = given.read("key", cells.text)
    return f"{given.mapping.name}:{own or f'{struggle}:{kind}:{began}'}"


def _addressees(given: Given) -> tuple[Party, ...]:
    names = given.several("addressee", cells.text)
    kinds = given.several("addressee_kind", _code(codes.PARTY_KINDS))
    if not names:
        return ()
    if len(kinds) <= 1:
        kinds = (kinds or ["other"]) * len(names)
    if len(kinds) != len(names):
        why = f"Kinds ({len(kinds)}) do not match addressees ({len(names)}): give one kind for all, or one for each"
        raise _Refusal("addressee_kind", given.written("addressee_kind"), why)
    return tuple(Party(name=name, kind=kind) for name, kind in zip(names, kinds, strict=True))


def _organisations(given: Given) -> tuple[Party, ...]:
    return tuple(Party(name=name) for name in given.several("organisation", cells.text))


def _place(given: Given) -> Place | None:
    country = given.read("country", cells.country)
    locality, region = given.read("locality", cells.text), given.read("region", cells.region)
    both = given.read("locality_and_region", lambda cell: cells.locality_and_region(cell, country))
    if both is not None:
        locality, region = locality or given.meant("locality", both[0]), region or both[1]
    given.check("region" if both is None else "locality_and_region", lambda: cells.region_of(region, country))
    point = given.read("latitude_and_longitude", cells.point)
    north = point[0] if point else given.read("latitude", lambda cell: cells.degrees(cell, 90))
    east = point[1] if point else given.read("longitude", lambda cell: cells.degrees(cell, 180))
    if (north is None) != (east is None):
        empty = "latitude" if north is None else "longitude"
        raise _Refusal(empty, "", "It is empty: a point on the map needs both latitude and longitude")
    name, indigenous = given.read("place", cells.text), given.read("indigenous_name", cells.text)
    radius, precision = given.read("radius", cells.number), given.read("place_precision", _code(codes.PLACE_PRECISIONS))
    if not (country or locality or region or name or indigenous) and north is None:
        return None
    return Place(
        name=name or sentences.place_name(locality, region, country) or None,
        indigenous_name=indigenous,
        country=country,
        region=region,
        locality=locality or None,
        latitude=north,
        longitude=east,
        radius=radius,
        units=None if radius is None else "m",
        precision=precision,
    )


def demand(cell: str) -> Demand:
    """“lower rents [rent, partly-won]”; without brackets the demand is raised, and of no kind."""
    found = _DEMAND.match(cell)
    words = cells.text(found["text"] if found else cell)
    if not words:
        raise cells.Unreadable("There is a state in brackets and no demand before it")
    marks = [cells.code(said.strip(), _DEMAND_MARKS) for said in found["marks"].split(",")] if found else []
    kinds = [mark for mark in marks if mark in codes.DEMAND_KINDS]
    states = [mark for mark in marks if mark in codes.DEMAND_STATUSES]
    if len(kinds) > 1 or len(states) > 1:
        raise cells.Unreadable("A demand has one kind and one state: write it twice, or leave one of them out")
    return Demand(text=words, kind=kinds[0] if kinds else None, status=states[0] if states else "raised")


def _sector(given: Given) -> Sector | None:
    scheme = given.read("sector_scheme", _code(codes.SECTOR_SCHEMES)) or sectors.SCHEME
    cut = "sector" in given.mapping.cut_to_known

    def read(cell: str) -> Sector:
        return cells.sector((classifications.longest(scheme, cell) if cut else None) or cell, scheme)

    return given.read("sector", read)


def _sources(given: Given) -> tuple[Source, ...]:
    urls = given.several("source_url", cells.address)
    names = given.several("source_name", cells.text)
    retrieved = given.read("retrieved", lambda cell: cells.day(cell, given.mapping.dates))
    if urls and names and len(urls) != len(names):
        why = f"Names ({len(names)}) do not match addresses ({len(urls)}): give one name for each address"
        raise _Refusal("source_name", given.written("source_name"), why)
    hosts = [url.split("/")[2] for url in urls]
    if not urls:
        return tuple(Source(name=name, retrieved=retrieved) for name in names)
    return tuple(
        Source(url=url, name=name, retrieved=retrieved) for url, name in zip(urls, names or hosts, strict=True)
    )
