"""What a report is made of, as people and programs write it: objects in lists, or one line of text for each. Pure.

Every part of the vocabulary has one shape here, with the names of its value in `schemas`; the names under which it
travels are understood too, so that a report read from a peer can be written down as it came. What single values may be
is said by the readers of cells, so that a file, a form and a table refuse the same things in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import partial
from typing import Any, TypeVar

from node.errors import Invalid, all_of
from node.reports.imports import cells, drafts, particulars, sectors, sentences
from node.reports.imports.fields import FRACTIONS
from node.reports.imports.quantities import Quantity, quantity
from schemas import codes
from schemas.fields import describe
from schemas.measure import Measure
from schemas.party import ChainLink, Party
from schemas.place import Place
from schemas.reading import MAX_INTEGER, Malformed
from schemas.struggle_report import Claim, Demand, Occupation, Response, Sector, Source, Withheld

T = TypeVar("T")
Reader = Callable[[Any, str], Any]
"""(what was written, where) -> the value. Raises Invalid, with where."""

ENTRIES_AT_MOST = 200
YES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}
_ABOUT_NOTHING = ("type", "units", "id", "@context")


def text_of(value: Any, path: str) -> str:
    """One value as a cell. Raises Invalid for a list or an object."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if value is None:
        return ""
    raise Invalid("write one value here, and not several", field=path)


def scalar(reader: Callable[[str], T]) -> Reader:
    """A single value, read as a cell is; nothing for an empty one."""

    def read(value: Any, path: str) -> T | None:
        cell = text_of(value, path)
        if not cell:
            return None
        try:
            return reader(cell)
        except cells.Unreadable as error:
            raise Invalid("{value!r}: {reason}", field=path, value=cell[:80], reason=str(error)) from None

    return read


def several(one: Reader) -> Reader:
    """A list, or a single entry without one; empty entries are none."""

    def read(value: Any, path: str) -> tuple[Any, ...]:
        entries = value if isinstance(value, list) else [value]
        if len(entries) > ENTRIES_AT_MOST:
            sentence = "there are {given} entries; {limit} are the limit"
            raise Invalid(sentence, field=path, given=len(entries), limit=ENTRIES_AT_MOST)
        found = all_of(partial(one, entry, f"{path}[{number}]") for number, entry in enumerate(entries))
        return tuple(entry for entry in found if entry is not None)

    return read


@dataclass(frozen=True, slots=True)
class Shape:
    """How a value of several fields is written: as an object; or, with `line`, as one line of text.

    `more` are keys that it may have beside those of the value; `check` gets all that was read, may complete it, and
    raises Invalid with the key alone as its field.
    """

    make: type
    fields: Mapping[str, Reader]
    line: Callable[[str], Any] | None = None
    more: Mapping[str, Reader] | None = None
    check: Callable[[dict[str, Any]], dict[str, Any]] | None = None

    def __call__(self, value: Any, path: str) -> Any:
        """The value in an object or a line; None for an empty one. Raises Invalid."""
        if isinstance(value, dict):
            return self._object(value, path)
        if self.line is None and value not in (None, ""):
            raise Invalid("write an object with these keys: {keys}", field=path, keys=", ".join(self.keys))
        return scalar(self.line or cells.text)(value, path)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys an object may have."""
        return (*self.fields, *(self.more or {}))

    def _object(self, value: Mapping[str, Any], path: str) -> Any:
        readers = {**self.fields, **(self.more or {})}
        spelt = {term.key: term.name for term in describe(self.make)}

        def read(key: str, written: Any) -> tuple[str, Any]:
            name = key if key in readers else spelt.get(key, key)
            if name not in readers:
                sentence = "there is no such key; the keys are {keys}"
                raise Invalid(sentence, keys=", ".join(self.keys), field=f"{path}.{key[:40]}")
            return name, readers[name](written, f"{path}.{name}")

        about = (key for key in value if key in readers or key not in _ABOUT_NOTHING)
        found = dict(all_of(partial(read, key, value[key]) for key in about))
        given = {name: one for name, one in found.items() if one is not None and one != ()}
        return self._made(given, path) if given else None

    def _made(self, given: dict[str, Any], path: str) -> Any:
        try:
            whole = self.check(given) if self.check is not None else given
            missing = [name for name in self._needed() if name not in whole]
            if missing:
                raise Invalid("it is missing", field=missing[0])
            return self.make(**{name: one for name, one in whole.items() if name in self.fields})
        except Invalid as error:
            raise error.placed(f"{path}.{error.field}") from None
        except Malformed as error:
            spelt = {term.key: term.name for term in describe(self.make)}
            raise Invalid(error.why, field=f"{path}.{spelt.get(error.path, error.path)}") from None

    def _needed(self) -> tuple[str, ...]:
        return tuple(
            one.name
            for one in fields(self.make)
            if one.name in self.fields and one.default is MISSING and one.default_factory is MISSING
        )


def _code(known: Mapping[str, str]) -> Reader:
    return scalar(lambda cell: cells.code(cell, known))


def _yes(cell: str) -> bool:
    if cell.casefold() not in YES:
        raise cells.Unreadable("Write yes or no")
    return YES[cell.casefold()]


def _texts_by_language(value: Any, path: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise Invalid("write an object with a text for each language", field=path)
    found = {}
    for tag, written in value.items():
        language = scalar(cells.language)(tag, f"{path}.{tag[:40]}")
        found[language] = scalar(cells.text)(written, f"{path}.{tag[:40]}")
    return {language: written for language, written in found.items() if language and written}


def _names_by_language(value: Any, path: str) -> dict[str, str]:
    """An object; or on one line “sv: Norra vagnhallen; en: Depot North”."""
    if isinstance(value, str):
        pairs = [one.partition(":") for one in value.split(";") if one.strip()]
        value = {tag.strip(): words.strip() for tag, _, words in pairs}
    return _texts_by_language(value, path)


def _addresses(value: Any, path: str) -> tuple[str, ...]:
    """A list; or addresses on one line, with spaces between them."""
    found: tuple[str, ...] = several(scalar(cells.address))(value.split() if isinstance(value, str) else value, path)
    return found


def _link(line: str) -> ChainLink:
    """“parent: Nordic Mobility Holding https://www.wikidata.org/entity/Q4115190”."""
    role, colon, rest = line.partition(":")
    if not colon:
        raise cells.Unreadable("Write what it is, a colon and its name: parent: Nordic Holding")
    words = rest.split()
    name = " ".join(word for word in words if "://" not in word)
    if not name:
        raise cells.Unreadable("Write what it is, a colon and its name: parent: Nordic Holding")
    same = tuple(cells.address(word) for word in words if "://" in word)
    return ChainLink(name=cells.text(name), role=cells.code(role.strip(), codes.CHAIN_ROLES), same_as=same)


def _chain(value: Any, path: str) -> tuple[ChainLink, ...]:
    """A list of objects or lines; or all on one line with ; between them."""
    found: tuple[ChainLink, ...] = several(CHAIN)(value.split(";") if isinstance(value, str) else value, path)
    return found


def _count(value: Any, path: str) -> int | float | None:
    """A number of a program is what it is; one that a person has written must be readable in one way alone."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_INTEGER:
        return int(value) if float(value).is_integer() else value
    found: int | float | None = scalar(cells.number)(value, path)
    return found


def _figure(value: Any, path: str) -> int | float | Quantity | None:
    """A number, or what a cell may say instead: 100-500, 1,000+, ~40."""
    if isinstance(value, str) and not value.strip().replace(".", "", 1).isdecimal():
        found: Quantity | None = scalar(lambda cell: quantity(cell, fractions=True))(value, path)
        return found
    return _count(value, path)


def _source(cell: str) -> Source:
    return Source(url=cells.address(cell)) if "://" in cell else Source(name=cells.text(cell))


def _measure(given: dict[str, Any]) -> dict[str, Any]:
    """A figure that is one: in whole people, in a currency that there is, the smaller bound first."""
    if isinstance(given.get("value"), Quantity):
        said: Quantity = given["value"]
        read = {name: getattr(said, name) for name in ("value", "low", "high", "absent")}
        # That only the band is known is said where it is so: a range may be an estimate.
        read["precision"] = said.precision if said.value is not None else None
        read = {name: one for name, one in read.items() if one is not None}
        given = read | {name: one for name, one in given.items() if name != "value"}
    given = given if given.get("computed") else {name: one for name, one in given.items() if name != "computed"}
    counted, unit = given.get("measure"), given.get("unit")
    figures: dict[str, int | float] = {name: given[name] for name in ("value", "low", "high") if name in given}
    if counted is not None and codes.MEASURE_UNITS[counted] == "currency":
        if figures:
            given = given | {"unit": _currency(unit)}
    elif unit is not None and counted is not None:
        if unit != codes.MEASURE_UNITS[counted]:
            sentence = "this is counted in {unit}: leave the unit out"
            raise Invalid(sentence, field="unit", unit=codes.MEASURE_UNITS[counted])
        given = {name: one for name, one in given.items() if name != "unit"}
    if counted is not None and counted not in FRACTIONS:
        for name, figure in figures.items():
            if not float(figure).is_integer():
                raise Invalid("{figure} is no whole number: this is counted in whole ones", field=name, figure=figure)
    return _one_figure(given, figures)


def _one_figure(given: dict[str, Any], figures: Mapping[str, int | float]) -> dict[str, Any]:
    low, high = figures.get("low"), figures.get("high")
    if low is not None and high is not None and high < low:
        sentence = "{high} is less than {low}: the smaller number goes first"
        raise Invalid(sentence, field="high", high=high, low=low)
    if "value" in figures and len(figures) > 1:
        raise Invalid("give a number or a range, not both", field="value")
    if "absent" in given and figures:
        raise Invalid("it says that there is no figure, and there is one", field="absent")
    if "absent" not in given and not figures:
        raise Invalid("give a number, or a range, or say why there is none", field="value")
    return given


def _currency(unit: str | None) -> str:
    if unit is None:
        raise Invalid("say in which currency: EUR, INR, BRL …", field="unit")
    try:
        return cells.currency(unit)
    except cells.Unreadable as error:
        raise Invalid("{value!r}: {reason}", field="unit", value=unit[:80], reason=str(error)) from None


def _party(given: dict[str, Any]) -> dict[str, Any]:
    """A person is named as the holder of an office, or if she has agreed; otherwise not at all."""
    if given.get("person") and not given.get("office") and not given.get("consent"):
        raise Invalid("a person is named for the office she holds, or if she has agreed: say which", field="office")
    return given if given.get("consent") else {name: one for name, one in given.items() if name != "consent"}


def _alleged(given: dict[str, Any]) -> dict[str, Any]:
    if given.get("basis") == "alleged" and not given.get("alleged_by"):
        raise Invalid("say who alleges it", field="alleged_by")
    return given


def _place(given: dict[str, Any]) -> dict[str, Any]:
    if ("latitude" in given) != ("longitude" in given):
        empty = "longitude" if "latitude" in given else "latitude"
        raise Invalid("a point on the map needs both latitude and longitude", field=empty)
    if not given.get("name"):
        words = (given.get("locality"), given.get("region"), given.get("country"))
        given = given | {"name": sentences.place_name(*words) or given.get("indigenous_name")}
    scalar(lambda cell: cells.region_of(cell, given.get("country")))(given.get("region", ""), "region")
    return given | ({"units": "m"} if "radius" in given else {})


def _sector(given: dict[str, Any]) -> dict[str, Any]:
    scheme, written = given.get("scheme", sectors.SCHEME), given.get("code")
    if written is None:
        return given
    found = scalar(lambda cell: cells.sector(cell, scheme))(written, "code")
    return given | {"scheme": scheme, "code": found.code, "label": given.get("label") or found.label}


def _occupation(given: dict[str, Any]) -> dict[str, Any]:
    written = scalar(particulars.occupation)(given.get("code", ""), "code")
    return given | {"code": written.code} if written is not None else given


_TEXT, _DATE = scalar(cells.text), scalar(cells.partial_date)

CHAIN = Shape(
    ChainLink,
    {"name": _TEXT, "role": _code(codes.CHAIN_ROLES), "same_as": _addresses},
    line=_link,
)
PARTY = Shape(
    Party,
    {
        "name": _TEXT, "kind": _code(codes.PARTY_KINDS), "same_as": _addresses, "chain": _chain,
        "office": _TEXT, "consent": scalar(_yes),
    },
    line=lambda cell: Party(name=cells.text(cell)),
    more={"person": scalar(_yes)},
    check=_party,
)  # fmt: skip
PLACE = Shape(
    Place,
    {
        "name": _TEXT, "name_map": _names_by_language, "indigenous_name": _TEXT, "country": scalar(cells.country),
        "region": scalar(cells.region), "locality": _TEXT, "latitude": scalar(lambda cell: cells.degrees(cell, 90)),
        "longitude": scalar(lambda cell: cells.degrees(cell, 180)), "radius": _count,
        "precision": _code(codes.PLACE_PRECISIONS), "units": scalar(cells.text),
    },
    check=_place,
)  # fmt: skip
MEASURE = Shape(
    Measure,
    {
        "measure": _code(codes.MEASURES), "value": _figure, "low": _count, "high": _count, "unit": _TEXT,
        "basis": _code(codes.MEASURE_BASES), "precision": _code(codes.PRECISIONS), "computed": scalar(_yes),
        "absent": _code(codes.ABSENCES),
    },
    check=_measure,
)  # fmt: skip
DEMAND = Shape(
    Demand,
    {
        "text": _TEXT, "kind": _code(codes.DEMAND_KINDS), "status": _code(codes.DEMAND_STATUSES), "raised": _DATE,
        "decided": _DATE,
    },
    line=drafts.demand,
)  # fmt: skip
RESPONSE = Shape(
    Response,
    {
        "by": _code(codes.RESPONDERS), "kind": _code(codes.RESPONSES), "text": _TEXT, "on": _DATE,
        "basis": _code(codes.BASES), "alleged_by": _TEXT,
    },
    line=particulars.response,
    check=_alleged,
)  # fmt: skip
CLAIM = Shape(
    Claim,
    {"text": _TEXT, "about": _TEXT, "basis": _code(codes.BASES), "alleged_by": _TEXT},
    line=particulars.claim,
    check=_alleged,
)
SECTOR = Shape(
    Sector,
    {"scheme": _code(codes.SECTOR_SCHEMES), "code": _TEXT, "label": _TEXT},
    line=cells.sector,
    check=_sector,
)
OCCUPATION = Shape(Occupation, {"code": _TEXT, "label": _TEXT}, line=particulars.occupation, check=_occupation)
SOURCE = Shape(
    Source,
    {
        "name": _TEXT, "url": scalar(cells.address), "kind": _code(codes.SOURCE_KINDS), "retrieved": scalar(cells.day),
        "archived_digest": _TEXT,
    },
    line=_source,
)  # fmt: skip
WITHHELD = Shape(
    Withheld,
    {"part": _code(codes.WITHHELD_PARTS), "reason": _code(codes.WITHHOLDING_REASONS)},
    line=particulars.withheld,
)

PARTS: Mapping[str, Reader] = {
    "who": several(_code(codes.WHO)),
    "addressee": several(PARTY),
    "organisation": several(PARTY),
    "location": PLACE,
    "measures": several(MEASURE),
    "demands": several(DEMAND),
    "responses": several(RESPONSE),
    "claims": several(CLAIM),
    "sector": SECTOR,
    "occupations": several(OCCUPATION),
    "sources": several(SOURCE),
    "withheld": several(WITHHELD),
    "disputes": several(scalar(cells.address)),
}
"""Key of a report -> how its nested value is read."""
OF_DRAFTS = {"addressee": "addressees", "organisation": "organisations"}
"""What a draft calls a part, where that is another name."""
