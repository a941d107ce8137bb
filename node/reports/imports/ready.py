"""The mappings that come with the node: our own columns, and the tables of others that many start with.

What a table's publisher calls its columns was read from its published files or from the program that writes them, in
November 2026; what they say of a file is in its mapping's docstring. A table of the United States writes 4/3/2021 for
the third of April and 1,500 for fifteen hundred: its mapping says so, and no other table is read that way.
"""

from __future__ import annotations

from collections.abc import Iterable

from node.reports.imports.fields import FIELDS
from node.reports.imports.mappings import BadMapping, Mapping, fitted
from node.reports.imports.united_states import REGIONS

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

_NOT_GIVEN = {"[4]": "", "na": "", "n/a": "", "not available": ""}

BLS = Mapping(
    name="bls",
    columns={
        # One line a stoppage. The same employers and unions stop work again: the day tells them apart.
        "key": ("Organizations involved", "Union acronym", "Areas", "Work stoppage beginning date"),
        "struggle": ("Organizations involved", "Union acronym", "Areas", "Work stoppage beginning date"),
        "addressee": ("Organizations involved",),
        "organisation": ("Union",),
        "region": ("States",),
        "locality": ("Areas",),
        "sector": ("Industry code",),
        "began": ("Work stoppage beginning date",),
        "ended": ("Work stoppage ending date",),
        "workers_involved": ("Number of workers",),
        "days_not_worked": ("Days idle, cumulative for this work stoppage",),
    },
    needs=frozenset(
        {"Organizations involved", "States", "Work stoppage beginning date", "Number of workers", "Industry code"}
    ),
    also_called={"Organizations involved": ("Employers involved",)},
    constants={
        "field": "work",
        "kind": "work-stoppage",  # The bureau does not tell strikes from lockouts.
        "who": "workers",
        "addressee_kind": "employer",
        "country": "US",
        "sector_scheme": "naics",
        "basis": "imported",
        "measure_basis": "imported",
        "measure_precision": "rounded",  # To the nearest hundred.
        "computed": "days-not-worked",  # Workers times working days, Monday to Friday, without federal holidays.
        "source_url": "https://www.bls.gov/web/wkstp/monthly-listing.xlsx",
        "source_name": "US Bureau of Labor Statistics, work stoppages involving 1,000 or more workers",
    },
    values={
        "region": REGIONS,
        "locality": {
            "interstate": "",
            "nationwide": "",
            "statewide": "",
            "various": "",
            "various areas": "",
            "various cities": "",
        },
        "ended": _NOT_GIVEN | {"ongoing": ""},
        "workers_involved": _NOT_GIVEN,
        "days_not_worked": _NOT_GIVEN,
    },
    unlisted_is_empty=frozenset({"region"}),
    cut_to_known=frozenset({"sector"}),  # Each row keeps the edition of NAICS that was in force.
    separators={"region": ","},
    only_if_one=frozenset({"region", "locality"}),
    ends_at="Footnotes",
    dates=("%m/%d/%Y",),
    thousands=",",
    publisher="US Bureau of Labor Statistics",
    publisher_url="https://www.bls.gov/wsp/",
    licence="Public domain: work of the US government",
)
"""The detailed monthly listing of the US Bureau of Labor Statistics: strikes and lockouts of 1,000 workers or more.

A title stands above the column names, numbers of footnotes behind some, footnotes below the table; “[4]” in a cell
means that there is nothing to say yet. Industries are codes of NAICS.
"""

LABOR_ACTION_TRACKER = Mapping(
    name="labor-action-tracker",
    columns={
        "key": ("ID",),
        "struggle": ("Employer", "Labor Organization", "City", "Start Date"),
        "kind": ("Strike or Protest", "Authorized"),
        "started_by": ("Strike or Protest",),
        "addressee": ("Employer",),
        "organisation": ("Labor Organization",),
        "status": ("Threat",),
        "region": ("State",),
        "locality": ("City",),
        "latitude_and_longitude": ("Latitude, Longitude",),
        "began": ("Start Date",),
        "ended": ("End Date",),
        "participants": ("Approximate Number of Participants",),
        "bargaining_unit": ("Bargaining Unit Size",),
        "demands": ("Worker Demands",),
        "sector": ("Industry",),
        "source_url": ("Source",),
    },
    needs=frozenset({"Employer", "Labor Organization", "Strike or Protest", "Start Date"}),
    also_called={"ID": ("positionId",)},
    constants={
        "field": "work",
        "who": "workers",
        "addressee_kind": "employer",
        "country": "US",
        "basis": "imported",
        "measure_basis": "imported",
        "measure_precision": "estimate",
        "source_url": "https://striketracker.ilr.cornell.edu/",
    },
    values={
        "kind": {
            "strike": "strike",
            "strike, y": "strike",
            "strike, n": "wildcat-strike",
            "lockout": "lockout",
            "lockout, y": "lockout",
            "lockout, n": "lockout",
            **{f"{word}{mark}": "protest" for word in ("protest", "labor protest") for mark in ("", ", y", ", n")},
        },
        "status": {"y": "announced", "n": ""},
        "started_by": {"lockout": "addressee"} | dict.fromkeys(("strike", "protest", "labor protest"), "people"),
        "region": REGIONS,
        "participants": _NOT_GIVEN,
        "bargaining_unit": _NOT_GIVEN,
        "demands": {
            "$15 minimum wage": "$15 minimum wage [pay]",
            "covid-19 protocols": "COVID-19 protocols [safety]",
            "first contract": "First contract [recognition]",
            "health and safety": "Health and safety [safety]",
            "healthcare": "Healthcare [pensions]",
            "job security": "Job security [dismissals]",
            "less mandatory overtime": "Less mandatory overtime [hours]",
            "overtime pay": "Overtime pay [pay]",
            "pandemic relief": "Pandemic relief [policy]",
            "pay": "Pay [pay]",
            "racial justice": "Racial justice [discrimination]",
            "retirement benefits": "Retirement benefits [pensions]",
            "scheduling": "Scheduling [hours]",
            "sexual harassment": "Sexual harassment [discrimination]",
            "sick leave benefits": "Sick leave benefits [pensions]",
            "union recognition": "Union recognition [recognition]",
            "work hours": "Work hours [hours]",
        },
        "sector": {
            "accommodation and food services": "I",
            # NAICS 56 holds waste management too, which ISIC has under E; most of it is ISIC's N.
            "administrative and support and waste management": "N",
            "agriculture": "A",
            "agriculture, forestry, fishing and hunting": "A",
            "arts, entertainment and recreation": "R",
            "construction": "F",
            "educational services": "P",
            "finance and insurance": "K",
            "health care and social assistance": "Q",
            "information": "J",
            "management of companies and enterprises": "M",
            "manufacturing": "C",
            "mining": "B",
            "mining, quarrying, and oil and gas extraction": "B",
            "other services (except public administration)": "S",
            "professional, scientific and technical services": "M",
            "public administration": "O",
            "real estate and rental and leasing": "L",
            "retail trade": "G",
            "transportation and warehousing": "H",
            # NAICS 22 holds water supply too, which ISIC has under E.
            "utilities": "D",
            "wholesale trade": "G",
        },
    },
    unlisted_is_empty=frozenset({"region", "sector"}),
    only_if_one=frozenset({"region", "locality", "latitude_and_longitude", "sector"}),
    dates=("%m/%d/%Y",),
    thousands=",",
    publisher="Labor Action Tracker: ILR School, Cornell University, and LER School, University of Illinois",
    publisher_url="https://striketracker.ilr.cornell.edu/",
)
"""Strikes and labor protests in the United States, of two people or more, from the tracker's CSV or XLSX export.

One line an action, which may be at several places: their names stand in one cell, and a report that says one place says
none of them then. A strike without the union's authorisation (N) is a wildcat strike; a threat (Y) is announced.
The column “Latitude, Longitude” may hold several too. Remarks and street addresses are not read.
"""

NAMED = {mapping.name: mapping for mapping in (FMCS, BLS, LABOR_ACTION_TRACKER, COMMONWIRE)}


def detect(columns: Iterable[str]) -> Mapping | None:
    """The named mapping that fits a table with these columns, already `fitted`; None if none does."""
    columns = tuple(columns)
    for mapping in NAMED.values():
        try:
            return fitted(mapping, columns)
        except BadMapping:
            continue
    return None


def named(name: str) -> Mapping:
    """A mapping that comes with the node. Raises BadMapping."""
    if name not in NAMED:
        raise BadMapping(f"There is no mapping named “{name}”; there are: {', '.join(NAMED)}. Or give a .toml file")
    return NAMED[name]
