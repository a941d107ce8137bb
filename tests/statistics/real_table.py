"""The large table of real work stoppages, and what a few lines of pandas find in the file itself.

Nothing of the node helps pandas: what an industry is in ISIC is written down here once more, by hand.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy
import pandas

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
