"""A conditions report: how people work, live or are held somewhere, and what they are paid or pay.

It is a statement with more fields, a Note or Article for everybody else. It says how it was gathered and from how many
people; it counts them and never names them. What is not known is left out.
"""

from __future__ import annotations

import re
from typing import Any, Final

from schemas import codes, fields, reading
from schemas.amount import CURRENCY
from schemas.context import REPORT_CONTEXT
from schemas.fields import wire, wire_value
from schemas.kinds import COUNT, IRI, PARTIAL_DATE, TEXT, code, many, names, nested, number
from schemas.partial_date import PartialDate
from schemas.party import Party
from schemas.place import Place
from schemas.reading import Malformed
from schemas.statement import WRITTEN_TYPES, Statement
from schemas.struggle_report import Occupation, Sector, Source

TYPES: Final = WRITTEN_TYPES
FLAWS_AT_MOST: Final = 100
"""More is not looked for: each costs another reading of the whole."""


@wire_value()
class Condition:
    """One condition: in words, as a number or a range, or both. Money has a `currency`, what is counted a `unit`."""

    topic: str = wire(code(codes.CONDITION_TOPICS), "topic", doc="What it is about.")
    text: str | None = wire(TEXT, "name", default=None, doc="In words.")
    value: int | float | None = wire(number(0), "value", default=None, doc="How much; zero means none, not unknown.")
    low: int | float | None = wire(number(0), "minValue", default=None, doc="At least so much.")
    high: int | float | None = wire(number(0), "maxValue", default=None, doc="At most so much.")
    currency: str | None = wire(CURRENCY, "currency", default=None, doc="Of money: ISO 4217.")
    unit: str | None = wire(TEXT, "unit", default=None, doc="Of anything else: what one of it is, in words.")
    period: str | None = wire(code(codes.PERIODS), "period", default=None, doc="For how long, or how often.")
    basis: str | None = wire(code(codes.BASES), "basis", default=None, doc="What the group vouches for.")

    def __post_init__(self) -> None:
        counted = self.interval is not None
        if not counted and not self.text:
            raise Malformed("value", "is missing: give a number, a range or words")
        if counted and bool(self.currency) == bool(self.unit):
            raise Malformed("currency", "is missing, or stands beside a unit: say one of the two")
        if self.value is not None and (self.low is not None or self.high is not None):
            raise Malformed("value", "stands beside a range: give one or the other")
        if self.low is not None and self.high is not None and self.high < self.low:
            raise Malformed("maxValue", "{high} is below minValue, {low}", high=self.high, low=self.low)

    @property
    def interval(self) -> tuple[float | None, float | None] | None:
        """The least and the most that it says, each None where it is open; None if there is no figure."""
        if self.value is not None:
            return self.value, self.value
        return None if self.low is None and self.high is None else (self.low, self.high)


@wire_value(context=REPORT_CONTEXT)
class ConditionsReport(Statement):
    """A statement that reports conditions. `conditions` makes it one."""

    type: str = wire(names(*TYPES), "type", default="Note", required=True, doc="Note or Article.")
    conditions: tuple[Condition, ...] = wire(
        many(nested(Condition)), "conditions", always=True, doc="What was found; nothing, where none could be read."
    )
    gathered: str | None = wire(code(codes.GATHERINGS), "gathered", default=None, doc="How it was found out.")
    respondents: int | None = wire(COUNT, "respondents", default=None, doc="From how many people it is.")
    population: int | None = wire(COUNT, "population", default=None, doc="How many people there are, in all.")
    as_of: PartialDate | None = wire(PARTIAL_DATE, "asOf", default=None, doc="When it was so.")
    struggle: str | None = wire(IRI, "struggle", default=None, doc="For which struggle, where it is for one.")
    field: str | None = wire(code(codes.FIELDS), "field", default=None, doc="The field of struggle that it is for.")
    who: tuple[str, ...] = wire(many(code(codes.WHO)), "who", default=(), doc="Whose conditions they are.")
    addressees: tuple[Party, ...] = wire(many(nested(Party)), "addressee", default=(), doc="Who sets them.")
    location: Place | None = wire(nested(Place, first_of_list=True), "location", default=None, doc="Where.")
    sector: Sector | None = wire(nested(Sector), "sector", default=None, doc="The branch of the economy.")
    occupations: tuple[Occupation, ...] = wire(
        many(nested(Occupation)), "occupations", default=(), doc="What those concerned do, in ISCO-08."
    )
    sources: tuple[Source, ...] = wire(many(nested(Source)), "sources", default=(), doc="Where the facts are from.")
    basis: str | None = wire(code(codes.BASES), "basis", default=None, doc="What the group itself vouches for.")

    def __post_init__(self) -> None:
        if self.respondents is not None and self.population is not None and self.population < self.respondents:
            sentence = "{population} is fewer than were asked, {respondents}"
            raise Malformed("population", sentence, population=self.population, respondents=self.respondents)


def reports(document: dict[str, Any]) -> bool:
    """Whether `document` reports conditions: a Note or Article that has `conditions`."""
    return document.get("conditions") is not None and reading.type_of(document) in TYPES


def parse(document: object) -> ConditionsReport:
    """The report in `document`. Raises Malformed, with the first field at fault."""
    return fields.parse(ConditionsReport, document)


_FACTS: Final = frozenset(term.key for term in fields.describe(ConditionsReport)) - frozenset(
    term.key for term in fields.describe(Statement)
)
_ENTRY: Final = re.compile(r"conditions\[([0-9]+)\]")


def read(document: dict[str, Any]) -> ConditionsReport:
    """What another says, with the facts that break a rule left out: its words stay readable, whatever its figures are.

    Raises Malformed where it is no statement either. `flaws` says what was left out, and why.
    """
    return _readable(document)[0]


def flaws(document: dict[str, Any]) -> tuple[Malformed, ...]:
    """The rules that the facts of a report break: unreadable ones, and codes unknown here.

    Raises Malformed where `document` is no statement.
    """
    report, unreadable = _readable(document)
    nothing = () if report.conditions else (Malformed("conditions", "is empty: nothing in it could be read"),)
    return unreadable + fields.refusals(report, _FACTS) + (nothing if not unreadable else ())


def _readable(document: dict[str, Any]) -> tuple[ConditionsReport, tuple[Malformed, ...]]:
    found: list[Malformed] = []
    while True:
        try:
            return parse(document), tuple(found)
        except Malformed as error:
            key = fields.first_key(error.path)
            if key not in _FACTS or len(found) == FLAWS_AT_MOST:
                raise
            found.append(error)
            document = document | {"conditions": _without(document["conditions"], error.path)}
            if key != "conditions":
                document = {name: value for name, value in document.items() if name != key}


def _without(conditions: Any, path: str) -> list[Any]:
    """The list without the entry that a path names; without a list nothing is left."""
    entry = _ENTRY.match(path)
    if not path.startswith("conditions"):
        return conditions if isinstance(conditions, list) else [conditions]
    if entry is None or not isinstance(conditions, list):
        return []
    return [one for number, one in enumerate(conditions) if number != int(entry[1])]


def serialise(report: ConditionsReport) -> dict[str, Any]:
    """The JSON object of `report`. Raises Malformed for a code that is not one of ours."""
    return fields.serialise(report)
