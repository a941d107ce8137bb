"""A title and a summary in plain English for a row that brings none: only what the row says, in whole sentences."""

from __future__ import annotations

from collections.abc import Sequence

from node.reports.imports import countries
from schemas.measure import Measure
from schemas.partial_date import PartialDate
from schemas.party import Party
from schemas.place import Place
from schemas.struggle_report import Demand

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_CODES_IN_USE = frozenset({"AU", "CA", "US"})
"""Countries whose people write the codes of their regions in addresses."""

_MEASURED = {"participants": "People taking part", "displaced": "People displaced"}
_STATED = {"won": "won", "partly-won": "partly won", "lost": "lost", "dropped": "dropped"}


def title(kind: str, who: Sequence[str], addressees: Sequence[Party], place: Place | None) -> str:
    """“Work stoppage at Newark Metal Products, Kenilworth”."""
    head = action(kind, () if addressees else who, addressees[:1])
    if len(addressees) > 1:
        head += " and others"
    where = (place.locality or place.name) if place else None
    return f"{head}, {where}" if where and where not in head else head


def place_name(locality: str | None, region: str | None, country: str | None) -> str:
    """“Newark, NJ, United States”; a region code is left out where people would not know it."""
    prefix, _, rest = (region or "").partition("-")
    if rest and prefix == country:
        region = rest if locality and country in _CODES_IN_USE else None
    return ", ".join(part for part in (locality, region, countries.NAMES.get(country or "")) if part)


def summary(
    *,
    kind: str,
    who: Sequence[str],
    addressees: Sequence[Party],
    organisations: Sequence[Party],
    place: Place | None,
    began: PartialDate,
    ended: PartialDate | None,
    measures: Sequence[Measure],
    demands: Sequence[Demand],
) -> str:
    """What happened, where, when, how many, who organised it and what for."""
    sentences = [action(kind, who, addressees) + _where(place), period(began, ended)]
    sentences += [f"{_measured(one.measure)}: {counted(one)}" for one in measures if one.absent is None]
    if organisations:
        sentences.append(f"Organised in: {_listed(organisations)}")
    if demands:
        sentences.append(f"Demands: {'; '.join(map(_demand, demands))}")
    return " ".join(sentence if sentence.endswith(".") else sentence + "." for sentence in sentences)


def action(kind: str, who: Sequence[str], addressees: Sequence[Party]) -> str:
    """“Rent strike of tenants against Estates Ltd”."""
    words = kind.replace("-", " ").capitalize() if kind != "other" else "Action"
    acting = [one for one in who if one != "other"]
    if acting:
        words += f" of {' and '.join(acting)}"
    if addressees:
        words += f" {'at' if addressees[0].kind == 'employer' else 'against'} {_listed(addressees)}"
    return words


def period(began: PartialDate, ended: PartialDate | None) -> str:
    """“It began on 24 July 1984 and ended in August 1984”."""
    if ended is None:
        return f"It began {moment(began)}; no end is recorded"
    if began == ended:
        return f"It took place {moment(began)}"
    return f"It began {moment(began)} and ended {moment(ended)}"


def moment(when: PartialDate) -> str:
    """“on 24 July 1984”, “in July 1984” or “in 1984”."""
    if when.month is None:
        return f"in {when.year}"
    month = f"{MONTHS[when.month - 1]} {when.year}"
    return f"in {month}" if when.day is None else f"on {when.day} {month}"


def counted(measure: Measure) -> str:
    """“1,200”, “about 500”, “100 to 1,000”, “at least 50”; a unit that the measure does not imply stands behind it."""
    low, high = measure.interval or (None, None)
    if low is not None and high is not None:
        about = "about " if measure.precision == "estimate" else ""
        said = f"{about}{low:,}" if low == high else f"{low:,} to {high:,}"
    else:
        said = f"at least {low:,}" if low is not None else f"at most {high:,}"
    return f"{said} {measure.unit}" if measure.unit else said


def _where(place: Place | None) -> str:
    if place is None or not place.name:
        return ""
    whole_country = place.name == countries.NAMES.get(place.country or "") and place.country in countries.WITH_ARTICLE
    return f" in the {place.name}" if whole_country else f" in {place.name}"


def _measured(code: str) -> str:
    return _MEASURED.get(code) or code.replace("-", " ").capitalize()


def _listed(parties: Sequence[Party]) -> str:
    return " and ".join(party.name for party in parties)


def _demand(demand: Demand) -> str:
    state = _STATED.get(demand.status)
    return f"{demand.text} ({state})" if state else demand.text
