"""What a table is asked for: by what its rows stand apart, which struggles it is about, whose reports count. Pure.

A question is a query string and the other way round: `Question.from_query` reads it, `to_query` writes the canonical
one, which is the stable address of the table and part of its digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from urllib.parse import urlencode

from node.errors import Invalid
from node.reports import facts
from node.reports.imports import sectors
from schemas import codes
from schemas.partial_date import PartialDate
from schemas.reading import Malformed

PERIODS = ("year", "quarter", "month")
GROUPINGS = (
    *PERIODS, "country", "region", "field", "sector", "kind", "demand", "family", "organisation", "outcome", "status",
    "author",
)  # fmt: skip
FILTERS = (
    "country", "region", "field", "sector", "kind", "demand", "family", "organisation", "outcome", "status", "author",
    "who", "started_by", "basis", "since", "until", "struggle",
)  # fmt: skip
GROUPINGS_AT_MOST = 3
VALUES_AT_MOST = 50
SOURCES_AT_MOST = 500
CHARACTERS = 2000

_CODES: Mapping[str, Mapping[str, str]] = {
    "field": codes.FIELDS,
    "sector": sectors.SECTIONS,
    "kind": codes.ACTION_KINDS,
    "demand": codes.DEMAND_KINDS,
    "outcome": codes.OUTCOMES,
    "status": codes.STATUSES,
    "who": codes.WHO,
    "started_by": codes.STARTED_BY,
    "basis": codes.BASES,
}


@dataclass(frozen=True, slots=True)
class Question:
    """What a table is asked for. `filters` combine; of several values of one filter any is enough.

    `sources` are the actors whose reports and merges count; None: the groups of this node and those they follow.
    """

    group_by: tuple[str, ...] = ("year",)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    sources: tuple[str, ...] | None = None

    def __hash__(self) -> int:
        return hash(self.to_query())

    @classmethod
    def from_query(cls, query: Mapping[str, str] | Iterable[tuple[str, str]]) -> Question:
        """From the parameters of an address; those that no question has are left to whoever else reads it.

        `by` and the filters take several values, repeated or with commas between them; `source` is repeated. An empty
        value is none. Raises Invalid, with the field, for a value that no question can have.
        """
        pairs = list(query.items() if hasattr(query, "items") else query)
        by = _split(value for name, value in pairs if name == "by")
        for one in by:
            if one not in GROUPINGS:
                known = ", ".join(GROUPINGS)
                raise Invalid("{value!r} is nothing that figures stand by: {known}", field="by", value=one, known=known)
        if len(by) > GROUPINGS_AT_MOST:
            raise Invalid("at most {count} at once", field="by", count=GROUPINGS_AT_MOST)
        filters = {name: _values(name, pairs) for name in FILTERS if any(one == name for one, _ in pairs)}
        chosen = [value.strip() for name, value in pairs if name == "source" and value.strip()]
        sources = tuple(sorted({_address("source", one) for one in chosen})) or None
        if sources is not None and len(sources) > SOURCES_AT_MOST:
            raise Invalid("at most {count} at once", field="source", count=SOURCES_AT_MOST)
        filled = MappingProxyType({name: values for name, values in filters.items() if values})
        return cls(tuple(by) or ("year",), filled, sources)

    def to_query(self) -> str:
        """The canonical query string of this question, without a question mark."""
        pairs = [("by", ",".join(self.group_by))]
        pairs += [(name, value) for name in sorted(self.filters) for value in sorted(self.filters[name])]
        pairs += [("source", one) for one in sorted(self.sources or ())]
        return urlencode(pairs, safe=",:/")

    def filter_query(self) -> str:
        """The filters alone, as the wire takes them too."""
        pairs = [(name, value) for name in sorted(self.filters) for value in sorted(self.filters[name])]
        return urlencode(pairs, safe=",:/")

    def narrowed(self, **values: str) -> Question:
        """The same question about less: a filter of this name in place of the one it had."""
        filters = dict(self.filters) | {name: (value,) for name, value in values.items()}
        return replace(self, filters=MappingProxyType(filters))


def _split(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(part.strip() for value in values for part in value.split(",") if part.strip()))


def _values(name: str, pairs: list[tuple[str, str]]) -> tuple[str, ...]:
    given = [value for one, value in pairs if one == name]
    whole = name in ("struggle", "author", "family", "organisation", "region")
    parts = [one.strip() for one in given if one.strip()] if whole else _split(given)
    if len(parts) > VALUES_AT_MOST or any(len(one) > CHARACTERS for one in parts):
        raise Invalid("at most {count} at once", field=name, count=VALUES_AT_MOST)
    return tuple(sorted({_value(name, one) for one in parts}))


def _value(name: str, value: str) -> str:
    if name in _CODES:
        meant = value.upper() if name == "sector" else value.lower()
        if meant not in _CODES[name]:
            known = ", ".join(_CODES[name])
            raise Invalid("{value!r} is none of {known}", field=name, value=value, known=known)
        return meant
    if name in ("since", "until"):
        try:
            return str(PartialDate.read(value))
        except Malformed as error:
            raise Invalid("{value!r} {reason}", field=name, value=value, reason=error.why) from None
    if name in ("struggle", "author"):
        return _address(name, value)
    if name == "country":
        if len(value) != 2 or not value.isascii() or not value.isalpha():
            raise Invalid("{value!r} is not a country: two letters such as IN", field=name, value=value)
        return value.upper()
    return facts.key(value) if name in ("family", "organisation") else value


def _address(name: str, value: str) -> str:
    if not value.startswith(("https://", "http://")) or len(value) > CHARACTERS:
        raise Invalid("{value!r} is not an address", field=name, value=value)
    return value
