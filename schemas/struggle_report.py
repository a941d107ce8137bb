"""A struggle report: what a group says is happening in a struggle. First version of the vocabulary.

It is a statement with more fields, a Note or Article for everybody else. A report asserts facts about a struggle,
which has an IRI of its own, so that several groups may report one without it being counted twice. It counts people
and never names them. What is not known is left out; it is never zero.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from schemas import codes, fields, reading
from schemas.context import REPORT_CONTEXT
from schemas.fields import wire, wire_value
from schemas.kinds import (
    DAY,
    IRI,
    LABEL,
    LINK,
    PARTIAL_DATE,
    TEXT,
    TYPE_NAME,
    code,
    many,
    names,
    nested,
    number,
)
from schemas.partial_date import PartialDate
from schemas.reading import Malformed
from schemas.statement import WRITTEN_TYPES, Statement

TYPES: Final = WRITTEN_TYPES


def _read_country(value: Any) -> str:
    found = reading.text(value)
    if len(found) != 2 or not found.isascii() or not found.isalpha() or not found.isupper():
        raise Malformed("", "must be an ISO 3166-1 alpha-2 code such as IN")
    return found


_COUNTRY = fields.Kind("country", _read_country, _read_country, {"type": "string", "pattern": "^[A-Z]{2}$"})


@wire_value()
class Party:
    """Somebody who takes part as a body: an employer, an authority, an organisation. Never a private person."""

    name: str = wire(LABEL, "name", doc="Its name.")
    kind: str | None = wire(code(codes.PARTY_KINDS), "partyKind", default=None, doc="What it is in this struggle.")
    same_as: tuple[str, ...] = wire(
        many(IRI, skip_unreadable=True), "sameAs", default=(), lenient=True,
        doc="Where else it is described: Wikidata, a register, its own actor.",
    )  # fmt: skip


@wire_value()
class Place:
    """Where. As exact as is safe: with a radius a point means anywhere within it. Activity Vocabulary, Place."""

    type: str = wire(TYPE_NAME, "type", default="Place", doc="Place.")
    name: str | None = wire(TEXT, "name", default=None, doc="As people there call it.")
    country: str | None = wire(_COUNTRY, "country", default=None, doc="ISO 3166-1 alpha-2.")
    region: str | None = wire(TEXT, "region", default=None, doc="ISO 3166-2 where there is one, else a name.")
    locality: str | None = wire(TEXT, "locality", default=None, doc="Town, village or quarter.")
    latitude: int | float | None = wire(number(-90, 90), "latitude", default=None, doc="Degrees, WGS 84.")
    longitude: int | float | None = wire(number(-180, 180), "longitude", default=None, doc="Degrees, WGS 84.")
    radius: int | float | None = wire(number(0), "radius", default=None, doc="Metres.")
    units: str | None = wire(TEXT, "units", default=None, doc="Of the radius: m, also when left out.")

    def __post_init__(self) -> None:
        if (self.latitude is None) != (self.longitude is None):
            raise Malformed("latitude", "needs a longitude, and the other way round")


@wire_value()
class Measure:
    """One counted quantity, and who counted. schema.org QuantitativeValue."""

    measure: str = wire(code(codes.MEASURES), "measure", doc="What is counted.")
    value: int | float = wire(number(0), "value", doc="How many; zero means none, not unknown.")
    unit: str | None = wire(TEXT, "unit", default=None, doc="What one of it is, where the measure does not say.")
    basis: str | None = wire(code(codes.MEASURE_BASES), "basis", default=None, doc="Whose figure it is.")


@wire_value()
class Demand:
    """What is asked for, and what became of it."""

    text: str = wire(LABEL, "name", doc="In the words of those who raise it.")
    status: str = wire(code(codes.DEMAND_STATUSES), "demandStatus", default="raised", doc="What became of it.")


@wire_value()
class Sector:
    """A branch of the economy in a public classification."""

    scheme: str = wire(code(codes.SECTOR_SCHEMES), "scheme", default="isic4", required=True, doc="Which one.")
    code: str = wire(LABEL, "code", doc="The code there: a section letter, or two to four digits.")
    label: str | None = wire(TEXT, "label", default=None, doc="In words.")


@wire_value()
class Source:
    """Where the facts are from."""

    name: str | None = wire(TEXT, "name", default=None, doc="Who published it.")
    url: str | None = wire(LINK, "url", default=None, lenient=True, doc="Where it is.")
    retrieved: date | None = wire(DAY, "retrieved", default=None, doc="The day on which it was read.")


_PARTIES = many(nested(Party))


@wire_value(context=REPORT_CONTEXT)
class StruggleReport(Statement):
    """A statement that reports an action in a struggle. `struggle` and `actionKind` together make it one."""

    type: str = wire(names(*TYPES), "type", default="Note", required=True, doc="Note or Article.")
    struggle: str = wire(IRI, "struggle", doc="What is reported on: the collection of all reports on it.")
    action_kind: str = wire(code(codes.ACTION_KINDS), "actionKind", doc="What was done.")
    field: str | None = wire(code(codes.FIELDS), "field", default=None, doc="The field of the struggle.")
    who: tuple[str, ...] = wire(many(code(codes.WHO)), "who", default=(), doc="Who struggles.")
    started_by: str | None = wire(code(codes.STARTED_BY), "startedBy", default=None, doc="Which side began the action.")
    addressees: tuple[Party, ...] = wire(_PARTIES, "addressee", default=(), doc="Whom it is directed at.")
    organisations: tuple[Party, ...] = wire(_PARTIES, "organisation", default=(), doc="Who organises it.")
    location: Place | None = wire(nested(Place, first_of_list=True), "location", default=None, doc="Where.")
    began: PartialDate | None = wire(PARTIAL_DATE, "began", default=None, doc="When the action began.")
    ended: PartialDate | None = wire(PARTIAL_DATE, "ended", default=None, doc="When it ended, if it has.")
    as_of: PartialDate | None = wire(PARTIAL_DATE, "asOf", default=None, doc="The day up to which the report is true.")
    measures: tuple[Measure, ...] = wire(many(nested(Measure)), "measures", default=(), doc="What was counted.")
    demands: tuple[Demand, ...] = wire(many(nested(Demand)), "demands", default=(), doc="What is asked for.")
    sector: Sector | None = wire(nested(Sector), "sector", default=None, doc="The branch of the economy.")
    sources: tuple[Source, ...] = wire(many(nested(Source)), "sources", default=(), doc="Where the facts are from.")
    basis: str | None = wire(code(codes.BASES), "basis", default=None, doc="What the group itself vouches for.")

    def __post_init__(self) -> None:
        if self.began and self.ended and self.ended.latest < self.began.earliest:
            raise Malformed("ended", f"{self.ended} is before it began, {self.began}")


def reports(document: dict[str, Any]) -> bool:
    """Whether `document` is a report: a Note or Article that has both `struggle` and `actionKind`."""
    both = document.get("struggle") is not None and document.get("actionKind") is not None
    return both and reading.type_of(document) in TYPES


def parse(document: object) -> StruggleReport:
    """The report in `document`. Raises Malformed."""
    return fields.parse(StruggleReport, document)


def serialise(report: StruggleReport) -> dict[str, Any]:
    """The JSON object of `report`. Raises Malformed for a code that is not one of ours."""
    return fields.serialise(report)
