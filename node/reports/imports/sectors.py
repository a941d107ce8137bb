"""Sections and divisions of ISIC Rev. 4, so that a sector can be given as a letter or as a number.

United Nations, International Standard Industrial Classification of All Economic Activities, Revision 4 (2008).
"""

from __future__ import annotations

import re

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

_LAST_DIVISION = {
    "A": 3,
    "B": 9,
    "C": 33,
    "D": 35,
    "E": 39,
    "F": 43,
    "G": 47,
    "H": 53,
    "I": 56,
    "J": 63,
    "K": 66,
    "L": 68,
    "M": 75,
    "N": 82,
    "O": 84,
    "P": 85,
    "Q": 88,
    "R": 93,
    "S": 96,
    "T": 98,
    "U": 99,
}

_UNUSED_DIVISIONS = frozenset({0, 4, 34, 40, 44, 48, 54, 57, 67, 76, 83, 89})

_OF_SECTION = {letter: Sector(scheme=SCHEME, code=letter, label=label) for letter, label in SECTIONS.items()}


def sector(code: str) -> Sector | None:
    """The sector of a section letter, or of a division, group or class of two to four digits; None if there is none.

    Below the section the label is the section's: this table goes no deeper.
    """
    letter = code.upper()
    if letter in _OF_SECTION:
        return _OF_SECTION[letter]
    if not (code.isascii() and code.isdigit() and 2 <= len(code) <= 4):
        return None
    division = int(code[:2])
    if division in _UNUSED_DIVISIONS:
        return None
    section = next(letter for letter, last in _LAST_DIVISION.items() if division <= last)
    return Sector(scheme=SCHEME, code=code, label=SECTIONS[section])


_SHAPES = {"naics": re.compile(r"[0-9]{2,6}"), "nace2": re.compile(r"[A-U]|[0-9]{2}(?:\.?[0-9]{1,2})?")}

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
    written = re.sub(r"^[A-U](?=\d)", "", code.upper())  # J62.01 is how Eurostat writes 62.01
    letter = section(Sector(scheme=scheme, code=written)) if _SHAPES[scheme].fullmatch(written) else None
    return None if letter is None else Sector(scheme=scheme, code=written, label=SECTIONS[letter])


def section(found: Sector) -> str | None:
    """The section of ISIC Rev. 4, A to U, in which a sector of any scheme lies; None if that cannot be told.

    The sections and divisions of NACE Rev. 2 are those of ISIC Rev. 4.
    """
    if found.scheme == "naics":
        return next((_NAICS[found.code[:n]] for n in (4, 3, 2) if found.code[:n] in _NAICS), None)
    if found.scheme not in ("isic4", "nace2"):
        return None
    code = found.code.replace(".", "")[:4]
    letter = code[:1].upper()
    if letter in SECTIONS:
        return letter
    known = sector(code)
    return None if known is None else next(key for key, last in _LAST_DIVISION.items() if int(code[:2]) <= last)
