"""Which column of a table fills which field of a report: as data, ready (`ready`) or given as a TOML file.

    name = "strike-map"                         # letters, digits and hyphens; part of every import key, for ever
    needs = ["Beginn", "Art"]                   # columns the table must have; without it all that are named below
    separator = ";"                             # between several values in one cell; "" means cells are never split
    only_if_one = ["region"]                    # a report says one: of several different ones in a cell, none
    ends_at = "Footnotes"                       # the first cell of the row at which the table ends; notes stand below
    thousands = "."                             # what separates thousands in its numbers; without it 1.500 is refused
    dates = ["%d.%m.%Y"]                        # read besides YYYY-MM-DD, YYYY-MM and YYYY (strptime)
    unlisted_is_empty = ["sector"]              # a value that [values] does not list counts as an empty cell
    cut_to_known = ["sector"]                   # codes of other editions: of each as much as is a code of ours

    [separators]                                # of single fields, where it is another
    region = ","

    [also_called]                               # column = what it is called in other editions of the table
    "Beginn" = ["Anfang"]

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

_FOOTNOTE = re.compile(r"\s*(\[\s*\d{1,2}\s*\]|\(\d{1,2}\))\s*\Z")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_KEYS = {
    "name", "needs", "separator", "separators", "only_if_one", "ends_at", "thousands", "dates", "unlisted_is_empty",
    "cut_to_known", "also_called", "columns", "constants", "values", "collection",
}  # fmt: skip
READY = ("fmcs", "bls", "labor-action-tracker", "commonwire")
"""The names of the mappings that come along, so that no other bears one of them."""
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
    cut_to_known: frozenset[str] = frozenset()
    separator: str = ";"
    separators: Pairs[str, str] = field(default_factory=dict)
    only_if_one: frozenset[str] = frozenset()
    also_called: Pairs[str, tuple[str, ...]] = field(default_factory=dict)
    ends_at: str = ""
    dates: tuple[str, ...] = ()
    thousands: str = ""
    publisher: str = ""
    publisher_url: str = ""
    licence: str = ""

    def heading(self, name: str) -> str:
        """What the owner of the table calls a field: her column, or the field itself if it has none."""
        return " + ".join(self.columns.get(name, (name,)))


def fitted(mapping: Mapping, columns: Iterable[str]) -> Mapping:
    """`mapping` with its columns spelt as this table spells them.

    Letter case, spaces, - and _, and the number of a footnote behind it (“Number of workers [2]”) do not matter.

    Columns the table lacks are dropped. Raises BadMapping if one that is needed is among them.
    """
    spelt = {_folded(column): column for column in columns}
    for column, others in mapping.also_called.items():
        there = next((spelt[_folded(other)] for other in others if _folded(other) in spelt), None)
        if there is not None:
            spelt.setdefault(_folded(column), there)
    missing = sorted(column for column in mapping.needs if _folded(column) not in spelt)
    if missing:
        has = ", ".join(dict.fromkeys(spelt.values()))
        raise BadMapping(f"The table has no column “{'”, “'.join(missing)}” (mapping {mapping.name}); it has: {has}")
    present = {
        name: tuple(spelt[_folded(column)] for column in wanted if _folded(column) in spelt)
        for name, wanted in mapping.columns.items()
    }
    return dataclasses.replace(mapping, columns={name: found for name, found in present.items() if found})


def unused(mapping: Mapping, columns: Iterable[str]) -> tuple[str, ...]:
    """The columns of a table that a fitted mapping does not read: worth telling, since a name may be misspelt."""
    read = {column for wanted in mapping.columns.values() for column in wanted}
    return tuple(column for column in columns if column not in read)


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
    if not _NAME.fullmatch(name) or name in READY:
        raise BadMapping(f"name = “{name}”: choose small letters, digits and hyphens, and not {' or '.join(READY)}")
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
        cut_to_known=frozenset(_only_these(document, "cut_to_known", ("sector",))),
        separator=_text(document.get("separator", ";"), "separator"),
        separators={k: _text(v, f"separators.{k}") for k, v in _table(document, "separators", FIELDS).items()},
        only_if_one=frozenset(_only_these(document, "only_if_one", FIELDS)),
        also_called=_also_called(document, all_columns),
        ends_at=_text(document.get("ends_at", ""), "ends_at"),
        thousands=_text(document.get("thousands", ""), "thousands"),
        dates=_texts(document.get("dates", []), "dates"),
        **{key: _text(value, f"collection.{key}") for key, value in collection.items()},
    )
    _check_filled(mapping)
    return mapping


def _only_these(document: dict[str, Any], key: str, known: Iterable[str]) -> tuple[str, ...]:
    found = _texts(document.get(key, []), key)
    _only(found, tuple(known), key)
    return found


def _also_called(document: dict[str, Any], columns: Iterable[str]) -> dict[str, tuple[str, ...]]:
    table = _table(document, "also_called", columns)
    return {column: _texts(others, f"also_called.{column}") for column, others in table.items()}


def _check_filled(mapping: Mapping) -> None:
    for wanted in ("began", "field", "kind"):
        if wanted not in mapping.columns and wanted not in mapping.constants:
            raise BadMapping(f"Nothing fills “{wanted}”: name its column in [columns] or its value in [constants]")
    stray = mapping.unlisted_is_empty - mapping.values.keys()
    if stray:
        raise BadMapping(f"unlisted_is_empty names “{min(stray)}”, and [values.{min(stray)}] is missing")


def _folded(column: str) -> str:
    return re.sub(r"[\s_-]+", "_", _FOOTNOTE.sub("", column).strip().casefold())


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
    _only(table, tuple(known), f"[{key}]")
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
