"""Which column of a table fills which field of a report: as data, named here or given as a TOML file.

    name = "strike-map"                         # letters, digits and hyphens; part of every import key, for ever
    needs = ["Beginn", "Art"]                   # columns the table must have; without it all that are named below
    separator = ";"                             # between several values in one cell; "" means cells are never split
    thousands = "."                             # what separates thousands in its numbers; without it 1.500 is refused
    dates = ["%d.%m.%Y"]                        # read besides YYYY-MM-DD, YYYY-MM and YYYY (strptime)
    unlisted_is_empty = ["sector"]              # a value that [values] does not list counts as an empty cell

    [columns]                                   # field = column, or field = [columns]
    began = "Beginn"
    kind = "Art"
    key = ["Nr", "Beginn"]
    sector = "Branche"

    [constants]                                 # for every row whose own cell is empty
    field = "work"
    country = "DE"

    [values.kind]                               # what a cell says = what we say; "" for nothing
    "Warnstreik" = "strike"
    "unbekannt" = ""
    [values.sector]
    "Bahn" = "H"

    [collection]                                # about the whole table; the import may ask for it otherwise
    publisher = "Institute X"
    publisher_url = "https://institute.example/strikes"
    licence = "CC BY 4.0"

The fields are those of `node.reports.imports.fields`. A mapping never guesses: what it does not name is not read.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as Pairs
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from node.errors import Invalid
from node.reports.imports.fields import FIELDS

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_KEYS = {
    "name",
    "needs",
    "separator",
    "thousands",
    "dates",
    "unlisted_is_empty",
    "columns",
    "constants",
    "values",
    "collection",
}
_COLLECTION_KEYS = {"publisher", "publisher_url", "licence"}


class BadMapping(Invalid):
    """The mapping is wrong, or does not fit the table. The message says which entry; nothing was imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """How the columns of one family of tables become reports.

    `columns`: field -> the columns that fill it, joined where there are several. `values`: field -> (what a cell
    says, case-folded -> what we say). `needs`: columns without which a table is not one of this family.
    """

    name: str
    columns: Pairs[str, tuple[str, ...]]
    needs: frozenset[str]
    constants: Pairs[str, str] = field(default_factory=dict)
    values: Pairs[str, Pairs[str, str]] = field(default_factory=dict)
    unlisted_is_empty: frozenset[str] = frozenset()
    separator: str = ";"
    dates: tuple[str, ...] = ()
    thousands: str = ""
    publisher: str = ""
    publisher_url: str = ""
    licence: str = ""

    def heading(self, name: str) -> str:
        """What the owner of the table calls a field: her column, or the field itself if it has none."""
        return " + ".join(self.columns.get(name, (name,)))


def fitted(mapping: Mapping, columns: Iterable[str]) -> Mapping:
    """`mapping` with its columns spelt as this table spells them; letter case, spaces, - and _ do not matter.

    Columns the table lacks are dropped. Raises BadMapping if one that is needed is among them.
    """
    spelt = {_folded(column): column for column in columns}
    missing = sorted(column for column in mapping.needs if _folded(column) not in spelt)
    if missing:
        there = ", ".join(spelt.values())
        raise BadMapping(f"The table has no column “{'”, “'.join(missing)}” (mapping {mapping.name}); it has: {there}")
    present = {
        name: tuple(spelt[_folded(column)] for column in wanted if _folded(column) in spelt)
        for name, wanted in mapping.columns.items()
    }
    return dataclasses.replace(mapping, columns={name: found for name, found in present.items() if found})


def detect(columns: Iterable[str]) -> Mapping | None:
    """The named mapping that fits a table with these columns, already `fitted`; None if none does."""
    columns = tuple(columns)
    for mapping in NAMED.values():
        try:
            return fitted(mapping, columns)
        except BadMapping:
            continue
    return None


def unused(mapping: Mapping, columns: Iterable[str]) -> tuple[str, ...]:
    """The columns of a table that a fitted mapping does not read: worth telling, since a name may be misspelt."""
    read = {column for wanted in mapping.columns.values() for column in wanted}
    return tuple(column for column in columns if column not in read)


def named(name: str) -> Mapping:
    """A mapping that comes with the node. Raises BadMapping."""
    if name not in NAMED:
        raise BadMapping(f"There is no mapping named “{name}”; there are: {', '.join(NAMED)}. Or give a .toml file")
    return NAMED[name]


def from_toml(path: Path) -> Mapping:
    """A mapping from a file of the form shown above. Raises BadMapping with the entry at fault."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadMapping(f"{path.name} cannot be read: {error.strerror or 'the system refuses'}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadMapping(f"{path.name} is not TOML: {error}") from error
    return from_document(document)


def from_document(document: dict[str, Any]) -> Mapping:
    """A mapping from what such a file says. Raises BadMapping with the entry at fault."""
    _only(document, _KEYS, "the mapping")
    name = _text(document.get("name", ""), "name")
    if not _NAME.fullmatch(name) or name in NAMED:
        raise BadMapping(f"name = “{name}”: choose small letters, digits and hyphens, and not {' or '.join(NAMED)}")
    columns = {key: _columns(value, key) for key, value in _table(document, "columns", FIELDS).items()}
    all_columns = frozenset(column for wanted in columns.values() for column in wanted)
    values = _table(document, "values", FIELDS)
    collection = _table(document, "collection", _COLLECTION_KEYS)
    mapping = Mapping(
        name=name,
        columns=columns,
        needs=frozenset(_texts(document["needs"], "needs")) if "needs" in document else all_columns,
        constants={k: _text(v, f"constants.{k}") for k, v in _table(document, "constants", FIELDS).items()},
        values={key: _spellings(values[key], key) for key in values},
        unlisted_is_empty=frozenset(_texts(document.get("unlisted_is_empty", []), "unlisted_is_empty")),
        separator=_text(document.get("separator", ";"), "separator"),
        thousands=_text(document.get("thousands", ""), "thousands"),
        dates=_texts(document.get("dates", []), "dates"),
        **{key: _text(value, f"collection.{key}") for key, value in collection.items()},
    )
    _check_filled(mapping)
    return mapping


def _check_filled(mapping: Mapping) -> None:
    for wanted in ("began", "field", "kind"):
        if wanted not in mapping.columns and wanted not in mapping.constants:
            raise BadMapping(f"Nothing fills “{wanted}”: name its column in [columns] or its value in [constants]")
    stray = mapping.unlisted_is_empty - mapping.values.keys()
    if stray:
        raise BadMapping(f"unlisted_is_empty names “{min(stray)}”, and [values.{min(stray)}] is missing")


def _folded(column: str) -> str:
    return re.sub(r"[\s_-]+", "_", column.strip().casefold())


def _only(found: Iterable[str], known: Iterable[str], where: str) -> None:
    for key in found:
        if key not in known:
            close = difflib.get_close_matches(key, list(known), n=1)
            hint = f"; did you mean “{close[0]}”?" if close else f"; known are: {', '.join(sorted(known))}"
            raise BadMapping(f"There is no “{key}” in {where}{hint}")


def _table(document: dict[str, Any], key: str, known: Iterable[str]) -> dict[str, Any]:
    table = document.get(key, {})
    if not isinstance(table, dict):
        raise BadMapping(f"[{key}] must be a table of entries")
    _only(table, known, f"[{key}]")
    return table


def _text(value: object, where: str) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise BadMapping(f"{where} must be text in quotation marks")
    return value


def _texts(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise BadMapping(f"{where} must be a list of texts")
    return tuple(_text(item, where) for item in value)


def _columns(value: object, key: str) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else _texts(value, f"columns.{key}")


def _spellings(value: object, key: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise BadMapping(f"[values.{key}] must be a table of entries")
    return {_cell(spelt): _text(meant, f"values.{key}.{spelt}") for spelt, meant in value.items()}


def _cell(spelt: str) -> str:
    return " ".join(spelt.casefold().split())


COMMONWIRE = Mapping(
    name="commonwire",
    columns={name: (name,) for name in FIELDS},
    needs=frozenset({"field", "kind", "began"}),
    constants={"basis": "imported"},
)
"""Our own columns, named like the fields."""

FMCS = Mapping(
    name="fmcs",
    columns={
        # Case and start together are unique; 99 case numbers stand on several lines, episodes of one struggle each.
        "key": ("Case Number", "Start Date"),
        "struggle": ("Case Number",),
        "addressee": ("Employer",),
        "organisation": ("Union",),  # "Union Local" only repeats the end of it.
        "locality_and_region": ("City, State",),
        "workers_involved": ("# Idled",),
        "bargaining_unit": ("BU",),
        "began": ("Start Date",),
        "ended": ("End Date",),
        "sector": ("Industry",),
    },
    needs=frozenset({"Case Number", "Employer", "Start Date", "End Date", "# Idled"}),
    constants={
        "field": "work",
        "kind": "work-stoppage",  # The service does not tell strikes from lockouts.
        "who": "workers",
        "addressee_kind": "employer",
        "country": "US",
        "basis": "imported",
        "measure_basis": "imported",
        "source_url": "https://github.com/labordata/fmcs-work-stoppage",
        "source_name": "US Federal Mediation and Conciliation Service, work stoppages 1984–2020",
    },
    values={
        "sector": {
            "accommodation and food services": "I",
            "arts, entertainment and recreation": "R",
            "construction": "F",
            "county government": "O",
            "educational services": "P",
            "federal government": "O",
            "federal, state or local government": "O",
            "finance and insurance": "K",
            "health care and social assistance": "Q",
            "information": "J",
            "local government": "O",
            "manufacturing": "C",
            "mining and oil & gas extraction": "B",
            "mining, quarrying and oil & gas extraction": "B",
            "personal serv & private organizations": "S",
            "professional, scientific &tech serv": "M",
            "real estate and rental & leasing": "L",
            "retail trade": "G",
            "state government": "O",
            # NAICS 56 holds waste management too, which ISIC has under E; most of it is ISIC's N.
            "support serv. & waste management": "N",
            "transportation and warehousing": "H",
            # NAICS 22 holds water supply too, which ISIC has under E.
            "utilities": "D",
            "wholesale trade": "G",
        },
        # What stands here in place of a name.
        "addressee": {"xx": ""},
        "organisation": {"multi": "", "xx": ""},
        "locality": {
            "8 states": "",
            "all cities": "",
            "attached list": "",
            "multi-locations": "",
            "multiple locations": "",
            "nation wide": "",
            "statewide": "",
            "various": "",
            "various cities": "",
            "various locatio": "",
            "various locations": "",
        },
    },
    unlisted_is_empty=frozenset({"sector"}),
    separator="",  # Names of companies contain semicolons.
    publisher="US Federal Mediation and Conciliation Service",
    publisher_url="https://github.com/labordata/fmcs-work-stoppage",
    licence="MIT (compilation: labordata); the records are of the US government",
)
"""Work stoppages recorded by the US Federal Mediation and Conciliation Service, as kept by the labordata project."""

NAMED = {mapping.name: mapping for mapping in (FMCS, COMMONWIRE)}
