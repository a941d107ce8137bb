"""From what a member has written to a report of conditions, and what breaks a rule in another's: pure.

A condition is one line, `wages 11.50-13 EUR per hour [document]: what new people get`, or an object as it travels:
a topic, then a number or a range with a currency or a unit, then `per` and a period, then whose word it is in brackets;
after a colon the words. All but topic and one of number and words may be left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from federation.errors import Malformed
from node.errors import Invalid, every_fault, together
from node.reports import amounts, flaws, shapes, sites, writing
from node.reports.imports import cells
from node.statements import asking
from node.statements import writing as statement_writing
from node.statements.asking import Question
from node.statements.rules import Draft
from schemas import codes, conditions_report
from schemas.conditions_report import Condition, ConditionsReport
from schemas.partial_date import PartialDate
from schemas.party import Party
from schemas.place import Place
from schemas.struggle_report import Occupation, Sector, Source

CONDITIONS_AT_MOST: Final = 100
SMALL: Final = sites.FEW
"""Fewer people than this could be told from each other."""
WORDS_AT_MOST: Final = 1000
LINE_CHARACTERS: Final = 1000
_LINE = re.compile(
    r"(?P<topic>[A-Za-z-]+)"
    r"(?:\s+(?P<low>[0-9]{1,12}(?:\.[0-9]{1,4})?)(?:\s*[-–]\s*(?P<high>[0-9]{1,12}(?:\.[0-9]{1,4})?)|(?P<more>\+))?"
    r"\s+(?P<what>[^\s\[:](?:[^\[:]*?[^\s\[:])?)(?:\s+per\s+(?P<period>[a-z]+))?)?"
    r"(?:\s*\[(?P<basis>[a-z-]+)\])?"
    r"\s*(?::\s*(?P<text>.*))?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What a draft reports: the fields of the value that leaves. `struggle` is as it was written."""

    conditions: tuple[Condition, ...]
    gathered: str | None
    respondents: int | None
    population: int | None
    as_of: PartialDate | None
    struggle: str | None
    field: str | None
    who: tuple[str, ...]
    addressees: tuple[Party, ...]
    location: Place | None
    sector: Sector | None
    occupations: tuple[Occupation, ...]
    sources: tuple[Source, ...]
    basis: str


def reported(draft: Draft) -> Reported:
    """What a draft reports. Raises Invalid, naming the field; Faults if there are more."""
    try:
        return _reported(draft)
    except Invalid as error:
        found = every_fault(lambda left: _reported(replace(draft, conditions=left)), draft.conditions, _instead)
        raise together(found or [error]) from None


def _instead(name: str) -> str:
    """What stands for a field that is at fault, while the rest is looked at."""
    return '{"topic": "other", "text": "-"}' if statement_writing.CONDITION.fullmatch(name) else ""


def _reported(draft: Draft) -> Reported:
    given = {name: written.strip() for name, written in draft.conditions.items() if written.strip()}
    conditions = tuple(_conditions(given))
    if not conditions:
        raise Invalid("say what was found, on a line each: wages 11.50 EUR per hour", field="condition_1")
    if draft.report or draft.event or draft.position or draft.appeal or draft.answer:
        raise Invalid("a report of conditions is nothing else as well", field="condition_1")
    respondents, population = _count(given, "respondents"), _count(given, "population")
    if respondents is not None and population is not None and population < respondents:
        raise Invalid("they are fewer than were asked: {asked}", field="population", asked=respondents)
    return Reported(
        conditions=conditions,
        gathered=_code(given, "gathered", codes.GATHERINGS),
        respondents=respondents,
        population=population,
        as_of=shapes.scalar(cells.partial_date)(given.get("as_of", ""), "as_of"),
        struggle=given.get("struggle"),
        field=_code(given, "field", codes.FIELDS),
        who=_part(given, "who", several=True) or (),
        addressees=_part(given, "addressee", several=True) or (),
        location=_location(given),
        sector=_part(given, "sector"),
        occupations=_part(given, "occupations", several=True) or (),
        sources=_part(given, "sources", several=True) or (),
        basis=_code(given, "basis", codes.BASES) or "own-witness",
    )


def _conditions(given: Mapping[str, str]) -> list[Condition]:
    found: list[Condition] = []
    if "conditions" in given:
        listed = writing.value_in("conditions", given["conditions"])
        entries = listed if isinstance(listed, list) else [listed]
        found += [one for number, entry in enumerate(entries) if (one := SHAPE(entry, f"conditions[{number}]"))]
    names = (name for name in given if name != "conditions" and statement_writing.CONDITION.fullmatch(name))
    for name in sorted(names, key=lambda name: int(name.rpartition("_")[2])):
        written = given[name]
        value = writing.value_in(name, written) if written.startswith("{") else written
        found += [one for one in [SHAPE(value, name)] if one is not None]
    if len(found) > CONDITIONS_AT_MOST:
        sentence = "there are {given} conditions; {limit} are the limit"
        raise Invalid(sentence, field="conditions", given=len(found), limit=CONDITIONS_AT_MOST)
    return found


def _line(cell: str) -> Condition:
    found = _LINE.fullmatch(" ".join(cell.split())) if len(cell) <= LINE_CHARACTERS else None
    if found is None:
        raise cells.Unreadable("Write a topic and what it is: wages 11.50-13 EUR per hour: what new people get")
    values: dict[str, Any] = {"topic": cells.code(found["topic"], codes.CONDITION_TOPICS)}
    if found["low"]:
        low = amounts.number(found["low"])
        high = amounts.number(found["high"]) if found["high"] else None
        values |= {"low": low, "high": high} if found["high"] or found["more"] else {"value": low}
        values |= _measured_in(found["what"])
    if found["period"]:
        values["period"] = cells.code(found["period"], codes.PERIODS)
    if found["basis"]:
        values["basis"] = cells.code(found["basis"], codes.BASES)
    if found["text"]:
        values["text"] = cells.text(found["text"])
    try:
        return Condition(**values)
    except Malformed as error:
        raise cells.Unreadable(f"{error.path}: {error.why}") from None


def _measured_in(what: str) -> dict[str, Any]:
    try:
        currency, unit = amounts.of_what(what, field="unit")
    except Invalid as error:
        raise cells.Unreadable(error.why) from None
    return {"currency": currency, "unit": unit}


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    if given.get("currency") and not flaws.is_currency(given["currency"]):
        raise Invalid("there is no currency {code}; write a code of ISO 4217, such as EUR", field="currency",
                      code=given["currency"])  # fmt: skip
    return given


def _figure(value: Any, path: str) -> int | float | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return int(value) if float(value).is_integer() else value
    found: int | float | None = shapes.scalar(cells.number)(value, path)
    return found


SHAPE: Final = shapes.Shape(
    Condition,
    {
        "topic": shapes.scalar(lambda cell: cells.code(cell, codes.CONDITION_TOPICS)),
        "text": shapes.scalar(cells.text),
        "value": _figure,
        "low": _figure,
        "high": _figure,
        "currency": shapes.scalar(str.upper),
        "unit": shapes.scalar(cells.text),
        "period": shapes.scalar(lambda cell: cells.code(cell, codes.PERIODS)),
        "basis": shapes.scalar(lambda cell: cells.code(cell, codes.BASES)),
    },
    line=_line,
    check=_checked,
)


def _code(given: Mapping[str, str], name: str, known: Mapping[str, str]) -> str | None:
    found: str | None = shapes.scalar(lambda cell: cells.code(cell, known))(given.get(name, ""), name)
    return found


def _count(given: Mapping[str, str], name: str) -> int | None:
    found: int | None = shapes.scalar(cells.whole_number)(given.get(name, ""), name)
    return found


def _part(given: Mapping[str, str], name: str, *, several: bool = False) -> Any:
    """A part of a report, written as JSON or as text, of several with semicolons between them."""
    written = given.get(name, "")
    if not written:
        return None
    if written.startswith(("{", "[")):
        return shapes.PARTS[name](writing.value_in(name, written), name)
    return shapes.PARTS[name]([one.strip() for one in written.split(";")] if several else written, name)


def _location(given: Mapping[str, str]) -> Place | None:
    flat = {name: given[name] for name in ("country", "region", "locality") if name in given}
    if "location" not in given:
        place: Place | None = shapes.PLACE(flat, "location") if flat else None
        return place
    if flat:
        raise Invalid("it is said here and in a nested value too: say it once", field=next(iter(flat)))
    found: Place | None = _part(given, "location")
    return found


def open_questions(draft: Draft, found: Reported) -> tuple[Question, ...]:
    """What is asked before a report leaves, because it can lead to persons, and was not confirmed yet."""
    site = sites.names_a_site(found.addressees, found.location)
    few = found.respondents is not None and 0 < found.respondents < SMALL and site is not None
    about = (f"{found.respondents}, {site}",) if few else ()
    return asking.unanswered(asking.made({"figure": about}), asking.said_in(draft))


def left_out(document: dict[str, Any]) -> str | None:
    """Why the report in `document` cannot be counted: the rules that it breaks; None if it can be.

    Raises Malformed where it is no statement.
    """
    return "; ".join(map(str, broken(document)))[:WORDS_AT_MOST] or None


def broken(document: dict[str, Any]) -> tuple[Malformed, ...]:
    """Each rule that a report breaks, with the path of the value at fault."""
    return conditions_report.flaws(document) + tuple(_unknown(conditions_report.read(document)))


def _unknown(report: ConditionsReport) -> list[Malformed]:
    found = []
    for place, one in enumerate(report.conditions):
        if one.currency and not flaws.is_currency(one.currency):
            path, sentence = f"conditions[{place}].currency", "{value!r} is no currency of ISO 4217"
            found.append(Malformed(path, sentence, value=one.currency))
    found += [*flaws.unknown_places(report.location), *flaws.unknown_sectors(report.sector)]
    return [*found, *flaws.unknown_occupations(report.occupations)]
