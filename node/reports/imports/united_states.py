"""The states, the district and the territories of the United States: their postal codes and names, by ISO 3166-2."""

from __future__ import annotations

_ALL = """
AL Alabama | AK Alaska | AS American Samoa | AZ Arizona | AR Arkansas | CA California | CO Colorado | CT Connecticut
DE Delaware | DC District of Columbia | FL Florida | GA Georgia | GU Guam | HI Hawaii | ID Idaho | IL Illinois
IN Indiana | IA Iowa | KS Kansas | KY Kentucky | LA Louisiana | ME Maine | MD Maryland | MA Massachusetts
MI Michigan | MN Minnesota | MS Mississippi | MO Missouri | MT Montana | NE Nebraska | NV Nevada | NH New Hampshire
NJ New Jersey | NM New Mexico | NY New York | NC North Carolina | ND North Dakota | MP Northern Mariana Islands
OH Ohio | OK Oklahoma | OR Oregon | PA Pennsylvania | PR Puerto Rico | RI Rhode Island | SC South Carolina
SD South Dakota | TN Tennessee | TX Texas | UT Utah | VT Vermont | VI Virgin Islands | VA Virginia | WA Washington
WV West Virginia | WI Wisconsin | WY Wyoming
"""

_NAMES = {
    entry.strip()[:2]: entry.strip()[3:] for line in _ALL.split("\n") for entry in line.split("|") if entry.strip()
}

REGIONS = {spelt.casefold(): f"US-{code}" for code, name in _NAMES.items() for spelt in (code, name, f"US-{code}")} | {
    "u.s. virgin islands": "US-VI",
    "washington, d.c.": "US-DC",
}
"""What tables write, case-folded -> the code of ISO 3166-2."""
