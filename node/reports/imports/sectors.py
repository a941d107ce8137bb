"""Sectors of the economy, given as a letter or as a number, and the section of ISIC Rev. 4 in which each lies.

Which codes there are is told by `schemas.classifications`.

United Nations, International Standard Industrial Classification of All Economic Activities, Revision 4 (2008).
"""

from __future__ import annotations

import re

from schemas import classifications
from schemas.struggle_report import Sector

SCHEME = "isic4"

SECTIONS = {
    "A": "Agriculture, forestry and fishing",
    "B": "Mining and quarrying",
    "C": "Manufacturing",
    "D": "Electricity, gas, steam and air conditioning supply",
    "E": "Water supply; sewerage, waste management and remediation activities",
    "F": "Construction",
    "G": "Wholesale and retail trade; repair of motor vehicles and motorcycles",
    "H": "Transportation and storage",
    "I": "Accommodation and food service activities",
    "J": "Information and communication",
    "K": "Financial and insurance activities",
    "L": "Real estate activities",
    "M": "Professional, scientific and technical activities",
    "N": "Administrative and support service activities",
    "O": "Public administration and defence; compulsory social security",
    "P": "Education",
    "Q": "Human health and social work activities",
    "R": "Arts, entertainment and recreation",
    "S": "Other service activities",
    "T": "Activities of households as employers",
    "U": "Activities of extraterritorial organizations and bodies",
}

_OF_SECTION = {letter: Sector(scheme=SCHEME, code=letter, label=label) for letter, label in SECTIONS.items()}


def sector(code: str) -> Sector | None:
    """The sector of a section letter, or of a division, group or class of two to four digits; None if there is none.

    Below the section the label is the section's: this table goes no deeper.
    """
    letter = code.upper()
    if letter in _OF_SECTION:
        return _OF_SECTION[letter]
    if not classifications.exists(SCHEME, code):
        return None
    return Sector(scheme=SCHEME, code=code, label=SECTIONS[classifications.section(code[:2])])


# By the United States Census Bureau's concordance of NAICS 2022 with ISIC Rev. 4, as far as sections go.
_NAICS = {
    "11": "A", "21": "B", "22": "D", "2213": "E", "23": "F", "31": "C", "32": "C", "33": "C", "42": "G", "44": "G",
    "45": "G", "48": "H", "49": "H", "51": "J", "52": "K", "53": "L", "54": "M", "5617": "N", "55": "M", "56": "N",
    "562": "E", "61": "P", "62": "Q", "71": "R", "72": "I", "81": "S", "814": "T", "92": "O",
}  # fmt: skip


def of_scheme(code: str, scheme: str) -> Sector | None:
    """The sector of a code of `scheme`, kept as it is written there; None if there is none.

    The label is that of the section of ISIC Rev. 4 in which it lies.
    """
    if scheme == SCHEME:
        return sector(code)
    written = (
        re.sub(r"^[A-U](?=\d)", "", code.upper()) if classifications.exists(scheme, code.upper()) else code.upper()
    )
    letter = section(Sector(scheme=scheme, code=written))
    return None if letter is None else Sector(scheme=scheme, code=written, label=SECTIONS[letter])


def section(found: Sector) -> str | None:
    """The section of ISIC Rev. 4, A to U, in which a sector of any scheme lies; None for a code that does not exist.

    The sections and divisions of NACE Rev. 2 are those of ISIC Rev. 4.
    """
    if not classifications.exists(found.scheme, found.code):
        return None
    if found.scheme == "naics":
        return next((_NAICS[found.code[:n]] for n in (4, 3, 2) if found.code[:n] in _NAICS), None)
    return (
        found.code
        if found.code in SECTIONS
        else classifications.section(classifications.plain(found.scheme, found.code)[:2])
    )
