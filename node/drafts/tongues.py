"""The languages that there are, by the codes of ISO 639."""

from __future__ import annotations

from functools import cache

# Written in the fediverse, and in none of the tables of CLDR.
MORE = frozenset({"tlh", "tw", "sh", "mul", "zxx", "und"})


@cache
def known() -> frozenset[str]:
    """Every language for which CLDR knows a script: some seven thousand, the smallest too."""
    from babel.core import get_global  # a megabyte, for those who write

    return frozenset(str(tag).partition("_")[0] for tag in get_global("likely_subtags")) | MORE
