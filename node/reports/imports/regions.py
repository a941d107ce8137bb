"""Whether a code of ISO 3166-2 is one, and of the country that is given with it.

The codes are those that pycountry brings; only they are kept, read when a report first tells a region by its code.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from node.reports.imports import countries

SHAPE = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
"""What looks like a code; everything else is a name, of which there is no list."""


def fault(region: str | None, country: str | None) -> str | None:
    """Why `region` cannot be: there is none of that code, or it is another country's. None for a name, or no fault."""
    if region is None or not SHAPE.fullmatch(region):
        return None
    prefix = region[:2]
    if country is not None and prefix != country:
        return f"The region {region} is not in {countries.NAMES.get(country, country)} ({country})"
    if region not in codes():
        return f"There is no region {region}"
    return None


@cache
def codes() -> frozenset[str]:
    """Every code of ISO 3166-2."""
    import pycountry

    # Its list alone, not its objects: a third of a megabyte is kept, and not eleven.
    listed = json.loads((Path(pycountry.DATABASE_DIR) / "iso3166-2.json").read_text(encoding="utf-8"))
    return frozenset(entry["code"] for entry in listed["3166-2"])
