"""Which codes there are: as many as the publishers say, and every one of a coarser level among them."""

from __future__ import annotations

from collections import Counter

import pycountry
import pytest

from node.reports.imports import regions
from schemas import classifications

COUNTS = {
    "isic4": {1: 21, 2: 88, 3: 238, 4: 419},
    "nace2": {1: 21, 2: 88, 3: 272, 4: 615},
    "naics": {2: 24, 3: 96, 4: 308, 5: 689, 6: 1012},  # 20 sectors, of which three have two or three numbers
    "isco08": {1: 10, 2: 43, 3: 130, 4: 436},
}


@pytest.mark.parametrize("scheme", COUNTS)
def test_there_are_as_many_codes_of_each_level_as_their_publisher_says(scheme: str) -> None:
    assert Counter(map(len, classifications.codes(scheme))) == COUNTS[scheme]


EXIST = {
    "isic4": (("A", "01", "011", "0111", "9900", "4922"), ("V", "04", "1", "999", "0110", "49.2", "a")),
    "nace2": (("J", "62", "62.0", "62.01", "6201", "J62.01", "H49.3"), ("62.05", "6.201", "A62.01", "W1")),
    "naics": (("11", "31", "33", "622110", "92812"), ("1", "34", "31-33", "517311", "95")),
    "isco08": (("0", "0110", "8331", "833"), ("8339", "05", "", "83 31")),
    "sic": ((), ("1", "A")),
}


@pytest.mark.parametrize("scheme", EXIST)
def test_a_code_exists_or_it_does_not(scheme: str) -> None:
    there, not_there = EXIST[scheme]
    assert [code for code in there if not classifications.exists(scheme, code)] == []
    assert [code for code in not_there if classifications.exists(scheme, code)] == []


def test_the_longest_part_of_a_code_that_is_one() -> None:
    cases = {("naics", "517311"): "517", ("naics", "622110"): "622110", ("isic4", "999"): "99", ("isic4", "00"): None,
             ("nace2", "62.05"): "62.0", ("isco08", "8339"): "833"}  # fmt: skip
    assert {case: classifications.longest(*case) for case in cases} == cases


def test_the_regions_are_those_of_the_package_and_of_their_country() -> None:
    assert regions.codes() == {one.code for one in pycountry.subdivisions}
    assert regions.fault("US-NJ", "US") is None and regions.fault("US-NJ", None) is None
    assert regions.fault("Nordrhein-Westfalen", "DE") is None, "a name is not looked up"
    assert "not in Germany" in str(regions.fault("US-NJ", "DE"))
    assert "no region DE-ZZ" in str(regions.fault("DE-ZZ", "DE"))
