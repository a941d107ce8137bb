"""Whether a report names a site where those who know it could tell a few people apart, and how many are few. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from node.reports.imports import sentences
from schemas import codes
from schemas.party import Party
from schemas.place import Place

FEW = 5
"""Fewer than this can be told apart by those who know the site."""
OF_PEOPLE = frozenset({"person", "home", "household"})
"""The units of what is counted that is people, or where people live."""


def are_few(measure: str, most: float | None) -> bool:
    """Whether a figure of at most so many says that they are so few that each could be told; zero is nobody."""
    return codes.MEASURE_UNITS.get(measure) in OF_PEOPLE and most is not None and 0 < most < FEW


def names_a_site(addressees: Sequence[Party], place: Place | None) -> str | None:
    """The site by which people could be told apart, in a word: an addressee, a place of its own name, a town, a point.

    None if the report names none: a region or a country is too wide.
    """
    named = [one.name for one in addressees]
    if place is not None:
        named += [own_name(place), place.locality or "", *_other_names(place)]
        named += [f"{place.latitude}, {place.longitude}"] if place.latitude is not None else []
    return next(filter(None, named), None)


def own_name(place: Place) -> str:
    """What a place is called beside the names of its locality, region and country."""
    coarse = sentences.place_name(place.locality, place.region, place.country)
    return place.name if place.name and place.name not in (coarse, place.locality, place.region) else ""


def _other_names(place: Place) -> list[str]:
    """What a place is called that has no plain name."""
    return [] if place.name else [*place.name_map.values(), place.indigenous_name or ""]
