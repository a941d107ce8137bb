"""The small table of evictions: a node that imports it and one that follows it show what was counted by hand.

The numbers below were added up on paper from the rows of `node/demo/evictions.csv`; a range or an open end of a row is
one in the sum. The one that imports has SQLite, the one that follows it PostgreSQL.
"""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from node.reports import importing, imports, store
from node.reports.rules import Provenance
from tests.conftest import follow_each
from tests.nodes.served import ServedNode, eventually
from tests.statistics.asking import ends, figures

ROWS = 11
OPEN = None
DEMO = Path(str(resources.files("node.demo")))
BY_FIELD = {
    # Dale Farm, Pinheirinho, Badia East, Otodo Gbame, Boeung Kak, Joe Slovo.
    "housing": {
        "struggles": 6,
        "households": (80 + 1500 + 3000 + 4500, 82 + 2000 + 4000 + 4500),
        "displaced": (400 + 6000 + 9000 + 30_000 + 0, OPEN),  # in Otodo Gbame 30,000 or more
        "evictions": (49 + 200, OPEN),  # homes; in Badia East 200 or more
        "arrests": (23, 23),
        "hectares": (2.4 + 130 + 133, 2.4 + 130 + 133),
    },
    # The ZAD, Khan al-Ahmar, Oceti Sakowin, Embobut.
    "land": {
        "struggles": 4,
        "displaced": (0, 0),  # nobody, in Khan al-Ahmar; of the others it is not known
        "evictions": (1000, OPEN),
        "arrests": (43, 56),
        "hectares": (32, 32),
    },
    "migration": {"struggles": 1, "displaced": (5596, 5596)},  # Calais
}
BY_COUNTRY = {"BR": 1, "FR": 2, "GB": 1, "KE": 1, "KH": 1, "NG": 2, "PS": 1, "US": 1, "ZA": 1}
DISPLACED_BY_YEAR = {"2008": (0, 0), "2011": (400, 400), "2012": (6000, 9000), "2013": (9000, 9000), "2018": (0, 0)}


def read_table() -> list[imports.Draft]:
    path = DEMO / "evictions.csv"
    mapping = imports.fitted(imports.from_toml(DEMO / "evictions.toml"), imports.outline(path).columns)
    return [one for one in imports.read_all(imports.rows(path), mapping) if isinstance(one, imports.Draft)]


def told(found: dict[str, Any], measures: dict[str, Any], field: str) -> dict[str, Any]:
    (row,) = (row for row in found["rows"] if row["keys"]["field"] == field)
    kept = {name: ends(row["figures"][name]) for name in measures if name != "struggles"}
    return {"struggles": row["figures"]["struggles"], **kept}


@pytest.mark.parametrize("new_database", ["one of each"], indirect=True)
async def test_two_nodes_show_what_was_counted_by_hand(serve: Callable[..., Any]) -> None:
    first: ServedNode = await serve(0)
    second: ServedNode = await serve(1)
    await follow_each(second, first)
    drafts, member = await asyncio.to_thread(read_table), await first.steward()
    assert len(drafts) == ROWS
    provenance = Provenance(title="Evictions", publisher="The sources of each row", retrieved=first.clock().date())
    iri = await first.write(
        importing.begin_import, provenance, actor=first.group, member=member, mapping="evictions", file_digest="d"
    )
    await first.write(importing.transcribe, iri, drafts)
    await first.write(importing.propose_import, iri, refused=0, member=member)

    async def all_are_there() -> bool:
        return bool(await second.read(store.count_held) == ROWS)

    assert await eventually(all_are_there, within=60)
    for node in (first, second):
        by_field = await figures(node, "by=field")
        for field, expected in BY_FIELD.items():
            assert told(by_field, expected, field) == expected
        assert by_field["total"]["struggles"] == ROWS and by_field["total"]["days-not-worked"]["low"] is None
        countries = {
            row["keys"]["country"]: row["figures"]["struggles"] for row in (await figures(node, "by=country"))["rows"]
        }
        assert countries == BY_COUNTRY
        years = {
            row["keys"]["year"]: ends(row["figures"]["displaced"]) for row in (await figures(node, "by=year"))["rows"]
        }
        assert {year: years[year] for year in DISPLACED_BY_YEAR} == DISPLACED_BY_YEAR
    chosen = f"by=field&source={first.group}"
    mine, theirs = await figures(first, chosen), await figures(second, chosen)
    assert (mine["digest"], mine["rule"], mine["sources"]) == (theirs["digest"], theirs["rule"], theirs["sources"])


def test_every_row_names_where_it_was_first_told() -> None:
    with (DEMO / "evictions.csv").open(encoding="utf-8", newline="") as file:
        sources = [row["Sources"].split("; ") for row in csv.DictReader(file)]
    assert len(sources) == ROWS and all(one.startswith(("https://", "http://")) for row in sources for one in row)
    mirrors = ("kampuspedia", "huhuonline")  # copies of others' pages
    assert not [one for row in sources for one in row if any(name in one for name in mirrors)]
