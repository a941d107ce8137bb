"""The large table of real work stoppages: two nodes show what a few lines of pandas find in the file itself.

The one that imports it has SQLite, the one that follows it PostgreSQL.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pandas
import pytest

from node.reports import importing, imports, store
from node.reports.rules import Provenance
from tests.conftest import follow_each
from tests.nodes.served import ServedNode, eventually
from tests.statistics.asking import figures

TABLE = Path(os.environ.get("COMMONWIRE_DATA", "../shared/data")).resolve() / "fmcs-work-stoppages-1984-2020.csv"
ROWS, REFUSED = 14_317, 8
TOGETHER = 500


def read_table() -> list[imports.Draft]:
    mapping = imports.detect(imports.outline(TABLE).columns)
    assert mapping is not None
    return [one for one in imports.read_all(imports.rows(TABLE), mapping) if isinstance(one, imports.Draft)]


def by_pandas(key: str) -> pandas.DataFrame:
    """Per year or sector: struggles; those with a figure; people, days not worked, days that it lasted."""
    file = pandas.read_csv(TABLE, parse_dates=["Start Date", "End Date"])
    file = file[~(file["End Date"] < file["Start Date"])]
    sector = imports.named("fmcs").values["sector"]
    file["year"] = file["Start Date"].dt.year.astype(str)
    file["sector"] = file["Industry"].str.casefold().map(sector)
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


def of_pandas(key: str) -> dict[str | None, tuple[Any, ...]]:
    rows = {}
    for name, row in by_pandas(key).iterrows():
        ends = (row["people_low"], row["people_high"], row["days_low"], row["days_high"], row["days_low"])
        mean = row["lasted"] / row["lasting"] if row["lasting"] else float("nan")
        values = (row["struggles"], row["known"], *ends, round(mean, 3))
        known = tuple(None if pandas.isna(one) else one for one in values)
        rows[None if pandas.isna(name) else str(name)] = known
    return rows


@pytest.mark.timeout(400)
@pytest.mark.parametrize("new_database", ["one of each"], indirect=True)
async def test_two_nodes_show_what_pandas_finds_in_the_file(serve: Callable[..., Any]) -> None:
    first: ServedNode = await serve(0, more="limits.import_page = 1000")
    second: ServedNode = await serve(1)
    await follow_each(second, first)
    drafts = await asyncio.to_thread(read_table)
    member = await first.steward()
    provenance = Provenance(title="Work stoppages", publisher="FMCS", retrieved=first.clock().date())
    iri = await first.write(
        importing.begin_import, provenance, actor=first.group, member=member, mapping="fmcs", file_digest="d"
    )
    for start in range(0, len(drafts), TOGETHER):
        await first.write(importing.transcribe, iri, drafts[start : start + TOGETHER])
    await first.write(importing.propose_import, iri, refused=REFUSED, member=member)

    async def all_are_there() -> bool:
        return bool(await second.read(store.count_held) == ROWS - REFUSED)

    assert await eventually(all_are_there, within=300)
    for key in ("year", "sector"):
        expected = await asyncio.to_thread(of_pandas, key)
        assert len(expected) > 15
        assert of_node(await figures(first, f"by={key}")) == expected
        assert of_node(await figures(second, f"by={key}")) == expected
        chosen = f"by={key}&source={first.group}"
        mine, theirs = await figures(first, chosen), await figures(second, chosen)
        assert (mine["digest"], mine["rule"], mine["sources"]) == (theirs["digest"], theirs["rule"], theirs["sources"])
    outliers = {note["value"] for note in mine["notes"] if note["remark"] == "outlier" and note["column"] == "people"}
    assert outliers == {185_000, 155_000}
