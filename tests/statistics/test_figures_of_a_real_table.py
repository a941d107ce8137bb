"""The large table of real work stoppages: two nodes show what a few lines of pandas find in the file itself.

Nothing of the node helps pandas: what an industry is in ISIC is written down here once more, by hand. The file goes in
by `commonwire import`, into SQLite and followed on PostgreSQL, and the other way round with every fifth case of it.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pandas
import pytest

from node.reports import store
from tests.conftest import follow_each
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode, eventually
from tests.statistics.asking import figures

TABLE = Path(os.environ.get("COMMONWIRE_DATA", "../shared/data")).resolve() / "fmcs-work-stoppages-1984-2020.csv"
SECTIONS = {
    "Mining, Quarrying and Oil & Gas Extraction": "B",
    "Mining and Oil & Gas Extraction": "B",
    "Manufacturing": "C",
    "Utilities": "D",
    "Construction": "F",
    "Retail Trade": "G",
    "Wholesale Trade": "G",
    "Transportation and Warehousing": "H",
    "Accommodation and Food Services": "I",
    "Information": "J",
    "Finance and Insurance": "K",
    "Real Estate and Rental & Leasing": "L",
    "Professional, Scientific &Tech Serv": "M",
    "Support Serv. & Waste Management": "N",
    "County Government": "O",
    "Federal Government": "O",
    "Federal, State or Local Government": "O",
    "Local Government": "O",
    "State Government": "O",
    "Educational Services": "P",
    "Health Care and Social Assistance": "Q",
    "Arts, Entertainment and Recreation": "R",
    "Personal Serv & Private Organizations": "S",
    "Not Provided": None,
    "Not Specified": None,
}
"""Industry, as the service writes it -> section of ISIC Rev. 4; two are no industry."""
OUTLIERS = {185_000, 155_000}


def sample(path: Path) -> Path:
    """Every fifth case of the table, all of its lines, as they stand there."""
    file = pandas.read_csv(TABLE, dtype=str, keep_default_na=False)
    cases = sorted(set(file["Case Number"]))[::5]
    file[file["Case Number"].isin(cases)].to_csv(path, index=False)
    return path


def standing(path: Path) -> pandas.DataFrame:
    """The lines that can be: without those that end before they begin."""
    file = pandas.read_csv(path, parse_dates=["Start Date", "End Date"])
    return file[~(file["End Date"] < file["Start Date"])]


def by_pandas(path: Path, key: str) -> pandas.DataFrame:
    """Per year or sector: struggles; those with a figure; people, days not worked, days that it lasted."""
    file = standing(path)
    assert set(file["Industry"].dropna()) <= set(SECTIONS)
    file["year"] = file["Start Date"].dt.year.astype(str)
    file["sector"] = file["Industry"].map(SECTIONS)
    idled, few = file["# Idled"], file["# Idled"].between(1, 4)
    ended = file["End Date"].fillna(file["Start Date"])
    worked = numpy.busday_count(file["Start Date"].values.astype("M8[D]"), ended.values.astype("M8[D]") + 1)
    weekdays = pandas.Series(worked, file.index).where(file["End Date"].notna())
    file["people_low"], file["people_high"] = idled.mask(few, 1), idled.mask(few, 4)
    file["days_low"], file["days_high"] = file["people_low"] * weekdays, file["people_high"] * weekdays
    file["lasted"] = (file["End Date"] - file["Start Date"]).dt.days + 1
    cases = file.groupby([key, "Case Number"], dropna=False)
    people = cases[["people_low", "people_high"]].max()
    days = cases[["days_low", "days_high", "lasted"]].sum(min_count=1)
    each = people.join(days).groupby(level=0, dropna=False)
    sums = each.sum(min_count=1)
    return sums.assign(struggles=each.size(), known=each["people_low"].count(), lasting=each["lasted"].count())


def of_node(found: dict[str, Any]) -> dict[str | None, tuple[Any, ...]]:
    """Key -> what `by_pandas` says of it."""
    rows = {}
    for row in found["rows"]:
        told = row["figures"]
        people, days, duration = told["people"], told["days-not-worked"], told["duration"]
        ends = (people["low"], people["high"], days["low"], days["high"], days.get("computed", days["low"] and 0))
        rows[next(iter(row["keys"].values()))] = (told["struggles"], people["known"], *ends, duration["low"])
    return rows


def of_pandas(path: Path, key: str) -> dict[str | None, tuple[Any, ...]]:
    rows = {}
    for name, row in by_pandas(path, key).iterrows():
        ends = (row["people_low"], row["people_high"], row["days_low"], row["days_high"], row["days_low"])
        mean = row["lasted"] / row["lasting"] if row["lasting"] else float("nan")
        values = (row["struggles"], row["known"], *ends, round(mean, 3))
        known = tuple(None if pandas.isna(one) else one for one in values)
        rows[None if pandas.isna(name) else str(name)] = known
    return rows


async def import_by_command(node: ServedNode, path: Path) -> int:
    """Import a table as its readers do; how many reports came of it."""
    dry = await commonwire("import", node.directory, path, "--dry-run", "--json")
    assert dry.status == 0, dry.err
    confirmed = [word for one in json.loads(dry.out)["questions"] for word in ("--confirm", one["confirm"])]
    said = await commonwire("import", node.directory, path, "--json", *confirmed)
    assert said.status == 0, said.err
    return int(json.loads(said.out)["reports"])


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("new_database", "whole"), [("one of each", True), ("one of each, reversed", False)], indirect=["new_database"]
)
async def test_two_nodes_show_what_pandas_finds_in_the_file(
    serve: Callable[..., Any], tmp_path: Path, whole: bool
) -> None:
    first: ServedNode = await serve(0, more="limits.import_page = 1000")
    second: ServedNode = await serve(1)
    await follow_each(second, first)
    path = TABLE if whole else await asyncio.to_thread(sample, tmp_path / "every-fifth.csv")
    reports = await import_by_command(first, path)
    assert reports == len(await asyncio.to_thread(standing, path)) > 2000

    async def all_are_there() -> bool:
        return bool(await second.read(store.count_held) == reports)

    assert await eventually(all_are_there, within=600)
    for key in ("year", "sector"):
        expected = await asyncio.to_thread(of_pandas, path, key)
        assert len(expected) > 15
        assert of_node(await figures(first, f"by={key}")) == expected
        assert of_node(await figures(second, f"by={key}")) == expected
        chosen = f"by={key}&source={first.group}"
        mine, theirs = await figures(first, chosen), await figures(second, chosen)
        assert (mine["digest"], mine["rule"], mine["sources"]) == (theirs["digest"], theirs["rule"], theirs["sources"])
    outliers = {note["value"] for note in mine["notes"] if note["remark"] == "outlier" and note["column"] == "people"}
    assert outliers == OUTLIERS or not whole
