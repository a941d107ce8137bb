"""Mappings from a TOML file: what they can say, and what is wrong with one."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from node.reports import imports
from node.reports.imports import mappings, ready
from schemas.partial_date import PartialDate
from schemas.struggle_report import Place


def given(**entries: Any) -> imports.Mapping:
    document = {"name": "mine", "columns": {"began": "Day"}, "constants": {"field": "work", "kind": "strike"}}
    return mappings.from_document(document | entries)


TOML = """
name = "strike-map"
dates = ["%d.%m.%Y"]
separator = "|"
unlisted_is_empty = ["sector"]
[columns]
began = "Beginn"
kind = "Art"
key = ["Nr", "Beginn"]
struggle = "Nr"
who = "Wer"
participants = "Zahl"
sector = "Branche"
[constants]
field = "work"
country = "DE"
[values.kind]
Warnstreik = "strike"
[values.who]
"Beschäftigte" = "workers"
Mieter = "tenants"
[values.participants]
unbekannt = ""
[values.sector]
Bahn = "H"
[collection]
publisher = "Institut"
licence = "CC BY 4.0"
"""


def test_a_mapping_from_a_file_reads_another_language(table: Any) -> None:
    mapping = imports.from_toml(table(TOML, "map.toml"))
    path = table("nr;beginn;art;wer;zahl;branche\n7;3.4.2021;WARNSTREIK;Mieter|beschäftigte;unbekannt;Mond\n")
    fitted = imports.fitted(mapping, imports.outline(path).columns)
    (found,) = imports.read_all(imports.rows(path), fitted)
    assert isinstance(found, imports.Draft)
    assert (found.import_key, found.struggle_key) == ("strike-map:7:3.4.2021", "strike-map:7")
    assert (found.action_kind, found.who, found.began) == ("strike", ("tenants", "workers"), PartialDate(2021, 4, 3))
    assert (found.measures, found.sector) == ((), None)
    assert found.location == Place(name="Germany", country="DE")
    assert (mapping.publisher, mapping.licence) == ("Institut", "CC BY 4.0")


def test_a_refusal_speaks_of_the_column_that_the_table_has(table: Any) -> None:
    mapping = imports.from_toml(table(TOML, "map.toml"))
    path = table("Nr;Beginn;Art;Wer;Zahl;Branche\n7;3.4.2021;Warnstreik;Ufos;5;Bahn\n8;31.4.2021;Warnstreik;;5;Bahn\n")
    first, second = imports.read_all(imports.rows(path), mapping)
    assert isinstance(first, imports.RefusedRow) and isinstance(second, imports.RefusedRow)
    assert (first.line, first.field, first.value) == (2, "Wer", "Ufos")
    assert (second.line, second.field, second.value) == (3, "Beginn", "31.4.2021")


BAD_MAPPINGS: list[tuple[dict[str, Any], str]] = [
    ({"name": "Not Good"}, "small letters, digits and hyphens"),
    ({"name": "fmcs"}, "and not fmcs or bls or labor-action-tracker or commonwire"),
    ({"nmae": "x"}, "no “nmae” in the mapping; did you mean “name”?"),
    ({"columns": {"begann": "Day"}}, "no “begann” in [columns]; did you mean “began”?"),
    ({"columns": {"began": 5}}, "columns.began must be a list"),
    ({"columns": "Day"}, "[columns] must be a table"),
    ({"columns": {"title": "T"}}, "Nothing fills “began”"),
    ({"constants": {}}, "Nothing fills “field”"),
    ({"values": {"kind": "strike"}}, "[values.kind] must be a table"),
    ({"values": {"kind": {"a": []}}}, "values.kind.a must be text"),
    ({"unlisted_is_empty": ["kind"]}, "[values.kind] is missing"),
    ({"dates": "%d"}, "dates must be a list"),
    ({"separator": []}, "separator must be text"),
    ({"separators": {"regoin": ","}}, "no “regoin” in [separators]; did you mean “region”?"),
    ({"only_if_one": ["regoin"]}, "no “regoin” in only_if_one; did you mean “region”?"),
    ({"also_called": {"Dya": ["Date"]}}, "no “Dya” in [also_called]; did you mean “Day”?"),
    ({"also_called": {"Day": "Date"}}, "also_called.Day must be a list"),
    ({"collection": {"licence": True}}, "collection.licence must be text"),
]


@pytest.mark.parametrize(("entries", "why"), BAD_MAPPINGS, ids=[why[:30] for _, why in BAD_MAPPINGS])
def test_a_wrong_mapping_is_refused_with_the_entry_at_fault(entries: dict[str, Any], why: str) -> None:
    with pytest.raises(imports.BadMapping) as caught:
        given(**entries)
    assert why in str(caught.value)


def test_a_mapping_file_that_cannot_be_read_is_refused(table: Any, tmp_path: Path) -> None:
    with pytest.raises(imports.BadMapping, match=r"map\.toml is not TOML"):
        imports.from_toml(table("name = ", "map.toml"))
    with pytest.raises(imports.BadMapping, match=r"map\.toml is not TOML"):
        imports.from_toml(table(b"name = '\xff'", "map.toml"))
    with pytest.raises(imports.BadMapping, match=r"gone\.toml cannot be read"):
        imports.from_toml(tmp_path / "gone.toml")
    with pytest.raises(
        imports.BadMapping, match="no mapping named “fcms”; there are: fmcs, bls, labor-action-tracker, commonwire"
    ):
        imports.named("fcms")


def test_the_documented_mapping_is_one() -> None:
    assert mappings.__doc__ is not None
    lines = mappings.__doc__.splitlines()
    example = "\n".join(line for line in lines if line.startswith("    "))
    found = mappings.from_document(tomllib.loads(example))
    assert found.needs == {"Beginn", "Art"}
    assert found.values["kind"] == {"warnstreik": "strike", "unbekannt": ""}


def test_a_mapping_bears_the_name_of_none_that_comes_along() -> None:
    assert set(mappings.READY) == set(ready.NAMED)


def test_a_column_may_have_another_name_or_a_footnote_in_another_edition() -> None:
    mapping = given(also_called={"Day": ["Date", "Datum"]})
    for heading in ("Day [1]", "day(2)", "Datum", "DATE"):
        assert imports.fitted(mapping, [heading]).columns["began"] == (heading,)
    assert imports.fitted(mapping, ["Datum", "Day"]).columns["began"] == ("Day",)


def test_of_several_places_in_a_cell_a_report_says_none() -> None:
    mapping = given(
        columns={"began": "Day", "region": "Where", "latitude_and_longitude": "Point", "struggle": "Name"},
        constants={"field": "work", "kind": "strike", "country": "US"},
        values={"region": {"new york": "US-NY", "ny": "US-NY", "nj": "US-NJ"}},
        separators={"region": ","},
        only_if_one=["region", "latitude_and_longitude"],
    )
    for written, point, expected in (
        ("NY", "40.71,-74.01", ("US-NY", 40.71)),
        ("New York, NY", "40.71,-74.01; 40.71,-74.01", ("US-NY", 40.71)),
        ("NY, NJ", "40.71,-74.01;40.73,-74.17", (None, None)),
    ):
        row = {"Day": "2021-04-03", "Where": written, "Point": point, "Name": "x"}
        found = imports.read(imports.Row(2, row), mapping)
        assert isinstance(found, imports.Draft) and found.location is not None
        assert (found.location.region, found.location.latitude) == expected
